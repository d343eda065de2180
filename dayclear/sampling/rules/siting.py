"""Where sampling points go: the fewest that reach everybody, the widest reach of a few, the shortest ways.

Exact mixed-integer programs for HiGHS; what is best when `limit` is over is told with how far off it may be. The
guarantee of each in prose: docs/algorithms/siting.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, OptimizeResult, milp
from scipy.sparse import csr_array, hstack

from dayclear.foundation.decisions import ALLOWED, Decision, refuse

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

_EARTH_RADIUS_M = 6_371_008.8
_INFEASIBLE_OR_ERROR = (2, 3, 4)
# People fewer than this going somewhere are the solver's rounding, not people.
_NOBODY = 1e-6


@dataclass(frozen=True, slots=True)
class Siting:
    """Where points go, and who goes to which.

    `gap`: how far, as a share, the answer may at most be from the best one; 0 when it is proven the best.
    Shape: `points` and the second column of `ways` are columns of the distances, ascending; `ways` are (group, point,
    people), a group in as many lines as points serve it.
    """

    points: tuple[int, ...]
    ways: tuple[tuple[int, int, float], ...]
    gap: float


def distances_m(from_degrees: Floats, to_degrees: Floats) -> Floats:
    """Great-circle distances. Shape: rows (latitude, longitude) in degrees; the answer has a row a `from`."""
    start, end = np.radians(from_degrees)[:, None, :], np.radians(to_degrees)[None, :, :]
    half = np.sin((start - end) / 2) ** 2
    chord = half[..., 0] + np.cos(start[..., 0]) * np.cos(end[..., 0]) * half[..., 1]
    return np.asarray(2 * _EARTH_RADIUS_M * np.arcsin(np.sqrt(chord)), dtype=np.float64)


def may_reach_everybody(distances: Floats, reach_m: float) -> Decision:
    """Whether points can reach every group at all. Shape: `groups_out_of_reach`."""
    beyond = int(np.sum(~(distances <= reach_m).any(axis=1)))
    return refuse("groups_out_of_reach", count=beyond, metres=round(reach_m)) if beyond else ALLOWED


def may_take_everybody(people: Floats, capacity: Floats, points: int) -> Decision:
    """Whether so many points can take all people. Complete: no other obstacle is left. Shape: `capacity_short`."""
    most = float(np.sort(capacity)[::-1][:points].sum())
    short = float(people.sum()) - most
    return refuse("capacity_short", short=round(short), points=points) if short > _NOBODY else ALLOWED


def fewest_points(distances: Floats, people: Floats, reach_m: float, *, limit: timedelta) -> Siting:
    """The fewest points so that every group has one within reach (location set covering).

    Everybody goes to the nearest. Raises: ValueError, when some group has no candidate within reach.
    """
    within = csr_array((distances <= reach_m).astype(float))
    found = _solve(
        cost=np.ones(distances.shape[1]),
        constraints=[LinearConstraint(within, lb=1)],
        whole=distances.shape[1],
        limit=limit,
    )
    return _to_the_nearest(distances, people, _chosen(found, distances.shape[1]), _gap(found))


def widest_reach(distances: Floats, people: Floats, points: int, reach_m: float, *, limit: timedelta) -> Siting:
    """So many points with the most people within reach (maximal covering). Everybody goes to the nearest."""
    groups, candidates = distances.shape
    within = csr_array((distances <= reach_m).astype(float))
    reached_only_if_near = hstack([within, -_identity(groups)], format="csr")
    no_more_than = csr_array(np.concatenate([np.ones(candidates), np.zeros(groups)])[None, :])
    found = _solve(
        cost=np.concatenate([np.zeros(candidates), -people]),
        constraints=[LinearConstraint(reached_only_if_near, lb=0), LinearConstraint(no_more_than, ub=points)],
        whole=candidates,
        limit=limit,
    )
    return _to_the_nearest(distances, people, _chosen(found, candidates), _gap(found))


def shortest_ways(
    distances: Floats, people: Floats, capacity: Floats, points: int, *, limit: timedelta, keep: int = 30
) -> Siting:
    """So many points with the shortest ways in all, none taking more than it can (capacitated p-median).

    A group may go to more than one point. Only the `keep` nearest candidates of each group are looked at, beside a way
    beyond them that costs as much as the nearest left out and fills nobody's lanes. An answer that uses no such way is
    the best over all candidates; for the groups that use it, twice as many are kept and it is solved again.

    Raises: ValueError, when the points cannot take everybody.
    """
    order = np.argsort(distances, axis=1, kind="stable")
    kept = np.full(distances.shape[0], min(keep, distances.shape[1]))
    while True:
        ways = _ways(distances, order, kept)
        found = _solve_ways(ways, people, capacity, points, limit)
        beyond = found.x[len(capacity) :][ways.candidate < 0]
        unsettled = ways.group[ways.candidate < 0][beyond * people[ways.group[ways.candidate < 0]] > _NOBODY]
        if not len(unsettled):
            return _as_siting(ways, people, found)
        kept[unsettled] = np.minimum(kept[unsettled] * 2, distances.shape[1])


@dataclass(frozen=True, slots=True)
class _Ways:
    """The ways that are looked at. Shape: one entry a way; `candidate` is −1 for the way beyond those kept."""

    group: Indices
    candidate: Indices
    metres: Floats


def _ways(distances: Floats, order: Indices, kept: Indices) -> _Ways:
    columns = np.arange(distances.shape[1])
    group, rank = np.nonzero(columns[None, :] <= kept[:, None])
    beyond = rank == kept[group]
    candidate = order[group, rank]
    return _Ways(group, np.where(beyond, -1, candidate), distances[group, candidate])


def _solve_ways(ways: _Ways, people: Floats, capacity: Floats, points: int, limit: timedelta) -> OptimizeResult:
    """Shape of the answer's variables: whether each candidate is a point, then the share of its group on each way.

    Numbers are brought near to one, without which HiGHS loses digits.
    """
    unit = people.sum() / len(capacity) or 1.0
    farthest = ways.metres.max() or 1.0
    people, capacity = people / unit, np.minimum(capacity / unit, people.sum() / unit)
    candidates, count = len(capacity), len(ways.group)
    each = np.arange(count)
    real = ways.candidate >= 0
    ones = np.ones(count)
    whole_group = csr_array((ones, (ways.group, candidates + each)), shape=(len(people), candidates + count))
    filled = csr_array(
        (people[ways.group[real]], (ways.candidate[real], candidates + each[real])),
        shape=(candidates, candidates + count),
    )
    room = csr_array((capacity, (np.arange(candidates), np.arange(candidates))), shape=filled.shape)
    real_count = int(real.sum())
    row = np.arange(real_count)
    open_only = csr_array(
        (
            np.concatenate([np.ones(real_count), -np.ones(real_count)]),
            (np.concatenate([row, row]), np.concatenate([candidates + each[real], ways.candidate[real]])),
        ),
        shape=(real_count, candidates + count),
    )
    no_more_than = csr_array(np.concatenate([np.ones(candidates), np.zeros(count)])[None, :])
    return _solve(
        cost=np.concatenate([np.zeros(candidates), ways.metres / farthest * people[ways.group]]),
        constraints=[
            LinearConstraint(whole_group, lb=1, ub=1),
            LinearConstraint(filled - room, ub=0),
            LinearConstraint(open_only, ub=0),
            LinearConstraint(no_more_than, ub=points),
        ],
        whole=candidates,
        limit=limit,
    )


def _solve(cost: Floats, constraints: Sequence[LinearConstraint], whole: int, limit: timedelta) -> OptimizeResult:
    """Minimise over variables between 0 and 1, the first `whole` of them integer.

    Raises: ValueError, where nothing meets the constraints; TimeoutError, where nothing was found in time.
    """
    integrality = np.zeros(len(cost), dtype=np.int8)
    integrality[:whole] = 1
    found = milp(
        cost,
        integrality=integrality,
        bounds=Bounds(0, 1),
        constraints=constraints,
        options={"time_limit": limit.total_seconds(), "mip_rel_gap": 0.0},
    )
    if found.status in _INFEASIBLE_OR_ERROR:
        raise ValueError(found.message)
    if found.x is None:
        raise TimeoutError(found.message)
    return found


def _chosen(found: OptimizeResult, candidates: int) -> Indices:
    return np.flatnonzero(found.x[:candidates] > 0.5)


def _gap(found: OptimizeResult) -> float:
    return float(found.mip_gap or 0.0)


def _identity(size: int) -> csr_array:
    each = np.arange(size)
    return csr_array((np.ones(size), (each, each)), shape=(size, size))


def _to_the_nearest(distances: Floats, people: Floats, chosen: Indices, gap: float) -> Siting:
    nearest = chosen[np.argmin(distances[:, chosen], axis=1)]
    ways = ((group, int(point), float(people[group])) for group, point in enumerate(nearest))
    return Siting(tuple(int(point) for point in chosen), tuple(ways), gap)


def _as_siting(ways: _Ways, people: Floats, found: OptimizeResult) -> Siting:
    candidates = len(found.x) - len(ways.group)
    going = found.x[candidates:] * people[ways.group]
    used = np.flatnonzero(going > _NOBODY)
    chosen = _chosen(found, candidates)
    lines = sorted((int(ways.group[i]), int(ways.candidate[i]), float(going[i])) for i in used)
    return Siting(tuple(int(point) for point in chosen), tuple(lines), _gap(found))
