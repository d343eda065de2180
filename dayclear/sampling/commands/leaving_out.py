"""Who is left out of rounds for a while, and back in: members of a positive tube until their own test has answered."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from dayclear.foundation.actors import Actor
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.events import record
from dayclear.foundation.rules import Right
from dayclear.people.models import Person
from dayclear.sampling.models import Exclusion


def exclude_people(people: Iterable[int], *, cause: str, until: datetime, by: Actor, now: datetime) -> int:
    """Leave people out of every round until an instant; those left out for this cause already stay so.

    `cause` names what holds them, such as `recall:DC…`. Returns how many were added.
    Raises: Refused (`right_missing`, `end_missing`).
    """
    by.require(Right.RUN_SAMPLING)
    if until <= now:
        raise Refused(refuse("exclusion_without_end"))
    with transaction.atomic():
        areas = dict(Person.objects.filter(pk__in=set(people)).values_list("pk", "area"))
        open_already = Exclusion.objects.filter(person_id__in=areas, cause=cause, ended_at=None)
        known = set(open_already.values_list("person_id", flat=True))
        rows = [
            Exclusion(area=area, person_id=person, cause=cause[:64], begun_at=now, ends_at=until)
            for person, area in sorted(areas.items())
            if person not in known
        ]
        Exclusion.objects.bulk_create(rows, ignore_conflicts=True)
        _tell("people_excluded", cause, len(rows), by=by, now=now)
    return len(rows)


def readmit_people(people: Iterable[int], *, cause: str, by: Actor, now: datetime) -> int:
    """Let people back into rounds, as far as this cause held them. Returns how many."""
    by.require(Right.RUN_SAMPLING)
    with transaction.atomic():
        held = Exclusion.objects.filter(person_id__in=set(people), cause=cause, ended_at=None)
        count = held.update(ended_at=now)
        _tell("people_readmitted", cause, count, by=by, now=now)
    return count


def _tell(what: str, cause: str, count: int, *, by: Actor, now: datetime) -> None:
    if count:
        record(
            f"sampling.{what}",
            f"sampling.exclusion:{cause}"[:64],
            by=by,
            at=now,
            area=by.area.lo,
            payload={"cause": cause, "people": count},
        )
