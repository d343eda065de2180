"""What the board says: which days it shows, what counts as community zero, what is missing, what has changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import TypeVar

from dayclear.cases.rules import community_zero_days

# The window a board opens with. Long enough for two incubation periods and a wave's rise, short enough to read by day.
WINDOW_DAYS = 60
# The facts that a unit is asked for, and the count that tells how often each is missing.
GAPS = {
    "sex": "without_sex",
    "age": "without_age",
    "onset": "without_onset",
    "sampling": "without_sampling",
    "order": "without_order_status",
    "home": "without_home",
}
# A share out of fewer cases than this says more about chance than about a unit's work.
FEW_CASES = 5


@dataclass(frozen=True, slots=True)
class Tally:
    """How many cases, and how many of them are what. Shape: the names of `cases.rules.TALLIED`."""

    cases: int = 0
    community: int = 0
    under_order: int = 0
    source_unknown: int = 0
    without_sex: int = 0
    without_age: int = 0
    without_onset: int = 0
    without_sampling: int = 0
    without_order_status: int = 0
    without_home: int = 0
    died: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(Tally)))


NOTHING = Tally()


def total(tallies: Iterable[Tally]) -> Tally:
    return sum(tallies, NOTHING)


@dataclass(frozen=True, slots=True)
class Period:
    """The days a board shows, both ends included. `by_default` says that nobody asked for them."""

    first: date
    last: date
    by_default: bool = False

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def before(self) -> Period:
        """The equally long period that ends on the day before."""
        return Period(self.first - timedelta(days=self.days), self.first - timedelta(days=1))

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.first <= day <= self.last


def period_for(
    asked_first: date | None, asked_last: date | None, *, known_first: date | None, known_last: date | None, today: date
) -> Period:
    """The days to show: what was asked for, and at an end left open the last 60 days, never beginning before the first
    case. When the last case lies longer ago than that, the last 60 days that have cases in them."""
    lately = known_last is None or known_last > today - timedelta(days=WINDOW_DAYS)
    last = asked_last or (today if lately or known_last is None else known_last)
    first = asked_first
    if first is None:
        first = last - timedelta(days=WINDOW_DAYS - 1)
        if known_first is not None and first < known_first <= last:
            first = known_first
    if last < first:
        # Both ends asked for, the wrong way round; or one end asked for beyond the default of the other.
        first, last = (last, first) if asked_last else (first, first)
    return Period(first, last, by_default=asked_first is None and asked_last is None)


@dataclass(frozen=True, slots=True)
class ZeroDays:
    """Days in a row without a case found in the community, up to and with `as_of`.

    `certain` counts until the first case of unknown order status; `possible` counts as if they had all been under an
    order. `open_day` is the day still running, which counts only against, never for; None when all days are over.
    """

    certain: int
    possible: int
    as_of: date
    open_day: date | None = None


def zero_days(counts: Mapping[date, tuple[int, int]], *, first: date, last: date, today: date) -> ZeroDays:
    """Community zero at the end of a period, never counting a day that is not over.

    Shape: `counts` maps a day to (found in the community, order status unknown); `first` is the day of the first case.
    A community case on the running day ends the row at once; its absence adds nothing until midnight.
    Source: glossary, 社会面清零; policy reference B (`community_zero`), fixtures F6 and F7.
    """
    if last < today:
        certain, possible = community_zero_days(dict(counts), first=first, as_of=last)
        return ZeroDays(certain, possible, last)
    community, unknown = counts.get(today, (0, 0))
    if community:
        return ZeroDays(0, 0, today)
    certain, possible = community_zero_days(dict(counts), first=first, as_of=today - timedelta(days=1))
    return ZeroDays(0 if unknown else certain, possible, today - timedelta(days=1), open_day=today)


@dataclass(frozen=True, slots=True)
class Change:
    """What became of a number since the period before. `ratio` is None when there was nothing to compare with."""

    difference: int
    ratio: float | None


def change(now: int, before: int | None) -> Change | None:
    """None where the period before was not observed."""
    if before is None:
        return None
    return Change(now - before, (now - before) / before if before else None)


@dataclass(frozen=True, slots=True)
class Gap:
    """One fact that is missing: of `cases`, `missing` have it not."""

    fact: str
    missing: int
    cases: int

    @property
    def share(self) -> float:
        return self.missing / self.cases if self.cases else 0.0

    @property
    def step(self) -> int:
        """How much of it is missing, in five steps for shading: 0 none, 1 under 5 %, 2 under 20 %, 3 under 50 %, 4."""
        if not self.missing:
            return 0
        return 1 + sum(self.share >= bound for bound in (0.05, 0.2, 0.5))


def gaps_of(tally: Tally) -> tuple[Gap, ...]:
    """What is missing, in the order of `GAPS`."""
    return tuple(Gap(fact, getattr(tally, name), tally.cases) for fact, name in GAPS.items())


def missing_share(tally: Tally) -> float:
    """The share of all the facts asked for that is missing."""
    asked = tally.cases * len(GAPS)
    return sum(gap.missing for gap in gaps_of(tally)) / asked if asked else 0.0


Unit = TypeVar("Unit")


def worst_first(units: Iterable[tuple[Unit, Tally]]) -> list[tuple[Unit, Tally]]:
    """Units by the share that is missing, the largest first; those with a handful of cases after all others."""
    return sorted(units, key=lambda unit: (unit[1].cases < FEW_CASES, -missing_share(unit[1]), -unit[1].cases))


def whole_days(period: Period, tallies: Mapping[date, Tally]) -> list[tuple[date, Tally]]:
    """One entry for every day of a period, days without a case included."""
    return [
        (day, tallies.get(day, NOTHING))
        for day in (period.first + timedelta(days=offset) for offset in range(period.days))
    ]
