"""A box at the laboratory's door: looked into, compared with what is in it, signed for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from dayclear.foundation.actors import Actor
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.rules import Right
from dayclear.foundation.scope import beyond_scope
from dayclear.lab.commands.laboratories import lock_laboratory
from dayclear.lab.commands.reception import Reception, take_in
from dayclear.lab.models import Laboratory
from dayclear.sampling.commands.boxes import receive_box
from dayclear.sampling.models import Box, BoxedTube
from dayclear.sampling.rules.boxes import UNDER_WAY

_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Parcel:
    """A box addressed to a laboratory. Shape: `tubes` number → how it arrived; `counted` by a hand at closing."""

    id: UUID
    state: str
    counted: int
    tubes: Mapping[int, str]
    closed_at: datetime
    due_at: datetime | None


def address_of(laboratory_id: int) -> str:
    """How sampling addresses a box to a laboratory."""
    return f"lab:{laboratory_id}"


def laboratory_at(destination: str) -> int | None:
    """The laboratory that an address names; None, where it is somebody else's."""
    kind, _colon, number = destination.partition(":")
    return int(number) if kind == "lab" and number.isdecimal() else None


def expected_boxes(laboratory_id: int, *, by: Actor) -> list[Parcel]:
    """The boxes under way to a laboratory, the most urgent first: they are its own, wherever they come from.

    Raises: Refused (`not_found`).
    """
    by.require(Right.SEE_LABS)
    with transaction.atomic():
        laboratory = lock_laboratory(laboratory_id, by)
        with beyond_scope():
            rows = Box.objects.filter(destination=address_of(laboratory.pk), state__in=(*UNDER_WAY, "partly_received"))
            return [_parcel(row, {}) for row in rows.order_by("due_at", "closed_at")[:_SHOWN]]


def look_into_box(laboratory_id: int, box_id: UUID, *, by: Actor) -> Parcel:
    """What should be in a box that stands at the door. Raises: Refused (`not_found`, `box_for_another_lab`)."""
    by.require(Right.WORK_IN_LAB)
    with transaction.atomic():
        laboratory = lock_laboratory(laboratory_id, by)
        with beyond_scope():
            box = _addressed(laboratory, box_id)
            return _parcel(box, dict(BoxedTube.objects.filter(box=box).values_list("tube", "condition")))


def receive_box_here(
    laboratory_id: int, box_id: UUID, conditions: Mapping[int, str], *, counted: int, by: Actor, now: datetime
) -> Reception:
    """Sign for a box and take its tubes in; what is missing from it is not here.

    Shape: `conditions` by tube number; what is not named stays pending with the box.
    Raises: Refused (`not_found`, `box_for_another_lab`, and what sampling says against the reception).
    """
    by.require(Right.WORK_IN_LAB)
    with transaction.atomic():
        laboratory = lock_laboratory(laboratory_id, by)
        with beyond_scope():
            area = _addressed(laboratory, box_id).area
        receive_box(box_id, conditions, counted=counted, by=by, now=now, at=address_of(laboratory.pk))
        here = {tube: condition for tube, condition in conditions.items() if condition != "missing"}
        if not here:
            return Reception(0, 0, ())
        return take_in(laboratory, here, by=by, now=now, box=box_id, box_area=area)


def _addressed(laboratory: Laboratory, box_id: UUID) -> Box:
    box = Box.objects.filter(pk=box_id).first()
    if box is None or not box.destination:
        raise Refused(refuse("not_found"))
    if box.destination != address_of(laboratory.pk):
        raise Refused(refuse("box_for_another_lab", name=box.destination_name))
    return box


def _parcel(box: Box, tubes: Mapping[int, str]) -> Parcel:
    return Parcel(box.pk, box.state, box.counted, dict(sorted(tubes.items())), box.closed_at, box.due_at)
