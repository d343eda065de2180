"""Finding, describing and amending people, as each role may."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import psycopg
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dayclear.foundation.actors import Actor
from dayclear.foundation.areas import area_of
from dayclear.foundation.decisions import Refused
from dayclear.foundation.models import Event
from dayclear.foundation.postgres import resolve_database
from dayclear.foundation.rules import Role
from dayclear.foundation.scope import acting
from dayclear.people.commands import PersonRecord, amend_person, register_people
from dayclear.people.merging import keep_apart, merge_people, undo_merge
from dayclear.people.models import Match, Person
from dayclear.people.queries import age_on, reveal_identity, search_people, waiting_matches

ClientOf = Callable[[Actor], Client]
COUNTY, VILLAGE, OTHER_COUNTY = 610113 * 10**12, 610113001001 * 10**6, 610103001001 * 10**6
NUMBER, OTHER_NUMBER = "11010519491231002X", "440524188001010014"


def known(by: Actor, now: datetime, *people: PersonRecord) -> list[int]:
    return register_people(people, by=by, now=now, batch="people.batch:tests")


@pytest.mark.parametrize("words", ["张三", "1", ""], ids=["a name", "too short to look for", "nothing"])
def test_an_auditor_who_searches_is_refused(
    county_officer: Actor, make_actor: Callable[..., Actor], now: datetime, words: str
) -> None:
    auditor = make_actor("auditor", Role.AUDITOR, COUNTY)
    with acting(county_officer):
        known(county_officer, now, PersonRecord(area=VILLAGE, name="张三"))
    with acting(auditor), pytest.raises(Refused, match="right_missing"):
        search_people(auditor, words)


@pytest.mark.parametrize("address", ["/people/?q=张三", "/api/v1/people?q=张三"])
def test_an_auditor_reads_no_name_in_what_a_search_answers(
    client_of: ClientOf, county_officer: Actor, make_actor: Callable[..., Actor], now: datetime, address: str
) -> None:
    with acting(county_officer):
        known(county_officer, now, PersonRecord(area=VILLAGE, name="张三丰"))
    answer = client_of(make_actor("auditor", Role.AUDITOR, COUNTY)).get(address)
    assert answer.status_code == 403
    assert "张三丰" not in answer.content.decode()


@pytest.mark.parametrize(
    ("stated", "day", "months"),
    [
        pytest.param(date(2021, 12, 1), date(2021, 12, 29), 24, id="within the month"),
        pytest.param(date(2021, 12, 1), date(2022, 1, 1), 25, id="a month to the day"),
        pytest.param(date(2020, 12, 29), date(2021, 12, 29), 36, id="a year later"),
        pytest.param(date(2020, 12, 29), date(2018, 12, 29), 0, id="two years before"),
        pytest.param(date(2020, 12, 29), date(2018, 11, 29), 0, id="before birth"),
    ],
)
def test_an_age_that_was_stated_grows_with_the_time_since(stated: date, day: date, months: int) -> None:
    assert age_on(Person(age_months=24, age_on=stated), day) == months


def test_a_number_with_the_wrong_check_character_registers_nobody(county_officer: Actor, now: datetime) -> None:
    with acting(county_officer), pytest.raises(Refused, match="id_number_wrong"):
        known(county_officer, now, PersonRecord(area=VILLAGE, name="张三", id_number=NUMBER[:-1] + "0"))


def test_what_is_said_anew_of_somebody_known_by_number_is_taken_over_and_what_was_known_stays(
    county_officer: Actor, now: datetime
) -> None:
    with acting(county_officer):
        (first,) = known(county_officer, now, PersonRecord(area=VILLAGE, name="张三", id_number=NUMBER))
        said = PersonRecord(area=VILLAGE, name="张三丰", sex="male", id_number=NUMBER, phone="13800000000")
        assert known(county_officer, now, said) == [first]
        person = Person.objects.get(pk=first)
        assert (person.name, person.sex) == ("张三", "male")
        told = Event.objects.get(kind="people.person_amended")
        assert told.payload == {"sex": ["unknown", "male"], "phone": "changed"}
        shown = reveal_identity(county_officer, first, purpose="test of it", now=now)
        assert shown == {"id_number": NUMBER, "phone": "13800000000"}
        assert known(county_officer, now, said) == [first]
        assert Event.objects.filter(kind="people.person_amended").count() == 1


def test_a_number_is_taken_over_where_none_was_known_and_never_twice_in_a_county(
    county_officer: Actor, now: datetime
) -> None:
    with acting(county_officer):
        one, other = known(
            county_officer, now, PersonRecord(area=VILLAGE, name="张三"), PersonRecord(area=VILLAGE, name="李四")
        )
        said = PersonRecord(area=VILLAGE, id_number=NUMBER)
        assert amend_person(one, said, by=county_officer, now=now) == ("id_number",)
        with pytest.raises(Refused, match="number_borne"):
            amend_person(other, said, by=county_officer, now=now)
        another = PersonRecord(area=VILLAGE, id_number=OTHER_NUMBER)
        assert amend_person(one, another, by=county_officer, now=now) == ()
        assert [person.pk for person in search_people(county_officer, NUMBER)] == [one]


def test_each_county_reads_in_its_own_trail_who_was_registered(
    administrator: Actor, county_officer: Actor, now: datetime
) -> None:
    with acting(administrator):
        here, also, there = known(
            administrator,
            now,
            *(PersonRecord(area=area, name=f"{area}") for area in (VILLAGE, VILLAGE + 10**6, OTHER_COUNTY)),
        )
        assert Event.objects.filter(kind="people.people_registered").count() == 2
    with acting(county_officer):
        (told,) = Event.objects.filter(kind="people.people_registered")
        assert (told.area, told.payload["persons"]) == (COUNTY, [here, also])
        (one,) = known(county_officer, now, PersonRecord(area=VILLAGE, name="王五"))
        assert Event.objects.get(subject=f"people.person:{one}").area == VILLAGE
    assert there


def _alike(by: Actor, now: datetime, *names: str) -> list[int]:
    said = [
        PersonRecord(area=VILLAGE, name=name, sex="male", born_on=date(1980, 1, 1), phone="13800000000")
        for name in names
    ]
    return [known(by, now, each)[0] for each in said]


def test_a_pair_waits_no_more_once_one_of_it_was_merged_and_waits_again_after_the_undo(
    county_officer: Actor, now: datetime
) -> None:
    with acting(county_officer):
        one, two, three = _alike(county_officer, now, "张三", "张三", "张三")
        assert waiting_matches(county_officer).count() == 3
        merge = merge_people(one, two, by=county_officer, now=now)
        assert [(match.first_id, match.second_id) for match in waiting_matches(county_officer)] == [(one, three)]
        undo_merge(merge.pk, by=county_officer, now=now)
        assert waiting_matches(county_officer).count() == 3
        keep_apart(Match.objects.get(first=one, second=two).pk, by=county_officer, now=now)
        assert waiting_matches(county_officer).count() == 2


@pytest.mark.parametrize(
    ("words", "indexes"),
    [
        pytest.param("张三", {"person_name", "person_pinyin"}, id="a name"),
        pytest.param(NUMBER, {"person_name", "person_pinyin", "person_id_number", "person_phone"}, id="a number"),
    ],
)
def test_a_search_reads_indexes_and_never_all_people(
    committed: None, now: datetime, words: str, indexes: set[str]
) -> None:
    officer = Actor(1, "officer", Role.OFFICER, area_of(COUNTY))
    with acting(officer):
        known(officer, now, *(PersonRecord(area=VILLAGE, name=f"张{number}") for number in range(300)))
        with CaptureQueriesContext(connection) as asked:
            search_people(officer, words)
    with psycopg.connect(resolve_database().owner.conninfo(), autocommit=True) as owner:
        owner.execute("ANALYZE people_person")
    with acting(officer), connection.cursor() as cursor:
        # A table of a test is small enough to be read whole; what matters is that the indexes can serve.
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute(f"EXPLAIN {asked.captured_queries[0]['sql']}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert {name for name in indexes if f"{name} on" in plan} == indexes, plan
    assert "person_area" not in plan, plan


@pytest.mark.parametrize("address", ["/people/{}", "/api/v1/people/{}"], ids=["the page", "the API"])
def test_whoever_opens_a_person_leaves_a_trace(
    client_of: ClientOf, county_officer: Actor, now: datetime, address: str
) -> None:
    with acting(county_officer):
        (person,) = known(county_officer, now, PersonRecord(area=VILLAGE, name="张三"))
    assert client_of(county_officer).get(address.format(person)).status_code == 200
    with acting(county_officer):
        told = Event.objects.get(kind="people.person_opened")
    assert (told.subject, told.actor_label) == (f"people.person:{person}", "county-officer")
