"""Boxes: closed with a count, signed at both ends, reconciled; late, lost, cancelled."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from dayclear.foundation.actors import Actor
from dayclear.foundation.deadlines import open_deadlines
from dayclear.foundation.decisions import Refused
from dayclear.foundation.models import Event
from dayclear.foundation.rules import Role
from dayclear.foundation.scope import acting
from dayclear.sampling.commands import (
    cancel_box,
    close_box,
    lose_box,
    open_box,
    pack_tubes,
    receive_box,
    reconcile_box,
    send_box,
    set_under_way,
)
from dayclear.sampling.models import Box, BoxedTube
from dayclear.sampling.rules.boxes import NEXT, Arrival, Count, judge_arrival, may_become, may_reconcile, state_after
from dayclear.sampling.tests.acts import VILLAGE, people, phone, tokens

PREFECTURE = 6101 * 10**14


@pytest.fixture
def receiver(make_actor: Callable[..., Actor]) -> Actor:
    return make_actor("receiver", Role.OFFICER, PREFECTURE)


def packed(by: Actor, now: datetime, *, count: int = 3, counted: int | None = None) -> tuple[UUID, list[int]]:
    """A box with tubes of a device, closed at a table."""
    device, who = phone(now), people(1, now)
    tubes = [device.tube(now, tokens(who)) for _ in range(count)]
    device.send(device.batch(now, tubes), now)
    with acting(by):
        box = open_box(VILLAGE, by=by, now=now)
        pack_tubes(box, [tube["number"] for tube in tubes], by=by, now=now)
        close_box(box, count if counted is None else counted, by=by, now=now)
    return box, list(range(device.first, device.first + count))


def sent(by: Actor, now: datetime, *, counted: int = 3) -> tuple[UUID, list[int]]:
    box, tubes = packed(by, now)
    with acting(by):
        send_box(box, destination="lab:7", destination_name="Lab 7", counted=counted, by=by, now=now)
    return box, tubes


def test_a_box_from_the_table_to_its_reconciliation(county_officer: Actor, receiver: Actor, now: datetime) -> None:
    box, tubes = sent(county_officer, now)
    with acting(county_officer):
        deadline = open_deadlines(county_officer).get(kind="sampling.box_due")
        assert deadline.due_at == now - timedelta(minutes=12) + timedelta(hours=4)
        set_under_way(box, by=county_officer, now=now)
    later = now + timedelta(hours=1)
    with acting(receiver):
        assert receive_box(box, {tubes[0]: "good"}, counted=1, by=receiver, now=later) == "partly_received"
        rest = {tubes[1]: "leaked", tubes[2]: "good"}
        assert receive_box(box, rest, counted=2, by=receiver, now=later) == "received"
        assert reconcile_box(box, by=receiver, now=later).agrees
        row = Box.objects.get()
        assert (row.state, row.received_count) == ("reconciled", 3)
        assert list(row.signatures.order_by("pk").values_list("part", "signed_label", "counted")) == [
            ("sender", "county-officer", 3),
            ("receiver", "receiver", 1),
        ]
        assert not open_deadlines(receiver).filter(kind="sampling.box_due").exists()
        kinds = list(
            Event.objects.filter(subject=f"sampling.box:{box}").order_by("number").values_list("kind", flat=True)
        )
    assert kinds == [
        f"sampling.box_{what}"
        for what in ("opened", "packed", "closed", "sent", "changed", "received", "received", "reconciled")
    ]


def test_a_box_off_by_one_is_reconciled_only_with_an_explanation(
    county_officer: Actor, receiver: Actor, now: datetime
) -> None:
    box, tubes = sent(county_officer, now)
    with acting(receiver):
        found = {tubes[0]: "good", tubes[1]: "good", tubes[2]: "missing"}
        assert receive_box(box, found, counted=2, by=receiver, now=now) == "received"
        with pytest.raises(Refused, match="box_counts_differ"):
            reconcile_box(box, by=receiver, now=now)
        count = reconcile_box(box, note="one tube stayed on the table", by=receiver, now=now)
    assert (count.recorded, count.received, count.missing) == (3, 2, 1)


def test_a_tube_in_nobody_s_records_is_an_extra_one_of_the_box(
    county_officer: Actor, receiver: Actor, now: datetime
) -> None:
    box, tubes = sent(county_officer, now)
    with acting(receiver):
        found = dict.fromkeys([*tubes, 9_999], "good")
        receive_box(box, found, counted=4, by=receiver, now=now)
        assert list(BoxedTube.objects.filter(extra=True).values_list("tube", flat=True)) == [9_999]


def test_a_tube_of_another_box_is_not_received_with_this_one(
    county_officer: Actor, receiver: Actor, now: datetime
) -> None:
    box, _tubes = sent(county_officer, now)
    _other, others = sent(county_officer, now)
    with acting(receiver), pytest.raises(Refused, match="tubes_of_other_box"):
        receive_box(box, {others[0]: "good"}, counted=1, by=receiver, now=now)


def test_nobody_signs_at_both_ends(county_officer: Actor, now: datetime) -> None:
    box, tubes = sent(county_officer, now)
    with acting(county_officer), pytest.raises(Refused, match="same_signature"):
        receive_box(box, dict.fromkeys(tubes, "good"), counted=3, by=county_officer, now=now)


def test_a_box_sent_to_another_county_is_received_there_by_its_destination_alone(
    county_officer: Actor, make_actor: Callable[..., Actor], now: datetime
) -> None:
    box, tubes = sent(county_officer, now)
    abroad = make_actor("abroad", Role.OFFICER, 460105 * 10**12)
    with acting(abroad):
        for at in ("", "lab:8"):
            with pytest.raises(Refused, match="not_found"):
                receive_box(box, dict.fromkeys(tubes, "good"), counted=3, by=abroad, now=now, at=at)
        assert receive_box(box, dict.fromkeys(tubes, "good"), counted=3, by=abroad, now=now, at="lab:7") == "received"


def test_a_cancelled_box_gives_its_tubes_back_and_a_lost_one_may_turn_up(
    county_officer: Actor, receiver: Actor, now: datetime
) -> None:
    box, tubes = packed(county_officer, now)
    with acting(county_officer):
        cancel_box(box, reason="wrong lid", by=county_officer, now=now)
        assert not BoxedTube.objects.exists()
    other, tubes = sent(county_officer, now)
    with acting(county_officer):
        with pytest.raises(Refused, match="box_state"):
            cancel_box(other, reason="too late for that", by=county_officer, now=now)
        lose_box(other, reason="not in the van", by=county_officer, now=now)
        assert not open_deadlines(county_officer).filter(kind="sampling.box_due").exists()
    with acting(receiver):
        assert receive_box(other, dict.fromkeys(tubes, "good"), counted=3, by=receiver, now=now) == "received"


def test_what_is_not_put_into_a_box(county_officer: Actor, now: datetime) -> None:
    box, tubes = packed(county_officer, now)
    with acting(county_officer):
        empty = open_box(VILLAGE, by=county_officer, now=now)
        from dayclear.sampling.rules.numbers import printed

        for labels, code in (
            ([printed(tubes[0])], "tubes_of_other_box"),
            ([printed(77)], "tube_unknown"),
            (["DC1"], "tube_number_bad"),
        ):
            with pytest.raises(Refused, match=code):
                pack_tubes(empty, labels, by=county_officer, now=now)
        with pytest.raises(Refused, match="box_empty"):
            close_box(empty, 0, by=county_officer, now=now)
        with pytest.raises(Refused, match="destination_missing"):
            send_box(box, destination="", destination_name="", counted=3, by=county_officer, now=now)


# ------------------------------------------------------------------------------------------- the rules alone


@pytest.mark.parametrize(
    ("state", "wanted", "allowed"),
    [
        pytest.param("draft", "ready", True, id="closed"),
        pytest.param("draft", "sent", False, id="sent while open"),
        pytest.param("ready", "cancelled", True, id="cancelled before it leaves"),
        pytest.param("sent", "cancelled", False, id="cancelled on its way"),
        pytest.param("lost", "received", True, id="turns up"),
        pytest.param("received", "reconciled", True, id="reconciled"),
        pytest.param("partly_received", "reconciled", False, id="reconciled too early"),
        pytest.param("reconciled", "received", False, id="received again"),
    ],
)
def test_the_states_of_a_box(state: str, wanted: str, allowed: bool) -> None:
    assert may_become(state, wanted).allowed is allowed


def test_nothing_follows_a_reconciled_or_cancelled_box() -> None:
    assert "reconciled" not in NEXT
    assert "cancelled" not in NEXT


def test_a_condition_nobody_knows_is_refused() -> None:
    assert judge_arrival("sent", Arrival({1: "frozen"}, [1], [1])).codes == ("condition_unknown",)


@pytest.mark.parametrize(
    ("seen", "state"),
    [
        pytest.param({1: "good"}, "partly_received", id="one still out"),
        pytest.param({1: "good", 2: "missing"}, "received", id="the other is missing"),
    ],
)
def test_a_box_is_received_when_every_tube_is_accounted_for(seen: dict[int, str], state: str) -> None:
    assert state_after(Arrival(seen, [1, 2], [1, 2])) == state


def test_counts_that_agree_need_no_word() -> None:
    assert may_reconcile("received", Count(3, 3, 3, 0, 0), "").allowed
    assert may_reconcile("received", Count(4, 3, 3, 0, 0), "").codes == ("box_counts_differ",)
