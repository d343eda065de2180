"""An order follows its person: the place where they are now answers for it, and nothing is doubled on the way."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client

from dayclear.foundation.actors import Actor, system
from dayclear.foundation.areas import area_of
from dayclear.foundation.deadlines import open_deadlines
from dayclear.foundation.decisions import Refused
from dayclear.foundation.models import Deadline, Event
from dayclear.foundation.rules import Role
from dayclear.foundation.scope import acting
from dayclear.isolation import models
from dayclear.isolation.commands import (
    correct_exposure,
    file_appeal,
    hand_over_order,
    open_need,
    propose_order,
    record_check,
    record_test,
    release_order,
    sign_order,
    subject_of,
)
from dayclear.isolation.gaps import find_gaps
from dayclear.isolation.links import follow_link, make_link
from dayclear.isolation.models import Handover, Order
from dayclear.isolation.queries import due_checks, restricted_people
from dayclear.isolation.rules.moving import Handing, may_hand_over
from dayclear.isolation.tests.exposures import VILLAGE, exposed, signed, someone
from dayclear.isolation.tests.living import binding
from dayclear.people.models import Person
from dayclear.people.queries import person_in_scope
from dayclear.places.models import Place

JULY = datetime(2022, 7, 2, 4, 0, tzinfo=UTC)
LATER = JULY + timedelta(hours=2)
NEXT_VILLAGE = 610113001002 * 10**6
ELSEWHERE, ELSEWHERE_COUNTY = 610302001001 * 10**6, 610302 * 10**12
PREFECTURE = 6103 * 10**14
NUMBER = "11010519491231002X"


@pytest.fixture
def other_county(make_actor: Callable[..., Actor]) -> Actor:
    """An officer of 渭滨区, in another prefecture."""
    return make_actor("other-county", Role.OFFICER, ELSEWHERE_COUNTY)


@pytest.fixture
def next_village(make_actor: Callable[..., Actor]) -> Actor:
    """A community worker of 乙村."""
    return make_actor("next-village", Role.COMMUNITY_WORKER, NEXT_VILLAGE)


@pytest.mark.parametrize(
    ("to", "level", "codes"),
    [
        pytest.param(NEXT_VILLAGE, 5, (), id="a village"),
        pytest.param(ELSEWHERE_COUNTY, 3, (), id="a county whose village is not known yet"),
        pytest.param(PREFECTURE, 2, ("place_too_wide",), id="a prefecture: nobody there knocks at a door"),
        pytest.param(999, None, ("place_unknown",), id="no place of the register"),
        pytest.param(VILLAGE, 5, ("same_place",), id="where it lies already"),
    ],
)
def test_an_order_goes_to_a_place_that_can_answer_for_it(to: int, level: int | None, codes: tuple[str, ...]) -> None:
    assert may_hand_over(Handing(VILLAGE, to, level)).codes == codes


def test_within_a_county_everything_owed_goes_along_and_the_term_goes_on(
    county_officer: Actor, village_worker: Actor, next_village: Actor
) -> None:
    with acting(county_officer):
        order = signed(county_officer, JULY)
        before = Order.objects.get(pk=order)
        record_check(order, means="visit", by=county_officer, now=JULY)
        record_test(order, date(2022, 7, 2), sampled_at=JULY, by=county_officer, now=JULY)
        open_need(order, "food", by=county_officer, now=JULY)
        file_appeal(order, ground="no", means="phone", by=county_officer, now=JULY)
        make_link(order, language="en", by=county_officer, now=JULY)
        hand_over_order(order, NEXT_VILLAGE, by=county_officer, now=LATER)
        after = Order.objects.select_related("person").get(pk=order)
        assert (after.area, after.person.area, after.person_id) == (NEXT_VILLAGE, NEXT_VILLAGE, before.person_id)
        assert (after.anchor_on, after.ends_on, after.ends_at) == (before.anchor_on, before.ends_on, before.ends_at)
        for table in (models.Phase, models.TestDay, models.Check, models.Need, models.Appeal, models.PersonLink):
            assert set(table.objects.filter(order=order).values_list("area", flat=True)) == {NEXT_VILLAGE}, table
        clocks = {row.kind: (row.area, row.accountable) for row in open_deadlines(county_officer)}
        assert clocks["isolation_appeal"] == (NEXT_VILLAGE, 610113 * 10**12)
        assert clocks["isolation_support"] == (NEXT_VILLAGE, NEXT_VILLAGE)
        assert find_gaps(county_officer, "moved_away", now=LATER) == []
        told = Event.objects.filter(subject=subject_of(order), kind__contains="over").order_by("ordinal")
        assert list(told.values_list("kind", "area")) == [
            ("isolation.order_handed_over", VILLAGE),
            ("isolation.order_taken_over", NEXT_VILLAGE),
        ]
    with acting(village_worker):
        assert restricted_people(village_worker, now=LATER) == frozenset()
        assert Handover.objects.get().to_place == NEXT_VILLAGE
        with pytest.raises(Refused, match="not_found"):
            record_check(order, means="visit", by=village_worker, now=LATER)
    with acting(next_village):
        assert restricted_people(next_village, now=LATER) == {before.person_id}
        assert record_check(order, means="visit", by=next_village, now=LATER)


def test_another_county_gets_a_row_of_its_own_and_the_case_here_keeps_its_person(
    county_officer: Actor, other_county: Actor, province_commander: Actor
) -> None:
    with acting(county_officer):
        person = someone(county_officer, JULY, id_number=NUMBER)
        order = propose_order(exposed(person, date(2022, 7, 1)), by=county_officer, now=JULY)
        sign_order(order, by=county_officer, now=JULY)
        hand_over_order(order, ELSEWHERE, by=county_officer, now=LATER)
        assert not Order.objects.filter(pk=order).exists()
        assert Person.objects.get(pk=person).area == VILLAGE
        seen = Event.objects.filter(subject=subject_of(order)).values_list("kind", flat=True)
        assert "isolation.order_handed_over" in seen
    with acting(other_county):
        taken = Order.objects.select_related("person").get(pk=order)
        assert (taken.area, taken.person.area, taken.person.name) == (ELSEWHERE, ELSEWHERE, "张三")
        assert taken.person_id != person
        assert restricted_people(other_county, now=LATER) == {taken.person_id}
        assert [each.order_id for each in due_checks(other_county, now=JULY + timedelta(hours=10))] == [order]
        assert Event.objects.filter(subject=subject_of(order), kind="isolation.order_taken_over").count() == 1
    with acting(province_commander):
        assert restricted_people(province_commander, now=LATER) == {taken.person_id}
        for kind in ("moved_away", "two_places"):
            assert find_gaps(province_commander, kind, now=LATER) == [], kind


def test_the_receiving_county_goes_on_with_the_row_it_has_and_never_holds_two_orders(
    county_officer: Actor, other_county: Actor, province_commander: Actor
) -> None:
    with acting(other_county):
        known = someone(other_county, JULY, area=ELSEWHERE_COUNTY, id_number=NUMBER)
        own = propose_order(exposed(known, date(2022, 7, 1)), by=other_county, now=JULY)
        sign_order(own, by=other_county, now=JULY)
    with acting(county_officer):
        person = someone(county_officer, JULY, id_number=NUMBER)
        order = propose_order(exposed(person, date(2022, 7, 1)), by=county_officer, now=JULY)
        sign_order(order, by=county_officer, now=JULY)
        with pytest.raises(Refused, match="under_order_there"):
            hand_over_order(order, ELSEWHERE, by=county_officer, now=LATER)
        assert Order.objects.get(pk=order).area == VILLAGE
    with acting(other_county):
        assert Person.objects.get(pk=known).area == ELSEWHERE_COUNTY, "nothing is half-written"
        release_order(own, reason="the other county has them", by=other_county, now=LATER)
    with acting(county_officer):
        hand_over_order(order, ELSEWHERE, by=county_officer, now=LATER)
    with acting(province_commander):
        assert Order.objects.get(pk=order).person_id == known
        assert restricted_people(province_commander, now=LATER) == {known}


def test_what_waits_for_a_signature_goes_along(county_officer: Actor, other_county: Actor) -> None:
    with acting(county_officer):
        order = signed(county_officer, JULY)
        longer = correct_exposure(order, anchor_on=date(2022, 7, 2), by=county_officer, now=JULY).proposal
        hand_over_order(order, ELSEWHERE, by=county_officer, now=LATER)
    with acting(other_county):
        assert longer is not None
        sign_order(longer, by=other_county, now=LATER)
        assert Order.objects.get(pk=order).end_cause == "renewed"
        assert Deadline.objects.filter(subject=subject_of(longer), met_at=None).count() == 0


def test_a_gap_left_by_a_merge_closes(county_officer: Actor, province_commander: Actor) -> None:
    with acting(county_officer):
        order = Order.objects.get(pk=signed(county_officer, JULY))
    with acting(province_commander):
        # As a merge leaves it: the row that was kept lies elsewhere.
        Person.objects.filter(pk=order.person_id).update(area=ELSEWHERE)
        (gap,) = find_gaps(province_commander, "moved_away", now=LATER)
        hand_over_order(gap.order_id or 0, ELSEWHERE, by=province_commander, now=LATER)
        assert find_gaps(province_commander, "moved_away", now=LATER) == []
        assert Order.objects.get(pk=order.pk).person_id == order.person_id


def test_a_link_that_the_person_holds_goes_on_leading_to_the_order(county_officer: Actor) -> None:
    with acting(county_officer):
        order = signed(county_officer, JULY)
        token = make_link(order, language="en", by=county_officer, now=JULY)
        hand_over_order(order, ELSEWHERE, by=county_officer, now=LATER)
    followed = follow_link(token, now=LATER)
    assert followed is not None
    assert (followed.order_id, followed.live, ELSEWHERE in followed.actor.area) == (order, True, True)
    with acting(followed.actor):
        assert person_in_scope(followed.actor, Order.objects.get(pk=order).person_id) is not None


@pytest.mark.parametrize(
    ("to", "code"),
    [
        pytest.param(1, "place_unknown", id="a place nobody knows"),
        pytest.param(61 * 10**16, "place_too_wide", id="a whole province"),
        pytest.param(VILLAGE, "same_place", id="the same village"),
    ],
)
def test_a_hand_over_that_leads_nowhere_is_refused(county_officer: Actor, to: int, code: str) -> None:
    with acting(county_officer):
        order = signed(county_officer, JULY)
        with pytest.raises(Refused, match=code):
            hand_over_order(order, to, by=county_officer, now=LATER)
        release_order(order, reason="may go", by=county_officer, now=LATER)
        with pytest.raises(Refused, match="order_state"):
            hand_over_order(order, NEXT_VILLAGE, by=county_officer, now=LATER)
        assert not Handover.objects.exists()


def test_a_village_worker_hands_nothing_over(county_officer: Actor, village_worker: Actor) -> None:
    with acting(county_officer):
        order = signed(county_officer, JULY)
    with acting(village_worker), pytest.raises(Refused, match="right_missing"):
        hand_over_order(order, NEXT_VILLAGE, by=village_worker, now=LATER)


def test_two_officers_at_once_hand_an_order_over_once(committed: None) -> None:
    officers = [Actor(number, f"officer {number}", Role.OFFICER, area_of(610113 * 10**12)) for number in (1, 2)]
    Place.objects.bulk_create(
        Place(number=number, last=area_of(number).hi, level=5, code=str(number)[:12], name=name, full_name=name)
        for number, name in ((NEXT_VILLAGE, "乙村"), (ELSEWHERE, "己村"))
    )
    with acting(officers[0]):
        orders = [signed(officers[0], JULY, name=f"Person {number}") for number in range(20)]
    start, refused = threading.Barrier(2), []

    def hand_over(side: int) -> None:
        try:
            for order in orders:
                start.wait(timeout=60)
                try:
                    with acting(officers[side]):
                        hand_over_order(order, (NEXT_VILLAGE, ELSEWHERE)[side], by=officers[side], now=LATER, seen=2)
                except Refused as no:
                    refused.append(no.decision.codes)
        finally:
            connection.close()

    threads = [threading.Thread(target=hand_over, args=(side,)) for side in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == len(orders)
    assert set(refused) <= {("changed_meanwhile",), ("not_found",)}
    with acting(system("tests")):
        assert Handover.objects.count() == len(orders)
        assert Order.objects.filter(state="signed").count() == len(orders)
        for order in Order.objects.select_related("person"):
            assert order.area == order.person.area == Handover.objects.get(order=order).to_place


def test_from_the_page_the_order_leaves_and_both_places_read_what_happened(
    client_of: Callable[[Actor], Client], county_officer: Actor, other_county: Actor
) -> None:
    order = binding(county_officer)
    with acting(county_officer):
        person = Order.objects.get(pk=order).person_id
    client, address = client_of(county_officer), f"/orders/{order}"
    assert "Hand over to another place" in client.get(address).content.decode()
    found = client.get("/places/options", {"name": "place", "place_words": "己村", "anywhere": "1"}).content.decode()
    assert f'value="{ELSEWHERE}"' in found
    assert client.post(f"{address}/hand-over", {"place": "x", "key": "a"}).status_code == 409
    for _double_click in range(2):
        done = client.post(f"{address}/hand-over", {"place": str(ELSEWHERE), "key": "hand"})
        assert (done.status_code, done["Location"]) == (302, "/orders/gaps?kind=moved_away")
    assert client.get(address).status_code == 404
    assert "Handed over to other places" in client.get("/orders/gaps?kind=moved_away").content.decode()
    here = client.get(f"/people/{person}").content.decode()
    assert "Order handed over" in here
    assert "Handed over to another place" in here
    assert "己村" in here
    there = client_of(other_county).get(address).content.decode()
    assert "Taken over from another place" in there
    assert "己村" in there
