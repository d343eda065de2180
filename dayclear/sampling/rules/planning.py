"""A plan of sampling points: which places open, who goes where, with how many lanes and samplers, and what queue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

import numpy as np

from dayclear.foundation.decisions import ALLOWED, Decision, Reason, refuse
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
from dayclear.sampling.rules.staffing import Norms, lanes_for, queue_at, room_of, workforce_for

MOST_COMMUNITIES, MOST_CANDIDATES = 3_000, 500


class Aim(StrEnum):
    """What is asked of a plan."""

    FEWEST = "fewest"
    WIDEST = "widest"
    SHORTEST = "shortest"


@dataclass(frozen=True, slots=True)
class Community:
    """People who live in one spot. Units: degrees."""

    name: str
    people: int
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place that may become a point. `lanes`: how many it can have."""

    code: str
    name: str
    latitude: float
    longitude: float
    lanes: int


@dataclass(frozen=True, slots=True)
class Question:
    """`points`: at most so many are opened; of no meaning where the fewest are asked for."""

    aim: Aim
    points: int
    reach_m: int
    hours: float
    longest_wait: timedelta = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class PlannedPoint:
    """One place to open. `candidate` is its position; `mean_wait_min` is None where the queue only grows.

    `lanes_needed` keep the wait below the longest for 19 of 20 people; `late` is the share that waits longer at the
    lanes there are. Units: metres, minutes.
    """

    candidate: int
    communities: int
    people: int
    farthest_m: int
    lanes: int
    lanes_needed: int
    samplers: int
    busy: float
    mean_wait_min: float | None
    grows_per_hour: float
    late: float


@dataclass(frozen=True, slots=True)
class Plan:
    """What answers a question. `gap`: how far, as a share, it may be from the best; 0 where it is proven the best."""

    points: tuple[PlannedPoint, ...]
    people: int
    within_reach: int
    mean_m: int
    farthest_m: int
    samplers: int
    usual_points: tuple[int, int]
    gap: float


def may_plan(
    communities: Sequence[Community], candidates: Sequence[Candidate], question: Question, norms: Norms
) -> Decision:
    """Whether there is a plan at all.

    Shape: `communities_missing`, `candidates_missing`, `plan_too_large`, `points_missing`, `groups_out_of_reach`,
    `capacity_short`.
    """
    if not communities or sum(each.people for each in communities) == 0:
        return refuse("communities_missing")
    if not candidates:
        return refuse("candidates_missing")
    if len(communities) > MOST_COMMUNITIES or len(candidates) > MOST_CANDIDATES:
        return Decision((Reason("plan_too_large", {"communities": MOST_COMMUNITIES, "candidates": MOST_CANDIDATES}),))
    if question.aim is Aim.FEWEST:
        return may_reach_everybody(_distances(communities, candidates), question.reach_m)
    if question.points < 1:
        return refuse("points_missing")
    if question.aim is Aim.SHORTEST:
        return may_take_everybody(_people(communities), _room(candidates, question, norms), question.points)
    return ALLOWED


def plan_points(
    communities: Sequence[Community],
    candidates: Sequence[Candidate],
    question: Question,
    norms: Norms,
    *,
    limit: timedelta,
) -> Plan:
    """Raises: ValueError, where `may_plan` says no; TimeoutError, where nothing was found within the limit."""
    distances, people = _distances(communities, candidates), _people(communities)
    match question.aim:
        case Aim.FEWEST:
            siting = fewest_points(distances, people, question.reach_m, limit=limit)
        case Aim.WIDEST:
            siting = widest_reach(distances, people, question.points, question.reach_m, limit=limit)
        case Aim.SHORTEST:
            room = _room(candidates, question, norms)
            siting = shortest_ways(distances, people, room, question.points, limit=limit)
    points = tuple(_point(point, siting, distances, candidates, question, norms) for point in siting.points)
    total = int(people.sum())
    metres = [(distances[group, point], count) for group, point, count in siting.ways]
    return Plan(
        points=tuple(point for point in points if point.people),
        people=total,
        within_reach=round(sum(count for away, count in metres if away <= question.reach_m)),
        mean_m=round(sum(away * count for away, count in metres) / total),
        farthest_m=round(max(away for away, count in metres if count)),
        samplers=sum(point.samplers for point in points),
        usual_points=workforce_for(total, norms).points,
        gap=siting.gap,
    )


def _point(
    point: int, siting: Siting, distances: Floats, candidates: Sequence[Candidate], question: Question, norms: Norms
) -> PlannedPoint:
    coming = [(group, count) for group, to, count in siting.ways if to == point and count]
    people = round(sum(count for _group, count in coming))
    lanes = candidates[point].lanes
    queue = queue_at(people, lanes, question.hours, norms)
    return PlannedPoint(
        candidate=point,
        communities=len(coming),
        people=people,
        farthest_m=round(max((float(distances[group, point]) for group, _count in coming), default=0)),
        lanes=lanes,
        lanes_needed=lanes_for(people, question.hours, question.longest_wait, norms),
        samplers=workforce_for(people, norms).samplers,
        busy=queue.busy,
        mean_wait_min=None if queue.mean_wait is None else queue.mean_wait / timedelta(minutes=1),
        grows_per_hour=queue.grows_per_hour,
        late=queue.waits_longer(question.longest_wait),
    )


def _distances(communities: Sequence[Community], candidates: Sequence[Candidate]) -> Floats:
    return distances_m(_degrees(communities), _degrees(candidates))


def _degrees(spots: Sequence[Community] | Sequence[Candidate]) -> Floats:
    return np.array([(spot.latitude, spot.longitude) for spot in spots], dtype=np.float64).reshape(-1, 2)


def _people(communities: Sequence[Community]) -> Floats:
    return np.array([each.people for each in communities], dtype=np.float64)


def _room(candidates: Sequence[Candidate], question: Question, norms: Norms) -> Floats:
    return np.array([room_of(each.lanes, question.hours, norms) for each in candidates], dtype=np.float64)
