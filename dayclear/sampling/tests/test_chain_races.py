"""What happens between connections: two plates release one tube, two squads take one label."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

import pytest

from dayclear.foundation.decisions import Refused
from dayclear.foundation.models import Event
from dayclear.foundation.scope import acting
from dayclear.sampling.commands.chains import bind_resample, locate_member, write_item_step
from dayclear.sampling.models import Chain, ChainMember, ItemAlarm, ItemStep, Resample
from dayclear.sampling.tests.acts import SYSTEM, people, phone
from dayclear.sampling.tests.test_races import at_once
from dayclear.sampling.tests.tracing import closed_tube, members_of, open_one, release


@pytest.mark.usefixtures("committed")
def test_two_plates_that_release_one_tube_open_one_chain(now: datetime) -> None:
    device, first = closed_tube(now, people(2, now))
    numbers = [first, *(closed_tube(now, people(2, now), device=device)[1] for _ in range(3))]
    for number in numbers:
        answers = at_once(*[partial(release, now, (number, "positive"))] * 2)
        assert sorted(len(answer.opened) for answer in answers) == [0, 1]
    with acting(SYSTEM):
        assert (Chain.objects.count(), ChainMember.objects.count()) == (4, 8)


@pytest.mark.usefixtures("committed")
def test_one_label_taken_by_two_squads_is_one_member_s(now: datetime) -> None:
    device, chain = open_one(now, people(4, now))
    members, later = members_of(chain), now + timedelta(hours=1)

    def bind(member: int, label: str) -> int:
        with acting(SYSTEM):
            return bind_resample(member, label, by=SYSTEM, now=later)

    for member in members:
        with acting(SYSTEM):
            locate_member(member.pk, "call", "home", by=SYSTEM, now=now)
    for one, other in (members[:2], members[2:]):
        label = device.label()
        answers = at_once(partial(bind, one.pk, label), partial(bind, other.pk, label))
        assert sum(isinstance(answer, Refused) for answer in answers) == 1
    with acting(SYSTEM):
        assert Resample.objects.count() == 2
        assert Chain.objects.get().collected == 2


@pytest.mark.usefixtures("committed")
def test_goods_found_by_two_plates_raise_one_alarm_and_a_step_is_written_once(now: datetime) -> None:
    device = phone(now)
    device.send(device.batch(now, [device.tube(now, [], kind="goods", items=[{"what": "fish"}])]), now)
    at_once(*[partial(release, now, (device.first, "positive"))] * 2)
    with acting(SYSTEM):
        alarm = ItemAlarm.objects.get().pk

    def seal() -> None:
        with acting(SYSTEM):
            write_item_step(alarm, "seal", note="taken away", by=SYSTEM, now=now)

    answers = at_once(seal, seal)
    assert sum(isinstance(answer, Refused) for answer in answers) == 1
    with acting(SYSTEM):
        assert ItemStep.objects.count() == 1
        assert Event.objects.filter(kind="sampling.item_alarm_raised").count() == 1
