"""How long a record of each class is kept, and destroying it when its time is over.

Every record has its end from the start. Contacts, places visited, orders, complaints and uploads are destroyed by night
when theirs is over. Persons and cases bear theirs and are not yet destroyed by themselves: counts and chains of
transmission stand on their rows.

The lengths are this installation's choice, not a rule of any pack: no national figure was found (policy reference,
section F); laws ask for the shortest that is necessary (PIPL Art. 19, Emergency Response Law Art. 85).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from dayclear.foundation.actors import Actor
from dayclear.foundation.clock import local_day
from dayclear.foundation.events import record
from dayclear.foundation.scope import acting

_AT_ONCE = 500


class RetentionClass(StrEnum):
    """Why a record is kept; settles for how long."""

    CASE = "case"
    CONTACT = "contact"
    PLACE_VISITED = "place_visited"
    UPLOAD = "upload"
    COMPLAINT = "complaint"
    RESULT = "result"
    SWAB = "swab"


def retain_until(kind: RetentionClass, day: date) -> date:
    """The last day on which a record of this class, begun on `day`, may be kept."""
    return day + timedelta(days=settings.DAYCLEAR_RETENTION_DAYS[kind.value])


def dispose(
    rows: QuerySet[Any],
    kind: str,
    *,
    by: Actor,
    now: datetime,
    let_go: Callable[[Sequence[int]], None] | None = None,
) -> int:
    """Destroy the rows whose `retain_until` has passed, batch by batch, each with one event; returns how many.

    `let_go` is called with the ids of a batch before it is destroyed, for what refers to it. What somebody is at work
    on waits for the next night. The event says how many and up to which day, never whom.
    Raises: Refused (`whole_installation_only`).
    """
    by.require_everywhere()
    today, total = local_day(now), 0
    while True:
        with acting(by):
            over = rows.filter(retain_until__lt=today).select_for_update(of=("self",), skip_locked=True).order_by("pk")
            batch = list(over.values_list("pk", flat=True)[:_AT_ONCE])
            if not batch:
                return total
            if let_go is not None:
                let_go(batch)
            rows.model._default_manager.filter(pk__in=batch).delete()
            payload = {"count": len(batch), "kept_until_before": today.isoformat()}
            record(kind, f"{kind}:{today.isoformat()}", by=by, at=now, area=0, payload=payload)
            total += len(batch)
