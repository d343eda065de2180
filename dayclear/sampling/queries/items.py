"""Tubes of goods and surfaces, and the alarms they raised, within scope."""

from __future__ import annotations

from django.db.models import QuerySet

from dayclear.foundation.actors import Actor
from dayclear.foundation.filters import existing
from dayclear.foundation.rules import Right
from dayclear.sampling.models import ItemAlarm, Tube


def tubes_of_items(actor: Actor) -> QuerySet[Tube]:
    """The tubes of goods and surfaces of the actor's places. Raises: Refused (`right_missing`)."""
    actor.require(Right.SEE_SAMPLING)
    return Tube.objects.exclude(kind="persons").filter(area__range=(actor.area.lo, actor.area.hi))


def item_alarms_of(actor: Actor) -> QuerySet[ItemAlarm]:
    """The alarms of goods and surfaces in the actor's places. Raises: Refused (`right_missing`)."""
    actor.require(Right.SEE_SAMPLING)
    return ItemAlarm.objects.filter(area__range=(actor.area.lo, actor.area.hi))


def item_alarm_in_scope(actor: Actor, alarm_id: int) -> ItemAlarm:
    """Raises: Refused (`right_missing`, `not_found`)."""
    return existing(item_alarms_of(actor).filter(pk=alarm_id))
