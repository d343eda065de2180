"""The pages of orders through a signed-in browser."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from docx import Document

from dayclear.foundation import clock
from dayclear.foundation.actors import Actor, system
from dayclear.foundation.models import Event
from dayclear.foundation.scope import acting
from dayclear.isolation.commands import file_appeal, open_need, release_due, release_order, subject_of
from dayclear.isolation.models import Appeal, Check, Delivery, Emergency, Need, Order, PersonLink
from dayclear.isolation.tests.exposures import VILLAGE
from dayclear.isolation.tests.living import binding, proposed

ClientOf = Callable[[Actor], Client]
OTHER_VILLAGE = 610113002001 * 10**6


def state_of(order: int) -> str:
    with acting(system("tests")):
        return Order.objects.get(pk=order).state


def text(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, response.content.decode()[:2000]
    return response.content.decode()


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        pytest.param("", ["王五"], id="in force by itself"),
        pytest.param("?state=proposed", ["李四"], id="proposed"),
        pytest.param("?state=all", ["王五", "李四"], id="all"),
        pytest.param("?mode=home_quarantine", ["王五"], id="by the mode of today"),
        pytest.param("?mode=centralised", [], id="a mode that nobody is in"),
        pytest.param("?category=susceptible_contact", ["王五"], id="by category"),
        pytest.param("?within=3", [], id="none ends within three days"),
        pytest.param(f"?place={VILLAGE}", ["王五"], id="by place"),
        pytest.param("?place=610103000000000000", [], id="a county that is not mine"),
    ],
)
def test_the_address_narrows_the_list(
    client_of: ClientOf, county_officer: Actor, address: str, shown: list[str]
) -> None:
    binding(county_officer, "王五")
    proposed(county_officer, "李四")
    html = text(client_of(county_officer), f"/orders/{address}")
    assert [name for name in ("王五", "李四") if f">{name}</a>" in html] == shown


@pytest.mark.parametrize("address", ["?state=maybe", "?mode=jail", "?place=x", "?within=9", "?after=AAAA"])
def test_an_address_that_makes_no_sense_is_refused(client_of: ClientOf, county_officer: Actor, address: str) -> None:
    assert client_of(county_officer).get(f"/orders/{address}").status_code == 409


def test_whoever_may_not_see_a_category_learns_nothing_by_asking_for_one(
    client_of: ClientOf, county_officer: Actor, village_worker: Actor
) -> None:
    order = binding(county_officer)
    for category in ("susceptible_contact", "no_such_category"):
        shown = client_of(village_worker).get(f"/api/v1/orders?category={category}").json()["items"]
        assert [row["id"] for row in shown] == [order], category
    assert client_of(county_officer).get("/api/v1/orders?category=no_such_category").json()["items"] == []


def test_whoever_should_be_free_stands_first(client_of: ClientOf, county_officer: Actor) -> None:
    free, bound = binding(county_officer, "张三"), binding(county_officer, "李四")
    with acting(county_officer):
        release_order(free, reason="vaccinated in time", by=county_officer, now=clock.now())
    html = text(client_of(county_officer), "/orders/")
    assert "free and not yet let go" in html
    assert html.index(f"/orders/{free}") < html.index(f"/orders/{bound}")


def test_the_list_asks_at_most_eight_questions(client_of: ClientOf, county_officer: Actor) -> None:
    for name in ("张三", "李四", "王五"):
        binding(county_officer, name)
    client = client_of(county_officer)
    client.get("/orders/")
    with CaptureQueriesContext(connection) as asked:
        client.get("/orders/")
    statements = [q["sql"] for q in asked.captured_queries if "SAVEPOINT" not in q["sql"]]
    assert len(statements) <= 8, "\n".join(statements)


def test_csv_holds_the_list(client_of: ClientOf, county_officer: Actor) -> None:
    binding(county_officer, "张三")
    response = client_of(county_officer).get("/orders/?format=csv&columns=name&columns=mode")
    lines = b"".join(response.streaming_content).decode("utf-8-sig").splitlines()  # type: ignore[attr-defined]
    assert lines == ["Name,Mode today", "张三,quarantine at home"]
    with acting(system("tests")):
        told = Event.objects.get(kind="foundation.list_exported")
    assert (told.subject, told.payload["columns"]) == ("foundation.export:orders", ["name", "mode"])


def test_signing_says_what_happens_and_a_double_click_signs_once(client_of: ClientOf, county_officer: Actor) -> None:
    order = proposed(county_officer)
    client = client_of(county_officer)
    html = text(client, f"/orders/{order}")
    assert "Signing binds 张三 from now on: first quarantine at home" in html
    said = {"seen": "1", "key": f"sign-{order}-1"}
    assert client.post(f"/orders/{order}/sign", said).status_code == 302
    assert client.post(f"/orders/{order}/sign", said).status_code == 302
    assert state_of(order) == "signed"
    with acting(system("tests")):
        assert Event.objects.filter(subject=subject_of(order), kind="isolation.order_signed").count() == 1


def test_of_two_officers_at_once_the_second_is_told(
    client_of: ClientOf, county_officer: Actor, second_officer: Actor
) -> None:
    order = proposed(county_officer)
    assert client_of(county_officer).post(f"/orders/{order}/sign", {"seen": "1", "key": "a"}).status_code == 302
    late = client_of(second_officer).post(f"/orders/{order}/sign", {"seen": "1", "key": "b"})
    assert late.status_code == 409
    assert "order_state" in late.content.decode()
    assert client_of(second_officer).post(f"/orders/{order}/decline", {"reason": "immune"}).status_code == 409


def test_an_order_explains_itself(client_of: ClientOf, county_officer: Actor) -> None:
    html = text(client_of(county_officer), f"/orders/{binding(county_officer)}")
    for word in (
        "Measles control (Iowa) § quarantine",
        "measles@",
        "by itself, at the end of that day",
        "If an appeal is upheld",
    ):
        assert word in html


def test_a_village_worker_sees_who_stays_where_and_not_why(
    client_of: ClientOf, county_officer: Actor, village_worker: Actor
) -> None:
    with_reason = binding(county_officer)
    with acting(system("tests")):
        Order.objects.filter(pk=with_reason).update(evidence={"kind": "case", "case": 1, "on": "2021-12-29"})
    client = client_of(village_worker)
    for address in ("/orders/", f"/orders/{with_reason}", "/orders/proposals", "/orders/gaps", "/orders/needs"):
        html = text(client, address)
        assert not [word for word in ("measles", "usceptible", "infection of one") if word in html], address
    assert client.get(f"/orders/{with_reason}/notice/order.pdf").status_code == 403
    assert client.post(f"/orders/{with_reason}/link", {}).status_code == 403
    assert client.post(f"/orders/{with_reason}/sign", {}).status_code == 403
    assert client.post(f"/orders/{with_reason}/check", {"means": "visit", "temperature": "36.5"}).status_code == 302


def test_orders_of_another_place_do_not_exist(
    client_of: ClientOf, county_officer: Actor, village_worker: Actor
) -> None:
    order = binding(county_officer, area=OTHER_VILLAGE)
    client = client_of(village_worker)
    assert client.get(f"/orders/{order}").status_code == 404
    assert client.post(f"/orders/{order}/check", {"means": "visit"}).status_code == 404


def test_everything_owed_is_recorded_from_the_page(client_of: ClientOf, county_officer: Actor) -> None:
    order = binding(county_officer)
    client = client_of(county_officer)
    sent: dict[str, dict[str, Any]] = {
        "check": {"means": "visit", "temperature": "37,2", "symptoms": ["cough", "made_up"]},
        "deliver": {"means": "paper", "notice": "order", "language": "en"},
        "need": {"kind": "medicine", "note": "for the heart"},
        "appeal": {"ground": "I was not there", "means": "phone"},
    }
    for what, said in sent.items():
        assert client.post(f"/orders/{order}/{what}", {**said, "key": what}).status_code == 302, what
    with acting(system("tests")):
        check = Check.objects.get(order=order)
        assert (str(check.temperature_c), check.symptoms) == ("37.2", ["cough"])
        assert Delivery.objects.get(order=order).language == "en"
        need = Need.objects.get(order=order)
        appeal = Appeal.objects.get(order=order)
    assert "for the heart" in text(client, "/orders/needs")
    assert client.post(f"/orders/needs/{need.pk}").status_code == 302
    assert "Nobody waits for anything" in text(client, "/orders/needs")
    assert client.get(f"/orders/appeals/{appeal.pk}").status_code == 302
    assert client.post(f"/orders/{order}/check", {"means": "visit", "temperature": "warm"}).status_code == 409
    assert client.post(f"/orders/{order}/made-up", {}).status_code == 404


def test_R09_the_signer_does_not_decide_and_another_officer_frees_at_once(
    client_of: ClientOf, county_officer: Actor, second_officer: Actor
) -> None:
    order = binding(county_officer)
    with acting(county_officer):
        appeal = file_appeal(order, ground="not me", means="paper", by=county_officer, now=clock.now())
    said = {"upheld": "yes", "reason": "another person of that name", "order": str(order)}
    own = client_of(county_officer).post(f"/orders/appeals/{appeal}/decide", said)
    assert own.status_code == 409
    assert "appeal_same_officer" in own.content.decode()
    assert client_of(second_officer).post(f"/orders/appeals/{appeal}/decide", said).status_code == 302
    assert state_of(order) == "ended"
    assert "another person of that name" in text(client_of(second_officer), f"/orders/{order}")


def test_R31_somebody_is_let_out_at_once_and_it_is_written_down_later(
    client_of: ClientOf, county_officer: Actor
) -> None:
    order = binding(county_officer)
    with acting(county_officer):
        person = Order.objects.get(pk=order).person_id
    client = client_of(county_officer)
    response = client.post(f"/orders/people/{person}/permit", {"key": "p"})
    assert response.status_code == 302
    with acting(system("tests")):
        row = Emergency.objects.get()
    assert response["Location"] == f"/orders/emergencies/{row.pk}"
    assert client.post(f"/orders/people/{person}/permit", {"key": "p"}).status_code == 302
    assert (
        client.post(f"/orders/emergencies/{row.pk}", {"text": "Chest pain, seen at the hospital."}).status_code == 302
    )
    with acting(system("tests")):
        assert Emergency.objects.get().recorded_at is not None


def test_identical_plans_are_signed_together_once_their_number_is_typed(
    client_of: ClientOf, county_officer: Actor
) -> None:
    alike = [proposed(county_officer, name) for name in ("张三", "李四", "王五")]
    other = proposed(county_officer, "赵六", ago=2)
    client = client_of(county_officer)
    assert "Sign 3 alike" in text(client, "/orders/proposals")
    assert "<b>4</b> proposals wait" in text(client, "/orders/proposals")
    page = f"/orders/proposals/like/{alike[0]}"
    assert "Type 3 to sign them all" in text(client, page)
    wrong = client.post(page, {"number": "4"})
    assert wrong.status_code == 409
    assert "batch_number_wrong" in wrong.content.decode()
    assert client.post(page, {"number": "3", "key": "batch"}).status_code == 302
    assert client.post(page, {"number": "3", "key": "batch"}).status_code == 302
    assert [state_of(order) for order in (*alike, other)] == ["signed", "signed", "signed", "proposed"]


@pytest.mark.parametrize(("language", "words"), [("en", "Notice of an order"), ("zh-hans", "Notice of an order")])
def test_R08_the_notice_is_there_as_word_and_as_pdf(
    client_of: ClientOf, county_officer: Actor, language: str, words: str
) -> None:
    order = binding(county_officer)
    client = client_of(county_officer)
    word = client.get(f"/orders/{order}/notice/order.docx?language={language}")
    document = Document(io.BytesIO(word.content))
    texts = [paragraph.text for paragraph in document.paragraphs]
    assert "张三" in texts
    if language == "en":
        assert texts[0] == words
        for heading in ("What is ordered", "Why", "By which rule", "Where", "Until when", "Your rights", "Contact"):
            assert heading in texts
    pdf = client.get(f"/orders/{order}/notice/order.pdf?language={language}")
    assert pdf.content.startswith(b"%PDF-")
    assert b"NotoSansSC" in pdf.content
    assert client.get(f"/orders/{order}/notice/release.pdf").status_code == 409
    assert client.get(f"/orders/{order}/notice/made-up.pdf").status_code == 404


def test_a_person_s_orders_stand_on_their_page_and_the_palette_finds_them(
    client_of: ClientOf, county_officer: Actor
) -> None:
    order = binding(county_officer, "张三")
    with acting(county_officer):
        person = Order.objects.get(pk=order).person_id
    client = client_of(county_officer)
    assert f"/orders/{order}" in text(client, f"/people/{person}")
    assert f"/orders/{order}" in text(client, "/palette?q=张三")
    proposal = proposed(county_officer, "李四")
    assert f"/orders/{proposal}" in text(client, "/tasks/")


def test_the_gap_finder_names_the_join_and_leads_to_the_act(client_of: ClientOf, county_officer: Actor) -> None:
    order = binding(county_officer)
    with acting(system("tests")):
        Order.objects.filter(pk=order).update(starts_at=clock.now() - timedelta(days=3))
    html = text(client_of(county_officer), "/orders/gaps?kind=order_without_check")
    assert "isolation_check" in html
    assert f"/orders/{order}" in html
    assert client_of(county_officer).get("/orders/gaps?kind=made_up").status_code == 409


def test_ended_with_nobody_acting_waits_to_be_told(client_of: ClientOf, county_officer: Actor) -> None:
    order = binding(county_officer)
    with acting(system("sweeper")):
        row = Order.objects.get(pk=order)
        assert row.ends_at is not None
        release_due(now=row.ends_at + timedelta(minutes=20))
    client = client_of(county_officer)
    assert "not yet let go" in text(client, f"/orders/{order}")
    assert client.post(f"/orders/{order}/let-go", {}).status_code == 302
    assert client.post(f"/orders/{order}/let-go", {}).status_code == 409


def test_support_asked_for_behind_one_door_stands_together(client_of: ClientOf, county_officer: Actor) -> None:
    for name in ("张三", "李四"):
        order = binding(county_officer, name)
        with acting(county_officer):
            Order.objects.get(pk=order).person.__class__.objects.filter(name=name).update(residence="1 Long Street")
            open_need(order, "food", by=county_officer, now=clock.now())
    assert text(client_of(county_officer), "/orders/needs").count("1 Long Street") == 1


def test_a_link_is_shown_once_and_only_its_digest_is_kept(client_of: ClientOf, county_officer: Actor) -> None:
    order = binding(county_officer)
    client = client_of(county_officer)
    html = client.post(f"/orders/{order}/link", {"language": "en"}).content.decode()
    token = html.split("/orders/my/")[1].split("<")[0]
    assert len(token) >= 43
    with acting(system("tests")):
        assert token.encode() not in bytes(PersonLink.objects.get().digest)
    assert token not in text(client, f"/orders/{order}")
