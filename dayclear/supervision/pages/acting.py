"""What one does with a finding."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from dayclear.foundation import clock
from dayclear.foundation.repetition import answer_once
from dayclear.foundation.requests import ActorRequest
from dayclear.supervision.commands import answer_finding, close_finding, recheck_finding, rectify_finding


@require_POST
def answer(request: ActorRequest, finding_id: int) -> HttpResponse:
    said = request.POST

    def work() -> None:
        contested = said.get("contested") == "yes"
        text = said.get("text", "")
        answer_finding(finding_id, text, contested=contested, by=request.actor, now=clock.now(), seen=_seen(request))

    return _once(request, finding_id, work, _("Answer recorded."))


@require_POST
def rectify(request: ActorRequest, finding_id: int) -> HttpResponse:
    def work() -> None:
        remedy = request.POST.get("text", "")
        rectify_finding(finding_id, remedy, by=request.actor, now=clock.now(), seen=_seen(request))

    return _once(request, finding_id, work, _("Reported as put right. Somebody else checks it."))


@require_POST
def recheck(request: ActorRequest, finding_id: int) -> HttpResponse:
    def work() -> None:
        right = request.POST.get("put_right") == "yes"
        recheck_finding(finding_id, put_right=right, by=request.actor, now=clock.now(), seen=_seen(request))

    return _once(request, finding_id, work, _("Check recorded."))


@require_POST
def close(request: ActorRequest, finding_id: int) -> HttpResponse:
    def work() -> None:
        cause, reason = request.POST.get("cause", ""), request.POST.get("text", "")
        close_finding(finding_id, cause, reason, by=request.actor, now=clock.now(), seen=_seen(request))

    return _once(request, finding_id, work, _("Finding closed."))


def _once(request: ActorRequest, finding_id: int, work: Callable[[], None], done: str) -> HttpResponse:
    """Do it unless this very form was already sent: a double click has one effect and one answer."""
    asked = [request.path, sorted((name, value) for name, value in request.POST.items() if name[:4] != "csrf")]

    def answered() -> tuple[int, dict[str, int]]:
        work()
        return 303, {"finding": finding_id}

    answer_once(request.POST.get("key", ""), asked, answered, by=request.actor, now=clock.now())
    messages.success(request, done)
    return HttpResponseRedirect(reverse("supervision:finding", args=[finding_id]))


def _seen(request: ActorRequest) -> int | None:
    text = request.POST.get("seen", "")
    return int(text) if text.isdecimal() and len(text) < 10 else None
