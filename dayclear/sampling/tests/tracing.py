"""A positive tube and what squads and laboratories do about it, made as they make it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from dayclear.foundation.actors import Actor
from dayclear.foundation.scope import acting
from dayclear.sampling.commands.chains import (
    HandOverIn,
    TubeResult,
    bind_resample,
    deliver_members,
    follow_results,
    hand_over,
    hold_member,
    locate_member,
)
from dayclear.sampling.models import Chain, ChainMember
from dayclear.sampling.tests.acts import SYSTEM, Phone, people, phone, tokens


def closed_tube(now: datetime, persons: Sequence[int] = (), *, device: Phone | None = None) -> tuple[Phone, int]:
    """A tube of ten (or of these) persons, uploaded; its device and its number."""
    device = device or phone(now)
    body = device.batch(now, [device.tube(now, tokens(persons or people(10, now)))])
    assert device.send(body, now).said["accepted"]["tubes"] == 1
    return device, device.first + device.opened - 1


def release(now: datetime, *results: tuple[int, str], **said: Any) -> Any:
    """A laboratory releases results, in its own scope."""
    with acting(SYSTEM):
        return follow_results([TubeResult(tube, state, **said) for tube, state in results], by=SYSTEM, now=now)


def open_one(now: datetime, persons: Sequence[int] = (), *, device: Phone | None = None) -> tuple[Phone, Chain]:
    """A tube that came out positive, and its chain."""
    device, number = closed_tube(now, persons, device=device)
    (chain_id,) = release(now, (number, "positive")).opened
    with acting(SYSTEM):
        return device, Chain.objects.get(pk=chain_id)


def members_of(chain: Chain) -> list[ChainMember]:
    with acting(SYSTEM):
        return list(ChainMember.objects.filter(chain=chain).order_by("pk"))


def swab_all(device: Phone, chain: Chain, by: Actor, at: datetime) -> dict[int, int]:
    """Find, hold and swab every member, ten minutes apart in all; the tube of each."""
    bound = {}
    with acting(by):
        for member in members_of(chain):
            locate_member(member.pk, "call", "at home", at=at, by=by, now=at)
            hold_member(member.pk, "the room next to it", at=at, by=by, now=at)
            bound[member.pk] = bind_resample(member.pk, device.label(), by=by, now=at)
    return bound


def deliver_all(chain: Chain, by: Actor, at: datetime) -> None:
    with acting(by):
        deliver_members([member.pk for member in members_of(chain)], by=by, now=at)


def transfer(member_id: int, by: Actor, at: datetime) -> None:
    """Both hand-overs of a positive member, twenty minutes apart."""
    with acting(by):
        hand_over(member_id, HandOverIn("departure", "home", "squad 4", "crew 2"), by=by, now=at)
        later = at + timedelta(minutes=20)
        hand_over(member_id, HandOverIn("arrival", "hospital", "crew 2", "ward 7"), by=by, now=later)
