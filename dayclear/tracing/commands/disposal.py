"""Destroying what tracing keeps of people when its time is over."""

from __future__ import annotations

from datetime import datetime

from dayclear.foundation.actors import Actor
from dayclear.foundation.retention import dispose
from dayclear.tracing.models import Contact, Visit


def dispose_contacts(*, by: Actor, now: datetime) -> int:
    """Destroy the contacts whose time is over; returns how many. Raises: Refused (`whole_installation_only`)."""
    return dispose(Contact.objects.all(), "tracing.contacts_disposed", by=by, now=now)


def dispose_visits(*, by: Actor, now: datetime) -> int:
    """Destroy the places visited whose time is over; returns how many. Raises: Refused (`whole_installation_only`)."""
    return dispose(Visit.objects.all(), "tracing.visits_disposed", by=by, now=now)
