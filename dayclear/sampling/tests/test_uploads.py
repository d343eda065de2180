"""Uploads: taken in once, judged tube by tube, and nothing a sampler did is thrown away."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from dayclear.foundation.decisions import Refused
from dayclear.foundation.models import Event
from dayclear.foundation.scope import acting
from dayclear.people.merging import merge_people, undo_merge
from dayclear.people.models import Person
from dayclear.sampling.commands import end_device
from dayclear.sampling.models import Box, Device, DisputedTube, NumberBlock, PooledItem, Slip, Swab, Tally, Tube
from dayclear.sampling.rules.numbers import printed
from dayclear.sampling.tests.acts import COUNTY, SYSTEM, VILLAGE, open_round, people, phone, tokens

pytestmark = pytest.mark.usefixtures("places")


def swabs_held() -> set[tuple[int, int]]:
    with acting(SYSTEM):
        return set(Swab.objects.values_list("tube", "person"))


def disputed() -> list[tuple[str, str]]:
    with acting(SYSTEM):
        return list(DisputedTube.objects.order_by("pk").values_list("label", "code"))


def test_ten_people_in_a_tube_are_held_once(now: datetime) -> None:
    device, who = phone(now), people(10, now)
    answer = device.send(device.batch(now, [device.tube(now, tokens(who))]), now)
    assert answer.said["accepted"] == {"tubes": 1, "swabs": 10, "boxes": 0}
    assert swabs_held() == {(device.first, person) for person in who}
    with acting(SYSTEM):
        tube = Tube.objects.get()
        assert (tube.area, tube.persons, tube.day.isoformat()) == (VILLAGE, 10, "2021-12-29")
        tally = Tally.objects.get()
        assert (tally.tubes, tally.persons) == (1, 10)
        event = Event.objects.get(kind="sampling.tubes_uploaded")
        assert (event.payload["tubes"], event.payload["swabs"]) == (1, 10)


def test_five_hundred_tubes_are_one_event(now: datetime) -> None:
    device, who = phone(now), people(20, now)
    body = device.batch(now, [device.tube(now, tokens(who[:10])) for _ in range(500)])
    assert device.send(body, now).said["accepted"] == {"tubes": 500, "swabs": 5000, "boxes": 0}
    with acting(SYSTEM):
        assert Event.objects.filter(kind="sampling.tubes_uploaded").count() == 1


def test_the_same_batch_again_gives_the_same_answer_and_writes_nothing(now: datetime) -> None:
    device = phone(now)
    body = device.batch(now, [device.tube(now, tokens(people(3, now)))])
    first = device.send(body, now)
    again = device.send(body, now + timedelta(hours=1))
    assert (first.already, again.already) == (False, True)
    assert again.said == first.said
    assert len(swabs_held()) == 3
    with acting(SYSTEM):
        assert Device.objects.get().received == 1


def test_another_batch_under_a_used_counter_is_refused(now: datetime) -> None:
    device, who = phone(now), people(3, now)
    device.send(device.batch(now, [device.tube(now, tokens(who))]), now)
    other = device.batch(now, [device.tube(now, tokens(who))], counter=1)
    with pytest.raises(Refused, match="counter_reused"):
        device.send(other, now)
    assert len(swabs_held()) == 3


def test_a_batch_signed_by_another_device_is_refused(now: datetime) -> None:
    device, forger = phone(now), phone(now)
    body = device.batch(now, [device.tube(now, tokens(people(1, now)))])
    with pytest.raises(Refused, match="signature_bad"):
        device.__class__.send(forger, body, now)
    assert not swabs_held()


def test_an_upload_cut_in_the_middle_is_refused_and_comes_whole_later(now: datetime) -> None:
    device = phone(now)
    body = device.batch(now, [device.tube(now, tokens(people(2, now)))])
    signature = device.sign(body)
    from dayclear.sampling.commands import receive_upload

    for end in (len(body) - 1, len(body) // 2, 1):
        with pytest.raises(Refused, match="upload_unreadable"):
            receive_upload(body[:end], signature, now=now)
    assert receive_upload(body, signature, now=now).said["accepted"]["swabs"] == 2


def test_a_gap_in_the_counters_is_accepted_and_shown(now: datetime) -> None:
    device = phone(now)
    device.send(device.batch(now), now)
    device.counter = 3
    assert device.send(device.batch(now), now).said["missing"] == 2
    with acting(SYSTEM):
        row = Device.objects.get()
        assert (row.last_counter, row.received) == (4, 2)
    # One of the missing comes after all.
    device.counter = 1
    assert device.send(device.batch(now), now).said["missing"] == 0
    with acting(SYSTEM):
        assert Device.objects.get().received == 3


# ------------------------------------------------------------------------------------------- disputed tubes


@pytest.mark.parametrize(
    ("said", "count", "code"),
    [
        pytest.param({}, 11, "tube_too_full", id="a tube of eleven"),
        pytest.param({}, 0, "tube_empty", id="an empty tube"),
        pytest.param({"number": "DC0000000001X"}, 2, "tube_number_bad", id="a wrong check character"),
        pytest.param({"number": printed(9_999_999_999)}, 2, "tube_not_of_device", id="a number of nobody's block"),
        pytest.param({"round": 10**9}, 2, "round_unknown", id="a round that does not exist"),
        pytest.param({"point": 10**9}, 2, "point_unknown", id="a point that does not exist"),
        pytest.param({"kind": "animals"}, 2, "tube_kind_unknown", id="a kind nobody knows"),
        pytest.param({"closed_at": "2021-12-29T03:00:00Z"}, 2, "tube_times_bad", id="closed before it was opened"),
        pytest.param(
            {"opened_at": "2021-12-28T03:00:00Z", "closed_at": "2021-12-28T03:10:00Z"},
            2,
            "round_not_running",
            id="opened the day before the round",
        ),
    ],
)
def test_a_tube_that_cannot_be_is_kept_and_disputed(now: datetime, said: dict[str, Any], count: int, code: str) -> None:
    device = phone(now)
    good = device.tube(now, tokens(people(1, now)))
    bad = device.tube(now, tokens(people(count, now)), **said)
    answer = device.send(device.batch(now, [good, bad]), now)
    assert answer.said["accepted"]["tubes"] == 1
    assert [each["code"] for each in answer.said["refused"]] == [code]
    assert disputed() == [(bad["number"], code)]


def test_a_tube_number_that_comes_again_is_disputed(now: datetime) -> None:
    device, who = phone(now), people(4, now)
    first = device.tube(now, tokens(who[:2]))
    device.send(device.batch(now, [first]), now)
    device.send(device.batch(now, [device.tube(now, tokens(who[2:]), number=first["number"])]), now)
    assert disputed() == [(first["number"], "tube_already_closed")]
    assert {person for _tube, person in swabs_held()} == set(who[:2])


def test_of_two_tubes_with_one_number_in_a_batch_the_second_is_disputed(now: datetime) -> None:
    device, who = phone(now), people(4, now)
    first = device.tube(now, tokens(who[:2]))
    second = device.tube(now, tokens(who[2:]), number=first["number"])
    device.send(device.batch(now, [first, second]), now)
    assert disputed() == [(first["number"], "tube_already_closed")]


def test_a_tube_opened_at_two_desks_counts_where_it_belongs(now: datetime) -> None:
    mine, other, who = phone(now), phone(now), people(4, now)
    label = mine.label()
    other.send(other.batch(now, [other.tube(now, tokens(who[:2]), number=label)]), now)
    mine.send(mine.batch(now, [mine.tube(now, tokens(who[2:]), number=label)]), now)
    assert disputed() == [(label, "tube_not_of_device")]
    assert {person for _tube, person in swabs_held()} == set(who[2:])


def test_a_person_twice_in_a_tube_is_held_once_and_said(now: datetime) -> None:
    device, who = phone(now), people(2, now)
    answer = device.send(device.batch(now, [device.tube(now, tokens([who[0], who[1], who[0]]))]), now)
    assert answer.said["accepted"]["swabs"] == 2
    assert answer.said["repeated"] == 1


def test_a_code_of_nobody_disputes_the_tube(now: datetime) -> None:
    device = phone(now)
    device.send(device.batch(now, [device.tube(now, [{"token": "AAAAAAAAAAAAAAAAAAAAAA"}])]), now)
    device.send(device.batch(now, [device.tube(now, tokens([10**12]))]), now)
    assert [code for _label, code in disputed()] == ["person_unknown", "person_unknown"]


def test_what_a_lost_device_sends_is_kept_and_disputed(now: datetime) -> None:
    device = phone(now)
    with acting(SYSTEM):
        assert end_device(device.id, "lost", reason="left in a taxi", by=SYSTEM, now=now) == 1
        assert not NumberBlock.objects.filter(revoked_at=None).exists()
    device.send(device.batch(now, [device.tube(now, tokens(people(2, now)))]), now)
    assert [code for _label, code in disputed()] == ["device_lost"]
    with acting(SYSTEM):
        end_device(device.id, "revoked", reason="never found", by=SYSTEM, now=now)
    with pytest.raises(Refused, match="device_revoked"):
        device.send(device.batch(now, [device.tube(now, tokens(people(2, now)))]), now)


# ------------------------------------------------------------------------------------------- clocks


@pytest.mark.parametrize(
    "off",
    [
        pytest.param(timedelta(days=-1), id="a day behind"),
        pytest.param(timedelta(days=1), id="a day ahead"),
        pytest.param(timedelta(days=-365), id="a year behind"),
        pytest.param(timedelta(days=365), id="a year ahead"),
    ],
)
def test_a_device_clock_far_off_is_corrected_and_both_instants_are_kept(now: datetime, off: timedelta) -> None:
    device = phone(now)
    there = now + off
    body = device.batch(there, [device.tube(there, tokens(people(2, now)))])
    answer = device.send(body, now, device_says=there)
    assert answer.said["accepted"]["tubes"] == 1
    with acting(SYSTEM):
        tube = Tube.objects.get()
        assert tube.opened_at == now - timedelta(minutes=12)
        assert tube.opened_at - timedelta(seconds=tube.shift_s) == there - timedelta(minutes=12)


def test_a_batch_that_waited_six_hours_is_not_taken_for_a_slow_clock(now: datetime) -> None:
    device, later = phone(now), now + timedelta(hours=6)
    body = device.batch(now, [device.tube(now, tokens(people(2, now)))])
    device.send(body, later, device_says=later)
    with acting(SYSTEM):
        assert Tube.objects.get().opened_at == now - timedelta(minutes=12)


@pytest.mark.parametrize("year", ["0001", "1999", "9999"])
def test_an_instant_outside_every_calendar_of_ours_is_unreadable(now: datetime, year: str) -> None:
    device = phone(now)
    tube = device.tube(now, tokens(people(1, now)), closed_at=f"{year}-12-31T23:59:59Z")
    with pytest.raises(Refused, match="upload_unreadable"):
        device.send(device.batch(now, [tube]), now, device_says=now - timedelta(days=1))


def test_a_few_minutes_are_left_alone(now: datetime) -> None:
    device = phone(now)
    there = now - timedelta(minutes=5)
    device.send(device.batch(there, [device.tube(there, tokens(people(2, now)))]), now, device_says=there)
    with acting(SYSTEM):
        assert Tube.objects.get().shift_s == 0


# ------------------------------------------------------------------------------------------- who


def test_a_typed_number_and_a_slip_are_people_like_those_with_a_code(now: datetime) -> None:
    device, who = phone(now), people(1, now)
    typed = {"identity": {"kind": "CN-ID", "number": "11010519491231002X", "name": "甲"}}
    swabs: list[dict[str, Any]] = [*tokens(who), typed, {"slip": "S-17"}]
    assert device.send(device.batch(now, [device.tube(now, swabs)]), now).said["accepted"]["swabs"] == 3
    again: list[dict[str, Any]] = [{"slip": "S-17"}, {"identity": {"kind": "CN-ID", "number": "11010519491231002x"}}]
    device.send(device.batch(now, [device.tube(now, again)]), now)
    with acting(SYSTEM):
        assert Person.objects.count() == 3
        assert Slip.objects.get().county == COUNTY
        known = Person.objects.get(name="№S-17")
        assert known.retention_class == "swab"
        assert Swab.objects.filter(person=known.pk).count() == 2


def test_an_identity_number_with_a_wrong_check_character_names_nobody(now: datetime) -> None:
    device = phone(now)
    typed = {"identity": {"kind": "CN-ID", "number": "110105194912310021"}}
    device.send(device.batch(now, [device.tube(now, [typed])]), now)
    assert [code for _label, code in disputed()] == ["person_unknown"]


def test_swabs_follow_a_merge_and_come_back(now: datetime) -> None:
    device, (kept, gone) = phone(now), people(2, now)
    device.send(device.batch(now, [device.tube(now, tokens([gone]))]), now)
    with acting(SYSTEM):
        merge = merge_people(kept, gone, by=SYSTEM, now=now)
        assert {person for _tube, person in swabs_held()} == {kept}
    # A code of the row that is gone still names the person.
    device.send(device.batch(now, [device.tube(now, tokens([gone, kept]))]), now)
    assert {person for _tube, person in swabs_held()} == {kept}
    with acting(SYSTEM):
        undo_merge(merge.pk, by=SYSTEM, now=now)
    assert (device.first, gone) in swabs_held()


# ------------------------------------------------------------------------------------------- goods, boxes


def test_goods_and_environments_have_tubes_of_their_own(now: datetime) -> None:
    device = phone(now)
    tube = device.tube(now, [], kind="goods", items=[{"what": "frozen fish", "where": "stall 12"}, {"what": "crate"}])
    assert device.send(device.batch(now, [tube]), now).said["accepted"]["tubes"] == 1
    with acting(SYSTEM):
        assert list(PooledItem.objects.values_list("position", "what")) == [(0, "frozen fish"), (1, "crate")]


def box(number: int, tubes: list[dict[str, Any]], now: datetime, **said: Any) -> dict[str, Any]:
    return {
        "id": f"00000000-0000-4000-8000-{number:012d}",
        "tubes": [tube["number"] for tube in tubes],
        "counted": len(tubes),
        "closed_at": now.isoformat(),
        **said,
    }


def test_a_box_whose_count_is_off_by_one_is_taken_in_with_its_discrepancy(now: datetime) -> None:
    device = phone(now)
    tubes = [device.tube(now, tokens(people(1, now))) for _ in range(3)]
    answer = device.send(device.batch(now, tubes, boxes=[box(1, tubes, now, counted=4)]), now)
    assert answer.said["accepted"] == {"tubes": 3, "swabs": 3, "boxes": 1}
    with acting(SYSTEM):
        row = Box.objects.get()
        assert (row.tubes, row.counted, row.discrepancy, row.state) == (3, 4, 1, "ready")
        assert row.oldest_at == now - timedelta(minutes=12)
        assert row.due_at == now - timedelta(minutes=12) + timedelta(hours=4)


def test_a_tube_is_in_one_box(now: datetime) -> None:
    device = phone(now)
    tubes = [device.tube(now, tokens(people(1, now))) for _ in range(2)]
    device.send(device.batch(now, tubes, boxes=[box(1, tubes, now)]), now)
    answer = device.send(device.batch(now, [], boxes=[box(2, tubes[:1], now), box(1, [], now)]), now)
    assert [each["code"] for each in answer.said["refused"]] == ["tube_in_other_box", "box_known"]


def test_a_point_outside_the_device_s_place_is_unknown(now: datetime) -> None:
    device, next_door = phone(now, area=VILLAGE), phone(now)
    next_door.point, device.round = device.point, open_round(now, area=610103 * 10**12)
    device.send(device.batch(now, [device.tube(now, tokens(people(1, now)))]), now)
    assert [code for _label, code in disputed()] == ["point_outside_round"]
