"""What a change of pack does to an open order.

`dayclear.isolation.changeover` holds the same rule in SQL, for a million orders; one test asserts that they agree.
Source: policy reference A.4 (changeover), DC10, R06, R07.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from dayclear.isolation.rules.modes import least, strictness
from dayclear.isolation.rules.plan import Exposed, Plan, plan_order
from dayclear.policy.schema import Rules, Transition

_DAY = timedelta(days=1)
# Any day serves to measure how far a plan's days lie from its anchor.
_ORIGIN, _FAR = date(2000, 6, 1), date(1999, 6, 1)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A phase of a category as the new pack has it, in days after the anchor.

    `from_first`: its first day counts from the first exposure instead. Shape: `tests` are days after the anchor.
    """

    category: str
    number: int
    mode: str
    offered: tuple[str, ...]
    starts: int
    from_first: bool
    ends: int
    tests: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class OpenOrder:
    """An order on the day of the changeover. `mode` and `phase_starts_on` are of the phase under way."""

    category: str
    anchor_on: date
    ends_on: date
    mode: str
    phase_starts_on: date


@dataclass(frozen=True, slots=True)
class Disposition:
    """What becomes of an order: `keep`, `release`, `convert`, `change_mode` or `shorten`.

    `rule` is the path in the pack; `ends_on` the new last day (of a release: the day itself).
    """

    action: str
    mode: str
    ends_on: date
    rule: str
    needs_human: bool = False


def stretches_of(rules: Rules) -> tuple[Stretch, ...]:
    """Every phase of every category that a pack gives an end. Shape: by category, in the order of the phases."""
    found = []
    for category in sorted(rules.categories):
        plan = plan_order(rules, category, Exposed(_ORIGIN, _ORIGIN))
        moved = plan_order(rules, category, Exposed(_ORIGIN, _FAR))
        if not isinstance(plan, Plan) or not isinstance(moved, Plan):
            continue
        for phase, other in zip(plan.phases, moved.phases, strict=True):
            found.append(
                Stretch(
                    category,
                    phase.number,
                    phase.mode,
                    phase.offered,
                    (phase.starts_on - _ORIGIN).days,
                    phase.starts_on != other.starts_on,
                    (phase.ends_on - _ORIGIN).days,
                    tuple((day - _ORIGIN).days for day in phase.tests_on),
                )
            )
    return tuple(found)


def order_lines(transition: Sequence[Transition]) -> tuple[Transition, ...]:
    """The lines of a changeover that speak of orders."""
    return tuple(line for line in transition if line.subject == "order")


def convert(order: OpenOrder, stretches: Sequence[Stretch], lines: Sequence[Transition], on: date) -> Disposition:
    """What becomes of one order on the day of the changeover.

    The pack's own line for it goes first; else the order is planned anew, and only what is shorter or lighter is taken
    over: nobody is held longer or more strictly because a text changed. A category that the new pack does not have has
    no rule to stand on.
    """
    for index, line in enumerate(lines):
        if _matches(order, line, on):
            return _by_line(order, line, f"transition.{index}", on)
    mine = [each for each in stretches if each.category == order.category]
    if not mine:
        return Disposition("release", "", on, f"categories.{order.category}")
    ends_on = min(order.ends_on, order.anchor_on + mine[-1].ends * _DAY)
    rule = f"categories.{order.category}"
    if ends_on < on:
        return Disposition("release", "", on, rule)
    planned = next(each.mode for each in mine if order.anchor_on + each.ends * _DAY >= on)
    mode = least((order.mode, planned))
    if mode != order.mode:
        return Disposition("change_mode", mode, ends_on, rule)
    return Disposition("keep" if ends_on == order.ends_on else "shorten", mode, ends_on, rule)


def _matches(order: OpenOrder, line: Transition, on: date) -> bool:
    when = line.when
    return (
        when.category in (None, order.category)
        and when.mode in (None, order.mode)
        and (when.completed_days is None or (on - order.phase_starts_on).days >= when.completed_days)
    )


def _by_line(order: OpenOrder, line: Transition, rule: str, on: date) -> Disposition:
    do = line.do
    if do.action == "release" or do.mode is None:
        return Disposition("release", "", on, rule)
    ends_on = order.ends_on
    if do.days is not None:
        ends_on = min(ends_on, on + do.days * _DAY)
    if do.not_beyond is not None:
        ends_on = min(ends_on, order.anchor_on + do.not_beyond * _DAY)
    if ends_on < on:
        return Disposition("release", "", on, rule)
    mode = do.mode if strictness(do.mode) < strictness(order.mode) else order.mode
    return Disposition("convert", mode, ends_on, rule, bool(do.confirmed_by_a_person))
