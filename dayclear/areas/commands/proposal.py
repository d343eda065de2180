"""An area as it is proposed, and what every decision on it asks first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from dayclear.areas.models import AreaMember, AreaNotice, RiskArea
from dayclear.areas.notices import compose
from dayclear.areas.queries import outlook_of, policy_for
from dayclear.areas.rules.designation import Designation, may_propose
from dayclear.foundation.actors import Actor
from dayclear.foundation.areas import COUNTY, EVERYWHERE, area_of, level_of
from dayclear.foundation.clock import local_day
from dayclear.foundation.decisions import Decision, Reason, Refused, refuse
from dayclear.places.models import Place
from dayclear.policy.calendar import Policy
from dayclear.policy.loader import shipped
from dayclear.policy.variances import variance_of


@dataclass(frozen=True, slots=True)
class Member:
    """One place of an area: by its number, or in words where it lies below the register."""

    place: int | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class AreaProposal:
    """An area to be drawn. `place` is the registered place that holds all of it; without members it is the area."""

    place: int
    disease: str
    name: str
    level: str
    unit: str
    designation: str
    ground: str
    anchored_on: date | None
    members: Sequence[Member] = ()
    enlarging: str = ""


def policy_or_refuse(place: int, disease: str, now: datetime) -> Policy:
    """The pack in force. Raises: Refused (`no_policy`)."""
    policy = policy_for(place, disease, now)
    if policy is None:
        raise Refused(refuse("no_policy", disease=disease))
    return policy


def may_draw(proposal: AreaProposal, members: Sequence[Member], policy: Policy, now: datetime) -> Decision:
    """Whether the pack in force lets this area be drawn; its version goes with the answer."""
    head = shipped().resolve(policy.pack).head
    facts = Designation(
        level=proposal.level,
        unit=proposal.unit,
        designation=proposal.designation,
        ground=proposal.ground,
        anchored_on=proposal.anchored_on,
        members=len(members),
        enlarging=proposal.enlarging,
    )
    decision = may_propose(
        facts,
        policy.rules.areas,
        forbidden=frozenset(policy.rules.forbidden),
        today=local_day(now),
        ends_on=head.sunset_on,
        review_on=head.review_on,
    )
    reasons = (*decision.reasons, *unapproved(policy, proposal.place, now))
    return replace(decision, reasons=reasons, policy=policy.version)


def unapproved(policy: Policy, place: int, now: datetime) -> tuple[Reason, ...]:
    """Why nothing may be ordered here under a local overlay: it departs from its parent without leave (R36)."""
    found = variance_of(policy, local_day(now), place)
    return (found.reason,) if found is not None and found.reason is not None else ()


def require_inside(place: int, members: Sequence[Member], by: Actor) -> None:
    """Raises: Refused (`outside_area`, `area_too_wide`, `members_outside`)."""
    if place not in EVERYWHERE or place not in by.area:
        raise Refused(refuse("outside_area"))
    inside = area_of(place)
    if level_of(place) < COUNTY and Place.objects.filter(level=COUNTY, number__range=(inside.lo, inside.hi)).exists():
        raise Refused(refuse("area_too_wide"))
    if any(member.place is not None and member.place not in inside for member in members):
        raise Refused(refuse("members_outside"))


def require_reason(reason: str) -> None:
    """Raises: Refused (`reason_missing`)."""
    if not reason.strip():
        raise Refused(refuse("reason_missing"))


def members_of(area: RiskArea) -> tuple[Member, ...]:
    """The places of an area, in the order in which they were named."""
    return tuple(Member(row.place, row.text) for row in area.members.order_by("pk"))


def as_proposal(area: RiskArea, members: Sequence[Member]) -> AreaProposal:
    """An area as if it were proposed today: what the pack now in force is asked about."""
    return AreaProposal(
        place=area.area,
        disease=area.disease,
        name=area.name,
        level=area.level,
        unit=area.unit,
        designation=area.designation,
        ground=area.ground,
        anchored_on=area.anchored_on,
        members=members,
        enlarging=area.enlarging,
    )


def write_members(area: RiskArea, members: Sequence[Member]) -> None:
    """Note the places of an area."""
    AreaMember.objects.bulk_create(
        AreaMember(area=area.area, risk_area=area, place=member.place, text=member.text.strip()[:300])
        for member in members
    )


def publish_notice(area: RiskArea, policy: Policy, *, by: Actor, now: datetime) -> None:
    """Publish the notice of an area as it now stands: the next version, in both languages."""
    members = [(row.place, row.text) for row in area.members.order_by("pk")]
    text = compose(area, members, outlook_of(area, policy), policy, now=now)
    AreaNotice.objects.create(
        area=area.area,
        risk_area=area,
        version=area.notices.count() + 1,
        text_en=text["en"],
        text_zh=text["zh-hans"],
        published_at=now,
        published_label=by.label,
    )
