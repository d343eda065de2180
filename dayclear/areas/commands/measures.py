"""The register of measures: imposed by somebody for a time, reviewed, ended; over by itself when its time is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction

from dayclear.areas.commands.proposal import unapproved
from dayclear.areas.commands.record import REVIEW, end_measures, lock_area, measure_subject
from dayclear.areas.models import Measure, RiskArea
from dayclear.areas.queries import has_outbreak, level_at, policy_for
from dayclear.areas.rules.clearing import end_of
from dayclear.areas.rules.measures import may_impose
from dayclear.foundation.actors import Actor
from dayclear.foundation.areas import EVERYWHERE, area_of, county_of, level_of
from dayclear.foundation.clock import local_day, local_zone
from dayclear.foundation.database import hold_key
from dayclear.foundation.deadlines import meet_deadline, open_deadline
from dayclear.foundation.decisions import Decision, Refused, refuse, require
from dayclear.foundation.events import record
from dayclear.foundation.filters import existing
from dayclear.foundation.rules import Right
from dayclear.policy.calendar import Policy
from dayclear.policy.overreach import MeasureFacts, books_of


@dataclass(frozen=True, slots=True)
class MeasureOrder:
    """A measure to be imposed. `area_id` is the risk area it rests on, where there is one."""

    place: int
    disease: str
    kind: str
    scope: str
    basis: str
    starts_at: datetime
    ends_at: datetime | None
    review_on: date | None
    code: str = ""
    at_exit: str = ""
    area_id: int | None = None
    site: str = ""
    asks_for: str = ""
    stops_all: bool = False


def impose_measure(order: MeasureOrder, *, by: Actor, now: datetime) -> int:
    """Impose a measure: whoever signs is its approver. Returns its id.

    Raises: Refused (`outside_area`, and what `rules.measures.may_impose` says, the over-reach guard included).
    """
    by.require(Right.DECIDE_AREAS)
    if order.place not in EVERYWHERE or order.place not in by.area:
        raise Refused(refuse("outside_area"))
    with transaction.atomic():
        if order.kind == "mass_test_round":
            # One round a day: two officers at once are judged one after the other.
            hold_key(f"areas.round:{order.place}:{order.disease}:{local_day(order.starts_at)}")
        area = lock_area(order.area_id, states=("in_force",)) if order.area_id is not None else None
        policy = policy_for(order.place, order.disease, now)
        level = _level_inside(area, order.place) if area else None
        require(judge_measure(order, policy, by=by, now=now, level=level))
        assert order.ends_at is not None, "may_impose refuses a measure without an end"
        assert order.review_on is not None, "may_impose refuses a measure without a review"
        row = Measure.objects.create(
            area=order.place,
            disease=order.disease,
            risk_area=area,
            kind=order.kind,
            code=order.code,
            at_exit=order.at_exit,
            site=order.site[:24],
            asks_for=order.asks_for[:24],
            stops_all=order.stops_all,
            scope=order.scope.strip()[:400],
            basis=order.basis.strip()[:400],
            approver_label=by.label,
            approver_level=by.level,
            approved_by=by.user_id,
            approved_at=now,
            starts_at=order.starts_at,
            ends_at=order.ends_at,
            review_on=order.review_on,
            policy=policy.version if policy else "",
        )
        _watch(row, now)
        record(
            "areas.measure_imposed",
            measure_subject(row.pk),
            by=by,
            at=now,
            area=row.area,
            payload={"kind": row.kind, "code": row.code, "ends_at": row.ends_at.isoformat(), "reason": row.basis},
            policy=row.policy,
        )
        return row.pk


def judge_measure(
    order: MeasureOrder, policy: Policy | None, *, by: Actor, now: datetime, level: str | None = None
) -> Decision:
    """What the pack in force says of a measure, before anybody signs it."""
    facts = MeasureFacts(
        kind=order.kind,
        level=level_at(by, order.place, order.disease) if level is None else level,
        basis=order.basis,
        scope=order.scope,
        starts_at=order.starts_at,
        ends_at=order.ends_at,
        review_on=order.review_on,
        approver_level=by.level,
        code=order.code,
        at_exit=order.at_exit,
        site=order.site,
        asks_for=order.asks_for,
        stops_all=order.stops_all,
        breadth=level_of(order.place),
        outbreak=has_outbreak(order.place, order.disease, today=local_day(now), within=outbreak_window(policy)),
        rounds_that_day=rounds_that_day(order.place, order.disease, order.starts_at)
        if order.kind == "mass_test_round"
        else 0,
    )
    decision = may_impose(facts, books_of(policy), now=now, today=local_day(now))
    return Decision((*decision.reasons, *(unapproved(policy, order.place, now) if policy else ())))


def outbreak_window(policy: Policy | None) -> timedelta:
    """How long a county counts as having an outbreak after its last case: as long as its strictest areas need to clear.

    The packs speak of counties "without an outbreak" and give no number; this one follows from theirs (derived).
    """
    areas = policy.rules.areas if policy else None
    days = [level.down.clear_days for level in areas.levels.values() if level.down] if areas else []
    return timedelta(days=max((each for each in days if each is not None), default=0))


def end_measure(measure_id: int, *, by: Actor, now: datetime) -> None:
    """End a measure before its time. Raises: Refused (`not_found`, `measure_over`)."""
    by.require(Right.DECIDE_AREAS)
    with transaction.atomic():
        row = _lock(measure_id)
        end_measures(Measure.objects.filter(pk=row.pk), cause="ended_early", by=by, now=now)


def review_measure(measure_id: int, *, review_on: date, reason: str, by: Actor, now: datetime) -> None:
    """Record that a measure was reviewed and stands, and when it is reviewed next; its end does not move (R37).

    Raises: Refused (`measure_over`, `reason_missing`, `review_passed`).
    """
    by.require(Right.DECIDE_AREAS)
    with transaction.atomic():
        row = _lock(measure_id)
        if not reason.strip():
            raise Refused(refuse("reason_missing"))
        if review_on <= local_day(now):
            raise Refused(refuse("review_passed", day=review_on.isoformat()))
        before, row.review_on = row.review_on, review_on
        row.save(update_fields=["review_on"])
        meet_deadline(REVIEW, measure_subject(row.pk), at=now)
        _watch(row, now)
        payload = {"review_on": [before.isoformat(), review_on.isoformat()], "reason": reason[:400]}
        record("areas.measure_reviewed", measure_subject(row.pk), by=by, at=now, area=row.area, payload=payload)


def end_due_measures(*, by: Actor, now: datetime) -> int:
    """End the measures whose time is over; returns how many. Nobody need sign that a restriction ends."""
    with transaction.atomic():
        due = Measure.objects.filter(ended_at=None, ends_at__lte=now)
        ids = list(due.values_list("pk", flat=True)[:500])
        return end_measures(Measure.objects.filter(pk__in=ids, ended_at=None), cause="time_over", by=by, now=now)


def _lock(measure_id: int) -> Measure:
    row = existing(Measure.objects.select_for_update().filter(pk=measure_id))
    if row.ended_at is not None:
        raise Refused(refuse("measure_over"))
    return row


def _level_inside(area: RiskArea, place: int) -> str | None:
    """The level of the area a measure rests on, where its place lies inside it; the register is asked otherwise."""
    members = [member for member in area.members.values_list("place", flat=True) if member is not None]
    # Members below the register stand in words: for them the area's own place is all that can be compared.
    covering = members if len(members) == area.members.count() else [*members, area.area]
    return area.level if any(area_of(member).covers(area_of(place)) for member in covering) else None


def _watch(row: Measure, now: datetime) -> None:
    due = end_of(row.review_on, local_zone())
    if due > now:
        open_deadline(
            REVIEW,
            measure_subject(row.pk),
            area=row.area,
            accountable=county_of(row.area),
            opened_at=now,
            due_at=due,
            policy=row.policy,
        )


def rounds_that_day(place: int, disease: str, starts_at: datetime, *, before: int | None = None) -> int:
    """How many rounds of mass testing that place has on the day; `before`: only those imposed before that one.

    The round that came too many is the later one: the earlier ones were lawful when they were imposed.
    """
    day = local_day(starts_at)
    rounds = Measure.objects.filter(kind="mass_test_round", area=place, disease=disease, ended_at=None)
    if before is not None:
        rounds = rounds.filter(pk__lt=before)
    return sum(local_day(at) == day for at in rounds.values_list("starts_at", flat=True))
