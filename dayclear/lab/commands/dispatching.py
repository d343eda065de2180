"""The hour's dispatch: the boxes that stand ready, the laboratories with free wells, the exact optimum between them.

It decides and tells. Accepted (accepting.py), it is filled in on the boxes; their senders still sign each over.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import numpy as np
from django.conf import settings
from django.db import transaction
from django.db.models import Min, Sum

from dayclear.foundation.actors import Actor, system
from dayclear.foundation.areas import ancestor, area_of
from dayclear.foundation.events import record
from dayclear.foundation.rules import Right, Role
from dayclear.lab.commands.boxes import address_of
from dayclear.lab.models import Dispatch, DispatchedBox, Laboratory
from dayclear.lab.queries import AtWork, at_work, laboratories_of
from dayclear.lab.rules.dispatch import Ready, Room, dispatch, whole_boxes
from dayclear.sampling.models import Box, BoxedTube, Point, Tube
from dayclear.sampling.rules.boxes import UNDER_WAY
from dayclear.sampling.rules.siting import distances_m

_PROVINCE = 1
Position = tuple[float, float]


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A box that stands ready at a point."""

    id: UUID
    area: int
    tubes: int
    oldest_at: datetime
    point: int
    position: Position | None


def make_dispatch(*, by: Actor, now: datetime) -> int | None:
    """Work out where the boxes of the actor's places go; None, when none stands ready."""
    by.require(Right.MANAGE_LABS)
    with transaction.atomic():
        boxes = _waiting(by)
        if not boxes:
            return None
        laboratories = list(laboratories_of(by).order_by("pk"))
        goes, tube_minutes = _divide(boxes, laboratories, by, now)
        row = Dispatch.objects.create(
            area=by.area.lo,
            made_at=now,
            made_label=by.label,
            boxes=len(boxes),
            tubes=sum(box.tubes for box in boxes),
            placed=sum(box.tubes for box in boxes if isinstance(goes[box.id], int)),
            tube_minutes=tube_minutes,
        )
        DispatchedBox.objects.bulk_create(_line(row, box, goes[box.id]) for box in boxes)
        payload = {"boxes": row.boxes, "tubes": row.tubes, "placed": row.placed, "shortage": row.tubes - row.placed}
        record("lab.boxes_dispatched", dispatch_subject(row.pk), by=by, at=now, area=row.area, payload=payload)
    return row.pk


def dispatch_subject(dispatch_id: int) -> str:
    return f"lab.dispatch:{dispatch_id}"


def provinces_with_laboratories() -> list[Actor]:
    """The installation itself, once for each province that has a laboratory: boxes stay in their province."""
    numbers = {
        ancestor(area, _PROVINCE) for area in Laboratory.objects.filter(ended_at=None).values_list("area", flat=True)
    }
    label = system("dispatch").label
    return [Actor(None, label, Role.ADMINISTRATOR, area_of(number)) for number in sorted(numbers)]


def _waiting(by: Actor) -> list[_Waiting]:
    """The boxes ready in the actor's places, with the point their oldest tube comes from."""
    inside = {"area__range": (by.area.lo, by.area.hi)}
    boxes = list(Box.objects.filter(state="ready", tubes__gt=0, **inside).order_by("closed_at", "id"))
    first = dict(
        BoxedTube.objects.filter(box__in=[box.pk for box in boxes]).values_list("box").annotate(Min("tube")).order_by()
    )
    points = dict(Tube.objects.filter(number__in=first.values(), **inside).values_list("number", "point_id"))
    placed = {
        pk: (latitude, longitude)
        for pk, latitude, longitude in Point.objects.filter(pk__in=set(points.values()), **inside).values_list(
            "pk", "latitude", "longitude"
        )
        if latitude is not None and longitude is not None
    }
    found = []
    for box in boxes:
        point = points.get(first.get(box.pk, 0), 0)
        oldest = box.oldest_at or box.closed_at
        found.append(_Waiting(box.pk, box.area, box.tubes, oldest, point, placed.get(point)))
    return found


def _divide(
    boxes: Sequence[_Waiting], laboratories: Sequence[Laboratory], by: Actor, now: datetime
) -> tuple[dict[UUID, int | str], int]:
    """Shape: box → laboratory, or why none."""
    goes: dict[UUID, int | str] = {box.id: "no_position" for box in boxes if box.position is None}
    placed = [box for box in boxes if box.position is not None]
    labs = [each for each in laboratories if each.latitude is not None]
    if not placed or not labs:
        return goes | {box.id: "too_far" for box in placed}, 0
    groups = _groups(placed, now)
    answer = dispatch(
        [Ready(sum(box.tubes for box in group), now - min(box.oldest_at for box in group)) for group in groups],
        _rooms(labs, at_work(by, labs, now=now)),
        _travel([group[0] for group in groups], labs),
        timedelta(hours=settings.DAYCLEAR_SAMPLING["room_temperature"]),
    )
    why = {shortage.ready: shortage.why for shortage in answer.shortages}
    for index, group in enumerate(groups):
        shares = [shipment for shipment in answer.shipments if shipment.ready == index]
        for box, lab in zip(group, whole_boxes([box.tubes for box in group], shares), strict=True):
            goes[box.id] = why.get(index, "no_wells") if lab is None else labs[lab].pk
    return goes, answer.tube_minutes


def _groups(boxes: Iterable[_Waiting], now: datetime) -> list[list[_Waiting]]:
    """The boxes of one point and one hour of age: each with the age of its oldest."""
    found: dict[tuple[int, int], list[_Waiting]] = defaultdict(list)
    for box in boxes:
        found[box.point, (now - box.oldest_at) // timedelta(hours=1)].append(box)
    return [found[key] for key in sorted(found)]


def _rooms(labs: Sequence[Laboratory], stands: Mapping[int, AtWork]) -> list[Room]:
    """What each laboratory can take: its free wells, less what is on its way there."""
    addresses = {address_of(each.pk): each.pk for each in labs}
    promised = {
        addresses[destination]: tubes
        for destination, tubes in Box.objects.filter(destination__in=addresses, state__in=UNDER_WAY)
        .values_list("destination")
        .annotate(Sum("tubes"))
        .order_by()
    }
    rooms = []
    for each in labs:
        stand = stands[each.pk]
        backlog = stand.waiting + stand.on_plates + promised.get(each.pk, 0)
        wait = timedelta(days=backlog / stand.per_day) if stand.per_day else timedelta()
        rooms.append(Room(stand.free - promised.get(each.pk, 0), wait))
    return rooms


def _travel(boxes: Sequence[_Waiting], labs: Sequence[Laboratory]) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Minutes from each point to each laboratory, by the straight way at the speed of a setting."""
    metres_a_minute = settings.DAYCLEAR_LAB["van_kmh"] * 1000 / 60
    here = np.array([box.position for box in boxes], dtype=np.float64)
    there = np.array([(each.latitude, each.longitude) for each in labs], dtype=np.float64)
    return distances_m(here, there) / metres_a_minute


def _line(row: Dispatch, box: _Waiting, goes: int | str) -> DispatchedBox:
    laboratory, why = (goes, "") if isinstance(goes, int) else (None, goes)
    return DispatchedBox(area=box.area, dispatch=row, box=box.id, tubes=box.tubes, laboratory_id=laboratory, why=why)
