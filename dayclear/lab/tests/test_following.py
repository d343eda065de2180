"""A released plate opens the chains of its positive tubes and answers single swabs, in its own transaction."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dayclear.foundation.actors import Actor
from dayclear.foundation.models import Event
from dayclear.foundation.rules import Role
from dayclear.foundation.scope import acting
from dayclear.lab.commands import ask_correction, release_plate, release_plates, sign_correction, take_in_results
from dayclear.lab.commands.placing import place_tubes
from dayclear.lab.rules.cutoffs import State
from dayclear.lab.tests.acts import SYSTEM, laboratory, plated, readings, received
from dayclear.sampling.commands.chains.rows import cause_of
from dayclear.sampling.models import Chain, ChainMember, Exclusion
from dayclear.sampling.tests.acts import people, phone, tokens
from dayclear.sampling.tests.tracing import closed_tube, members_of, swab_all

ELSEWHERE = 610302 * 10**12
HOUR = timedelta(hours=1)


@pytest.fixture
def worker(make_actor: Callable[..., Actor]) -> Actor:
    """A laboratory worker of another county than the tubes'."""
    return make_actor("lab-worker", Role.LAB_WORKER, ELSEWHERE)


@pytest.fixture
def second(make_actor: Callable[..., Actor]) -> Actor:
    return make_actor("lab-second", Role.LAB_WORKER, ELSEWHERE)


def run(lab: int, code: str, tubes: list[int], states: dict[int, State], worker: Actor, now: datetime) -> int:
    """Receive, plate and run tubes; the plate, which waits for its second signature."""
    received(lab, tubes, by=worker, now=now - HOUR)
    plate = plated(lab, code, tubes, by=worker, now=now - HOUR)
    with acting(worker):
        assert not take_in_results(lab, [readings(code, tubes, now, states)], by=worker, now=now).problems
    return plate


def test_a_laboratory_of_another_county_opens_and_answers(
    worker: Actor, second: Actor, county_officer: Actor, now: datetime
) -> None:
    lab = laboratory(now, area=ELSEWHERE)
    device, tube = closed_tube(now, people(2, now))
    _device, other = closed_tube(now, people(2, now), device=device)
    plate = run(lab, "P1", [tube, other], {tube: State.SINGLE_TARGET}, worker, now + 2 * HOUR)
    with acting(SYSTEM):
        assert not Chain.objects.exists(), "nothing is out before a second person has signed"
    with acting(second):
        release_plate(plate, by=second, now=now + 2 * HOUR)
    with acting(county_officer):
        chain = Chain.objects.get()
        assert (chain.tube, chain.alarm, chain.alarm_at) == (tube, "single_target", now + 2 * HOUR)
        assert chain.laboratory == "First laboratory"
    singles = swab_all(device, chain, county_officer, now + 3 * HOUR)
    (sick, sick_tube), (_well, well_tube) = singles.items()
    plate = run(lab, "P2", [sick_tube, well_tube], {sick_tube: State.POSITIVE}, worker, now + 5 * HOUR)
    with acting(second):
        release_plate(plate, by=second, now=now + 5 * HOUR)
    positive, cleared = sorted(members_of(chain), key=lambda member: member.pk != sick)
    assert (positive.outcome, cleared.outcome) == ("positive", "negative")
    # What the squad did not write down, the laboratory's own instants tell.
    assert (positive.delivered_at, positive.assayed_at) == (now + 4 * HOUR, now + 5 * HOUR - timedelta(minutes=5))


def test_many_plates_are_followed_in_as_many_statements_as_two(worker: Actor, second: Actor, now: datetime) -> None:
    """Their positive tubes open chains, then plates that these chains share answer all their members."""
    lab, device = laboratory(now, area=ELSEWHERE), phone(now)
    asked = {}
    for count in (2, 4):
        tubes = [closed_tube(now, people(2, now), device=device)[1] for _ in range(count)]
        plates = [run(lab, f"P{tube}", [tube], {tube: State.POSITIVE}, worker, now + 2 * HOUR) for tube in tubes]
        with acting(second), CaptureQueriesContext(connection) as opening:
            release_plates(plates, by=second, now=now + 2 * HOUR)
        with acting(SYSTEM):
            chains = list(Chain.objects.filter(tube__in=tubes, members=2, due_at__gt=now))
        singles = [swab_all(device, chain, SYSTEM, now + 3 * HOUR).values() for chain in chains]
        plates = [
            run(lab, f"S{some[0]}", list(some), {}, worker, now + 5 * HOUR) for some in zip(*singles, strict=True)
        ]
        with acting(second), CaptureQueriesContext(connection) as answering:
            release_plates(plates, by=second, now=now + 5 * HOUR)
        with acting(SYSTEM):
            assert Chain.objects.filter(tube__in=tubes, state="closed", reported=2, positive=0).count() == count
            told = Event.objects.filter(kind="sampling.chain_members_cleared", at=now + 5 * HOUR)
            assert told.filter(subject__in=[f"sampling.chain:{chain.pk}" for chain in chains]).count() == count
            assert not Exclusion.objects.filter(cause__in=[cause_of(tube) for tube in tubes], ended_at=None).exists()
        asked[count] = (len(opening), len(answering))
    assert asked[2] == asked[4]


def test_a_signed_correction_withdraws_the_alarm(worker: Actor, second: Actor, now: datetime) -> None:
    lab = laboratory(now, area=ELSEWHERE)
    _device, tube = closed_tube(now, people(2, now))
    plate = run(lab, "P1", [tube], {tube: State.POSITIVE}, worker, now + 2 * HOUR)
    with acting(second):
        release_plate(plate, by=second, now=now + 2 * HOUR)
    with acting(worker):
        asked = ask_correction(plate, tube, "negative", "wells swapped", by=worker, now=now + 3 * HOUR)
    with acting(second):
        sign_correction(asked, by=second, now=now + 3 * HOUR)
    with acting(SYSTEM):
        assert Chain.objects.get().state == "annulled"
        assert ChainMember.objects.count() == 2


def test_a_positive_whose_phone_was_offline_opens_its_chain_with_the_upload(
    worker: Actor, second: Actor, now: datetime
) -> None:
    lab, device = laboratory(now, area=ELSEWHERE), phone(now)
    body = device.batch(now, [device.tube(now, tokens(people(3, now)))])
    plate = run(lab, "P1", [device.first], {device.first: State.POSITIVE}, worker, now + 2 * HOUR)
    with acting(second):
        release_plate(plate, by=second, now=now + 2 * HOUR)
    with acting(SYSTEM):
        assert not Chain.objects.exists()
    device.send(body, now + 3 * HOUR)
    with acting(SYSTEM):
        place_tubes(by=SYSTEM, now=now + 3 * HOUR)
        chain = Chain.objects.get()
    assert (chain.members, chain.alarm_at) == (3, now + 3 * HOUR)
