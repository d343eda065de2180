"""The clock of clear days: when a risk area may go a level down.

Two conditions, kept apart (day rule DC5): so many consecutive days without a countable infection, and one whole round
of tests, all negative, on the last of them. Days are calendar days of the pack's zone; the day of the last infection
is day 0. A level may change at the end of the last day, or once the round has its results, whichever is later (DC8).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from dayclear.foundation.decisions import Reason
from dayclear.policy.schema import Areas, StepDown

ENDED = "none"


@dataclass(frozen=True, slots=True)
class Infection:
    """An infection found in an area. `counts` is None while nobody has decided whether it restarts the clock (DC6)."""

    on: date
    counts: bool | None


@dataclass(frozen=True, slots=True)
class Round:
    """One round of tests of everybody in the area. Units: persons who were due, persons tested, positive results."""

    on: date
    due: int
    tested: int
    positive: int
    result_at: datetime | None

    @property
    def is_clear(self) -> bool:
        """Whole and all negative. A round without anybody due proves nothing."""
        return 0 < self.due <= self.tested and not self.positive


@dataclass(frozen=True, slots=True)
class AreaFacts:
    """What the clock of an area depends on.

    `anchored_on` is day 0 as long as no later infection counts: the day of the infection for which the area was drawn.
    `stepped_on` is the last day of the step before, for an area that came down from a higher level: its own days begin
    there, however late the step itself was signed. `last_contact_on` is the last exposure of the last contact living
    in the area; None: not known.
    """

    level: str
    anchored_on: date
    infections: Sequence[Infection] = ()
    rounds: Sequence[Round] = ()
    stepped_on: date | None = None
    last_contact_on: date | None = None
    contacts_negative: bool = False


@dataclass(frozen=True, slots=True)
class Outlook:
    """When an area may go down, and what is still missing.

    `last_on` is the last of the clear days, `earliest_at` its end; `eligible_at` the instant from which both
    conditions hold (it may lie ahead), None while something besides time is missing. `basis_gone`: the pack has no such
    level any more, so nothing justifies it for a further day.
    """

    to: str
    day_0: date
    clear_days: int
    last_on: date
    earliest_at: datetime
    eligible_at: datetime | None
    round_on: date | None = None
    missing: tuple[Reason, ...] = ()
    basis_gone: bool = False


def end_of(day: date, zone: tzinfo) -> datetime:
    """The instant at which a calendar day is over."""
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=zone)


def day_zero(facts: AreaFacts) -> date:
    """The day of the last countable infection. An infection that nobody has decided on does not move it (DC6)."""
    counted = [infection.on for infection in facts.infections if infection.counts]
    return max([facts.anchored_on, *counted])


def completed_clear_days(facts: AreaFacts, *, today: date) -> int:
    """How many whole clear days have passed before `today`. Units: days; today itself is not over and does not count.

    Source: fixture F6 (19 to 24 August are six days).
    """
    return max(0, (today - day_zero(facts)).days - 1)


def step_of(areas: Areas | None, level: str, *, came_down: bool) -> StepDown | None:
    """The condition for leaving a level; another one where the area came down from a higher level."""
    known = areas.levels.get(level) if areas else None
    if known is None:
        return None
    return known.after_higher if came_down and known.after_higher else known.down


def follows_the_others(areas: Areas | None, level: str) -> bool:
    """Whether a level is what remains of the county: it has no clock and ends when every higher one is lifted."""
    known = areas.levels.get(level) if areas else None
    return known is not None and known.follows_the_others


def outlook(facts: AreaFacts, areas: Areas | None, *, zone: tzinfo) -> Outlook | None:
    """When the area may go down a level; None for the level that follows the others.

    Source: ninth edition, risk areas; Twenty Measures, Measure 4; interpretation of 2022-11-21 (five days and, on day
    5, one whole round); eighth edition, the three conditions.
    """
    day_0 = day_zero(facts)
    step = step_of(areas, facts.level, came_down=facts.stepped_on is not None)
    if step is None:
        return Outlook(ENDED, day_0, 0, day_0, end_of(day_0, zone), None, basis_gone=True)
    if step.clear_days is None:
        return None
    begins = max(day_0, facts.stepped_on) if facts.stepped_on else day_0
    last_on = begins + timedelta(days=step.clear_days)
    instants, missing, round_on = [end_of(last_on, zone)], [], None
    if step.round_on_last_day or step.round_within is not None:
        from_on = last_on - timedelta(days=step.round_within or 0)
        fitting = _first_clear(facts.rounds, from_on)
        if fitting is None:
            missing.append(Reason("round_missing", {"day": last_on.isoformat()}))
        else:
            round_on = fitting.on
            instants.append(fitting.result_at or end_of(fitting.on, zone))
    if step.contacts_out_and_negative_for is not None:
        instants += _contacts(facts, step.contacts_out_and_negative_for, missing, zone)
    return Outlook(
        to=step.to,
        day_0=begins,
        clear_days=step.clear_days,
        last_on=last_on,
        earliest_at=instants[0],
        eligible_at=None if missing else max(instants),
        round_on=round_on,
        missing=tuple(missing),
    )


def _first_clear(rounds: Sequence[Round], from_on: date) -> Round | None:
    """The first clear round that may serve: on the last day (or the days allowed before it) or later, never earlier."""
    return min((r for r in rounds if r.is_clear and r.on >= from_on), key=lambda r: r.on, default=None)


def _contacts(facts: AreaFacts, days: int, missing: list[Reason], zone: tzinfo) -> list[datetime]:
    if facts.last_contact_on is None:
        missing.append(Reason("contacts_unknown"))
        return []
    if not facts.contacts_negative:
        missing.append(Reason("contacts_not_negative"))
    return [end_of(facts.last_contact_on + timedelta(days=days), zone)]


def over_eligibility(view: Outlook | None, *, now: datetime) -> timedelta:
    """How long an area has been held since it might have gone down; zero before that."""
    if view is None or view.eligible_at is None:
        return timedelta()
    return max(timedelta(), now - view.eligible_at)
