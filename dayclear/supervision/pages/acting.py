"""What one does with a finding."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from dayclear.foundation import clock
from dayclear.foundation.requests import ActorRequest, once
from dayclear.foundation.sent import seen_in
from dayclear.supervision.commands import answer_finding, close_finding, recheck_finding, rectify_finding


@require_POST
def answer(request: ActorRequest, finding_id: int) -> HttpResponse:
    said = request.POST

    def work() -> None:
        contested = said.get("contested") == "yes"
        text = said.get("text", "")
        answer_finding(finding_id, text, contested=contested, by=request.actor, now=clock.now(), seen=seen_in(said))

    return once(request, work, _("Answer recorded."), _page(finding_id))


@require_POST
def rectify(request: ActorRequest, finding_id: int) -> HttpResponse:
    def work() -> None:
        remedy = request.POST.get("text", "")
        rectify_finding(finding_id, remedy, by=request.actor, now=clock.now(), seen=seen_in(request.POST))

    return once(request, work, _("Reported as put right. Somebody else checks it."), _page(finding_id))


@require_POST
def recheck(request: ActorRequest, finding_id: int) -> HttpResponse:
    def work() -> None:
        right = request.POST.get("put_right") == "yes"
        recheck_finding(finding_id, put_right=right, by=request.actor, now=clock.now(), seen=seen_in(request.POST))

    return once(request, work, _("Check recorded."), _page(finding_id))


@require_POST
def close(request: ActorRequest, finding_id: int) -> HttpResponse:
    def work() -> None:
        cause, reason = request.POST.get("cause", ""), request.POST.get("text", "")
        close_finding(finding_id, cause, reason, by=request.actor, now=clock.now(), seen=seen_in(request.POST))

    return once(request, work, _("Finding closed."), _page(finding_id))


def _page(finding_id: int) -> str:
    return reverse("supervision:finding", args=[finding_id])
