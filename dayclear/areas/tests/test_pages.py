"""The pages of areas, driven as a browser drives them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dayclear.areas.commands import record_infection
from dayclear.areas.commands.published import ListedArea, store_lists
from dayclear.areas.models import Measure, PublishedArea, RiskArea
from dayclear.areas.reactions import note_imported_infections, note_infection
from dayclear.areas.tests.acts import COUNTY, PREFECTURE, VILLAGE, at, drawn
from dayclear.cases.commands import CaseRecord, register_case, register_cases
from dayclear.cases.rules import CaseDays
from dayclear.foundation import clock
from dayclear.foundation.actors import Actor, system
from dayclear.foundation.events import last_number
from dayclear.foundation.models import Event
from dayclear.foundation.rules import Role
from dayclear.foundation.scope import acting
from dayclear.people.commands import PersonRecord, register_people

ClientOf = Callable[[Actor], Client]
TODAY = at(2022, 11, 15)


@pytest.fixture
def commander(make_actor: Callable[[str, Role, int], Actor]) -> Actor:
    return make_actor("prefecture-commander", Role.COMMANDER, PREFECTURE)


@pytest.fixture
def on_the_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pages read the one clock; grants are lived by it too, so only its pages' reading is moved."""
    for module in ("acting", "area", "listing", "measures", "proposing"):
        monkeypatch.setattr(f"dayclear.areas.pages.{module}.clock", _Clock)


class _Clock:
    """The clock of the pages, stopped at noon of 15 November 2022."""

    local_day = staticmethod(clock.local_day)
    local_zone = staticmethod(clock.local_zone)

    @staticmethod
    def now() -> datetime:
        return TODAY


def area_form(**said: Any) -> dict[str, Any]:
    return {
        "key": "k1",
        "disease": "covid-19",
        "place": str(VILLAGE),
        "name": "甲村3号楼",
        "level": "high",
        "unit": "building",
        "members": "3号楼",
        "designation": "residence_of_infected",
        "ground": "two infected households",
        "enlarging": "",
        "anchored_on": "2022-11-14",
        **said,
    }


def measure_form(**said: Any) -> dict[str, Any]:
    return {
        "key": "m1",
        "disease": "covid-19",
        "place": str(VILLAGE),
        "kind": "checkpoint_regime",
        "scope": "the village's two roads",
        "basis": "prefecture order",
        "starts_on": "2022-11-15",
        "ends_on": "2022-11-18",
        "review_on": "2022-11-16",
        **said,
    }


@pytest.mark.usefixtures("on_the_day")
def test_an_area_from_its_proposal_to_its_publication_through_the_pages(
    client_of: ClientOf, county_officer: Actor, commander: Actor
) -> None:
    officer, chief = client_of(county_officer), client_of(commander)
    first = officer.post("/areas/propose", area_form())
    again = officer.post("/areas/propose", area_form())
    assert first.status_code == again.status_code == 302
    assert first["Location"] == again["Location"]
    with acting(system("tests")):
        area = RiskArea.objects.get().pk
    page = chief.get(f"/areas/{area}").content.decode()
    assert "Approve the area" in page
    assert "Approve the area" not in officer.get(f"/areas/{area}").content.decode()
    assert chief.post(f"/areas/{area}/approve", {"key": "a"}).status_code == 302
    assert chief.post(f"/areas/{area}/publish", {"key": "p"}).status_code == 302
    page = chief.get(f"/areas/{area}").content.decode()
    for said in (
        "Earliest lawful change: the end of 19 November 2022",
        "Published notice, version 1",
        "3号楼",
        "cn-covid-9e+20@",
    ):
        assert said in page
    assert "甲村3号楼" in officer.get("/areas/").content.decode()


@pytest.mark.usefixtures("on_the_day")
@pytest.mark.parametrize(
    ("said", "status", "message"),
    [
        pytest.param({"name": ""}, 422, "This field is required", id="no name"),
        pytest.param({"place": ""}, 422, "Search for the place", id="no place"),
        pytest.param({"place": str(610302 * 10**12)}, 422, "lies outside your own", id="another prefecture's county"),
        pytest.param({"level": "medium"}, 422, "Select a valid choice", id="a level the pack does not know"),
        pytest.param({"unit": "compound"}, 409, "OG-10", id="OG-10"),
        pytest.param({"anchored_on": "2022-11-16"}, 409, "anchor_in_future", id="an infection tomorrow"),
        pytest.param({"place": str(PREFECTURE)}, 422, "lies outside your own", id="wider than one's own"),
    ],
)
def test_a_proposal_that_cannot_be_is_answered_with_what_to_mend(
    client_of: ClientOf, county_officer: Actor, said: dict[str, str], status: int, message: str
) -> None:
    response = client_of(county_officer).post("/areas/propose", area_form(**said))
    assert response.status_code == status
    assert message in response.content.decode()
    with acting(system("tests")):
        assert not RiskArea.objects.exists()


@pytest.mark.usefixtures("on_the_day")
def test_infections_rounds_and_the_step_through_the_pages(
    client_of: ClientOf, county_officer: Actor, commander: Actor
) -> None:
    area = drawn(county_officer, commander, at(2022, 11, 9), anchored_on=date(2022, 11, 8))
    officer, chief = client_of(county_officer), client_of(commander)
    round_said = {"held_on": "2022-11-15", "due": "40", "tested": "40", "positive": "0", "key": "r"}
    assert officer.post(f"/areas/{area}/round", round_said).status_code == 302
    assert officer.post(f"/areas/{area}/infection", {"found_on": "2022-11-12", "key": "i"}).status_code == 302
    page = chief.get(f"/areas/{area}").content.decode()
    assert "waits for a decision" in page
    assert "Sign the step down" in page
    refused = chief.post(f"/areas/{area}/step", {"key": "s"})
    assert refused.status_code == 409
    assert "infection_undecided" in refused.content.decode()
    with acting(commander):
        infection = RiskArea.objects.get(pk=area).infections.get().pk
    assert chief.post(f"/areas/{area}/infection/{infection}", {"kind": "", "key": "d"}).status_code == 302
    page = chief.get(f"/areas/{area}").content.decode()
    assert "restarted" in page
    assert "Sign the step down" not in page
    assert officer.post(f"/areas/{area}/step", {"key": "t"}).status_code == 403


@pytest.mark.parametrize("address", ["?place=x", "?state=lost", "?place=610302000000000000", "?after=AAAA"])
def test_an_address_that_makes_no_sense_is_refused(client_of: ClientOf, county_officer: Actor, address: str) -> None:
    assert client_of(county_officer).get(f"/areas/{address}").status_code in (404, 409)


@pytest.mark.parametrize("page", ["", "measures/", "published/"])
def test_the_lists_are_open_to_everybody_of_the_place(client_of: ClientOf, village_worker: Actor, page: str) -> None:
    assert client_of(village_worker).get(f"/areas/{page}").status_code == 200


def test_a_village_worker_sees_the_area_and_no_infection_and_no_tiers(
    client_of: ClientOf, village_worker: Actor, county_officer: Actor, commander: Actor
) -> None:
    area = drawn(county_officer, commander, TODAY)
    with acting(county_officer):
        record_infection(area, date(2022, 11, 15), by=county_officer, now=TODAY)
    client = client_of(village_worker)
    page = client.get(f"/areas/{area}").content.decode()
    assert "甲村3号楼" in page
    assert "Infections found in it" not in page
    assert client.get("/areas/tiers/").status_code == 403


@pytest.mark.usefixtures("on_the_day")
def test_a_measure_from_its_form_to_its_end_through_the_pages(client_of: ClientOf, commander: Actor) -> None:
    chief = client_of(commander)
    made = chief.post("/areas/measures/impose", measure_form())
    assert made.status_code == 302
    assert chief.post("/areas/measures/impose", measure_form())["Location"] == made["Location"]
    with acting(commander):
        measure = Measure.objects.get()
    assert measure.ends_at == at(2022, 11, 19, 0)
    page = chief.get(f"/areas/measures/{measure.pk}").content.decode()
    assert "prefecture order" in page
    assert "checkpoint regime" in chief.get("/areas/measures/").content.decode()
    review = {"review_on": "2022-11-17", "reason": "still needed"}
    assert chief.post(f"/areas/measures/{measure.pk}/review", review).status_code == 302
    assert chief.post(f"/areas/measures/{measure.pk}/end", {}).status_code == 302
    assert chief.post(f"/areas/measures/{measure.pk}/end", {}).status_code == 409


@pytest.mark.usefixtures("on_the_day")
@pytest.mark.parametrize(
    ("said", "code"),
    [
        pytest.param({"ends_on": ""}, "end_missing", id="no end"),
        pytest.param({"review_on": ""}, "review_missing", id="no review"),
        pytest.param({"kind": "standstill"}, "OG-14", id="OG-14"),
        pytest.param({"kind": "area_measure", "code": "stay_home"}, "OG-01", id="F1 outside every area"),
    ],
)
def test_a_measure_that_may_not_stand_is_refused_with_its_reason(
    client_of: ClientOf, commander: Actor, said: dict[str, str], code: str
) -> None:
    response = client_of(commander).post("/areas/measures/impose", measure_form(**said))
    assert response.status_code == 409
    assert code in response.content.decode()


def test_the_page_of_published_lists_shows_days_held_and_the_earliest_lawful_lifting(
    client_of: ClientOf, county_officer: Actor, now: datetime
) -> None:
    by = system("tests")
    key = ListedArea(COUNTY, "雁塔区", "丙小区")
    hours = [at(2022, 8, 1) + timedelta(hours=12 * n) for n in range(40)]
    with acting(by):
        store_lists([(each, {key: "high"}) for each in hours], "covid-19", by=by, now=now)
        row = PublishedArea.objects.get().pk
    client = client_of(county_officer)
    page = client.get("/areas/published/").content.decode()
    assert "丙小区" in page
    assert "2022-08-11" in page
    assert "held longer than the days of the rules" in page
    assert "Infections are not in the lists" in page
    assert "Days of the rules" in client.get(f"/areas/published/{row}").content.decode()
    text = b"".join(client.get("/areas/published/?format=csv").streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    assert text.splitlines()[1].startswith("丙小区,雁塔区,2022-08-01")


def test_the_tiers_of_a_day_and_of_a_day_without_any(client_of: ClientOf, county_officer: Actor) -> None:
    client = client_of(county_officer)
    assert "雁塔区" in client.get("/areas/tiers/?on=2020-03-01").content.decode()
    assert "No county tiers were in force" in client.get("/areas/tiers/?on=2020-02-14").content.decode()
    assert client.get("/areas/tiers/?on=never").status_code == 409


@pytest.mark.parametrize("page", ["", "measures/", "published/", "propose", "tiers/?on=2020-03-01"])
def test_the_pages_are_whole_in_chinese(client_of: ClientOf, commander: Actor, page: str) -> None:
    client = client_of(commander)
    client.cookies["django_language"] = "zh-hans"
    assert client.get(f"/areas/{page}").status_code == 200


def test_the_list_asks_at_most_fourteen_questions(client_of: ClientOf, county_officer: Actor, commander: Actor) -> None:
    for _ in range(3):
        drawn(county_officer, commander, TODAY)
    client = client_of(county_officer)
    client.get("/areas/")
    with CaptureQueriesContext(connection) as asked:
        client.get("/areas/")
    statements = [q["sql"] for q in asked.captured_queries if "SAVEPOINT" not in q["sql"]]
    assert len(statements) <= 14, "\n".join(statements)


def test_a_case_registered_in_the_place_is_noted_once_for_a_decision(county_officer: Actor, commander: Actor) -> None:
    area = drawn(county_officer, commander, TODAY)
    later = at(2022, 11, 16)
    with acting(county_officer):
        person = PersonRecord(area=VILLAGE, name="张三", sex="unknown")
        days = CaseDays(reported_on=date(2022, 11, 16))
        record = CaseRecord(area=0, person_id=0, disease="covid-19", number="", days=days, classification="confirmed")
        case = register_case(person, record, by=county_officer, now=later)
        assert last_number(f"cases.case:{case}")
    with acting(system("tests")):
        event = Event.objects.get(kind="cases.case_registered")
        note_infection(event)
        note_infection(event)
        [row] = RiskArea.objects.get(pk=area).infections.all()
    assert (row.case_id, row.counts) == (case, None)


def test_cases_that_come_in_by_file_are_noted_in_the_area_as_those_by_hand_and_older_ones_are_not(
    county_officer: Actor, commander: Actor
) -> None:
    area = drawn(county_officer, commander, TODAY)
    later = at(2022, 11, 16)
    with acting(county_officer):
        people = register_people(
            [PersonRecord(area=VILLAGE, name=name) for name in "甲乙"], by=county_officer, now=later, batch="tests:1"
        )
        records = [
            CaseRecord(
                area=VILLAGE,
                person_id=person,
                disease="covid-19",
                number=f"N{day}",
                days=CaseDays(reported_on=date(2022, 11, day)),
                classification="confirmed",
            )
            for person, day in zip(people, (16, 1), strict=True)
        ]
        fresh, _ = register_cases(records, by=county_officer, now=later, batch="tests:1").ids
    with acting(system("tests")):
        event = Event.objects.get(kind="cases.batch_imported")
        note_imported_infections(event)
        note_imported_infections(event)
        [row] = RiskArea.objects.get(pk=area).infections.all()
    assert (row.case_id, row.found_on) == (fresh, date(2022, 11, 16))
