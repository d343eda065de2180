"""Rounds and points: planned, opened, closed; put up, given up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time

from django.db import transaction

from dayclear.foundation.actors import Actor
from dayclear.foundation.areas import EVERYWHERE
from dayclear.foundation.decisions import Refused, refuse, require
from dayclear.foundation.events import record
from dayclear.foundation.filters import existing
from dayclear.foundation.rules import Right
from dayclear.sampling.models import Point, Round, RoundPoint
from dayclear.sampling.rules.rounds import RoundPlan, may_change_round, may_plan_round


@dataclass(frozen=True, slots=True)
class PointRecord:
    """A point as somebody describes it. `code` tells it from the others of its place."""

    area: int
    code: str
    name: str
    address: str = ""
    latitude: float | None = None
    longitude: float | None = None
    lanes: int = 1
    opens: time | None = None
    closes: time | None = None


def round_subject(round_id: int) -> str:
    return f"sampling.round:{round_id}"


def plan_round(plan: RoundPlan, *, by: Actor, now: datetime) -> int:
    """Plan a round; nobody can be swabbed in it before it is opened. Returns its id.

    Raises: Refused (`outside_area`, and what `rules.rounds.may_plan_round` says).
    """
    by.require(Right.RUN_SAMPLING)
    require_inside(plan.area, by)
    require(may_plan_round(plan, now=now))
    with transaction.atomic():
        row = Round.objects.create(
            area=plan.area,
            name=plan.name.strip()[:120],
            disease=plan.disease,
            group=plan.group,
            starts_at=plan.starts_at,
            ends_at=plan.ends_at,
            people_per_tube=plan.people_per_tube,
            by_household=plan.by_household,
            expected=plan.expected,
            planned_label=by.label,
        )
        payload = {"people_per_tube": row.people_per_tube, "group": row.group, "ends_at": row.ends_at.isoformat()}
        record("sampling.round_planned", round_subject(row.pk), by=by, at=now, area=row.area, payload=payload)
    return row.pk


def change_round(round_id: int, state: str, *, by: Actor, now: datetime) -> None:
    """Open, close or cancel a round. Tubes opened while it ran are taken in after it closed, too.

    Raises: Refused (`not_found`, and what `rules.rounds.may_change_round` says).
    """
    by.require(Right.RUN_SAMPLING)
    with transaction.atomic():
        rows = Round.objects.select_for_update().filter(area__range=(by.area.lo, by.area.hi), pk=round_id)
        row = existing(rows)
        require(may_change_round(row.state, state, ends_at=row.ends_at, now=now))
        before, row.state = row.state, state
        if state == "open":
            row.opened_at = now
        else:
            row.closed_at = now
        row.save(update_fields=["state", "opened_at", "closed_at"])
        payload = {"state": [before, state]}
        record("sampling.round_changed", round_subject(row.pk), by=by, at=now, area=row.area, payload=payload)


def put_up_point(point: PointRecord, *, by: Actor, now: datetime) -> int:
    """Put a point up, or describe the one that has this code in this place anew. Returns its id.

    Raises: Refused (`outside_area`, `point_code_missing`, `lanes_bad`, `not_on_earth`).
    """
    return put_up_points([point], by=by, now=now)[0]


def put_up_points(points: list[PointRecord], *, by: Actor, now: datetime) -> list[int]:
    """Put up a list of points, all or none. Shape: ids in the order of the records."""
    by.require(Right.RUN_SAMPLING)
    with transaction.atomic():
        ids = [_put_up(point, by) for point in points]
        record(
            "sampling.points_put_up",
            f"sampling.points:{by.area.lo}",
            by=by,
            at=now,
            area=by.area.lo,
            payload={"points": ids},
        )
    return ids


def give_up_point(point_id: int, *, by: Actor, now: datetime) -> None:
    """Give a point up; what was swabbed there stays. Raises: Refused (`not_found`)."""
    by.require(Right.RUN_SAMPLING)
    with transaction.atomic():
        rows = Point.objects.filter(area__range=(by.area.lo, by.area.hi), pk=point_id, ended_at=None)
        if not rows.update(ended_at=now):
            raise Refused(refuse("not_found"))
        area = Point.objects.get(pk=point_id).area
        record("sampling.point_given_up", f"sampling.point:{point_id}", by=by, at=now, area=area)


def use_points(round_id: int, points: list[int], *, by: Actor, now: datetime) -> None:
    """Settle which points serve a round; none: every point of its place. Raises: Refused (`not_found`)."""
    by.require(Right.RUN_SAMPLING)
    with transaction.atomic():
        row = Round.objects.select_for_update().filter(area__range=(by.area.lo, by.area.hi), pk=round_id).first()
        found = dict(Point.objects.filter(pk__in=points, ended_at=None).values_list("pk", "area"))
        if row is None or set(found) != set(points):
            raise Refused(refuse("not_found"))
        RoundPoint.objects.filter(round=row).delete()
        RoundPoint.objects.bulk_create(RoundPoint(area=area, round=row, point_id=pk) for pk, area in found.items())
        payload = {"points": sorted(found)}
        record("sampling.round_points_chosen", round_subject(row.pk), by=by, at=now, area=row.area, payload=payload)


def _put_up(point: PointRecord, by: Actor) -> int:
    require_inside(point.area, by)
    if not point.code.strip() or not point.name.strip():
        raise Refused(refuse("point_code_missing"))
    if not 1 <= point.lanes <= 200:
        raise Refused(refuse("lanes_bad", point=point.code))
    if (point.latitude is None) != (point.longitude is None) or not (
        -90 <= (point.latitude or 0) <= 90 and -180 <= (point.longitude or 0) <= 180
    ):
        raise Refused(refuse("not_on_earth", point=point.code))
    row, _made = Point.objects.update_or_create(
        area=point.area,
        code=point.code.strip()[:40],
        ended_at=None,
        defaults={
            "name": point.name.strip()[:120],
            "address": point.address.strip()[:300],
            "latitude": point.latitude,
            "longitude": point.longitude,
            "lanes": point.lanes,
            "opens": point.opens,
            "closes": point.closes,
        },
    )
    return row.pk


def require_inside(area: int, by: Actor) -> None:
    """Raises: Refused (`outside_area`)."""
    if area not in EVERYWHERE or area not in by.area:
        raise Refused(refuse("outside_area"))
