"""Plans of points: what is asked, what comes out, what cannot be."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dayclear.sampling.rules.planning import (
    MOST_CANDIDATES,
    Aim,
    Candidate,
    Community,
    Question,
    may_plan,
    plan_points,
)
from dayclear.sampling.rules.staffing import Norms

NORMS = Norms()
LIMIT = timedelta(seconds=20)
# One street of the county, west to east; a thousandth of a degree of longitude is about 92 m there.
STREET = [Community(f"community {n}", 1_000, 34.2, 108.9 + n / 100) for n in range(6)]
HALLS = [Candidate(f"H{n}", f"hall {n}", 34.2, 108.9 + n / 100, lanes=2) for n in range(6)]


def _ask(aim: Aim, points: int = 2, reach_m: int = 1_000, hours: float = 6) -> Question:
    return Question(aim, points, reach_m, hours)


def test_the_fewest_points_stand_so_that_each_serves_its_neighbours() -> None:
    plan = plan_points(STREET, HALLS, _ask(Aim.FEWEST), NORMS, limit=LIMIT)
    assert [point.candidate for point in plan.points] == [1, 4]
    assert (plan.people, plan.within_reach, plan.gap) == (6_000, 6_000, 0)
    assert plan.farthest_m == pytest.approx(920, abs=3)


def test_the_widest_reach_of_one_point_takes_three_communities_of_six() -> None:
    plan = plan_points(STREET, HALLS, _ask(Aim.WIDEST, points=1), NORMS, limit=LIMIT)
    assert (len(plan.points), plan.within_reach) == (1, 3_000)


def test_the_shortest_ways_fill_no_hall_beyond_its_lanes() -> None:
    plan = plan_points(STREET, HALLS, _ask(Aim.SHORTEST, points=4), NORMS, limit=LIMIT)
    assert sum(point.people for point in plan.points) == 6_000
    assert all(point.people <= 2 * 131 * 6 for point in plan.points)


def test_a_point_says_its_samplers_its_queue_and_the_lanes_it_would_need() -> None:
    (point,) = plan_points(STREET, HALLS, _ask(Aim.WIDEST, points=1), NORMS, limit=LIMIT).points
    assert (point.people, point.communities, point.samplers) == (6_000, 6, 17)
    assert point.busy == pytest.approx(1_420 / 262)
    assert point.mean_wait_min is None
    assert point.grows_per_hour == pytest.approx(1_420 - 262)
    assert (point.lanes, point.lanes_needed, point.late) == (2, 11, 1)


def test_the_usual_number_of_points_stands_beside_the_plan() -> None:
    plan = plan_points(STREET, HALLS, _ask(Aim.FEWEST), NORMS, limit=LIMIT)
    assert plan.usual_points == (2, 3)
    assert plan.samplers == 18


@pytest.mark.parametrize(
    ("communities", "candidates", "question", "codes"),
    [
        pytest.param([], HALLS, _ask(Aim.FEWEST), ("communities_missing",), id="nobody"),
        pytest.param([Community("c", 0, 34.2, 108.9)], HALLS, _ask(Aim.FEWEST), ("communities_missing",), id="empty"),
        pytest.param(STREET, [], _ask(Aim.FEWEST), ("candidates_missing",), id="nowhere"),
        pytest.param(STREET, HALLS * 84, _ask(Aim.FEWEST), ("plan_too_large",), id="too many candidates"),
        pytest.param(STREET, HALLS[:1], _ask(Aim.FEWEST), ("groups_out_of_reach",), id="too far"),
        pytest.param(STREET, HALLS, _ask(Aim.WIDEST, points=0), ("points_missing",), id="no point asked for"),
        pytest.param(STREET, HALLS, _ask(Aim.SHORTEST, points=3), ("capacity_short",), id="too few lanes"),
        pytest.param(STREET, HALLS, _ask(Aim.SHORTEST, points=4), (), id="just enough lanes"),
        pytest.param(STREET, HALLS, _ask(Aim.WIDEST, points=1), (), id="one point reaches somebody"),
    ],
)
def test_what_cannot_be_planned_is_said_before_anything_is_solved(
    communities: list[Community], candidates: list[Candidate], question: Question, codes: tuple[str, ...]
) -> None:
    assert len(HALLS * 84) > MOST_CANDIDATES
    assert may_plan(communities, candidates, question, NORMS).codes == codes
