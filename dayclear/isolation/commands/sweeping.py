"""The sweep: orders whose end has passed are noted as ended, with nobody's doing (R04)."""

from __future__ import annotations

from datetime import datetime

from dayclear.foundation.actors import system
from dayclear.isolation.commands.rows import end_orders
from dayclear.isolation.models import Order

_BATCH = 2000


def release_due(*, now: datetime) -> int:
    """End what is over; returns how many. Each person has been free since the end itself, however late this runs; the
    minutes in between are recorded, and the site and its supervisor are told."""
    due = list(
        Order.objects.select_for_update(skip_locked=True)
        .filter(state="signed", ends_at__lte=now)
        .order_by("ends_at")[:_BATCH]
    )
    if due:
        ends = {order.pk: order.ends_at for order in due if order.ends_at is not None}
        end_orders(due, "term", ended_at=ends, by=system("sweeper"), now=now)
    return len(due)
