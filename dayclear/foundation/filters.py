"""What an address of a list asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from django.db.models import Model, QuerySet

from dayclear.foundation.actors import Actor
from dayclear.foundation.areas import DIGITS, area_of
from dayclear.foundation.decisions import Refused, refuse

Row = TypeVar("Row", bound=Model)


def whole_number(text: str) -> int | None:
    """A number as addresses and forms carry it: plain digits, no more than a row or a place has; None for all else."""
    bare = text.strip()
    return int(bare) if bare.isascii() and bare.isdecimal() and len(bare) <= DIGITS else None


def place_of(address: Mapping[str, str], actor: Actor) -> int:
    """The place a list is narrowed to; 0: all of the actor's. Raises: Refused (`bad_filter`, `not_found`)."""
    text = address.get("place", "").strip()
    if not text or text == "0":
        return 0
    number = whole_number(text)
    if number is None:
        raise Refused(refuse("bad_filter", name="place", value=text[:40]))
    if number not in actor.area:
        raise Refused(refuse("not_found"))
    return number


def within(rows: QuerySet[Row], place: int) -> QuerySet[Row]:
    """The rows inside a place; all of them for 0."""
    if not place:
        return rows
    inside = area_of(place)
    return rows.filter(area__range=(inside.lo, inside.hi))


def chosen(address: Mapping[str, str], name: str, known: Mapping[str, Any], default: str = "") -> str:
    """A choice of a list. Raises: Refused (`bad_filter`)."""
    value = address.get(name, default).strip() or default
    if value and value not in known:
        raise Refused(refuse("bad_filter", name=name, value=value[:40]))
    return value
