"""Finding, describing and amending people, as each role may."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from django.test import Client

from dayclear.foundation.actors import Actor
from dayclear.foundation.decisions import Refused
from dayclear.foundation.rules import Role
from dayclear.foundation.scope import acting
from dayclear.people.commands import PersonRecord, register_people
from dayclear.people.queries import search_people

ClientOf = Callable[[Actor], Client]
COUNTY, VILLAGE = 610113 * 10**12, 610113001001 * 10**6


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
