"""Making two records one human, and taking it back: here, where all that follows a person is in sight."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dayclear.cases.commands import CaseRecord, register_case
from dayclear.cases.models import Case
from dayclear.cases.rules import CaseDays
from dayclear.foundation.actors import Actor, system
from dayclear.foundation.decisions import Refused
from dayclear.foundation.models import Event
from dayclear.foundation.scope import acting
from dayclear.people.commands import PersonRecord, register_people
from dayclear.people.merging import merge_people, rows_that_follow, undo_merge
from dayclear.people.models import Person
from dayclear.people.queries import search_people
from dayclear.tracing.models import Contact

AREA = 610113001001 * 10**6
SYSTEM = system("tests")


def person_with(actor: Actor, now: datetime, name: str, *numbers: str, id_number: str = "") -> int:
    """A person with one case a number; without any, just the person."""
    person = PersonRecord(area=AREA, name=name, id_number=id_number)
    (found,) = register_people([person], by=actor, now=now, batch=f"people.batch:{name}")
    for number in numbers:
        days = CaseDays(reported_on=date(2021, 12, 29))
        record = CaseRecord(
            area=AREA, person_id=0, disease="covid-19", number=number, days=days, classification="confirmed"
        )
        case = register_case(person, record, by=actor, now=now)
        Case.objects.filter(pk=case).update(person=found)
    return found


def contact(person: int, case: int, now: datetime) -> int:
    return Contact.objects.create(
        area=AREA, person_id=person, case_id=case, relation="meal", retain_until=date(2022, 3, 1), recorded_at=now
    ).pk


def holders() -> dict[str, list[tuple[int, int]]]:
    """Whose every row is, and which people are merged into whom."""
    with connection.cursor() as cursor:
        state = {}
        for name, sql in {
            "cases": "SELECT id, person_id FROM cases_case ORDER BY id",
            "contacts": "SELECT id, person_id FROM tracing_contact ORDER BY id",
            "people": "SELECT id, coalesce(merged_into_id, 0) FROM people_person ORDER BY id",
        }.items():
            cursor.execute(sql)
            state[name] = cursor.fetchall()
    return state


def test_every_row_follows_and_comes_back(county_officer: Actor, now: datetime) -> None:
    with acting(county_officer):
        kept = person_with(county_officer, now, "张三", "A1")
        gone = person_with(county_officer, now, "张 三", "A2", "A3")
        other = Case.objects.get(number="A1")
        contact(gone, other.pk, now)
        before = holders()
        assert rows_that_follow(gone) == {"cases_case": 2, "tracing_contact": 1}
        merge = merge_people(kept, gone, by=county_officer, now=now)
        assert set(Case.objects.values_list("person", flat=True)) == {kept}
        assert rows_that_follow(gone) == {}
        undo_merge(merge.pk, by=county_officer, now=now)
        assert holders() == before


def test_what_follows_from_other_places_is_not_counted_for_those_who_may_not_read_it(
    administrator: Actor, county_officer: Actor, now: datetime
) -> None:
    with acting(administrator):
        gone = person_with(administrator, now, "李四", "A1", "A2")
        Case.objects.filter(number="A2").update(area=460105001001 * 10**6)
    with acting(county_officer):
        assert rows_that_follow(gone) == {"cases_case": 1}


def test_two_contacts_of_one_case_merge_and_come_back(county_officer: Actor, now: datetime) -> None:
    with acting(county_officer):
        person_with(county_officer, now, "王五", "A1")
        case = Case.objects.get(number="A1").pk
        kept, gone = person_with(county_officer, now, "张三"), person_with(county_officer, now, "李四")
        contact(kept, case, now)
        contact(gone, case, now)
        before = holders()
        merge = merge_people(kept, gone, by=county_officer, now=now)
        assert merge.moved["tracing_contact"] == []
        undo_merge(merge.pk, by=county_officer, now=now)
        assert holders() == before


def test_rows_added_after_the_merge_stay_with_the_person_who_was_kept(county_officer: Actor, now: datetime) -> None:
    with acting(county_officer):
        kept, gone = person_with(county_officer, now, "张三", "A1"), person_with(county_officer, now, "李四", "A2")
        merge = merge_people(kept, gone, by=county_officer, now=now)
        late = person_with(county_officer, now, "王五", "A3")
        Case.objects.filter(number="A3").update(person=kept)
        undo_merge(merge.pk, by=county_officer, now=now)
        assert dict(Case.objects.values_list("number", "person")) == {"A1": kept, "A2": gone, "A3": kept}
        assert late


def test_a_later_merge_is_taken_back_first(county_officer: Actor, now: datetime) -> None:
    with acting(county_officer):
        one, two, three = (
            person_with(county_officer, now, name, number) for name, number in zip("甲乙丙", "123", strict=True)
        )
        first = merge_people(two, one, by=county_officer, now=now)
        second = merge_people(three, two, by=county_officer, now=now)
        with pytest.raises(Refused, match="merged_further"):
            undo_merge(first.pk, by=county_officer, now=now)
        undo_merge(second.pk, by=county_officer, now=now)
        undo_merge(first.pk, by=county_officer, now=now)
        assert dict(Case.objects.values_list("number", "person")) == {"1": one, "2": two, "3": three}


def test_whoever_was_merged_is_found_and_registered_again_as_the_person_who_was_kept(
    county_officer: Actor, now: datetime
) -> None:
    with acting(county_officer):
        kept = person_with(county_officer, now, "张三")
        gone = person_with(county_officer, now, "章三", id_number="11010519491231002X")
        merge_people(kept, gone, by=county_officer, now=now)
        assert [person.pk for person in search_people(county_officer, "11010519491231002X")] == [kept]
        assert [person.pk for person in search_people(county_officer, "章三")] == [kept]
        assert person_with(county_officer, now, "章三", id_number="11010519491231002x") == kept


def test_different_identity_numbers_never_merge(county_officer: Actor, now: datetime) -> None:
    with acting(county_officer):
        one = person_with(county_officer, now, "张三", id_number="11010519491231002X")
        two = person_with(county_officer, now, "张三", id_number="440524188001010014")
        with pytest.raises(Refused, match="other_id_number"):
            merge_people(one, two, by=county_officer, now=now)


def test_both_people_tell_of_the_merge(county_officer: Actor, now: datetime) -> None:
    with acting(county_officer):
        kept, gone = person_with(county_officer, now, "张三"), person_with(county_officer, now, "李四")
        merge = merge_people(kept, gone, by=county_officer, now=now)
        undo_merge(merge.pk, by=county_officer, now=now)
        kinds = ["people.people_merged", "people.merge_undone"]
        for person in (kept, gone):
            told = Event.objects.filter(subject=f"people.person:{person}", kind__in=kinds).order_by("number")
            assert list(told.values_list("kind", flat=True)) == kinds


@given(merges=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=6))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_merges_taken_back_last_first_leave_everything_as_it_was(
    county_officer: Actor, now: datetime, merges: list[tuple[int, int]]
) -> None:
    from django.db import transaction

    with acting(county_officer):
        sid = transaction.savepoint()
        people = [person_with(county_officer, now, name, name) for name in "甲乙丙丁戊"]
        for person in people[1:3]:
            contact(person, Case.objects.get(number="甲").pk, now)
        before, made = holders(), []
        for kept, gone in merges:
            try:
                with transaction.atomic():
                    made.append(merge_people(people[kept], people[gone], by=county_officer, now=now))
            except Refused as refused:
                if refused.decision.codes[0] not in {"same_row", "already_merged"}:
                    raise
        for merge in reversed(made):
            undo_merge(merge.pk, by=county_officer, now=now)
        assert holders() == before
        assert not Person.objects.exclude(merged_into=None).exists()
        transaction.savepoint_rollback(sid)
