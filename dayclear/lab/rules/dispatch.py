"""Which boxes go to which laboratory this hour: a flow of least travel and waiting, at the exact optimum.

In prose, with the guarantee: docs/algorithms/dispatch.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

from dayclear.foundation.decisions import Decision, Reason

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Ready:
    """Tubes of one age that wait at one point. `age`: since the first swab of the oldest tube."""

    tubes: int
    age: timedelta


@dataclass(frozen=True, slots=True)
class Room:
    """What a laboratory can take in the window: wells neither filled nor promised, and the wait before they are."""

    wells: int
    wait: timedelta


@dataclass(frozen=True, slots=True)
class Shipment:
    """Shape: positions in the lists of what is ready and of the laboratories."""

    ready: int
    lab: int
    tubes: int


@dataclass(frozen=True, slots=True)
class Shortage:
    """Tubes that no laboratory takes: what other provinces are to be asked for.

    `why`: `too_far` where none can be reached before the tubes are too old, else `no_wells`.
    """

    ready: int
    tubes: int
    why: str


@dataclass(frozen=True, slots=True)
class Dispatch:
    """Units: `tube_minutes` of travel and waiting. Shape: both lists by `ready`, shipments then by laboratory."""

    shipments: tuple[Shipment, ...]
    shortages: tuple[Shortage, ...]
    tube_minutes: int


def dispatch(ready: Sequence[Ready], labs: Sequence[Room], travel_min: Floats, limit: timedelta) -> Dispatch:
    """As many tubes as can be, by the cheapest ways: a way costs travel and wait, rounded up to the minute.

    A way is open while age and travel keep the limit. Shape: `travel_min` has a row for each of `ready` and a column
    for each laboratory; infinite where there is no road.
    """
    tubes: Integers = np.array([each.tubes for each in ready], dtype=np.int64)
    wells: Integers = np.array([max(0, lab.wells) for lab in labs], dtype=np.int64)
    left_min = np.array([(limit - each.age) / MINUTE for each in ready], dtype=np.float64)
    wait_min = np.array([lab.wait / MINUTE for lab in labs], dtype=np.float64)
    open_ways = travel_min <= left_min[:, None]
    source, lab = np.nonzero(open_ways)
    cost = np.ceil(travel_min[source, lab] + wait_min[lab]).astype(np.int64)
    sent = _flows(source, lab, cost, tubes, wells)
    used = np.flatnonzero(sent)
    shipments = tuple(Shipment(int(source[way]), int(lab[way]), int(sent[way])) for way in used)
    placed = np.bincount(source, weights=sent, minlength=len(tubes)).astype(np.int64)
    ways_of = np.bincount(source, minlength=len(tubes))
    shortages = tuple(
        Shortage(int(row), int(tubes[row] - placed[row]), "no_wells" if ways_of[row] else "too_far")
        for row in np.flatnonzero(tubes > placed)
    )
    return Dispatch(shipments, shortages, int(sent @ cost))


def whole_boxes(boxes: Sequence[int], shares: Sequence[Shipment]) -> tuple[int | None, ...]:
    """Where each box of one point goes, since a flow counts tubes and a van carries boxes.

    The largest box first, to whom most of the point's flow is still due; None: to nobody, it waits for a laboratory
    elsewhere. No laboratory gets as much as its largest box beyond its share. Shape: in the order of `boxes`, which
    are numbers of tubes.
    """
    due: dict[int | None, int] = {share.lab: share.tubes for share in shares}
    due[None] = sum(boxes) - sum(due.values())
    goes: list[int | None] = [None] * len(boxes)
    for box in sorted(range(len(boxes)), key=lambda each: (-boxes[each], each)):
        goes[box] = max(due, key=lambda lab: due[lab])
        due[goes[box]] -= boxes[box]
    return tuple(goes)


def may_accept(*, is_newest: bool, is_accepted: bool, placed: int) -> Decision:
    """Whether the laboratories of a round may be filled in on its boxes: of the newest alone, for it knows what stands
    ready and what is free."""
    reasons = []
    if is_accepted:
        reasons.append(Reason("dispatch_accepted"))
    if not is_newest:
        reasons.append(Reason("dispatch_overtaken"))
    if not placed:
        reasons.append(Reason("dispatch_places_nothing"))
    return Decision(tuple(reasons))


def cheapest_flow(
    tails: Integers, heads: Integers, capacities: Integers, costs: Integers, supplies: Integers
) -> Integers:
    """The flow on each arc that carries all supplies at the least cost. Shape: supplies below zero are demands.

    Raises: ValueError, when the arcs cannot carry the supplies or these do not add up to zero.
    """
    network = SimpleMinCostFlow()
    arcs = network.add_arcs_with_capacity_and_unit_cost(tails, heads, capacities, costs)
    network.set_nodes_supplies(np.arange(len(supplies)), supplies)
    status = network.solve()
    if status != network.OPTIMAL:
        raise ValueError(f"no flow: {status.name}")
    return np.asarray(network.flows(arcs), dtype=np.int64)


def _flows(source: Integers, lab: Integers, cost: Integers, tubes: Integers, wells: Integers) -> Integers:
    """The tubes on each way.

    All flow ends in one node, from the laboratories through their wells. The dummy laboratory is a way there past all
    of them that is dearer than any detour: it is taken only where no other arrangement would take one tube more.
    """
    points, labs = np.arange(len(tubes)), np.arange(len(wells)) + len(tubes)
    end = len(tubes) + len(wells)
    dearer_than_any_detour = (int(cost.max(initial=0)) + 1) * (len(wells) + 1)
    flows = cheapest_flow(
        tails=np.concatenate([source, labs, points]),
        heads=np.concatenate([lab + len(tubes), np.full(len(wells) + len(tubes), end)]),
        capacities=np.concatenate([np.minimum(tubes[source], wells[lab]), wells, tubes]),
        costs=np.concatenate([cost, np.zeros_like(wells), np.full_like(tubes, dearer_than_any_detour)]),
        supplies=np.concatenate([tubes, np.zeros_like(wells), [-tubes.sum()]]),
    )
    return flows[: len(source)]
