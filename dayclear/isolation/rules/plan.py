"""From a category and its anchor to phases, test days and an end.

Source: policy reference A.7 (DC1 to DC10).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dayclear.foundation.decisions import Decision, Reason, refuse
from dayclear.isolation.rules.modes import offered_modes
from dayclear.policy.schema import TIME_ZONE, Category, Phase, Rules

ZONE = ZoneInfo(TIME_ZONE)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Exposed:
    """What the days of an order are counted from.

    `anchor_on` is the day of the category's anchor (last exposure, departure, entry, discharge…), day 0.
    `first_on` is the first exposure, where the pack counts from it. `known_on` is the day on which the person became
    known: it never moves the count, only which test days can still be kept (DC1, DC9).
    """

    anchor_on: date
    first_on: date | None = None
    known_on: date | None = None


@dataclass(frozen=True, slots=True)
class PlannedPhase:
    """One stretch of an order, both days included.

    Shape: `offered` the modes it may be spent in, the least restrictive first; `mode` the one planned.
    """

    number: int
    mode: str
    offered: tuple[str, ...]
    starts_on: date
    ends_on: date
    tests_on: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """An order as the pack has it. `latest_on` is the last day the pack allows."""

    category: str
    rule: str
    anchor: str
    anchor_on: date
    phases: tuple[PlannedPhase, ...]
    latest_on: date

    @property
    def starts_on(self) -> date:
        return self.phases[0].starts_on

    @property
    def ends_on(self) -> date:
        return self.phases[-1].ends_on

    @property
    def tests_on(self) -> tuple[date, ...]:
        return tuple(day for phase in self.phases for day in phase.tests_on)


def plan_order(
    rules: Rules, category: str, exposed: Exposed, *, groups: Collection[str] = (), cause: str = ""
) -> Plan | Decision:
    """The phases, tests and end that a pack gives somebody of a category.

    `cause` selects phases that the pack ties to an event of their own (a symptom, a rash); their anchor is that event.
    Shape: a Plan, or a Decision with `category_not_in_pack` or `pack_names_no_end`.
    """
    found = rules.categories.get(category)
    if found is None:
        return refuse("category_not_in_pack", category=category)
    stretches = [phase for phase in found.phases if (phase.cause or "") == cause]
    if not stretches:
        return refuse("pack_restricts_nothing", category=category)
    phases: list[PlannedPhase] = []
    begins = first_day(rules, exposed.anchor_on)
    for number, phase in enumerate(stretches, start=1):
        starts = _anchored(phase.starts.day, phase.starts.anchor, exposed) if phase.starts else begins
        ends = _phase_end(phase, found, starts, exposed)
        if ends is None:
            return refuse("pack_names_no_end", category=category)
        offered = offered_modes(phase, rules, groups)
        tests = _test_days(phase, found, starts)
        phases.append(PlannedPhase(number, _default(offered, phase), offered, starts, ends, tests))
        begins = ends + _DAY
    plan = Plan(
        category,
        f"categories.{category}",
        anchor_of(rules, category, cause),
        exposed.anchor_on,
        _with_intake_test(tuple(phases), exposed.known_on),
        phases[-1].ends_on,
    )
    return replace(plan, latest_on=_latest(found, rules, plan, cause))


def anchor_of(rules: Rules, category: str, cause: str = "") -> str:
    """The event from which a category's days are counted: its own, else that of its last phase, else the pack's."""
    found = rules.categories[category]
    if cause:
        return cause
    if found.counted_from:
        return found.counted_from
    last = found.phases[-1].ends if found.phases else None
    if last is not None:
        return last.anchor
    return rules.day_count.anchor if rules.day_count else "last_exposure"


def first_day(rules: Rules, anchor_on: date) -> date:
    """Day 1: the day after the anchor, unless the pack counts the anchor's own day (DC2, DC3)."""
    counted = rules.day_count.first_day if rules.day_count else "next_day"
    return anchor_on if counted == "same_day" else anchor_on + _DAY


def end_of(day: date) -> datetime:
    """The instant at which a day of the pack ends (DC8)."""
    return datetime.combine(day + _DAY, time(), tzinfo=ZONE)


def day_of(instant: datetime) -> date:
    """The calendar day of the pack on which an instant falls (DC8)."""
    return instant.astimezone(ZONE).date()


def are_tests_enough(taken_at: Collection[datetime], *, tests: int, days: int, gap: timedelta, since: date) -> bool:
    """Whether enough samples were taken in the days after an anchor, each a gap after the one before (DC7)."""
    counted, last = 0, None
    for at in sorted(taken_at):
        if since < day_of(at) <= since + days * _DAY and (last is None or at - last >= gap):
            counted, last = counted + 1, at
    return counted >= tests


def _anchored(day: int, anchor: str, exposed: Exposed) -> date:
    begin = exposed.first_on or exposed.anchor_on if anchor == "first_exposure" else exposed.anchor_on
    return begin + day * _DAY


def _phase_end(phase: Phase, category: Category, starts: date, exposed: Exposed) -> date | None:
    if phase.days is not None:
        return starts + (phase.days - 1) * _DAY
    if phase.ends is not None:
        return _anchored(phase.ends.day, phase.ends.anchor, exposed)
    if category.tests_within is not None:
        return starts + (category.tests_within.days - 1) * _DAY
    # Where the pack gives test days and no length, nothing is due after the last of them: going on needs a new cause.
    return starts + (phase.tests[-1] - 1) * _DAY if phase.tests else None


def _test_days(phase: Phase, category: Category, starts: date) -> tuple[date, ...]:
    if phase.tests:
        return tuple(starts + (day - 1) * _DAY for day in phase.tests)
    within = category.tests_within
    if within is None:
        return ()
    if within.tests == 1:
        return (starts,)
    step = (within.days - 1) / (within.tests - 1)
    return tuple(starts + round(step * position) * _DAY for position in range(within.tests))


def _with_intake_test(phases: tuple[PlannedPhase, ...], known_on: date | None) -> tuple[PlannedPhase, ...]:
    """Leave out the test days that passed before the person was known; test once on the day itself instead (DC9)."""
    if known_on is None or not any(day < known_on for phase in phases for day in phase.tests_on):
        return phases
    kept = []
    for phase in phases:
        days = {day for day in phase.tests_on if day >= known_on}
        if phase.starts_on <= known_on <= phase.ends_on:
            days.add(known_on)
        kept.append(replace(phase, tests_on=tuple(sorted(days))))
    return tuple(kept)


def _default(offered: tuple[str, ...], phase: Phase) -> str:
    """The least restrictive mode; what the person alone may ask for is never planned."""
    asked = set(phase.voluntary_modes or ()) - {phase.mode}
    return next(mode for mode in offered if mode not in asked)


def _latest(category: Category, rules: Rules, plan: Plan, cause: str) -> date:
    """The pack's maximum, counted as its days are; where it has none, or a cause of its own, the plan's own end."""
    if category.max_days is None or cause:
        return plan.ends_on
    return first_day(rules, plan.anchor_on) + (category.max_days - 1) * _DAY


def still_to_serve(plan: Plan, on: date) -> Decision:
    """Whether anything of a plan is left: a term already served elsewhere or before tracing is served (DC1, DC4).

    Shape: `term_served`, or allowed.
    """
    if plan.ends_on < on:
        return Decision((Reason("term_served", {"ended": plan.ends_on.isoformat()}),))
    return Decision()
