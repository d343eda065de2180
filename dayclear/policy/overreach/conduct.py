"""What is done to people beside orders and measures: OG-06, 20, 21, and the night stop of coaches."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from dayclear.policy.overreach.books import Books, Breach, found
from dayclear.policy.schema import TIME_ZONE
from dayclear.policy.schema.operations import Transfer

# Why care may be denied for reasons of medicine, never for one of these.
_NO_GROUNDS: Final = ("code", "order", "area", "no_negative_result", "status")
_ZONE: Final = ZoneInfo(TIME_ZONE)
_DAY: Final = 24 * 60


@dataclass(frozen=True, slots=True)
class CareDenial:
    """Somebody who needed care did not get it. `ground` is what they were told."""

    ground: str


@dataclass(frozen=True, slots=True)
class StatusChange:
    """A status about to be set by hand: why, and on which evidence."""

    epidemic_reason: bool
    evidence: str


@dataclass(frozen=True, slots=True)
class ListFacts:
    """A list of people that is to lead to something.

    `epidemic_purpose`: its purpose is one of the closed list. Units: people on it, and those without an exposure of
    their own; `most` of the latter is the installation's choice [D].
    """

    epidemic_purpose: bool
    people: int
    without_exposure: int
    whole_locality: bool
    most: int


@dataclass(frozen=True, slots=True)
class Journey:
    """A coach with people on it."""

    leaves_at: datetime
    arrives_at: datetime
    by_coach: bool = True
    on_expressway: bool = True


def care_breaches(facts: CareDenial, books: Books) -> tuple[Breach, ...]:
    """Whether care was refused for a reason of epidemic control (OG-06)."""
    return found([books.breach("OG-06", {"ground": facts.ground}) if facts.ground in _NO_GROUNDS else None])


def status_breaches(facts: StatusChange, books: Books) -> tuple[Breach, ...]:
    """Whether a code is changed for anything but the epidemic (OG-20, R12)."""
    wrong = not facts.epidemic_reason or not facts.evidence.strip()
    return found([books.breach("OG-20", {}) if wrong else None])


def list_breaches(facts: ListFacts, books: Books) -> tuple[Breach, ...]:
    """Whether a list is of another purpose (OG-20) or takes in people as a population (OG-21, R13)."""
    params: dict[str, str | int] = {"people": facts.people, "without": facts.without_exposure}
    whole = facts.whole_locality or facts.without_exposure > facts.most
    return found(
        [
            books.breach("OG-20", params) if not facts.epidemic_purpose else None,
            books.breach("OG-21", params, limit=facts.most) if whole else None,
        ]
    )


def journey_breaches(journey: Journey, transfer: Transfer | None) -> tuple[Breach, ...]:
    """Whether a coach would be on an expressway in the hours in which none may be (F3).

    Source: fixture F3 (Guizhou, 2022-09-18: left 00:10, crashed 02:40; no expressway coaches from 02:00 to 05:00).
    """
    if transfer is None or not (journey.by_coach and journey.on_expressway):
        return ()
    begins, ends = transfer.no_expressway_coach_from, transfer.no_expressway_coach_until
    if begins is None or ends is None or not _overlaps(journey, begins, ends):
        return ()
    params = {"from": _clock(begins), "until": _clock(ends)}
    return (Breach("coach_at_night", params, f"{_clock(begins)}–{_clock(ends)}"),)


def _overlaps(journey: Journey, begins: int, ends: int) -> bool:
    """Units: minutes after midnight, by the clock of the packs. A journey may touch the hours of several nights."""
    day = journey.leaves_at.astimezone(_ZONE).date() - timedelta(days=1)
    while datetime.combine(day, time(), tzinfo=_ZONE) <= journey.arrives_at:
        midnight = datetime.combine(day, time(), tzinfo=_ZONE)
        closed = midnight + timedelta(minutes=begins)
        opened = midnight + timedelta(minutes=ends + (_DAY if ends <= begins else 0))
        if journey.leaves_at < opened and closed < journey.arrives_at:
            return True
        day += timedelta(days=1)
    return False


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
