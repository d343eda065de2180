"""Destroying complaints when their time is over."""

from __future__ import annotations

from datetime import datetime

from dayclear.foundation.actors import Actor
from dayclear.foundation.retention import dispose
from dayclear.supervision.models import Complaint


def dispose_complaints(*, by: Actor, now: datetime) -> int:
    """Destroy the complaints whose time is over and whose finding is closed; returns how many.

    Raises: Refused (`whole_installation_only`).
    """
    settled = Complaint.objects.filter(finding__state="closed")
    return dispose(settled, "supervision.complaints_disposed", by=by, now=now)
