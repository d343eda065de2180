"""The pages of supervision."""

from django.urls import path

from dayclear.supervision.pages.acting import answer, close, recheck, rectify
from dayclear.supervision.pages.complaints import complain, follow_up
from dayclear.supervision.pages.finding import show_finding
from dayclear.supervision.pages.listing import list_findings

urlpatterns = [
    path("", list_findings, name="list"),
    path("complaint", complain, name="complain"),
    path("follow-up", follow_up, name="follow_up"),
    path("<int:finding_id>", show_finding, name="finding"),
    path("<int:finding_id>/answer", answer, name="answer"),
    path("<int:finding_id>/rectify", rectify, name="rectify"),
    path("<int:finding_id>/recheck", recheck, name="recheck"),
    path("<int:finding_id>/close", close, name="close"),
]
