"""The API keeps its published description, whatever it is sent; repeated writes have one effect."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import schemathesis
from allauth.mfa.models import Authenticator
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error

from dayclear.cases.models import Case
from dayclear.foundation import clock
from dayclear.foundation.actors import Actor, system
from dayclear.foundation.models import ApiToken, Grant, KeptAnswer
from dayclear.foundation.repetition import forget_answers
from dayclear.foundation.scope import acting
from tests.seeding import seed

VILLAGE = "610113001001000000"
CASE = {
    "person": {"place": VILLAGE, "name": "张三", "sex": "male"},
    "disease": "covid-19",
    "number": "N1",
    "reported_on": "2021-12-29",
}


def token_of(actor: Actor, *, may_write: bool = True, lasts: timedelta = timedelta(days=1)) -> dict[str, str]:
    now = clock.now()
    secret = f"{actor.label}-{may_write}-{lasts}"
    ApiToken.objects.create(
        grant=Grant.objects.get(user=actor.user_id),
        name="a program",
        digest=hashlib.sha256(secret.encode()).digest(),
        may_write=may_write,
        created_at=now - timedelta(days=2),
        expires_at=now + lasts,
    )
    return {"Authorization": f"Bearer {secret}"}


def post(path: str, body: Any, headers: dict[str, str], **more: str) -> Any:
    return Client().post(
        f"/api/v1/{path}", json.dumps(body), content_type="application/json", headers={**headers, **more}
    )


def cases() -> int:
    with acting(system("tests")):
        return Case.objects.count()


def test_the_same_request_under_the_same_key_has_one_effect_and_one_answer(county_officer: Actor) -> None:
    headers = token_of(county_officer)
    first = post("cases", CASE, headers, **{"Idempotency-Key": "k1"})
    second = post("cases", CASE, headers, **{"Idempotency-Key": "k1"})
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert second["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first
    assert cases() == 1


def test_another_request_under_the_same_key_is_refused(county_officer: Actor) -> None:
    headers = token_of(county_officer)
    post("cases", CASE, headers, **{"Idempotency-Key": "k1"})
    other = post("cases", {**CASE, "number": "N2"}, headers, **{"Idempotency-Key": "k1"})
    assert other.status_code == 409
    assert other.json()["reasons"][0]["code"] == "key_used_otherwise"


def test_a_refused_write_keeps_no_answer_and_may_be_sent_again(county_officer: Actor) -> None:
    headers = token_of(county_officer)
    bad = {**CASE, "onset_on": "2999-01-01"}
    assert post("cases", bad, headers, **{"Idempotency-Key": "k1"}).status_code == 409
    assert post("cases", CASE, headers, **{"Idempotency-Key": "k1"}).status_code == 201


def test_two_people_may_use_the_same_key(county_officer: Actor, province_commander: Actor) -> None:
    for actor, number in ((county_officer, "N1"), (province_commander, "N2")):
        answer = post("cases", {**CASE, "number": number}, token_of(actor), **{"Idempotency-Key": "k1"})
        assert answer.status_code == 201
    assert cases() == 2


def test_an_answer_is_forgotten_after_a_day(county_officer: Actor) -> None:
    headers = token_of(county_officer)
    post("cases", CASE, headers, **{"Idempotency-Key": "k1"})
    assert forget_answers(now=clock.now()) == 0
    assert forget_answers(now=clock.now() + timedelta(hours=24, minutes=1)) == 1
    assert not KeptAnswer.objects.exists()


@pytest.mark.parametrize(
    ("may_write", "lasts", "method", "status", "code"),
    [
        pytest.param(True, timedelta(days=1), "get", 200, "", id="a living token reads"),
        pytest.param(False, timedelta(days=1), "post", 403, "token_read_only", id="a reading token does not write"),
        pytest.param(True, timedelta(seconds=-1), "get", 401, "token_invalid", id="a second too old"),
    ],
)
def test_a_token_does_what_it_was_made_for(
    county_officer: Actor, may_write: bool, lasts: timedelta, method: str, status: int, code: str
) -> None:
    headers = token_of(county_officer, may_write=may_write, lasts=lasts)
    if method == "get":
        answer: Any = Client().get("/api/v1/cases", headers=headers)
    else:
        answer = post("cases", CASE, headers)
    assert answer.status_code == status
    assert not code or answer.json()["reasons"][0]["code"] == code


def test_a_browser_may_read_and_not_write(client_of: Callable[[Actor], Client], county_officer: Actor) -> None:
    client = client_of(county_officer)
    assert client.get("/api/v1/whoami").json()["role"] == "officer"
    refused = client.post("/api/v1/cases", json.dumps(CASE), content_type="application/json")
    assert refused.status_code == 403
    assert refused.json()["reasons"][0]["code"] == "writes_need_token"


def test_a_browser_that_owes_a_second_factor_is_told_so_as_a_program_reads_it(
    county_officer: Actor, client_of: Callable[[Actor], Client]
) -> None:
    browser = client_of(county_officer)
    Authenticator.objects.filter(user=county_officer.user_id).delete()
    refused = browser.get("/api/v1/people")
    assert (refused.status_code, refused["Content-Type"]) == (403, "application/problem+json; charset=utf-8")
    assert refused.json()["reasons"][0]["code"] == "second_factor_owed"


def test_nobody_without_a_token_learns_anything() -> None:
    for path in ("cases", "people", "whoami", "board", "places?q=a", "policies", "docs"):
        answer = Client().get(f"/api/v1/{path}")
        assert answer.status_code == 401, path


@pytest.mark.parametrize(("language", "title"), [("en", "does not exist"), ("zh-Hans", "不存在")])
def test_errors_are_said_in_the_reader_s_language(county_officer: Actor, language: str, title: str) -> None:
    headers = {**token_of(county_officer), "Accept-Language": language}
    answer = Client().get("/api/v1/cases/999999", headers=headers)
    assert answer.status_code == 404
    assert answer["Content-Type"].startswith("application/problem+json")
    assert title in answer.json()["title"]


def test_a_list_is_paged_by_key_without_gap_or_overlap(county_officer: Actor, now: datetime) -> None:
    seed(now)
    headers, seen = token_of(county_officer), []
    after = ""
    while True:
        page = Client().get(f"/api/v1/cases?limit=2&after={after}", headers=headers).json()
        seen += [case["number"] for case in page["items"]]
        if page["next"] is None:
            break
        after = page["next"]
    assert len(seen) == len(set(seen)) == 6


def test_a_source_named_through_the_api_shows_among_the_exposures(county_officer: Actor) -> None:
    headers = token_of(county_officer)
    case = post("cases", CASE, headers).json()["id"]
    assert post(f"cases/{case}/sources", {"number": "N0", "relation": "meal"}, headers).status_code == 201
    (link,) = Client().get(f"/api/v1/cases/{case}/exposures", headers=headers).json()
    assert (link["source_number"], link["source_id"]) == ("N0", None)


@pytest.fixture
def one_connection() -> Iterator[None]:
    """A request through the WSGI handler keeps the test's connection, whose transaction is undone at the end."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.usefixtures("one_connection")
def test_whatever_the_api_is_sent_it_answers_as_described(county_officer: Actor, now: datetime) -> None:
    """Property: no 5xx, and every answer fits the published description. Bounded: some examples an operation."""
    seed(now)
    headers = token_of(county_officer)
    application = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", WSGIHandler())
    for found in application.get_all_operations():
        _try(found.ok(), headers)  # type: ignore[union-attr]  # an operation that cannot be read fails the test here


def _try(operation: Any, headers: dict[str, str]) -> None:
    @settings(
        max_examples=10,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def run(case: Any) -> None:
        answer = case.call(headers={**headers, "Accept-Language": "en"})
        case.validate_response(answer, checks=[not_a_server_error])

    run()
