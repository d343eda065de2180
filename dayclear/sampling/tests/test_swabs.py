"""Swabs that will never have a result, and swabs of people who are left out of the round."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.test import Client

from dayclear.foundation import clock
from dayclear.foundation.actors import Actor
from dayclear.foundation.models import Event
from dayclear.foundation.scope import acting
from dayclear.people.commands import PersonRecord, register_people
from dayclear.sampling.commands import lose_box, receive_box, send_box
from dayclear.sampling.models import Round
from dayclear.sampling.queries.swabs import lost_tubes, swabbed_though_left_out
from dayclear.sampling.rules.numbers import parsed, printed
from dayclear.sampling.tests.acts import SYSTEM, VILLAGE, Phone, people, phone, tokens
from dayclear.sampling.tests.tracing import open_one, swab_all

ClientOf = Callable[[Actor], Client]
BOX = UUID("00000000-0000-4000-8000-00000000000a")
HOUR = timedelta(hours=1)


def boxed(now: datetime, *groups: list[int]) -> tuple[Phone, list[int]]:
    """A box with a tube of each group, sent; the numbers of the tubes."""
    device = phone(now)
    tubes = [device.tube(now, tokens(group)) for group in groups]
    labels = [tube["number"] for tube in tubes]
    box = {"id": str(BOX), "tubes": labels, "counted": len(labels), "closed_at": now.isoformat()}
    device.send(device.batch(now, tubes, boxes=[box]), now)
    with acting(SYSTEM):
        send_box(BOX, destination="lab:1", destination_name="a", counted=len(labels), by=SYSTEM, now=now)
    numbers = [parsed(label) for label in labels]
    return device, [number for number in numbers if number is not None]


def waiting(actor: Actor) -> dict[int, tuple[str, int]]:
    with acting(actor):
        return {each.tube: (each.condition, each.waiting) for each in lost_tubes(actor)}


@pytest.mark.parametrize("condition", ["damaged", "leaked", "missing", "rejected"])
def test_people_of_a_tube_that_arrived_in_no_state_are_swabbed_again(
    county_officer: Actor, now: datetime, condition: str
) -> None:
    who = people(4, now)
    _device, (good, bad) = boxed(now, who[:2], who[2:])
    assert waiting(county_officer) == {}
    with acting(SYSTEM):
        receive_box(BOX, {good: "good", bad: condition}, counted=2, by=SYSTEM, now=now + HOUR)
    assert waiting(county_officer) == {bad: (condition, 2)}


def test_people_of_a_lost_box_are_listed_until_each_was_swabbed_again(county_officer: Actor, now: datetime) -> None:
    who = people(3, now)
    device, (tube,) = boxed(now, who)
    with acting(county_officer):
        lose_box(BOX, reason="fell off the cart", by=county_officer, now=now + HOUR)
    assert waiting(county_officer) == {tube: ("lost", 3)}
    later = now + 2 * HOUR
    device.send(device.batch(later, [device.tube(later, tokens(who[:2]))]), later)
    assert waiting(county_officer) == {tube: ("lost", 1)}
    device.send(device.batch(later, [device.tube(later, tokens(who[2:]))]), later)
    assert waiting(county_officer) == {}


def test_the_list_of_boxes_leads_to_those_to_be_swabbed_again(
    county_officer: Actor, village_worker: Actor, client_of: ClientOf
) -> None:
    now = clock.now()
    _device, (tube,) = boxed(now, people(2, now))
    with acting(county_officer):
        lose_box(BOX, reason="fell off the cart", by=county_officer, now=now)
    client = client_of(county_officer)
    assert "2 people have to be swabbed again." in client.get("/sampling/boxes/").content.decode()
    page = client.get("/sampling/boxes/lost-swabs").content.decode()
    assert printed(tube) in page
    assert "its box is lost" in page
    assert client_of(village_worker).get("/sampling/boxes/lost-swabs").status_code == 403


def test_somebody_left_out_who_is_swabbed_all_the_same_is_named(county_officer: Actor, now: datetime) -> None:
    """Whoever types a number at the desk is not known to the phone: the server tells afterwards."""
    number = "11010519491231002X"
    with acting(SYSTEM):
        record = PersonRecord(area=VILLAGE, name="Person 9", id_number=number)
        (typed,) = register_people([record], by=SYSTEM, now=now, batch="people.batch:typed")
    device, chain = open_one(now, [typed, *people(1, now)])
    # The single swabs of the recall are what its members are left out for.
    swab_all(device, chain, county_officer, now + HOUR)
    later = now + 2 * HOUR
    swab = {"identity": {"kind": "CN-ID", "number": number}}
    tube = device.tube(later, [swab, *tokens(people(1, later))])
    assert device.send(device.batch(later, [tube]), later).said["accepted"]["tubes"] == 1
    with acting(county_officer):
        found = swabbed_though_left_out(county_officer, Round.objects.get(pk=device.round))
        assert [(each.person, printed(each.tube), each.cause) for each in found] == [
            (typed, tube["number"], f"recall:{printed(chain.tube)}")
        ]


def test_the_round_says_who_is_left_out_until_when(
    county_officer: Actor, village_worker: Actor, client_of: ClientOf
) -> None:
    now = clock.now()
    device, chain = open_one(now, people(3, now))
    client = client_of(county_officer)
    url = f"/sampling/rounds/{device.round}/left-out"
    assert url in client.get(f"/sampling/rounds/{device.round}").content.decode()
    page = client.get(url).content.decode()
    assert "3 people wait for a single test and are not called to rounds." in page
    assert printed(chain.tube) in page
    with acting(SYSTEM):
        assert Event.objects.get(kind="sampling.left_out_read").payload == {"people": 3}
    assert client_of(village_worker).get(url).status_code == 403
