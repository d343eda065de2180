"""Registering one case by hand, while it happens."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.db import transaction

from dayclear.cases.commands.register import CaseRecord, register_cases
from dayclear.foundation.actors import Actor
from dayclear.foundation.areas import county_of
from dayclear.foundation.clock import local_day
from dayclear.foundation.database import next_ids
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.rules import Right
from dayclear.people.commands import PersonRecord, register_people

_COUNTY_DIGITS = 10**12


def register_case(person: PersonRecord, case: CaseRecord, *, by: Actor, now: datetime) -> int:
    """Register one case and the person it concerns; returns the case's id.

    A person whose identity number the county knows is that person. `case` comes without its person, place and what is
    known of the person: they follow from `person`. A case without a number gets one: county, day, running number.
    Raises: Refused (`outside_area`, `number_taken`, `future_date`, `death_before_onset`, `registered_meanwhile`).
    """
    by.require(Right.WRITE_CASES)
    if person.area not in by.area:
        raise Refused(refuse("outside_area"))
    with transaction.atomic():
        number = case.number or _own_number(person.area, now)
        (person_id,) = register_people([person], by=by, now=now, batch=f"people.case:{case.disease}/{number}"[:64])
        record = replace(case, area=person.area, person_id=person_id, number=number)
        (case_id,) = register_cases([record], by=by, now=now).ids
        if case_id is None:
            raise Refused(refuse("number_taken", number=number))
    return case_id


def _own_number(area: int, now: datetime) -> str:
    county = county_of(area) // _COUNTY_DIGITS
    (running,) = next_ids("cases_case_id_seq", 1)
    return f"{county:06d}-{local_day(now):%y%m%d}-{running}"
