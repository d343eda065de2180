"""The tables of the board: its places, and what is missing by unit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from dayclear.foundation.areas import COMMUNITY, level_of
from dayclear.reporting.charts import found_counts, part_name
from dayclear.reporting.links import Choice, board_address, cases_behind
from dayclear.reporting.queries import Asked, Board, Part
from dayclear.reporting.rules import Gap, Tally, gaps_of, missing_share, worst_first
from dayclear.reporting.texts import (
    percent,
    place_title,
    signed,
)

PARTS_SHOWN = 30
UNITS_SHOWN = 12
# Columns of the table of places, and what each sorts by. Numbers sort from the largest, names from the first.
SORTS: dict[str, Callable[[Part], Any]] = {
    "place": lambda part: part.number,
    "cases": lambda part: -part.tally.cases,
    "community": lambda part: -part.tally.community,
    "order": lambda part: -part.tally.under_order,
    "source": lambda part: -part.tally.source_unknown,
    "change": lambda part: -(part.tally.cases - part.before),
    "died": lambda part: -part.tally.died,
}


@dataclass(frozen=True, slots=True)
class Bar:
    """One piece of a stacked bar. Units: per cent of the widest bar's length."""

    kind: str
    start: float
    width: float


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """A line of the table of places. Empty `board_href`: there is nothing finer to show."""

    name: str
    board_href: str
    known_only: bool
    tally: Tally
    bars: tuple[Bar, ...]
    cases_href: str
    community_href: str
    order_href: str
    source_href: str
    died_href: str
    change: str


@dataclass(frozen=True, slots=True)
class GapCell:
    """How much of one fact a unit lacks."""

    gap: Gap
    text: str
    href: str


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A line of the table of what is missing."""

    name: str
    cases: int
    overall: str
    cells: tuple[GapCell, ...]


class PlacesTable:
    """The board's places, a line each, sorted as asked."""

    def __init__(self, board: Board, asked: Asked, sort: str, *, all_parts: bool) -> None:
        self.board, self.asked, self.sort, self.all_parts = board, asked, sort, all_parts

    def columns(self) -> list[tuple[str, Choice]]:
        """The headings of the table of places. Shape: (key, link that sorts by it)."""
        labels = {
            "place": _("Place"),
            "cases": _("Cases"),
            "community": _("In the community"),
            "order": _("Under an order"),
            "source": _("Source unknown"),
            "change": _("Change"),
            "died": _("Deaths"),
        }
        if self.board.before is None:
            del labels["change"]
        current = self.sort or "cases"
        return [
            (key, Choice(label, board_address(self.asked, sort="" if key == "cases" else key), key == current))
            for key, label in labels.items()
        ]

    def rows(self) -> list[PlaceRow]:
        parts = sorted(
            (part for part in self.board.parts if part.tally.cases or part.before), key=SORTS[self.sort or "cases"]
        )
        widest = max((part.tally.cases for part in parts), default=0)
        shown = parts if self.all_parts else parts[:PARTS_SHOWN]
        return [self._row(part, widest) for part in shown]

    def more(self) -> int:
        """How many lines are left out."""
        lines = sum(1 for part in self.board.parts if part.tally.cases or part.before)
        return 0 if self.all_parts else max(0, lines - PARTS_SHOWN)

    def all(self) -> str:
        address = board_address(self.asked, sort=self.sort)
        return f"{address}{'&' if '?' in address else '?'}parts=all"

    def _row(self, part: Part, widest: int) -> PlaceRow:
        finer = not part.known_only and level_of(part.number) < COMMUNITY and part.number != self.board.place
        # A list cannot be narrowed to "here, but nowhere finer": its link leads to the whole of that place.
        board, here = self.board, part.number
        moved = "" if self.board.before is None else signed(part.tally.cases - part.before)
        return PlaceRow(
            name=part_name(part),
            board_href=board_address(replace(self.asked, place=part.number, level=None)) if finer else "",
            known_only=part.known_only,
            tally=part.tally,
            bars=_bars(part.tally, widest),
            cases_href=cases_behind(board, place=here),
            community_href=cases_behind(board, place=here, under_order="no"),
            order_href=cases_behind(board, place=here, under_order="yes"),
            source_href=cases_behind(board, place=here, source="unknown"),
            died_href=cases_behind(board, place=here, outcome="died"),
            change=moved,
        )


def unit_rows(board: Board) -> list[UnitRow]:
    """What is missing, by unit, the worst first; the whole place leads."""
    units = worst_first((part, part.tally) for part in board.parts if part.tally.cases)
    rows = [_unit_row(board, place_title(board), board.place, board.total)] if board.total.cases else []
    return rows + [_unit_row(board, part_name(part), part.number, tally) for part, tally in units[:UNITS_SHOWN]]


def _unit_row(board: Board, name: str, place: int, tally: Tally) -> UnitRow:
    return UnitRow(
        name,
        tally.cases,
        percent(missing_share(tally)),
        tuple(
            GapCell(gap, percent(gap.share), cases_behind(board, place=place, missing=gap.fact))
            for gap in gaps_of(tally)
        ),
    )


def _bars(tally: Tally, widest: int) -> tuple[Bar, ...]:
    bars, start = [], 0.0
    for kind, count in found_counts(tally).items():
        width = round(100 * count / widest, 2) if widest else 0.0
        if width:
            bars.append(Bar(kind, round(start, 2), width))
            start += width
    return tuple(bars)
