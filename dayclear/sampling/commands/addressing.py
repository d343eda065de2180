"""Where boxes are to go, filled in for many at once before their senders sign."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from dayclear.foundation.actors import Actor
from dayclear.foundation.events import record
from dayclear.foundation.rules import Right


@dataclass(frozen=True, slots=True)
class Address:
    """A box and its receiver. `destination` is the receiver's own key (`lab:7`), `name` what people call it."""

    box: UUID
    destination: str
    name: str


# Whoever hands a box over meanwhile has decided: the statement waits for them, and leaves the box alone.
_FILL_IN = """
UPDATE sampling_box b SET destination = left(said.destination, 48), destination_name = left(said.name, 120)
FROM unnest(%(boxes)s::uuid[], %(destinations)s::text[], %(names)s::text[]) AS said(box, destination, name)
WHERE b.id = said.box AND b.state = 'ready' AND b.area BETWEEN %(lo)s AND %(hi)s
RETURNING b.id
"""
_EMPTY = """
UPDATE sampling_box b SET destination = '', destination_name = ''
FROM unnest(%(boxes)s::uuid[], %(destinations)s::text[], %(names)s::text[]) AS said(box, destination, name)
WHERE b.id = said.box AND b.state = 'ready' AND b.area BETWEEN %(lo)s AND %(hi)s
    AND b.destination = left(said.destination, 48)
RETURNING b.id
"""


def address_boxes(said: Sequence[Address], *, by: Actor, now: datetime) -> list[UUID]:
    """Fill in where boxes that stand ready are to go; whoever hands one over still signs, and may send it elsewhere.

    Returns those that were filled in. Raises: Refused (`right_missing`).
    """
    return _write(_FILL_IN, "sampling.boxes_addressed", said, by=by, now=now)


def clear_addresses(said: Sequence[Address], *, by: Actor, now: datetime) -> list[UUID]:
    """Empty what was filled in, where the box still stands ready and nobody filled in another since.

    Returns those that were emptied. Raises: Refused (`right_missing`).
    """
    return _write(_EMPTY, "sampling.boxes_unaddressed", said, by=by, now=now)


def _write(statement: str, kind: str, said: Sequence[Address], *, by: Actor, now: datetime) -> list[UUID]:
    by.require(Right.RUN_SAMPLING)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            statement,
            {
                "boxes": [each.box for each in said],
                "destinations": [each.destination for each in said],
                "names": [each.name for each in said],
                "lo": by.area.lo,
                "hi": by.area.hi,
            },
        )
        boxes = [box for (box,) in cursor.fetchall()]
        if boxes:
            payload = {"boxes": sorted(map(str, boxes))}
            record(kind, f"sampling.boxes:{by.area.lo}", by=by, at=now, area=by.area.lo, payload=payload)
    return boxes
