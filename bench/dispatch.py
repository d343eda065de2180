"""The hourly dispatch of a province's boxes: its time, and its cost against the linear program's."""

from __future__ import annotations

import time
from datetime import timedelta

import numpy as np
from scipy.optimize import LinearConstraint, milp
from scipy.sparse import csr_array, vstack

from bench.figures import Figure
from dayclear.lab.rules.dispatch import Dispatch, Floats, Ready, Room, dispatch

POINTS, LABS = 4_000, 80
# Wells in all, as a share of the tubes: so that some tubes find none and the shortage is solved too.
ROOM = 0.95
LIMIT = timedelta(hours=4)
_MINUTE = timedelta(minutes=1)


def run() -> list[Figure]:
    """Shape: seconds of the flow, and its tube-minutes over those of the linear program on the same ways."""
    ready, rooms, travel = province()
    begun = time.perf_counter()
    found = dispatch(ready, rooms, travel, LIMIT)
    seconds = time.perf_counter() - begun
    tubes = sum(each.tubes for each in ready)
    return [
        Figure(
            f"Dispatch of {POINTS:,} points to {LABS} laboratories",
            seconds,
            "s",
            command="python -m bench dispatch",
            note=f"{tubes:,} tubes, wells for {ROOM:.0%}; aim ≤ 1 s",
        ),
        Figure(
            "Its cost over the optimum",
            found.tube_minutes / least_tube_minutes(ready, rooms, travel, found),
            "×",
            ratio_of="tube-minutes of the flow ÷ of the linear program (HiGHS), as many tubes placed",
            note="aim: 1",
        ),
    ]


def province(seed: int = 20220814) -> tuple[list[Ready], list[Room], Floats]:
    """Generated points and laboratories within 200 by 200 minutes of road. Shape: as `dispatch` takes them."""
    random = np.random.default_rng(seed)
    points, labs = random.uniform(0, 200, (POINTS, 2)), random.uniform(0, 200, (LABS, 2))
    away = points[:, None, :] - labs[None, :, :]
    ages, tubes = random.integers(10, 150, POINTS), random.integers(100, 815, POINTS)
    wells = random.multinomial(round(tubes.sum() * ROOM), np.full(LABS, 1 / LABS))
    ready = [Ready(int(count), int(age) * _MINUTE) for count, age in zip(tubes, ages, strict=True)]
    rooms = [
        Room(int(count), int(wait) * _MINUTE) for count, wait in zip(wells, random.integers(0, 120, LABS), strict=True)
    ]
    return ready, rooms, np.asarray(np.ceil(np.sqrt((away**2).sum(axis=2))))


def least_tube_minutes(ready: list[Ready], rooms: list[Room], travel: Floats, found: Dispatch) -> float:
    """The optimum of the linear program that places as many tubes as `found` does."""
    left = np.array([(LIMIT - each.age) / _MINUTE for each in ready])
    point, lab = np.nonzero(travel <= left[:, None])
    way = np.arange(len(point))
    cost = travel[point, lab] + np.array([room.wait / _MINUTE for room in rooms])[lab]
    ones = np.ones(len(way))
    rows = vstack(
        [
            csr_array((ones, (point, way)), shape=(POINTS, len(way))),
            csr_array((ones, (lab, way)), shape=(LABS, len(way))),
        ]
    )
    most = np.concatenate([[each.tubes for each in ready], [room.wells for room in rooms]])
    placed = sum(shipment.tubes for shipment in found.shipments)
    solved = milp(cost, constraints=[LinearConstraint(rows, ub=most), LinearConstraint(ones[None, :], placed, placed)])
    if solved.fun is None:
        raise RuntimeError(solved.message)
    return float(solved.fun)
