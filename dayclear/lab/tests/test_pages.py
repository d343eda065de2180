"""A laboratory through the browser's eyes: reception, a plate, its results, its release; quality and returns."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.test import Client

from dayclear.foundation import clock
from dayclear.foundation.actors import Actor
from dayclear.foundation.clock import local_day
from dayclear.foundation.rules import Role
from dayclear.foundation.scope import acting
from dayclear.lab.commands import measure_day, open_returns, take_in_results
from dayclear.lab.models import Assay, Laboratory, LabReturn, Plate, QualityAlarm, QualityPoint, ReceivedTube
from dayclear.lab.queries import newest_results
from dayclear.lab.rules.cutoffs import State
from dayclear.lab.tests.acts import SYSTEM, VILLAGE, common_assay, laboratory, opened, plated, readings, received
from dayclear.sampling.models import Box, BoxedTube
from dayclear.sampling.rules.numbers import printed

ClientOf = Callable[[Actor], Client]
TUBES = list(range(1, 11))
ELSEWHERE = 610103001001 * 10**6


@pytest.fixture
def worker(make_actor: Callable[[str, Role, int], Actor]) -> Actor:
    return make_actor("lab-worker", Role.LAB_WORKER, VILLAGE)


@pytest.fixture
def second(make_actor: Callable[[str, Role, int], Actor]) -> Actor:
    return make_actor("second-lab-worker", Role.LAB_WORKER, VILLAGE)


def words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def sent_box(lab: int, now: datetime, *, area: int = ELSEWHERE, destination: str = "") -> str:
    """A box of ten tubes from another county, on its way."""
    box = uuid4()
    opened(TUBES, now, area=area)
    with acting(SYSTEM):
        row = Box.objects.create(
            id=box,
            area=area,
            state="sent",
            tubes=10,
            counted=10,
            closed_at=now - timedelta(hours=1),
            sent_at=now,
            due_at=now + timedelta(hours=2),
            destination=destination or f"lab:{lab}",
            destination_name="First laboratory",
        )
        BoxedTube.objects.bulk_create(BoxedTube(tube=number, area=area, box=row) for number in TUBES)
    return str(box)


def test_a_box_from_another_county_is_looked_into_signed_for_and_its_tubes_wait(
    client_of: ClientOf, worker: Actor
) -> None:
    now = clock.now()
    lab = laboratory(now)
    box = sent_box(lab, now)
    client = client_of(worker)
    assert f"?box={box}" in client.get(f"/labs/{lab}").content.decode()
    page = client.get(f"/labs/{lab}/receive?box={box}").content.decode()
    assert all(printed(number) in page for number in TUBES)
    labels = [printed(number) for number in TUBES]
    form = {
        "box": box,
        "key": "k1",
        "tube": labels,
        "condition": ["good"] * 8 + ["leaked", "missing"],
        "counted": "9",
    }
    for _sent_twice in range(2):
        assert client.post(f"/labs/{lab}/receive", form).status_code == 302
    with acting(SYSTEM):
        assert (ReceivedTube.objects.count(), ReceivedTube.objects.filter(condition="good").count()) == (9, 8)
        row = Box.objects.get(pk=box)
        assert (row.state, row.received_count) == ("received", 9)
    assert "8 tubes wait." in words(client.get(f"/labs/{lab}").content.decode())


@pytest.mark.parametrize(
    ("said", "goes_to"),
    [
        pytest.param({"destination": "lab:{here}"}, "lab:{here}", id="one of the own places, chosen"),
        pytest.param({"destination_name": "far-9"}, "lab:{far}", id="one of another county, by its code"),
        pytest.param({"destination_name": "Far laboratory"}, "lab:{far}", id="one of another county, by its name"),
        pytest.param({"destination_name": "island-3"}, "name:island-3", id="one of another province stays a name"),
        pytest.param({"destination": "lab:{far}"}, "", id="one that was not offered"),
        pytest.param({"destination_name": " "}, "", id="nowhere"),
    ],
)
def test_a_box_is_handed_over_to_a_laboratory(
    client_of: ClientOf, county_officer: Actor, said: dict[str, str], goes_to: str
) -> None:
    now = clock.now()
    labs = {
        "here": laboratory(now),
        "far": laboratory(now, area=ELSEWHERE, code="FAR-9", name="Far laboratory"),
        "island": laboratory(now, area=460105001001 * 10**6, code="ISLAND-3", name="Island laboratory"),
    }
    box = sent_box(0, now, area=VILLAGE)
    with acting(SYSTEM):
        Box.objects.filter(pk=box).update(state="ready", destination="", destination_name="", sent_at=None)
    client = client_of(county_officer)
    page = client.get(f"/sampling/boxes/{box}").content.decode()
    assert f'<option value="lab:{labs["here"]}">First laboratory' in page
    assert "Far laboratory" not in page
    form = {name: text.format(**labs) for name, text in said.items()}
    answer = client.post(f"/sampling/boxes/{box}/send", {**form, "key": "s", "counted": "10"})
    assert answer.status_code == (302 if goes_to else 409)
    with acting(SYSTEM):
        assert Box.objects.get(pk=box).destination == goes_to.format(**labs)


def test_a_box_for_another_laboratory_and_a_code_that_is_no_box(client_of: ClientOf, worker: Actor) -> None:
    now = clock.now()
    lab = laboratory(now)
    box = sent_box(lab, now, destination="lab:999")
    client = client_of(worker)
    refused = client.get(f"/labs/{lab}/receive?box={box}")
    assert refused.status_code == 409
    assert "This box was sent to First laboratory" in refused.content.decode()
    assert "is no box number" in client.get(f"/labs/{lab}/receive?box=abc").content.decode()


def test_a_plate_is_made_up_entered_by_hand_and_released_by_another(
    client_of: ClientOf, worker: Actor, second: Actor
) -> None:
    now = clock.now()
    lab, assay = laboratory(now), common_assay(now)
    opened(TUBES, now)
    received(lab, TUBES, by=worker, now=now)
    one, other = client_of(worker), client_of(second)
    scanned = "\n".join(printed(number) for number in TUBES)
    form = {"key": "k1", "code": "P1", "wells": "96", "controls": "4", "assay": str(assay), "tubes": scanned}
    made = [one.post(f"/labs/{lab}/plates/new", form).headers["Location"] for _sent_twice in range(2)]
    assert made[0] == made[1]
    page = one.get(made[0]).content.decode()
    assert page.count('"><i class="well well-waiting">') == 10
    assert page.count('"><i class="well well-control">') == 4
    start = clock.now().astimezone(clock.local_zone()) - timedelta(hours=2)
    results: dict[str, str] = {
        "key": "k2",
        "instrument": "Q5",
        "started_at": f"{start:%Y-%m-%dT%H:%M}",
        "ended_at": f"{start + timedelta(minutes=95):%Y-%m-%dT%H:%M}",
        "curves": "10",
    }
    for index in range(10):
        results[f"ct-{index}-2"] = "25.1"
    results |= {"ct-2-0": "24.5", "ct-2-1": "25.5", "ct-94-0": "27", "ct-94-1": "27", "ct-95-0": "27", "ct-95-1": "27"}
    assert "positive control" in one.get(f"{made[0]}/results").content.decode()
    assert one.post(f"{made[0]}/results", results).status_code == 302
    said = words(one.get(made[0]).content.decode())
    assert "waits for a second signature" in said
    assert "Nobody signs what they entered" in said
    assert one.post(f"{made[0]}/release", {"key": "k3"}).status_code == 409
    assert other.post(f"{made[0]}/release", {"key": "k3"}).status_code == 302
    with acting(SYSTEM):
        assert newest_results(SYSTEM, [3])[3].state == "positive"
    page = one.get(made[0]).content.decode()
    assert page.count('well well-positive">P</i></td>') == 1


def test_results_by_hand_that_cannot_be_are_refused_with_their_reasons(client_of: ClientOf, worker: Actor) -> None:
    now = clock.now()
    lab = laboratory(now)
    opened(TUBES, now)
    received(lab, TUBES, by=worker, now=now)
    plate = plated(lab, "P1", TUBES, by=worker, now=now)
    refused = client_of(worker).post(f"/labs/plates/{plate}/results", {"instrument": "Q9", "ct-0-0": "99"})
    assert refused.status_code == 409
    said = refused.content.decode()
    assert "no machine called Q9" in said
    assert "when its run started" in said
    assert "Undetermined" in said


def test_tubes_that_are_no_numbers_or_too_many_come_back_in_the_form(client_of: ClientOf, worker: Actor) -> None:
    now = clock.now()
    lab, assay = laboratory(now), common_assay(now)
    form = {"key": "k", "code": "P1", "wells": "96", "controls": "4", "assay": str(assay)}
    client = client_of(worker)
    wrong = client.post(f"/labs/{lab}/plates/new", {**form, "tubes": "DC0000000001A nonsense"})
    assert (wrong.status_code, "No tube number" in wrong.content.decode()) == (422, True)
    many = " ".join(printed(number) for number in range(93))
    assert (
        "93 tubes do not fit into 92 wells"
        in client.post(f"/labs/{lab}/plates/new", {**form, "tubes": many}).content.decode()
    )


def test_a_correction_is_asked_signed_and_seen_on_the_plate(client_of: ClientOf, worker: Actor, second: Actor) -> None:
    now = clock.now()
    lab = laboratory(now)
    opened(TUBES, now)
    received(lab, TUBES, by=worker, now=now)
    plate = plated(lab, "P1", TUBES, by=worker, now=now)
    with acting(worker):
        take_in_results(lab, [readings("P1", TUBES, now)], by=worker, now=now)
    one, other = client_of(worker), client_of(second)
    other.post(f"/labs/plates/{plate}/release", {})
    asked = {"tube": "2", "wanted": "positive", "reason": "A1 and A2 were swapped"}
    assert one.post(f"/labs/plates/{plate}/correct", asked).status_code == 302
    page = other.get(f"/labs/plates/{plate}").content.decode()
    number = re.search(r"/labs/corrections/(\d+)/sign", page)
    assert number is not None
    assert f"/labs/corrections/{number[1]}/sign" not in one.get(f"/labs/plates/{plate}").content.decode()
    assert other.post(f"/labs/corrections/{number[1]}/sign", {}).status_code == 302
    again = {"tube": "5", "reason": "a bubble"}
    assert one.post(f"/labs/plates/{plate}/again", again).status_code == 302
    with acting(SYSTEM):
        assert newest_results(SYSTEM, [2])[2].state == "positive"
        assert ReceivedTube.objects.get(plate_id=None).tube == 5


def test_a_plate_is_rejected_with_a_reason(client_of: ClientOf, worker: Actor) -> None:
    now = clock.now()
    lab = laboratory(now)
    opened(TUBES, now)
    received(lab, TUBES, by=worker, now=now)
    plate = plated(lab, "P1", TUBES, by=worker, now=now)
    client = client_of(worker)
    assert client.post(f"/labs/plates/{plate}/reject", {"reason": " "}).status_code == 409
    assert client.post(f"/labs/plates/{plate}/reject", {"reason": "spilt"}).status_code == 302
    with acting(SYSTEM):
        assert Plate.objects.get(pk=plate).reject_reason == "spilt"


def test_a_laboratory_is_opened_with_its_machine_by_an_officer_and_by_nobody_else(
    client_of: ClientOf, county_officer: Actor, worker: Actor
) -> None:
    client = client_of(county_officer)
    form = {"key": "k1", "name": "New laboratory", "code": "N-1", "place": str(VILLAGE)}
    opened_at = client.post("/labs/new", form).headers["Location"]
    machine = {"key": "k2", "code": "Q7", "wells": "384", "controls": "16", "runs_per_day": "6"}
    assert client.post(f"{opened_at}/machines", machine).status_code == 302
    page = client.get(opened_at).content.decode()
    assert "384 wells, 16 controls, 6 runs a day" in page
    number = re.search(r"/labs/machines/(\d+)/end", page)
    assert number is not None
    assert client.post(f"/labs/machines/{number[1]}/end", {}).status_code == 302
    assert client.post("/labs/new", {**form, "key": "k9", "place": str(ELSEWHERE)}).status_code == 422
    assert client_of(worker).get("/labs/new").status_code == 403
    with acting(SYSTEM):
        assert Laboratory.objects.get().instruments.filter(ended_at=None).count() == 0


def test_only_the_whole_installation_enters_cut_offs(
    client_of: ClientOf, county_officer: Actor, administrator: Actor
) -> None:
    form = {
        "key": "k1",
        "code": "kit",
        "name": "A kit",
        "version": "3",
        "disease": "covid-19",
        "cycles": "40",
        "source": "leaflet, edition 3",
        "code-0": "ORF1ab",
        "below-0": "37",
        "grey-0": "40",
        "code-1": "RNP",
        "below-1": "38",
        "inclusive-1": "yes",
        "control-1": "yes",
    }
    assert client_of(county_officer).post("/labs/assays", form).status_code in (403, 409)
    client = client_of(administrator)
    # The form posts one `code` for the assay and `code-0`… for its targets.
    assert client.post("/labs/assays", form).status_code == 302
    page = client.get("/labs/assays").content.decode()
    assert "leaflet, edition 3" in page
    with acting(SYSTEM):
        row = Assay.objects.get()
        assert [
            (t.code, t.positive_below, t.grey_to, t.inclusive, t.control) for t in row.targets.order_by("position")
        ] == [
            ("ORF1ab", 37.0, 40.0, False, False),
            ("RNP", 38.0, 38.0, True, True),
        ]
    assert client.post(f"/labs/assays/{row.pk}/end", {}).status_code == 302
    assert "out of use" in client.get("/labs/assays").content.decode()


def test_an_alarm_and_the_charts_behind_it(client_of: ClientOf, county_officer: Actor, worker: Actor) -> None:
    now = clock.now()
    lab = laboratory(now)
    opened(TUBES, now)
    received(lab, TUBES, by=worker, now=now)
    plated(lab, "P1", TUBES, by=worker, now=now)
    with acting(worker):
        take_in_results(lab, [readings("P1", TUBES, now, {3: State.POSITIVE}, curves=4)], by=worker, now=now)
    with acting(SYSTEM):
        measure_day(local_day(now), by=SYSTEM, now=now)
        QualityPoint.objects.create(
            laboratory_id=lab,
            instrument_id=0,
            assay_id=1,
            area=VILLAGE,
            chart="positivity",
            day=local_day(now),
            value=0.4,
            expected=0.1,
            low=0.05,
            high=0.15,
            score=9.0,
            measured_at=now,
        )
        alarm = QualityAlarm.objects.get(kind="curves_short").pk
    client = client_of(county_officer)
    page = client.get("/labs/quality").content.decode()
    assert "plate P1: 4 curves, 10 wells" in page
    drawn = client.get("/labs/quality/chart.json?chart=positivity")
    assert '"outside"' in drawn.content.decode()
    assert client.get("/labs/quality/chart.csv?chart=positivity").content.decode().count("First laboratory") == 1
    assert client.get("/labs/quality/chart.csv?chart=nothing").status_code == 404
    answer = {"answer": "three tubes in each well", "confirmed": "yes"}
    assert client.post(f"/labs/quality/alarms/{alarm}", answer).status_code == 302
    assert "three tubes in each well" in client.get("/labs/quality?state=confirmed").content.decode()
    assert client_of(worker).post(f"/labs/quality/alarms/{alarm}", answer).status_code == 403


def test_a_return_is_asked_for_sent_and_shown_beside_the_record(client_of: ClientOf, worker: Actor) -> None:
    now = clock.now()
    laboratory(now - timedelta(hours=9))
    with acting(SYSTEM):
        assert open_returns(by=SYSTEM, now=now) == 1
        owed = LabReturn.objects.get()
    client = client_of(worker)
    assert f"/labs/returns/{owed.pk}/send" in client.get("/labs/returns").content.decode()
    form = {"received": "5", "plated": "0", "reported": "0", "free": "92", "note": "no reagent"}
    assert client.post(f"/labs/returns/{owed.pk}/send", {**form, "free": "many"}).status_code == 409
    assert client.post(f"/labs/returns/{owed.pk}/send", form).status_code == 302
    said = words(client.get("/labs/returns").content.decode())
    assert "5 / 0" in said
    assert "differs: received no reagent" in said


def test_the_list_says_what_waits(client_of: ClientOf, worker: Actor) -> None:
    now = clock.now()
    lab = laboratory(now - timedelta(hours=9))
    opened(TUBES, now)
    received(lab, TUBES, by=worker, now=now)
    client = client_of(worker)
    assert "10 tubes wait" in words(client.get("/labs/").content.decode())
    assert client.get("/labs/assays").status_code == 200
