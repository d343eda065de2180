"""The open tubes hour by hour, against their clock (mission S05)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Life:
    """A chain from its alarm to its end, None while it is open."""

    alarm_at: datetime
    due_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Open:
    """How many chains were open at an instant: within their limit, and past it."""

    at: datetime
    in_time: int
    late: int


def burn_down(lives: Iterable[Life], instants: Sequence[datetime]) -> list[Open]:
    """What was open at each of the instants, in their order."""
    known = list(lives)
    told = []
    for at in instants:
        late = [life.due_at <= at for life in known if life.alarm_at <= at and not _is_over(life, at)]
        told.append(Open(at, in_time=late.count(False), late=late.count(True)))
    return told


def _is_over(life: Life, at: datetime) -> bool:
    return life.closed_at is not None and life.closed_at <= at
