"""Deadlines: opened once, met, or escalated after a second look at the truth."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, connections, transaction

from dayclear.foundation import deadlines
from dayclear.foundation.actors import Actor, system
from dayclear.foundation.deadlines import meet_deadline, open_deadline, sweep
from dayclear.foundation.events import record, require_unchanged
from dayclear.foundation.health import look
from dayclear.foundation.models import Deadline, Event
from dayclear.foundation.scope import acting

US = system("tests")
HOUR = timedelta(hours=1)


def _open(now: datetime, due: datetime, *, kind: str = "tests.due", subject: str = "tests.thing:1") -> None:
    open_deadline(kind, subject, area=0, accountable=0, opened_at=now, due_at=due)


def test_a_clock_that_runs_is_not_started_again(db: None, now: datetime) -> None:
    with acting(US):
        _open(now, now + HOUR)
        _open(now, now + 9 * HOUR)
        assert [deadline.due_at for deadline in Deadline.objects.all()] == [now + HOUR]


def test_a_clock_once_met_may_run_again(db: None, now: datetime) -> None:
    with acting(US):
        _open(now, now + HOUR)
        assert meet_deadline("tests.due", "tests.thing:1", at=now)
        assert not meet_deadline("tests.due", "tests.thing:1", at=now)
        _open(now, now + HOUR)
        assert Deadline.objects.count() == 2


def test_the_database_refuses_what_is_due_before_it_opens(db: None, now: datetime) -> None:
    with acting(US), pytest.raises(IntegrityError, match="deadline_due_after_opened"), transaction.atomic():
        _open(now, now - HOUR)


@pytest.mark.parametrize(
    ("minutes", "escalated"),
    [
        pytest.param(-1, 0, id="a minute early"),
        pytest.param(0, 1, id="on the minute"),
        pytest.param(1, 1, id="a minute late"),
    ],
)
def test_what_is_due_and_not_done_is_escalated_once(db: None, now: datetime, minutes: int, escalated: int) -> None:
    with acting(US):
        _open(now - HOUR, now)
        at = now + timedelta(minutes=minutes)
        assert sweep(now=at) == escalated
        assert sweep(now=at) == 0
        assert Event.objects.filter(kind="foundation.deadline_escalated").count() == escalated


def test_what_has_been_done_in_truth_is_met_and_not_escalated(db: None, now: datetime) -> None:
    deadlines.checks("tests.done")(lambda deadline: True)
    with acting(US):
        _open(now - HOUR, now, kind="tests.done")
        assert sweep(now=now + HOUR) == 0
        assert Deadline.objects.get().met_at == now + HOUR


def test_one_whose_truth_cannot_be_asked_hinders_no_other_and_is_tried_again_after_an_hour(
    db: None, now: datetime
) -> None:
    troubled = True

    def truth(deadline: Deadline) -> bool:
        if troubled:
            raise KeyError(deadline.subject)
        return True

    deadlines.checks("tests.poisoned")(truth)
    with acting(US):
        _open(now - HOUR, now - timedelta(minutes=1), kind="tests.poisoned")
        _open(now - HOUR, now, subject="tests.thing:2")
        assert sweep(now=now) == 1
        assert look(now=now).unchecked == 1
        troubled = False
        assert sweep(now=now + timedelta(minutes=59)) == 0
        assert look(now=now).unchecked == 1
        sweep(now=now + timedelta(minutes=61))
        assert Deadline.objects.get(kind="tests.poisoned").met_at == now + timedelta(minutes=61)
        assert look(now=now).unchecked == 0


@pytest.mark.parametrize("held_first", ["subject", "deadline"])
def test_the_sweep_waits_for_no_command_at_work_on_the_subject(committed: None, now: datetime, held_first: str) -> None:
    with acting(US):
        _open(now - HOUR, now)
        record("tests.begun", "tests.thing:1", by=US, at=now, area=0)
    holding, swept = threading.Event(), threading.Event()

    def act() -> None:
        try:
            with acting(US):
                if held_first == "subject":
                    require_unchanged("tests.thing:1", 1)
                else:
                    Deadline.objects.select_for_update().get()
                holding.set()
                swept.wait(timeout=20)
                meet_deadline("tests.due", "tests.thing:1", at=now)
                record("tests.done", "tests.thing:1", by=US, at=now, area=0)
        finally:
            connections.close_all()

    thread = threading.Thread(target=act)
    thread.start()
    assert holding.wait(timeout=20)
    escalated = sweep(now=now + HOUR)
    swept.set()
    thread.join(timeout=20)
    assert (escalated, sweep(now=now + HOUR)) == (0, 0)
    with acting(US):
        assert Deadline.objects.get().met_at == now


def test_each_sees_what_is_due_in_their_places(village_worker: Actor, county_officer: Actor, now: datetime) -> None:
    with acting(US):
        open_deadline("tests.due", "tests.thing:1", area=610113002001 * 10**6, accountable=0, opened_at=now, due_at=now)
    with acting(village_worker):
        assert not deadlines.open_deadlines(village_worker).exists()
    with acting(county_officer):
        assert deadlines.open_deadlines(county_officer).count() == 1
