"""What happens while an order is in force: samples, checks, new facts, letting go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from dayclear.foundation.actors import Actor
from dayclear.foundation.deadlines import checks, meet_deadline
from dayclear.foundation.decisions import Decision, Refused, refuse, require
from dayclear.foundation.events import record
from dayclear.foundation.models import Deadline
from dayclear.foundation.rules import Right
from dayclear.isolation.commands.proposing import Proposal, propose_orders
from dayclear.isolation.commands.rows import (
    ISOLATE,
    RELEASE,
    end_orders,
    last_sample,
    lock_in_force,
    lock_order,
    phases_of,
    plain,
    policy_of,
    replace_phases,
    subject_of,
)
from dayclear.isolation.commands.signing import plan_of
from dayclear.isolation.limits import hours
from dayclear.isolation.models import Change, Check, Order, TestDay
from dayclear.isolation.models.duties import CHECK_MEANS
from dayclear.isolation.rules.course import ends_at, index_tests_say, late_minutes, may_record_test, recompute
from dayclear.isolation.rules.modes import strictness
from dayclear.isolation.rules.plan import Plan, PlannedPhase, day_of


def record_test(
    order_id: int,
    on: date,
    *,
    sampled_at: datetime,
    result: str = "",
    result_at: datetime | None = None,
    by: Actor,
    now: datetime,
) -> None:
    """Record a sample taken under an order, or its result when that comes.

    A sample of the last day moves the end to its result (never past the moment it is due), a negative one ends the
    wait. The result of a sample that was taken while the order bound is taken down however late it comes; it revives no
    order. A result stays when its sample is noted again.
    Raises: Refused (`not_found`, `order_state`, `order_over`, and those of `may_record_test`).
    """
    by.require(Right.RECORD_CHECKS)
    with transaction.atomic():
        order = lock_order(order_id, "signed", "ended")
        over_at = order.ended_at or order.ends_at
        assert over_at is not None, "the database holds no signed order without an end"
        if over_at <= now and not (result and sampled_at < over_at):
            raise Refused(refuse("order_over"))
        require(may_record_test(on, result, sampled_at=sampled_at, result_at=result_at, now=now))
        assert order.ends_on is not None, "the database holds no signed order without an end"
        if on > order.ends_on:
            raise Refused(refuse("sample_other_day", on=on.isoformat()))
        before = TestDay.objects.filter(order=order, on=on).first()
        if before is not None and before.result and not result:
            result, result_at = before.result, before.result_at
        TestDay.objects.update_or_create(
            order=order,
            on=on,
            defaults={"area": order.area, "sampled_at": sampled_at, "result": result, "result_at": result_at},
        )
        if over_at > now:
            over_at = ends_at(order.ends_on, last_sample(order), result_due=hours("result_due"))
            Order.objects.filter(pk=order.pk).update(ends_at=over_at)
        record(
            "isolation.test_recorded",
            subject_of(order.pk),
            by=by,
            at=now,
            area=order.area,
            payload={
                "on": on.isoformat(),
                "result": result,
                "result_before": before.result if before is not None else "",
                "ends_at": over_at.isoformat(),
            },
        )


def record_check(
    order_id: int,
    *,
    means: str,
    temperature_c: Decimal | None = None,
    symptoms: Sequence[str] = (),
    by: Actor,
    now: datetime,
) -> int:
    """Record one of the day's checks and return its id.

    Raises: Refused (`not_found`, `order_state`, `order_over`, `unknown_means`, `temperature_impossible`).
    """
    by.require(Right.RECORD_CHECKS)
    with transaction.atomic():
        order = lock_in_force(order_id, now)
        if means not in CHECK_MEANS:
            raise Refused(refuse("unknown_means", value=means[:40]))
        if temperature_c is not None and not Decimal(30) <= temperature_c <= Decimal(45):
            raise Refused(refuse("temperature_impossible", value=str(temperature_c)))
        check, _ = Check.objects.get_or_create(
            order=order,
            checked_at=now,
            defaults={
                "area": order.area,
                "means": means,
                "temperature_c": temperature_c,
                "symptoms": list(symptoms),
                "by_label": by.label,
            },
        )
        Order.objects.filter(pk=order.pk).update(last_check_at=now)
        record(
            "isolation.check_recorded",
            subject_of(order.pk),
            by=by,
            at=now,
            area=order.area,
            payload={"check": check.pk, "means": means, "symptoms": len(symptoms)},
        )
    return check.pk


@dataclass(frozen=True, slots=True)
class Outcome:
    """What new facts did: `action` as the rule says; `proposal` is the order that would have to be signed to go on
    longer, `refused` why none can be."""

    action: str
    ends_on: date
    proposal: int | None = None
    refused: Decision | None = None


def correct_exposure(
    order_id: int, *, anchor_on: date | None, first_exposed_on: date | None = None, by: Actor, now: datetime
) -> Outcome:
    """The facts turn out otherwise: another day of exposure, or none at all (`anchor_on` None).

    `first_exposed_on` None: nothing was said of it, and it stays, unless the last exposure now lies before it.
    A shorter order is shorter at once; a longer one is proposed and waits for a signature (R06).
    Raises: Refused (`not_found`, `order_state`, `order_over`, `exposure_in_future`).
    """
    by.require(Right.PROPOSE_ORDERS)
    with transaction.atomic():
        order = lock_in_force(order_id, now)
        if anchor_on is not None and anchor_on > day_of(now):
            raise Refused(refuse("exposure_in_future", on=anchor_on.isoformat()))
        before = order.anchor_on, order.first_exposed_on
        if anchor_on is None:
            end_orders([order], "evidence_withdrawn", by=by, now=now)
            return Outcome("release", day_of(now))
        first = first_exposed_on or order.first_exposed_on
        order.anchor_on, order.first_exposed_on = anchor_on, min(first, anchor_on) if first else None
        return _apply(order, before=before, by=by, now=now)


def recompute_order(order_id: int, *, by: Actor, now: datetime) -> Outcome:
    """Judge an order anew by the pack now in force. Raises: Refused (`not_found`, `order_state`, `order_over`)."""
    by.require(Right.PROPOSE_ORDERS)
    with transaction.atomic():
        order = lock_in_force(order_id, now)
        return _apply(order, before=(order.anchor_on, order.first_exposed_on), by=by, now=now)


def _apply(order: Order, *, before: tuple[date, date | None], by: Actor, now: datetime) -> Outcome:
    """Judge an order anew on its facts as they now are. Shape: `before` is the last and the first day of exposure."""
    assert order.ends_on is not None, "the database holds no signed order without an end"
    policy = policy_of(order, now)
    plan = plan_of(order, policy)
    found = recompute(order.ends_on, plan.ends_on if isinstance(plan, Plan) else None, day_of(now))
    if found.action == "release":
        end_orders([order], "shortened", by=by, now=now, policy=policy.version)
        return Outcome("release", found.ends_on)
    assert isinstance(plan, Plan), "no plan means release"
    if found.action == "lengthen":
        return _propose_longer(order, found.ends_on, by=by, now=now)
    if found.action == "shorten" or before != (order.anchor_on, order.first_exposed_on):
        order.ends_on, phases = plan.ends_on, _as_spent(order, plan)
        over = ends_at(plan.ends_on, last_sample(order), result_due=hours("result_due"))
        Order.objects.filter(pk=order.pk).update(
            anchor_on=order.anchor_on,
            first_exposed_on=order.first_exposed_on,
            # A corrected day corrects what the order rests on; the event keeps what stood there before.
            evidence={**order.evidence, "on": order.anchor_on.isoformat()}
            if before[0] != order.anchor_on
            else order.evidence,
            ends_on=plan.ends_on,
            latest_on=plan.latest_on,
            ends_at=over,
            policy=policy.version,
        )
        replace_phases(order, phases)
        record(
            "isolation.order_recomputed",
            subject_of(order.pk),
            by=by,
            at=now,
            area=order.area,
            payload={
                "anchor_on": [before[0].isoformat(), order.anchor_on.isoformat()],
                "first_exposed_on": [
                    day.isoformat() if day is not None else None for day in (before[1], order.first_exposed_on)
                ],
                "ends_on": plan.ends_on.isoformat(),
                "phases": plain(phases),
            },
            policy=policy.version,
        )
        if over <= now:
            end_orders([order], "shortened", ended_at={order.pk: over}, by=by, now=now)
    return Outcome(found.action, plan.ends_on)


def _as_spent(order: Order, plan: Plan) -> list[PlannedPhase]:
    """The new phases in the modes that were settled for this person: a lighter one stays, a stricter one stays where
    two officers signed it."""
    settled = {phase.number: phase.mode for phase in phases_of(order)}
    two_signed = bool(order.stricter_reason) or Change.objects.filter(order=order, signed=True).exists()
    kept = []
    for phase in plan.phases:
        mode = settled.get(phase.number, phase.mode)
        lighter = strictness(mode) <= strictness(phase.mode)
        kept.append(replace(phase, mode=mode) if mode in phase.offered and (lighter or two_signed) else phase)
    return kept


def _propose_longer(order: Order, ends_on: date, *, by: Actor, now: datetime) -> Outcome:
    proposal = Proposal(
        order.person_id,
        order.disease,
        order.category,
        order.anchor_on,
        {**order.evidence, "on": order.anchor_on.isoformat()},
        order.first_exposed_on,
        tuple(order.groups),
        order.cause,
    )
    made = propose_orders([proposal], by=by, now=now)
    return Outcome("lengthen", ends_on, made.ids[0], made.refused.get(0))


def withdraw_evidence(order_id: int, *, reason: str, by: Actor, now: datetime) -> None:
    """The exposure never happened: the order ends. Raises: Refused (`not_found`, `order_state`, `order_over`)."""
    by.require(Right.PROPOSE_ORDERS)
    with transaction.atomic():
        order = lock_in_force(order_id, now)
        end_orders([order], "evidence_withdrawn", by=by, now=now, reason=reason[:200])


def confirm_release(order_id: int, *, by: Actor, now: datetime) -> int:
    """Note that somebody whose order ended was told and let go; returns how many minutes that was late.

    Raises: Refused (`not_found`, `order_state`, `released_already`).
    """
    by.require(Right.RECORD_CHECKS)
    with transaction.atomic():
        order = lock_order(order_id, "ended")
        if order.released_at is not None:
            raise Refused(refuse("released_already"))
        assert order.ended_at is not None, "the database holds no ended order without its instant"
        late = late_minutes(order.ended_at, now)
        Order.objects.filter(pk=order.pk).update(released_at=now)
        meet_deadline(RELEASE, subject_of(order.pk), at=now)
        record(
            "isolation.person_released",
            subject_of(order.pk),
            by=by,
            at=now,
            area=order.area,
            payload={"late_minutes": late, "ended_at": order.ended_at.isoformat()},
        )
    return late


@checks(RELEASE)
def _is_released(deadline: Deadline) -> bool:
    order = Order.objects.filter(pk=int(deadline.subject.partition(":")[2])).first()
    return order is None or order.released_at is not None


@checks(ISOLATE)
def _is_decided(deadline: Deadline) -> bool:
    order = Order.objects.filter(pk=int(deadline.subject.partition(":")[2])).first()
    return order is None or order.state != "proposed"


def escalate_order(order_id: int, *, category: str, evidence_on: date, by: Actor, now: datetime) -> Outcome:
    """A contact of a contact becomes a contact: a new order is proposed; what is in force goes on until then.

    Source: policy reference A.3.1 (`escalates`).
    """
    by.require(Right.PROPOSE_ORDERS)
    with transaction.atomic():
        order = lock_in_force(order_id, now)
        proposal = Proposal(
            order.person_id,
            order.disease,
            category,
            evidence_on,
            {**order.evidence, "on": evidence_on.isoformat()},
            order.first_exposed_on,
            tuple(order.groups),
        )
        made = propose_orders([proposal], by=by, now=now)
        return Outcome("escalate", order.ends_on or evidence_on, made.ids[0], made.refused.get(0))


def follow_index_tests(index_order_id: int, *, by: Actor, now: datetime) -> list[int]:
    """The first tests of a contact settle what becomes of the contacts of that contact: one positive, and each is
    proposed as the pack's `escalates` says; returns the proposals.

    A contact of a contact is tied to the index by `index` in the evidence: the number of the index's order.
    """
    by.require(Right.PROPOSE_ORDERS)
    with transaction.atomic():
        results = list(
            TestDay.objects.filter(order=index_order_id)
            .exclude(result="")
            .order_by("on")
            .values_list("result", flat=True)
        )
        tied = Order.objects.filter(state="signed", index_order=index_order_id, ends_at__gt=now).order_by("pk")
        made = []
        for order in tied:
            found = policy_of(order, now).rules.categories.get(order.category)
            for step in found.escalates if found else ():
                if index_tests_say(results, tests=step.tests or 1) == "escalate":
                    outcome = escalate_order(order.pk, category=step.to, evidence_on=order.anchor_on, by=by, now=now)
                    made += [outcome.proposal] if outcome.proposal is not None else []
    return made
