"""Every area and every measure in force against the pack now in force."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from dayclear.areas.commands import measure_subject
from dayclear.areas.commands import subject_of as area_subject
from dayclear.areas.commands.measures import outbreak_window, rounds_that_day
from dayclear.areas.models import Measure, RiskArea
from dayclear.areas.queries import areas_of, has_outbreak, level_at, measures_of, outlook_of, policy_for
from dayclear.foundation.actors import Actor
from dayclear.foundation.areas import COUNTY, ancestor, level_of
from dayclear.foundation.clock import local_day
from dayclear.policy.calendar import Policy
from dayclear.policy.overreach import (
    AreaStanding,
    MeasureFacts,
    area_breaches,
    books_of,
    measure_breaches,
)
from dayclear.supervision.sightings.sighting import Sighting, of_breach


def sight_areas(actor: Actor, *, now: datetime) -> Iterable[Sighting]:
    """What the guard sees among the areas in force. Their clocks are asked anew: a stored instant is a hint."""
    rows = areas_of(actor).filter(state="in_force").prefetch_related("infections", "rounds").order_by("pk")
    for area in rows:
        policy = policy_for(area.area, area.disease, now)
        for breach in area_breaches(_standing(area, policy), books_of(policy), now=now):
            yield of_breach(
                breach,
                area=area.area,
                subject=area_subject(area.pk),
                owner=ancestor(area.area, area.decided_level if area.decided_level is not None else COUNTY),
                disease=area.disease,
                policy=policy.version if policy else "",
            )


def sight_measures(actor: Actor, *, now: datetime) -> Iterable[Sighting]:
    """What the guard sees in the register of measures."""
    rows = measures_of(actor).filter(ended_at=None, ends_at__gt=now).select_related("risk_area").order_by("pk")
    for row in rows:
        policy = policy_for(row.area, row.disease, now)
        for breach in measure_breaches(_facts(row, actor, policy, now), books_of(policy)):
            yield of_breach(
                breach,
                area=row.area,
                subject=measure_subject(row.pk),
                owner=ancestor(row.area, row.approver_level),
                disease=row.disease,
                policy=policy.version if policy else "",
            )


def _standing(area: RiskArea, policy: Policy | None) -> AreaStanding:
    view = outlook_of(area, policy)
    return AreaStanding(
        level=area.level,
        unit=area.unit,
        enlarging=area.enlarging,
        eligible_at=view.eligible_at if view else None,
        breadth=level_of(area.area),
    )


def _facts(row: Measure, actor: Actor, policy: Policy | None, now: datetime) -> MeasureFacts:
    resting_on = row.risk_area
    inside = resting_on is not None and resting_on.state == "in_force"
    return MeasureFacts(
        kind=row.kind,
        level=resting_on.level if resting_on is not None and inside else level_at(actor, row.area, row.disease),
        basis=row.basis,
        scope=row.scope,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        review_on=row.review_on,
        approver_level=row.approver_level,
        code=row.code,
        at_exit=row.at_exit,
        # Whether there is still an outbreak, and how many rounds the pack of today allows a day, is asked anew.
        outbreak=row.kind != "mass_test_round"
        or has_outbreak(row.area, row.disease, today=local_day(now), within=outbreak_window(policy)),
        rounds_that_day=rounds_that_day(row.area, row.disease, row.starts_at, before=row.pk)
        if row.kind == "mass_test_round"
        else 0,
        site=row.site,
        asks_for=row.asks_for,
        stops_all=row.stops_all,
        breadth=level_of(row.area),
    )
