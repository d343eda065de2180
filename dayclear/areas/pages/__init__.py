"""The pages of areas: the list, one area, drawing and deciding, the register of measures, published lists, tiers."""

from django.urls import path

from dayclear.areas.pages.acting import (
    approve,
    contacts,
    decide,
    decline,
    hold_round,
    infection,
    overrule,
    publish,
    step,
)
from dayclear.areas.pages.area import show_area
from dayclear.areas.pages.listing import list_areas
from dayclear.areas.pages.measures import end, impose, list_measures, review, show_measure
from dayclear.areas.pages.proposing import propose
from dayclear.areas.pages.published import list_published, show_published
from dayclear.areas.pages.tiers import show_tiers

urlpatterns = [
    path("", list_areas, name="list"),
    path("propose", propose, name="propose"),
    path("<int:area_id>", show_area, name="area"),
    path("<int:area_id>/approve", approve, name="approve"),
    path("<int:area_id>/decline", decline, name="decline"),
    path("<int:area_id>/publish", publish, name="publish"),
    path("<int:area_id>/step", step, name="step"),
    path("<int:area_id>/overrule", overrule, name="overrule"),
    path("<int:area_id>/infection", infection, name="infection"),
    path("<int:area_id>/round", hold_round, name="round"),
    path("<int:area_id>/contacts", contacts, name="contacts"),
    path("<int:area_id>/infection/<int:infection_id>", decide, name="decide"),
    path("measures/", list_measures, name="measures"),
    path("measures/impose", impose, name="impose"),
    path("measures/<int:measure_id>", show_measure, name="measure"),
    path("measures/<int:measure_id>/review", review, name="review"),
    path("measures/<int:measure_id>/end", end, name="end"),
    path("published/", list_published, name="published"),
    path("published/<int:published_id>", show_published, name="published_area"),
    path("tiers/", show_tiers, name="tiers"),
]
