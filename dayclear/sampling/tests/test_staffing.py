"""Samplers, points, lanes and queues."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dayclear.sampling.rules.staffing import Norms, erlang_c, lanes_for, queue_at, room_of, workforce_for

NORMS = Norms()
HALF_AN_HOUR = timedelta(minutes=30)


def test_a_province_of_ten_million_two_hundred_thousand() -> None:
    workforce = workforce_for(10_200_000, NORMS)
    assert workforce.samplers == 28_334
    assert workforce.points == (3_400, 5_100)


def test_four_lanes_take_what_jinjiang_took_in_two_hours() -> None:
    assert room_of(4, 2, NORMS) == pytest.approx(1_050, abs=5)


@pytest.mark.parametrize(
    ("servers", "load", "waits"),
    [
        pytest.param(1, 0.5, 0.5, id="one server half busy"),
        pytest.param(2, 1.0, 1 / 3, id="two servers half busy"),
        pytest.param(3, 2.0, 4 / 9, id="three servers two thirds busy"),
    ],
)
def test_the_probability_to_wait(servers: int, load: float, waits: float) -> None:
    assert erlang_c(servers, load) == pytest.approx(waits)


@given(servers=st.integers(1, 30), busy=st.floats(0.01, 0.99))
def test_the_probability_to_wait_equals_the_sum_of_the_textbook(servers: int, busy: float) -> None:
    load = servers * busy
    terms = [1.0]
    for k in range(1, servers + 1):
        terms.append(terms[-1] * load / k)
    last = terms[-1] / (1 - busy)
    assert erlang_c(servers, load) == pytest.approx(last / (sum(terms[:-1]) + last))


def test_one_lane_half_busy_waits_as_long_as_it_serves() -> None:
    even = Norms(people_per_lane_hour=60, peak=1)
    queue = queue_at(people=60, lanes=1, hours=2, norms=even)
    assert (queue.busy, queue.grows_per_hour) == (0.5, 0)
    assert queue.mean_wait == timedelta(minutes=1)
    assert queue.waits_longer(timedelta(0)) == pytest.approx(0.5)


def test_more_people_than_the_lanes_take_and_the_queue_grows() -> None:
    queue = queue_at(people=1_310, lanes=1, hours=5, norms=NORMS)
    assert queue.busy == pytest.approx(2 * 1.42)
    assert queue.mean_wait is None
    assert queue.grows_per_hour == pytest.approx(262 * 1.42 - 131)
    assert queue.waits_longer(HALF_AN_HOUR) == 1


def test_just_enough_is_too_much() -> None:
    even = Norms(people_per_lane_hour=100, peak=1)
    assert queue_at(people=100, lanes=1, hours=1, norms=even).mean_wait is None


@given(people=st.floats(1, 20_000), hours=st.floats(1, 12))
def test_the_lanes_are_the_fewest_that_keep_the_wait(people: float, hours: float) -> None:
    lanes = lanes_for(people, hours, HALF_AN_HOUR, NORMS)
    assert queue_at(people, lanes, hours, NORMS).waits_longer(HALF_AN_HOUR) <= 0.05
    assert lanes == 1 or queue_at(people, lanes - 1, hours, NORMS).waits_longer(HALF_AN_HOUR) > 0.05
