"""Orders that end because of what happened to the person."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from dayclear.cases.models import Case
from dayclear.foundation.actors import Actor
from dayclear.isolation.commands.rows import end_orders, settle_proposal
from dayclear.isolation.models import Order


def end_for_case(case: Case, *, by: Actor, now: datetime) -> int:
    """End a contact's order, and drop the proposals, of somebody who has the disease now; returns how many orders.

    An order that was signed after the case became known (monitoring after discharge) is not touched.
    """
    with transaction.atomic():
        mine = Order.objects.select_for_update().filter(person=case.person_id, disease=case.disease)
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


def end_for_death(person_id: int, *, by: Actor, now: datetime) -> int:
    """End everything open of somebody who died; returns how many orders."""
    with transaction.atomic():
        mine = Order.objects.select_for_update().filter(person=person_id)
        open_orders = list(mine.filter(state="signed"))
        if open_orders:
            end_orders(open_orders, "died", by=by, now=now)
        _drop(list(mine.filter(state="proposed")), "person_died", now)
    return len(open_orders)


def settle_merged(kept_id: int, gone_id: int, *, by: Actor, now: datetime) -> int:
    """After a merge, end what one person has twice; returns how many orders ended.

    Both were signed for this very person; the one that ends later goes on, as it would have without the other. Its row
    follows to the record that was kept.
    """
    with transaction.atomic():
        open_orders = list(
            Order.objects.select_for_update()
            .filter(person__in=(kept_id, gone_id), state="signed")
            .order_by("-ends_at", "pk")
        )
        for order in open_orders[1:]:
            end_orders([order], "merged", by=by, now=now)
        if open_orders and open_orders[0].person_id == gone_id:
            Order.objects.filter(pk=open_orders[0].pk).update(person=kept_id)
        _drop(list(Order.objects.filter(person=gone_id, state="proposed")), "duplicate", now)
    return max(len(open_orders) - 1, 0)


def _drop(proposals: list[Order], reason: str, now: datetime) -> None:
    for order in proposals:
        settle_proposal(order, now)
    Order.objects.filter(pk__in=[order.pk for order in proposals]).update(state="declined", decline_reason=reason)
