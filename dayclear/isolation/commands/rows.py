"""Fetching, writing and ending orders: what every command of this package does alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from dayclear.foundation.actors import Actor
from dayclear.foundation.areas import COMMUNITY, ancestor, county_of
from dayclear.foundation.database import copy_rows
from dayclear.foundation.deadlines import Opening, meet_deadline, open_many
from dayclear.foundation.decisions import Reason, Refused, refuse
from dayclear.foundation.events import Draft, record_many
from dayclear.foundation.filters import existing
from dayclear.isolation.models import Change, Order, Phase, TestDay
from dayclear.isolation.rules.course import ALARM_WITHIN, LastSample, late_minutes
from dayclear.isolation.rules.modes import least
from dayclear.isolation.rules.plan import PlannedPhase, day_of
from dayclear.policy.calendar import NoPolicyInForce, Policy, policy_at
from dayclear.policy.loader import shipped
from dayclear.policy.overreach import books_of, category_breach, lapsed

ISOLATE, RELEASE = "contact_isolated", "isolation_release"
_PHASE_COLUMNS = ("area", "order_id", "number", "mode", "offered", "starts_on", "ends_on", "tests_on")


def subject_of(order_id: int) -> str:
    """What the trail calls an order."""
    return f"isolation.order:{order_id}"


def lock_order(order_id: int, *states: str) -> Order:
    """An order of the actor's places, held until commit. Raises: Refused (`not_found`, `order_state`)."""
    # Without its person: after a merge they may lie in another place than the order, which binds here all the same.
    order = existing(Order.objects.select_for_update().filter(pk=order_id))
    if states and order.state not in states:
        raise Refused(refuse("order_state", state=order.state))
    return order


def lock_in_force(order_id: int, now: datetime) -> Order:
    """An order that binds at this instant. Raises: Refused (`not_found`, `order_state`, `order_over`)."""
    order = lock_order(order_id, "signed")
    if order.ends_at is None or order.ends_at <= now:
        raise Refused(refuse("order_over"))
    return order


def policy_of(order: Order, now: datetime) -> Policy:
    """The pack by which an order is judged now (DC10). Raises: Refused (`no_policy`)."""
    return policy_for(order.disease, order.area, now)


def policy_for(disease: str, area: int, now: datetime) -> Policy:
    """The pack in force at a place. Raises: Refused (`no_policy`)."""
    try:
        return policy_at(now, county_of(area), disease)
    except NoPolicyInForce as none:
        raise Refused(refuse("no_policy", disease=disease)) from none


def prohibition_of(category: str, policy: Policy) -> str:
    """Which prohibition an order of a category stands against that the pack does not have."""
    breach = category_breach(category, books_of(policy))
    return breach.rule if breach is not None else ""


def lapse_of(policy: Policy, now: datetime) -> tuple[Reason, ...]:
    """Why nothing new may be ordered under a pack any more (R37); empty while it lives."""
    head = shipped().resolve(policy.pack).head
    return lapsed(day_of(now), head.sunset_on, head.review_on)


def write_phases(plans: Iterable[tuple[int, int, Sequence[PlannedPhase]]]) -> None:
    """Add phases. Shape: (order id, area, phases)."""
    copy_rows(
        "isolation_phase",
        _PHASE_COLUMNS,
        (
            (area, order_id, p.number, p.mode, list(p.offered), p.starts_on, p.ends_on, list(p.tests_on))
            for order_id, area, phases in plans
            for p in phases
        ),
    )


def replace_phases(order: Order, phases: Sequence[PlannedPhase]) -> None:
    """Put new phases in the place of an order's phases."""
    Phase.objects.filter(order=order).delete()
    write_phases([(order.pk, order.area, phases)])


def phases_of(order: Order) -> list[PlannedPhase]:
    """The phases of an order as its rules see them, in order."""
    rows = Phase.objects.filter(order=order).order_by("number")
    return [PlannedPhase(p.number, p.mode, tuple(p.offered), p.starts_on, p.ends_on, tuple(p.tests_on)) for p in rows]


def phase_on(phases: Sequence[PlannedPhase], day: date) -> PlannedPhase:
    """The phase under way on a day: the first that has not ended, else the last."""
    return next((phase for phase in phases if day <= phase.ends_on), phases[-1])


def cut(phases: Sequence[PlannedPhase], ends_on: date) -> list[PlannedPhase]:
    """Phases up to a day: what would come after it is gone."""
    kept = []
    for phase in phases:
        if phase.starts_on <= ends_on:
            tests = tuple(day for day in phase.tests_on if day <= ends_on)
            last = min(phase.ends_on, ends_on)
            kept.append(PlannedPhase(phase.number, phase.mode, phase.offered, phase.starts_on, last, tests))
    return kept


def mode_on(order: Order, now: datetime) -> str:
    """The mode in which an order is spent at an instant."""
    return phase_on(phases_of(order), day_of(now)).mode


def least_offered(phase: PlannedPhase) -> str:
    """The least restrictive mode that the pack offers for a phase."""
    return least((*phase.offered, phase.mode))


def last_sample(order: Order) -> LastSample | None:
    """The sample of an order's last day, if one was taken."""
    if order.ends_on is None:
        return None
    row = TestDay.objects.filter(order=order, on=order.ends_on).first()
    return LastSample(row.sampled_at, row.result, row.result_at) if row else None


def end_orders(
    orders: Sequence[Order],
    cause: str,
    *,
    ended_at: Mapping[int, datetime] | None = None,
    by: Actor,
    now: datetime,
    policy: str = "",
    reason: str = "",
) -> None:
    """End orders and start the clock on letting their people go.

    `ended_at` is the instant in law where it lies before now (the end passed unnoticed); the minutes in between are
    recorded as late and cannot be taken back.
    """
    ends = {order.pk: (ended_at or {}).get(order.pk, now) for order in orders}
    for order in orders:
        order.state, order.end_cause, order.ended_at = "ended", cause, ends[order.pk]
    Order.objects.bulk_update(orders, ["state", "end_cause", "ended_at"], batch_size=1000)
    Change.objects.filter(order__in=orders, decided_at=None).update(decided_at=now, signed=False)
    open_many([release_clock(order.pk, order.area, ends[order.pk], order.policy) for order in orders])
    record_many(
        [
            Draft(
                "isolation.order_ended",
                subject_of(order.pk),
                order.area,
                {
                    "cause": cause,
                    "ended_at": ends[order.pk].isoformat(),
                    "noticed_late_minutes": late_minutes(ends[order.pk], now),
                    **({"reason": reason} if reason else {}),
                },
                policy=policy or order.policy,
            )
            for order in orders
        ],
        by=by,
        at=now,
    )


def release_clock(order_id: int, area: int, ended_at: datetime, policy: str) -> Opening:
    """The site is told at once, its supervisor a quarter of an hour later (R03)."""
    return Opening(
        RELEASE, subject_of(order_id), area, ancestor(area, COMMUNITY), ended_at, ended_at + ALARM_WITHIN, policy
    )


def settle_proposal(order: Order, now: datetime) -> None:
    """The clock on signing stops, whatever was decided."""
    meet_deadline(ISOLATE, subject_of(order.pk), at=now)


def plain(phases: Sequence[PlannedPhase]) -> list[dict[str, Any]]:
    """Phases as an event keeps them."""
    return [
        {
            "mode": phase.mode,
            "from": phase.starts_on.isoformat(),
            "to": phase.ends_on.isoformat(),
            "tests": [day.isoformat() for day in phase.tests_on],
        }
        for phase in phases
    ]
