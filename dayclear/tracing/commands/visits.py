"""Recording where a case had been, within its infectious window and no further."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from dayclear.foundation.actors import Actor
from dayclear.foundation.clock import local_day
from dayclear.foundation.database import copy_rows
from dayclear.foundation.retention import RetentionClass, retain_until
from dayclear.foundation.rules import Right
from dayclear.tracing.rules import is_inside

_COLUMNS = (
    "area",
    "case_id",
    "place",
    "description",
    "transport",
    "from_on",
    "to_on",
    "window_from",
    "window_to",
    "retain_until",
    "digest",
)


@dataclass(frozen=True, slots=True)
class Stay:
    """One place visited by a case. `window` is the case's infectious window (`tracing.rules.infectious_window`)."""

    case_id: int
    area: int
    description: str
    transport: str
    from_on: date | None
    to_on: date | None
    window: tuple[date | None, date | None]
    place: int | None = None


def record_visits(stays: Iterable[Stay], *, by: Actor, now: datetime) -> int:
    """Record the stays that touch the infectious window; the others are dropped, not stored. Returns how many are new.

    Source: policy reference R15.
    """
    by.require(Right.WRITE_CASES)
    until = retain_until(RetentionClass.PLACE_VISITED, local_day(now))
    rows = list(_rows(stays, until))
    return copy_rows("tracing_visit", _COLUMNS, rows, conflict="ON CONFLICT DO NOTHING") if rows else 0


def _rows(stays: Iterable[Stay], until: date) -> Iterator[tuple[Any, ...]]:
    for stay in stays:
        first, last = stay.from_on, stay.to_on
        if not is_inside(first, last, stay.window):
            continue
        if first and last and last < first:
            first, last = last, first
        said = f"{stay.description}\0{stay.transport}\0{first}\0{last}"
        digest = hashlib.blake2b(said.encode(), digest_size=16).digest()
        yield (
            stay.area,
            stay.case_id,
            stay.place,
            stay.description[:400],
            stay.transport[:120],
            first,
            last,
            *stay.window,
            until,
            digest,
        )
