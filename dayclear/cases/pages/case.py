"""The page of one case: who, when, how sure, from whom, what is owed, what is missing, what happened."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from dayclear.cases.commands.investigation import INVESTIGATION, subject_of
from dayclear.cases.models import Case
from dayclear.cases.pages.listing import WORDS
from dayclear.cases.panels import panels_of
from dayclear.cases.queries import case_in_scope
from dayclear.cases.reasons import CLASSIFICATION_NAMES, MISSING_NAMES, OUTCOME_NAMES
from dayclear.cases.timeline import told
from dayclear.foundation.clock import local_day, local_zone
from dayclear.foundation.clock import now as clock_now
from dayclear.foundation.deadlines import clock_of
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.models import Deadline
from dayclear.foundation.parts import Explanation
from dayclear.foundation.requests import ActorRequest
from dayclear.foundation.rules import Right
from dayclear.foundation.trail import events_of
from dayclear.people.queries import age_on
from dayclear.places.queries import names_of
from dayclear.policy.calendar import NoPolicyInForce, policy_at


@require_GET
def show_case(request: ActorRequest, case_id: int) -> HttpResponse:
    return render(request, "cases/case.html", case_context(request, case_id))


def case_context(request: ActorRequest, case_id: int) -> dict[str, Any]:
    """What the page of a case shows. Raises: Refused (`right_missing`, `not_found`)."""
    actor = request.actor
    case = case_in_scope(actor, case_id)
    if case is None:
        raise Refused(refuse("not_found"))
    events = list(events_of(actor, [subject_of(case.pk)]))
    clock = clock_of(actor, INVESTIGATION, subject_of(case.pk))
    return {
        "case": case,
        "person": case.person,
        "age": age_on(case.person, case.counted_on or local_day(clock_now())),
        "words": WORDS,
        "days": _days(case),
        "missing": missing_of(case),
        "classifications": list(case.classifications.order_by("-since", "-id")),
        "details": [(key.replace("_", " "), value) for key, value in case.details.items()],
        "clock": clock,
        "explanation": _explanation(case, clock) if clock else None,
        "panels": panels_of(actor, case),
        "timeline": told(events),
        "seen": events[-1].number if events else 0,
        "places": names_of({case.area, case.person.home or case.area}),
        "may_write": actor.may(Right.WRITE_CASES),
        "may_reveal": actor.may(Right.SEE_IDENTITY),
        "classification_choices": CLASSIFICATION_NAMES.items(),
        "outcome_choices": OUTCOME_NAMES.items(),
        "today": local_day(clock_now()),
    }


def missing_of(case: Case) -> list[Any]:
    """The names of what a complete case would have and this one lacks."""
    gaps = {
        "sex": not case.sex_known,
        "age": not case.age_known,
        "onset": case.onset_on is None,
        "sampling": case.sampled_on is None and case.positive_on is None,
        "order": case.under_order == "unknown",
        "home": not case.home_known,
        "day": case.counted_on is None,
    }
    return [MISSING_NAMES[code] for code, lacks in gaps.items() if lacks]


def _days(case: Case) -> list[tuple[str, Any, Any]]:
    """Shape: (what, day, instant or None), in order of time; unknown days last."""
    known = [
        (_("Onset"), case.onset_on, case.onset_at),
        (_("Isolated"), case.isolated_on, None),
        (_("Sampled"), case.sampled_on, case.sampled_at),
        (_("Positive"), case.positive_on, None),
        (_("Diagnosed"), case.diagnosed_on, None),
        (_("Reported"), case.reported_on, case.reported_at),
        (str(OUTCOME_NAMES[case.outcome]), case.outcome_on, None),
    ]
    return sorted((row for row in known if row[1]), key=lambda row: row[1])


def _explanation(case: Case, clock: Deadline) -> Explanation:
    source, hours = "", int((clock.due_at - clock.opened_at).total_seconds() // 3600)
    try:
        policy = policy_at(clock.opened_at, clock.accountable, case.disease)
        source = f"{clock.policy} · {policy.value('time_limits.investigation.within').source}"
    except (NoPolicyInForce, KeyError):
        # The pack has changed since: the clock keeps the version it was opened under.
        source = clock.policy
    return Explanation(
        inputs=[(_("reported"), _instant(clock.opened_at))],
        rule=ngettext(
            "The investigation of a case is complete within %(hours)d hour of its report.",
            "The investigation of a case is complete within %(hours)d hours of its report.",
            hours,
        )
        % {"hours": hours},
        source=source,
        result=_("due %(instant)s") % {"instant": _instant(clock.due_at)},
        ends_when=_("when the investigation is recorded as complete, or the case is excluded."),
    )


def _instant(instant: Any) -> str:
    local = instant.astimezone(local_zone())
    return f"{date_format(local, 'Y-m-d H:i')} ({settings.TIME_ZONE})"
