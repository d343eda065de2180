"""Cut-offs, plates, release and returns: tables with named rows, no database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dayclear.lab.rules.cutoffs import (
    Call,
    CutOffs,
    State,
    Target,
    after_retest,
    call_of,
    controls_hold,
    impossible_ct,
    state_of,
)
from dayclear.lab.rules.plates import (
    SHAPES,
    Control,
    Machine,
    Span,
    control_wells,
    daily_capacity,
    free_wells,
    impossible_runs,
    lay_out,
    plates_for,
    position_index,
    position_name,
    samples_per_run,
)
from dayclear.lab.rules.release import (
    PlateStanding,
    PlateState,
    may_ask_correction,
    may_reject,
    may_release,
    may_sign_correction,
)
from dayclear.lab.rules.returns import Figures, differing, last_period

# Testing reference §1.3: under 37 positive, 37 to 40 positive only with a clear curve; both targets.
COMMON = CutOffs(
    "common",
    "1",
    (Target("ORF1ab", 37, 40), Target("N", 37, 40), Target("RNP", 38, 38, inclusive=True, control=True)),
)
# The same page: a kit that is positive up to 38.
UP_TO_38 = Target("N", 38, 38, inclusive=True)
NOON = datetime(2022, 8, 14, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("target", "ct", "clear", "expected"),
    [
        pytest.param(COMMON.targets[0], 36.99, False, Call.DETECTED, id="just under 37"),
        pytest.param(COMMON.targets[0], 37.0, False, Call.GREY, id="exactly 37"),
        pytest.param(COMMON.targets[0], 40.0, False, Call.GREY, id="exactly 40"),
        pytest.param(COMMON.targets[0], 40.01, False, Call.NOT_DETECTED, id="just over 40"),
        pytest.param(COMMON.targets[0], 38.2, True, Call.DETECTED, id="grey with a clear curve"),
        pytest.param(COMMON.targets[0], 40.01, True, Call.NOT_DETECTED, id="a clear curve too late"),
        pytest.param(COMMON.targets[0], None, False, Call.NOT_DETECTED, id="no curve"),
        pytest.param(UP_TO_38, 38.0, False, Call.DETECTED, id="a kit that counts 38"),
        pytest.param(UP_TO_38, 38.01, False, Call.NOT_DETECTED, id="a kit without a grey zone"),
    ],
)
def test_a_target_is_called_by_its_own_cut_off(target: Target, ct: float | None, clear: bool, expected: Call) -> None:
    assert call_of(target, ct, clear_curve=clear) is expected


@pytest.mark.parametrize(
    ("orf", "n", "control", "expected"),
    [
        pytest.param(25.0, 26.0, 24.0, State.POSITIVE, id="both targets"),
        pytest.param(25.0, 26.0, None, State.POSITIVE, id="both targets, the control crowded out"),
        pytest.param(None, None, 24.0, State.NEGATIVE, id="neither"),
        pytest.param(None, None, None, State.INVALID, id="neither, and no control"),
        pytest.param(None, None, 38.01, State.INVALID, id="neither, and the control too late"),
        pytest.param(25.0, None, 24.0, State.SINGLE_TARGET, id="one target"),
        pytest.param(25.0, 38.0, 24.0, State.SINGLE_TARGET, id="one target, the other grey"),
        pytest.param(38.0, 39.0, 24.0, State.SINGLE_TARGET, id="both grey"),
        pytest.param(None, 39.0, None, State.SINGLE_TARGET, id="one grey, the control crowded out"),
    ],
)
def test_the_result_of_a_well(orf: float | None, n: float | None, control: float | None, expected: State) -> None:
    assert state_of(COMMON, {"ORF1ab": orf, "N": n, "RNP": control}) is expected


def test_the_same_cts_are_another_result_under_another_version() -> None:
    newer = CutOffs("common", "2", (Target("ORF1ab", 40, 40, inclusive=True), Target("N", 40, 40, inclusive=True)))
    assert [state_of(each, {"ORF1ab": 38.0, "N": 38.5, "RNP": 24.0}) for each in (COMMON, newer)] == [
        State.SINGLE_TARGET,
        State.POSITIVE,
    ]


@given(cts=st.dictionaries(st.sampled_from(["ORF1ab", "N", "RNP"]), st.one_of(st.none(), st.floats(1, 45))))
def test_a_lower_ct_never_makes_a_result_less_positive(cts: dict[str, float | None]) -> None:
    rank = {State.INVALID: 0, State.NEGATIVE: 1, State.SINGLE_TARGET: 2, State.POSITIVE: 3}
    lower = {code: None if ct is None else max(1.0, ct - 3) for code, ct in cts.items()}
    assert rank[state_of(COMMON, lower)] >= rank[state_of(COMMON, cts)]


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        pytest.param(State.SINGLE_TARGET, State.SINGLE_TARGET, State.POSITIVE, id="one target twice"),
        pytest.param(State.SINGLE_TARGET, State.NEGATIVE, State.NEGATIVE, id="one target, then none"),
        pytest.param(State.INVALID, State.SINGLE_TARGET, State.SINGLE_TARGET, id="invalid, then one target"),
        pytest.param(State.INVALID, State.POSITIVE, State.POSITIVE, id="invalid, then both"),
    ],
)
def test_a_tube_that_was_examined_again(first: State, second: State, expected: State) -> None:
    assert after_retest(first, second) is expected


@pytest.mark.parametrize(
    ("ct", "impossible"),
    [(99.0, True), (0.0, True), (-1.0, True), (45.0, False), (45.01, True), (None, False)],
)
def test_a_ct_of_99_is_no_reading(ct: float | None, impossible: bool) -> None:
    assert impossible_ct(COMMON, ct) is impossible


_GOOD = {"ORF1ab": 28.0, "N": 29.0, "RNP": None}
_NONE = {"ORF1ab": None, "N": None, "RNP": None}


@pytest.mark.parametrize(
    ("positive", "negative", "expected"),
    [
        pytest.param([_GOOD], [_NONE], (), id="as they should be"),
        pytest.param([_NONE], [_NONE], ("positive_control_failed",), id="nothing in the positive one"),
        pytest.param([{**_GOOD, "N": 38.0}], [_NONE], ("positive_control_failed",), id="the positive one grey"),
        pytest.param([_GOOD], [_NONE, {**_NONE, "N": 39.5}], ("negative_control_failed",), id="a trace in a blank"),
        pytest.param([], [], ("controls_missing",), id="none at all"),
    ],
)
def test_the_controls_of_a_plate(
    positive: list[dict[str, float | None]], negative: list[dict[str, float | None]], expected: tuple[str, ...]
) -> None:
    assert controls_hold(COMMON, positive, negative) == expected


def test_the_capacity_of_hainan() -> None:
    """Testing reference §1.5: 357 machines, 8 runs, 92 wells; and what two million tubes ask for."""
    assert daily_capacity(357) == 262_752
    assert plates_for(2_000_000) == 21_740
    assert samples_per_run() == 92


@pytest.mark.parametrize(
    ("tubes", "plates"), [(0, 0), (1, 1), (92, 1), (93, 2)], ids=["none", "one", "a full plate", "one more"]
)
def test_plates_for_so_many_tubes(tubes: int, plates: int) -> None:
    assert plates_for(tubes) == plates


def test_the_wells_that_are_free_in_a_window_are_what_the_backlog_leaves() -> None:
    machines = [Machine(), Machine(wells=384, controls=16, runs_per_day=4)]
    whole = free_wells(machines, timedelta(days=1), 0)
    assert whole == 92 * 8 + 368 * 4
    assert free_wells(machines, timedelta(hours=12), 100) == whole // 2 - 100
    assert free_wells(machines, timedelta(hours=1), 10_000) == 0


@pytest.mark.parametrize("wells", SHAPES)
def test_every_well_has_one_name(wells: int) -> None:
    names = [position_name(index, wells) for index in range(wells)]
    assert len(set(names)) == wells
    assert [position_index(name, wells) for name in names] == list(range(wells))


@pytest.mark.parametrize(
    ("name", "wells", "index"),
    [
        pytest.param("A01", 96, 0, id="with a nought"),
        pytest.param(" h12 ", 96, 95, id="small, with spaces"),
        pytest.param("H13", 96, None, id="a column too far"),
        pytest.param("I1", 96, None, id="a row too far"),
        pytest.param("P24", 384, 383, id="the last of 384"),
        pytest.param("A0", 96, None, id="no column 0"),
        pytest.param("12A", 96, None, id="turned round"),
    ],
)
def test_a_well_is_found_by_its_name(name: str, wells: int, index: int | None) -> None:
    assert position_index(name, wells) == index


def test_tubes_go_into_the_wells_that_hold_no_control() -> None:
    controls = control_wells(96, 4)
    assert {position_name(index, 96): kind for index, kind in controls.items()} == {
        "H9": Control.NEGATIVE,
        "H10": Control.NEGATIVE,
        "H11": Control.POSITIVE,
        "H12": Control.POSITIVE,
    }
    laid = lay_out(range(1, 93), 96, controls)
    assert len(laid) == 92
    assert not set(laid) & set(controls)


def _span(start: float, hours: float) -> Span:
    return Span(NOON + timedelta(hours=start), NOON + timedelta(hours=start + hours))


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        pytest.param([_span(0, 1.5), _span(1.5, 1.5)], (), id="one after the other"),
        pytest.param([_span(0, 1.5), _span(1.4, 1.5)], ("runs_overlap",), id="two at once"),
        pytest.param([_span(0, 0.3)], ("run_too_short",), id="shorter than any run"),
        pytest.param([_span(n * 3, 1) for n in range(9)], (), id="nine, cut by the edges of the day"),
        pytest.param([_span(n * 2, 1) for n in range(10)], ("too_many_runs",), id="ten in twenty hours"),
    ],
)
def test_runs_that_cannot_all_have_been(spans: list[Span], expected: tuple[str, ...]) -> None:
    assert impossible_runs(spans, shortest=timedelta(minutes=40), runs_per_day=8) == expected


def _standing(**changes: object) -> PlateStanding:
    facts: dict[str, object] = {
        "state": PlateState.RUN,
        "wells": 92,
        "curves": 92,
        "rejected_by_controls": (),
        "entered_by": 1,
    }
    return PlateStanding(**{**facts, **changes})  # type: ignore[arg-type]  # one dict of facts


@pytest.mark.parametrize(
    ("plate", "by", "codes"),
    [
        pytest.param(_standing(), 2, (), id="another person"),
        pytest.param(_standing(), 1, ("released_by_another",), id="who entered it"),
        pytest.param(_standing(curves=None), 2, (), id="curves not said"),
        pytest.param(_standing(curves=91), 2, ("curves_short",), id="one curve short"),
        pytest.param(
            _standing(rejected_by_controls=("negative_control_failed",)),
            2,
            ("negative_control_failed",),
            id="a blank shows",
        ),
        pytest.param(_standing(state=PlateState.PLATED), 2, ("plate_not_run",), id="not run"),
        pytest.param(_standing(state=PlateState.RELEASED), 2, ("plate_not_run",), id="released already"),
    ],
)
def test_who_may_release_a_plate(plate: PlateStanding, by: int, codes: tuple[str, ...]) -> None:
    assert may_release(plate, by=by).codes == codes


def test_a_plate_is_rejected_once_and_with_a_reason() -> None:
    assert may_reject(_standing(), "spilt").allowed
    assert may_reject(_standing(state=PlateState.REJECTED), " ").codes == ("plate_rejected_already", "why_missing")


@pytest.mark.parametrize(
    ("current", "wanted", "codes"),
    [
        pytest.param(State.NEGATIVE, "positive", (), id="negative becomes positive"),
        pytest.param(None, "positive", ("not_reported_yet",), id="nothing reported"),
        pytest.param(State.NEGATIVE, "negative", ("correction_changes_nothing",), id="the same again"),
        pytest.param(State.NEGATIVE, "maybe", ("state_unknown",), id="no such result"),
    ],
)
def test_what_may_be_corrected(current: State | None, wanted: str, codes: tuple[str, ...]) -> None:
    assert may_ask_correction(current, wanted, "swapped tubes").codes == codes


def test_a_correction_is_signed_by_another_and_onto_what_it_was_asked_for() -> None:
    assert may_sign_correction(asked_by=1, by=2, superseded=False).allowed
    assert may_sign_correction(asked_by=1, by=1, superseded=True).codes == (
        "released_by_another",
        "corrected_meanwhile",
    )


@pytest.mark.parametrize(
    ("now", "ended"),
    [
        pytest.param(NOON, 12, id="on the stroke"),
        pytest.param(NOON - timedelta(seconds=1), 10, id="a second early"),
        pytest.param(NOON + timedelta(hours=1, minutes=59), 12, id="just before the next"),
    ],
)
def test_the_period_that_ended_last(now: datetime, ended: int) -> None:
    midnight = NOON - timedelta(hours=12)
    start, end = last_period(now, timedelta(hours=2), midnight)
    assert (start, end) == (midnight + timedelta(hours=ended - 2), midnight + timedelta(hours=ended))


def test_a_return_that_differs_says_in_what() -> None:
    assert differing(Figures(10, 9, 8), Figures(10, 9, 8)) == ()
    assert differing(Figures(10, 9, 8), Figures(10, 7, 5)) == ("plated", "reported")
