"""What keeps a plate from being taken in, one broken thing at a time, and what a good one comes to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dayclear.lab.rules.cutoffs import State
from dayclear.lab.rules.intake import LabFacts, PlateFacts, PlateReadings, Reading, Standing, check_plate, judge_plate
from dayclear.lab.rules.plates import control_wells, position_name
from dayclear.lab.tests.test_rules import COMMON

NOON = datetime(2022, 8, 14, 4, tzinfo=UTC)
CONTROLS = control_wells(96, 4)
PLATE = PlateFacts(96, True, COMMON, {0: 101, 1: 102, 2: 103}, CONTROLS)
LAB = LabFacts(frozenset({"Q5-1"}), dict.fromkeys((101, 102, 103), Standing.HERE))
NEGATIVE: Mapping[str, float | None] = {"ORF1ab": None, "N": None, "RNP": 25.0}
POSITIVE = {"ORF1ab": 24.0, "N": 25.0, "RNP": 25.5}
BLANK = {"ORF1ab": None, "N": None, "RNP": None}


def number_of(text: str) -> int | None:
    return int(text[1:]) if text[:1] == "T" and text[1:].isdecimal() else None


def well(index: int, tube: str = "", cts: Mapping[str, float | None] | None = None, row: int = 0) -> Reading:
    return Reading(position_name(index, 96), tube, NEGATIVE if cts is None else cts, row=row)


def said(*readings: Reading, controls: bool = True, **changes: object) -> PlateReadings:
    blanks = [well(index, cts=BLANK if index < 94 else POSITIVE) for index in CONTROLS] if controls else []
    given = readings or (well(0, "T101", row=2), well(1, "T102", row=3), well(2, "T103", row=4))
    whole = PlateReadings("P1", "common", "1", "Q5-1", NOON, NOON + timedelta(hours=2), (*given, *blanks))
    return replace(whole, **changes)  # type: ignore[arg-type]  # one dict of changes


def codes(plate: PlateReadings, facts: PlateFacts | None = PLATE, lab: LabFacts = LAB) -> list[str]:
    return [problem.reason.code for problem in check_plate(plate, facts, lab, number_of=number_of)]


def test_a_plate_as_it_was_made_up_is_taken() -> None:
    assert codes(said()) == []


@pytest.mark.parametrize(
    ("plate", "code"),
    [
        pytest.param(said(version="2"), "wrong_cut_off_version", id="another version of the cut-offs"),
        pytest.param(said(instrument="Q9"), "instrument_unknown", id="an instrument nobody knows"),
        pytest.param(said(started_at=None), "run_times_missing", id="no start"),
        pytest.param(said(ended_at=NOON), "run_ends_before_it_starts", id="ends as it starts"),
        pytest.param(said(stated=8), "count_differs", id="seven wells where eight are stated"),
        pytest.param(said(controls=False), "wells_missing", id="no controls"),
        pytest.param(said(well(0, "T101"), well(1, "T102")), "wells_missing", id="a tube left out"),
    ],
)
def test_what_is_wrong_with_a_whole_plate(plate: PlateReadings, code: str) -> None:
    assert codes(plate) == [code]


@pytest.mark.parametrize(
    ("third", "code"),
    [
        pytest.param(well(2, "X9"), "tube_number_wrong", id="no tube number"),
        pytest.param(well(2, "T999"), "tube_unknown", id="a tube nobody opened"),
        pytest.param(well(2, "T101"), "another_tube_in_well", id="the tube of another well"),
        pytest.param(well(2, "T103", {**NEGATIVE, "N": 99.0}), "ct_impossible", id="a Ct of 99"),
        pytest.param(well(2, "T103", {"N": None, "RNP": 25.0}), "target_missing", id="a target not measured"),
        pytest.param(well(2, "T103", {**NEGATIVE, "E": 30.0}), "target_unknown", id="a target the assay has not"),
    ],
)
def test_what_is_wrong_with_one_well(third: Reading, code: str) -> None:
    assert codes(said(well(0, "T101"), well(1, "T102"), third)) == [code]


@pytest.mark.parametrize(
    ("standing", "code"),
    [
        pytest.param(Standing.NOT_RECEIVED, "result_before_reception", id="never received"),
        pytest.param(Standing.ELSEWHERE, "tube_of_another_lab", id="received by another"),
        pytest.param(Standing.UNKNOWN, "tube_unknown", id="unknown"),
    ],
)
def test_a_tube_that_is_not_here(standing: Standing, code: str) -> None:
    assert codes(said(), lab=replace(LAB, standing={**LAB.standing, 102: standing})) == [code]


def test_a_problem_says_in_which_row_and_well_and_with_what_value() -> None:
    (problem,) = check_plate(
        said(well(0, "T101"), well(1, "T102"), well(2, "T103", {**NEGATIVE, "N": 99.0}, row=17)),
        PLATE,
        LAB,
        number_of=number_of,
    )
    assert (problem.row, problem.well, problem.value) == (17, "A3", "N 99")


def test_one_well_twice_and_a_tube_in_a_control_well() -> None:
    twice = said(well(0, "T101"), well(1, "T102"), well(2, "T103"), well(2, "T103"))
    assert codes(twice) == ["well_twice"]
    tube = said(well(0, "T101"), well(1, "T102"), well(2, "T103"), controls=False)
    in_control = [well(index, "T101" if index == 95 else "", BLANK if index < 94 else POSITIVE) for index in CONTROLS]
    assert codes(replace(tube, readings=(*tube.readings, *in_control))) == ["tube_in_control_well"]


def test_a_well_that_nobody_filled() -> None:
    assert codes(said(well(0, "T101"), well(1, "T102"), well(2, "T103"), well(50, "T101"))) == ["well_not_filled"]


def test_a_plate_that_is_in_already_or_unknown() -> None:
    assert codes(said(), replace(PLATE, is_awaited=False)) == ["plate_already_in"]
    assert codes(said(well(0, "T999")), None) == ["plate_unknown", "tube_unknown"]


def test_what_a_good_plate_comes_to() -> None:
    verdict = judge_plate(said(well(0, "T101", POSITIVE), well(1, "T102"), well(2, "T103", BLANK)), PLATE)
    assert verdict.states == {0: State.POSITIVE, 1: State.NEGATIVE, 2: State.INVALID}
    assert verdict.cts[0] == (24.0, 25.0, 25.5)
    assert (verdict.rejected, verdict.disagreeing) == ((), 0)
    assert verdict.counts == {State.POSITIVE: 1, State.NEGATIVE: 1, State.INVALID: 1}


def test_a_trace_in_a_blank_rejects_every_well() -> None:
    plate = said(controls=False)
    controls = [well(i, cts={**BLANK, "N": 36.0} if i == 92 else BLANK if i < 94 else POSITIVE) for i in CONTROLS]
    verdict = judge_plate(replace(plate, readings=(*plate.readings, *controls)), PLATE)
    assert verdict.rejected == ("negative_control_failed",)
    assert set(verdict.states.values()) == {State.PLATE_REJECTED}


def test_a_call_of_the_lab_that_the_cut_offs_do_not_bear_is_counted() -> None:
    called = replace(well(0, "T101", POSITIVE), call=State.NEGATIVE)
    verdict = judge_plate(said(called, well(1, "T102"), replace(well(2, "T103"), call=State.NEGATIVE)), PLATE)
    assert (verdict.states[0], verdict.disagreeing) == (State.POSITIVE, 1)
