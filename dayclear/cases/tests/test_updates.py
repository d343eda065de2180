"""What a newer description of a known case brings with it: events, counts, the clock of its investigation."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from dayclear.cases.commands import (
    INVESTIGATION,
    CaseRecord,
    classify_case,
    complete_investigation,
    update_cases,
)
from dayclear.cases.models import Case
from dayclear.cases.tests.test_register_one import case_by
from dayclear.foundation.actors import Actor
from dayclear.foundation.deadlines import clock_of, sweep
from dayclear.foundation.models import Deadline, Event
from dayclear.foundation.scope import acting

DAY = timedelta(days=1)


def newer(case: int, by: Actor, now: datetime, **said: Any) -> None:
    told = CaseRecord.of(Case.objects.get(pk=case))
    days = replace(told.days, **{name: said.pop(name) for name in list(said) if name.endswith("_on")})
    update_cases({case: replace(told, days=days, **said)}, by=by, now=now)


def clock_on(case: int, by: Actor) -> Deadline:
    clock = clock_of(by, INVESTIGATION, f"cases.case:{case}")
    assert clock is not None
    return clock


def test_an_outcome_and_a_classification_told_by_a_newer_file_are_told_on_as_those_by_hand(
    county_officer: Actor, now: datetime
) -> None:
    with acting(county_officer):
        case = case_by(county_officer, now, classification="suspected")
        newer(case, county_officer, now, outcome="died", outcome_on=date(2021, 12, 29), classification="confirmed")
        told = {event.kind: event.payload for event in Event.objects.filter(subject=f"cases.case:{case}")}
    assert told["cases.outcome_recorded"] == {"outcome": ["unknown", "died"], "on": "2021-12-29"}
    assert told["cases.case_classified"]["classification"] == ["suspected", "confirmed"]


def test_an_excluded_case_owes_no_investigation_and_owes_it_again_when_it_is_a_case_again(
    county_officer: Actor, now: datetime
) -> None:
    with acting(county_officer):
        case = case_by(county_officer, now, classification="suspected")
        due = clock_on(case, county_officer).due_at
        newer(case, county_officer, now, classification="excluded")
        assert clock_on(case, county_officer).met_at == now
        newer(case, county_officer, now, classification="confirmed")
        again = clock_on(case, county_officer)
        assert (again.met_at, again.due_at) == (None, due)


def test_whoever_is_excluded_and_taken_back_after_the_time_has_run_out_is_late(
    county_officer: Actor, now: datetime
) -> None:
    with acting(county_officer):
        case = case_by(county_officer, now, classification="confirmed")
        classify_case(case, "excluded", reason="test", by=county_officer, now=now)
        classify_case(case, "confirmed", reason="test again", by=county_officer, now=now + 2 * DAY)
        assert sweep(now=now + 2 * DAY) == 1


def test_a_complete_investigation_stays_complete_whatever_is_told_of_the_case(
    county_officer: Actor, now: datetime
) -> None:
    with acting(county_officer):
        case = case_by(county_officer, now, classification="confirmed")
        complete_investigation(case, by=county_officer, now=now)
        newer(case, county_officer, now, classification="excluded")
        newer(case, county_officer, now, classification="confirmed")
        assert not Deadline.objects.filter(kind=INVESTIGATION, met_at=None).exists()


@pytest.mark.parametrize("hours", [pytest.param(3, id="reported earlier"), pytest.param(30, id="and late by now")])
def test_the_clock_moves_with_the_report(county_officer: Actor, now: datetime, hours: int) -> None:
    with acting(county_officer):
        case = case_by(county_officer, now, classification="confirmed")
        sweep(now=now + DAY)
        newer(case, county_officer, now, reported_at=now - timedelta(hours=hours))
        moved = clock_on(case, county_officer)
        assert (moved.due_at, moved.escalated_at) == (now - timedelta(hours=hours) + DAY, None)
        assert Deadline.objects.filter(kind=INVESTIGATION).count() == 1
