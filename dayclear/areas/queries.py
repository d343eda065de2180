"""Reading areas, their clocks, the register of measures and the published lists, within scope."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q, QuerySet

from dayclear.areas.models import Measure, PublishedArea, RiskArea
from dayclear.areas.rules.clearing import AreaFacts, Infection, Outlook, Round, outlook, over_eligibility
from dayclear.cases.models import CaseCount
from dayclear.foundation.actors import Actor
from dayclear.foundation.areas import COUNTY, area_of, county_of
from dayclear.foundation.clock import local_zone
from dayclear.policy.calendar import Policy, policy_at_or_none

# The most urgent first: held longest over eligibility, then the next to become eligible, then by the end of their days.
LATE_FIRST = ("eligible_at", "earliest_at", "id")
# The levels of every pack so far. A place is under one pack at a time, so they never mix.
STRICTEST_FIRST = ("lockdown", "high", "control", "medium", "precaution", "low")
LIVE = ("proposed", "approved", "in_force")


def areas_of(actor: Actor) -> QuerySet[RiskArea]:
    """The areas in the actor's places. Areas are public: every role may read them."""
    return RiskArea.objects.filter(area__range=(actor.area.lo, actor.area.hi))


def area_in_scope(actor: Actor, area_id: int) -> RiskArea | None:
    return areas_of(actor).filter(pk=area_id).first()


def measures_of(actor: Actor) -> QuerySet[Measure]:
    """The register of measures in the actor's places."""
    return Measure.objects.filter(area__range=(actor.area.lo, actor.area.hi))


def published_of(actor: Actor) -> QuerySet[PublishedArea]:
    """The areas of published lists in the actor's places."""
    return PublishedArea.objects.filter(area__range=(actor.area.lo, actor.area.hi))


def policy_for(place: int, disease: str, at: datetime) -> Policy | None:
    """The pack in force at a place; None where no pack answers."""
    return policy_at_or_none(at, county_of(place), disease)


def facts_of(area: RiskArea) -> AreaFacts:
    """What the clock of an area depends on, from its rows."""
    return AreaFacts(
        level=area.level,
        anchored_on=area.anchored_on,
        infections=[Infection(row.found_on, row.counts) for row in area.infections.all()],
        rounds=[Round(row.held_on, row.due, row.tested, row.positive, row.result_at) for row in area.rounds.all()],
        stepped_on=area.stepped_on,
        last_contact_on=area.last_contact_on,
        contacts_negative=area.contacts_negative,
    )


def outlook_of(area: RiskArea, policy: Policy | None) -> Outlook | None:
    """When an area may go down a level under this pack; None for the level that follows the others."""
    return outlook(facts_of(area), policy.rules.areas if policy else None, zone=local_zone())


def level_at(actor: Actor, place: int, disease: str) -> str:
    """The strictest level in force that covers a place whole; empty where none does.

    A part of a place under a level does not put the whole place under it: a measure reaches no further than its area.
    """
    inside = area_of(place)
    covering = areas_of(actor).filter(state="in_force", disease=disease, members__place__lte=inside.lo)
    levels = {
        level
        for level, member in covering.values_list("level", "members__place")
        if member is not None and area_of(member).covers(inside)
    }
    return next((level for level in STRICTEST_FIRST if level in levels), "")


def has_outbreak(place: int, disease: str, *, today: date, within: timedelta) -> bool:
    """Whether the county of a place has had a case within so many days."""
    county = county_of(place)
    return CaseCount.objects.filter(
        area=county, level=COUNTY, disease=disease, day__gt=today - within, day__lte=today, cases__gt=0
    ).exists()


@dataclass(frozen=True, slots=True)
class AreaFigures:
    """The figures of the list: areas in force, over eligibility, waiting for a decision."""

    in_force: int
    over: int
    waiting: int
    oldest: timedelta


def figures_of(actor: Actor, *, now: datetime) -> AreaFigures:
    """How many areas there are in the actor's places, and how late the latest is."""
    live = areas_of(actor).filter(state="in_force")
    late = live.filter(eligible_at__lte=now).order_by("eligible_at")
    first = late.values_list("eligible_at", flat=True).first()
    return AreaFigures(
        in_force=live.count(),
        over=late.count(),
        waiting=areas_of(actor).filter(Q(state="proposed") | Q(state="approved")).count(),
        oldest=now - first if first else timedelta(),
    )


def held_over(area: RiskArea, view: Outlook | None, *, now: datetime) -> timedelta:
    """How long an area in force has been held since it might have gone down."""
    return over_eligibility(view, now=now) if area.state == "in_force" else timedelta()
