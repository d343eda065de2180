"""Somebody who is at another place now: which row stands for them there."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from dayclear.foundation.actors import Actor
from dayclear.foundation.areas import county_of
from dayclear.foundation.events import record
from dayclear.foundation.filters import existing
from dayclear.foundation.rules import Right
from dayclear.foundation.scope import beyond_scope
from dayclear.people.commands import DESCRIPTION
from dayclear.people.models import Person


def move_person(person_id: int, to: int, *, by: Actor, now: datetime) -> int:
    """Note that another place is responsible for somebody now; returns the row that stands for them there.

    Within a county the row itself moves. Another county keeps a row of its own (decision 3): the one that it has under
    the same identity number, else a new one with what is known here. The row here then stays with the cases and
    contacts that rest on it.
    Raises: Refused (`not_found`, `right_missing`).
    """
    by.require(Right.WRITE_CASES)
    with transaction.atomic(), beyond_scope():
        person = existing(Person.objects.select_for_update().filter(pk=person_id, merged_into=None))
        county = county_of(to)
        there = person if person.county == county else _row_there(person, to, county)
        if there.area != to:
            Person.objects.filter(pk=there.pk).update(area=to)
        if person.area != to:
            moved = {"place": [person.area, to], "row": there.pk}
            for row, area in ((person.pk, person.area), (there.pk, to)):
                record("people.person_moved", f"people.person:{row}", by=by, at=now, area=area, payload=moved)
    return there.pk


def _row_there(person: Person, to: int, county: int) -> Person:
    """The county's own row of a human who is known elsewhere. A name alone settles nothing: only the number does."""
    if person.id_number_hash is not None:
        known = Person.objects.select_for_update().filter(
            id_number_hash=person.id_number_hash, county=county, merged_into=None
        )
        found = known.first()
        if found is not None:
            return found
    return Person.objects.create(area=to, **{name: getattr(person, name) for name in DESCRIPTION})
