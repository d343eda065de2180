"""Handing an order over to the place where its person is now: from then on that place answers for it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from dayclear.foundation.actors import Actor
from dayclear.foundation.deadlines import move_deadlines
from dayclear.foundation.decisions import Refused, refuse, require
from dayclear.foundation.events import Draft, record_many, require_unchanged
from dayclear.foundation.rules import Right
from dayclear.foundation.scope import beyond_scope
from dayclear.isolation.commands.course import recompute_order
from dayclear.isolation.commands.rows import lock_in_force, settle_proposal, subject_of
from dayclear.isolation.models import (
    Appeal,
    Change,
    Check,
    Delivery,
    Handover,
    Need,
    Order,
    PersonLink,
    Phase,
    TestDay,
)
from dayclear.isolation.rules.moving import Handing, may_hand_over
from dayclear.people.moving import move_person
from dayclear.places.models import Place

_BESIDE = (Phase, TestDay, Change, Check, Delivery, Appeal, Need, PersonLink)


def hand_over_order(order_id: int, to: int, *, by: Actor, now: datetime, seen: int | None = None) -> None:
    """Hand an order in force over, with all that is owed beside it and whatever of the person waits for a signature.

    The term goes on as it was: days served count (OG-13). Where the rules of the receiving place are lighter, the order
    becomes shorter or ends; it never becomes longer.
    Raises: Refused (`not_found`, `order_state`, `order_over`, `changed_meanwhile`, `place_unknown`, `place_too_wide`,
    `same_place`, `under_order_there`, `no_policy`).
    """
    by.require(Right.SIGN_ORDERS)
    with transaction.atomic():
        order = lock_in_force(order_id, now)
        require_unchanged(subject_of(order.pk), seen)
        place = Place.objects.filter(number=to).first()
        require(may_hand_over(Handing(order.area, to, place.level if place else None)))
        before = order.area
        with beyond_scope():
            there = move_person(order.person_id, to, by=by, now=now)
            if Order.objects.filter(person=there, state="signed").exclude(pk=order.pk).exists():
                raise Refused(refuse("under_order_there"))
            waiting = _waiting_of(order, there, now)
            _carry([order, *waiting], there, to)
            Handover.objects.create(
                area=before,
                order=order,
                person_id=order.person_id,
                to_place=to,
                handed_at=now,
                handed_label=by.label,
            )
            places = {"place": [before, to]}
            record_many(
                [
                    Draft("isolation.order_handed_over", subject_of(order.pk), before, places, policy=order.policy),
                    Draft("isolation.order_taken_over", subject_of(order.pk), to, places, policy=order.policy),
                ],
                by=by,
                at=now,
            )
            recompute_order(order.pk, by=by, now=now)


def _waiting_of(order: Order, there: int, now: datetime) -> Sequence[Order]:
    """The person's proposals that go along; what the receiving place has proposed itself is not proposed twice."""
    known = set(
        Order.objects.filter(person=there, state="proposed")
        .exclude(person=order.person_id)
        .values_list("disease", "category", "cause")
    )
    kept = []
    for proposal in Order.objects.select_for_update().filter(person=order.person_id, state="proposed").order_by("pk"):
        if (proposal.disease, proposal.category, proposal.cause) in known:
            settle_proposal(proposal, now)
            Order.objects.filter(pk=proposal.pk).update(state="declined", decline_reason="duplicate")
        else:
            kept.append(proposal)
    return kept


def _carry(orders: Sequence[Order], person: int, to: int) -> None:
    ids = [order.pk for order in orders]
    Order.objects.filter(pk__in=ids).update(area=to, person=person)
    for table in _BESIDE:
        table.objects.filter(order__in=ids).update(area=to)
    appeals = Appeal.objects.filter(order__in=ids).values_list("pk", flat=True)
    needs = Need.objects.filter(order__in=ids).values_list("pk", flat=True)
    move_deadlines(
        [
            *(subject_of(pk) for pk in ids),
            *(f"isolation.appeal:{pk}" for pk in appeals),
            *(f"isolation.need:{pk}" for pk in needs),
        ],
        to,
    )
