"""A tube through a laboratory: what is written, what is told, what is refused, what happens at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from dayclear.foundation.actors import Actor
from dayclear.foundation.decisions import Refused
from dayclear.foundation.models import Event
from dayclear.foundation.rules import Role
from dayclear.foundation.scope import acting
from dayclear.lab.commands import (
    ask_correction,
    examine_again,
    plate_tubes,
    receive_tubes,
    reject_plate,
    release_plate,
    release_plates,
    sign_correction,
    take_in_results,
)
from dayclear.lab.commands import results as taking_in
from dayclear.lab.commands.placing import place_tubes
from dayclear.lab.models import LabHour, Plate, ReceivedTube, Result
from dayclear.lab.queries import newest_results
from dayclear.lab.rules.cutoffs import WELL_STATES, State, after_retest
from dayclear.lab.tests.acts import (
    SYSTEM,
    VILLAGE,
    common_assay,
    laboratory,
    layout,
    opened,
    plate_of,
    plated,
    readings,
    received,
)

TUBES = list(range(1001, 1011))
OTHER_VILLAGE = 610113001002 * 10**6
ELSEWHERE = 610103001001 * 10**6


@pytest.fixture
def worker(make_actor: Callable[[str, Role, int], Actor]) -> Actor:
    return make_actor("lab-worker", Role.LAB_WORKER, VILLAGE)


@pytest.fixture
def second(make_actor: Callable[[str, Role, int], Actor]) -> Actor:
    return make_actor("second-lab-worker", Role.LAB_WORKER, VILLAGE)


@pytest.fixture
def lab(worker: Actor, now: datetime) -> int:
    opened(TUBES, now)
    made = laboratory(now)
    received(made, TUBES, by=worker, now=now)
    return made


@pytest.fixture
def plate(lab: int, worker: Actor, now: datetime) -> int:
    return plated(lab, "P1", TUBES, by=worker, now=now)


def run(lab: int, worker: Actor, now: datetime, states: dict[int, State] | None = None, code: str = "P1") -> None:
    with acting(worker):
        taken = take_in_results(lab, [readings(code, TUBES, now, states)], by=worker, now=now)
    assert not taken.problems


def reported(tubes: list[int] = TUBES) -> dict[int, tuple[str, int]]:
    with acting(SYSTEM):
        return {row.tube: (row.state, row.version) for row in newest_results(SYSTEM, tubes).values()}


def codes(refused: pytest.ExceptionInfo[Refused]) -> tuple[str, ...]:
    return refused.value.decision.codes


def test_a_plate_of_ten_from_reception_to_release(
    lab: int, plate: int, worker: Actor, second: Actor, now: datetime
) -> None:
    run(lab, worker, now, {1003: State.POSITIVE, 1004: State.SINGLE_TARGET, 1005: State.INVALID})
    assert reported() == {}, "nothing is out before a second person has signed"
    with acting(second):
        release_plate(plate, by=second, now=now)
    expected = dict.fromkeys(TUBES, ("negative", 1)) | {
        1003: ("positive", 1),
        1004: ("single_target", 1),
        1005: ("invalid", 1),
    }
    assert reported() == expected
    with acting(SYSTEM):
        told = Event.objects.get(kind="lab.plate_released")
        assert (told.payload["positive"], told.payload["single_target"]) == ([1003], [1004])
        assert told.payload["counts"] == {"invalid": 1, "negative": 7, "positive": 1, "single_target": 1}
        assert told.subject == f"lab.plate:{plate}"
        waiting = ReceivedTube.objects.filter(plate_id=None).values_list("tube", flat=True)
        assert list(waiting) == [1005], "a tube without a valid result is examined again"
        hour = LabHour.objects.get()
        assert (hour.received, hour.plated, hour.run, hour.curves, hour.reported) == (10, 10, 10, 10, 10)
        assert Result.objects.get(tube=1003).cts == [24.0, 25.0, 25.5]


def test_a_tube_examined_again_gets_a_new_version_and_one_target_twice_is_positive(
    lab: int, plate: int, worker: Actor, second: Actor, now: datetime
) -> None:
    run(lab, worker, now, {1004: State.SINGLE_TARGET, 1005: State.INVALID})
    with acting(second):
        release_plate(plate, by=second, now=now)
    with acting(worker):
        examine_again(plate, 1004, "one target", by=worker, now=now)
    again = plated(lab, "P2", [1004, 1005], by=worker, now=now)
    later = now + timedelta(hours=3)
    with acting(worker):
        said = readings("P2", [1004, 1005], later, {1004: State.SINGLE_TARGET})
        take_in_results(lab, [said], by=worker, now=later)
    with acting(second):
        release_plate(again, by=second, now=later)
    assert reported([1004, 1005]) == {1004: ("positive", 2), 1005: ("negative", 2)}


def test_whoever_entered_results_does_not_release_them(lab: int, plate: int, worker: Actor, now: datetime) -> None:
    run(lab, worker, now)
    with pytest.raises(Refused) as refused, acting(worker):
        release_plate(plate, by=worker, now=now)
    assert codes(refused) == ("released_by_another",)
    with pytest.raises(IntegrityError), transaction.atomic(), acting(SYSTEM):
        Plate.objects.filter(pk=plate).update(state="released", released_at=now, released_by=worker.user_id)


def test_controls_that_fail_hold_the_whole_plate_and_its_tubes_are_plated_anew(
    lab: int, plate: int, worker: Actor, second: Actor, now: datetime
) -> None:
    said = readings("P1", TUBES, now)
    bad = tuple(each if each.tube else type(each)(each.well, "", {**each.cts, "N": 30.0}) for each in said.readings)
    with acting(worker):
        take_in_results(lab, [type(said)(**{**_fields(said), "readings": bad})], by=worker, now=now)
    with pytest.raises(Refused) as refused, acting(second):
        release_plate(plate, by=second, now=now)
    assert codes(refused) == ("negative_control_failed",)
    with acting(worker):
        reject_plate(plate, "a trace in the blanks", by=worker, now=now)
    assert plate_of(plate).state == "rejected"
    assert plated(lab, "P2", TUBES, by=worker, now=now)


def _fields(said: Any) -> dict[str, Any]:
    return {name: getattr(said, name) for name in said.__slots__}


def test_fewer_curves_than_wells_hold_the_plate_and_raise_an_alarm(
    lab: int, plate: int, worker: Actor, second: Actor, now: datetime
) -> None:
    with acting(worker):
        take_in_results(lab, [readings("P1", TUBES, now, curves=4)], by=worker, now=now)
    with pytest.raises(Refused) as refused, acting(second):
        release_plate(plate, by=second, now=now)
    assert codes(refused) == ("curves_short",)
    with acting(SYSTEM):
        told = Event.objects.filter(kind="lab.quality_alarm_raised", payload__kind="curves_short").get()
        assert (told.payload["facts"]["curves"], told.payload["facts"]["wells"]) == (4, 10)


def test_a_released_plate_that_is_rejected_withdraws_its_results_by_new_versions(
    lab: int, plate: int, worker: Actor, second: Actor, now: datetime
) -> None:
    run(lab, worker, now, {1003: State.POSITIVE})
    with acting(second):
        release_plate(plate, by=second, now=now)
    with acting(worker):
        reject_plate(plate, "two plates were swapped", by=worker, now=now)
    assert set(reported().values()) == {("plate_rejected", 2)}
    with acting(SYSTEM):
        said = Event.objects.get(kind="lab.result_corrected").payload["tubes"]
        assert {"tube": 1003, "from": "positive", "to": "plate_rejected", "version": 2} in said
        assert len(said) == 10


def test_a_correction_is_asked_by_one_and_signed_by_another(
    lab: int, plate: int, worker: Actor, second: Actor, now: datetime
) -> None:
    run(lab, worker, now)
    with acting(second):
        release_plate(plate, by=second, now=now)
    with acting(worker):
        asked = ask_correction(plate, 1002, "positive", "tubes swapped in A2 and A3", by=worker, now=now)
        with pytest.raises(Refused) as refused:
            sign_correction(asked, by=worker, now=now)
        assert codes(refused) == ("released_by_another",)
        with pytest.raises(Refused) as refused:
            ask_correction(plate, 1002, "invalid", "once more", by=worker, now=now)
        assert codes(refused) == ("correction_open",)
    assert reported([1002]) == {1002: ("negative", 1)}
    with acting(second):
        sign_correction(asked, by=second, now=now)
    assert reported([1002]) == {1002: ("positive", 2)}
    with acting(SYSTEM):
        assert [row.state for row in Result.objects.filter(tube=1002).order_by("version")] == ["negative", "positive"]
        told = Event.objects.get(kind="lab.result_corrected").payload["tubes"]
        assert told == [{"tube": 1002, "from": "negative", "to": "positive", "version": 2}]


def test_a_correction_of_a_result_that_became_another_meanwhile_is_refused(
    lab: int, plate: int, worker: Actor, second: Actor, now: datetime
) -> None:
    run(lab, worker, now)
    with acting(second):
        release_plate(plate, by=second, now=now)
    with acting(worker):
        asked = ask_correction(plate, 1002, "positive", "swapped", by=worker, now=now)
        reject_plate(plate, "all of it", by=worker, now=now)
    with pytest.raises(Refused) as refused, acting(second):
        sign_correction(asked, by=second, now=now)
    assert codes(refused) == ("corrected_meanwhile",)


@pytest.mark.parametrize(
    ("case", "code"),
    [
        pytest.param("unknown", "tubes_unknown", id="a tube nobody opened"),
        pytest.param("not received", "tube_not_received", id="a tube not received"),
        pytest.param("elsewhere", "tubes_of_another_lab", id="a tube of another laboratory"),
        pytest.param("damaged", "tube_not_usable", id="a tube that leaked"),
        pytest.param("plated", "tube_on_a_plate", id="a tube on another plate"),
    ],
)
def test_tubes_that_cannot_go_onto_a_plate(lab: int, worker: Actor, now: datetime, case: str, code: str) -> None:
    opened([2001, 2002, 2003], now)
    other = laboratory(now, area=OTHER_VILLAGE, code="LAB-2")
    received(other, [2002], by=SYSTEM, now=now)
    with acting(worker):
        receive_tubes(lab, {2003: "leaked"}, by=worker, now=now)
    plated(lab, "P0", TUBES[:1], by=worker, now=now)
    tube = {"unknown": 9999, "not received": 2001, "elsewhere": 2002, "damaged": 2003, "plated": 1001}[case]
    with pytest.raises(Refused) as refused:
        plated(lab, "P1", [1002, tube], by=worker, now=now)
    assert codes(refused) == (code,)
    with acting(SYSTEM):
        assert Plate.objects.filter(code="P1").count() == 0, "nothing is half-written"


@pytest.mark.parametrize(
    ("case", "code"),
    [
        pytest.param("unknown", "tube_unknown", id="a result for an unknown tube"),
        pytest.param("not received", "result_before_reception", id="a result before reception"),
        pytest.param("elsewhere", "tube_of_another_lab", id="a tube of another laboratory"),
        pytest.param("swapped", "another_tube_in_well", id="a tube in the wrong well"),
    ],
)
def test_results_of_tubes_that_are_not_on_the_plate(
    lab: int, plate: int, worker: Actor, now: datetime, case: str, code: str
) -> None:
    opened([2001, 2002], now)
    received(laboratory(now, area=OTHER_VILLAGE, code="LAB-2"), [2002], by=SYSTEM, now=now)
    tube = {"unknown": 9999, "not received": 2001, "elsewhere": 2002, "swapped": 1001}[case]
    with acting(worker):
        taken = take_in_results(lab, [readings("P1", [*TUBES[:9], tube], now)], by=worker, now=now)
    assert [problem.reason.code for problem in taken.problems["P1"]] == [code]
    assert (taken.plates, taken.wells, plate_of(plate).state) == ((), 0, "plated")


def test_a_plate_that_is_in_stays_and_two_of_one_name_in_a_file_are_not_taken(
    lab: int, plate: int, worker: Actor, now: datetime
) -> None:
    said = readings("P1", TUBES, now)
    with acting(worker):
        twice = take_in_results(lab, [said, said], by=worker, now=now)
        assert "plate_twice_in_file" in [each.reason.code for each in twice.problems["P1"]]
        assert take_in_results(lab, [said], by=worker, now=now).wells == 10
        again = take_in_results(lab, [said], by=worker, now=now)
    assert [problem.reason.code for problem in again.problems["P1"]] == ["plate_already_in"]


def test_a_file_in_pieces_is_one_file(
    lab: int, plate: int, worker: Actor, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taking_in, "_AT_ONCE", 1)
    others = list(range(60_000, 60_003))
    opened(others, now)
    received(lab, others, by=worker, now=now)
    second_plate = plated(lab, "P2", others, by=worker, now=now)
    said = [readings("P1", TUBES, now), readings("P2", others, now), readings("P3", others, now)]
    with acting(worker):
        twice = take_in_results(lab, [*said, said[0]], by=worker, now=now)
    assert {plate: problems[0].reason.code for plate, problems in twice.problems.items()} == {
        "P1": "plate_twice_in_file",
        "P3": "plate_unknown",
    }
    assert (twice.plates, twice.wells, plate_of(plate).state) == ((second_plate,), 3, "plated")


def test_another_version_of_the_cut_offs_is_not_taken(lab: int, plate: int, worker: Actor, now: datetime) -> None:
    said = readings("P1", TUBES, now)
    with acting(worker):
        taken = take_in_results(lab, [type(said)(**{**_fields(said), "version": "2"})], by=worker, now=now)
    assert [problem.reason.code for problem in taken.problems["P1"]] == ["wrong_cut_off_version"]


def test_results_lie_where_the_tube_was_taken_and_not_where_it_was_examined(
    worker: Actor, second: Actor, county_officer: Actor, now: datetime
) -> None:
    far = [3001, 3002]
    opened(far, now, area=ELSEWHERE)
    lab = laboratory(now)
    received(lab, far, by=worker, now=now)
    plate = plated(lab, "P1", far, by=worker, now=now)
    with acting(worker):
        take_in_results(lab, [readings("P1", far, now)], by=worker, now=now)
    with acting(second):
        release_plate(plate, by=second, now=now)
        assert not Result.objects.exists(), "the laboratory's own place has none of them"
    with acting(SYSTEM):
        assert set(Result.objects.values_list("area", flat=True)) == {ELSEWHERE}


def test_a_tube_that_came_before_its_phone_had_a_network_is_placed_afterwards(
    worker: Actor, second: Actor, now: datetime
) -> None:
    lab = laboratory(now)
    received(lab, TUBES, by=worker, now=now)
    plate = plated(lab, "P1", TUBES, by=worker, now=now)
    run(lab, worker, now, {1003: State.POSITIVE})
    with acting(second):
        release_plate(plate, by=second, now=now)
    opened(TUBES, now, area=ELSEWHERE, device=7, counter=3)
    with acting(SYSTEM):
        assert [place_tubes(by=SYSTEM, now=now) for _again in range(2)] == [10, 0]
    with acting(SYSTEM):
        assert set(Result.objects.values_list("area", flat=True)) == {ELSEWHERE}
        assert ReceivedTube.objects.filter(known=True).count() == 10
        told = Event.objects.get(kind="lab.results_placed")
        assert (told.payload["positive"], len(told.payload["tubes"])) == ([1003], 10)


def test_received_again_nothing_changes_and_a_tube_of_another_lab_is_named(
    lab: int, worker: Actor, now: datetime
) -> None:
    other = laboratory(now, area=OTHER_VILLAGE, code="LAB-2")
    opened([2002], now)
    received(other, [2002], by=SYSTEM, now=now)
    with acting(worker):
        again = receive_tubes(lab, dict.fromkeys([*TUBES, 2002], "good"), by=worker, now=now + timedelta(hours=1))
    assert (again.taken, again.already_here, again.elsewhere) == (0, 10, (2002,))


def test_nobody_works_in_a_laboratory_of_another_place(
    lab: int, now: datetime, make_actor: Callable[[str, Role, int], Actor]
) -> None:
    stranger = make_actor("stranger", Role.LAB_WORKER, ELSEWHERE)
    with pytest.raises(Refused) as refused, acting(stranger):
        receive_tubes(lab, {1: "good"}, by=stranger, now=now)
    assert codes(refused) == ("not_found",)


def test_many_plates_at_once_in_and_out(lab: int, worker: Actor, second: Actor, now: datetime) -> None:
    """The bulk road: one file, many plates, every well counted on both sides."""
    numbers = list(range(50_000, 50_000 + 92 * 12))
    opened(numbers, now)
    received(lab, numbers, by=worker, now=now)
    parts = {f"B{n}": numbers[n * 92 : (n + 1) * 92] for n in range(12)}
    assay = common_assay(now)
    with acting(worker):
        layouts = [layout(code, part, assay) for code, part in parts.items()]
        plates = plate_tubes(lab, layouts, by=worker, now=now)
        said = [readings(code, part, now, {part[0]: State.POSITIVE}) for code, part in parts.items()]
        taken = take_in_results(lab, said, by=worker, now=now)
    with acting(second):
        assert release_plates(plates, by=second, now=now) == taken.wells == len(numbers)
    with acting(SYSTEM):
        assert Result.objects.count() == len(numbers)
        assert Result.objects.filter(state="positive").count() == 12
        assert Event.objects.filter(kind="lab.plate_released").count() == 12


@pytest.mark.usefixtures("committed")
def test_two_who_release_one_plate_at_once_release_it_once(now: datetime) -> None:
    opened(TUBES, now)
    lab = laboratory(now)
    received(lab, TUBES, by=SYSTEM, now=now)
    plate = plated(lab, "P1", TUBES, by=SYSTEM, now=now)
    run(lab, SYSTEM, now)
    outcomes: list[str] = []
    start = threading.Barrier(2)

    def release() -> None:
        try:
            start.wait()
            with acting(SYSTEM):
                release_plate(plate, by=SYSTEM, now=now)
            outcomes.append("released")
        except Refused as refused:
            outcomes.append(refused.decision.codes[0])
        finally:
            connection.close()

    threads = [threading.Thread(target=release) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["plate_not_run", "released"]
    with acting(SYSTEM):
        assert Result.objects.count() == 10


@pytest.mark.usefixtures("committed")
def test_one_tube_onto_two_plates_at_once_goes_onto_one(now: datetime) -> None:
    opened(TUBES, now)
    lab = laboratory(now)
    received(lab, TUBES, by=SYSTEM, now=now)
    assay = common_assay(now)
    outcomes: list[str] = []
    start = threading.Barrier(2)

    def plate(code: str) -> None:
        try:
            start.wait()
            with acting(SYSTEM):
                plate_tubes(lab, [layout(code, TUBES, assay)], by=SYSTEM, now=now)
            outcomes.append("plated")
        except Refused as refused:
            outcomes.append(refused.decision.codes[0])
        finally:
            connection.close()

    threads = [threading.Thread(target=plate, args=(f"P{n}",)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["plated", "tube_on_a_plate"]
    with acting(SYSTEM):
        assert Plate.objects.count() == 1


def test_the_sql_of_a_retest_agrees_with_the_rule(lab: int, worker: Actor, second: Actor, now: datetime) -> None:
    """Every pair of first and second result that can be, through the database and through `after_retest`."""
    pairs = {
        tube: (first, then)
        for tube, (first, then) in zip(
            range(7001, 7017), [(a, b) for a in WELL_STATES for b in WELL_STATES], strict=True
        )
    }
    opened(list(pairs), now)
    received(lab, list(pairs), by=worker, now=now)
    for code, position in (("R1", 0), ("R2", 1)):
        plate = plated(lab, code, list(pairs), by=worker, now=now)
        with acting(worker):
            states = {tube: pair[position] for tube, pair in pairs.items()}
            take_in_results(lab, [readings(code, list(pairs), now, states)], by=worker, now=now)
        with acting(second):
            release_plate(plate, by=second, now=now)
        with acting(worker):
            for tube in ReceivedTube.objects.filter(plate_id=plate).values_list("tube", flat=True):
                examine_again(plate, tube, "once more", by=worker, now=now)
    found = reported(list(pairs))
    assert {tube: State(state) for tube, (state, _version) in found.items()} == {
        tube: after_retest(*pair) for tube, pair in pairs.items()
    }
