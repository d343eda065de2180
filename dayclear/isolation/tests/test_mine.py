"""The person's own page: through a link, without signing in."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from pytest_django import Settings

from dayclear.foundation import clock
from dayclear.foundation.actors import Actor, system
from dayclear.foundation.decisions import Refused
from dayclear.foundation.models import Event
from dayclear.foundation.scope import acting
from dayclear.isolation import links
from dayclear.isolation.commands import decide_appeal, release_order, subject_of
from dayclear.isolation.models import Appeal, Check, Emergency, Need, Order
from dayclear.isolation.tests.living import binding
from dayclear.people.models import Person

ID_NUMBER = "11010519491231002X"


@pytest.fixture
def order(county_officer: Actor) -> int:
    return binding(county_officer, "张三", id_number=ID_NUMBER)


@pytest.fixture
def address(county_officer: Actor, order: int) -> str:
    with acting(county_officer):
        token = links.make_link(order, language="en", by=county_officer, now=clock.now())
    return f"/orders/my/{token}"


def sent(address: str, what: str, **said: object) -> int:
    return Client().post(address, {"what": what, "key": what, **said}).status_code


def test_whoever_holds_the_link_reads_the_order_in_their_language_and_no_number(order: int, address: str) -> None:
    response = Client().get(address)
    html = response.content.decode()
    assert response.status_code == 200
    for words in ("张三", "Your order ends at the end of", "quarantine at home", "You object?", "go to court"):
        assert words in html
    for hidden in (ID_NUMBER, ID_NUMBER[-4:], "/people/", "/cases/", "county-officer"):
        assert hidden not in html
    assert "no-store" in response["Cache-Control"]
    assert 'lang="zh-Hans"' in Client().get(f"{address}?language=zh-hans").content.decode()
    assert Client().get(f"{address}/notice?language=zh-hans").content.startswith(b"%PDF-")


def test_a_link_that_nobody_made_leads_nowhere_and_trying_many_is_stopped(db: None) -> None:
    answers = [Client().get(f"/orders/my/{number:043d}").status_code for number in range(12)]
    assert answers == [404] * 10 + [429] * 2


def test_a_person_whose_record_lies_elsewhere_has_their_page_and_their_way_out(order: int, address: str) -> None:
    with acting(system("tests")):
        Person.objects.filter(pk=Order.objects.get(pk=order).person_id).update(area=460105001001 * 10**6)
    assert "张三" in Client().get(address).content.decode()
    assert Client().get(f"{address}/notice?language=en").content.startswith(b"%PDF-")
    assert sent(address, "check", temperature="36.6") == sent(address, "care", ground="a fall") == 302
    with acting(system("tests")):
        assert Check.objects.count() == 1
        assert Emergency.objects.get().area == Order.objects.get(pk=order).area


def test_behind_a_proxy_each_is_counted_by_their_own_address_and_not_by_one_they_claim(
    db: None, settings: Settings
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1

    def tried(number: int, seen_by_proxy: str) -> int:
        claimed = f"10.0.0.{number}, {seen_by_proxy}"
        return Client().get(f"/orders/my/{number:043d}", HTTP_X_FORWARDED_FOR=claimed).status_code

    assert [tried(number, f"10.1.0.{number}") for number in range(12)] == [404] * 12
    assert [tried(number, "10.2.0.1") for number in range(12)] == [404] * 10 + [429] * 2


def test_a_link_is_asked_for_at_a_limited_pace(address: str) -> None:
    answers = [Client().get(address).status_code for _ in range(61)]
    assert answers == [200] * 60 + [429]


def test_the_person_checks_asks_and_objects_and_each_counts_once(order: int, address: str) -> None:
    assert sent(address, "check", temperature="36.8", symptoms=["cough"]) == 302
    assert sent(address, "check", temperature="36.8", symptoms=["cough"]) == 302
    assert sent(address, "need", kind="food", note="milk") == 302
    assert sent(address, "appeal", ground="I was vaccinated in time") == 302
    assert sent(address, "care") == 302
    assert sent(address, "made up") == 409
    assert sent(address, "check", key="again", temperature="99") == 409
    with acting(system("tests")):
        assert [check.means for check in Check.objects.filter(order=order)] == ["link"]
        assert Need.objects.get(order=order).note == "milk"
        assert Appeal.objects.get(order=order).means == "link"
        assert Emergency.objects.count() == 1
        by_link = Event.objects.filter(subject=subject_of(order), actor_label=links.BY_LINK)
        assert {event.kind for event in by_link} >= {"isolation.check_recorded", "isolation.appeal_filed"}
    assert "Being decided" in Client().get(address).content.decode()
    assert "already being decided" in Client().post(address, {"what": "appeal", "ground": "again"}).content.decode()


def test_the_answer_to_an_objection_is_read_there_and_upheld_the_link_ends_with_the_order(
    order: int, address: str, county_officer: Actor, second_officer: Actor
) -> None:
    sent(address, "appeal", ground="I was not there")
    with acting(second_officer):
        appeal = Appeal.objects.get(order=order)
        decide_appeal(appeal.pk, upheld=False, reason="The list says so", by=second_officer, now=clock.now())
    assert "The list says so" in Client().get(address).content.decode()
    sent(address, "appeal", key="again", ground="I can prove it")
    with acting(second_officer):
        again = Appeal.objects.get(order=order, decided_at=None)
        decide_appeal(again.pk, upheld=True, reason="Proven", by=second_officer, now=clock.now())
    over = Client().get(address)
    assert over.status_code == 410
    assert "张三" not in over.content.decode()
    assert sent(address, "check", key="late", temperature="36.5") == 410
    assert Client().get(f"{address}/notice").status_code == 404


def test_a_link_called_back_shows_nothing_any_more(order: int, address: str, county_officer: Actor) -> None:
    with acting(county_officer):
        assert links.revoke_links(order, by=county_officer, now=clock.now()) == 1
    assert Client().get(address).status_code == 410


def test_past_the_end_the_link_is_dead_although_nobody_noted_it(order: int, address: str) -> None:
    """R04: with nobody acting the legal status ends."""
    with acting(system("tests")):
        row = Order.objects.get(pk=order)
        assert row.ends_at is not None
        found = links.follow_link(address.rsplit("/", 1)[1], now=row.ends_at + timedelta(seconds=1))
    assert found is not None
    assert not found.live


def test_no_link_is_made_for_an_order_that_is_over(order: int, county_officer: Actor) -> None:
    with acting(county_officer):
        release_order(order, reason="done", by=county_officer, now=clock.now())
        with pytest.raises(Refused, match="order_state"):
            links.make_link(order, language="en", by=county_officer, now=clock.now())
