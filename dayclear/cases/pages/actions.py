"""What one does with a case: say how sure we are, how it ended, that its investigation is complete."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from dayclear.cases.commands import classify_case, complete_investigation, record_outcome
from dayclear.foundation import clock
from dayclear.foundation.requests import ActorRequest, once
from dayclear.foundation.sent import day_in, seen_in


@require_POST
def classify(request: ActorRequest, case_id: int) -> HttpResponse:
    value, reason = request.POST.get("value", ""), request.POST.get("reason", "")

    def work() -> None:
        classify_case(case_id, value, reason=reason, by=request.actor, now=clock.now(), seen=seen_in(request.POST))

    return once(request, work, _("Classification recorded."), _page(case_id))


@require_POST
def outcome(request: ActorRequest, case_id: int) -> HttpResponse:
    value, on = request.POST.get("value", ""), day_in(request.POST, "on")

    def work() -> None:
        record_outcome(case_id, value, on, by=request.actor, now=clock.now(), seen=seen_in(request.POST))

    return once(request, work, _("Outcome recorded."), _page(case_id))


@require_POST
def complete(request: ActorRequest, case_id: int) -> HttpResponse:
    def work() -> None:
        complete_investigation(case_id, by=request.actor, now=clock.now(), seen=seen_in(request.POST))

    return once(request, work, _("Investigation recorded as complete."), _page(case_id))


def _page(case_id: int) -> str:
    return reverse("cases:case", args=[case_id])
