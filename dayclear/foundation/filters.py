"""What an address of a list asks for."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TypeVar

from django.db.models import Model, QuerySet

from dayclear.foundation.actors import Actor
from dayclear.foundation.areas import area_of
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.sent import number_or_none

Row = TypeVar("Row", bound=Model)


def place_of(address: Mapping[str, str], actor: Actor) -> int:
    """The place a list is narrowed to; 0: all of the actor's. Raises: Refused (`bad_filter`, `not_found`)."""
    place = number_or_none(address, "place") or 0
    if place and place not in actor.area:
        raise Refused(refuse("not_found"))
    return place


def within(rows: QuerySet[Row], place: int) -> QuerySet[Row]:
    """The rows inside a place; all of them for 0."""
    if not place:
        return rows
    inside = area_of(place)
    return rows.filter(area__range=(inside.lo, inside.hi))


def existing(rows: QuerySet[Row]) -> Row:
    """The one row that is asked for. Raises: Refused (`not_found`)."""
    row = rows.first()
    if row is None:
        raise Refused(refuse("not_found"))
    return row


def chosen(address: Mapping[str, str], name: str, known: Collection[str], default: str = "") -> str:
    """A choice of a list. Raises: Refused (`bad_filter`)."""
    value = address.get(name, default).strip() or default
    if value and value not in known:
        raise Refused(refuse("bad_filter", name=name, value=value[:40]))
    return value
