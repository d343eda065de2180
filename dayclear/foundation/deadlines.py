"""Opening, meeting and escalating deadlines. Same-day closure and every list of what is late read this one table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import QuerySet

from dayclear.foundation.actors import Actor, system
from dayclear.foundation.areas import ancestor, level_of
from dayclear.foundation.events import Draft, record_many
from dayclear.foundation.models import Deadline
from dayclear.foundation.rules import Right

# Answers, from the facts as they now stand, whether what was due has in truth been done.
Checker = Callable[[Deadline], bool]
_checkers: dict[str, Checker] = {}
_rights: dict[str, Right] = {}

_BATCH = 500


def checks(kind: str) -> Callable[[Checker], Checker]:
    """Register how the truth behind a kind of deadline is re-checked before it is escalated."""

    def register(checker: Checker) -> Checker:
        _checkers[kind] = checker
        return checker

    return register


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
