"""Tubes come in: one by one or by the box, each held by one laboratory only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from dayclear.foundation.actors import Actor
from dayclear.foundation.database import copy_staging
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.events import record
from dayclear.foundation.rules import Right
from dayclear.foundation.scope import beyond_scope
from dayclear.lab.commands.counts import count
from dayclear.lab.commands.laboratories import lock_laboratory, subject_of
from dayclear.lab.models import Laboratory

# In these a tube can be examined; the others are kept as received and never plated.
USABLE = ("good",)


@dataclass(frozen=True, slots=True)
class Reception:
    """What came of receiving tubes. Shape: `elsewhere` are held by another laboratory and were not taken in."""

    taken: int
    already_here: int
    elsewhere: tuple[int, ...]


def receive_tubes(
    laboratory_id: int,
    conditions: Mapping[int, str],
    *,
    by: Actor,
    now: datetime,
    box: UUID | None = None,
    box_area: int | None = None,
) -> Reception:
    """Take tubes in. Shape: `conditions` by tube number, in sampling's words.

    A tube may be here before its sampler's phone had a network: it is taken in, and its place settled when the phone
    sends it. Received again, it stays as it was. Raises: Refused (`not_found`, `no_tubes`).
    """
    by.require(Right.WORK_IN_LAB)
    with transaction.atomic():
        laboratory = lock_laboratory(laboratory_id, by)
        return take_in(laboratory, conditions, by=by, now=now, box=box, box_area=box_area)


def take_in(
    laboratory: Laboratory,
    conditions: Mapping[int, str],
    *,
    by: Actor,
    now: datetime,
    box: UUID | None,
    box_area: int | None,
) -> Reception:
    """The rows of a reception, its counts and its event."""
    if not conditions:
        raise Refused(refuse("no_tubes"))
    with beyond_scope():
        taken = _insert(laboratory, conditions, now, box, laboratory.area if box_area is None else box_area)
        elsewhere = _elsewhere(laboratory.pk, list(conditions))
    count(laboratory.pk, laboratory.area, now, received=taken)
    already = len(conditions) - taken - len(elsewhere)
    payload = {"box": str(box or ""), "taken": taken, "already_here": already, "elsewhere": elsewhere[:200]}
    record("lab.tubes_received", subject_of(laboratory.pk), by=by, at=now, area=laboratory.area, payload=payload)
    return Reception(taken, already, tuple(elsewhere))


def _insert(
    laboratory: Laboratory, conditions: Mapping[int, str], now: datetime, box: UUID | None, otherwise: int
) -> int:
    """In the order of their numbers, so that two laboratories with tubes in common never wait for each other."""
    staging = copy_staging("lab_received_tube", ("tube", "condition"), conditions.items())
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO lab_received_tube
                (tube, area, tube_area, known, laboratory_id, box, received_at, condition, attempts)
            SELECT s.tube, %s, coalesce(t.area, %s), t.number IS NOT NULL, %s, %s, %s, s.condition, 0
            FROM {staging} s LEFT JOIN sampling_tube t ON t.number = s.tube
            ORDER BY s.tube
            ON CONFLICT (tube) DO NOTHING
            """,  # noqa: S608 - a name from code
            [laboratory.area, otherwise, laboratory.pk, box, now],
        )
        taken = int(cursor.rowcount)
        cursor.execute(f"DROP TABLE {staging}")
    return taken


def _elsewhere(laboratory_id: int, numbers: list[int]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tube FROM lab_received_tube WHERE tube = ANY(%s) AND laboratory_id <> %s ORDER BY tube",
            [numbers, laboratory_id],
        )
        return [tube for (tube,) in cursor.fetchall()]
