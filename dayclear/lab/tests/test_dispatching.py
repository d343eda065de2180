"""The hour's dispatch: ready boxes to free wells, near before far, and the shortage said."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.test import Client

from dayclear.foundation.actors import Actor
from dayclear.foundation.decisions import Reason, Refused
from dayclear.foundation.models import Event
from dayclear.foundation.scope import acting
from dayclear.lab.commands import LaboratoryRecord, add_instrument, look_into_box, open_laboratory
from dayclear.lab.commands.accepting import accept_dispatch, take_back_dispatch
from dayclear.lab.commands.dispatching import make_dispatch, provinces_with_laboratories
from dayclear.lab.models import Dispatch, DispatchedBox
from dayclear.lab.rules.plates import Machine
from dayclear.lab.tests.acts import SYSTEM, VILLAGE, opened
from dayclear.sampling.commands import PointRecord, put_up_point, send_box
from dayclear.sampling.models import Box, BoxedTube, Tube

HERE, NEAR, FAR = (34.20, 108.90), (34.25, 108.95), (36.00, 112.00)


def lab_at(code: str, position: tuple[float, float], now: datetime, *, runs: int = 8) -> int:
    with acting(SYSTEM):
        made = open_laboratory(LaboratoryRecord(VILLAGE, code, code, *position), by=SYSTEM, now=now)
        add_instrument(made, "Q5", Machine(runs_per_day=runs), by=SYSTEM, now=now)
    return made


@pytest.fixture
def point(places: None, now: datetime) -> int:
    with acting(SYSTEM):
        return put_up_point(PointRecord(VILLAGE, "A", "Square", "", *HERE), by=SYSTEM, now=now)


def ready_box(tubes: list[int], point: int, now: datetime, *, age: timedelta = timedelta(hours=1)) -> UUID:
    opened(tubes, now)
    with acting(SYSTEM):
        Tube.objects.filter(number__in=tubes).update(point_id=point)
        box = Box.objects.create(
            id=uuid4(),
            area=VILLAGE,
            state="ready",
            tubes=len(tubes),
            counted=len(tubes),
            oldest_at=now - age,
            closed_at=now,
        )
        BoxedTube.objects.bulk_create(BoxedTube(tube=tube, area=VILLAGE, box=box) for tube in tubes)
    return box.pk


def dispatched(now: datetime, by: Actor = SYSTEM) -> dict[UUID, tuple[int | None, str]]:
    with acting(by):
        made = make_dispatch(by=by, now=now)
        rows = DispatchedBox.objects.filter(dispatch=made)
        return {row.box: (row.laboratory_id, row.why) for row in rows}


def test_a_box_goes_to_the_laboratory_that_is_near(point: int, now: datetime) -> None:
    lab_at("FAR", FAR, now)
    near = lab_at("NEAR", NEAR, now)
    box = ready_box(list(range(1, 21)), point, now)
    assert dispatched(now) == {box: (near, "")}
    with acting(SYSTEM):
        row = Dispatch.objects.get()
        assert (row.tubes, row.placed) == (20, 20)
        assert Event.objects.get(kind="lab.boxes_dispatched").payload["shortage"] == 0


def test_what_finds_no_free_well_is_a_shortage_and_says_so(point: int, now: datetime) -> None:
    """46 wells in the window of twelve hours: one box of forty."""
    lab_at("NEAR", NEAR, now, runs=1)
    boxes = [ready_box(list(range(n * 40 + 1, n * 40 + 41)), point, now) for n in range(3)]
    found = dispatched(now)
    assert sorted(why for _lab, why in found.values()) == ["", "no_wells", "no_wells"]
    assert set(found) == set(boxes)


@pytest.mark.parametrize(
    ("age", "why"),
    [
        pytest.param(timedelta(hours=1), "", id="young enough"),
        pytest.param(timedelta(hours=3, minutes=55), "too_far", id="too old to arrive in time"),
    ],
)
def test_a_box_that_would_be_too_old_on_arrival_is_sent_nowhere(
    point: int, now: datetime, age: timedelta, why: str
) -> None:
    lab_at("NEAR", NEAR, now)
    box = ready_box([1, 2, 3], point, now, age=age)
    assert dispatched(now)[box][1] == why


def test_a_point_without_a_position_is_named_and_an_hour_without_a_box_makes_no_round(
    places: None, now: datetime
) -> None:
    lab_at("NEAR", NEAR, now)
    with acting(SYSTEM):
        assert make_dispatch(by=SYSTEM, now=now) is None
        point = put_up_point(PointRecord(VILLAGE, "B", "Nowhere", ""), by=SYSTEM, now=now)
    box = ready_box([1, 2], point, now)
    assert dispatched(now) == {box: (None, "no_position")}


def test_what_is_on_its_way_takes_its_wells(point: int, now: datetime) -> None:
    near = lab_at("NEAR", NEAR, now, runs=1)
    first = ready_box(list(range(1, 41)), point, now)
    assert dispatched(now)[first] == (near, "")
    with acting(SYSTEM):
        Box.objects.filter(pk=first).update(state="sent", sent_at=now, destination=f"lab:{near}")
    second = ready_box(list(range(101, 141)), point, now)
    assert dispatched(now) == {second: (None, "no_wells")}


def addressed(*boxes: UUID) -> list[str]:
    with acting(SYSTEM):
        found = dict(Box.objects.values_list("pk", "destination_name"))
    return [found[box] for box in boxes]


def test_an_accepted_dispatch_stands_on_its_ready_boxes_until_it_is_taken_back(point: int, now: datetime) -> None:
    near = lab_at("NEAR", NEAR, now)
    first, second, gone = (ready_box([n, n + 1], point, now) for n in (10, 20, 30))
    with acting(SYSTEM):
        made = make_dispatch(by=SYSTEM, now=now)
        assert made is not None
        send_box(gone, destination="name:Other", destination_name="Other", counted=2, by=SYSTEM, now=now)
        assert accept_dispatch(made, by=SYSTEM, now=now) == 2
        with pytest.raises(Refused, match="dispatch_accepted"):
            accept_dispatch(made, by=SYSTEM, now=now)
    assert addressed(first, second, gone) == ["NEAR", "NEAR", "Other"]
    with acting(SYSTEM):
        assert Event.objects.get(kind="sampling.boxes_addressed").payload["boxes"] == sorted([str(first), str(second)])
        send_box(first, destination=f"lab:{near}", destination_name="NEAR", counted=2, by=SYSTEM, now=now)
        assert take_back_dispatch(made, by=SYSTEM, now=now) == 1
        with pytest.raises(Refused, match="dispatch_not_accepted"):
            take_back_dispatch(made, by=SYSTEM, now=now)
    assert addressed(first, second, gone) == ["NEAR", "", "Other"]


def test_a_dispatch_accepted_later_takes_the_place_of_the_one_before(point: int, now: datetime) -> None:
    lab_at("NEAR", NEAR, now)
    box = ready_box([1, 2], point, now)
    with acting(SYSTEM):
        before = make_dispatch(by=SYSTEM, now=now)
        assert before is not None
        accept_dispatch(before, by=SYSTEM, now=now)
        newest = make_dispatch(by=SYSTEM, now=now + timedelta(minutes=1))
        assert newest is not None
        accept_dispatch(newest, by=SYSTEM, now=now)
        with pytest.raises(Refused, match="dispatch_not_accepted"):
            take_back_dispatch(before, by=SYSTEM, now=now)
    assert addressed(box) == ["NEAR"]


def test_only_the_newest_dispatch_is_accepted_and_only_by_those_of_its_place(
    county_officer: Actor, point: int, now: datetime
) -> None:
    lab_at("NEAR", NEAR, now)
    box = ready_box([1, 2], point, now)
    with acting(SYSTEM):
        before, newest = (make_dispatch(by=SYSTEM, now=at) for at in (now, now + timedelta(minutes=1)))
        assert before is not None
        assert newest is not None
        with pytest.raises(Refused, match="dispatch_overtaken"):
            accept_dispatch(before, by=SYSTEM, now=now)
    with acting(county_officer), pytest.raises(Refused, match="not_found"):
        accept_dispatch(newest, by=county_officer, now=now)
    assert addressed(box) == [""]


def test_the_accepted_laboratory_is_filled_in_at_the_hand_over_and_another_is_told_at_its_door(
    client_of: Callable[[Actor], Client], county_officer: Actor, point: int, now: datetime
) -> None:
    near, far = lab_at("NEAR", NEAR, now), lab_at("FAR", FAR, now)
    box = ready_box([1, 2], point, now)
    with acting(county_officer):
        made = make_dispatch(by=county_officer, now=now)
    client = client_of(county_officer)
    assert f"/labs/dispatch/{made}/accept" in client.get("/labs/dispatch").content.decode()
    assert client.post(f"/labs/dispatch/{made}/accept", {"key": "a"}).status_code == 302
    assert f"/labs/dispatch/{made}/take-back" in client.get("/labs/dispatch").content.decode()
    form = client.get(f"/sampling/boxes/{box}").content.decode()
    assert f'name="destination"><option value="lab:{near}">NEAR · by the dispatch</option>' in form
    said = {"key": "s", "destination": f"lab:{near}", "destination_name": "", "counted": "2"}
    unknown = client.post(f"/sampling/boxes/{box}/send", {**said, "destination": "lab:99999"})
    assert unknown.status_code == 409
    assert client.post(f"/sampling/boxes/{box}/send", said).status_code == 302
    with acting(SYSTEM):
        row = Box.objects.get(pk=box)
        assert (row.state, row.destination, row.destination_name) == ("sent", f"lab:{near}", "NEAR")
        with pytest.raises(Refused) as refused:
            look_into_box(far, box, by=SYSTEM)
    assert refused.value.decision.reasons[0] == Reason("box_for_another_lab", {"name": "NEAR"})


def test_what_has_no_coordinates_is_listed_with_where_to_enter_them(
    client_of: Callable[[Actor], Client], county_officer: Actor, places: None, now: datetime
) -> None:
    with acting(SYSTEM):
        lab = open_laboratory(LaboratoryRecord(VILLAGE, "L", "Unplaced"), by=SYSTEM, now=now)
        nowhere = put_up_point(PointRecord(VILLAGE, "B", "Nowhere", ""), by=SYSTEM, now=now)
    box = ready_box([1, 2], nowhere, now)
    with acting(county_officer):
        make_dispatch(by=county_officer, now=now)
    client = client_of(county_officer)
    page = client.get("/labs/dispatch").content.decode()
    assert f"/sampling/boxes/{box}" in page
    assert f"/labs/{lab}#position" in page
    assert "No box is dispatched to them" in page
    assert client.post(f"/labs/{lab}/position", {"key": "x", "latitude": "91", "longitude": "0"}).status_code == 409
    assert (
        client.post(f"/labs/{lab}/position", {"key": "p", "latitude": "34.2", "longitude": "108.9"}).status_code == 302
    )
    assert f"/labs/{lab}#position" not in client.get("/labs/dispatch").content.decode()


def test_each_province_is_dispatched_by_itself(point: int, now: datetime) -> None:
    lab_at("NEAR", NEAR, now)
    box = ready_box([1, 2], point, now)
    with acting(SYSTEM):
        (province,) = provinces_with_laboratories()
    assert province.area.lo == 61 * 10**16
    assert dispatched(now, province)[box][1] == ""


def test_the_page_says_how_much_nobody_can_take(
    client_of: Callable[[Actor], Client], county_officer: Actor, point: int, now: datetime
) -> None:
    lab_at("NEAR", NEAR, now, runs=1)
    ready_box(list(range(1, 31)), point, now)
    ready_box(list(range(41, 71)), point, now)
    client = client_of(county_officer)
    assert "No box was dispatched yet." in client.get("/labs/dispatch").content.decode()
    # The boxes of this test are days old by the clock of the page: nobody can take them in time.
    assert client.post("/labs/dispatch", {"key": "k"}).status_code == 302
    assert "60 tubes have no laboratory: ask other provinces." in client.get("/labs/dispatch").content.decode()
