"""Whose swabs are in a tube: the most sensitive thing we hold. Every reading is an event."""

from __future__ import annotations

from datetime import datetime

from dayclear.foundation.actors import Actor
from dayclear.foundation.events import record
from dayclear.foundation.rules import Right
from dayclear.people.models import Person
from dayclear.sampling.models import Swab, Tube
from dayclear.sampling.rules.numbers import printed


def read_members(actor: Actor, tube: Tube, *, purpose: str, now: datetime) -> list[Person]:
    """The people in a tube who live in the actor's places, by name; who looked and why is recorded with it.

    Raises: Refused (`right_missing`).
    """
    actor.require(Right.SEE_MEMBERS)
    people = Swab.objects.filter(tube=tube.number, day=tube.day).values("person")
    record(
        "sampling.members_read",
        f"sampling.tube:{printed(tube.number)}",
        by=actor,
        at=now,
        area=tube.area,
        payload={"purpose": purpose[:80]},
    )
    inside = Person.objects.filter(area__range=(actor.area.lo, actor.area.hi), pk__in=people)
    return list(inside.order_by("name", "pk"))
