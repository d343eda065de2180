"""Numbers that no text gives and each installation settles (policy reference: [D])."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings


def hours(name: str) -> timedelta:
    """`answer_due` or `recheck_due`."""
    return timedelta(hours=settings.DAYCLEAR_SUPERVISION[name])
