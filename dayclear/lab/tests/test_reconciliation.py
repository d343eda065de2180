"""Tubes followed from the table to the report, and the counts that say where they are."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from dayclear.foundation import clock
from dayclear.foundation.actors import Actor
from dayclear.foundation.models import Event
from dayclear.foundation.rules import Role
from dayclear.foundation.scope import acting
from dayclear.lab.commands import reject_plate, release_plate, take_in_results
from dayclear.lab.commands.locating import locate_tubes
from dayclear.lab.commands.placing import place_tubes
from dayclear.lab.models import TubeFlow, TubeStage
from dayclear.lab.reactions import locate_a_reception, locate_what_was_boxed, locate_what_was_plated
from dayclear.lab.reconciliation import (
    Chosen,
    left_behind,
    limits,
    lines,
    tubes_waiting,
    unboxed,
    unboxed_tubes,
    whole,
)
from dayclear.lab.rules.cutoffs import State
from dayclear.lab.rules.reconciliation import STAGES
from dayclear.lab.tests.acts import COUNTY, SYSTEM, laboratory, plated, readings, received
from dayclear.sampling.commands import cancel_box, close_box, open_box, pack_tubes, receive_box, send_box
from dayclear.sampling.rules.numbers import parsed, printed
from dayclear.sampling.tests.acts import VILLAGE, people, phone, tokens

pytestmark = pytest.mark.usefixtures("places")


@dataclass
class Day:
    """Three tubes closed by one device, the first two of them packed into a box."""

    lab: int
    device: int
    point: int
    tubes: list[int]
    box: UUID
    officer: Actor
    worker: Actor
    second: Actor
    now: datetime

    def chosen(self, **only: int) -> Chosen:
        return Chosen(self.now - timedelta(hours=12), self.now + timedelta(hours=1), **only)

    def counts(self) -> list[int]:
        """Closed, boxed, sent, received, plated, measured, reported; every event so far played."""
        play()
        with acting(self.officer):
            line = whole(self.officer, self.chosen())
        return [line.counts[stage] for stage in STAGES]

    def send(self) -> None:
        with acting(self.officer):
            to = f"lab:{self.lab}"
            send_box(self.box, destination=to, destination_name="Lab", counted=2, by=self.officer, now=self.now)

    def receive(self) -> None:
        conditions = dict.fromkeys(self.tubes[:2], "good")
        with acting(self.worker):
            receive_box(self.box, conditions, counted=2, by=self.worker, now=self.now, at=f"lab:{self.lab}")
        received(self.lab, self.tubes[:2], by=self.worker, now=self.now)

    def run(self, curves: int | None = -1, states: dict[int, State] | None = None) -> int:
        plate = plated(self.lab, "P1", self.tubes[:2], by=self.worker, now=self.now)
        said = readings("P1", self.tubes[:2], self.now, states, curves=curves)
        with acting(self.worker):
            take_in_results(self.lab, [said], by=self.worker, now=self.now)
        return plate


_BOXES = ("sampling.box_closed", "sampling.box_sent", "sampling.box_received", "sampling.box_cancelled")
_PLATES = (
    *("lab.plate_made_up", "lab.plate_entered", "lab.plate_released", "lab.plate_rejected"),
    "lab.result_corrected",
)


def play(events: Iterable[Event] | None = None) -> None:
    """What the worker does with the events: all of them, or those given."""
    with acting(SYSTEM):
        for event in events or Event.objects.order_by("ordinal"):
            if event.kind in _BOXES:
                locate_what_was_boxed([event])
            elif event.kind in _PLATES:
                locate_what_was_plated([event])
            elif event.kind == "lab.tubes_received":
                locate_a_reception(event)


@pytest.fixture
def day(county_officer: Actor, make_actor: Callable[..., Actor], now: datetime) -> Day:
    return _day(county_officer, make_actor, now)


@pytest.fixture
def today(county_officer: Actor, make_actor: Callable[..., Actor]) -> Day:
    """By the real clock: what a page shows."""
    return _day(county_officer, make_actor, clock.now())


def _day(county_officer: Actor, make_actor: Callable[..., Actor], now: datetime) -> Day:
    lab = laboratory(now)
    device, who = phone(now), people(1, now)
    sent = [device.tube(now, tokens(who)) for _ in range(3)]
    device.send(device.batch(now, sent), now)
    numbers = [parsed(tube["number"]) or 0 for tube in sent]
    with acting(county_officer):
        box = open_box(VILLAGE, by=county_officer, now=now)
        pack_tubes(box, [tube["number"] for tube in sent[:2]], by=county_officer, now=now)
        close_box(box, 2, by=county_officer, now=now)
    worker, second = (make_actor(f"lab-worker-{n}", Role.LAB_WORKER, COUNTY) for n in range(2))
    return Day(lab, device.id, device.point, numbers, box, county_officer, worker, second, now)


def test_tubes_are_counted_at_every_stage_they_have_reached(day: Day) -> None:
    assert day.counts() == [3, 2, 0, 0, 0, 0, 0]
    day.send()
    assert day.counts() == [3, 2, 2, 0, 0, 0, 0]
    day.receive()
    assert day.counts() == [3, 2, 2, 2, 0, 0, 0]
    plate = day.run()
    assert day.counts() == [3, 2, 2, 2, 2, 2, 0]
    with acting(day.second):
        release_plate(plate, by=day.second, now=day.now)
    assert day.counts() == [3, 2, 2, 2, 2, 2, 2]


@pytest.mark.parametrize("seed", range(4))
def test_played_twice_and_in_any_order_the_counts_are_those_of_the_tubes(day: Day, seed: int) -> None:
    day.send()
    day.receive()
    day.run()
    with acting(SYSTEM):
        events = [*Event.objects.all(), *Event.objects.all()]
        random.Random(seed).shuffle(events)
        play(events)
        stages = Counter(TubeStage.objects.filter(stage__gt=0).values_list("device_id", "laboratory_id", "stage"))
        flow = TubeFlow.objects.exclude(tubes=0).values_list("device_id", "laboratory_id", "stage", "tubes")
        assert {row[:3]: row[3] for row in flow} == dict(stages) == {(day.device, day.lab, 4): 2}


def test_a_cancelled_box_gives_its_tubes_back_to_the_table(day: Day) -> None:
    assert day.counts()[1] == 2
    with acting(day.officer):
        cancel_box(day.box, reason="wet", by=day.officer, now=day.now)
    assert day.counts() == [3, 0, 0, 0, 0, 0, 0]


def test_a_rejected_plate_puts_its_tubes_back_into_the_queue(day: Day) -> None:
    day.send()
    day.receive()
    plate = day.run()
    with acting(day.second):
        reject_plate(plate, "dropped", by=day.second, now=day.now)
    assert day.counts() == [3, 2, 2, 2, 0, 0, 0]


def test_a_tube_received_without_a_box_is_in_the_laboratory_all_the_same(day: Day) -> None:
    received(day.lab, day.tubes[2:], by=day.worker, now=day.now)
    assert day.counts() == [3, 3, 1, 1, 0, 0, 0]


def test_an_invalid_result_is_no_report(day: Day) -> None:
    day.send()
    day.receive()
    plate = day.run(states={day.tubes[0]: State.INVALID})
    with acting(day.second):
        release_plate(plate, by=day.second, now=day.now)
    assert day.counts() == [3, 2, 2, 2, 1, 1, 1]


def test_fewer_curves_than_wells_are_a_gap_at_the_machine(day: Day) -> None:
    day.send()
    day.receive()
    day.run(curves=1)
    assert day.counts() == [3, 2, 2, 2, 2, 1, 0]
    with acting(day.officer):
        (missing,) = tubes_waiting(day.officer, day.chosen(), "plated")
    assert missing.tube == day.tubes[1]


def test_a_tube_received_before_its_phone_had_a_network_is_followed_afterwards(
    day: Day, county_officer: Actor, now: datetime
) -> None:
    device, who = phone(now, point=day.point), people(1, now)
    late = device.tube(now, tokens(who))
    number = parsed(late["number"]) or 0
    received(day.lab, [number], by=day.worker, now=now)
    with acting(SYSTEM):
        locate_tubes([number])
        assert not TubeStage.objects.filter(tube=number).exists()
    device.send(device.batch(now, [late]), now)
    with acting(SYSTEM):
        place_tubes(by=SYSTEM, now=now)
        assert TubeStage.objects.get(tube=number).stage == 3


@pytest.mark.parametrize("by", ["hour", "point", "device"])
def test_lines_say_where_the_gap_is_how_old_and_whose(day: Day, by: str) -> None:
    day.send()
    play()
    key = {"hour": day.now - timedelta(hours=1), "point": day.point, "device": day.device}[by]
    with acting(day.officer):
        (line,) = lines(day.officer, day.chosen(), by)  # type: ignore[arg-type]  # the cases are its literals
    assert line.key == key
    assert [(gap.after, gap.missing_at, gap.tubes, gap.owner) for gap in line.gaps] == [
        ("closed", "boxed", 1, "point"),
        ("sent", "received", 2, "sender"),
    ]
    assert [gap.since for gap in line.gaps] == [day.now - timedelta(hours=1)] * 2
    assert [gap.is_late(day.now + timedelta(hours=2), limits()) for gap in line.gaps] == [False, False]
    assert [gap.is_late(day.now + timedelta(hours=4), limits()) for gap in line.gaps] == [True, True]


def test_a_laboratory_is_counted_from_what_was_sent_to_it(day: Day) -> None:
    day.send()
    play()
    with acting(day.officer):
        (line,) = lines(day.officer, day.chosen(), "laboratory")
    assert (line.key, dict(line.counts)) == (
        day.lab,
        {"sent": 2, "received": 0, "plated": 0, "measured": 0, "reported": 0},
    )


def test_every_gap_has_its_tubes(day: Day) -> None:
    day.send()
    play()
    with acting(day.officer):
        waiting = [row.tube for row in tubes_waiting(day.officer, day.chosen(), "sent").order_by("hour", "tube")]
        (table,) = unboxed(day.officer, day.chosen())
        elsewhere = tubes_waiting(day.officer, day.chosen(laboratory=day.lab + 1), "sent").exists()
    assert waiting == day.tubes[:2]
    assert (table.device, table.point, table.tubes) == (day.device, day.point, 1)
    assert not elsewhere


def test_a_tube_on_the_table_is_named(day: Day) -> None:
    day.send()
    play()
    with acting(day.officer):
        tables = unboxed(day.officer, day.chosen())
        assert unboxed_tubes(day.officer, tables) == [day.tubes[2:]]
        assert unboxed_tubes(day.officer, []) == []


def test_a_laboratory_is_late_a_day_after_the_swabs(day: Day) -> None:
    day.send()
    received(day.lab, day.tubes[:2], by=day.worker, now=day.now)
    play()
    with acting(day.officer):
        gap = next(gap for gap in whole(day.officer, day.chosen()).gaps if gap.after == "received")
    closed = day.now - timedelta(hours=1)
    assert [gap.is_late(closed + timedelta(hours=hours), limits()) for hours in (24, 25)] == [False, True]


def test_what_was_closed_before_the_hours_shown_is_not_forgotten(day: Day) -> None:
    day.send()
    play()
    closed = day.now - timedelta(hours=1)
    with acting(day.officer):
        assert left_behind(day.officer, day.now) == (2, closed)
        assert left_behind(day.officer, closed) == (0, None)


def test_another_place_sees_nothing_of_it(day: Day, make_actor: Callable[..., Actor]) -> None:
    day.send()
    play()
    stranger = make_actor("other-officer", Role.OFFICER, 610103 * 10**12)
    with acting(stranger):
        assert set(whole(stranger, day.chosen()).counts.values()) == {0}
        assert lines(stranger, day.chosen(), "point") == []
        assert not tubes_waiting(stranger, day.chosen(), "sent").exists()


def test_tubes_closed_outside_the_hours_are_not_counted(day: Day) -> None:
    earlier = Chosen(day.now - timedelta(days=2), day.now - timedelta(days=1))
    with acting(day.officer):
        assert set(whole(day.officer, earlier).counts.values()) == {0}


ClientOf = Callable[[Actor], Client]


def _shown(client: Client, name: str, *args: str, **query: str) -> tuple[int, str]:
    answer = client.get(reverse(f"lab:{name}", args=args), query, headers={"accept-language": "en"})
    return answer.status_code, " ".join(answer.content.decode().split())


@pytest.mark.parametrize("by", ["hour", "laboratory", "point", "device"])
def test_the_page_shows_the_strip_and_its_lines(today: Day, client_of: ClientOf, by: str) -> None:
    today.send()
    play()
    client = client_of(today.officer)
    with CaptureQueriesContext(connection) as asked:
        status, page = _shown(client, "reconciliation", by=by)
    assert status == 200
    statements = [query["sql"] for query in asked.captured_queries if "SAVEPOINT" not in query["sql"]]
    assert len(statements) <= 10, "\n".join(statements)
    assert [
        text for text in ("3 tubes are on their way; none is late.", "1 missing", "2 missing") if text not in page
    ] == []
    if by != "hour":
        assert {"laboratory": "First laboratory", "point": "Square", "device": "Phone"}[by] in page


@pytest.mark.parametrize(
    ("after", "texts"),
    [
        pytest.param("closed", ["Closed and in no box", "Phone", "Square", "Age"], id="on the table"),
        pytest.param("sent", ["Sent and not received", "First laboratory", "whoever sent it"], id="on the road"),
        pytest.param("plated", ["Nothing is missing here."], id="no gap"),
    ],
)
def test_a_gap_lists_its_tubes(today: Day, client_of: ClientOf, after: str, texts: list[str]) -> None:
    today.send()
    play()
    status, page = _shown(client_of(today.officer), "gap", after)
    assert status == 200
    assert [text for text in texts if text not in page] == []
    assert [printed(tube) in page for tube in today.tubes] == [after == "sent", after == "sent", after == "closed"]


@pytest.mark.parametrize(
    ("args", "query", "status"),
    [
        pytest.param((), {"by": "colour"}, 409, id="by colour"),
        pytest.param((), {"hours": "7"}, 409, id="hours nobody offers"),
        pytest.param((), {"point": "x"}, 409, id="no number"),
        pytest.param(("reported",), {}, 404, id="nothing comes after a report"),
    ],
)
def test_a_wrong_address_is_refused(
    county_officer: Actor, client_of: ClientOf, args: tuple[str, ...], query: dict[str, str], status: int
) -> None:
    name = "gap" if args else "reconciliation"
    assert _shown(client_of(county_officer), name, *args, **query)[0] == status


def test_a_village_worker_sees_no_laboratory(village_worker: Actor, client_of: ClientOf) -> None:
    assert _shown(client_of(village_worker), "reconciliation")[0] == 403
