"""Results come in, plate by plate: checked, judged by the plate's own cut-offs, kept until a second person signs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from psycopg.types.json import Jsonb

from dayclear.foundation.actors import Actor
from dayclear.foundation.database import copy_staging
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.events import Draft, record_many
from dayclear.foundation.rules import Right
from dayclear.lab.commands.alarms import watch_plates
from dayclear.lab.commands.counts import count
from dayclear.lab.commands.laboratories import lock_laboratory
from dayclear.lab.commands.plating import plate_subject
from dayclear.lab.facts import Judged, cutoffs_of, instruments_of, items_among, plate_facts, standings
from dayclear.lab.models import Laboratory, Plate
from dayclear.lab.rules.cutoffs import CutOffs
from dayclear.lab.rules.intake import (
    LabFacts,
    PlateFacts,
    PlateReadings,
    Problem,
    Standing,
    check_plate,
    judge_plate,
)
from dayclear.lab.rules.plates import position_index
from dayclear.lab.rules.release import PlateState
from dayclear.sampling.rules.numbers import parsed

# Plates of a file that are looked at together.
_AT_ONCE = 500
_COLUMNS = (
    "id", "instrument_id", "started_at", "ended_at", "curves", "states", "cts", "refused", "entered_by",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Checked:
    """What a file would do. Shape: `problems` by plate, for those that would not be taken in; `good` the others."""

    good: tuple[str, ...]
    problems: Mapping[str, tuple[Problem, ...]]


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What a file did. Units: `wells` of the plates taken in; what is in `problems` was left as it was."""

    plates: tuple[int, ...]
    wells: int
    problems: Mapping[str, tuple[Problem, ...]]


def check_results(laboratory_id: int, said: Sequence[PlateReadings], *, by: Actor) -> Checked:
    """What taking these results in would come to; writes nothing. Raises: Refused (`not_found`)."""
    by.require(Right.WORK_IN_LAB)
    with transaction.atomic():
        laboratory = lock_laboratory(laboratory_id, by)
        problems = {plate: wrong for piece in _pieces(laboratory, said) for plate, wrong in piece.problems().items()}
    return Checked(tuple(each.plate for each in said if each.plate not in problems), problems)


def take_in_results(laboratory_id: int, said: Sequence[PlateReadings], *, by: Actor, now: datetime) -> TakenIn:
    """Take results in. A plate with a problem is left as it is, whole; the others are taken.

    Raises: Refused (`not_found`, `no_plates`).
    """
    by.require(Right.WORK_IN_LAB)
    with transaction.atomic():
        laboratory = lock_laboratory(laboratory_id, by)
        if not said:
            raise Refused(refuse("no_plates"))
        _hold_plates(laboratory, said)
        plates: list[int] = []
        problems: dict[str, tuple[Problem, ...]] = {}
        wells = curves = 0
        for piece in _pieces(laboratory, said):
            problems |= piece.problems()
            judged = [piece.judged(each) for each in piece.said if each.plate not in problems]
            _write(judged, by=by, now=now)
            watch_plates(laboratory, judged, by=by, now=now)
            record_many([_entered(each) for each in judged], by=by, at=now)
            plates += [each.plate.pk for each in judged]
            wells += sum(each.plate.samples for each in judged)
            curves += sum(each.said.curves or 0 for each in judged)
        count(laboratory.pk, laboratory.area, now, run=wells, curves=curves)
    return TakenIn(tuple(plates), wells, problems)


def _hold_plates(laboratory: Laboratory, said: Sequence[PlateReadings]) -> None:
    """In one order, so that two files with plates in common do not wait for each other in a ring."""
    rows = Plate.objects.filter(laboratory=laboratory, code__in={each.plate for each in said})
    list(rows.order_by("pk").select_for_update(of=("self",)).values_list("pk", flat=True))


def _pieces(laboratory: Laboratory, said: Sequence[PlateReadings]) -> Iterator[_Intake]:
    """A file in pieces of whole plates: what is known of a million wells at once is more than a server has room for."""
    times = Counter(each.plate for each in said)
    twice = frozenset(plate for plate, times_said in times.items() if times_said > 1)
    for at in range(0, len(said), _AT_ONCE):
        yield _Intake(laboratory, said[at : at + _AT_ONCE], twice)


class _Intake:
    """What is known of the plates that a piece of a file names. Shape: `twice`: those that the whole file has twice."""

    def __init__(self, laboratory: Laboratory, said: Sequence[PlateReadings], twice: frozenset[str]) -> None:
        self._laboratory, self.said, self._twice = laboratory, said, twice
        rows = Plate.objects.filter(laboratory=laboratory, code__in={each.plate for each in said})
        self.plates = {plate.code: plate for plate in rows}
        self._numbers = {each.tube: parsed(each.tube) for one in said for each in one.readings if each.tube}
        self._cutoffs = cutoffs_of(plate.assay_id for plate in self.plates.values())
        self._instruments = instruments_of(laboratory.pk)
        self._items = items_among({tube for plate in self.plates.values() for tube in plate.tubes if tube is not None})

    def problems(self) -> dict[str, tuple[Problem, ...]]:
        """What stands against each plate. Shape: only plates with problems."""
        lab = LabFacts(frozenset(self._instruments), self._standing())
        found = {}
        for each in self.said:
            problems = check_plate(each, self._facts(each), lab, number_of=self._numbers.__getitem__)
            if each.plate in self._twice:
                problems = (Problem(refuse("plate_twice_in_file", plate=each.plate).reasons[0]), *problems)
            if problems:
                found[each.plate] = problems
        return found

    def judged(self, said: PlateReadings) -> Judged:
        plate = self.plates[said.plate]
        cutoffs = self._cutoffs[plate.assay_id]
        verdict = judge_plate(said, plate_facts(plate, cutoffs, self._items))
        return Judged(plate, said, cutoffs, self._instruments[said.instrument], verdict, _flat(said, plate, cutoffs))

    def _facts(self, said: PlateReadings) -> PlateFacts | None:
        plate = self.plates.get(said.plate)
        return None if plate is None else plate_facts(plate, self._cutoffs[plate.assay_id])

    def _standing(self) -> Mapping[int, Standing]:
        """Tubes on a plate of ours are here; only the others are looked up."""
        here = {tube for plate in self.plates.values() for tube in plate.tubes if tube is not None}
        strange = {number for number in self._numbers.values() if number is not None} - here
        return {**dict.fromkeys(here, Standing.HERE), **standings(self._laboratory.pk, strange)}


def _flat(said: PlateReadings, plate: Plate, cutoffs: CutOffs) -> list[float | None]:
    """Every Ct of a plate, well after well, each the assay's targets in their order."""
    codes = [target.code for target in cutoffs.targets]
    flat: list[float | None] = [None] * (plate.wells * len(codes))
    for reading in said.readings:
        index = position_index(reading.well, plate.wells)
        assert index is not None, "a plate is judged only after its wells were checked"
        flat[index * len(codes) : (index + 1) * len(codes)] = [reading.cts[code] for code in codes]
    return flat


def _write(judged: Iterable[Judged], *, by: Actor, now: datetime) -> None:
    staging = copy_staging("lab_plate", _COLUMNS, (_row(each, by) for each in judged))
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE lab_plate p SET state = %s, instrument_id = s.instrument_id, started_at = s.started_at,
                ended_at = s.ended_at, curves = s.curves, states = s.states, cts = s.cts, refused = s.refused,
                entered_by = s.entered_by, entered_at = %s, entered_label = %s
            FROM {staging} s WHERE p.id = s.id
            """,  # noqa: S608 - a name from code
            [PlateState.RUN.value, now, by.label],
        )
        cursor.execute(f"DROP TABLE {staging}")


def _row(judged: Judged, by: Actor) -> tuple[Any, ...]:
    verdict, said = judged.verdict, judged.said
    states = [state.value if (state := verdict.states.get(index)) else None for index in range(judged.plate.wells)]
    return (
        judged.plate.pk,
        judged.instrument_id,
        said.started_at,
        said.ended_at,
        said.curves,
        states,
        judged.cts,
        Jsonb(list(verdict.rejected)),
        by.user_id,
    )


def _entered(judged: Judged) -> Draft:
    payload = {
        "laboratory": judged.plate.laboratory_id,
        "counts": {state.value: times for state, times in judged.verdict.counts.items()},
        "refused": list(judged.verdict.rejected),
        "curves": judged.said.curves,
        "disagreeing": judged.verdict.disagreeing,
    }
    facts = {"assay": judged.cutoffs.assay, "version": judged.cutoffs.version, "instrument": judged.said.instrument}
    return Draft("lab.plate_entered", plate_subject(judged.plate.pk), judged.plate.area, payload, facts)
