"""The geometry of a plate and the arithmetic of capacity.

Source: testing reference §1.5: 357 machines × 8 runs × 92 samples = 262,752 a day; a plate of 96 wells holds 92 samples
and 4 controls. All three numbers are an instrument's own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from math import ceil

# Wells → rows, columns.
SHAPES: Mapping[int, tuple[int, int]] = {96: (8, 12), 384: (16, 24)}
WELLS, CONTROLS, RUNS_PER_DAY = 96, 4, 8
_POSITION = re.compile(r"([A-P])0*([1-9][0-9]?)")


class Control(StrEnum):
    """What a control well must show."""

    POSITIVE = "positive_control"
    NEGATIVE = "negative_control"


def position_name(index: int, wells: int) -> str:
    """The name of a well. Shape: 0 → A1, 12 → B1 on a plate of 96: row by row."""
    _rows, columns = SHAPES[wells]
    row, column = divmod(index, columns)
    return f"{chr(65 + row)}{column + 1}"


def position_index(name: str, wells: int) -> int | None:
    """The number of a well called A1 or A01; None where the plate has none of that name."""
    rows, columns = SHAPES[wells]
    match = _POSITION.fullmatch(name.strip().upper())
    if match is None:
        return None
    row, column = ord(match[1]) - 65, int(match[2]) - 1
    return row * columns + column if row < rows and column < columns else None


def control_wells(wells: int, controls: int) -> dict[int, Control]:
    """Where the controls stand when nobody says otherwise: the last wells, the negative ones before the positive."""
    negative = ceil(controls / 2)
    first = wells - controls
    return {first + n: Control.NEGATIVE if n < negative else Control.POSITIVE for n in range(controls)}


def lay_out(tubes: Sequence[int], wells: int, controls: Mapping[int, Control]) -> dict[int, int]:
    """Tubes into the free wells, row by row. Shape: well → tube. The tubes must not outnumber the free wells."""
    free = [index for index in range(wells) if index not in controls]
    return dict(zip(free, tubes, strict=False))


def samples_per_run(wells: int = WELLS, controls: int = CONTROLS) -> int:
    return wells - controls


def daily_capacity(
    machines: int, runs_per_day: int = RUNS_PER_DAY, *, wells: int = WELLS, controls: int = CONTROLS
) -> int:
    """Tubes a day."""
    return machines * runs_per_day * samples_per_run(wells, controls)


def plates_for(tubes: int, *, wells: int = WELLS, controls: int = CONTROLS) -> int:
    """Plates that so many tubes ask for."""
    return -(-tubes // samples_per_run(wells, controls))


@dataclass(frozen=True, slots=True)
class Machine:
    """What an instrument can do."""

    wells: int = WELLS
    controls: int = CONTROLS
    runs_per_day: int = RUNS_PER_DAY


def free_wells(machines: Sequence[Machine], window: timedelta, backlog: int) -> int:
    """Tubes a laboratory can still take and examine within a window, behind what already waits there."""
    most = sum(
        samples_per_run(machine.wells, machine.controls) * machine.runs_per_day * (window / timedelta(days=1))
        for machine in machines
    )
    return max(0, int(most) - backlog)


@dataclass(frozen=True, slots=True)
class Span:
    """A run on an instrument."""

    started_at: datetime
    ended_at: datetime


def impossible_runs(spans: Sequence[Span], *, shortest: timedelta, runs_per_day: int) -> tuple[str, ...]:
    """Why these runs of one instrument cannot all have been: codes, none when they can.

    Shape: `run_too_short`, `runs_overlap`, `too_many_runs` (more in 24 hours than the instrument makes in a day, and
    one that the edges of the day may cut).
    """
    ordered = sorted(spans, key=lambda span: (span.started_at, span.ended_at))
    found = []
    if any(span.ended_at - span.started_at < shortest for span in ordered):
        found.append("run_too_short")
    if any(later.started_at < span.ended_at for span, later in pairwise(ordered)):
        found.append("runs_overlap")
    starts = [span.started_at for span in ordered]
    most = runs_per_day + 1
    if any(late - early < timedelta(days=1) for early, late in zip(starts, starts[most:], strict=False)):
        found.append("too_many_runs")
    return tuple(found)
