"""Who may draw, change and lift a risk area, of which size, on which ground."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from dayclear.areas.rules.clearing import Outlook, follows_the_others
from dayclear.foundation.areas import LEVELS
from dayclear.foundation.decisions import Decision, Reason
from dayclear.policy.overreach import UNITS, Books, lapsed, size_breach
from dayclear.policy.schema import Areas


@dataclass(frozen=True, slots=True)
class Designation:
    """An area somebody proposes to draw. `enlarging` is the ground for a unit larger than the pack's."""

    level: str
    unit: str
    designation: str
    ground: str
    anchored_on: date | None
    members: int
    enlarging: str = ""


def may_propose(
    facts: Designation,
    areas: Areas | None,
    *,
    forbidden: Collection[str],
    today: date,
    ends_on: date | None = None,
    review_on: date | None = None,
) -> Decision:
    """Whether an area may be drawn like this. Units: `ends_on` and `review_on` are the pack's own (R37).

    Shape: reasons in the order of the form.
    """
    if areas is None:
        return Decision((Reason("areas_not_in_pack"),))
    level = areas.levels.get(facts.level)
    reasons = list(lapsed(today, ends_on, review_on))
    if level is None:
        reasons.append(Reason("level_not_in_pack", {"level": facts.level}))
    elif follows_the_others(areas, facts.level):
        reasons.append(Reason("level_not_drawn", {"level": facts.level}))
    if not facts.members:
        reasons.append(Reason("members_missing"))
    if level is not None and facts.designation not in level.designation:
        reasons.append(Reason("designation_not_in_pack", {"value": facts.designation}))
    if not facts.ground.strip():
        reasons.append(Reason("ground_missing"))
    if facts.anchored_on is None:
        reasons.append(Reason("anchor_missing"))
    elif facts.anchored_on > today:
        reasons.append(Reason("anchor_in_future", {"day": facts.anchored_on.isoformat()}))
    if facts.unit not in UNITS:
        reasons.append(Reason("unit_unknown", {"value": facts.unit}))
    elif level is not None:
        too_large = size_breach(facts.unit, facts.enlarging, level, Books(areas, forbidden=forbidden))
        reasons += [too_large.reason] if too_large else []
    return Decision(tuple(reasons))


def is_below(decider_level: int, required: str | None) -> bool:
    """Whether somebody decides below the level the pack names. Units: depth, 0 everywhere to 7; larger is lower."""
    return required is not None and required in LEVELS and decider_level > LEVELS.index(required)


def may_decide(decider_level: int, areas: Areas | None, *, own_proposal: bool = False) -> Decision:
    """Whether this decider may designate, enlarge or raise an area; below the pack's level it would be void (R34)."""
    reasons = []
    required = areas.designated_by if areas else None
    if is_below(decider_level, required):
        reasons.append(Reason("decider_below_level", {"required": str(required), "level": LEVELS[decider_level]}))
    if own_proposal:
        reasons.append(Reason("own_proposal"))
    return Decision(tuple(reasons))


def may_step_down(
    view: Outlook | None, *, undecided: int, round_within: int | None, today: date, now: datetime
) -> Decision:
    """Whether the level may be lowered now. Units: `undecided` infections wait for a decision.

    Lifting asks for no second person and no higher level than drawing: nothing may slow it down.
    """
    if view is None:
        return Decision((Reason("level_follows_others"),))
    if view.basis_gone:
        return Decision()
    reasons = []
    if undecided:
        reasons.append(Reason("infection_undecided", {"n": undecided}))
    if now < view.earliest_at:
        reasons.append(Reason("days_not_clear", {"day": view.last_on.isoformat(), "days": view.clear_days}))
    reasons += view.missing
    if view.eligible_at is not None and view.earliest_at <= now < view.eligible_at:
        reasons.append(Reason("round_not_in", {"day": str(view.round_on)}))
    if round_within is not None and view.round_on is not None and (today - view.round_on).days > round_within:
        reasons.append(Reason("round_too_old", {"day": view.round_on.isoformat(), "days": round_within}))
    return Decision(tuple(reasons))


def may_discount(kind: str, assessment: str, areas: Areas | None) -> Decision:
    """Whether an infection may be left out of the clock: one of the pack's kinds, after an assessment.

    Source: interpretation of 2022-11-21, the five kinds (C52).
    """
    if areas is None or kind not in (areas.not_counted or ()):
        return Decision((Reason("kind_not_in_pack", {"value": kind}),))
    if areas.not_counted_needs_assessment and not assessment.strip():
        return Decision((Reason("assessment_missing"),))
    return Decision()
