"""Signing, declining and changing orders: the acts by which a person answers for a restriction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.db import IntegrityError, transaction

from dayclear.cases.models import Case
from dayclear.foundation.actors import Actor
from dayclear.foundation.decisions import Decision, Refused, refuse, require
from dayclear.foundation.events import record, require_unchanged
from dayclear.foundation.rules import Right
from dayclear.isolation.commands.rows import (
    end_orders,
    lapse_of,
    least_offered,
    lock_in_force,
    lock_order,
    mode_on,
    phase_on,
    phases_of,
    plain,
    policy_of,
    prohibition_of,
    replace_phases,
    settle_proposal,
    subject_of,
)
from dayclear.isolation.limits import order_authority
from dayclear.isolation.models import Change, Order, Phase
from dayclear.isolation.rules.guard import facts_of, guarded
from dayclear.isolation.rules.modes import STRICTER_REASONS, strictness
from dayclear.isolation.rules.plan import Exposed, Plan, PlannedPhase, day_of, end_of, plan_order
from dayclear.isolation.rules.signing import DECLINE_REASONS, Signing, may_change_mode, may_sign
from dayclear.people.models import Person
from dayclear.policy.calendar import Policy
from dayclear.policy.overreach import books_of


def ask_stricter(order_id: int, mode: str, *, reason: str, by: Actor, now: datetime) -> None:
    """Ask that a proposal be spent more strictly than the least the pack offers; another officer then signs (R05).

    Raises: Refused (`not_found`, `order_state`, `mode_not_offered`, `stricter_reason_missing`).
    """
    by.require(Right.SIGN_ORDERS)
    with transaction.atomic():
        order = lock_order(order_id, "proposed")
        phase = phase_on(phases_of(order), day_of(now))
        if mode not in phase.offered or strictness(mode) <= strictness(least_offered(phase)):
            raise Refused(refuse("mode_not_offered", mode=mode))
        if reason not in STRICTER_REASONS:
            raise Refused(refuse("stricter_reason_missing", mode=mode, least=least_offered(phase)))
        Order.objects.filter(pk=order.pk).update(stricter_mode=mode, stricter_reason=reason, stricter_by=by.user_id)
        record(
            "isolation.stricter_asked",
            subject_of(order.pk),
            by=by,
            at=now,
            area=order.area,
            payload={"mode": [phase.mode, mode], "reason": reason},
        )


def sign_order(order_id: int, *, by: Actor, now: datetime, seen: int | None = None) -> None:
    """Sign a proposal: from now on it binds, and it ends by itself.

    The pack in force now decides, whatever was in force when it was proposed (DC10). An order that this one renews ends
    in the same moment.
    Raises: Refused (`not_found`, `order_state`, `changed_meanwhile`, `already_under_order`, those of `may_sign` and of
    the over-reach guard).
    """
    by.require(Right.SIGN_ORDERS)
    with transaction.atomic():
        order = lock_order(order_id, "proposed")
        require_unchanged(subject_of(order.pk), seen)
        # Two officers, two proposals, one person: the person's row is what both must hold.
        person = Person.objects.select_for_update().get(pk=order.person_id)
        policy = policy_of(order, now)
        plan = plan_of(order, policy)
        phases = list(plan.phases) if isinstance(plan, Plan) else phases_of(order)
        require(may_sign(_facts(order, person, plan, phases, policy, by=by, now=now)))
        assert isinstance(plan, Plan), "a plan that was refused is a refusal above"
        guard_facts = facts_of(plan, order.evidence, cause=order.cause)
        require(guarded(guard_facts, books_of(policy), lapse_of(policy, now)))
        phases = _with_mode(phases, order.stricter_mode, now)
        _make_way(order, by=by, now=now)
        _bind(order, plan, phases, policy, by=by, now=now)
        settle_proposal(order, now)
        record(
            "isolation.order_signed",
            subject_of(order.pk),
            by=by,
            at=now,
            area=order.area,
            payload={
                "person": order.person_id,
                "phases": plain(phases),
                "ends_on": plan.ends_on.isoformat(),
                "stricter": order.stricter_reason,
                "authority": by.area.lo,
            },
            facts={"anchor": plan.anchor, "anchor_on": plan.anchor_on.isoformat(), **order.evidence},
            policy=policy.version,
        )


def sign_orders(order_ids: Sequence[int], *, by: Actor, now: datetime) -> dict[int, Decision]:
    """Sign several proposals, each by itself; returns the refusals by order."""
    refused: dict[int, Decision] = {}
    for order_id in order_ids:
        try:
            sign_order(order_id, by=by, now=now)
        except Refused as no:
            refused[order_id] = no.decision
    return refused


def decline_order(order_id: int, *, reason: str, by: Actor, now: datetime, seen: int | None = None) -> None:
    """Decide that a proposal shall not bind. Raises: Refused (`not_found`, `order_state`, `decline_reason_missing`,
    `changed_meanwhile`)."""
    by.require(Right.SIGN_ORDERS)
    with transaction.atomic():
        order = lock_order(order_id, "proposed")
        require_unchanged(subject_of(order.pk), seen)
        if reason not in DECLINE_REASONS:
            raise Refused(refuse("decline_reason_missing"))
        Order.objects.filter(pk=order.pk).update(state="declined", decline_reason=reason)
        settle_proposal(order, now)
        record(
            "isolation.order_declined",
            subject_of(order.pk),
            by=by,
            at=now,
            area=order.area,
            payload={"reason": reason},
        )


def change_mode(order_id: int, mode: str, *, reason: str, by: Actor, now: datetime, seen: int | None = None) -> bool:
    """Have an order under way spent otherwise. Lighter binds at once; stricter when a second officer asks the same.

    Returns whether it binds now. Raises: Refused (`not_found`, `order_state`, `order_over`, `changed_meanwhile`, and
    those of `may_change_mode`).
    """
    by.require(Right.SIGN_ORDERS)
    with transaction.atomic():
        order = lock_in_force(order_id, now)
        require_unchanged(subject_of(order.pk), seen)
        phases = phases_of(order)
        phase = phase_on(phases, day_of(now))
        waiting = Change.objects.filter(order=order, decided_at=None).first()
        first = waiting if waiting is not None and waiting.mode == mode else None
        decision = may_change_mode(
            phase.mode,
            mode,
            reason,
            phase.offered,
            asked_by=first.asked_by if first else None,
            signer=by.user_id,
        )
        if decision.codes == ("second_person_missing",) and first is None:
            _ask(order, waiting, mode, reason, by=by, now=now)
            return False
        require(decision)
        require(_within_authority(by))
        Phase.objects.filter(order=order, number=phase.number).update(mode=mode)
        Change.objects.filter(order=order, decided_at=None).update(decided_at=now, signed=first is not None)
        record(
            "isolation.mode_changed",
            subject_of(order.pk),
            by=by,
            at=now,
            area=order.area,
            payload={"mode": [phase.mode, mode], "reason": reason, "asked_by": first.asked_by if first else None},
            policy=order.policy,
        )
    return True


def plan_of(order: Order, policy: Policy) -> Plan | Decision:
    """What a pack gives the facts of an order."""
    exposed = Exposed(order.anchor_on, order.first_exposed_on, order.known_on)
    return plan_order(policy.rules, order.category, exposed, groups=order.groups, cause=order.cause)


def confirm_end(order_id: int, *, by: Actor, now: datetime, seen: int | None = None) -> None:
    """Confirm, as a person, the end that a changeover set; it held before, and holds on.

    Raises: Refused (`not_found`, `order_state`, `changed_meanwhile`, `nothing_to_confirm`).
    """
    by.require(Right.SIGN_ORDERS)
    with transaction.atomic():
        order = lock_order(order_id, "signed")
        require_unchanged(subject_of(order.pk), seen)
        if not order.to_confirm:
            raise Refused(refuse("nothing_to_confirm"))
        require(_within_authority(by))
        Order.objects.filter(pk=order.pk).update(to_confirm=False)
        record(
            "isolation.end_confirmed",
            subject_of(order.pk),
            by=by,
            at=now,
            area=order.area,
            payload={"ends_on": str(order.ends_on)},
            policy=order.policy,
        )


def release_order(order_id: int, *, reason: str, by: Actor, now: datetime, seen: int | None = None) -> None:
    """Let somebody go before the end, because an officer finds that they may.

    Raises: Refused (`not_found`, `order_state`, `reason_missing`, `changed_meanwhile`).
    """
    by.require(Right.SIGN_ORDERS)
    with transaction.atomic():
        order = lock_order(order_id, "signed")
        require_unchanged(subject_of(order.pk), seen)
        if not reason.strip():
            raise Refused(refuse("reason_missing"))
        end_orders([order], "officer", by=by, now=now, reason=reason.strip()[:200])


def _within_authority(by: Actor) -> Decision:
    return Decision() if by.level <= order_authority() and by.user_id else refuse("authority_missing")


def _facts(
    order: Order,
    person: Person,
    plan: Plan | Decision,
    phases: Sequence[PlannedPhase],
    policy: Policy,
    *,
    by: Actor,
    now: datetime,
) -> Signing:
    today = day_of(now)
    phase = phase_on(phases, today)
    removed = isinstance(plan, Decision) and "category_not_in_pack" in plan.codes
    return Signing(
        rule=order.rule,
        evidence=order.evidence,
        category_in_pack=not removed,
        prohibition=prohibition_of(order.category, policy) if removed else "",
        anchor_on=order.anchor_on,
        starts_on=today,
        ends_on=plan.ends_on if isinstance(plan, Plan) else None,
        latest_on=plan.latest_on if isinstance(plan, Plan) else None,
        today=today,
        level=by.level,
        authority=order_authority(),
        mode=order.stricter_mode or phase.mode,
        least=least_offered(phase),
        offered=phase.offered,
        stricter_reason=order.stricter_reason,
        chosen_by=order.stricter_by,
        signer=by.user_id,
        person_alive=not Case.objects.filter(person=person, outcome="died").exists(),
        person_merged=person.merged_into_id is not None,
    )


def _with_mode(phases: Sequence[PlannedPhase], mode: str, now: datetime) -> list[PlannedPhase]:
    under_way = phase_on(phases, day_of(now)).number
    return [replace(phase, mode=mode) if mode and phase.number == under_way else phase for phase in phases]


def _make_way(order: Order, *, by: Actor, now: datetime) -> None:
    """End what a signed order replaces: one that it renews, or one whose end passed and nobody has yet noted it."""
    open_order = Order.objects.select_for_update().filter(person=order.person_id, state="signed").first()
    if open_order is None:
        return
    assert open_order.ends_at is not None, "the database holds no signed order without an end"
    if open_order.ends_at <= now:
        end_orders([open_order], "term", ended_at={open_order.pk: open_order.ends_at}, by=by, now=now)
    elif order.renews_id == open_order.pk:
        end_orders([open_order], "renewed", by=by, now=now)
    else:
        raise Refused(refuse("already_under_order", order=open_order.pk))


def _bind(
    order: Order, plan: Plan, phases: Sequence[PlannedPhase], policy: Policy, *, by: Actor, now: datetime
) -> None:
    try:
        with transaction.atomic():
            Order.objects.filter(pk=order.pk).update(
                state="signed",
                policy=policy.version,
                rule=plan.rule,
                latest_on=plan.latest_on,
                authority=by.area.lo,
                authority_level=by.level,
                signed_at=now,
                signed_by=by.user_id,
                signed_label=by.label,
                starts_at=now,
                ends_on=plan.ends_on,
                # No sample of the last day is with a laboratory yet.
                ends_at=end_of(plan.ends_on),
            )
    except IntegrityError as taken:
        if "order_open_once" not in str(taken):
            raise
        raise Refused(refuse("already_under_order", order=order.pk)) from taken
    replace_phases(order, phases)


def _ask(order: Order, waiting: Change | None, mode: str, reason: str, *, by: Actor, now: datetime) -> None:
    if waiting is not None:
        Change.objects.filter(pk=waiting.pk).update(decided_at=now, signed=False)
    Change.objects.create(
        area=order.area,
        order=order,
        mode=mode,
        reason=reason,
        asked_by=by.user_id or 0,
        asked_label=by.label,
        asked_at=now,
    )
    record(
        "isolation.stricter_asked",
        subject_of(order.pk),
        by=by,
        at=now,
        area=order.area,
        payload={"mode": [mode_on(order, now), mode], "reason": reason},
    )
