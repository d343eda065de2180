"""Counting what somebody tries, in the database: the count holds over every process and restart.

A key names what is tried and by whom. No number of other keys shortens the memory of one: an attempt is forgotten by
its age alone.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from dayclear.foundation.database import hold_key
from dayclear.foundation.models import Attempt

# No count looks further back.
KEPT_FOR = timedelta(hours=1)


def attempts_since(key: str, since: datetime) -> list[datetime]:
    """The instants of the attempts after `since`, in order; whoever asks next waits until this transaction ends."""
    hold_key(f"attempt:{key}")
    return list(Attempt.objects.filter(key=_digest(key), at__gt=since).order_by("at").values_list("at", flat=True))


def add_attempt(key: str, *, at: datetime) -> None:
    Attempt.objects.create(key=_digest(key), at=at)


def forget_attempts(key: str) -> None:
    Attempt.objects.filter(key=_digest(key)).delete()


def forget_old_attempts(*, now: datetime) -> int:
    """Remove what no count looks at any more; returns how many."""
    return Attempt.objects.filter(at__lt=now - KEPT_FOR).delete()[0]


def _digest(key: str) -> bytes:
    # Links and user names are not kept as they are.
    return hashlib.sha256(key.encode()).digest()
