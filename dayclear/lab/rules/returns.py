"""The return that every laboratory owes every few hours: which period, and what does not agree.

"Every two hours a report" was found in no source (testing reference §1.3): the length is a setting.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Figures:
    """Tubes of one laboratory in one period."""

    received: int = 0
    plated: int = 0
    reported: int = 0


def last_period(now: datetime, length: timedelta, midnight: datetime) -> tuple[datetime, datetime]:
    """The period that ended last, counted from the local midnight of its day. Shape: (start, end)."""
    start = midnight if midnight <= now else midnight - timedelta(days=1)
    ended = start + (now - start) // length * length
    return ended - length, ended


def differing(stated: Figures, counted: Figures) -> tuple[str, ...]:
    """The figures on which a laboratory and the record of its tubes do not agree."""
    return tuple(each.name for each in fields(Figures) if getattr(stated, each.name) != getattr(counted, each.name))
