"""Destroying orders, with all that hangs on them, when their time is over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from dayclear.foundation.actors import Actor
from dayclear.foundation.deadlines import meet_many
from dayclear.foundation.retention import dispose
from dayclear.isolation.commands.appeals import APPEAL
from dayclear.isolation.commands.care import SUPPORT
from dayclear.isolation.commands.rows import ISOLATE, RELEASE, subject_of
from dayclear.isolation.models import Appeal, Need, Order


def dispose_orders(*, by: Actor, now: datetime) -> int:
    """Destroy the orders whose time is over; returns how many. One in force is never destroyed.

    Raises: Refused (`whole_installation_only`).
    """

    def let_go(ids: Sequence[int]) -> None:
        # What renewed them goes on without them; what was still owed under them is owed no more.
        Order.objects.filter(renews__in=ids).update(renews=None)
        for kind in (ISOLATE, RELEASE):
            meet_many(kind, [subject_of(each) for each in ids], at=now)
        appeals = Appeal.objects.filter(order__in=ids).values_list("pk", flat=True)
        meet_many(APPEAL, [f"isolation.appeal:{each}" for each in appeals], at=now)
        needs = Need.objects.filter(order__in=ids).values_list("pk", flat=True)
        meet_many(SUPPORT, [f"isolation.need:{each}" for each in needs], at=now)

    over = Order.objects.exclude(state="signed")
    return dispose(over, "isolation.orders_disposed", by=by, now=now, let_go=let_go)
