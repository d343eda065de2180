"""Areas and measures as a program decides on them, from the proposal to the end."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from dayclear.areas.models import Measure, RiskArea
from dayclear.areas.tests.acts import PREFECTURE, VILLAGE, ActorMaker, at
from dayclear.foundation import clock
from dayclear.foundation.actors import Actor, system
from dayclear.foundation.models import ApiToken, Grant
from dayclear.foundation.rules import Role
from dayclear.foundation.scope import acting

PLACE = f"{VILLAGE:018d}"
AREA = {
    "place": PLACE,
    "disease": "covid-19",
    "name": "甲村3号楼",
    "level": "high",
    "unit": "building",
    "designation": "residence_of_infected",
    "ground": "two infected households on one staircase",
    "anchored_on": "2022-11-14",
    "members": [{"text": "3号楼"}],
}
MEASURE = {
    "place": PLACE,
    "disease": "covid-19",
    "kind": "area_measure",
    "code": "stay_home",
    "scope": "3号楼",
    "basis": "prefecture order 12",
    "starts_at": "2022-11-15T12:00:00+08:00",
    "ends_at": "2022-11-18T12:00:00+08:00",
    "review_on": "2022-11-16",
}
Send = Callable[..., Any]


@pytest.fixture
def commander(monkeypatch: pytest.MonkeyPatch, make_actor: ActorMaker) -> Actor:
    """The commander of the prefecture, on 15 November 2022."""
    monkeypatch.setattr(clock, "now", lambda: at(2022, 11, 15))
    return make_actor("commander", Role.COMMANDER, PREFECTURE)


@pytest.fixture
def send(commander: Actor, county_officer: Actor) -> Send:
    """`send(actor, "areas", {…})` writes, `send(actor, "areas")` reads."""

    def work(by: Actor, path: str, body: dict[str, Any] | None = None) -> Any:
        headers = {"Authorization": f"Bearer {by.label}"}
        if body is None:
            return Client().get(f"/api/v1/{path}", headers=headers)
        return Client().post(f"/api/v1/{path}", json.dumps(body), content_type="application/json", headers=headers)

    for actor in (commander, county_officer):
        ApiToken.objects.create(
            grant=Grant.objects.get(user=actor.user_id),
            name="a program",
            digest=hashlib.sha256(actor.label.encode()).digest(),
            may_write=True,
            created_at=clock.now(),
            expires_at=clock.now() + timedelta(days=1),
        )
    return work


def test_an_area_from_its_proposal_to_its_overruling(send: Send, commander: Actor, county_officer: Actor) -> None:
    area = send(county_officer, "areas", AREA).json()["id"]
    assert send(county_officer, f"areas/{area}/approval", {}).status_code == 403
    for decision in ("approval", "publication"):
        assert send(commander, f"areas/{area}/{decision}", {}).status_code == 200, decision
    whole = send(county_officer, f"areas/{area}").json()
    assert (whole["state"], whole["level"], whole["missing"]) == (
        "in_force",
        "high",
        ["round_missing"],
    )
    assert [each["text"] for each in whole["members"]] == ["3号楼"]
    assert whole["notices"][0]["text_zh"]
    measure = send(commander, "measures", {**MEASURE, "area_id": area}).json()["id"]
    assert [row["area_id"] for row in send(county_officer, "measures").json()["items"]] == [area]
    assert (
        send(commander, f"measures/{measure}/review", {"review_on": "2022-11-17", "reason": "stands"}).status_code
        == 200
    )
    assert send(commander, f"measures/{measure}").json()["review_on"] == "2022-11-17"
    assert send(county_officer, f"areas/{area}/infections", {"found_on": "2022-11-15"}).status_code == 200
    infection = send(county_officer, f"areas/{area}").json()["infections"][0]["id"]
    decided = f"areas/{area}/infections/{infection}/decision"
    assert send(commander, decided, {"counts": False, "kind": "made_up", "assessment": "x"}).status_code == 409
    assert send(commander, decided, {"counts": True}).status_code == 200
    said = {"held_on": "2022-11-15", "due": 9, "tested": 9, "positive": 0}
    assert send(county_officer, f"areas/{area}/rounds", said).status_code == 200
    early = send(commander, f"areas/{area}/step", {})
    assert (early.status_code, early.json()["reasons"][0]["code"]) == (409, "days_not_clear")
    assert send(commander, f"measures/{measure}/end", {}).status_code == 200
    assert send(county_officer, "measures?state=over").json()["items"][0]["end_cause"] == "ended_early"


@pytest.mark.parametrize(
    ("path", "said", "status", "code"),
    [
        pytest.param("areas", {**AREA, "unit": "city"}, 422, "invalid_input", id="a unit nobody knows"),
        pytest.param("areas", {**AREA, "unit": "street"}, 409, "OG-10", id="OG-10 larger than the pack's unit"),
        pytest.param("areas", {**AREA, "anchored_on": "9999-12-31"}, 422, "invalid_input", id="the calendar's end"),
        pytest.param("areas", {**AREA, "place": "460105001001000000"}, 409, "outside_area", id="another province"),
        pytest.param("measures", {**MEASURE, "ends_at": None}, 409, "end_missing", id="no end"),
        pytest.param("measures", {**MEASURE, "kind": "standstill"}, 409, "OG-14", id="OG-14 a village stands still"),
        pytest.param(
            "measures",
            {**MEASURE, "starts_at": "2022-11-15T12:00"},
            422,
            "invalid_input",
            id="an instant without offset",
        ),
    ],
)
def test_what_may_not_be_is_refused_with_its_code(
    send: Send, commander: Actor, path: str, said: dict[str, Any], status: int, code: str
) -> None:
    answer = send(commander, path, said)
    assert answer.status_code == status, answer.content
    assert code in {reason["code"] for reason in answer.json()["reasons"]}
    with acting(system("tests")):
        assert not RiskArea.objects.exists()
        assert not Measure.objects.exists()
