"""The pages of chains, as three people see them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime

import pytest
from django.test import Client

from dayclear.cases.commands import CaseRecord, register_cases
from dayclear.cases.rules import CaseDays
from dayclear.foundation.actors import Actor, system
from dayclear.foundation.scope import acting
from dayclear.people.commands import PersonRecord, register_people
from dayclear.tracing.commands import Source, link_sources, rebuild_chains, resolve_references
from dayclear.tracing.rules import IntervalLimits

HERE, THERE, FAR = (code * 10**6 for code in (610113001001, 610103001001, 460105001001))
# Number, place, day of December 2021, source. F1 and F2 infect each other; N4 fell ill a week before its source.
CASES = (
    ("N1", HERE, 20, ""),
    ("N2", HERE, 22, "N1"),
    ("N3", THERE, 24, "N2"),
    ("N4", HERE, 15, "N3"),
    ("N5", HERE, 26, "X99"),
    ("F1", FAR, 20, "F2"),
    ("F2", FAR, 21, "F1"),
)
ClientOf = Callable[[Actor], Client]


@pytest.fixture
def ids(administrator: Actor, now: datetime) -> dict[str, int]:
    """Case ids by number."""
    by = system("tests")
    with acting(by):
        people = register_people(
            [PersonRecord(area=area, name=f"Person {number}") for number, area, _d, _s in CASES],
            by=by,
            now=now,
            batch="tests:1",
        )
        records = [
            CaseRecord(
                area=area,
                person_id=person,
                disease="covid-19",
                number=number,
                days=CaseDays(onset_on=date(2021, 12, day)),
                classification="confirmed",
            )
            for person, (number, area, day, _source) in zip(people, CASES, strict=True)
        ]
        found = register_cases(records, by=by, now=now, batch="cases.batch:tests").ids
        known = {number: case for case, (number, *_rest) in zip(found, CASES, strict=True) if case is not None}
        sources = [
            Source(known[number], area, "covid-19", "", source, source) for number, area, _d, source in CASES if source
        ]
        link_sources(sources, by=by, now=now)
        resolve_references("covid-19", by=by, now=now)
        rebuild_chains("covid-19", limits=IntervalLimits(2, None))
    return known


def page(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, answer.content.decode()[:2000]
    return answer.content.decode()


def test_the_list_shows_the_chains_of_one_s_own_places_and_counts_open_references(
    ids: dict[str, int], client_of: ClientOf, county_officer: Actor, administrator: Actor
) -> None:
    mine = page(client_of(county_officer), "/chains/")
    assert f"/chains/{ids['N1']}" in mine
    assert f"/chains/{ids['F1']}" not in mine
    assert "1 reference" in mine
    assert f"/chains/{ids['F1']}" in page(client_of(administrator), "/chains/")


def test_flawed_chains_can_be_picked_out(ids: dict[str, int], client_of: ClientOf, administrator: Actor) -> None:
    text = page(client_of(administrator), "/chains/?only=flaws&least=4")
    assert f"/chains/{ids['N1']}" in text
    assert f"/chains/{ids['F1']}" not in text


def test_members_elsewhere_are_a_number_and_nothing_more(
    ids: dict[str, int], client_of: ClientOf, county_officer: Actor
) -> None:
    client = client_of(county_officer)
    text = page(client, f"/chains/{ids['N1']}")
    assert "1 more lies outside your places" in text
    assert "Person N2" in text
    assert "Person N3" not in text
    assert f"/cases/{ids['N3']}" not in text
    drawing = page(client, f"/chains/{ids['N1']}/drawing.json")
    assert '"N2"' in drawing
    assert '"N3"' not in drawing


def test_the_whole_is_seen_from_above(ids: dict[str, int], client_of: ClientOf, province_commander: Actor) -> None:
    text = page(client_of(province_commander), f"/chains/{ids['N1']}")
    assert "outside your places" not in text
    assert "Person N3" in text


def test_a_chain_elsewhere_does_not_exist(ids: dict[str, int], client_of: ClientOf, county_officer: Actor) -> None:
    client = client_of(county_officer)
    page(client, f"/chains/{ids['F1']}", 404)
    page(client, f"/chains/{ids['F1']}/drawing.csv", 404)
    page(client, f"/chains/near/{ids['F1']}", 404)


def test_a_community_worker_sees_no_chain(ids: dict[str, int], client_of: ClientOf, village_worker: Actor) -> None:
    for address in ("/chains/", "/chains/unresolved", f"/chains/{ids['N1']}", f"/chains/near/{ids['N1']}"):
        page(client_of(village_worker), address, 403)


def test_the_drawing_marks_what_cannot_be_true(
    ids: dict[str, int], client_of: ClientOf, province_commander: Actor, administrator: Actor
) -> None:
    rows = page(client_of(province_commander), f"/chains/{ids['N1']}/drawing.csv")
    assert "ill before its source could infect" in rows
    assert "infects itself" in page(client_of(administrator), f"/chains/{ids['F1']}/drawing.csv")


def test_the_drawing_names_nobody(ids: dict[str, int], client_of: ClientOf, administrator: Actor) -> None:
    text = page(client_of(administrator), f"/chains/{ids['N1']}/drawing.json")
    assert "Person" not in text
    assert json.loads(text)["layer"]


def test_open_references_name_what_was_written(ids: dict[str, int], client_of: ClientOf, county_officer: Actor) -> None:
    assert "X99" in page(client_of(county_officer), "/chains/unresolved")


def test_everyone_within_two_links(ids: dict[str, int], client_of: ClientOf, county_officer: Actor) -> None:
    text = page(client_of(county_officer), f"/chains/near/{ids['N1']}")
    assert "Person N2" in text
    assert "Person N4" not in text
    assert "Person N3" not in text


def test_the_lists_can_be_taken_along(ids: dict[str, int], client_of: ClientOf, county_officer: Actor) -> None:
    client = client_of(county_officer)
    for address in ("/chains/?format=csv", "/chains/unresolved?format=csv"):
        answer = client.get(address)
        assert b"".join(answer.streaming_content).startswith(b"\xef\xbb\xbf")  # type: ignore[attr-defined]  # streamed
