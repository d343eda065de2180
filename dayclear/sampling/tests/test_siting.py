"""Where sampling points go, against every possible choice on small instances."""

from __future__ import annotations

from datetime import timedelta
from itertools import combinations

import numpy as np
import pytest
from scipy.optimize import linprog

from dayclear.sampling.rules.siting import (
    Floats,
    Siting,
    distances_m,
    fewest_points,
    may_reach_everybody,
    may_take_everybody,
    shortest_ways,
    widest_reach,
)

LIMIT = timedelta(seconds=20)
SEEDS = range(12)


def _instance(seed: int, groups: int = 14, candidates: int = 7) -> tuple[Floats, Floats, Floats]:
    """Shape: distances in metres, people of each group, what each candidate takes."""
    random = np.random.default_rng(seed)
    homes, sites = random.uniform(0, 4_000, (groups, 2)), random.uniform(0, 4_000, (candidates, 2))
    distances = np.hypot(*(homes[:, None, :] - sites[None, :, :]).transpose(2, 0, 1))
    people = random.integers(50, 900, groups).astype(float)
    return distances, people, random.integers(2_000, 5_000, candidates).astype(float)


def _person_metres(siting: Siting, distances: Floats) -> float:
    return float(sum(distances[group, point] * people for group, point, people in siting.ways))


def _reached(distances: Floats, people: Floats, chosen: tuple[int, ...], reach_m: float) -> float:
    return float(people[(distances[:, chosen] <= reach_m).any(axis=1)].sum())


def _shortest_among(distances: Floats, people: Floats, capacity: Floats, points: int) -> float:
    """Every choice of points, each with its transportation problem solved."""
    return min(
        _transported(distances[:, chosen], people, capacity[list(chosen)])
        for chosen in combinations(range(len(capacity)), points)
        if capacity[list(chosen)].sum() >= people.sum()
    )


def _transported(distances: Floats, people: Floats, capacity: Floats) -> float:
    groups, points = distances.shape
    found = linprog(
        distances.ravel(),
        A_ub=np.tile(np.eye(points), groups),
        b_ub=capacity,
        A_eq=np.kron(np.eye(groups), np.ones(points)),
        b_eq=people,
    )
    assert found.fun is not None
    return float(found.fun)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_fewer_points_reach_everybody(seed: int) -> None:
    distances, people, _capacity = _instance(seed)
    reach = float(distances.min(axis=1).max()) + 1
    siting = fewest_points(distances, people, reach, limit=LIMIT)
    assert _reached(distances, people, siting.points, reach) == people.sum()
    for fewer in combinations(range(distances.shape[1]), len(siting.points) - 1):
        assert not fewer or _reached(distances, people, fewer, reach) < people.sum()


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("points", [1, 3])
def test_no_other_points_reach_more_people(seed: int, points: int) -> None:
    distances, people, _capacity = _instance(seed)
    siting = widest_reach(distances, people, points, 900, limit=LIMIT)
    most = max(_reached(distances, people, chosen, 900) for chosen in combinations(range(7), points))
    assert _reached(distances, people, siting.points, 900) == most
    assert len(siting.points) <= points


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("keep", [1, 30], ids=["one kept", "all kept"])
def test_no_other_points_make_the_ways_shorter(seed: int, keep: int) -> None:
    distances, people, capacity = _instance(seed)
    points = 4
    siting = shortest_ways(distances, people, capacity, points, limit=LIMIT, keep=keep)
    assert siting.gap == 0
    assert _person_metres(siting, distances) == pytest.approx(
        _shortest_among(distances, people, capacity, points), rel=1e-6
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_everybody_goes_somewhere_open_and_no_point_is_overfilled(seed: int) -> None:
    distances, people, capacity = _instance(seed)
    siting = shortest_ways(distances, people, capacity, 4, limit=LIMIT, keep=2)
    gone, taken = np.zeros(len(people)), np.zeros(len(capacity))
    for group, point, count in siting.ways:
        gone[group] += count
        taken[point] += count
        assert point in siting.points
    assert gone == pytest.approx(people)
    assert (taken <= capacity + 1e-3).all()


def test_a_full_point_sends_people_to_the_next() -> None:
    distances = np.array([[100.0, 1_000.0], [100.0, 1_000.0]])
    people, capacity = np.array([600.0, 400.0]), np.array([700.0, 700.0])
    siting = shortest_ways(distances, people, capacity, 2, limit=LIMIT)
    assert sum(count for _group, point, count in siting.ways if point == 1) == pytest.approx(300)


def test_groups_without_a_point_in_reach_are_counted() -> None:
    distances = np.array([[100.0, 2_000.0], [1_500.0, 1_200.0], [9_000.0, 8_000.0]])
    decision = may_reach_everybody(distances, 1_000)
    assert decision.codes == ("groups_out_of_reach",)
    assert decision.reasons[0].params == {"count": 2, "metres": 1_000}
    assert may_reach_everybody(distances, 8_000).allowed


def test_the_people_who_find_no_lane_are_counted() -> None:
    people, capacity = np.array([900.0, 900.0]), np.array([800.0, 700.0, 600.0])
    decision = may_take_everybody(people, capacity, 2)
    assert decision.codes == ("capacity_short",)
    assert decision.reasons[0].params == {"short": 300, "points": 2}
    assert may_take_everybody(people, capacity, 3).allowed


def test_what_cannot_be_reached_is_not_solved() -> None:
    with pytest.raises(ValueError, match="infeasible"):
        fewest_points(np.array([[2_000.0]]), np.array([1.0]), 1_000, limit=LIMIT)


def test_a_degree_of_latitude_is_111_km_and_of_longitude_less_away_from_the_equator() -> None:
    north, east = distances_m(np.array([[20.0, 110.0]]), np.array([[21.0, 110.0], [20.0, 111.0]]))[0]
    assert north == pytest.approx(111_195, abs=1)
    assert east == pytest.approx(111_195 * np.cos(np.radians(20)), rel=1e-4)
