"""The pages of cases."""

from django.urls import path

from dayclear.cases.pages.actions import classify, complete, outcome
from dayclear.cases.pages.case import show_case
from dayclear.cases.pages.listing import list_cases
from dayclear.cases.pages.registering import register

urlpatterns = [
    path("", list_cases, name="list"),
    path("register", register, name="register"),
    path("<int:case_id>", show_case, name="case"),
    path("<int:case_id>/classify", classify, name="classify"),
    path("<int:case_id>/outcome", outcome, name="outcome"),
    path("<int:case_id>/complete", complete, name="complete"),
]
