"""The pages and the API of findings, through the client."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dayclear.foundation import clock
from dayclear.foundation.actors import Actor, system
from dayclear.foundation.rules import Role
from dayclear.foundation.scope import acting
from dayclear.supervision.commands import ComplaintIn, open_findings, take_complaint
from dayclear.supervision.models import Complaint, Finding
from dayclear.supervision.sightings import Sighting

ClientOf = Callable[[Actor], Client]
COUNTY = 610113 * 10**12
VILLAGE = 610113001001 * 10**6
GUARD = system("guard")


def found(predicate: str = "OG-11", subject: str = "isolation.order:7", **said: Any) -> int:
    now = clock.now()
    given: dict[str, Any] = {"facts": {"category": "secondary_contact"}, "source": "cn-twenty § Measure 2 [O] C42"}
    sighting = Sighting(area=VILLAGE, subject=subject, predicate=predicate, owner=COUNTY, **{**given, **said})
    with acting(GUARD):
        return open_findings([sighting], "sweep", by=GUARD, now=now)[sighting.key]


@pytest.fixture
def commander(make_actor: Callable[[str, Role, int], Actor]) -> Actor:
    return make_actor("prefecture-commander", Role.COMMANDER, 6101 * 10**14)


def test_the_list_says_both_sides_in_one_sentence(client_of: ClientOf, county_officer: Actor) -> None:
    found()
    found("gap.order_without_check", f"places.place:{COUNTY}", side="slack", facts={"count": 12}, source="")
    client = client_of(county_officer)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        page = client.get("/findings/").content.decode()
    text = " ".join(re.sub(r"<[^>]+>", "", page).split())
    assert "Today: stricter than the rules 1, less than the rules 1." in text
    assert "Determining secondary contacts" in page
    assert "Orders without a check" in page
    assert len(asked) <= 16, [each["sql"][:90] for each in asked]


def test_the_list_in_chinese_names_the_prohibitions_in_chinese(client_of: ClientOf, county_officer: Actor) -> None:
    found()
    client = client_of(county_officer)
    client.post("/switch/language", {"language": "zh-hans"})
    assert "判定密接的密接" in client.get("/findings/").content.decode()


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        pytest.param("?side=over", True, id="its side"),
        pytest.param("?side=slack", False, id="the other side"),
        pytest.param("?state=closed", False, id="closed ones"),
        pytest.param("?predicate=OG-11", True, id="its prohibition"),
        pytest.param("?predicate=OG-12", False, id="another prohibition"),
        pytest.param(f"?place={VILLAGE}", True, id="its village"),
        pytest.param(f"?place={610113002 * 10**9}", False, id="another township"),
    ],
)
def test_the_list_is_narrowed_by_its_address(
    client_of: ClientOf, county_officer: Actor, address: str, shown: bool
) -> None:
    number = found()
    page = client_of(county_officer).get(f"/findings/{address}").content.decode()
    assert (f'href="/findings/{number}"' in page) == shown


@pytest.mark.parametrize("address", ["?side=both", "?state=gone", "?place=x", f"?predicate={'x' * 60}"])
def test_an_address_that_makes_no_sense_is_refused(client_of: ClientOf, county_officer: Actor, address: str) -> None:
    assert client_of(county_officer).get(f"/findings/{address}").status_code == 409


def test_the_list_as_csv_has_the_words_of_the_reader(client_of: ClientOf, county_officer: Actor) -> None:
    found()
    response = client_of(county_officer).get("/findings/?format=csv")
    text = b"".join(response).decode()
    assert "OG-11" in text
    assert "waits for an answer" in text


def test_a_finding_shows_what_against_which_text_who_answers_and_goes_to_its_end(
    client_of: ClientOf, county_officer: Actor, commander: Actor
) -> None:
    number = found()
    officer, above = client_of(county_officer), client_of(commander)
    page = officer.get(f"/findings/{number}").content.decode()
    for said in (
        "OG-11",
        "The Twenty Measures (2022-11-11) § Measure 2",
        "雁塔区",
        "determine no secondary contact any more",
    ):
        assert said in page
    assert 'data-dialog="recheck"' not in page
    for client, step, words in (
        (officer, "answer", {"text": "released today"}),
        (officer, "rectify", {"text": "released"}),
        (above, "recheck", {"put_right": "yes"}),
        (above, "close", {"cause": "put_right", "text": "seen"}),
    ):
        assert client.post(f"/findings/{number}/{step}", words).status_code == 302, step
    with acting(county_officer):
        assert Finding.objects.get(pk=number).state == "closed"
    assert "put right and checked again" in officer.get(f"/findings/{number}").content.decode()


def test_a_click_twice_answers_once(client_of: ClientOf, county_officer: Actor) -> None:
    number = found()
    client = client_of(county_officer)
    for _ in range(2):
        assert client.post(f"/findings/{number}/answer", {"text": "yes", "key": "k", "seen": "1"}).status_code == 302


def test_a_complaint_is_taken_down_and_its_code_shown_once(client_of: ClientOf, village_worker: Actor) -> None:
    client = client_of(village_worker)
    form = {
        "text": "门被封了",
        "predicate": "OG-17",
        "place": str(VILLAGE),
        "means": "visit",
        "contact": "",
        "key": "k1",
    }
    first, second = (client.post("/findings/complaint", form) for _ in range(2))
    code = re.search(r'<code id="code">([0-9A-Z]{10})</code>', first.content.decode())
    assert code is not None
    assert code[1] not in second.content.decode()
    page = client.get(f"/findings/follow-up?code={code[1].lower()}").content.decode()
    assert "waits for an answer" in page
    assert client.get("/findings/").status_code == 403
    with acting(GUARD):
        assert Complaint.objects.count() == 1


def test_what_people_said_and_how_to_reach_them_is_for_those_who_deal_with_it(
    client_of: ClientOf, county_officer: Actor, make_actor: Callable[[str, Role, int], Actor]
) -> None:
    with acting(GUARD):
        said = ComplaintIn(VILLAGE, "OG-17", "the door is welded", "phone", "13800000000")
        number = take_complaint(said, by=GUARD, now=clock.now()).finding
    page = client_of(county_officer).get(f"/findings/{number}").content.decode()
    assert "the door is welded" in page
    assert "13800000000" in page
    auditor = make_actor("auditor", Role.AUDITOR, COUNTY)
    page = client_of(auditor).get(f"/findings/{number}").content.decode()
    assert "OG-17" in page
    assert "welded" not in page
    assert "13800" not in page


def test_the_api_lists_findings_and_the_figures_of_today(client_of: ClientOf, county_officer: Actor) -> None:
    number = found()
    client = client_of(county_officer)
    items = client.get("/api/v1/findings?side=over").json()["items"]
    assert [(each["id"], each["predicate"], each["owner"]) for each in items] == [(number, "OG-11", f"{COUNTY:018d}")]
    assert client.get("/api/v1/findings/today").json() == {"stricter": 1, "slack": 0, "to_look_at": 0, "late": 0}


def test_a_finding_past_its_clock_is_counted_as_late(client_of: ClientOf, county_officer: Actor) -> None:
    number = found()
    past = clock.now() - timedelta(hours=3)
    with acting(GUARD):
        Finding.objects.filter(pk=number).update(found_at=past - timedelta(days=1), due_at=past)
    text = " ".join(re.sub(r"<[^>]+>", "", client_of(county_officer).get("/findings/").content.decode()).split())
    assert "1 is past its clock" in text
