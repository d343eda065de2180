"""Tubes onto plates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from django.db import IntegrityError, connection, transaction

from dayclear.foundation.actors import Actor
from dayclear.foundation.database import copy_staging
from dayclear.foundation.decisions import Decision, Reason, Refused, refuse, require
from dayclear.foundation.events import Draft, record_many
from dayclear.foundation.rules import Right
from dayclear.foundation.scope import beyond_scope
from dayclear.lab.commands.counts import count
from dayclear.lab.commands.laboratories import lock_laboratory
from dayclear.lab.commands.reception import USABLE
from dayclear.lab.models import Assay, Laboratory, Plate, ReceivedTube
from dayclear.lab.rules.plates import Control
from dayclear.lab.rules.setup import may_lay_out
from dayclear.sampling.models import Tube
from dayclear.sampling.rules.numbers import printed

_NAMED = 12


@dataclass(frozen=True, slots=True)
class PlateLayout:
    """A plate as it was made up. Shape: `tubes` well → tube number, `controls` well → kind, row by row from 0."""

    code: str
    wells: int
    assay_id: int
    tubes: Mapping[int, int]
    controls: Mapping[int, Control]


def plate_subject(plate_id: int) -> str:
    return f"lab.plate:{plate_id}"


def plate_tubes(laboratory_id: int, layouts: Sequence[PlateLayout], *, by: Actor, now: datetime) -> list[int]:
    """Make plates up; all of them or none. Shape: their ids in the order given.

    Raises: Refused (`not_found`, `assay_unknown`, `plate_code_taken`, `tubes_twice`, `tube_unknown`,
    `tube_not_received`, `tube_of_another_lab`, `tube_on_a_plate`, `tube_not_usable`, and those of
    `rules.setup.may_lay_out`).
    """
    by.require(Right.WORK_IN_LAB)
    for layout in layouts:
        require(may_lay_out(layout.code, layout.wells, layout.tubes, layout.controls))
    with transaction.atomic():
        laboratory = lock_laboratory(laboratory_id, by)
        _require_assays(layouts)
        plates = _insert(laboratory, layouts, by=by, now=now)
        _put_on(laboratory, plates)
        count(laboratory.pk, laboratory.area, now, plated=sum(plate.samples for plate in plates))
        record_many([_made_up(plate) for plate in plates], by=by, at=now)
    return [plate.pk for plate in plates]


def _require_assays(layouts: Sequence[PlateLayout]) -> None:
    wanted = {layout.assay_id for layout in layouts}
    if Assay.objects.filter(pk__in=wanted, ended_at=None).count() != len(wanted):
        raise Refused(refuse("assay_unknown"))


def _insert(laboratory: Laboratory, layouts: Sequence[PlateLayout], *, by: Actor, now: datetime) -> list[Plate]:
    rows = [
        Plate(
            area=laboratory.area,
            laboratory=laboratory,
            code=layout.code.strip()[:60],
            wells=layout.wells,
            assay_id=layout.assay_id,
            tubes=[layout.tubes.get(index) for index in range(layout.wells)],
            controls={str(index): kind.value for index, kind in sorted(layout.controls.items())},
            samples=len(layout.tubes),
            plated_at=now,
            plated_label=by.label,
        )
        for layout in layouts
    ]
    try:
        with transaction.atomic():
            return Plate.objects.bulk_create(rows, batch_size=500)
    except IntegrityError:
        codes = [row.code for row in rows]
        taken = Plate.objects.filter(laboratory=laboratory, code__in=codes).values_list("code", flat=True).first()
        twice = next((code for code in codes if codes.count(code) > 1), "")
        raise Refused(refuse("plate_code_taken", plate=taken or twice)) from None


def _put_on(laboratory: Laboratory, plates: Sequence[Plate]) -> None:
    """Each tube onto its plate, in one statement that takes only tubes that wait here."""
    pairs = sorted((tube, plate.pk) for plate in plates for tube in plate.tubes if tube is not None)
    numbers = [tube for tube, _plate in pairs]
    twice = {tube for tube, other in pairwise(numbers) if tube == other}
    if twice:
        raise Refused(refuse("tubes_twice", tubes=_named(twice)))
    staging = copy_staging("lab_received_tube", ("tube", "plate_id"), pairs)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE lab_received_tube r SET plate_id = s.plate_id, attempts = r.attempts + 1
            FROM {staging} s
            WHERE r.tube = s.tube AND r.laboratory_id = %s AND r.plate_id IS NULL AND r.condition = ANY(%s)
            """,  # noqa: S608 - a name from code
            [laboratory.pk, list(USABLE)],
        )
        put = cursor.rowcount
        cursor.execute(f"DROP TABLE {staging}")
    if put != len(pairs):
        raise Refused(_why_not(laboratory.pk, {plate.pk for plate in plates}, numbers))


def _why_not(laboratory_id: int, plates: set[int], numbers: Sequence[int]) -> Decision:
    """Why some of the tubes could not be put on a plate: a reason for each kind of hindrance."""
    with beyond_scope():
        here = {row.tube: row for row in ReceivedTube.objects.filter(tube__in=numbers)}
        absent = [number for number in numbers if number not in here]
        opened = set(Tube.objects.filter(number__in=absent).values_list("number", flat=True))
    hindered: dict[str, set[int]] = {}
    for number in numbers:
        code = _hindrance(here.get(number), laboratory_id, plates, is_opened=number in opened)
        if code:
            hindered.setdefault(code, set()).add(number)
    return Decision(tuple(Reason(code, {"tubes": _named(tubes)}) for code, tubes in sorted(hindered.items())))


def _hindrance(row: ReceivedTube | None, laboratory_id: int, plates: set[int], *, is_opened: bool) -> str:
    if row is None:
        return "tube_not_received" if is_opened else "tubes_unknown"
    if row.laboratory_id != laboratory_id:
        return "tubes_of_another_lab"
    if row.condition not in USABLE:
        return "tube_not_usable"
    return "tube_on_a_plate" if row.plate_id is not None and row.plate_id not in plates else ""


def _named(tubes: set[int]) -> str:
    shown = ", ".join(printed(number) for number in sorted(tubes)[:_NAMED])
    return shown if len(tubes) <= _NAMED else f"{shown} … ({len(tubes)})"


def _made_up(plate: Plate) -> Draft:
    payload = {"laboratory": plate.laboratory_id, "assay": plate.assay_id, "samples": plate.samples}
    return Draft("lab.plate_made_up", plate_subject(plate.pk), plate.area, payload)
