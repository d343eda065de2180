"""Changing an area that stands: raised or redrawn, refused by a higher level, found void."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction

from dayclear.areas.commands.proposal import (
    AreaProposal,
    Member,
    as_proposal,
    may_draw,
    members_of,
    policy_or_refuse,
    publish_notice,
    require_inside,
    require_reason,
    write_members,
)
from dayclear.areas.commands.record import (
    close_episode,
    end_area,
    end_measures,
    end_what_follows,
    hold_counties,
    keep_clock,
    lock_area,
    open_episode,
    tell,
)
from dayclear.areas.models import AreaMember, Measure, RiskArea
from dayclear.areas.queries import policy_for
from dayclear.areas.rules.designation import may_decide
from dayclear.foundation.actors import Actor
from dayclear.foundation.decisions import Refused, refuse, require
from dayclear.foundation.rules import Right
from dayclear.policy.calendar import Policy


@dataclass(frozen=True, slots=True)
class AreaChange:
    """What of an area in force is to be another: fields left None stay as they are."""

    ground: str
    level: str | None = None
    unit: str | None = None
    designation: str | None = None
    members: Sequence[Member] | None = None
    enlarging: str | None = None


def change_area(area_id: int, change: AreaChange, *, by: Actor, now: datetime, seen: int | None = None) -> None:
    """Raise an area or change its extent, as a decision of its own with a new notice. Its days go on as they were.

    Going down a level is never done here but by `step_down`, which asks for the pack's conditions.
    Raises: Refused (as `propose_area` and `approve_area`; `not_a_rise`, `reason_missing`).
    """
    by.require(Right.DECIDE_AREAS)
    with transaction.atomic():
        area = lock_area(area_id, states=("in_force",), seen=seen)
        policy = policy_or_refuse(area.area, area.disease, now)
        require_reason(change.ground)
        require(may_decide(by.level, policy.rules.areas))
        before = area.level
        members = tuple(change.members) if change.members is not None else members_of(area)
        require_inside(area.area, members, by)
        after = _changed(area, change, members)
        require(may_draw(after, members, policy, now))
        if after.level != before:
            _require_rise(before, after.level, policy)
            close_episode(area, cause="raised", now=now)
            area.stepped_on = None
            open_episode(area, after.level, by=by, now=now, ground=change.ground, policy=policy)
        area.level, area.unit, area.designation = after.level, after.unit, after.designation
        area.enlarging = after.enlarging[:400]
        area.save(update_fields=["level", "unit", "designation", "enlarging", "stepped_on"])
        if change.members is not None:
            AreaMember.objects.filter(risk_area=area).delete()
            write_members(area, members)
        keep_clock(area, by=by, now=now)
        publish_notice(area, policy, by=by, now=now)
        payload = {"level": [before, area.level], "members": len(members), "reason": change.ground[:400]}
        tell("area_changed", area, payload, by=by, now=now, policy=policy)


def overrule_area(area_id: int, *, reason: str, by: Actor, now: datetime, seen: int | None = None) -> int:
    """A higher level refuses an area that stands: it ends at once, with everything that rests on it (R34).

    Returns the minutes it was held over eligibility.
    Raises: Refused (`area_state`, `not_above_decider`, `reason_missing`).
    """
    by.require(Right.DECIDE_AREAS)
    with transaction.atomic():
        area = lock_area(area_id, states=("approved", "in_force"), seen=seen, whole_county=True)
        require_reason(reason)
        if not (by.level < (area.decided_level or 0) or by.user_id is None):
            raise Refused(refuse("not_above_decider"))
        before = area.level
        over = end_area(area, cause="overruled", by=by, now=now)
        payload = {"level": [before, ""], "reason": reason[:400], "over_minutes": over}
        tell("area_overruled", area, payload, by=by, now=now, policy=None)
        end_what_follows(area.area, area.disease, by=by, now=now)
        return over


def void_areas_below_level(*, by: Actor, now: datetime) -> list[int]:
    """Void the areas in force whose decider stood below the level the pack in force names (R34); returns their ids.

    A decision like that binds nobody: it is not lifted, it is as if it had not been taken, from the moment it is found.
    """
    found = []
    with transaction.atomic():
        live = RiskArea.objects.filter(state="in_force", area__range=(by.area.lo, by.area.hi))
        hold_counties(live.values_list("area", "disease").distinct())
        for area in live.select_for_update().order_by("pk"):
            policy = policy_for(area.area, area.disease, now)
            if policy is None or may_decide(area.decided_level or 0, policy.rules.areas).allowed:
                continue
            before = area.level
            close_episode(area, cause="void", now=now)
            end_measures(Measure.objects.filter(risk_area=area, ended_at=None), cause="void", by=by, now=now)
            area.state, area.level, area.ended_at, area.end_cause = "void", "", now, "decider_below_level"
            area.save(update_fields=["state", "level", "ended_at", "end_cause"])
            keep_clock(area, by=by, now=now)
            tell(
                "area_void",
                area,
                {"level": [before, ""], "by_level": area.decided_level},
                by=by,
                now=now,
                policy=policy,
            )
            found.append(area.pk)
            end_what_follows(area.area, area.disease, by=by, now=now)
    return found


def _require_rise(before: str, after: str, policy: Policy) -> None:
    order = list(policy.rules.areas.levels) if policy.rules.areas else []
    if before in order and order.index(after) > order.index(before):
        raise Refused(refuse("not_a_rise"))


def _changed(area: RiskArea, change: AreaChange, members: Sequence[Member]) -> AreaProposal:
    said = {name: getattr(change, name) for name in ("level", "unit", "designation", "enlarging")}
    return replace(as_proposal(area, members), ground=change.ground, **{n: v for n, v in said.items() if v is not None})
