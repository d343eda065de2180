"""Numbers that no text gives and each installation settles (policy reference: [D])."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings

from dayclear.isolation.rules.signing import LEVEL_OF


def order_authority() -> int:
    """The deepest level of place whose officers may sign orders; a pack that names one would go before it."""
    return LEVEL_OF[settings.DAYCLEAR_ORDER_AUTHORITY]


def bulk_most() -> int:
    """Units: people on one list without an exposure of their own."""
    return settings.DAYCLEAR_ISOLATION["bulk_most"]


def hours(name: str) -> timedelta:
    """`result_due`, `appeal_due`, `support_due`, `emergency_record_due`, `order_due` or `check_due`."""
    return timedelta(hours=settings.DAYCLEAR_ISOLATION[name])
