"""Reading the trail of events, within scope."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import QuerySet

from dayclear.foundation.actors import Actor
from dayclear.foundation.models import Event


def events_of(actor: Actor, subjects: Collection[str]) -> QuerySet[Event]:
    """What happened to these subjects in the actor's places, in the order of recording."""
    return Event.objects.filter(
        subject__in=list(subjects), area__range=(actor.area.lo, actor.area.hi)
    ).order_by("ordinal")
