"""The hash chain over the events, and finding where it is broken."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet
from procrastinate.contrib.django import app
from psycopg.errors import LockNotAvailable

from dayclear.foundation.actors import Actor
from dayclear.foundation.events import SEAL_LOCK, canonical, digest_of
from dayclear.foundation.models import Event, Seal, TrailCheck
from dayclear.foundation.rules import Right

_LEAF = struct.Struct(">Q8s")
CHECK_TASK = "dayclear.foundation.worker.check_whole_trail"
SEALED_EVERY = timedelta(hours=1)
_ROWS_AT_A_TIME = 5_000


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with the trail.

    `kind` is `changed`, `missing`, `inserted`, `out_of_number` or `seal_broken`; `what` names the event or seal.
    """

    kind: str
    what: str


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What a check of the trail found. Shape: `faults` in the order of the trail; empty means whole."""

    events: int
    seals: int
    unsealed: int
    faults: tuple[Fault, ...]


def seal_when_due(*, now: datetime) -> Seal | None:
    """Seal once an hour; asked each minute, so that a minute of busy writers costs no hour."""
    last = Seal.objects.order_by("-number").first()
    return None if last is not None and now - last.sealed_at < SEALED_EVERY else seal_events(now=now)


def seal_events(*, now: datetime) -> Seal | None:
    """Seal everything recorded since the last seal; None when there is nothing new, or writers are still at work.

    Waits for the writers in flight, so that no event with a lower ordinal can appear any more; but for a second only:
    whoever begins to write in the meantime waits behind it.
    """
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '1s'")
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SEAL_LOCK])
    except OperationalError as error:
        if not isinstance(error.__cause__, LockNotAvailable):
            raise
        return None
    last = Seal.objects.order_by("-number").first()
    after = last.up_to_ordinal if last else 0
    digest, leaves, count, up_to = hashlib.sha256(bytes(last.hash) if last else b""), bytearray(), 0, after
    for event in _events(after):
        digest.update(bytes(event.digest))
        leaves += _LEAF.pack(event.ordinal, bytes(event.digest)[:8])
        count, up_to = count + 1, event.ordinal
    if not count:
        return None
    return Seal.objects.create(
        number=last.number + 1 if last else 1,
        sealed_at=now,
        after_ordinal=after,
        up_to_ordinal=up_to,
        count=count,
        leaves=bytes(leaves),
        hash=digest.digest(),
    )


def check_trail() -> CheckReport:
    """Read the whole trail and name every event that was changed, removed or slipped in."""
    faults: list[Fault] = []
    total, previous = 0, b""
    seals = list(Seal.objects.order_by("number"))
    for position, seal in enumerate(seals, 1):
        if seal.number != position:
            faults.append(Fault("missing", f"seal {position}"))
        found, count = _check_sealed(seal, previous)
        faults += found
        total += count
        previous = bytes(seal.hash)
    unsealed = 0
    for event in _events(seals[-1].up_to_ordinal if seals else 0):
        unsealed += 1
        if not _is_itself(event):
            faults.append(Fault("changed", _name(event)))
    faults += _out_of_number()
    return CheckReport(total + unsealed, len(seals), unsealed, tuple(faults))


def ask_for_check(*, by: Actor, now: datetime) -> None:
    """Have the worker read the whole trail, unless it is about to.

    Raises: Refused (`right_missing`, `whole_installation_only`).
    """
    by.require(Right.SEE_HEALTH)
    # The chain runs over the events of every place; whoever sees only some of them would find them "missing".
    by.require_everywhere()
    with transaction.atomic():
        if not TrailCheck.objects.filter(done_at=None).exists():
            check = TrailCheck.objects.create(asked_at=now, asked_label=by.label)
            app.configure_task(CHECK_TASK, queue="checks").defer(check_id=check.pk)


def run_check(check_id: int, *, now: datetime) -> None:
    """Read the whole trail and keep what was found. Run again after a crash, it is the same check."""
    waiting = TrailCheck.objects.get(pk=check_id)
    report = check_trail()
    waiting.events, waiting.seals, waiting.unsealed = report.events, report.seals, report.unsealed
    waiting.faults = [[fault.kind, fault.what] for fault in report.faults]
    waiting.done_at = now
    waiting.save()


def latest_check() -> TrailCheck | None:
    """The latest check of the trail, done or waiting."""
    return TrailCheck.objects.order_by("-asked_at", "-pk").first()


def _check_sealed(seal: Seal, previous: bytes) -> tuple[list[Fault], int]:
    faults: list[Fault] = []
    expected = dict(_LEAF.iter_unpack(bytes(seal.leaves)))
    digest = hashlib.sha256(previous)
    count = 0
    for event in _events(seal.after_ordinal, seal.up_to_ordinal):
        count += 1
        digest.update(bytes(event.digest))
        leaf = expected.pop(event.ordinal, None)
        if leaf is None:
            faults.append(Fault("inserted", _name(event)))
        elif leaf != bytes(event.digest)[:8] or not _is_itself(event):
            faults.append(Fault("changed", _name(event)))
    faults += [Fault("missing", f"event with ordinal {ordinal}, sealed in seal {seal.number}") for ordinal in expected]
    if not faults and digest.digest() != bytes(seal.hash):
        faults.append(Fault("seal_broken", f"seal {seal.number}"))
    return faults, count


def _events(after: int, up_to: int | None = None) -> Iterator[Event]:
    rows: QuerySet[Event] = Event.objects.filter(ordinal__gt=after).order_by("ordinal")
    if up_to is not None:
        rows = rows.filter(ordinal__lte=up_to)
    return rows.iterator(chunk_size=_ROWS_AT_A_TIME)


def _is_itself(event: Event) -> bool:
    return bytes(event.digest) == digest_of(
        event.subject,
        event.number,
        event.ordinal,
        event.kind,
        event.at,
        event.actor_id,
        event.actor_label,
        event.area,
        canonical(event.payload),
        canonical(event.facts),
        event.policy,
    )


def _out_of_number() -> list[Fault]:
    """Subjects whose numbers do not run from one to their last: the only trace of a removed event not yet sealed."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT s.subject FROM foundation_subject s
            LEFT JOIN (SELECT subject, count(*) AS n, max(number) AS last FROM foundation_event GROUP BY subject) e
                USING (subject)
            WHERE e.n IS DISTINCT FROM s.last_number OR e.last IS DISTINCT FROM s.last_number
            ORDER BY s.subject LIMIT 100
            """
        )
        return [Fault("out_of_number", subject) for (subject,) in cursor.fetchall()]


def _name(event: Event) -> str:
    return f"{event.subject} #{event.number} ({event.kind})"
