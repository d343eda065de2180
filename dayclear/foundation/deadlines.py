"""Opening, meeting and escalating deadlines. Same-day closure and every list of what is late read this one table."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Q, QuerySet

from dayclear.foundation.actors import Actor, system
from dayclear.foundation.additions import Additions
from dayclear.foundation.areas import ancestor, level_of
from dayclear.foundation.events import claim_subject, record
from dayclear.foundation.models import Deadline
from dayclear.foundation.rules import Right
from dayclear.foundation.scope import acting

log = logging.getLogger(__name__)

# Answers, from the facts as they now stand, whether what was due has in truth been done: asked before it is escalated.
Checker = Callable[[Deadline], bool]
checks = Additions[Checker]()
_rights: dict[str, Right] = {}

_BATCH = 500
_CHECKED_AGAIN_AFTER = timedelta(hours=1)


def shown_with(kind: str, right: Right) -> None:
    """Declare that a kind of deadline tells what only holders of a right may know. Called from AppConfig.ready."""
    _rights[kind] = right


@dataclass(frozen=True, slots=True)
class Opening:
    """A clock about to start. Units: `due_at` is a pure function of the event's own time and the pack."""

    kind: str
    subject: str
    area: int
    accountable: int
    opened_at: datetime
    due_at: datetime
    policy: str = ""


def open_many(openings: Sequence[Opening]) -> None:
    """Start the clocks of a batch in one statement; those already running stay as they are."""
    if not openings:
        return
    columns = [[getattr(opening, name) for opening in openings] for name in Opening.__slots__]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO foundation_deadline (kind, subject, area, accountable, opened_at, due_at, policy)
            SELECT * FROM unnest(%s::text[], %s::text[], %s::bigint[], %s::bigint[], %s::timestamptz[],
                %s::timestamptz[], %s::text[])
            ON CONFLICT (subject, kind) WHERE met_at IS NULL DO NOTHING
            """,
            columns,
        )


def open_deadline(
    kind: str, subject: str, *, area: int, accountable: int, opened_at: datetime, due_at: datetime, policy: str = ""
) -> None:
    """Open a clock on a subject; a clock of that kind already running stays as it is.

    Units: `due_at` is a pure function of the event's own time and the pack, computed by the caller's rule.
    """
    open_many([Opening(kind, subject, area, accountable, opened_at, due_at, policy)])


def keep_deadline(opening: Opening) -> None:
    """Have a clock run to a due time: opened, or the running one moved. Moved, it is no longer escalated."""
    columns = [getattr(opening, name) for name in Opening.__slots__]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO foundation_deadline AS d (kind, subject, area, accountable, opened_at, due_at, policy)
            VALUES (%s, %s, %s, %s, %s, %s, %s)
            ON CONFLICT (subject, kind) WHERE met_at IS NULL DO UPDATE SET due_at = excluded.due_at,
                opened_at = least(d.opened_at, excluded.opened_at), policy = excluded.policy,
                escalated_at = NULL, check_failed_at = NULL
            WHERE d.due_at <> excluded.due_at
            """,
            columns,
        )


def meet_many(kind: str, subjects: Collection[str], *, at: datetime) -> int:
    """Stop the clocks of a kind on many subjects; returns how many ran."""
    return Deadline.objects.filter(subject__in=subjects, kind=kind, met_at=None).update(met_at=at) if subjects else 0


def meet_each(met: Mapping[tuple[str, str], datetime]) -> None:
    """Stop clocks, each at its own instant. Shape: (kind, subject) → when; those that do not run stay as they are."""
    if not met:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE foundation_deadline d SET met_at = done.at
            FROM unnest(%s::text[], %s::text[], %s::timestamptz[]) AS done(kind, subject, at)
            WHERE d.subject = done.subject AND d.kind = done.kind AND d.met_at IS NULL
            """,
            [[kind for kind, _ in met], [subject for _, subject in met], list(met.values())],
        )


def meet_deadline(kind: str, subject: str, *, at: datetime) -> bool:
    """Stop the clock; False when none was running."""
    return bool(Deadline.objects.filter(subject=subject, kind=kind, met_at=None).update(met_at=at))


def move_deadlines(subjects: Sequence[str], to: int) -> None:
    """Have another place answer for what runs on these subjects, at the level that answered before; the times stay."""
    for deadline in Deadline.objects.filter(subject__in=list(subjects), met_at=None):
        accountable = ancestor(to, level_of(deadline.accountable))
        Deadline.objects.filter(pk=deadline.pk).update(area=to, accountable=accountable)


def move_deadline(kind: str, subject: str, *, opened_at: datetime, due_at: datetime) -> bool:
    """Set a running clock anew; False when none was running. Whether it is late is judged anew from then on."""
    running = Deadline.objects.filter(subject=subject, kind=kind, met_at=None)
    return bool(running.update(opened_at=opened_at, due_at=due_at, escalated_at=None))


def open_deadlines(actor: Actor) -> QuerySet[Deadline]:
    """What is due in the actor's places and the actor may know of, the most urgent first."""
    hidden = [kind for kind, right in _rights.items() if not actor.may(right)]
    rows = Deadline.objects.filter(area__range=(actor.area.lo, actor.area.hi), met_at=None)
    return rows.exclude(kind__in=hidden).order_by("due_at", "id")


def clock_of(actor: Actor, kind: str, subject: str) -> Deadline | None:
    """The latest clock of a kind on a subject, running or stopped."""
    right = _rights.get(kind)
    if right is not None and not actor.may(right):
        return None
    rows = Deadline.objects.filter(area__range=(actor.area.lo, actor.area.hi), kind=kind, subject=subject)
    return rows.order_by("-opened_at", "-id").first()


def sweep(*, now: datetime) -> int:
    """Escalate the deadlines that have passed; returns how many. The stored due time is a hint: the truth is asked.

    Each stands by itself, in a transaction of its own: none waits for a command that holds its subject, and one whose
    truth cannot be asked is noted, left out for an hour, and hinders no other.
    """
    by = system("sweeper")
    with acting(by):
        askable = Q(check_failed_at=None) | Q(check_failed_at__lt=now - _CHECKED_AGAIN_AFTER)
        due = Deadline.objects.filter(askable, due_at__lte=now, met_at=None, escalated_at=None)
        keys = list(due.order_by("due_at").values_list("pk", "subject")[:_BATCH])
    escalated = 0
    for pk, subject in keys:
        try:
            with acting(by):
                escalated += _escalate(pk, subject, by, now)
        except Exception:
            log.exception("deadline %s of %s could not be checked", pk, subject)
            with acting(by):
                Deadline.objects.filter(pk=pk).update(check_failed_at=now)
    return escalated


def _escalate(pk: int, subject: str, by: Actor, now: datetime) -> bool:
    """Escalate one deadline unless it is met, in truth or in the table, or a command is at work on its subject."""
    # The subject before the deadline, and neither waited for: commands take the two in either order.
    if not claim_subject(subject):
        return False
    deadline = (
        Deadline.objects.select_for_update(skip_locked=True).filter(pk=pk, met_at=None, escalated_at=None).first()
    )
    if deadline is None:
        return False
    done = checks.get(deadline.kind)
    deadline.check_failed_at = None
    if done is not None and done(deadline):
        deadline.met_at = now
        deadline.save(update_fields=["met_at", "check_failed_at"])
        return False
    deadline.escalated_at = now
    deadline.save(update_fields=["escalated_at", "check_failed_at"])
    record(
        "foundation.deadline_escalated",
        deadline.subject,
        by=by,
        at=now,
        area=deadline.area,
        payload={
            "kind": deadline.kind,
            "due_at": deadline.due_at.isoformat(),
            "accountable": deadline.accountable,
        },
        policy=deadline.policy,
    )
    return True
