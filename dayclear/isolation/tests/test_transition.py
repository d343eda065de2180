"""A change of rules from its pages: 11 November 2022, rehearsed, typed, carried out, answered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client

from dayclear.foundation import clock
from dayclear.foundation.actors import Actor
from dayclear.foundation.scope import acting
from dayclear.isolation.commands import propose_order, sign_order
from dayclear.isolation.models import Changeover, Order
from dayclear.isolation.tests.exposures import exposed, someone
from dayclear.isolation.transition import carry_on, passage_to, rehearse_all, total_of

ClientOf = Callable[[Actor], Client]
# Noon in Beijing.
NOVEMBER_8 = datetime(2022, 11, 8, 4, 0, tzinfo=UTC)
NOVEMBER_11 = datetime(2022, 11, 11, 4, 0, tzinfo=UTC)
ASKED = {"pack": "cn-covid-9e+20", "at": "2022-11-11T12:00"}


@pytest.fixture
def eleventh(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock stands at noon of 11 November 2022, before anybody signs in."""
    monkeypatch.setattr(clock, "now", lambda: NOVEMBER_11)


@pytest.fixture
def under_the_ninth(eleventh: None, province_commander: Actor) -> list[int]:
    """A contact on day 6 of quarantine and a contact of a contact, both signed under the ninth edition."""
    orders = []
    with acting(province_commander):
        for name, category, days in (("张三", "close_contact", 3), ("李四", "secondary_contact", 1)):
            on = date(2022, 11, 8) - timedelta(days=days)
            person = someone(province_commander, NOVEMBER_8, name)
            order = propose_order(exposed(person, on, category), by=province_commander, now=NOVEMBER_8)
            sign_order(order, by=province_commander, now=NOVEMBER_8)
            orders.append(order)
    return orders


def test_the_page_says_beforehand_whom_it_touches(
    client_of: ClientOf, province_commander: Actor, under_the_ninth: list[int]
) -> None:
    client = client_of(province_commander)
    html = client.get("/orders/changeover", ASKED).content.decode()
    assert "<b>2</b> open orders, areas and measures change" in html
    listed = client.get("/orders/changeover", {**ASKED, "kind": "order.released"}).content.decode()
    assert "李四" in listed
    assert "张三" not in listed
    assert client.get("/orders/changeover", {"pack": "nothing"}).status_code == 409


def test_carried_out_it_does_what_was_said_and_can_only_be_answered(
    client_of: ClientOf, province_commander: Actor, under_the_ninth: list[int]
) -> None:
    client = client_of(province_commander)
    assert client.post("/orders/changeover/apply", {**ASKED, "number": "3"}).status_code == 409
    response = client.post("/orders/changeover/apply", {**ASKED, "number": "2", "key": "go"})
    assert response.status_code == 302
    with acting(province_commander):
        change = Changeover.objects.get()
    assert "Under way" in client.get(response["Location"]).content.decode()
    acting_as = {
        "user_id": province_commander.user_id,
        "label": province_commander.label,
        "role": province_commander.role.value,
        "lo": province_commander.area.lo,
        "hi": province_commander.area.hi,
    }
    carry_on(change.pk, acting_as, now=NOVEMBER_11)
    carry_on(change.pk, acting_as, now=NOVEMBER_11)
    with acting(province_commander):
        assert [Order.objects.get(pk=order).state for order in under_the_ninth] == ["signed", "ended"]
    html = client.get(response["Location"]).content.decode()
    assert "Carried out" in html
    assert "orders end" in html
    assert client.post(f"/orders/changeover/{change.pk}/undo", {"number": "3"}).status_code == 409


def test_an_officer_of_a_county_changes_the_orders_of_the_county_alone(
    eleventh: None, county_officer: Actor, under_the_ninth: list[int]
) -> None:
    passage = passage_to("cn-covid-9e+20", NOVEMBER_11, county_officer.area.lo)
    assert passage.in_force
    assert passage.before.pack == "cn-covid-9e"
    with acting(county_officer):
        assert total_of(rehearse_all(passage, by=county_officer)) == 2


def test_a_village_worker_changes_no_rules(client_of: ClientOf, eleventh: None, village_worker: Actor) -> None:
    client = client_of(village_worker)
    assert client.get("/orders/changeover").status_code == 403
    assert client.post("/orders/changeover/apply", ASKED).status_code == 403
