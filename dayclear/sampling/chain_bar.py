"""The chain bar: legs whose length is time, the limit marked, late legs marked, what is predicted hatched."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from dayclear.sampling.rules.chains.legs import ChainClock, Forecast, legs_of

WIDTH = 1000
_HATCH, _STROKE = 12, 5
_LEAST = 3


@dataclass(frozen=True, slots=True)
class Bar:
    """Units: of a width of 1000. Shape: `parts` (x, width, leg, state), `hatches` (x, width, leg) of what is predicted,
    `late` where a leg ended after it was due; `limit` and `now` are places on the bar (`now` None for a closed one)."""

    parts: list[tuple[int, int, int, str]]
    hatches: list[tuple[int, int, int]]
    late: list[int]
    limit: int
    now: int | None


def span_of(clock: ChainClock, expected: Forecast | None, *, now: datetime) -> timedelta:
    """How much time a chain's bar has to hold: its limit at least, and twice that at most."""
    limit = clock.due[-1] - clock.alarm_at
    ends = [at for at in clock.instants if at is not None] + ([now] if not clock.over else [])
    last = max([*ends, *(expected.ends if expected else ())], default=clock.alarm_at)
    return min(max(last - clock.alarm_at, limit), 2 * limit)


def bar_of(clock: ChainClock, expected: Forecast | None, span: timedelta, *, now: datetime) -> Bar:
    """The bar of one chain on a scale of `span`; what lies beyond it is cut off."""

    def place(at: datetime) -> int:
        return max(0, min(round((at - clock.alarm_at) / span * WIDTH), WIDTH))

    parts, hatches, late = [], [], []
    shown = clock.alarm_at
    for number, leg in enumerate(legs_of(clock, now=now)):
        end = leg.ended_at or (now if leg.begun_at is not None and not clock.over else None)
        if end is not None:
            parts.append((place(shown), max(place(end) - place(shown), _LEAST), number, leg.state))
            shown = max(shown, end)
        if leg.state == "done_late" and leg.ended_at is not None:
            late.append(place(leg.ended_at))
        if expected is not None and leg.ended_at is None:
            start, stop = place(shown), place(expected.ends[number])
            hatches += [(x, min(_STROKE, stop - x), number) for x in range(start, stop, _HATCH)]
            shown = max(shown, expected.ends[number])
    return Bar(parts, hatches, late, place(clock.due[-1]), None if clock.over else place(now))
