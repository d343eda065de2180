"""The clock of a chain: five legs between six instants, the limit of each, and whether it will be late."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from dayclear.sampling.rules.chains.members import MemberFacts, is_settled

# 采、送、检、报、转 (mission S05). The alarm is the instant before the first.
LEGS = ("collect", "deliver", "assay", "report", "transfer")
_STEP_OF = {"collect": "resample", "deliver": "deliver", "assay": "result", "report": "result", "transfer": "arrive"}
# Medians come from the last so many finished chains; fewer than the least predict nothing.
LAST, LEAST = 20, 5


def due_instants(alarm_at: datetime, total: timedelta, shares: Mapping[str, int]) -> tuple[datetime, ...]:
    """When each leg is due: the shares cut the total, counted from the alarm; the last is due with the whole.

    So a leg that took too long takes time from those after it, and one that was quick gives some.
    """
    whole, until, due = sum(shares[leg] for leg in LEGS), 0, []
    for leg in LEGS:
        until += shares[leg]
        due.append(alarm_at + total * until / whole)
    return tuple(due)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a chain is.

    Shape: `instants` are those at which the last member finished each leg, None while somebody has not; `done` counts
    those who have, of `of` who count. The transfer counts the positive only. `over`: nothing is left to be done; it
    never is for a chain whose members nobody knows.
    """

    instants: tuple[datetime | None, ...]
    done: tuple[int, ...]
    of: tuple[int, ...]
    over: bool


def progress_of(members: Sequence[MemberFacts]) -> Progress:
    """How far a chain is. Whoever was given up is waited for no more and counts nowhere."""
    counted = [member for member in members if member.outcome != "given_up"]
    positive = [member for member in counted if member.outcome == "positive"]
    instants, done, of = [], [], []
    for leg in LEGS:
        asked = positive if leg == "transfer" else counted
        finished = [at for member in asked if (at := _finished_at(member, leg)) is not None]
        # The transfer is not over while somebody may still turn out positive.
        open_still = leg == "transfer" and any(not member.outcome for member in counted)
        instants.append(max(finished) if finished and len(finished) == len(asked) and not open_still else None)
        done.append(len(finished))
        of.append(len(asked))
    return Progress(tuple(instants), tuple(done), tuple(of), over=bool(members) and all(map(is_settled, members)))


def _finished_at(member: MemberFacts, leg: str) -> datetime | None:
    if leg == "assay":
        return member.assayed_at or member.reported_at
    return member.done_at(_STEP_OF[leg])


@dataclass(frozen=True, slots=True)
class ChainClock:
    """A chain as its clock sees it. Shape: `due` and `instants` have one for each of `LEGS`. `over`: it is closed."""

    alarm_at: datetime
    due: tuple[datetime, ...]
    instants: tuple[datetime | None, ...]
    over: bool = False

    def begun_at(self, leg: int) -> datetime | None:
        """When a leg began: with the end of the one before it."""
        return self.alarm_at if leg == 0 else self.instants[leg - 1]


@dataclass(frozen=True, slots=True)
class Leg:
    """One leg. `state`: done, done_late, running, overdue, waiting or not_needed."""

    name: str
    state: str
    begun_at: datetime | None
    ended_at: datetime | None
    due_at: datetime


def legs_of(clock: ChainClock, *, now: datetime) -> tuple[Leg, ...]:
    """The legs as they stand. A leg is late once its due instant has come, whichever leg lost the time."""
    return tuple(
        Leg(name, _state(clock, at, now), clock.begun_at(at), clock.instants[at], clock.due[at])
        for at, name in enumerate(LEGS)
    )


def _state(clock: ChainClock, leg: int, now: datetime) -> str:
    ended, due = clock.instants[leg], clock.due[leg]
    if ended is not None:
        return "done" if ended <= due else "done_late"
    if clock.over:
        return "not_needed"
    if now >= due:
        return "overdue"
    return "running" if clock.begun_at(leg) is not None else "waiting"


def is_in_time(clock: ChainClock) -> bool:
    """Whether a finished chain kept its whole limit: its last instant lies not after it."""
    last = max((at for at in clock.instants if at is not None), default=clock.alarm_at)
    return last <= clock.due[-1]


@dataclass(frozen=True, slots=True)
class Pace:
    """How long the legs take at present. Shape: one for each of `LEGS`, None where too few chains had it."""

    chains: int
    legs: tuple[timedelta | None, ...]


def pace_of(finished: Iterable[ChainClock]) -> Pace:
    """The median of each leg over the last finished chains, the latest first; at most `LAST` of them are asked."""
    lately = list(finished)[:LAST]
    columns = [[span for each in lately if (span := _spans(each)[leg]) is not None] for leg in range(len(LEGS))]
    return Pace(len(lately), tuple(_median(spans) if len(spans) >= LEAST else None for spans in columns))


def _median(spans: Sequence[timedelta]) -> timedelta:
    return timedelta(seconds=median(span.total_seconds() for span in spans))


def _spans(clock: ChainClock) -> list[timedelta | None]:
    ends = [clock.alarm_at, *clock.instants]
    return [end - start if start is not None and end is not None else None for start, end in pairwise(ends)]


@dataclass(frozen=True, slots=True)
class Forecast:
    """When the open legs will be over at the present pace. Shape: `ends` one for each of `LEGS`, ended ones as they
    were. `late_by`: over the whole limit; nothing or less where it will be kept."""

    ends: tuple[datetime, ...]
    late_by: timedelta


def forecast(clock: ChainClock, pace: Pace, *, now: datetime) -> Forecast | None:
    """What the present pace makes of an open chain; None where too few chains have been finished to say.

    A running leg takes its median from its beginning, and at least until now; those after it take theirs. While a
    result is outstanding it is assumed that somebody will have to be transferred.
    """
    if clock.over:
        return None
    at, ends = clock.alarm_at, []
    for leg, ended in enumerate(clock.instants):
        if ended is None:
            span = pace.legs[leg]
            if span is None:
                return None
            at = max(at + span, now)
        else:
            at = ended
        ends.append(at)
    return Forecast(tuple(ends), ends[-1] - clock.due[-1])
