"""Whether what a laboratory says of a plate can be taken in, and what it comes to.

A plate is taken whole or not at all: a plate of which one well is wrong cannot be trusted in the others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from dayclear.foundation.decisions import Reason
from dayclear.lab.rules.cutoffs import CutOffs, State, controls_hold, impossible_ct, state_of
from dayclear.lab.rules.plates import Control, position_index, position_name


@dataclass(frozen=True, slots=True)
class Reading:
    """One well as the laboratory gives it.

    Shape: `well` A1 or A01; `tube` as printed, empty for a control; `cts` by target, None where no curve rose;
    `call` the laboratory's own result, empty where it gave none; `row` of the file, 0 where there is none.
    """

    well: str
    tube: str
    cts: Mapping[str, float | None]
    clear_curves: frozenset[str] = frozenset()
    call: State | None = None
    row: int = 0


@dataclass(frozen=True, slots=True)
class PlateReadings:
    """One plate as the laboratory gives it.

    Units: `curves` counts the raw curves in the machine's own file; None: not said. `stated` is how many wells the
    sender says there are; None: not said.
    """

    plate: str
    assay: str
    version: str
    instrument: str
    started_at: datetime | None
    ended_at: datetime | None
    readings: tuple[Reading, ...]
    curves: int | None = None
    stated: int | None = None


class Standing(StrEnum):
    """Where a tube stands for a laboratory."""

    HERE = "here"
    UNKNOWN = "unknown"
    NOT_RECEIVED = "not_received"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True)
class PlateFacts:
    """A plate as it was made up. Shape: `tubes` well → tube number, `controls` well → kind, `items` the numbers of
    tubes that hold swabs of goods or surfaces."""

    wells: int
    is_awaited: bool
    cutoffs: CutOffs
    tubes: Mapping[int, int]
    controls: Mapping[int, Control]
    items: Collection[int] = frozenset()


@dataclass(frozen=True, slots=True)
class LabFacts:
    """What is known beside the plate. Shape: `standing` by tube number; a tube that is not in it is unknown."""

    instruments: frozenset[str]
    standing: Mapping[int, Standing]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is not right. Shape: `row` 0 and `well` empty where it concerns the whole plate."""

    reason: Reason
    row: int = 0
    well: str = ""
    value: str = ""


NumberOf = Callable[[str], int | None]


def check_plate(
    said: PlateReadings, plate: PlateFacts | None, lab: LabFacts, *, number_of: NumberOf
) -> tuple[Problem, ...]:
    """Everything that keeps a plate from being taken in; nothing, when it can be. Shape: the whole plate first."""
    if plate is None:
        return (Problem(Reason("plate_unknown", {"plate": said.plate})), *_tube_problems(said, lab, number_of))
    if not plate.is_awaited:
        return (Problem(Reason("plate_already_in", {"plate": said.plate})),)
    return (*_plate_problems(said, plate, lab), *_well_problems(said, plate, lab, number_of))


def _plate_problems(said: PlateReadings, plate: PlateFacts, lab: LabFacts) -> Iterator[Problem]:
    cutoffs = plate.cutoffs
    if (said.assay, said.version) != (cutoffs.assay, cutoffs.version):
        params = {"stated": f"{said.assay} {said.version}", "plated": f"{cutoffs.assay} {cutoffs.version}"}
        yield Problem(Reason("wrong_cut_off_version", params))
    if said.instrument not in lab.instruments:
        yield Problem(Reason("instrument_unknown", {"instrument": said.instrument}))
    if said.started_at is None or said.ended_at is None:
        yield Problem(Reason("run_times_missing", {"plate": said.plate}))
    elif said.ended_at <= said.started_at:
        yield Problem(Reason("run_ends_before_it_starts", {"plate": said.plate}))
    wells = len(said.readings)
    if said.stated is not None and said.stated != wells:
        yield Problem(Reason("count_differs", {"stated": said.stated, "found": wells}))
    filled = {*plate.tubes, *plate.controls}
    missing = filled - {position_index(each.well, plate.wells) for each in said.readings}
    if missing:
        names = ", ".join(position_name(index, plate.wells) for index in sorted(missing)[:12])
        yield Problem(Reason("wells_missing", {"count": len(missing), "wells": names}))


def _well_problems(said: PlateReadings, plate: PlateFacts, lab: LabFacts, number_of: NumberOf) -> Iterator[Problem]:
    seen: Counter[int] = Counter()
    for reading in said.readings:
        index = position_index(reading.well, plate.wells)
        if index is None or (index not in plate.tubes and index not in plate.controls):
            yield _problem(reading, "well_not_filled", reading.well)
            continue
        seen[index] += 1
        if seen[index] == 2:
            yield _problem(reading, "well_twice", reading.well)
        if index in plate.tubes:
            yield from _tube_problem(reading, lab, number_of, expected=plate.tubes[index])
        elif reading.tube:
            yield _problem(reading, "tube_in_control_well", reading.tube)
        yield from _ct_problems(reading, plate.cutoffs)


def _tube_problems(said: PlateReadings, lab: LabFacts, number_of: NumberOf) -> Iterator[Problem]:
    """What is wrong with the tubes themselves, where no plate is known to hold them against."""
    for reading in said.readings:
        if reading.tube:
            yield from _tube_problem(reading, lab, number_of, expected=None)


_STANDING_REASONS = {
    Standing.UNKNOWN: "tube_unknown",
    Standing.NOT_RECEIVED: "result_before_reception",
    Standing.ELSEWHERE: "tube_of_another_lab",
}


def _tube_problem(reading: Reading, lab: LabFacts, number_of: NumberOf, *, expected: int | None) -> Iterator[Problem]:
    number = number_of(reading.tube)
    if number is None:
        yield _problem(reading, "tube_number_wrong", reading.tube)
        return
    standing = lab.standing.get(number, Standing.UNKNOWN)
    if standing in _STANDING_REASONS:
        yield _problem(reading, _STANDING_REASONS[standing], reading.tube)
    elif expected is not None and number != expected:
        yield _problem(reading, "another_tube_in_well", reading.tube)


def _ct_problems(reading: Reading, cutoffs: CutOffs) -> Iterator[Problem]:
    for target in cutoffs.targets:
        if target.code not in reading.cts:
            yield _problem(reading, "target_missing", target.code)
        elif impossible_ct(cutoffs, reading.cts[target.code]):
            yield _problem(reading, "ct_impossible", f"{target.code} {reading.cts[target.code]:g}")
    known = {target.code for target in cutoffs.targets}
    for code in sorted(set(reading.cts) - known):
        yield _problem(reading, "target_unknown", code)


def _problem(reading: Reading, code: str, value: str) -> Problem:
    return Problem(Reason(code, {"value": value, "well": reading.well}), reading.row, reading.well, value)


@dataclass(frozen=True, slots=True)
class PlateVerdict:
    """What a plate comes to.

    Shape: `states` and `cts` by well, of the tubes only, Cts in the order of the assay's targets. `rejected` says why
    the controls do not bear the plate. `disagreeing` counts the wells that the laboratory calls otherwise than the
    cut-offs do.
    """

    states: Mapping[int, State]
    cts: Mapping[int, tuple[float | None, ...]]
    rejected: tuple[str, ...] = ()
    disagreeing: int = 0
    counts: Mapping[State, int] = field(default_factory=dict)


def judge_plate(said: PlateReadings, plate: PlateFacts) -> PlateVerdict:
    """The results of a plate that passed `check_plate`. Controls that fail reject the whole plate."""
    by_well = {position_index(reading.well, plate.wells): reading for reading in said.readings}
    rejected = controls_hold(
        plate.cutoffs,
        *(_cts(by_well, plate.controls, kind) for kind in (Control.POSITIVE, Control.NEGATIVE)),
    )
    codes = [target.code for target in plate.cutoffs.targets]
    states, cts, disagreeing = {}, {}, 0
    for index, tube in plate.tubes.items():
        reading = by_well[index]
        cts[index] = tuple(reading.cts[code] for code in codes)
        judged = state_of(
            plate.cutoffs, reading.cts, clear_curves=reading.clear_curves, from_people=tube not in plate.items
        )
        disagreeing += reading.call is not None and reading.call is not judged
        states[index] = State.PLATE_REJECTED if rejected else judged
    return PlateVerdict(states, cts, rejected, disagreeing, Counter(states.values()))


def _cts(
    by_well: Mapping[int | None, Reading], controls: Mapping[int, Control], kind: Control
) -> Iterable[Mapping[str, float | None]]:
    return [by_well[index].cts for index, each in controls.items() if each is kind]
