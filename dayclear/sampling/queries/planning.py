"""Plans of points, and the points to choose among."""

from __future__ import annotations

from django.db.models import QuerySet

from dayclear.foundation.actors import Actor
from dayclear.foundation.areas import area_of
from dayclear.sampling.models import Point, PointPlan, Round


def candidates_for(actor: Actor, held: Round) -> list[Point]:
    """The points of a round's place that have a position. Shape: by code."""
    area = area_of(held.area)
    inside = Point.objects.filter(area__range=(max(area.lo, actor.area.lo), min(area.hi, actor.area.hi)), ended_at=None)
    return list(inside.filter(latitude__isnull=False).order_by("code", "pk"))


def plans_of(actor: Actor) -> QuerySet[PointPlan]:
    """The plans within the actor's places, without their lists."""
    return PointPlan.objects.filter(area__range=(actor.area.lo, actor.area.hi)).defer("communities")
