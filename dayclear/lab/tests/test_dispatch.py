"""Dispatch against published optima and against the linear program, which has no integers and so is never dearer."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import linprog

from dayclear.lab.rules.dispatch import (
    Dispatch,
    Floats,
    Integers,
    Ready,
    Room,
    Shipment,
    Shortage,
    cheapest_flow,
    dispatch,
    whole_boxes,
)

FOUR_HOURS = timedelta(hours=4)
FRESH = timedelta(0)
AT_ONCE = timedelta(0)


def _minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def test_a_transportation_problem_of_the_textbooks() -> None:
    ways = np.array([[4, 6, 9], [5, 4, 7], [6, 3, 4], [8, 5, 3], [10, 8, 4]], dtype=float)
    ready = [Ready(tubes, FRESH) for tubes in (80, 270, 250, 160, 180)]
    found = dispatch(ready, [Room(500, AT_ONCE)] * 3, ways, FOUR_HOURS)
    assert found.tube_minutes == 3_370
    assert found.shortages == ()


def test_the_example_that_comes_with_the_solver() -> None:
    tails, heads = np.array([0, 0, 1, 1, 1, 2, 2, 3, 4]), np.array([1, 2, 2, 3, 4, 3, 4, 4, 2])
    costs = np.array([4, 4, 2, 2, 6, 1, 3, 2, 3])
    flows = cheapest_flow(
        tails, heads, np.array([15, 8, 20, 4, 10, 15, 4, 20, 5]), costs, np.array([20, 0, 0, -5, -15])
    )
    assert int(flows @ costs) == 150


def test_a_flow_that_cannot_be_is_an_error() -> None:
    with pytest.raises(ValueError, match="INFEASIBLE"):
        cheapest_flow(np.array([0]), np.array([1]), np.array([1]), np.array([1]), np.array([2, -2]))


@pytest.mark.parametrize(
    ("age", "travel", "why"),
    [
        pytest.param(_minutes(180), 60.0, "", id="old enough to the minute"),
        pytest.param(_minutes(181), 60.0, "too_far", id="a minute too old"),
        pytest.param(_minutes(0), 241.0, "too_far", id="a minute too far"),
        pytest.param(_minutes(0), float("inf"), "too_far", id="no road"),
        pytest.param(_minutes(300), 0.0, "too_far", id="past the limit already"),
    ],
)
def test_no_tube_travels_past_its_age(age: timedelta, travel: float, why: str) -> None:
    found = dispatch([Ready(7, age)], [Room(500, AT_ONCE)], np.array([[travel]]), FOUR_HOURS)
    assert found.shortages == ((Shortage(0, 7, why),) if why else ())
    assert found.shipments == (() if why else (Shipment(0, 0, 7),))


def test_what_no_laboratory_takes_is_the_shortage_to_ask_for() -> None:
    found = dispatch([Ready(100, FRESH)], [Room(60, AT_ONCE), Room(0, AT_ONCE)], np.array([[30.0, 5.0]]), FOUR_HOURS)
    assert found.shipments == (Shipment(0, 0, 60),)
    assert found.shortages == (Shortage(0, 40, "no_wells"),)


def test_a_laboratory_in_arrears_takes_nothing() -> None:
    found = dispatch([Ready(10, FRESH)], [Room(-20, AT_ONCE)], np.array([[5.0]]), FOUR_HOURS)
    assert found.shortages == (Shortage(0, 10, "no_wells"),)


def test_a_long_wait_next_door_is_dearer_than_a_road() -> None:
    labs = [Room(100, _minutes(90)), Room(100, AT_ONCE)]
    found = dispatch([Ready(10, FRESH)], labs, np.array([[5.0, 60.0]]), FOUR_HOURS)
    assert found.shipments == (Shipment(0, 1, 10),)


def test_placing_one_tube_more_goes_before_every_saving() -> None:
    """The second point reaches one laboratory alone: the first leaves it, however far it then has to go."""
    ways = np.array([[1.0, 230.0], [1.0, float("inf")]])
    found = dispatch([Ready(10, FRESH), Ready(10, FRESH)], [Room(10, AT_ONCE), Room(10, AT_ONCE)], ways, FOUR_HOURS)
    assert found.shipments == (Shipment(0, 1, 10), Shipment(1, 0, 10))


def test_nothing_ready_is_nothing_sent() -> None:
    assert dispatch([], [Room(10, AT_ONCE)], np.zeros((0, 1)), FOUR_HOURS) == Dispatch((), (), 0)


def _instance(seed: int) -> tuple[list[Ready], list[Room], Floats]:
    random = np.random.default_rng(seed)
    points, labs = random.uniform(0, 150, (25, 2)), random.uniform(0, 150, (6, 2))
    away = points[:, None, :] - labs[None, :, :]
    travel = np.rint(np.sqrt((away**2).sum(axis=2)))
    ready = [Ready(int(random.integers(5, 90)), _minutes(int(random.integers(0, 200)))) for _ in points]
    rooms = [Room(int(random.integers(50, 300)), _minutes(int(random.integers(0, 120)))) for _ in labs]
    return ready, rooms, travel


@pytest.mark.parametrize("seed", range(20))
def test_the_dispatch_is_as_cheap_as_the_linear_program(seed: int) -> None:
    ready, rooms, travel = _instance(seed)
    found = dispatch(ready, rooms, travel, FOUR_HOURS)
    tubes, wells = np.array([each.tubes for each in ready]), np.array([room.wells for room in rooms])
    open_ways = travel <= np.array([(FOUR_HOURS - each.age) / _minutes(1) for each in ready])[:, None]
    cost = travel + np.array([room.wait / _minutes(1) for room in rooms])[None, :]
    most = _optimum(-np.ones(travel.size), tubes, wells, open_ways)
    assert sum(shipment.tubes for shipment in found.shipments) == round(-most)
    least = _optimum(cost.ravel(), tubes, wells, open_ways, placed=-most)
    assert found.tube_minutes == pytest.approx(least)


def _optimum(
    cost: Floats, tubes: Integers, wells: Integers, open_ways: NDArray[np.bool_], placed: float | None = None
) -> float:
    points, labs = open_ways.shape
    found = linprog(
        cost,
        A_ub=np.vstack([np.kron(np.eye(points), np.ones(labs)), np.tile(np.eye(labs), points)]),
        b_ub=np.concatenate([tubes, wells]),
        A_eq=None if placed is None else np.ones((1, points * labs)),
        b_eq=None if placed is None else [placed],
        bounds=[(0, None if is_open else 0) for is_open in open_ways.ravel()],
    )
    assert found.fun is not None
    return float(found.fun)


@pytest.mark.parametrize("seed", range(20))
def test_every_tube_is_sent_or_short_and_no_laboratory_overfilled(seed: int) -> None:
    ready, rooms, travel = _instance(seed)
    found = dispatch(ready, rooms, travel, FOUR_HOURS)
    for row, each in enumerate(ready):
        sent = sum(shipment.tubes for shipment in found.shipments if shipment.ready == row)
        assert sent + sum(short.tubes for short in found.shortages if short.ready == row) == each.tubes
    for lab, room in enumerate(rooms):
        assert sum(shipment.tubes for shipment in found.shipments if shipment.lab == lab) <= room.wells


def test_boxes_follow_the_flow() -> None:
    assert whole_boxes([20, 20, 20], [Shipment(0, 4, 40), Shipment(0, 7, 20)]) == (4, 4, 7)


def test_boxes_beyond_the_flow_wait() -> None:
    assert whole_boxes([20, 20, 5], [Shipment(0, 4, 25)]) == (4, None, 4)


@given(boxes=st.lists(st.integers(1, 30), max_size=12), cuts=st.lists(st.floats(0, 1), min_size=2, max_size=2))
def test_no_laboratory_gets_a_whole_box_too_many(boxes: list[int], cuts: list[float]) -> None:
    low, high = sorted(round(cut * sum(boxes)) for cut in cuts)
    shares = [Shipment(0, 1, low), Shipment(0, 2, high - low)]
    goes = whole_boxes(boxes, shares)
    for share in shares:
        got = sum(tubes for tubes, lab in zip(boxes, goes, strict=True) if lab == share.lab)
        assert not got or got < share.tubes + max(boxes)
