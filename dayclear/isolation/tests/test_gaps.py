"""The gap finder, the due-lists, the reactions: who fell through, and what happens by itself."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from conftest import until_it_waits
from dayclear.cases.commands import (
    CaseRecord,
    classify_case,
    record_outcome,
    register_case,
    register_cases,
    update_cases,
)
from dayclear.cases.models import Case
from dayclear.cases.rules import CaseDays
from dayclear.foundation import clock
from dayclear.foundation.actors import Actor, system
from dayclear.foundation.clock import local_day
from dayclear.foundation.decisions import Refused
from dayclear.foundation.models import Event
from dayclear.foundation.rules import Role
from dayclear.foundation.scope import acting
from dayclear.isolation import models
from dayclear.isolation.commands import (
    Proposal,
    confirm_release,
    propose_for_contacts,
    propose_order,
    propose_orders,
    record_check,
    record_test,
    release_due,
    sign_order,
)
from dayclear.isolation.commands.proposing import Proposed
from dayclear.isolation.gaps import KINDS, by_place, find_gaps, summary
from dayclear.isolation.jobs import end_what_is_over
from dayclear.isolation.models import Order
from dayclear.isolation.queries import due_checks, due_tests, released_late, status_of
from dayclear.isolation.reactions import (
    end_contact_order,
    follow_imported,
    follow_index,
    follow_outcome,
    propose_for_contact,
    settle_merged_orders,
    unsettle_merged_orders,
)
from dayclear.isolation.tests.exposures import VILLAGE, exposed, signed, someone
from dayclear.people.commands import PersonRecord
from dayclear.people.merging import merge_people, undo_merge
from dayclear.people.models import Person
from dayclear.tracing.commands import Exposed, record_contact, settle_contact
from dayclear.tracing.models import Contact

JULY = datetime(2022, 7, 2, 4, 0, tzinfo=UTC)


def case_of(by: Actor, at: datetime, name: str = "李四", number: str = "A1") -> int:
    days = CaseDays(reported_on=date(2022, 7, 1))
    record = CaseRecord(
        area=VILLAGE, person_id=0, disease="covid-19", number=number, days=days, classification="confirmed"
    )
    return register_case(PersonRecord(area=VILLAGE, name=name), record, by=by, now=at)


def contact_of(case: int, by: Actor, at: datetime, name: str = "张三") -> int:
    how = Exposed("household", date(2022, 7, 1), "close_contact")
    return record_contact(case, PersonRecord(area=VILLAGE, name=name), how, by=by, now=at)


def kinds_found(by: Actor, now: datetime) -> set[str]:
    return {kind for kind in KINDS if find_gaps(by, kind, now=now)}


def test_a_contact_known_for_too_long_without_an_order_is_a_gap(county_officer: Actor) -> None:
    with acting(county_officer):
        contact = contact_of(case_of(county_officer, JULY), county_officer, JULY)
        assert kinds_found(county_officer, JULY + timedelta(hours=8)) == set()
        late = JULY + timedelta(hours=8, minutes=1)
        (gap,) = find_gaps(county_officer, "contact_without_order", now=late)
        assert (gap.contact_id, gap.since, gap.accountable) == (contact, JULY + timedelta(hours=8), VILLAGE)
        assert "tracing_contact" in gap.found_by
        assert summary(county_officer, now=late).gaps["contact_without_order"] == 1
        assert by_place(county_officer, "contact_without_order", 5, now=late) == [(VILLAGE, 1)]


def test_a_contact_is_a_gap_for_as_long_as_the_pack_in_force_would_hold_anybody_of_the_category(
    county_officer: Actor,
) -> None:
    """Seven days and three, under the ninth edition; none for contacts of contacts under the Twenty."""
    with acting(county_officer):
        contact_of(case_of(county_officer, JULY), county_officer, JULY)
        assert find_gaps(county_officer, "contact_without_order", now=datetime(2022, 7, 11, 4, 0, tzinfo=UTC))
        assert not find_gaps(county_officer, "contact_without_order", now=datetime(2022, 7, 12, 4, 0, tzinfo=UTC))
        november = datetime(2022, 11, 12, 4, 0, tzinfo=UTC)
        Contact.objects.update(category="secondary_contact", last_exposed_on=date(2022, 11, 10))
        assert not find_gaps(county_officer, "contact_without_order", now=november)
        Contact.objects.update(category="close_contact")
        assert find_gaps(county_officer, "contact_without_order", now=november)


@pytest.mark.parametrize(
    ("how", "form"),
    [
        pytest.param(Exposed("household", date(2022, 7, 1), ""), {"category": "close_contact"}, id="no category"),
        pytest.param(Exposed("household", None, "close_contact"), {"on": "2022-07-01"}, id="no day"),
        pytest.param(
            Exposed("household", None, ""), {"category": "close_contact", "on": "2022-07-01"}, id="neither of them"
        ),
    ],
)
def test_a_contact_without_category_or_day_is_a_gap_until_both_are_settled(
    county_officer: Actor, how: Exposed, form: dict[str, str]
) -> None:
    late = JULY + timedelta(hours=8, minutes=1)
    with acting(county_officer):
        person = PersonRecord(area=VILLAGE, name="张三")
        contact = record_contact(case_of(county_officer, JULY), person, how, by=county_officer, now=JULY)
        assert kinds_found(county_officer, JULY + timedelta(hours=8)) == set()
        (gap,) = find_gaps(county_officer, "contact_unsettled", now=late)
        assert (gap.contact_id, gap.accountable) == (contact, VILLAGE)
        assert kinds_found(county_officer, late) == {"contact_unsettled"}
        with pytest.raises(Refused, match=r"category_missing|last_exposed_missing"):
            settle_contact(contact, "", None, by=county_officer, now=late)
        day = date.fromisoformat(form["on"]) if "on" in form else None
        settle_contact(contact, form.get("category", ""), day, by=county_officer, now=late)
        assert kinds_found(county_officer, late) == {"contact_without_order"}
        propose_for_contact(Event.objects.get(kind="tracing.contact_settled"))
        (order,) = Order.objects.all()
        assert (order.state, order.category, order.anchor_on) == ("proposed", "close_contact", date(2022, 7, 1))
        with pytest.raises(Refused, match="contact_settled"):
            settle_contact(contact, "close_contact", date(2022, 7, 1), by=county_officer, now=late)


def test_contacts_are_settled_on_the_page_of_the_gaps(
    county_officer: Actor, village_worker: Actor, client_of: Callable[[Actor], Client]
) -> None:
    now = clock.now() - timedelta(hours=9)
    with acting(county_officer):
        how, person = Exposed("household", None, ""), PersonRecord(area=VILLAGE, name="张三")
        case = case_of(county_officer, now)
        Case.objects.update(disease="measles")
        contact = record_contact(case, person, how, by=county_officer, now=now)
    client, url = client_of(county_officer), f"/orders/gaps/contacts/{contact}"
    assert url in client.get("/orders/gaps?kind=contact_unsettled").content.decode()
    said = {"category": "susceptible_contact", "on": f"{local_day(now):%Y-%m-%d}"}
    assert client_of(village_worker).post(url, said).status_code == 403
    assert client.post(url, {**said, "on": "tomorrow"}).status_code == 409
    assert client.post(url, said).status_code == 302
    assert url not in client.get("/orders/gaps?kind=contact_unsettled").content.decode()


def test_each_kind_of_gap_is_found_by_its_join(county_officer: Actor) -> None:
    with acting(county_officer):
        order = Order.objects.get(pk=signed(county_officer, JULY))
        assert kinds_found(county_officer, JULY + timedelta(hours=1)) == set()
        next_day = JULY + timedelta(hours=25)
        assert kinds_found(county_officer, next_day) == {"order_without_check", "test_missed"}
        record_check(order.pk, means="visit", by=county_officer, now=next_day)
        assert kinds_found(county_officer, next_day) == {"test_missed"}
        Person.objects.filter(pk=order.person_id).update(area=610113002001 * 10**6)
        assert "moved_away" in kinds_found(county_officer, next_day)
        over = datetime(2022, 7, 11, 16, 2, tzinfo=UTC)
        assert kinds_found(county_officer, over) == {"expired_still_active"}
    with acting(system("sweeper")):
        release_due(now=over)
    with acting(county_officer):
        assert kinds_found(county_officer, over) == set()
        quarter = datetime(2022, 7, 11, 16, 16, tzinfo=UTC)
        assert kinds_found(county_officer, quarter) == {"not_released"}
        late = released_late(county_officer, since=JULY, now=quarter)
        assert (late.ended, late.late, late.minutes, late.waiting) == (1, 1, 16, 1)
        confirm_release(order.pk, by=county_officer, now=quarter)
        assert kinds_found(county_officer, quarter) == set()


def test_two_places_that_claim_one_person_are_a_gap(
    county_officer: Actor, province_commander: Actor, make_actor: Callable[..., Actor]
) -> None:
    number, elsewhere = "11010519491231002X", 610302 * 10**12
    other = make_actor("other-county", Role.OFFICER, elsewhere)
    with acting(other):
        someone(other, JULY, area=elsewhere, id_number=number)
    with acting(county_officer):
        mine = someone(county_officer, JULY, id_number=number)
        order = signed(county_officer, JULY)
        Order.objects.filter(pk=order).update(person=mine)
    with acting(province_commander):
        (gap,) = find_gaps(province_commander, "two_places", now=JULY + timedelta(hours=1))
        assert gap.person_id == mine


def test_samples_and_checks_fall_due_and_are_done(county_officer: Actor) -> None:
    with acting(county_officer):
        order = signed(county_officer, JULY)
        today = date(2022, 7, 2)
        assert [due.order_id for due in due_tests(county_officer, today, now=JULY)] == [order]
        record_test(order, today, sampled_at=JULY, by=county_officer, now=JULY)
        assert due_tests(county_officer, today, now=JULY) == []


@pytest.mark.parametrize(
    ("hour", "done", "late"),
    [
        pytest.param(9, 0, 0, id="morning: the first is due"),
        pytest.param(9, 1, None, id="morning, one done: nothing due"),
        pytest.param(13, 1, 0, id="afternoon: the second is due"),
        pytest.param(13, 0, 1, id="afternoon, none done: the first is late"),
        pytest.param(13, 2, None, id="both done"),
    ],
)
def test_two_checks_a_day_fall_due_at_a_site(county_officer: Actor, hour: int, done: int, late: int | None) -> None:
    with acting(county_officer):
        order = signed(county_officer, JULY - timedelta(hours=4))
        for number in range(done):
            at = JULY - timedelta(hours=3 - number)
            record_check(order, means="site", by=county_officer, now=at)
        now = JULY + timedelta(hours=hour - 12)
        assert [due.late for due in due_checks(county_officer, now=now)] == ([] if late is None else [late])


def test_the_worker_ends_what_is_over(county_officer: Actor) -> None:
    with acting(county_officer):
        order = signed(county_officer, JULY)
    end_what_is_over(0)
    with acting(county_officer):
        assert Order.objects.get(pk=order).end_cause == "term"


def test_a_status_follows_from_the_order_in_force_alone(county_officer: Actor) -> None:
    with acting(county_officer):
        order = Order.objects.get(pk=signed(county_officer, JULY))
        colours = [
            status_of(county_officer, order.person_id, now=at)
            for at in (JULY, JULY + timedelta(days=8), JULY + timedelta(days=10))
        ]
        assert colours == ["red", "yellow", "green"]


@pytest.mark.parametrize("times", [1, 2], ids=["once", "played twice, one effect"])
def test_a_recorded_contact_is_proposed(county_officer: Actor, times: int) -> None:
    with acting(county_officer):
        contact_of(case_of(county_officer, JULY), county_officer, JULY)
        event = Event.objects.get(kind="tracing.contact_recorded")
        for _ in range(times):
            propose_for_contact(event)
        (order,) = Order.objects.all()
        assert (order.state, order.category, order.evidence["kind"]) == ("proposed", "close_contact", "contact")


@pytest.mark.parametrize(
    ("happens", "reaction", "cause"),
    [
        pytest.param("falls ill", end_contact_order, "became_case", id="who falls ill is a patient"),
        pytest.param("dies", follow_outcome, "died", id="who dies is free of it"),
    ],
)
def test_what_happens_to_a_person_ends_the_order(
    county_officer: Actor, happens: str, reaction: Callable[[Event], None], cause: str
) -> None:
    with acting(county_officer):
        order = Order.objects.get(pk=signed(county_officer, JULY))
        at = JULY + timedelta(hours=1)
        case = case_of(county_officer, at)
        with connection.cursor() as cursor:
            cursor.execute("UPDATE cases_case SET person_id = %s WHERE id = %s", [order.person_id, case])
        kind = "cases.case_registered"
        if happens == "dies":
            record_outcome(case, "died", date(2022, 7, 2), by=county_officer, now=at)
            kind = "cases.outcome_recorded"
        event = Event.objects.get(subject=f"cases.case:{case}", kind=kind)
        reaction(event)
        reaction(event)
        order.refresh_from_db()
        assert (order.state, order.end_cause) == ("ended", cause)


@pytest.mark.parametrize(
    ("said", "state", "cause"),
    [
        pytest.param({}, "ended", "became_case", id="fell ill"),
        pytest.param({"outcome": "died", "outcome_on": date(2022, 7, 2)}, "ended", "died", id="died"),
        pytest.param({"reported_on": date(2021, 1, 5)}, "signed", "", id="an illness from before the exposure"),
        pytest.param({"classification": "suspected"}, "signed", "", id="not sure yet"),
    ],
)
def test_a_case_that_comes_in_by_file_ends_the_order_as_one_by_hand(
    county_officer: Actor, said: dict[str, Any], state: str, cause: str
) -> None:
    with acting(county_officer):
        order = Order.objects.get(pk=signed(county_officer, JULY))
        at = JULY + timedelta(hours=1)
        days = CaseDays(reported_on=said.get("reported_on", date(2022, 7, 2)), outcome_on=said.get("outcome_on"))
        record = CaseRecord(
            area=VILLAGE,
            person_id=order.person_id,
            disease="covid-19",
            number="A1",
            days=days,
            classification=said.get("classification", "confirmed"),
            outcome=said.get("outcome", "unknown"),
        )
        register_cases([record], by=county_officer, now=at, batch="tests:1")
        event = Event.objects.get(kind="cases.batch_imported")
        follow_imported(event)
        follow_imported(event)
        order.refresh_from_db()
        assert (order.state, order.end_cause) == (state, cause)


def test_a_death_that_a_newer_file_tells_of_ends_the_order(county_officer: Actor) -> None:
    with acting(county_officer):
        order = Order.objects.get(pk=signed(county_officer, JULY))
        case = case_of(county_officer, JULY)
        Case.objects.filter(pk=case).update(person=order.person_id)
        told = CaseRecord.of(Case.objects.get(pk=case))
        died = replace(told, outcome="died", days=replace(told.days, outcome_on=date(2022, 7, 2)))
        update_cases({case: died}, by=county_officer, now=JULY)
        follow_outcome(Event.objects.get(kind="cases.outcome_recorded"))
        order.refresh_from_db()
        assert (order.state, order.end_cause) == ("ended", "died")


def test_whoever_turns_out_to_be_a_case_is_a_contact_no_more(county_officer: Actor) -> None:
    with acting(county_officer):
        order = Order.objects.get(pk=signed(county_officer, JULY))
        case = case_of(county_officer, JULY)
        Case.objects.filter(pk=case).update(person=order.person_id, classification="suspected")
        classify_case(case, "confirmed", reason="second test", by=county_officer, now=JULY)
        end_contact_order(Event.objects.get(kind="cases.case_classified"))
        order.refresh_from_db()
        assert (order.state, order.end_cause) == ("ended", "became_case")


def test_whoever_recovers_is_proposed_for_what_the_pack_has_after_discharge(county_officer: Actor) -> None:
    with acting(county_officer):
        case = case_of(county_officer, JULY)
        record_outcome(case, "recovered", date(2022, 7, 2), by=county_officer, now=JULY)
        follow_outcome(Event.objects.get(kind="cases.outcome_recorded"))
        (order,) = Order.objects.all()
        assert (order.category, order.anchor, order.anchor_on) == ("recovered", "discharge", date(2022, 7, 2))


def test_of_two_records_that_were_one_person_one_order_goes_on(county_officer: Actor) -> None:
    with acting(county_officer):
        short = signed(county_officer, JULY, days=3, name="张三")
        long = signed(county_officer, JULY, days=1, name="张三")
        kept, gone = (Order.objects.get(pk=pk).person_id for pk in (short, long))
        merge_people(kept, gone, by=county_officer, now=JULY)
        settle_merged_orders(Event.objects.filter(kind="people.people_merged")[0])
        assert Order.objects.get(pk=short).end_cause == "merged"
        goes_on = Order.objects.get(pk=long)
        assert (goes_on.state, goes_on.person_id) == ("signed", kept)


@pytest.mark.parametrize("gone_ends_later", [True, False], ids=["the order of the one who was gone", "of the other"])
def test_two_people_again_each_have_what_was_signed_for_them(county_officer: Actor, gone_ends_later: bool) -> None:
    with acting(county_officer):
        later, sooner = (signed(county_officer, JULY, days=days, name="张三") for days in (1, 3))
        people = {order: Order.objects.get(pk=order).person_id for order in (later, sooner)}
        kept, gone = (people[sooner], people[later]) if gone_ends_later else (people[later], people[sooner])
        merge = merge_people(kept, gone, by=county_officer, now=JULY)
        for event in Event.objects.filter(kind="people.people_merged"):
            settle_merged_orders(event)
        assert Order.objects.get(pk=later).person_id == kept
        undo_merge(merge.pk, by=county_officer, now=JULY)
        for event in Event.objects.filter(kind="people.merge_undone"):
            unsettle_merged_orders(event)
        assert {order: Order.objects.get(pk=order).person_id for order in people} == people
        [anew] = Order.objects.filter(state="proposed")
        ended = Order.objects.get(pk=sooner)
        assert (anew.person_id, anew.category, anew.anchor_on) == (ended.person_id, ended.category, ended.anchor_on)


def test_a_merge_that_was_taken_back_before_it_was_settled_ends_no_order(county_officer: Actor) -> None:
    with acting(county_officer):
        orders = [signed(county_officer, JULY, days=days, name="张三") for days in (1, 3)]
        kept, gone = (Order.objects.get(pk=order).person_id for order in orders)
        undo_merge(merge_people(kept, gone, by=county_officer, now=JULY).pk, by=county_officer, now=JULY)
        for event in Event.objects.filter(kind="people.people_merged"):
            settle_merged_orders(event)
        assert Order.objects.filter(state="signed", person__in=(kept, gone)).count() == 2


def test_two_who_propose_one_order_at_once_make_one_proposal(committed: None) -> None:
    by, on = system("tests"), date(2022, 7, 1)
    made: list[Proposed] = []

    def propose() -> None:
        try:
            with acting(by):
                made.append(propose_orders([exposed(person, on), exposed(other, on)], by=by, now=JULY))
        finally:
            connection.close()

    with acting(by):
        person, other = someone(by, JULY, "张三"), someone(by, JULY, "李四")
    second = threading.Thread(target=propose)
    with acting(by):
        first = propose_order(exposed(person, on), by=by, now=JULY)
        second.start()
        # The second stands before the row of the first until that is committed.
        until_it_waits(second)
    second.join(timeout=30)
    [told] = made
    assert told.ids[0] is None
    assert told.refused[0].codes == ("already_proposed",)
    with acting(by):
        assert set(Order.objects.values_list("pk", flat=True)) == {first, told.ids[1]}
        assert Event.objects.filter(kind="isolation.order_proposed").count() == 2


def test_contacts_without_a_day_or_already_ill_are_not_proposed(county_officer: Actor) -> None:
    with acting(county_officer):
        contact = contact_of(case_of(county_officer, JULY), county_officer, JULY)
        Contact.objects.filter(pk=contact).update(last_exposed_on=None)
        assert propose_for_contacts([contact], by=county_officer, now=JULY).ids == ()
        assert not models.Order.objects.exists()


def test_a_positive_among_the_first_tests_of_the_index_makes_a_contact_of_the_contacts_contact(
    county_officer: Actor,
) -> None:
    with acting(county_officer):
        index = signed(county_officer, JULY, name="张三")
        person = someone(county_officer, JULY, "李四")
        evidence = {"kind": "contact", "contact": 9, "case": 1, "on": "2022-07-01", "index": index}
        second = propose_order(
            Proposal(person, "covid-19", "secondary_contact", date(2022, 7, 1), evidence), by=county_officer, now=JULY
        )
        sign_order(second, by=county_officer, now=JULY)
        later = JULY + timedelta(hours=6)
        record_test(
            index,
            date(2022, 7, 2),
            sampled_at=JULY,
            result="positive",
            result_at=later,
            by=county_officer,
            now=later,
        )
        event = Event.objects.get(kind="isolation.test_recorded")
        follow_index(event)
        follow_index(event)
        proposed = Order.objects.get(state="proposed")
        assert (proposed.person_id, proposed.category, proposed.renews_id) == (person, "close_contact", second)
        assert Order.objects.get(pk=second).state == "signed"
