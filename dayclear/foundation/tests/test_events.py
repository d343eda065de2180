"""Events, their reactions, and the seals over them."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import psycopg
import pytest
from django.db import IntegrityError, ProgrammingError, connection, connections, transaction

from dayclear.foundation import events
from dayclear.foundation.actors import Actor, system
from dayclear.foundation.events import Draft, record, record_many
from dayclear.foundation.models import Event
from dayclear.foundation.postgres import resolve_database
from dayclear.foundation.scope import acting
from dayclear.foundation.seals import check_trail, seal_events, seal_when_due
from dayclear.foundation.worker import react, react_together

US = system("tests")


@pytest.fixture
def trail(db: None, now: datetime) -> Iterator[None]:
    """Three events on two subjects, in a transaction that sees everything."""
    with acting(US):
        record("tests.begun", "tests.thing:1", by=US, at=now, area=0, payload={"name": "甲"})
        record_many(
            [
                Draft("tests.changed", "tests.thing:1", 0, {"old": 1, "new": 2}),
                Draft("tests.begun", "tests.thing:2", 0),
            ],
            by=US,
            at=now + timedelta(minutes=1),
        )
        yield


def test_events_of_a_subject_are_numbered_from_one(trail: None) -> None:
    assert list(Event.objects.order_by("ordinal").values_list("subject", "number")) == [
        ("tests.thing:1", 1),
        ("tests.thing:1", 2),
        ("tests.thing:2", 1),
    ]


def test_one_number_is_never_given_twice(trail: None, now: datetime) -> None:
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO foundation_event SELECT * FROM foundation_event WHERE subject = 'tests.thing:2' AND number = 1"
        )


@pytest.mark.parametrize("statement", ["UPDATE foundation_event SET kind = 'x'", "DELETE FROM foundation_event"])
def test_the_application_can_neither_change_nor_remove_an_event(trail: None, statement: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        connection.cursor().execute(statement)


def test_a_whole_trail_has_no_fault_sealed_or_not(trail: None, now: datetime) -> None:
    assert check_trail().faults == ()
    seal = seal_events(now=now)
    assert seal is not None
    assert seal.count == 3
    assert seal_events(now=now) is None
    record("tests.begun", "tests.thing:3", by=US, at=now, area=0)
    report = check_trail()
    assert (report.events, report.seals, report.unsealed, report.faults) == (4, 1, 1, ())


def test_seals_form_a_chain(trail: None, now: datetime) -> None:
    first = seal_events(now=now)
    record("tests.begun", "tests.thing:3", by=US, at=now, area=0)
    second = seal_events(now=now)
    assert first is not None
    assert second is not None
    assert (second.number, second.after_ordinal) == (2, first.up_to_ordinal)
    assert bytes(second.hash) != bytes(first.hash)


_TAMPERING = [
    pytest.param(
        """UPDATE foundation_event SET payload = '{"name": "乙"}' WHERE subject = 'tests.thing:1' AND number = 1""",
        [("changed", "tests.thing:1 #1 (tests.begun)")],
        id="one character of a payload",
    ),
    pytest.param(
        "UPDATE foundation_event SET at = at + interval '1 microsecond' WHERE subject = 'tests.thing:2'",
        [("changed", "tests.thing:2 #1 (tests.begun)")],
        id="one microsecond",
    ),
    pytest.param(
        "UPDATE foundation_event SET digest = set_byte(digest, 9, 255 - get_byte(digest, 9)) "
        "WHERE subject = 'tests.thing:2'",
        [("changed", "tests.thing:2 #1 (tests.begun)")],
        id="one byte of a digest",
    ),
    pytest.param(
        "DELETE FROM foundation_event WHERE subject = 'tests.thing:1' AND number = 2",
        [("out_of_number", "tests.thing:1")],
        id="a removed event",
    ),
    pytest.param(
        "DELETE FROM foundation_event WHERE subject = 'tests.thing:1' AND number = 1",
        [("out_of_number", "tests.thing:1")],
        id="a removed first event",
    ),
]


@pytest.mark.parametrize("sealed", [False, True], ids=["not yet sealed", "sealed"])
@pytest.mark.parametrize(("statement", "faults"), _TAMPERING)
def test_a_change_by_hand_is_named(
    committed: None, now: datetime, statement: str, faults: list[tuple[str, str]], sealed: bool
) -> None:
    with acting(US):
        record("tests.begun", "tests.thing:1", by=US, at=now, area=0, payload={"name": "甲"})
        record("tests.changed", "tests.thing:1", by=US, at=now, area=0)
        record("tests.begun", "tests.thing:2", by=US, at=now, area=0)
        if sealed:
            seal_events(now=now)
    with _as_owner() as owner:
        owner.execute(statement)
    with acting(US):
        found = [(fault.kind, fault.what) for fault in check_trail().faults]
    if sealed and statement.startswith("DELETE"):
        assert found[0][0] == "missing"
        found = found[1:]
    assert found == faults


def test_an_event_slipped_in_after_the_seal_is_named(committed: None, now: datetime) -> None:
    with acting(US):
        record_many([Draft("tests.begun", f"tests.thing:{n}", 0) for n in range(3)], by=US, at=now)
        seal_events(now=now)
    with _as_owner() as owner:
        owner.execute(
            "INSERT INTO foundation_event SELECT 'tests.thing:9', 1, ordinal, kind, at, actor_id, actor_label, area, "
            "payload, facts, policy, digest FROM foundation_event WHERE subject = 'tests.thing:1'"
        )
    with acting(US):
        faults = {(fault.kind, fault.what) for fault in check_trail().faults}
    name = "tests.thing:9 #1 (tests.begun)"
    assert faults & {("inserted", name), ("changed", name)}


def test_the_sealer_gives_way_to_a_long_writer_and_seals_a_minute_later(committed: None, now: datetime) -> None:
    writing, tried = threading.Event(), threading.Event()

    def write() -> None:
        try:
            with acting(US):
                record("tests.begun", "tests.thing:1", by=US, at=now, area=0)
                writing.set()
                tried.wait(timeout=20)
        finally:
            connections.close_all()

    thread = threading.Thread(target=write)
    thread.start()
    assert writing.wait(timeout=20)
    with acting(US):
        assert seal_when_due(now=now) is None
        # What else the sealer's transaction holds is whole.
        assert not Event.objects.exists()
    tried.set()
    thread.join(timeout=20)
    with acting(US):
        sealed = seal_when_due(now=now + timedelta(minutes=1))
        assert sealed is not None
        assert sealed.count == 1
        record("tests.begun", "tests.thing:2", by=US, at=now, area=0)
        assert seal_when_due(now=now + timedelta(minutes=60)) is None
        assert seal_when_due(now=now + timedelta(minutes=61)) is not None


def test_concurrent_writers_of_one_subject_share_out_the_numbers(committed: None, now: datetime) -> None:
    def write() -> None:
        try:
            for _ in range(10):
                with acting(US):
                    record("tests.changed", "tests.thing:1", by=US, at=now, area=0)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with acting(US):
        numbers = list(
            Event.objects.filter(subject="tests.thing:1").order_by("number").values_list("number", flat=True)
        )
    assert numbers == list(range(1, 41))


def test_a_reaction_is_queued_with_the_event_and_gone_with_its_transaction(db: None, now: datetime) -> None:
    seen: list[int] = []
    events.reacts_to("tests.reacted")(lambda event: seen.append(event.number))
    with acting(US):
        before = _queued()
        record("tests.reacted", "tests.thing:1", by=US, at=now, area=0)
        assert _queued() == before + 1
        savepoint = transaction.savepoint()
        record("tests.reacted", "tests.thing:1", by=US, at=now, area=0)
        transaction.savepoint_rollback(savepoint)
        assert _queued() == before + 1
    name = next(iter(events._reactions["tests.reacted"]))
    react(kind="tests.reacted", name=name, subject="tests.thing:1", number=1)
    assert seen == [1]


def test_what_one_command_records_comes_to_a_joint_reaction_as_one_job(db: None, now: datetime) -> None:
    seen: list[list[int]] = []

    def reaction(told: Sequence[Event]) -> None:
        seen.append([event.number for event in told])

    events.reacts_together_to("tests.joint")(reaction)
    with acting(US):
        record_many([Draft("tests.joint", "tests.thing:1", 0) for _ in range(3)], by=US, at=now)
        with connection.cursor() as cursor:
            cursor.execute("SELECT args FROM procrastinate_jobs WHERE task_name = %s", [events.TOGETHER_TASK])
            ((args,),) = cursor.fetchall()
    react_together(**(args if isinstance(args, dict) else json.loads(args)))
    assert seen == [[1, 2, 3]]


def test_who_may_not_see_a_place_does_not_see_its_events(
    village_worker: Actor, county_officer: Actor, now: datetime
) -> None:
    with acting(US):
        record("tests.begun", "tests.thing:1", by=US, at=now, area=610113001002 * 10**6)
    with acting(village_worker):
        assert not Event.objects.filter(subject="tests.thing:1").exists()
        # The number goes on all the same: it must, or two events would bear one number.
        record("tests.changed", "tests.thing:1", by=village_worker, at=now, area=village_worker.area.lo)
    with acting(county_officer):
        assert list(Event.objects.filter(subject="tests.thing:1").values_list("number", flat=True)) == [1, 2]


def _queued() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = %s", [events.REACTION_TASK])
        return int(cursor.fetchone()[0])


def _as_owner() -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(resolve_database().owner.conninfo())
