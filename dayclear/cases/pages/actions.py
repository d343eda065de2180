"""What one does with a case: say how sure we are, how it ended, that its investigation is complete."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from dayclear.cases.commands import classify_case, complete_investigation, record_outcome
from dayclear.foundation import clock
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.repetition import answer_once
from dayclear.foundation.requests import ActorRequest


@require_POST
def classify(request: ActorRequest, case_id: int) -> HttpResponse:
    value, reason = request.POST.get("value", ""), request.POST.get("reason", "")

    def work() -> None:
        classify_case(case_id, value, reason=reason, by=request.actor, now=clock.now(), seen=_seen(request))

    return _once(request, case_id, work, _("Classification recorded."))


@require_POST
def outcome(request: ActorRequest, case_id: int) -> HttpResponse:
    value, on = request.POST.get("value", ""), _day(request.POST.get("on", ""))

    def work() -> None:
        record_outcome(case_id, value, on, by=request.actor, now=clock.now(), seen=_seen(request))

    return _once(request, case_id, work, _("Outcome recorded."))


@require_POST
def complete(request: ActorRequest, case_id: int) -> HttpResponse:
    def work() -> None:
        complete_investigation(case_id, by=request.actor, now=clock.now(), seen=_seen(request))

    return _once(request, case_id, work, _("Investigation recorded as complete."))


def _once(request: ActorRequest, case_id: int, work: Callable[[], None], done: str) -> HttpResponse:
    """Do it unless this very form was already sent: a double click has one effect and one answer."""
    asked = [request.path, sorted((name, value) for name, value in request.POST.items() if name[:4] != "csrf")]

    def answer() -> tuple[int, dict[str, int]]:
        work()
        return 303, {"case": case_id}

    answer_once(request.POST.get("key", ""), asked, answer, by=request.actor, now=clock.now())
    messages.success(request, done)
    return HttpResponseRedirect(reverse("cases:case", args=[case_id]))


def _seen(request: ActorRequest) -> int | None:
    text = request.POST.get("seen", "")
    return int(text) if text.isdecimal() and len(text) < 10 else None


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused(refuse("bad_filter", name="on", value=text[:40])) from None
