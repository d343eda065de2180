"""Whoever is positive in the single test after a positive tube is a case, once."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from dayclear.cases.commands import CaseRecord
from dayclear.cases.commands.register import register_cases
from dayclear.cases.models import Case
from dayclear.cases.reactions import register_positive_member
from dayclear.foundation.actors import Actor
from dayclear.foundation.models import Event
from dayclear.foundation.scope import acting
from dayclear.sampling.rules.numbers import printed
from dayclear.sampling.tests.acts import SYSTEM, VILLAGE, people
from dayclear.sampling.tests.tracing import open_one, release, swab_all

pytestmark = pytest.mark.usefixtures("places")
HOUR = timedelta(hours=1)


def positive_event(now: datetime, by: Actor, person: int) -> tuple[Event, int]:
    """A tube of ten, one of whom is positive; the event, and the number of the single swab's tube."""
    device, chain = open_one(now, [person, *people(9, now)])
    tubes = swab_all(device, chain, by, now + HOUR)
    first, *others = tubes.values()
    release(now + 5 * HOUR, (first, "positive"), *((tube, "negative") for tube in others))
    with acting(SYSTEM):
        return Event.objects.get(kind="sampling.chain_member_positive"), first


def test_of_ten_one_is_a_case_and_the_event_twice_is_no_second(now: datetime, county_officer: Actor) -> None:
    (person,) = people(1, now)
    event, tube = positive_event(now, county_officer, person)
    with acting(SYSTEM):
        register_positive_member(event)
        register_positive_member(event)
        case = Case.objects.get()
    assert (case.number, case.person_id, case.found_by) == (printed(tube), person, "screening")
    assert (case.sampled_at, case.reported_at) == (now + HOUR, now + 5 * HOUR)


def test_whoever_is_a_case_already_is_not_another(now: datetime, county_officer: Actor) -> None:
    (person,) = people(1, now)
    known = CaseRecord(area=VILLAGE, person_id=person, disease="covid-19", number="X1", classification="confirmed")
    with acting(SYSTEM):
        register_cases([known], by=SYSTEM, now=now)
    event, _tube = positive_event(now, county_officer, person)
    with acting(SYSTEM):
        register_positive_member(event)
        assert Case.objects.get().number == "X1"


def test_a_result_corrected_before_the_worker_came_makes_no_case(now: datetime, county_officer: Actor) -> None:
    (person,) = people(1, now)
    event, tube = positive_event(now, county_officer, person)
    release(now + 6 * HOUR, (tube, "negative"))
    with acting(SYSTEM):
        register_positive_member(event)
        assert not Case.objects.exists()
