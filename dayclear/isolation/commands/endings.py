"""Orders that end because of what happened to the person."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Coalesce

from dayclear.cases.models import Case
from dayclear.foundation.actors import Actor
from dayclear.foundation.deadlines import meet_many
from dayclear.foundation.events import record
from dayclear.foundation.models import Event
from dayclear.isolation.commands.proposing import Proposal, Proposed, propose_orders
from dayclear.isolation.commands.rows import ISOLATE, end_orders, subject_of
from dayclear.isolation.models import Order
from dayclear.people.models import Person

MERGE_SETTLED = "isolation.merge_settled"


def end_for_case(case: Case, *, by: Actor, now: datetime, unless_older: bool = False) -> int:
    """End a contact's order, and drop the proposals, of somebody who has the disease now; returns how many orders.

    An order that was signed after the case became known (monitoring after discharge) is not touched; nor, with
    `unless_older`, one for an exposure that came after the case had been counted: that was another illness.
    """
    with transaction.atomic():
        mine = Order.objects.select_for_update().filter(person=case.person_id, disease=case.disease)
        if unless_older and case.counted_on is not None:
            exposed_on = Coalesce("first_exposed_on", "anchor_on")
            mine = mine.alias(exposed_on=exposed_on).filter(exposed_on__lte=case.counted_on)
        # Evidence of a case is evidence of the illness itself, not of having been near one.
        open_orders = [
            order
            for order in mine.filter(state="signed", signed_at__lte=case.registered_at)
            if order.evidence.get("kind") not in ("case", "discharge")
        ]
        if open_orders:
            end_orders(open_orders, "became_case", by=by, now=now)
        _drop(list(mine.filter(state="proposed", evidence__kind="contact")), "already_case", now)
    return len(open_orders)


def end_for_imported(case_ids: Collection[int], *, by: Actor, now: datetime) -> int:
    """End what imported cases end, of those among them who are under an order or proposed for one; returns how many.

    A list may bring cases of long ago: those older than the exposure change nothing.
    """
    held = Order.objects.filter(person=OuterRef("person"), state__in=("signed", "proposed"))
    ended = 0
    for case in Case.objects.filter(Exists(held), pk__in=list(case_ids)).order_by("pk"):
        if case.outcome == "died":
            ended += end_for_death(case.person_id, by=by, now=now)
        elif case.classification not in ("suspected", "excluded"):
            ended += end_for_case(case, by=by, now=now, unless_older=True)
    return ended


def end_for_death(person_id: int, *, by: Actor, now: datetime) -> int:
    """End everything open of somebody who died; returns how many orders."""
    with transaction.atomic():
        mine = Order.objects.select_for_update().filter(person=person_id)
        open_orders = list(mine.filter(state="signed"))
        if open_orders:
            end_orders(open_orders, "died", by=by, now=now)
        _drop(list(mine.filter(state="proposed")), "person_died", now)
    return len(open_orders)


def settle_merged(merge_id: int, kept_id: int, gone_id: int, *, by: Actor, now: datetime) -> int:
    """After a merge, end what one person has twice; returns how many orders ended.

    Both were signed for this very person; the one that ends later goes on, as it would have without the other. Its row
    follows to the record that was kept. What was done is an event of the merge, by which it can be taken back.
    """
    with transaction.atomic():
        if not Person.objects.select_for_update(no_key=True).filter(pk=gone_id, merged_into=kept_id).exists():
            # Taken back before anybody came to settle it: they are two people, with an order each.
            return 0
        open_orders = list(
            Order.objects.select_for_update()
            .filter(person__in=(kept_id, gone_id), state="signed")
            .order_by("-ends_at", "pk")
        )
        for order in open_orders[1:]:
            end_orders([order], "merged", by=by, now=now)
        moved = [order.pk for order in open_orders[:1] if order.person_id == gone_id]
        Order.objects.filter(pk__in=moved).update(person=kept_id)
        ended = [order.pk for order in open_orders[1:]]
        _drop(list(Order.objects.filter(person=gone_id, state="proposed")), "duplicate", now)
        if moved or ended:
            record(
                MERGE_SETTLED,
                _merge(merge_id),
                by=by,
                at=now,
                area=open_orders[0].area,
                payload={"kept": kept_id, "gone": gone_id, "moved": moved, "ended": ended},
            )
    return len(ended)


def unsettle_merged(merge_id: int, *, by: Actor, now: datetime) -> Proposed:
    """After a merge was taken back, give the order back to whom it was signed for, and propose anew what had ended
    because of the merge. Doing it again changes nothing.

    Shape: as `propose_orders`, for the orders that had ended.
    """
    with transaction.atomic():
        settled = Event.objects.filter(subject=_merge(merge_id), kind=MERGE_SETTLED).order_by("number").last()
        if settled is None:
            return Proposed((), {})
        told = settled.payload
        back = Order.objects.select_for_update().filter(pk__in=told["moved"], person=told["kept"]).order_by("pk")
        returned = [order.pk for order in back]
        Order.objects.filter(pk__in=returned).update(person=told["gone"])
        if returned:
            payload = {"kept": told["kept"], "gone": told["gone"], "returned": returned}
            record("isolation.merge_unsettled", _merge(merge_id), by=by, at=now, area=settled.area, payload=payload)
        ended = Order.objects.filter(pk__in=told["ended"], end_cause="merged").order_by("pk")
        return propose_orders([_anew(order) for order in ended], by=by, now=now)


def _anew(order: Order) -> Proposal:
    return Proposal(
        order.person_id,
        order.disease,
        order.category,
        order.anchor_on,
        order.evidence,
        order.first_exposed_on,
        tuple(order.groups),
        order.cause,
    )


def _merge(merge_id: int) -> str:
    return f"people.merge:{merge_id}"


def _drop(proposals: list[Order], reason: str, now: datetime) -> None:
    meet_many(ISOLATE, [subject_of(order.pk) for order in proposals], at=now)
    Order.objects.filter(pk__in=[order.pk for order in proposals]).update(state="declined", decline_reason=reason)
