"""How long an exposure can still matter: the longest that the packs in force hold anybody of a category for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from dayclear.foundation.areas import EVERYWHERE
from dayclear.isolation.rules.conversion import stretches_of
from dayclear.policy.calendar import index, policy_on_or_none
from dayclear.policy.tree import area_range


@dataclass(frozen=True, slots=True)
class Window:
    """Units: `days` from the last exposure to the last day of an order, in the places from `lo` to `hi`."""

    category: str
    lo: int
    hi: int
    days: int


@lru_cache(maxsize=8)
def windows_on(day: date) -> tuple[Window, ...]:
    """The windows of every category that has an order on a day: everywhere, and where a local pack answers."""
    longest: dict[tuple[str, int, int], int] = {}
    for disease, lo, hi in sorted({(entry.head.disease, *_span(entry.head.area)) for entry in index()}):
        policy = policy_on_or_none(day, lo, disease)
        if policy is None:
            continue
        for stretch in stretches_of(policy.rules):
            key = stretch.category, lo, hi
            longest[key] = max(longest.get(key, 0), stretch.ends)
    return tuple(Window(*key, days) for key, days in longest.items())


def _span(prefix: str | None) -> tuple[int, int]:
    return (EVERYWHERE.lo, EVERYWHERE.hi) if prefix is None else area_range(prefix)
