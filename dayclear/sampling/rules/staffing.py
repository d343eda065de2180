"""How many people, points and lanes a round takes, and how long the queue at a point gets."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Norms:
    """What one sampler, one point and one lane are reckoned to do.

    Source: national guide on organising regional testing, 3rd edition, 22 March 2022, as quoted by the press (samplers,
    points); Jinjiang, September 2021, 1,050 people in 2 h at 4 lanes (lane); Tianjin, January 2022, 39,400 a minute at
    the peak of 10 million in 6 h (peak over average).
    """

    people_per_sampler: int = 360
    people_per_point: tuple[int, int] = (2_000, 3_000)
    people_per_lane_hour: int = 131
    peak: float = 1.42


@dataclass(frozen=True, slots=True)
class Workforce:
    """What so many people take. `points` are the fewest and the most."""

    samplers: int
    points: tuple[int, int]


def workforce_for(people: int, norms: Norms) -> Workforce:
    small, large = norms.people_per_point
    return Workforce(
        samplers=math.ceil(people / norms.people_per_sampler),
        points=(math.ceil(people / large), math.ceil(people / small)),
    )


def room_of(lanes: int, hours: float, norms: Norms) -> float:
    """The people that lanes take in so many hours without a pause."""
    return lanes * hours * norms.people_per_lane_hour


@dataclass(frozen=True, slots=True)
class Queue:
    """The queue at a point in its busiest hours.

    `busy`: arrivals over what the lanes take. From 1 on there is no steady queue: it grows by `grows_per_hour` people
    and the waits are None. Below, as in an M/M/c queue (Erlang C): people come at random, and a swab takes a time that
    varies as much as its mean; where groups of ten are called up together the wait is shorter.
    """

    busy: float
    mean_wait: timedelta | None
    grows_per_hour: float
    _delayed: float
    _spare_per_hour: float

    def waits_longer(self, than: timedelta) -> float:
        """The share of those who come who wait longer."""
        if self.mean_wait is None:
            return 1.0
        return self._delayed * math.exp(-self._spare_per_hour * than / timedelta(hours=1))


def queue_at(people: float, lanes: int, hours: float, norms: Norms) -> Queue:
    """The queue where so many people come within the hours of a point, unevenly."""
    arrivals = people / hours * norms.peak
    served = float(lanes * norms.people_per_lane_hour)
    busy = arrivals / served
    if busy >= 1:
        return Queue(busy, None, arrivals - served, 1.0, 0.0)
    delayed = erlang_c(lanes, arrivals / norms.people_per_lane_hour)
    return Queue(busy, timedelta(hours=delayed / (served - arrivals)), 0.0, delayed, served - arrivals)


def lanes_for(people: float, hours: float, longest: timedelta, norms: Norms, *, late: float = 0.05) -> int:
    """The fewest lanes with which at most the share `late` waits longer. Shape: at least 1."""
    lanes = max(1, math.ceil(people / hours * norms.peak / norms.people_per_lane_hour))
    while queue_at(people, lanes, hours, norms).waits_longer(longest) > late:
        lanes += 1
    return lanes


def erlang_c(servers: int, load: float) -> float:
    """The probability of having to wait at all. Units: `load` in servers kept busy, below their number."""
    blocked = 1.0
    for server in range(1, servers + 1):
        blocked = load * blocked / (server + load * blocked)
    return servers * blocked / (servers - load * (1 - blocked))
