"""What a released tube says on its own page, on the page of each person in it, and through the API."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client

from dayclear.foundation.actors import Actor
from dayclear.foundation.models import Event
from dayclear.foundation.rules import Role
from dayclear.foundation.scope import acting
from dayclear.lab.commands import release_plate, take_in_results
from dayclear.lab.rules.cutoffs import State
from dayclear.lab.rules.persons import Meaning, meaning_of
from dayclear.lab.tests.acts import SYSTEM, laboratory, plated, readings, received
from dayclear.sampling.models import Box, BoxedTube
from dayclear.sampling.rules.numbers import printed
from dayclear.sampling.tests.acts import COUNTY, people
from dayclear.sampling.tests.tracing import closed_tube

ClientOf = Callable[[Actor], Client]
ELSEWHERE = 610302 * 10**12


@pytest.mark.parametrize(
    ("state", "persons", "lost", "meaning"),
    [
        pytest.param(None, 10, False, Meaning.AWAITED, id="nothing is out yet"),
        pytest.param(State.NEGATIVE, 10, False, Meaning.NEGATIVE_IN_POOL, id="a negative shared tube"),
        pytest.param(State.NEGATIVE, 1, False, Meaning.NEGATIVE, id="a negative tube of one"),
        pytest.param(State.POSITIVE, 10, False, Meaning.SINGLE_NEEDED, id="a positive shared tube says nothing of one"),
        pytest.param(State.SINGLE_TARGET, 2, False, Meaning.SINGLE_NEEDED, id="a grey shared tube"),
        pytest.param(State.POSITIVE, 1, False, Meaning.POSITIVE, id="a positive tube of one"),
        pytest.param(State.SINGLE_TARGET, 1, False, Meaning.AGAIN, id="one target in a tube of one"),
        pytest.param(State.INVALID, 1, False, Meaning.AWAITED, id="an invalid well is run again"),
        pytest.param(State.PLATE_REJECTED, 10, False, Meaning.AWAITED, id="a rejected plate is run again"),
        pytest.param(None, 10, True, Meaning.AGAIN, id="the tube is broken"),
        pytest.param(State.INVALID, 10, True, Meaning.AGAIN, id="broken after an invalid well"),
        pytest.param(State.NEGATIVE, 10, True, Meaning.NEGATIVE_IN_POOL, id="broken after its result"),
    ],
)
def test_what_a_tube_means_for_one_of_its_people(
    state: State | None, persons: int, lost: bool, meaning: Meaning
) -> None:
    assert meaning_of(state, persons=persons, is_lost=lost) is meaning


def examined(now: datetime, who: list[int], state: State, *, area: int = COUNTY) -> int:
    """A tube of these people, run and released; its number."""
    _device, tube = closed_tube(now - timedelta(hours=4), who)
    lab = laboratory(now, area=area)
    received(lab, [tube], by=SYSTEM, now=now)
    plate = plated(lab, "P1", [tube], by=SYSTEM, now=now)
    with acting(SYSTEM):
        take_in_results(lab, [readings("P1", [tube], now, {tube: state})], by=SYSTEM, now=now)
        release_plate(plate, by=SYSTEM, now=now)
    return tube


def test_everybody_in_a_negative_tube_is_negative_by_the_pool(
    county_officer: Actor, client_of: ClientOf, now: datetime
) -> None:
    who = people(2, now)
    tube = printed(examined(now, who, State.NEGATIVE))
    client = client_of(county_officer)
    page = client.get(f"/people/{who[0]}").content.decode()
    assert f"Swab in tube {tube}" in page
    assert "not detected in a shared tube" in page
    (told,) = client.get(f"/api/v1/people/{who[1]}/tests").json()
    assert (told["tube"], told["meaning"], told["people_in_tube"]) == (tube, "negative_in_pool", 2)
    assert told["code"] == {
        "system": "http://snomed.info/sct",
        "code": "895231008",
        "display": "Not detected in pooled specimen",
    }
    with acting(SYSTEM):
        assert Event.objects.filter(kind="people.person_opened", subject=f"people.person:{who[1]}").count() == 1


def test_in_a_positive_tube_nobody_has_a_result(county_officer: Actor, client_of: ClientOf, now: datetime) -> None:
    who = people(3, now)
    examined(now, who, State.POSITIVE)
    (told,) = client_of(county_officer).get(f"/api/v1/people/{who[0]}/tests").json()
    assert (told["meaning"], told["code"], told["tube_result"]) == ("single_needed", None, "positive")


def test_the_page_of_a_tube_tells_its_results_though_another_county_examined_it(
    county_officer: Actor, province_commander: Actor, client_of: ClientOf, now: datetime
) -> None:
    tube = printed(examined(now, people(2, now), State.NEGATIVE, area=ELSEWHERE))
    page = client_of(county_officer).get(f"/sampling/tubes/{tube}").content.decode()
    assert "a laboratory elsewhere" in page
    assert "/labs/plates/" not in page, "its plate is not in sight"
    page = client_of(province_commander).get(f"/sampling/tubes/{tube}").content.decode()
    assert "First laboratory" in page
    assert "ORF1ab — · N — · RNP 25.0" in page


def test_a_tube_on_its_way_says_how_far_it_is(county_officer: Actor, client_of: ClientOf, now: datetime) -> None:
    _device, tube = closed_tube(now, people(2, now))
    client = client_of(county_officer)
    assert "Nothing is known yet." in client.get(f"/sampling/tubes/{printed(tube)}").content.decode()


def test_whose_tube_broke_is_swabbed_again(county_officer: Actor, client_of: ClientOf, now: datetime) -> None:
    who = people(2, now)
    _device, tube = closed_tube(now, who)
    with acting(SYSTEM):
        box = Box.objects.create(
            id="00000000-0000-4000-8000-000000000001", area=COUNTY, state="ready", tubes=1, counted=1, closed_at=now
        )
        BoxedTube.objects.create(tube=tube, area=COUNTY, box=box, condition="leaked", received_at=now)
    (told,) = client_of(county_officer).get(f"/api/v1/people/{who[0]}/tests").json()
    assert told["meaning"] == "again"


def test_who_may_not_know_tests(
    village_worker: Actor, make_actor: Callable[..., Actor], client_of: ClientOf, now: datetime
) -> None:
    who = people(2, now)
    tube = printed(examined(now, who, State.NEGATIVE))
    village = client_of(village_worker)
    page = village.get(f"/people/{who[0]}")
    assert page.status_code == 200
    assert tube not in page.content.decode()
    assert village.get(f"/api/v1/people/{who[0]}/tests").status_code == 403
    other = client_of(make_actor("elsewhere", Role.OFFICER, ELSEWHERE))
    assert other.get(f"/api/v1/people/{who[0]}/tests").status_code == 404
