"""Recording what happened, and telling those who react.

An event is written in the transaction of the change itself. Its reactions are queued in the same transaction, so that
neither can exist without the other; they run at least once, in order for one subject.

Payloads never carry names, identity numbers or phones: the trail outlives the records it speaks of.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.types import JSONValue

from dayclear.foundation.actors import Actor
from dayclear.foundation.database import copy_rows
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.models import Event, Subject

# Held shared by every writer of events until commit, and exclusively for a moment by the sealer: a seal can then be
# sure that no lower ordinal is still on its way.
SEAL_LOCK = 0x0DA7C1EA
# The trail: the application adds and reads, and can do no more.
APPEND_ONLY = ("foundation_event", "foundation_seal")
REACTION_TASK = "dayclear.foundation.worker.react"
TOGETHER_TASK = "dayclear.foundation.worker.react_together"

_FEW = 20
_MOST_TOGETHER = 500
_COLUMNS = (
    "subject",
    "number",
    "ordinal",
    "kind",
    "at",
    "actor_id",
    "actor_label",
    "area",
    "payload",
    "facts",
    "policy",
    "digest",
)


@dataclass(frozen=True, slots=True)
class Draft:
    """An event about to be recorded.

    `subject` is `<package>.<thing>:<id>`; `kind` is `<package>.<noun_past>`.
    """

    kind: str
    subject: str
    area: int
    payload: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    policy: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """Where a recorded event stands."""

    subject: str
    number: int
    ordinal: int


Reaction = Callable[[Event], None]
JointReaction = Callable[[Sequence[Event]], None]
_reactions: dict[str, dict[str, Reaction]] = defaultdict(dict)
_joint: dict[str, dict[str, JointReaction]] = defaultdict(dict)


def reacts_to(kind: str) -> Callable[[Reaction], Reaction]:
    """Subscribe a function of a `reactions.py` to a kind of event. It must be idempotent: events come at least once."""

    def subscribe(reaction: Reaction) -> Reaction:
        _reactions[kind][_name_of(reaction)] = reaction
        return reaction

    return subscribe


def reacts_together_to(kind: str) -> Callable[[JointReaction], JointReaction]:
    """The same for what does not care about order: the events that one command records come to it all at once."""

    def subscribe(reaction: JointReaction) -> JointReaction:
        _joint[kind][_name_of(reaction)] = reaction
        return reaction

    return subscribe


def joint_reaction_named(name: str) -> JointReaction:
    """Raises: KeyError, when the code that reacted is gone."""
    return {name: each for named in _joint.values() for name, each in named.items()}[name]


def reaction_named(kind: str, name: str) -> Reaction:
    """Raises: KeyError, when the code that reacted is gone."""
    return _reactions[kind][name]


def _name_of(reaction: Reaction | JointReaction) -> str:
    return f"{reaction.__module__}.{reaction.__qualname__}"


def record(
    kind: str,
    subject: str,
    *,
    by: Actor,
    at: datetime,
    area: int,
    payload: Mapping[str, Any] | None = None,
    facts: Mapping[str, Any] | None = None,
    policy: str = "",
) -> Reference:
    """Record one event in the running transaction, and queue its reactions."""
    return record_many([Draft(kind, subject, area, payload or {}, facts or {}, policy)], by=by, at=at)[0]


def record_many(drafts: Sequence[Draft], *, by: Actor, at: datetime) -> list[Reference]:
    """Record a batch: one message for the numbers, one for the rows.

    Shape: references in the order of the drafts; drafts of one subject keep their order.
    """
    if not drafts:
        return []
    numbers, ordinals = _take_numbers([draft.subject for draft in drafts])
    references = [
        Reference(draft.subject, number, ordinal)
        for draft, number, ordinal in zip(drafts, numbers, ordinals, strict=True)
    ]
    _write([_row(draft, reference, by, at) for draft, reference in zip(drafts, references, strict=True)])
    _queue_reactions(drafts, references)
    return references


def _write(rows: Sequence[Sequence[Any]]) -> None:
    if len(rows) > _FEW:
        copy_rows("foundation_event", _COLUMNS, rows)
        return
    # A temporary table costs more than a few rows do.
    values = ", ".join([f"({', '.join(['%s'] * len(_COLUMNS))})"] * len(rows))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO foundation_event ({', '.join(_COLUMNS)}) VALUES {values}",  # noqa: S608 - names from code
            [each for row in rows for each in row],
        )


def require_unchanged(subject: str, seen: int | None) -> None:
    """Hold a subject until commit and make sure that nothing happened to it since the actor looked.

    Units: `seen` is the number of the last event shown; None: the actor did not look, and decides all the same.
    Raises: Refused (`changed_meanwhile`).
    """
    if seen is None:
        return
    row = Subject.objects.select_for_update().filter(pk=subject).first()
    if row is not None and row.last_number != seen:
        raise Refused(refuse("changed_meanwhile"))


def claim_subject(subject: str) -> bool:
    """Hold a subject until commit without waiting for it; False when somebody else is at work on it.

    One that nothing ever happened to has no row to hold, and is free.
    """
    rows = Subject.objects.filter(pk=subject)
    return rows.select_for_update(skip_locked=True).exists() or not rows.exists()


def last_number(subject: str) -> int:
    """The number of the last event of a subject; 0 when nothing ever happened to it."""
    return Subject.objects.filter(pk=subject).values_list("last_number", flat=True).first() or 0


def _take_numbers(subjects: Sequence[str]) -> tuple[list[int], list[int]]:
    """The numbers of events within their subjects, and their ordinals among all.

    Three statements in one message, in this order: no ordinal is taken before the lock is held.
    """
    wanted: dict[str, int] = defaultdict(int)
    for subject in subjects:
        wanted[subject] += 1
    # Sorted, so that two batches that share subjects lock them in one order.
    ordered = sorted(wanted)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT pg_advisory_xact_lock_shared(%s);
            INSERT INTO foundation_subject AS s (subject, last_number)
            SELECT * FROM unnest(%s::text[], %s::int[])
            ON CONFLICT (subject) DO UPDATE SET last_number = s.last_number + excluded.last_number
            RETURNING subject, last_number;
            SELECT nextval('foundation_event_ordinal') FROM generate_series(1, %s)
            """,
            [SEAL_LOCK, ordered, [wanted[subject] for subject in ordered], len(subjects)],
        )
        cursor.nextset()
        last = dict(cursor.fetchall())
        cursor.nextset()
        ordinals = [ordinal for (ordinal,) in cursor.fetchall()]
    next_number = {subject: last[subject] - wanted[subject] for subject in ordered}
    numbers = []
    for subject in subjects:
        next_number[subject] += 1
        numbers.append(next_number[subject])
    return numbers, ordinals


def _row(draft: Draft, reference: Reference, by: Actor, at: datetime) -> tuple[Any, ...]:
    payload, facts = canonical(draft.payload), canonical(draft.facts)
    said = (
        draft.subject,
        reference.number,
        reference.ordinal,
        draft.kind,
        at,
        by.user_id,
        by.label,
        draft.area,
        payload,
        facts,
        draft.policy,
    )
    return (*said, digest_of(*said))


def canonical(value: object) -> str:
    """One spelling of a JSON value: sorted keys, no spaces, text as it is."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def digest_of(
    subject: str,
    number: int,
    ordinal: int,
    kind: str,
    at: datetime,
    actor_id: int | None,
    actor_label: str,
    area: int,
    payload: str,
    facts: str,
    policy: str,
) -> bytes:
    """The keyed digest of an event: HMAC-SHA256 over its canonical row, 32 bytes."""
    instant = at.astimezone(UTC).isoformat(timespec="microseconds")
    row = [subject, number, ordinal, kind, instant, actor_id, actor_label, area, payload, facts, policy]
    return hmac.digest(settings.DAYCLEAR_SEAL_KEY, canonical(row).encode(), hashlib.sha256)


def _queue_reactions(drafts: Sequence[Draft], references: Sequence[Reference]) -> None:
    # Reactions to one subject run one after another, joint ones as they come; the tasks are in `foundation.worker`.
    jobs = [
        app.configure_task(REACTION_TASK, lock=draft.subject, queue="reactions").make_new_job(
            kind=draft.kind, name=name, subject=draft.subject, number=reference.number
        )
        for draft, reference in zip(drafts, references, strict=True)
        for name in _reactions.get(draft.kind, ())
    ]
    together: dict[str, list[JSONValue]] = defaultdict(list)
    for draft, reference in zip(drafts, references, strict=True):
        for name in _joint.get(draft.kind, ()):
            together[name].append(reference.ordinal)
    jobs += [
        app.configure_task(TOGETHER_TASK, queue="reactions").make_new_job(
            name=name, ordinals=ordinals[start : start + _MOST_TOGETHER]
        )
        for name, ordinals in together.items()
        for start in range(0, len(ordinals), _MOST_TOGETHER)
    ]
    if jobs:
        app.job_manager.batch_defer_jobs(jobs)
