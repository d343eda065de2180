"""Nobody is restricted without a live order: over random lives of orders, and between two officers at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dayclear.foundation.actors import Actor, system
from dayclear.foundation.decisions import Refused
from dayclear.foundation.rules import Role
from dayclear.foundation.scope import acting
from dayclear.isolation import models
from dayclear.isolation.changeover import apply
from dayclear.isolation.commands import (
    ask_stricter,
    change_mode,
    correct_exposure,
    decide_appeal,
    decline_order,
    file_appeal,
    propose_order,
    recompute_order,
    record_check,
    record_test,
    release_due,
    release_order,
    sign_order,
    withdraw_evidence,
)
from dayclear.isolation.models import Order
from dayclear.isolation.queries import restricted_people
from dayclear.isolation.rules.plan import day_of
from dayclear.isolation.tests.exposures import exposed, someone
from dayclear.policy.calendar import policy_on

START = datetime(2022, 11, 8, 4, 0, tzinfo=UTC)
CATEGORIES = ("close_contact", "secondary_contact", "spillover_high", "post_exit", "recovered")
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            (
                "propose",
                "sign",
                "sign",
                "decline",
                "stricter",
                "mode",
                "correct",
                "recompute",
                "test",
                "check",
                "appeal",
                "release",
                "withdraw",
                "changeover",
                "sweep",
                "wait",
            )
        ),
        st.integers(0, 2),
        st.integers(0, 4),
        st.integers(-3, 9),
    ),
    min_size=4,
    max_size=25,
)


class _Life:
    """Three people, two officers and a clock; commands in any order, refused or not."""

    def __init__(self, one: Actor, other: Actor) -> None:
        self.officers, self.now = (one, other), START
        self.people = [someone(one, START, f"Person {number}") for number in range(3)]

    def take(self, step: str, who: int, what: int, days: int) -> None:
        by, person, now = self.officers[what % 2], self.people[who], self.now
        if step == "wait":
            self.now += timedelta(hours=7 * (abs(days) + 1))
            return
        if step == "sweep":
            release_due(now=now)
            return
        if step == "propose":
            anchor = day_of(now) - timedelta(days=max(days, 0))
            propose_order(exposed(person, anchor, CATEGORIES[what]), by=by, now=now)
            return
        if step == "changeover":
            before, after = (policy_on(day, 0, "covid-19") for day in (date(2022, 11, 10), date(2022, 11, 11)))
            apply(before, after, datetime(2022, 11, 11, 4, 0, tzinfo=UTC), by=by, now=now)
            return
        states = ("proposed",) if step in ("sign", "decline", "stricter") else ("signed",)
        order = Order.objects.filter(person=person, state__in=states).order_by("-pk").first()
        if order is None:
            return
        self._on(order, step, by, what, days)

    def _on(self, order: Order, step: str, by: Actor, what: int, days: int) -> None:
        now, today = self.now, day_of(self.now)
        acts: dict[str, Callable[[], object]] = {
            "sign": lambda: sign_order(order.pk, by=by, now=now),
            "decline": lambda: decline_order(order.pk, reason="not_exposed", by=by, now=now),
            "stricter": lambda: ask_stricter(order.pk, "centralised", reason="left_home", by=by, now=now),
            "mode": lambda: change_mode(
                order.pk,
                "centralised" if what > 2 else "home_quarantine",
                reason="left_home" if what > 2 else "assessment",
                by=by,
                now=now,
            ),
            "correct": lambda: correct_exposure(order.pk, anchor_on=today - timedelta(days=days), by=by, now=now),
            "recompute": lambda: recompute_order(order.pk, by=by, now=now),
            "test": lambda: record_test(order.pk, today, sampled_at=now, by=by, now=now),
            "check": lambda: record_check(order.pk, means="visit", by=by, now=now),
            "release": lambda: release_order(order.pk, reason="may go", by=by, now=now),
            "withdraw": lambda: withdraw_evidence(order.pk, reason="was elsewhere", by=by, now=now),
            "appeal": lambda: decide_appeal(
                file_appeal(order.pk, ground="no", means="phone", by=by, now=now),
                upheld=what > 1,
                reason="heard",
                by=self.officers[(what + 1) % 2],
                now=now,
            ),
        }
        acts[step]()

    def check(self, actor: Actor) -> None:
        restricted = list(restricted_people(actor, now=self.now))
        for person in self.people:
            signed = list(Order.objects.filter(person=person, state="signed"))
            assert len(signed) <= 1
            live = [order for order in signed if order.ends_at is not None and order.ends_at > self.now]
            assert (person in restricted) == bool(live)
            for order in live:
                assert order.ends_on is not None
                assert order.signed_by in {officer.user_id for officer in self.officers}
                assert order.ends_on <= order.latest_on
                phases = list(models.Phase.objects.filter(order=order).order_by("number"))
                assert phases[-1].ends_on == order.ends_on


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_no_path_leaves_a_person_restricted_without_a_live_order(
    county_officer: Actor, second_officer: Actor, steps: list[tuple[str, int, int, int]]
) -> None:
    with transaction.atomic():
        _live(county_officer, second_officer, steps)
        # Each life begins with no orders at all.
        transaction.set_rollback(True)


def _live(county_officer: Actor, second_officer: Actor, steps: list[tuple[str, int, int, int]]) -> None:
    with acting(county_officer):
        life = _Life(county_officer, second_officer)
        for step, who, what, days in steps:
            before = set(restricted_people(county_officer, now=life.now))
            with suppress(Refused):
                life.take(step, who, what, days)
            life.check(county_officer)
            gained = set(restricted_people(county_officer, now=life.now)) - before
            assert not gained or step == "sign"
    far = life.now + timedelta(days=40)
    with acting(system("sweeper")):
        release_due(now=far)
        assert not restricted_people(system("tests"), now=far)
        assert not Order.objects.filter(state="signed").exists()


ROUNDS = 200


def test_two_officers_signing_for_one_person_at_once_make_one_order(committed: None) -> None:
    """The suite does 200 rounds; `python -m bench` does a thousand."""
    assert race(ROUNDS) == ROUNDS


def race(rounds: int) -> int:
    """Two proposals a person, two officers, one instant: the number of persons with exactly one order in force."""
    from dayclear.foundation.areas import area_of

    county = area_of(610113 * 10**12)
    officers = [Actor(number, f"officer {number}", Role.OFFICER, county) for number in (1, 2)]
    pairs = []
    for number in range(rounds):
        # A transaction each: every batch of rows has a temporary table, and the locks of one transaction are counted.
        with acting(officers[0]):
            person = someone(officers[0], START, f"Person {number}")
            made = [
                propose_order(exposed(person, day_of(START), category), by=officers[0], now=START)
                for category in ("close_contact", "spillover_high")
            ]
            pairs.append((person, made))
    start = threading.Barrier(2)

    def sign(side: int) -> None:
        try:
            for _, made in pairs:
                start.wait(timeout=60)
                try:
                    with acting(officers[side]):
                        sign_order(made[side], by=officers[side], now=START)
                except Refused:
                    continue
        finally:
            connection.close()

    threads = [threading.Thread(target=sign, args=(side,)) for side in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with acting(officers[0]):
        return sum(Order.objects.filter(person=person, state="signed").count() == 1 for person, _ in pairs)
