"""The case of somebody who was found by a positive tube."""

from __future__ import annotations

from datetime import datetime

from dayclear.cases.commands.register import CaseRecord, register_cases
from dayclear.cases.models import Case
from dayclear.cases.rules import CaseDays
from dayclear.foundation.actors import Actor
from dayclear.foundation.clock import local_day
from dayclear.people.models import Person
from dayclear.sampling.queries.chains import positive_member


def register_screened(member_id: int, *, by: Actor, now: datetime) -> int | None:
    """Register the case of a positive member of a chain; returns its id, or None where there is nothing to register.

    Once: the number of the single swab's tube is the case's. Whoever is a case of the disease already, and not yet out
    of it, is not another one. An infection without symptoms so far: a physician classifies it from there.
    """
    found = positive_member(member_id)
    if found is None:
        return None
    person = Person.objects.get(pk=found.person)
    if Case.objects.filter(person=person, disease=found.disease, outcome__in=("unknown", "in_care")).exists():
        return None
    record = CaseRecord(
        area=person.area,
        person_id=person.pk,
        disease=found.disease,
        number=found.number,
        days=CaseDays(
            sampled_on=local_day(found.collected_at),
            positive_on=local_day(found.reported_at),
            reported_on=local_day(found.reported_at),
        ),
        sampled_at=found.collected_at,
        reported_at=found.reported_at,
        classification="asymptomatic_infection",
        found_by="screening",
        sex_known=person.sex != "unknown",
        age_known=person.born_on is not None or person.age_months is not None,
        home_known=person.home is not None,
    )
    (case_id,) = register_cases([record], by=by, now=now).ids
    return case_id
