"""The pages of laboratories."""

from django.urls import path

from dayclear.lab.pages.reconciling import show_gap, show_reconciliation

urlpatterns = [
    path("reconciliation", show_reconciliation, name="reconciliation"),
    path("reconciliation/<slug:after>", show_gap, name="gap"),
]
