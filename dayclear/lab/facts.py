"""Rows as the rules see them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.db import connection

from dayclear.foundation.scope import beyond_scope
from dayclear.lab.models import Assay, Instrument, Plate, ReceivedTube, Result
from dayclear.lab.rules.cutoffs import CutOffs, Target
from dayclear.lab.rules.intake import PlateFacts, PlateReadings, PlateVerdict, Standing
from dayclear.lab.rules.plates import Control
from dayclear.lab.rules.release import PlateStanding, PlateState
from dayclear.sampling.models import Tube


@dataclass(frozen=True, slots=True)
class Judged:
    """A plate with its readings and what they come to."""

    plate: Plate
    said: PlateReadings
    cutoffs: CutOffs
    instrument_id: int
    verdict: PlateVerdict
    cts: list[float | None]


def cutoffs_of(assays: Iterable[int]) -> dict[int, CutOffs]:
    """The cut-offs of versions of assays, by id."""
    rows = Assay.objects.filter(pk__in=set(assays)).prefetch_related("targets")
    return {row.pk: _cutoffs(row) for row in rows}


def _cutoffs(row: Assay) -> CutOffs:
    targets = tuple(
        Target(each.code, each.positive_below, each.grey_to, each.inclusive, each.control, each.loinc)
        for each in sorted(row.targets.all(), key=lambda target: target.position)
    )
    return CutOffs(row.code, row.version, targets, row.cycles)


def controls_of(plate: Plate) -> dict[int, Control]:
    return {int(index): Control(kind) for index, kind in plate.controls.items()}


def tubes_of(plate: Plate) -> dict[int, int]:
    """Shape: well → tube number."""
    return {index: tube for index, tube in enumerate(plate.tubes) if tube is not None}


def plate_facts(plate: Plate, cutoffs: CutOffs, items: Collection[int] = ()) -> PlateFacts:
    awaited = plate.state == PlateState.PLATED.value
    return PlateFacts(plate.wells, awaited, cutoffs, tubes_of(plate), controls_of(plate), items)


def items_among(numbers: Collection[int]) -> frozenset[int]:
    """Which of these tubes hold swabs of goods or surfaces, wherever they were taken."""
    with beyond_scope(), connection.cursor() as cursor:
        # One array: tens of thousands of parameters cost more than the question.
        cursor.execute("SELECT number FROM sampling_tube WHERE number = ANY(%s) AND kind <> 'persons'", [list(numbers)])
        return frozenset(number for (number,) in cursor.fetchall())


def found_on_plate(plate: Plate) -> dict[int, str]:
    """The results that count of a plate's tubes: the laboratory's own, wherever a tube was taken."""
    with beyond_scope():
        rows = Result.objects.filter(tube__in=tubes_of(plate).values()).order_by("tube", "-version").distinct("tube")
        return {row.tube: row.state for row in rows if row.plate_id == plate.pk}


def people_in_tubes(numbers: Iterable[int]) -> dict[int, int]:
    """How many people have a swab in each tube, wherever it was taken; of goods and unknown tubes nothing is said."""
    with beyond_scope():
        rows = Tube.objects.filter(number__in=list(numbers), kind="persons")
        return dict(rows.values_list("number", "persons"))


def standing_of(plate: Plate) -> PlateStanding:
    return PlateStanding(PlateState(plate.state), plate.samples, plate.curves, tuple(plate.refused), plate.entered_by)


def instruments_of(laboratory_id: int) -> dict[str, int]:
    """The machines in service. Shape: code → id."""
    rows = Instrument.objects.filter(laboratory=laboratory_id, ended_at=None)
    return dict(rows.values_list("code", "pk"))


def standings(laboratory_id: int, numbers: Iterable[int]) -> Mapping[int, Standing]:
    """Where tubes stand for a laboratory: whoever holds them, wherever they were taken."""
    wanted = set(numbers)
    if not wanted:
        return {}
    with beyond_scope():
        rows = ReceivedTube.objects.filter(tube__in=wanted).values_list("tube", "laboratory_id")
        found = {
            tube: Standing.HERE if laboratory == laboratory_id else Standing.ELSEWHERE for tube, laboratory in rows
        }
        opened = Tube.objects.filter(number__in=wanted - set(found)).values_list("number", flat=True)
        return found | dict.fromkeys(opened, Standing.NOT_RECEIVED)
