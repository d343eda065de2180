"""Opening, meeting and escalating deadlines. Same-day closure and every list of what is late read this one table."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from django.db import connection
from django.db.models import QuerySet

from dayclear.foundation.actors import Actor, system
from dayclear.foundation.events import Draft, record_many
from dayclear.foundation.models import Deadline

# Answers, from the facts as they now stand, whether what was due has in truth been done.
Checker = Callable[[Deadline], bool]
_checkers: dict[str, Checker] = {}

_BATCH = 500


def checks(kind: str) -> Callable[[Checker], Checker]:
    """Register how the truth behind a kind of deadline is re-checked before it is escalated."""

    def register(checker: Checker) -> Checker:
        _checkers[kind] = checker
        return checker

    return register


def open_deadline(
    kind: str, subject: str, *, area: int, accountable: int, opened_at: datetime, due_at: datetime, policy: str = ""
) -> None:
    """Open a clock on a subject; a clock of that kind already running stays as it is.

    Units: `due_at` is a pure function of the event's own time and the pack, computed by the caller's rule.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO foundation_deadline (subject, kind, area, accountable, policy, opened_at, due_at)
            VALUES (%s, %s, %s, %s, %s, %s, %s)
            ON CONFLICT (subject, kind) WHERE met_at IS NULL DO NOTHING
            """,
            [subject, kind, area, accountable, policy, opened_at, due_at],
        )


def meet_deadline(kind: str, subject: str, *, at: datetime) -> bool:
    """Stop the clock; False when none was running."""
    return bool(Deadline.objects.filter(subject=subject, kind=kind, met_at=None).update(met_at=at))


def open_deadlines(actor: Actor) -> QuerySet[Deadline]:
    """What is due in the actor's places, the most urgent first."""
    return Deadline.objects.filter(area__range=(actor.area.lo, actor.area.hi), met_at=None).order_by("due_at", "id")


def sweep(*, now: datetime) -> int:
    """Escalate the deadlines that have passed; returns how many. The stored due time is a hint: the truth is asked."""
    due = list(
        Deadline.objects.select_for_update(skip_locked=True)
        .filter(due_at__lte=now, met_at=None, escalated_at=None)
        .order_by("due_at")[:_BATCH]
    )
    late = list(_still_open(due, now))
    Deadline.objects.filter(pk__in=[deadline.pk for deadline in late]).update(escalated_at=now)
    record_many(
        [
            Draft(
                "foundation.deadline_escalated",
                deadline.subject,
                deadline.area,
                {"kind": deadline.kind, "due_at": deadline.due_at.isoformat(), "accountable": deadline.accountable},
                policy=deadline.policy,
            )
            for deadline in late
        ],
        by=system("sweeper"),
        at=now,
    )
    return len(late)


def _still_open(due: Iterable[Deadline], now: datetime) -> Iterable[Deadline]:
    for deadline in due:
        done = _checkers.get(deadline.kind)
        if done is not None and done(deadline):
            meet_deadline(deadline.kind, deadline.subject, at=now)
        else:
            yield deadline
