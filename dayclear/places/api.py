"""Places through the API."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Path, Query, Router, Schema

from dayclear.foundation.api import MOST_ROWS, PlaceNumber, Text, actor_of, filled
from dayclear.foundation.filters import existing
from dayclear.places.models import Place
from dayclear.places.queries import children_of, places_of, search_places

router = Router(tags=["places"])


class PlaceOut(Schema):
    """A place of the official hierarchy. `level` counts from the province (1) down."""

    number: PlaceNumber
    code: str
    name: str
    full_name: str
    pinyin: str
    level: int


def place_out(place: Place) -> dict[str, Any]:
    return filled(PlaceOut, place)


@router.get("", response=list[PlaceOut], operation_id="search_places")
def search(
    request: HttpRequest,
    q: Annotated[Text, Query(min_length=1, max_length=80, description="beginning of a name, pinyin, initials or code")],
    limit: Annotated[int, Query(ge=1, le=MOST_ROWS)] = 20,
) -> list[dict[str, Any]]:
    """Places of yours by the beginning of their name, pinyin or code."""
    return [place_out(place) for place in search_places(actor_of(request), q, limit=limit)]


@router.get("/{number}", response=PlaceOut, operation_id="get_place")
def get_place(request: HttpRequest, number: Annotated[PlaceNumber, Path()]) -> dict[str, Any]:
    """One place of yours."""
    return place_out(_place(request, number))


@router.get("/{number}/parts", response=list[PlaceOut], operation_id="list_parts_of_place")
def list_parts(request: HttpRequest, number: Annotated[PlaceNumber, Path()]) -> list[dict[str, Any]]:
    """The places right under one of yours."""
    return [place_out(place) for place in children_of(_place(request, number).number)[:2_000]]


def _place(request: HttpRequest, number: str) -> Place:
    return existing(places_of(actor_of(request)).filter(pk=int(number)))
