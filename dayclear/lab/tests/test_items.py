"""Goods and surfaces, from the sampler's phone to what is done about them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from dayclear.foundation import clock
from dayclear.foundation.actors import Actor
from dayclear.foundation.decisions import Refused
from dayclear.foundation.models import Deadline
from dayclear.foundation.scope import acting
from dayclear.lab.commands import ask_correction, release_plate, sign_correction, take_in_results
from dayclear.lab.queries import newest_results
from dayclear.lab.rules.cutoffs import State, state_of
from dayclear.lab.tests.acts import COMMON, SYSTEM, laboratory, plated, readings, received
from dayclear.sampling.commands.chains import TubeResult, follow_results, write_item_step
from dayclear.sampling.commands.chains.items import ITEM_ALARM, item_alarm_subject
from dayclear.sampling.commands.retention import drop_past_days
from dayclear.sampling.models import Chain, ItemAlarm, ItemStep
from dayclear.sampling.rules.items import STEPS, is_dealt_with, may_write_item_step
from dayclear.sampling.rules.numbers import printed
from dayclear.sampling.tests.acts import COUNTY, phone

ClientOf = Callable[[Actor], Client]
NO_CELLS: dict[str, float | None] = {"ORF1ab": None, "N": None, "RNP": None}
FOUND: dict[str, float | None] = {"ORF1ab": 30.0, "N": 31.0, "RNP": None}
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("cts", "from_people", "state"),
    [
        pytest.param(NO_CELLS, True, State.INVALID, id="a swab of people without human cells proves nothing"),
        pytest.param(NO_CELLS, False, State.NEGATIVE, id="a surface needs no human cells to be negative"),
        pytest.param(FOUND, False, State.POSITIVE, id="a surface is positive by its targets"),
        pytest.param({**NO_CELLS, "N": 38.0}, False, State.SINGLE_TARGET, id="one target on a surface"),
    ],
)
def test_what_a_well_of_goods_or_a_surface_comes_to(
    cts: dict[str, float | None], from_people: bool, state: State
) -> None:
    assert state_of(COMMON, cts, from_people=from_people) is state


@pytest.mark.parametrize(
    ("state", "done", "codes"),
    [
        pytest.param("open", (), (), id="the first step"),
        pytest.param("open", ("seal", "disinfect"), (), id="the last step"),
        pytest.param("open", ("trace",), ("item_step_done",), id="the same step twice"),
        pytest.param("closed", (), ("item_alarm_over",), id="all was done"),
        pytest.param("annulled", (), ("item_alarm_over",), id="the alarm was withdrawn"),
    ],
)
def test_when_a_step_may_be_written(state: str, done: tuple[str, ...], codes: tuple[str, ...]) -> None:
    assert may_write_item_step(state, "trace", done=done).codes == codes


def test_it_is_over_with_the_last_of_the_steps() -> None:
    assert [is_dealt_with(STEPS[:count]) for count in range(4)] == [False, False, False, True]


def swabbed(now: datetime, kind: str = "goods") -> int:
    """A tube of goods, sent by a phone; its number."""
    device = phone(now)
    item = {"what": "frozen fish", "where": "stall 7"}
    answer = device.send(device.batch(now, [device.tube(now, [], kind=kind, items=[item])]), now)
    assert answer.said["accepted"]["tubes"] == 1
    return device.first


def run(now: datetime, tube: int, cts: dict[str, float | None]) -> int:
    """The tube received, plated, run and released; its plate."""
    lab = laboratory(now, area=COUNTY)
    received(lab, [tube], by=SYSTEM, now=now)
    plate = plated(lab, "P1", [tube], by=SYSTEM, now=now)
    with acting(SYSTEM):
        said = take_in_results(lab, [readings("P1", [tube], now, cts={tube: cts})], by=SYSTEM, now=now)
        assert not said.problems
        release_plate(plate, by=SYSTEM, now=now)
    return plate


def alarm_of(tube: int) -> ItemAlarm:
    with acting(SYSTEM):
        return ItemAlarm.objects.get(tube=tube)


def test_clean_goods_are_negative_though_no_human_cell_is_in_the_tube(county_officer: Actor, now: datetime) -> None:
    tube = swabbed(now)
    run(now, tube, NO_CELLS)
    with acting(county_officer):
        assert newest_results(county_officer, [tube])[tube].state == "negative"
        assert not ItemAlarm.objects.exists()


def test_positive_goods_are_dealt_with_on_pages(county_officer: Actor, client_of: ClientOf) -> None:
    now = clock.now()
    tube = swabbed(now, "environment")
    run(now, tube, FOUND)
    alarm, client = alarm_of(tube), client_of(county_officer)
    with acting(SYSTEM):
        assert not Chain.objects.exists(), "nobody is called back for goods"
        clock_running = Deadline.objects.get(subject=item_alarm_subject(alarm.pk), kind=ITEM_ALARM)
    assert (clock_running.due_at, clock_running.accountable) == (now + 8 * HOUR, COUNTY)
    page = client.get("/labs/items").content.decode()
    assert "Something was found in 1 tube and is not dealt with." in page
    assert "frozen fish" in page
    url = f"/sampling/items/{alarm.pk}"
    assert "0 of 3 steps are done." in client.get(url).content.decode()
    said = {"note": "sealed in the cold store", "people": "4"}
    for step in STEPS:
        assert client.post(f"{url}/{step}", {**said, "key": f"k-{step}"}).status_code == 302
    page = client.get(url).content.decode()
    assert "4 people handled it" in page
    assert "sealed in the cold store" in page
    alarm = alarm_of(tube)
    assert alarm.state == "closed"
    with acting(SYSTEM):
        assert not Deadline.objects.filter(subject=item_alarm_subject(alarm.pk), met_at=None).exists()
    assert "Nothing waits to be dealt with." in client.get("/labs/items").content.decode()


def test_the_alarm_is_raised_once_and_withdrawn_by_a_correction(
    make_actor: Callable[..., Actor], administrator: Actor, now: datetime
) -> None:
    tube = swabbed(now)
    plate = run(now, tube, FOUND)
    with acting(SYSTEM):
        follow_results([TubeResult(tube, "positive")], by=SYSTEM, now=now + HOUR)
        assert ItemAlarm.objects.count() == 1
        asked = ask_correction(plate, tube, "negative", "wells swapped", by=SYSTEM, now=now + HOUR)
    with acting(administrator):
        sign_correction(asked, by=administrator, now=now + HOUR)
    alarm = alarm_of(tube)
    assert (alarm.state, alarm.closed_at) == ("annulled", now + HOUR)
    with acting(SYSTEM), transaction.atomic():
        ItemAlarm.objects.create(
            area=alarm.area, tube=tube, disease="", alarm="positive", alarm_at=now, due_at=now + HOUR
        )
    with acting(SYSTEM), pytest.raises(IntegrityError), transaction.atomic():
        ItemAlarm.objects.create(
            area=alarm.area, tube=tube, disease="", alarm="positive", alarm_at=now, due_at=now + HOUR
        )


@pytest.mark.parametrize(
    ("step", "note", "people", "code"),
    [
        pytest.param("burn", "a note", None, "not_found", id="no such step"),
        pytest.param("seal", " ", None, "note_missing", id="nothing said"),
        pytest.param("trace", "a note", None, "people_missing", id="nobody counted"),
    ],
)
def test_what_is_not_written_down(
    county_officer: Actor, now: datetime, step: str, note: str, people: int | None, code: str
) -> None:
    tube = swabbed(now)
    with acting(SYSTEM):
        follow_results([TubeResult(tube, "positive")], by=SYSTEM, now=now)
    with acting(county_officer), pytest.raises(Refused, match=code):
        write_item_step(alarm_of(tube).pk, step, note=note, people=people, by=county_officer, now=now)


def test_what_was_written_goes_with_the_swabs(county_officer: Actor, now: datetime) -> None:
    tube = swabbed(now)
    with acting(SYSTEM):
        follow_results([TubeResult(tube, "positive")], by=SYSTEM, now=now)
    with acting(county_officer):
        write_item_step(alarm_of(tube).pk, "seal", note="taken away", by=county_officer, now=now)
        assert ItemStep.objects.count() == 1
    with acting(SYSTEM):
        drop_past_days(by=SYSTEM, now=now + timedelta(days=31))
        assert (ItemAlarm.objects.count(), ItemStep.objects.count()) == (0, 0)


def test_who_may_not_know_what_was_found(village_worker: Actor, client_of: ClientOf, now: datetime) -> None:
    tube = swabbed(now)
    with acting(SYSTEM):
        follow_results([TubeResult(tube, "positive")], by=SYSTEM, now=now)
    client = client_of(village_worker)
    assert client.get("/labs/items").status_code == 403
    assert client.get(f"/sampling/items/{alarm_of(tube).pk}").status_code == 403
    assert printed(tube) not in client.get("/tasks/").content.decode()
