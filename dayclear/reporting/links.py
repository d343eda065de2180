"""Where the board leads: to itself, asked otherwise, and to the filtered lists behind its figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode

from dayclear.reporting.queries import Asked, Board


@dataclass(frozen=True, slots=True)
class Choice:
    """One entry of a switch."""

    label: Any
    href: str
    current: bool = False


def board_address(
    asked: Asked, *, sort: str = "", view: str = "reporting:board", kwargs: dict[str, str] | None = None
) -> str:
    """The board (or one of its charts) as asked for. What is left to the default stays out of the address."""
    said = {
        "disease": asked.disease,
        "place": asked.place or None,
        "from": asked.first,
        "to": asked.last,
        "level": asked.level,
        "sort": sort or None,
    }
    return _address(reverse(view, kwargs=kwargs), said)


def cases_behind(
    board: Board, *, place: int | None = None, first: date | None = None, last: date | None = None, **narrowing: str
) -> str:
    """The list of the cases behind a figure: of the board's disease, place and period unless said otherwise."""
    said: dict[str, object] = {"disease": board.disease, "place": (board.place if place is None else place) or None}
    if narrowing.get("missing") != "day":
        said |= {"from": first or board.period.first, "to": last or board.period.last}
    return _address(reverse("cases:list"), said | narrowing)


def chains_behind(board: Board) -> str:
    said = {
        "disease": board.disease,
        "place": board.place or None,
        "from": board.period.first,
        "to": board.period.last,
    }
    return _address(reverse("tracing:chains"), said)


def _address(path: str, said: Mapping[str, object]) -> str:
    text = urlencode({name: str(value) for name, value in said.items() if value is not None})
    return f"{path}?{text}" if text else path
