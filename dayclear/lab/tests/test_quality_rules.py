"""Dishonest laboratories are seen within one day; honest ones are left in peace, at a stated rate."""

from __future__ import annotations

import numpy as np
import pytest

from dayclear.lab.rules.quality import (
    Alarm,
    Chart,
    Compared,
    Estimate,
    Moments,
    PlateQuality,
    alarms_of,
    compare,
    drifts,
    mean_ct,
    positivity,
    share_of,
    shared_pairs,
    shares_readings,
    spread,
)
from dayclear.lab.tests.simulated import LabDay, honest, mixing

LABS, WELLS = 20, 1_500
SAMPLES = 92


def charts(days: dict[str, LabDay]) -> dict[Chart, list[Compared]]:
    """The four charts of one day."""
    made: dict[Chart, list[Estimate | None]] = {
        Chart.POSITIVITY: [positivity(key, day.positive, day.wells) for key, day in days.items()],
        Chart.CT: [mean_ct(key, day.cts()) for key, day in days.items()],
        Chart.CONTROL_CT: [mean_ct(key, day.control_cts()) for key, day in days.items()],
        Chart.CONTROL_SPREAD: [spread(key, day.control_cts()) for key, day in days.items()],
    }
    return {chart: compare([each for each in found if each is not None]) for chart, found in made.items()}


def flagged(days: dict[str, LabDay]) -> dict[str, set[str]]:
    """Who is flagged on a day, and by what."""
    found: dict[str, set[str]] = {key: set() for key in days}
    for chart, compared in charts(days).items():
        for each in compared:
            if each.is_out:
                found[each.key].add(chart.value)
    for key, day in days.items():
        found[key].update(alarm.value for alarm in own_alarms(day))
    return found


def own_alarms(day: LabDay) -> set[Alarm]:
    """What the plates of a day say by themselves."""
    readings = day.readings()
    found: set[Alarm] = set()
    for start in range(0, day.wells - SAMPLES + 1, SAMPLES):
        part = readings[start : start + SAMPLES]
        curves = SAMPLES * day.curves // day.wells
        control = Moments.of(float(ct) for ct, _target in part if ct is not None)
        found.update(alarms_of(PlateQuality(SAMPLES, curves, 0, shared_pairs(part), control)))
    return found


def others(rng: np.random.Generator, prevalence: float) -> dict[str, LabDay]:
    """Honest laboratories in districts of unequal prevalence."""
    return {f"lab {n}": honest(rng, WELLS, prevalence * rng.uniform(0.7, 1.3)) for n in range(LABS - 1)}


@pytest.mark.parametrize(
    ("disguise", "by"),
    [
        pytest.param("none", "curves_short", id="sends the machine's own file"),
        pytest.param("copied", "shared_readings", id="copies each well for three tubes"),
        pytest.param("jittered", "control_spread", id="shakes the copies so that none is like another"),
    ],
)
def test_a_lab_that_mixes_three_tubes_into_one_is_flagged_within_a_day(disguise: str, by: str) -> None:
    for seed in range(10):
        rng = np.random.default_rng(seed)
        days = others(rng, 0.01) | {"mixing": mixing(rng, WELLS, 0.01, disguise=disguise)}
        assert by in flagged(days)["mixing"], seed


def test_a_lab_with_a_shifted_threshold_is_flagged_within_a_day() -> None:
    """Prevalence as where Immensa worked: one result in ten was a false negative (testing reference §1.4)."""
    for seed in range(10):
        rng = np.random.default_rng(seed)
        shifted = honest(rng, WELLS, 0.13, cut_off=23.0)
        assert 0.08 < (np.nansum(shifted.target < 37.0) - shifted.positive) / WELLS < 0.14, "one in ten is missed"
        found = flagged(others(rng, 0.13) | {"shifted": shifted})["shifted"]
        assert {"positivity", "ct"} <= found, seed


def test_a_threshold_far_off_is_seen_in_screening_too_where_positives_are_rare() -> None:
    """One tube in a hundred positive and five times the wells: nine days in ten."""
    caught = 0
    for seed in range(10):
        rng = np.random.default_rng(seed)
        days = others(rng, 0.01) | {"shifted": honest(rng, 5 * WELLS, 0.01, cut_off=23.0)}
        caught += bool(flagged(days)["shifted"])
    assert caught >= 9


def test_both_on_one_day_do_not_hide_each_other() -> None:
    rng = np.random.default_rng(1)
    days = others(rng, 0.13)
    days |= {"mixing": mixing(rng, WELLS, 0.13, disguise="jittered"), "shifted": honest(rng, WELLS, 0.13, cut_off=23.0)}
    found = flagged(days)
    assert found["mixing"]
    assert found["shifted"]


def test_honest_labs_are_flagged_less_than_once_in_a_hundred_laboratory_days() -> None:
    """The stated rate: 0.001 a chart and laboratory-day; four charts and the alarms of the plates together. Over 150
    days it was measured as 5 of 2,850."""
    rng = np.random.default_rng(46)
    flags = days = 0
    for _day in range(50):
        found = flagged(others(rng, 0.01))
        flags += sum(bool(each) for each in found.values())
        days += len(found)
    assert days == 950
    assert flags / days < 1 / 100


def test_the_limits_are_those_of_the_others() -> None:
    """Nineteen alike and one far off: it cannot widen its own limits, and the others are left alone."""
    rng = np.random.default_rng(3)
    estimates = [Estimate(f"lab {n}", rng.normal(0, 0.1), 0.01) for n in range(19)] + [Estimate("far", 2.0, 0.01)]
    out = [each.key for each in compare(estimates) if each.is_out]
    assert out == ["far"]


@pytest.mark.parametrize("labs", [1, 5])
def test_too_few_laboratories_are_compared_with_nobody(labs: int) -> None:
    assert compare([Estimate(str(n), 0.0, 1.0) for n in range(labs)]) == []


def test_too_few_wells_or_positives_say_nothing() -> None:
    assert positivity("lab", 1, 49) is None
    assert mean_ct("lab", Moments.of([20.0, 30.0, 25.0, 27.0])) is None
    assert spread("lab", Moments.of([25.0] * 60)) is None


def test_the_scale_of_the_positivity_chart_goes_back_to_shares() -> None:
    estimate = positivity("lab", 150, 1_500)
    assert estimate is not None
    assert share_of(estimate.value) == pytest.approx(0.1, abs=0.001)
    assert share_of(-0.2) == 0.0


def test_slow_drift_is_heard_though_no_day_stands_out_and_honest_days_hardly_ever() -> None:
    """A drift of one deviation is heard within four weeks; thirty honest days are taken for one in six cases of a
    hundred."""
    rng = np.random.default_rng(7)
    assert sum(drifts(rng.normal(1.0, 1.0, 28)) for _ in range(200)) >= 190
    assert sum(drifts(rng.normal(0.0, 1.0, 30)) for _ in range(2_000)) / 2_000 < 0.08


def test_chance_makes_some_wells_alike_and_copies_make_many() -> None:
    rng = np.random.default_rng(5)
    control = rng.normal(25, 1.2, 92).round(2)
    chance = shared_pairs([(float(ct), None) for ct in control])
    assert 0 < chance < 30
    assert not shares_readings(chance, Moments.of(control.tolist()))
    copied = np.repeat(control[:46], 2)
    assert shares_readings(shared_pairs([(float(ct), None) for ct in copied]), Moments.of(copied.tolist()))


def test_wells_without_a_curve_are_not_alike() -> None:
    assert shared_pairs([(None, None)] * 50) == 0


@pytest.mark.parametrize(
    ("plate", "expected"),
    [
        pytest.param(PlateQuality(92, 92, 0, 0, Moments()), (), id="as it should be"),
        pytest.param(PlateQuality(92, None, 0, 0, Moments()), (), id="curves not said"),
        pytest.param(PlateQuality(92, 91, 0, 0, Moments()), (Alarm.CURVES_SHORT,), id="one curve short"),
        pytest.param(PlateQuality(92, 92, 1, 0, Moments()), (Alarm.CALLS_DISAGREE,), id="one call of its own"),
    ],
)
def test_a_plate_speaks_for_itself(plate: PlateQuality, expected: tuple[Alarm, ...]) -> None:
    assert alarms_of(plate) == expected
