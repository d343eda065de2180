"""The clock on the investigation of a case: opened when a case is registered live, met when it is complete."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction

from dayclear.cases.models import Case
from dayclear.cases.rules import investigation_due_at, report_instant
from dayclear.foundation.actors import Actor
from dayclear.foundation.areas import county_of
from dayclear.foundation.clock import local_zone
from dayclear.foundation.deadlines import Opening, checks, meet_deadline, move_deadline, open_many
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.events import record, require_unchanged
from dayclear.foundation.filters import existing
from dayclear.foundation.models import Deadline, Event
from dayclear.foundation.rules import Right
from dayclear.policy.calendar import Policy, policy_at_or_none

INVESTIGATION = "case_investigation"
COMPLETED = "cases.investigation_completed"
# No pack gives an investigation a month; a case reported before that is history, and the pack need not be asked.
_HISTORY = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class Reported:
    """A case as far as its clock depends on it."""

    case_id: int
    area: int
    disease: str
    classification: str
    reported_at: datetime | None
    reported_on: date | None


def open_investigations(cases: Iterable[Reported], *, now: datetime) -> int:
    """Open the clock of every case whose investigation is still due; returns how many.

    A case whose time had run out before it came in (a historical list) has no clock: it is history, not late work.
    """
    clocks = _clocks((case for case in cases if case.classification != "excluded"), now=now)
    openings = [clock for clock in clocks if clock.due_at > now]
    open_many(openings)
    return len(openings)


def keep_investigations(cases: Iterable[Reported], *, now: datetime) -> None:
    """Bring the clocks of known cases in line with what is now known of them.

    Whoever is not a case any more owes no investigation; whoever is one again owes it as before, late or not; and where
    the report moves, the clock moves with it.
    """
    cases = list(cases)
    subjects = {subject_of(case.case_id) for case in cases}
    rows = Deadline.objects.filter(kind=INVESTIGATION, subject__in=subjects).order_by("opened_at", "id")
    known = {row.subject: row for row in rows}
    done = set(Event.objects.filter(subject__in=subjects, kind=COMPLETED).values_list("subject", flat=True))
    excluded = {subject_of(case.case_id) for case in cases if case.classification == "excluded"}
    for subject in sorted(excluded & known.keys()):
        meet_deadline(INVESTIGATION, subject, at=now)
    openings = []
    for clock in _clocks((case for case in cases if subject_of(case.case_id) not in excluded | done), now=now):
        before = known.get(clock.subject)
        if before is not None and before.met_at is None:
            if before.due_at != clock.due_at:
                move_deadline(INVESTIGATION, clock.subject, opened_at=clock.opened_at, due_at=clock.due_at)
        elif before is not None or clock.due_at > now:
            openings.append(clock)
    open_many(openings)


def _clocks(cases: Iterable[Reported], *, now: datetime) -> Iterator[Opening]:
    """The clock of each case that the pack in force at its report gives one."""
    policies: dict[tuple[str, int, date], Policy | None] = {}
    for case in cases:
        at = report_instant(case.reported_at, case.reported_on, now=now, zone=local_zone())
        if at < now - _HISTORY:
            continue
        county = county_of(case.area)
        key = (case.disease, county, at.astimezone(local_zone()).date())
        if key not in policies:
            policies[key] = policy_at_or_none(at, county, case.disease)
        policy = policies[key]
        limit = policy.time_limit("investigation") if policy else None
        if policy is not None and limit is not None:
            due = investigation_due_at(at, within=limit.within)
            yield Opening(INVESTIGATION, subject_of(case.case_id), case.area, county, at, due, policy.version)


def complete_investigation(case_id: int, *, by: Actor, now: datetime, seen: int | None = None) -> None:
    """Record that the investigation of a case is complete, and stop its clock.

    Raises: Refused (`not_found`, `changed_meanwhile`, `investigation_complete`).
    """
    by.require(Right.WRITE_CASES)
    with transaction.atomic():
        case = existing(Case.objects.select_for_update(no_key=True).filter(pk=case_id))
        subject = subject_of(case.pk)
        require_unchanged(subject, seen)
        if is_complete(subject):
            raise Refused(refuse("investigation_complete"))
        in_time = Deadline.objects.filter(subject=subject, kind=INVESTIGATION, met_at=None, due_at__gte=now).exists()
        met = meet_deadline(INVESTIGATION, subject, at=now)
        record(COMPLETED, subject, by=by, at=now, area=case.area, payload={"clock": met, "in_time": in_time})


def is_complete(subject: str) -> bool:
    """Whether the investigation of a case was ever recorded as complete."""
    return Event.objects.filter(subject=subject, kind=COMPLETED).exists()


def subject_of(case_id: int) -> str:
    """What the trail calls a case."""
    return f"cases.case:{case_id}"


@checks(INVESTIGATION)
def _is_done(deadline: Deadline) -> bool:
    case = Case.objects.filter(pk=int(deadline.subject.partition(":")[2])).first()
    return case is None or case.classification == "excluded" or is_complete(deadline.subject)
