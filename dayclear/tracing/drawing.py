"""Where each case of a chain stands in its drawing: time runs to the right, every line of descent has its own row.

Pure: no framework, no clock, no I/O.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from dayclear.tracing.rules import IntervalLimits, Link, interval_flaw


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a case stands: its day (None: no day known) and its row from the top.

    `parent` is the source under which it stands; other sources of the same case are drawn as further lines.
    """

    case: int
    day: date | None
    row: int
    parent: int | None


@dataclass(frozen=True, slots=True)
class Line:
    """A link to be drawn. `flaw` is a code of `interval_flaw`, or `cycle`; None where nothing speaks against it.
    `is_branch` is false for the second and later sources of a case."""

    source: int
    case: int
    flaw: str | None
    is_branch: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chain laid out. Shape: `standings` by row, then day; `rows` is how many rows it takes."""

    standings: tuple[Standing, ...]
    lines: tuple[Line, ...]
    rows: int


def lay_out(
    days: Mapping[int, date | None],
    links: Iterable[Link],
    limits: IntervalLimits,
    in_cycle: frozenset[int] = frozenset(),
) -> Drawing:
    """Lay out a chain.

    Shape: `days` holds every member. A case stands under its earliest source; the first of its own cases continues its
    row, each further one begins a new row below. So no two lines of descent cross, and a chain takes as many rows as it
    has ends. The same members always give the same drawing.
    """
    seen = (link for link in links if link.source in days and link.case in days)
    within = sorted(seen, key=lambda link: (link.case, link.source))
    parents = _parents(days, within)
    below: dict[int, list[int]] = defaultdict(list)
    for case, source in parents.items():
        below[source].append(case)
    order = _by_day(days)
    rows: dict[int, int] = {}
    used = 0
    for root in sorted((case for case in days if case not in parents), key=order):
        used = _descend(root, below, order, rows, used)
    standings = [Standing(case, days[case], rows[case], parents.get(case)) for case in days]
    return Drawing(
        standings=tuple(sorted(standings, key=lambda s: (s.row, order(s.case)))),
        lines=tuple(
            Line(
                link.source,
                link.case,
                _flaw(link, days, limits, in_cycle),
                parents.get(link.case) == link.source,
            )
            for link in within
        ),
        rows=used,
    )


def _flaw(link: Link, days: Mapping[int, date | None], limits: IntervalLimits, in_cycle: frozenset[int]) -> str | None:
    if link.source in in_cycle and link.case in in_cycle:
        return "cycle"
    return interval_flaw(days[link.source], days[link.case], limits)


_Order = Callable[[int], tuple[date, int]]


def _by_day(days: Mapping[int, date | None]) -> _Order:
    """Sorts cases by day, those without a day last, then by id."""
    return lambda case: (days[case] or date.max, case)


def _parents(days: Mapping[int, date | None], links: Sequence[Link]) -> dict[int, int]:
    """The source under which each case stands; every step leads upwards to a case without one, also out of a cycle."""
    order = _by_day(days)
    sources: dict[int, list[int]] = defaultdict(list)
    for link in links:
        if link.source != link.case:
            sources[link.case].append(link.source)
    parents: dict[int, int] = {}
    for case in sorted(sources, key=order):
        for source in sorted(sources[case], key=order):
            if not _leads_to(source, case, parents):
                parents[case] = source
                break
    return parents


def _leads_to(start: int, goal: int, parents: Mapping[int, int]) -> bool:
    step: int | None = start
    while step is not None:
        if step == goal:
            return True
        step = parents.get(step)
    return False


def _descend(root: int, below: Mapping[int, list[int]], order: _Order, rows: dict[int, int], used: int) -> int:
    """Give rows to a case and all below it, beginning with row `used`; returns the first row left free."""
    waiting = [root]
    while waiting:
        case = waiting.pop()
        if case not in rows:
            rows[case] = used
            used += 1
        cases = sorted(below.get(case, ()), key=order)
        if cases:
            # The first goes on in the row of its source; it is handled next, so that its own come before its siblings.
            rows[cases[0]] = rows[case]
            waiting.extend(reversed(cases))
    return used
