"""The figures of the board through the API."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Schema

from dayclear.foundation import clock
from dayclear.foundation.api import PlaceNumber, Text, actor_of
from dayclear.reporting.queries import Asked, read_board

router = Router(tags=["board"])


class DayOut(Schema):
    """The counts of one day."""

    day: date
    counts: dict[str, int]


class PartOut(Schema):
    """The counts of a place under the one asked for. `known_only`: the cases known no finer than to this place."""

    place: PlaceNumber
    name: str
    known_only: bool
    counts: dict[str, int]


class ZeroOut(Schema):
    """Days in a row without a community case; `possible`: if every case of unknown status had been under an order."""

    certain: int
    possible: int


class BoardOut(Schema):
    """The board of a place. Figures are null where there is no case at all."""

    place: PlaceNumber
    disease: str
    diseases: list[str]
    first: date
    last: date
    counts: dict[str, int]
    undated: int
    community_zero: ZeroOut | None
    days: list[DayOut]
    parts: list[PartOut]
    chains: int


@router.get("", response=BoardOut | None, operation_id="get_board")
def get_board(
    request: HttpRequest,
    place: Annotated[PlaceNumber | None, Query()] = None,
    disease: Annotated[Text | None, Query(max_length=32)] = None,
    first: Annotated[date | None, Query(alias="from")] = None,
    last: Annotated[date | None, Query(alias="to")] = None,
) -> dict[str, Any] | None:
    """The figures of the command board, with the span it would open with unless you name one."""
    number = int(place) if place else None
    asked = Asked(place=number, disease=disease, first=first, last=last)
    board = read_board(actor_of(request), asked, today=clock.local_day(clock.now()))
    if board is None:
        return None
    zero = board.zero
    return {
        "place": board.place,
        "disease": board.disease,
        "diseases": [known.code for known in board.diseases],
        "first": board.period.first,
        "last": board.period.last,
        "counts": asdict(board.total),
        "undated": board.undated,
        "community_zero": {"certain": zero.certain, "possible": zero.possible} if zero else None,
        "days": [{"day": day, "counts": asdict(tally)} for day, tally in sorted(board.days.items())],
        "parts": [
            {"place": part.number, "name": part.name, "known_only": part.known_only, "counts": asdict(part.tally)}
            for part in board.parts
        ],
        "chains": board.chain_count,
    }
