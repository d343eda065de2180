"""Drawing an area: proposed by one, decided by another at or above the pack's level, published."""

from __future__ import annotations

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
from dayclear.areas.commands.record import keep_clock, lock_area, open_episode, tell
from dayclear.areas.models import RiskArea
from dayclear.areas.rules.designation import may_decide
from dayclear.foundation.actors import Actor
from dayclear.foundation.decisions import require
from dayclear.foundation.rules import Right
from dayclear.policy.calendar import Policy


def propose_area(proposal: AreaProposal, *, by: Actor, now: datetime) -> int:
    """Propose an area; nobody is restricted by a proposal. Returns its id.

    Raises: Refused (`outside_area`, `area_too_wide`, `members_outside`, and what `rules.designation.may_propose` says).
    """
    by.require(Right.PROPOSE_AREAS)
    with transaction.atomic():
        members = tuple(proposal.members) or (Member(proposal.place),)
        require_inside(proposal.place, members, by)
        policy = policy_or_refuse(proposal.place, proposal.disease, now)
        require(may_draw(proposal, members, policy, now))
        assert proposal.anchored_on is not None, "may_draw refuses an area without the day of its last infection"
        area = RiskArea.objects.create(
            area=proposal.place,
            disease=proposal.disease,
            name=proposal.name.strip()[:200],
            level=proposal.level,
            unit=proposal.unit,
            designation=proposal.designation,
            ground=proposal.ground.strip()[:1000],
            enlarging=proposal.enlarging.strip()[:400],
            state="proposed",
            anchored_on=proposal.anchored_on,
            policy=policy.version,
            proposed_by=by.user_id,
            proposed_at=now,
        )
        write_members(area, members)
        payload = {"level": area.level, "unit": area.unit, "members": len(members), "reason": area.ground}
        tell("area_proposed", area, payload, by=by, now=now, policy=policy)
        return area.pk


def approve_area(area_id: int, *, by: Actor, now: datetime, seen: int | None = None) -> None:
    """Decide that a proposed area is drawn. It restricts nobody until it is published.

    Raises: Refused (`not_found`, `area_state`, `changed_meanwhile`, `own_proposal`, `decider_below_level`, and what
    the pack now in force says of the proposal).
    """
    by.require(Right.DECIDE_AREAS)
    with transaction.atomic():
        area = lock_area(area_id, states=("proposed",), seen=seen)
        policy = policy_or_refuse(area.area, area.disease, now)
        own = by.user_id is not None and by.user_id == area.proposed_by
        require(may_decide(by.level, policy.rules.areas, own_proposal=own))
        members = members_of(area)
        require(may_draw(as_proposal(area, members), members, policy, now))
        _note_decision(area, "approved", policy, by=by, now=now)
        tell("area_approved", area, {"level": area.level, "by_level": by.level}, by=by, now=now, policy=policy)


def decline_area(area_id: int, *, reason: str, by: Actor, now: datetime, seen: int | None = None) -> None:
    """Decide that a proposed or approved area is not drawn. Raises: Refused (`area_state`, `reason_missing`)."""
    by.require(Right.DECIDE_AREAS)
    with transaction.atomic():
        area = lock_area(area_id, states=("proposed", "approved"), seen=seen)
        require_reason(reason)
        RiskArea.objects.filter(pk=area.pk).update(state="declined", end_cause="declined")
        tell("area_declined", area, {"reason": reason[:400]}, by=by, now=now, policy=None)


def publish_area(area_id: int, *, by: Actor, now: datetime, seen: int | None = None) -> None:
    """Publish an approved area: from now on its level is in force, its clock runs, its notice is to be read (R35).

    Raises: Refused (`area_state`, `decider_below_level` where the pack has changed since the approval).
    """
    by.require(Right.DECIDE_AREAS)
    with transaction.atomic():
        area = lock_area(area_id, states=("approved",), seen=seen)
        policy = policy_or_refuse(area.area, area.disease, now)
        require(may_decide(area.decided_level or 0, policy.rules.areas))
        members = members_of(area)
        require(may_draw(as_proposal(area, members), members, policy, now))
        area.state, area.published_at = "in_force", now
        area.save(update_fields=["state", "published_at"])
        open_episode(area, area.level, by=by, now=now, ground=area.ground, policy=policy)
        keep_clock(area, by=by, now=now)
        publish_notice(area, policy, by=by, now=now)
        tell("area_published", area, {"level": ["", area.level]}, by=by, now=now, policy=policy)


def _note_decision(area: RiskArea, state: str, policy: Policy, *, by: Actor, now: datetime) -> None:
    area.state, area.policy = state, policy.version
    area.decided_by, area.decided_label, area.decided_level, area.decided_at = by.user_id, by.label, by.level, now
    area.save(update_fields=["state", "policy", "decided_by", "decided_label", "decided_level", "decided_at"])
