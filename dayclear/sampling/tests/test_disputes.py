"""Disputed tubes: settled by an officer, who says what was found."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from dayclear.foundation.actors import Actor
from dayclear.foundation.decisions import Refused
from dayclear.foundation.models import Event
from dayclear.foundation.rules import Role
from dayclear.foundation.scope import acting
from dayclear.sampling.commands import set_aside, take_in_after_all
from dayclear.sampling.models import DisputedTube, Swab, Tally, Tube
from dayclear.sampling.rules.numbers import printed
from dayclear.sampling.tests.acts import Phone, people, phone, tokens


def dispute(now: datetime, count: int = 11, **said: Any) -> tuple[int, Phone, list[int]]:
    device, who = phone(now), people(count, now)
    device.send(device.batch(now, [device.tube(now, tokens(who), **said)]), now)
    return DisputedTube.objects.values_list("pk", flat=True).latest("pk"), device, who


def test_a_tube_of_eleven_is_taken_in_once_somebody_has_looked(county_officer: Actor, now: datetime) -> None:
    with acting(county_officer):
        row, device, who = dispute(now)
        settled = take_in_after_all(row, note="eleven swabs in it, seen", by=county_officer, now=now)
        assert (settled.persons, settled.left_out) == (11, 0)
        assert set(Swab.objects.values_list("person", flat=True)) == set(who)
        assert Tally.objects.get().persons == 11
        held = DisputedTube.objects.get()
        assert (held.outcome, held.content_sealed, held.settled_label) == ("taken_in", None, "county-officer")
        event = Event.objects.get(kind="sampling.dispute_settled")
        assert event.payload["reason"] == "eleven swabs in it, seen"
        with pytest.raises(Refused, match="dispute_settled"):
            set_aside(row, note="again", by=county_officer, now=now)
        assert Tube.objects.get().device_id == device.id


def test_a_tube_with_a_taken_number_needs_another_label(county_officer: Actor, now: datetime) -> None:
    with acting(county_officer):
        device, who = phone(now), people(2, now)
        first = device.tube(now, tokens(who[:1]))
        second = device.tube(now, tokens(who[1:]), number=first["number"])
        device.send(device.batch(now, [first, second]), now)
        row = DisputedTube.objects.get().pk
        with pytest.raises(Refused, match="tube_already_closed"):
            take_in_after_all(row, note="two labels alike", by=county_officer, now=now)
        label = printed(device.first + 900)
        settled = take_in_after_all(row, label=label, note="labelled anew", by=county_officer, now=now)
        assert settled.label == label
        assert set(Swab.objects.values_list("tube", "person")) == {
            (device.first, who[0]),
            (device.first + 900, who[1]),
        }


def test_a_tube_without_a_round_gets_the_right_one(county_officer: Actor, now: datetime) -> None:
    with acting(county_officer):
        row, device, _who = dispute(now, 2, round=10**9)
        with pytest.raises(Refused, match="round_unknown"):
            take_in_after_all(row, note="the list says round 1", by=county_officer, now=now)
        take_in_after_all(row, round_id=device.round, note="the list says round 1", by=county_officer, now=now)
        assert Tube.objects.get().round_id == device.round


def test_swabs_of_nobody_are_left_out_and_said(county_officer: Actor, now: datetime) -> None:
    with acting(county_officer):
        device, who = phone(now), people(1, now)
        swabs = [*tokens(who), {"token": "A" * 22}]
        device.send(device.batch(now, [device.tube(now, swabs)]), now)
        row = DisputedTube.objects.get().pk
        settled = take_in_after_all(row, note="a torn code", by=county_officer, now=now)
        assert (settled.persons, settled.left_out) == (1, 1)


def test_a_tube_set_aside_is_emptied(county_officer: Actor, now: datetime) -> None:
    with acting(county_officer):
        row, _device, _who = dispute(now)
        with pytest.raises(Refused, match="note_missing"):
            set_aside(row, note=" ", by=county_officer, now=now)
        assert set_aside(row, note="broken", by=county_officer, now=now) == 11
        assert DisputedTube.objects.get().content_sealed is None
        assert not Swab.objects.exists()


def test_what_is_kept_of_a_disputed_tube_cannot_be_read_without_the_key(county_officer: Actor, now: datetime) -> None:
    with acting(county_officer):
        device = phone(now)
        typed = {"identity": {"kind": "CN-ID", "number": "110105194912310021"}}
        device.send(device.batch(now, [device.tube(now, [typed])]), now)
        assert b"110105" not in bytes(DisputedTube.objects.get().content_sealed or b"")


def test_only_those_who_run_sampling_in_the_place_settle_a_dispute(
    village_worker: Actor, make_actor: Callable[..., Actor], county_officer: Actor, now: datetime
) -> None:
    with acting(county_officer):
        row, _device, _who = dispute(now)
    with acting(village_worker), pytest.raises(Refused, match="right_missing"):
        set_aside(row, note="x", by=village_worker, now=now)
    other = make_actor("other", Role.OFFICER, 610103 * 10**12)
    with acting(other), pytest.raises(Refused, match="not_found"):
        set_aside(row, note="x", by=other, now=now)
