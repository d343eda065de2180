"""What restriction owes: notices, support, and a way out for care that nothing blocks."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from dayclear.foundation.actors import Actor
from dayclear.foundation.areas import COMMUNITY, ancestor, county_of
from dayclear.foundation.deadlines import checks, meet_deadline, open_deadline
from dayclear.foundation.decisions import Refused, refuse, require
from dayclear.foundation.events import record
from dayclear.foundation.filters import existing
from dayclear.foundation.models import Deadline
from dayclear.foundation.rules import Right
from dayclear.isolation.commands.rows import lock_in_force, lock_order, subject_of
from dayclear.isolation.limits import hours
from dayclear.isolation.models import Delivery, Emergency, Need, Order, Override
from dayclear.isolation.models.duties import MEANS, NEEDS
from dayclear.isolation.queries import colour_by_orders
from dayclear.isolation.rules.lists import OVERRIDE_LASTS, may_override
from dayclear.isolation.rules.lists import Override as OverrideFacts
from dayclear.people.queries import person_in_scope

SUPPORT, EMERGENCY_RECORD = "isolation_support", "emergency_record"
NOTICES = ("order", "change", "release")


def deliver_notice(order_id: int, notice: str, *, means: str, language: str, by: Actor, now: datetime) -> int:
    """Note that a notice was handed over, by whom, how and in which language (R08, R38).

    Raises: Refused (`not_found`, `unknown_means`, `unknown_notice`).
    """
    by.require(Right.RECORD_CHECKS)
    with transaction.atomic():
        order = lock_order(order_id, "signed", "ended")
        if means not in MEANS:
            raise Refused(refuse("unknown_means", value=means[:40]))
        if notice not in NOTICES:
            raise Refused(refuse("unknown_notice", value=notice[:40]))
        row = Delivery.objects.create(
            area=order.area,
            order=order,
            notice=notice,
            means=means,
            language=language,
            delivered_at=now,
            by_label=by.label,
        )
        record(
            "isolation.notice_delivered",
            subject_of(order.pk),
            by=by,
            at=now,
            area=order.area,
            payload={"notice": notice, "means": means, "language": language},
        )
    return row.pk


def open_need(order_id: int, kind: str, *, note: str = "", by: Actor, now: datetime) -> int:
    """Note what somebody under an order needs; the clock on bringing it starts (R30).

    Raises: Refused (`not_found`, `order_state`, `order_over`, `unknown_need`).
    """
    by.require(Right.RECORD_CHECKS)
    with transaction.atomic():
        order = lock_in_force(order_id, now)
        if kind not in NEEDS:
            raise Refused(refuse("unknown_need", value=kind[:40]))
        need, fresh = Need.objects.get_or_create(
            order=order,
            kind=kind,
            met_at=None,
            defaults={
                "area": order.area,
                "note": note[:200],
                "opened_at": now,
                "due_at": now + hours("support_due"),
            },
        )
        if fresh:
            open_deadline(
                SUPPORT,
                f"isolation.need:{need.pk}",
                area=order.area,
                accountable=ancestor(order.area, COMMUNITY),
                opened_at=now,
                due_at=need.due_at,
            )
            record(
                "isolation.need_opened",
                subject_of(order.pk),
                by=by,
                at=now,
                area=order.area,
                payload={"need": need.pk, "kind": kind},
            )
    return need.pk


def meet_need(need_id: int, *, by: Actor, now: datetime) -> None:
    """Note that what was needed has come. Raises: Refused (`not_found`)."""
    by.require(Right.RECORD_CHECKS)
    with transaction.atomic():
        need = existing(Need.objects.select_for_update().filter(pk=need_id, met_at=None))
        Need.objects.filter(pk=need.pk).update(met_at=now)
        meet_deadline(SUPPORT, f"isolation.need:{need.pk}", at=now)
        record(
            "isolation.need_met",
            subject_of(need.order_id),
            by=by,
            at=now,
            area=need.area,
            payload={"need": need.pk, "kind": need.kind},
        )


def permit_emergency(person_id: int, *, ground: str, by: Actor, now: datetime) -> int:
    """Let somebody out for care or out of danger: at once, whatever their status, whoever is asked (R31, OG-06, OG-17).

    The only thing that can stand in the way is that nobody knows the person here. What happened is written down after.
    Raises: Refused (`not_found`).
    """
    with transaction.atomic():
        person = person_in_scope(by, person_id)
        if person is None:
            raise Refused(refuse("not_found"))
        return _permit(person.pk, person.area, ground, by=by, now=now)


def permit_emergency_under(order_id: int, *, ground: str, by: Actor, now: datetime) -> int:
    """Let out whoever is under an order, wherever their own record lies: the order's place answers for them.

    Raises: Refused (`not_found`).
    """
    with transaction.atomic():
        order = existing(Order.objects.filter(pk=order_id))
        return _permit(order.person_id, order.area, ground, by=by, now=now)


def _permit(person_id: int, area: int, ground: str, *, by: Actor, now: datetime) -> int:
    row = Emergency.objects.create(
        area=area, person_id=person_id, ground=ground.strip()[:200], granted_at=now, by_label=by.label
    )
    open_deadline(
        EMERGENCY_RECORD,
        f"isolation.emergency:{row.pk}",
        area=area,
        accountable=county_of(area),
        opened_at=now,
        due_at=now + hours("emergency_record_due"),
    )
    record(
        "isolation.emergency_permitted",
        f"isolation.emergency:{row.pk}",
        by=by,
        at=now,
        area=area,
        payload={"person": person_id},
    )
    return row.pk


def record_emergency(emergency_id: int, *, text: str, by: Actor, now: datetime) -> None:
    """Write down afterwards what happened. Raises: Refused (`not_found`, `reason_missing`)."""
    by.require(Right.RECORD_CHECKS)
    with transaction.atomic():
        row = existing(Emergency.objects.select_for_update().filter(pk=emergency_id))
        if not text.strip():
            raise Refused(refuse("reason_missing"))
        Emergency.objects.filter(pk=row.pk).update(record=text.strip(), recorded_at=now)
        meet_deadline(EMERGENCY_RECORD, f"isolation.emergency:{row.pk}", at=now)
        record("isolation.emergency_recorded", f"isolation.emergency:{row.pk}", by=by, at=now, area=row.area)


def ask_override(
    person_id: int, colour: str, *, reason: str, evidence: str, expires_at: datetime, by: Actor, now: datetime
) -> int:
    """Ask that a person's status differ for a while from what the orders say; a second officer confirms it (R12).

    Raises: Refused (`not_found`, and those of `may_override`).
    """
    by.require(Right.SIGN_ORDERS)
    with transaction.atomic():
        person = person_in_scope(by, person_id)
        if person is None:
            raise Refused(refuse("not_found"))
        # The second person is asked for at the confirmation: everything else must hold already.
        derived = colour_by_orders(by, person.pk, now=now)
        facts = OverrideFacts(colour, reason, evidence, by.user_id, -1, expires_at, derived)
        require(may_override(facts, now=now))
        row = Override.objects.create(
            area=person.area,
            person=person,
            colour=colour,
            reason=reason,
            evidence=evidence.strip()[:120],
            set_at=now,
            set_by=by.user_id or 0,
            expires_at=min(expires_at, now + OVERRIDE_LASTS),
        )
        record(
            "isolation.override_asked",
            f"isolation.override:{row.pk}",
            by=by,
            at=now,
            area=person.area,
            payload={"person": person.pk, "colour": colour, "reason": reason},
        )
    return row.pk


def confirm_override(override_id: int, *, by: Actor, now: datetime) -> None:
    """Confirm, as a second officer, a status set by hand. Raises: Refused (`not_found`, `second_person_missing`,
    `override_too_long`)."""
    by.require(Right.SIGN_ORDERS)
    with transaction.atomic():
        row = existing(Override.objects.select_for_update().filter(pk=override_id, confirmed_at=None))
        derived = colour_by_orders(by, row.person_id, now=now)
        facts = OverrideFacts(row.colour, row.reason, row.evidence, row.set_by, by.user_id, row.expires_at, derived)
        require(may_override(facts, now=now))
        Override.objects.filter(pk=row.pk).update(second_by=by.user_id, confirmed_at=now)
        record(
            "isolation.override_confirmed",
            f"isolation.override:{row.pk}",
            by=by,
            at=now,
            area=row.area,
            payload={"person": row.person_id, "colour": row.colour},
        )


@checks(SUPPORT)
def _is_met(deadline: Deadline) -> bool:
    need = Need.objects.filter(pk=int(deadline.subject.partition(":")[2])).first()
    return need is None or need.met_at is not None


@checks(EMERGENCY_RECORD)
def _is_recorded(deadline: Deadline) -> bool:
    row = Emergency.objects.filter(pk=int(deadline.subject.partition(":")[2])).first()
    return row is None or row.recorded_at is not None
