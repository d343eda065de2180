"""The pages of cases through a signed-in browser."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dayclear.cases.models import Case
from dayclear.cases.rules import CaseDays
from dayclear.cases.tests.test_register_one import case_by
from dayclear.foundation import clock
from dayclear.foundation.actors import Actor, system
from dayclear.foundation.scope import acting

COUNTY = 610113 * 10**12
VILLAGE = 610113001001 * 10**6

ClientOf = Callable[[Actor], Client]


@pytest.fixture
def three_cases(county_officer: Actor, now: datetime) -> list[int]:
    """Found in the community, under an order, and one without any day."""
    with acting(county_officer):
        return [
            case_by(county_officer, now, name="张三", number="A1", under_order="no", classification="confirmed"),
            case_by(
                county_officer,
                now,
                name="李四",
                number="A2",
                under_order="yes",
                classification="confirmed",
                days=CaseDays(reported_on=date(2021, 12, 28), onset_on=date(2021, 12, 27)),
            ),
            case_by(county_officer, now, name="=2+5", number="A3", classification="suspected", days=CaseDays()),
        ]


def numbers_in(html: str) -> list[str]:
    return [number for number in ("A1", "A2", "A3") if f">{number}</a>" in html]


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        pytest.param("", ["A1", "A2", "A3"], id="all"),
        pytest.param("?under_order=no", ["A1"], id="community"),
        pytest.param("?under_order=yes", ["A2"], id="under an order"),
        pytest.param("?source=unknown", ["A1", "A3"], id="source unknown: not those under an order"),
        pytest.param("?from=2021-12-29", ["A1"], id="from a day on"),
        pytest.param("?to=2021-12-28", ["A2"], id="up to a day"),
        pytest.param("?missing=day", ["A3"], id="without any day"),
        pytest.param("?missing=onset", ["A1", "A3"], id="without onset"),
        pytest.param("?number=A2", ["A2"], id="by number"),
        pytest.param("?classification=suspected", ["A3"], id="by classification"),
        pytest.param(f"?place={VILLAGE}", ["A1", "A2", "A3"], id="a village of mine"),
        pytest.param("?place=610103000000000000", [], id="a county that is not mine"),
        pytest.param("?disease=measles", [], id="another disease"),
    ],
)
def test_the_address_narrows_the_list_and_the_figure_agrees(
    client_of: ClientOf, county_officer: Actor, three_cases: list[int], address: str, shown: list[str]
) -> None:
    html = client_of(county_officer).get(f"/cases/{address}").content.decode()
    assert numbers_in(html) == shown
    assert f"<b>{len(shown)}</b>" in html


@pytest.mark.parametrize(
    "address", ["?from=yesterday", "?place=x", "?missing=hope", "?under_order=maybe", "?chain=x", "?after=AAAA"]
)
def test_an_address_that_makes_no_sense_is_refused_and_explained(
    client_of: ClientOf, county_officer: Actor, three_cases: list[int], address: str
) -> None:
    response = client_of(county_officer).get(f"/cases/{address}")
    assert response.status_code == 409
    assert "bad_" in response.content.decode()


def test_the_list_asks_at_most_eight_questions(
    client_of: ClientOf, county_officer: Actor, three_cases: list[int]
) -> None:
    client = client_of(county_officer)
    client.get("/cases/")
    with CaptureQueriesContext(
        connection,
    ) as asked:
        client.get("/cases/?disease=covid-19&from=2021-12-01")
    statements = [q["sql"] for q in asked.captured_queries if "SAVEPOINT" not in q["sql"]]
    assert len(statements) <= 8, "\n".join(statements)


def test_csv_holds_the_whole_list_and_no_formula_runs(
    client_of: ClientOf, county_officer: Actor, three_cases: list[int]
) -> None:
    response = client_of(county_officer).get("/cases/?format=csv&columns=number&columns=name")
    text = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    assert text.splitlines() == ["Number,Name", "A3,'=2+5", "A1,张三", "A2,李四"]


def test_a_village_worker_has_no_list_and_no_case(
    client_of: ClientOf, village_worker: Actor, three_cases: list[int]
) -> None:
    client = client_of(village_worker)
    assert client.get("/cases/").status_code == 403
    assert client.get(f"/cases/{three_cases[0]}").status_code == 403


def test_a_case_shows_its_days_its_gaps_and_what_happened(
    client_of: ClientOf, county_officer: Actor, three_cases: list[int]
) -> None:
    html = client_of(county_officer).get(f"/cases/{three_cases[1]}").content.decode()
    assert "2021-12-27" in html
    assert "Case registered" in html
    assert "day of sampling or positive result" in html


def form_of(**said: Any) -> dict[str, Any]:
    today = clock.local_day(clock.now())
    return {
        "key": "k1",
        "disease": "covid-19",
        "place": str(VILLAGE),
        "name": "张三",
        "sex": "unknown",
        "classification": "confirmed",
        "severity": "mild",
        "found_by": "screening",
        "under_order": "no",
        "reported_on": today.isoformat(),
        **said,
    }


def test_a_double_click_registers_one_case_and_both_answers_lead_to_it(
    client_of: ClientOf, county_officer: Actor
) -> None:
    client = client_of(county_officer)
    first = client.post("/cases/register", form_of())
    second = client.post("/cases/register", form_of())
    assert first.status_code == second.status_code == 302
    assert first["Location"] == second["Location"]
    with acting(system("tests")):
        assert Case.objects.count() == 1


def test_the_same_key_with_another_form_is_refused(client_of: ClientOf, county_officer: Actor) -> None:
    client = client_of(county_officer)
    client.post("/cases/register", form_of())
    assert client.post("/cases/register", form_of(name="李四")).status_code == 409


@pytest.mark.parametrize(
    ("said", "message"),
    [
        pytest.param({"name": ""}, "This field is required", id="no name"),
        pytest.param({"place": ""}, "Search for the place", id="no place"),
        pytest.param({"place": str(610103 * 10**12)}, "lies outside your own", id="a place of others"),
        pytest.param({"id_number": "11010519491231002Y"}, "check character", id="wrong check character"),
        pytest.param({"id_number": "有"}, "not an identity number", id="有 in the identity number"),
        pytest.param({"id_number": "11010519491231002X", "sex": "male"}, "says female", id="two sexes"),
        pytest.param(
            {"id_number": "11010519491231002X", "born_on": "1950-01-01"}, "says born 1949-12-31", id="two birthdays"
        ),
        pytest.param({"onset_on": "29/12/2021"}, "Write the day as", id="a day in another form"),
        pytest.param({"onset_on": "2999-01-01"}, "lies in the future", id="a future day"),
        pytest.param({"age": "131"}, "less than or equal to 130", id="too old"),
        pytest.param({"age": "-1"}, "greater than or equal to 0", id="an age below nought"),
        pytest.param({"phone": "12"}, "5 to 15 digits", id="a phone too short"),
        pytest.param({"classification": "sure"}, "Select a valid choice", id="a code nobody knows"),
    ],
)
def test_bad_input_is_answered_with_what_to_mend_and_nothing_is_saved(
    client_of: ClientOf, county_officer: Actor, said: dict[str, str], message: str
) -> None:
    client = client_of(county_officer)
    response = client.post("/cases/register", form_of(**said))
    assert response.status_code == 422
    assert message in response.content.decode()
    with acting(system("tests")):
        assert not Case.objects.exists()


def test_two_people_at_once_the_second_is_told(client_of: ClientOf, county_officer: Actor, now: datetime) -> None:
    with acting(county_officer):
        case = case_by(county_officer, now, classification="suspected")
    client = client_of(county_officer)
    said = {"value": "confirmed", "reason": "positive twice", "seen": "1"}
    assert client.post(f"/cases/{case}/classify", said).status_code == 302
    late = client.post(f"/cases/{case}/classify", {**said, "value": "excluded"})
    assert late.status_code == 409
    assert "changed_meanwhile" in late.content.decode()


def test_an_outcome_and_a_completed_investigation_show_on_the_page(client_of: ClientOf, county_officer: Actor) -> None:
    now = clock.now()
    with acting(county_officer):
        case = case_by(
            county_officer,
            now.replace(year=2022, month=8),
            classification="confirmed",
            reported_at=now.replace(year=2022, month=8) - timedelta(hours=1),
        )
    client = client_of(county_officer)
    assert "Complete the investigation" in client.get(f"/cases/{case}").content.decode()
    assert client.post(f"/cases/{case}/complete", {"key": "c"}).status_code == 302
    on = {"value": "recovered", "on": "2022-08-20"}
    assert client.post(f"/cases/{case}/outcome", on).status_code == 302
    html = client.get(f"/cases/{case}").content.decode()
    assert "Investigation complete" in html
    assert "recovered" in html
