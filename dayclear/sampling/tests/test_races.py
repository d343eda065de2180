"""What happens between connections: two uploads of one counter, two devices and one block of numbers."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from dayclear.foundation.decisions import Refused
from dayclear.foundation.scope import acting
from dayclear.sampling.models import Device, NumberBlock, Round, Swab, Upload
from dayclear.sampling.tests.acts import COUNTY, SYSTEM, VILLAGE, open_round, people, phone, tokens


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """Run works in threads that start together; what each returned, or the refusal it met."""
    barrier = threading.Barrier(len(works))
    answers: list[Any] = [None] * len(works)

    def run(at: int, work: Callable[[], Any]) -> None:
        try:
            barrier.wait()
            answers[at] = work()
        except Refused as refused:
            answers[at] = refused
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(at, work)) for at, work in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return answers


@pytest.mark.usefixtures("committed")
def test_two_uploads_at_once_are_held_once(now: datetime) -> None:
    device, who = phone(now, area=VILLAGE), people(10, now)
    for _ in range(5):
        body = device.batch(now, [device.tube(now, tokens(who))])
        answers = at_once(*[partial(device.send, body, now)] * 2)
        assert sorted(answer.already for answer in answers) == [False, True]
        assert answers[0].said == answers[1].said
    device.counter -= 1
    other = [device.batch(now, [device.tube(now, tokens(who))], counter=6) for _ in range(2)]
    answers = at_once(*(partial(device.send, each, now) for each in other))
    assert sum(isinstance(answer, Refused) for answer in answers) == 1
    with acting(SYSTEM):
        assert (Upload.objects.count(), Device.objects.get().received) == (6, 6)
        assert Swab.objects.count() == 60


@pytest.mark.usefixtures("committed")
def test_two_uploads_with_the_same_new_people_make_them_once(now: datetime) -> None:
    mine = phone(now, area=VILLAGE)
    other = phone(now, area=VILLAGE, round_id=mine.round, point=mine.point)
    swabs: list[dict[str, Any]] = [
        {"slip": "S-1"},
        {"slip": "S-2"},
        {"identity": {"kind": "CN-ID", "number": "11010519491231002X"}},
    ]
    bodies = [(each, each.batch(now, [each.tube(now, said)])) for each, said in ((mine, swabs), (other, swabs[::-1]))]
    answers = at_once(*(partial(each.send, body, now) for each, body in bodies))
    assert [answer.said["accepted"]["swabs"] for answer in answers] == [3, 3]
    with acting(SYSTEM):
        assert Swab.objects.values("person").distinct().count() == 3


@pytest.mark.usefixtures("places")
def test_blocks_of_numbers_never_overlap(now: datetime) -> None:
    first, second = phone(now), phone(now)
    assert second.first == first.first + 1000
    open_round(now)
    with acting(SYSTEM), pytest.raises(IntegrityError), transaction.atomic():
        NumberBlock.objects.create(area=COUNTY, first=first.first + 5, last=first.first + 9, made_at=now)


@pytest.mark.usefixtures("committed")
def test_the_first_uploads_of_a_day_come_together(now: datetime) -> None:
    first = phone(now, area=VILLAGE)
    others = [phone(now, area=VILLAGE, round_id=first.round, point=first.point) for _ in range(3)]
    who = people(10, now)
    for ahead in range(3):
        later = now + timedelta(days=ahead + 40)
        with acting(SYSTEM):
            Round.objects.update(ends_at=later + timedelta(days=1))
        bodies = [(each, each.batch(later, [each.tube(later, tokens(who))])) for each in (first, *others)]
        answers = at_once(*(partial(each.send, body, later) for each, body in bodies))
        assert [answer.said["accepted"]["swabs"] for answer in answers] == [10] * 4
