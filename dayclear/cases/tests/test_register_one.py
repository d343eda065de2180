"""Registering one case by hand: its person, its clock, its counts, its refusals."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from dayclear.cases.commands import (
    INVESTIGATION,
    CaseRecord,
    classify_case,
    complete_investigation,
    follow_amended_person,
    register_case,
)
from dayclear.cases.models import Case, CaseCount
from dayclear.cases.reactions import follow_person
from dayclear.cases.rules import CaseDays
from dayclear.foundation.actors import Actor, system
from dayclear.foundation.deadlines import clock_of, open_deadlines, sweep
from dayclear.foundation.decisions import Refused
from dayclear.foundation.events import last_number
from dayclear.foundation.models import Event
from dayclear.foundation.scope import acting
from dayclear.people.commands import PersonRecord, amend_person, register_people
from dayclear.people.merging import merge_people, undo_merge

AREA = 610113001001 * 10**6


def case_by(actor: Actor, now: datetime, area: int = AREA, **facts: Any) -> int:
    person = PersonRecord(area=area, name=facts.pop("name", "张三"), sex=facts.pop("sex", "unknown"))
    days = facts.pop("days", CaseDays(reported_on=date(2021, 12, 29)))
    record = CaseRecord(area=0, person_id=0, disease="covid-19", number=facts.pop("number", ""), days=days, **facts)
    return register_case(person, record, by=actor, now=now)


def counts(level: int, area: int) -> CaseCount:
    with acting(system("tests")):
        return CaseCount.objects.get(level=level, area=area, day=date(2021, 12, 29))


def test_a_county_s_case_counts_at_every_level_though_the_county_cannot_read_them_all(
    county_officer: Actor, now: datetime
) -> None:
    with acting(county_officer):
        case_by(county_officer, now, under_order="no", classification="confirmed")
        assert list(CaseCount.objects.values_list("level", flat=True).order_by("level")) == [3, 4, 5]
    assert counts(0, 0).cases == counts(1, 61 * 10**16).community == 1


def test_a_case_without_a_number_gets_one_of_its_county(county_officer: Actor, now: datetime) -> None:
    with acting(county_officer):
        case = Case.objects.get(pk=case_by(county_officer, now, classification="confirmed"))
    assert case.number.startswith("610113-211229-")


def test_a_number_is_given_once(county_officer: Actor, now: datetime) -> None:
    with acting(county_officer):
        case_by(county_officer, now, number="A1", classification="confirmed")
        with pytest.raises(Refused, match="number_taken"):
            case_by(county_officer, now, number="A1", name="李四", classification="confirmed")
        assert Case.objects.count() == 1


def test_an_officer_registers_no_case_in_another_county(county_officer: Actor, now: datetime) -> None:
    with acting(county_officer), pytest.raises(Refused, match="outside_area"):
        case_by(county_officer, now, area=610103001001 * 10**6, classification="confirmed")


@pytest.mark.parametrize(
    ("reported", "due"),
    [
        pytest.param(timedelta(0), timedelta(hours=24), id="reported now"),
        pytest.param(timedelta(hours=23), timedelta(hours=1), id="one hour left"),
        pytest.param(timedelta(hours=24), None, id="the very hour it runs out"),
        pytest.param(timedelta(days=400), None, id="history"),
    ],
)
def test_the_clock_runs_from_the_report_as_the_pack_says_and_never_for_history(
    county_officer: Actor, now: datetime, reported: timedelta, due: timedelta | None
) -> None:
    now = now + timedelta(days=365)  # the ninth edition gives 24 hours; the eighth, in force in 2021, names none
    at = now - reported
    with acting(county_officer):
        case = case_by(
            county_officer, now, classification="confirmed", reported_at=at, days=CaseDays(reported_on=at.date())
        )
        clock = clock_of(county_officer, INVESTIGATION, f"cases.case:{case}")
    assert (clock.due_at - now if clock else None) == due


def test_a_village_worker_is_not_told_of_investigations(
    county_officer: Actor, village_worker: Actor, now: datetime
) -> None:
    now = now.replace(year=2022, month=8)
    with acting(county_officer):
        case_by(county_officer, now, classification="confirmed", reported_at=now)
        assert [d.kind for d in open_deadlines(county_officer)] == [INVESTIGATION]
    with acting(village_worker):
        assert not open_deadlines(village_worker).exists()


def test_completing_stops_the_clock_once(county_officer: Actor, now: datetime) -> None:
    now = now.replace(year=2022, month=8)
    with acting(county_officer):
        case = case_by(county_officer, now, classification="confirmed", reported_at=now)
        complete_investigation(case, by=county_officer, now=now + timedelta(hours=2))
        clock = clock_of(county_officer, INVESTIGATION, f"cases.case:{case}")
        assert clock is not None
        assert clock.met_at == now + timedelta(hours=2)
        with pytest.raises(Refused, match="investigation_complete"):
            complete_investigation(case, by=county_officer, now=now + timedelta(hours=3))


def test_an_investigation_not_complete_in_time_is_escalated_and_one_of_an_excluded_case_is_not(
    county_officer: Actor, now: datetime
) -> None:
    now = now.replace(year=2022, month=8)
    with acting(county_officer):
        late = case_by(county_officer, now, classification="suspected", reported_at=now)
        cleared = case_by(county_officer, now, name="李四", classification="suspected", reported_at=now)
        classify_case(cleared, "excluded", reason="two negative tests", by=county_officer, now=now)
    with acting(system("tests")):
        assert sweep(now=now + timedelta(hours=25)) == 1
        assert Event.objects.get(kind="foundation.deadline_escalated").subject == f"cases.case:{late}"


def test_a_decision_on_an_old_view_is_refused(county_officer: Actor, now: datetime) -> None:
    with acting(county_officer):
        case = case_by(county_officer, now, classification="suspected")
        seen = last_number(f"cases.case:{case}")
        classify_case(case, "confirmed", reason="positive twice", by=county_officer, now=now, seen=seen)
        with pytest.raises(Refused, match="changed_meanwhile"):
            classify_case(case, "excluded", reason="negative", by=county_officer, now=now, seen=seen)
        assert Case.objects.get(pk=case).classification == "confirmed"


def test_gaps_close_when_the_person_is_described_better_and_playing_it_twice_changes_nothing_more(
    county_officer: Actor, now: datetime
) -> None:
    with acting(county_officer):
        case = case_by(county_officer, now, classification="confirmed")
        person = Case.objects.get(pk=case).person_id
        assert counts(3, 610113 * 10**12).without_sex == 1
        amend_person(person, PersonRecord(area=AREA, sex="female"), by=county_officer, now=now)
    with acting(system("tests")):
        assert follow_amended_person(person, by=system("tests"), now=now) == 1
        assert follow_amended_person(person, by=system("tests"), now=now) == 0
    assert counts(3, 610113 * 10**12).without_sex == counts(0, 0).without_sex == 0
    assert counts(0, 0).without_age == 1


def test_a_case_notes_what_is_known_of_its_person_and_not_what_this_source_said(
    county_officer: Actor, now: datetime
) -> None:
    with acting(county_officer):
        said = PersonRecord(area=AREA, name="张三", sex="male", id_number="11010519491231002X")
        record = CaseRecord(area=0, person_id=0, disease="covid-19", number="", classification="confirmed")
        register_case(said, record, by=county_officer, now=now)
        silent = PersonRecord(area=AREA, id_number="11010519491231002X")
        case = Case.objects.get(pk=register_case(silent, record, by=county_officer, now=now))
        assert (case.sex_known, case.age_known) == (True, False)


def test_the_gaps_of_a_case_are_those_of_the_person_it_belongs_to_after_a_merge_and_after_its_undo(
    county_officer: Actor, now: datetime
) -> None:
    with acting(county_officer):
        (kept,) = register_people(
            [PersonRecord(area=AREA, name="张三", sex="male")], by=county_officer, now=now, batch="tests:1"
        )
        case = Case.objects.get(pk=case_by(county_officer, now, name="张三", classification="confirmed"))
        merge = merge_people(kept, case.person_id, by=county_officer, now=now)
        for kind, known in (("people.people_merged", True), ("people.merge_undone", False)):
            for event in Event.objects.filter(kind=kind):
                follow_person(event)
                follow_person(event)
            case.refresh_from_db()
            assert case.sex_known is known
            assert counts(3, 610113 * 10**12).without_sex == (not known)
            if known:
                undo_merge(merge.pk, by=county_officer, now=now)
