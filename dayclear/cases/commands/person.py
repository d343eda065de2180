"""What a case notes of its person, kept true when more becomes known of the person."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.db import transaction

from dayclear.cases.commands.counts import apply_changes, counted
from dayclear.cases.models import Case
from dayclear.foundation.actors import Actor
from dayclear.foundation.events import Draft, record_many
from dayclear.foundation.rules import Right
from dayclear.people.models import Person


def known_of(person: Person) -> tuple[bool, bool, bool]:
    """What a case notes of its person. Shape: sex known, age known, home known."""
    age = person.age_months is not None or person.born_on is not None
    return person.sex != "unknown", age, person.home is not None


def _told(case: Case, sex: bool, age: bool, home: bool) -> Draft:
    now_known = {"sex_known": sex, "age_known": age, "home_known": home}
    changed = {name: value for name, value in now_known.items() if getattr(case, name) != value}
    return Draft("cases.gaps_followed", f"cases.case:{case.pk}", case.area, changed)


def follow_amended_person(person_id: int, *, by: Actor, now: datetime) -> int:
    """Bring a person's cases in line with what is now known of the person; returns how many changed.

    Doing it again changes nothing.
    """
    by.require(Right.WRITE_CASES)
    with transaction.atomic():
        person = Person.objects.filter(pk=person_id).first()
        if person is None:
            return 0
        sex, age, home = known_of(person)
        cases = list(Case.objects.select_for_update(no_key=True).filter(person=person_id).order_by("pk"))
        stale = [case for case in cases if (case.sex_known, case.age_known, case.home_known) != (sex, age, home)]
        apply_changes(
            (counted(case), replace(counted(case), has_sex=sex, has_age=age, has_home=home)) for case in stale
        )
        Case.objects.filter(pk__in=[case.pk for case in stale]).update(sex_known=sex, age_known=age, home_known=home)
        record_many([_told(case, sex, age, home) for case in stale], by=by, at=now)
    return len(stale)
