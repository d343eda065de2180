"""From sightings to findings: one open finding for each subject and predicate, however often it is seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from dayclear.foundation.actors import Actor
from dayclear.foundation.deadlines import Opening, checks, meet_many, open_many
from dayclear.foundation.events import Draft, canonical, record_many
from dayclear.foundation.models import Deadline
from dayclear.supervision.limits import hours
from dayclear.supervision.models import Finding
from dayclear.supervision.rules import due_after
from dayclear.supervision.sightings import Sighting

ANSWER, RECHECK = "supervision.answer", "supervision.recheck"
FINDING_OPENED = "supervision.finding_opened"
_BATCH = 1000
_COLUMNS = (
    "area",
    "subject",
    "about",
    "predicate",
    "side",
    "origin",
    "disease",
    "facts",
    "limit",
    "source",
    "policy",
    "review",
    "owner",
)


def subject_of(finding_id: int) -> str:
    """What the trail calls a finding."""
    return f"supervision.finding:{finding_id}"


def open_findings(
    sightings: Sequence[Sighting], origin: str, *, by: Actor, now: datetime
) -> dict[tuple[str, str, str], int]:
    """Make findings of sightings; what is open already is noted as seen again, with the facts of today.

    Shape: key of the sighting → id of its finding. The caller has opened the transaction.
    """
    found: dict[tuple[str, str, str], int] = {}
    unique = list({each.key: each for each in sightings}.values())
    for start in range(0, len(unique), _BATCH):
        batch = unique[start : start + _BATCH]
        rows = _insert(batch, origin, now)
        found |= {(subject, about, predicate): pk for pk, subject, about, predicate, _ in rows}
        fresh = {(subject, about, predicate) for _, subject, about, predicate, is_new in rows if is_new}
        _tell([each for each in batch if each.key in fresh], found, origin, by=by, now=now)
    return found


def start_clocks(kind: str, rows: Sequence[Finding], due_at: datetime, *, now: datetime) -> None:
    """Start the clocks of the next step of findings."""
    open_many([Opening(kind, subject_of(row.pk), row.area, row.owner, now, due_at, row.policy) for row in rows])


def stop_clocks(finding_ids: Sequence[int], *, now: datetime) -> None:
    """Stop whatever clocks of findings run."""
    for kind in (ANSWER, RECHECK):
        meet_many(kind, [subject_of(each) for each in finding_ids], at=now)


def _insert(batch: Sequence[Sighting], origin: str, now: datetime) -> list[tuple[int, str, str, str, bool]]:
    due = due_after(now, hours("answer_due"))
    values = [_values(each, origin, now, due) for each in batch]
    with connection.cursor() as cursor:
        cursor.execute(_UPSERT, [list(column) for column in zip(*values, strict=True)])
        return list(cursor.fetchall())


# Columns in the order of `_COLUMNS`, then the three instants.
_UPSERT = """
INSERT INTO supervision_finding
    (area, subject, about, predicate, side, origin, disease, facts, "limit", source, policy, review, owner,
     found_at, seen_at, due_at, state, answer, contested, answered_label, remedy, rechecked_label, close_cause,
     close_reason)
SELECT *, 'open', '', false, '', '', '', '', ''
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::jsonb[],
            %s::text[], %s::text[], %s::text[], %s::boolean[], %s::bigint[],
            %s::timestamptz[], %s::timestamptz[], %s::timestamptz[])
ON CONFLICT (subject, about, predicate) WHERE state <> 'closed' DO UPDATE
    SET seen_at = excluded.seen_at, facts = excluded.facts, "limit" = excluded."limit", source = excluded.source,
        policy = excluded.policy
RETURNING id, subject, about, predicate, xmax = 0
"""


def _values(each: Sighting, origin: str, now: datetime, due: datetime) -> tuple[Any, ...]:
    said: Mapping[str, Any] = {"origin": origin, "facts": canonical(each.facts)}
    return (*(said[name] if name in said else getattr(each, name) for name in _COLUMNS), now, now, due)


def _tell(
    fresh: Sequence[Sighting], ids: Mapping[tuple[str, str, str], int], origin: str, *, by: Actor, now: datetime
) -> None:
    due = due_after(now, hours("answer_due"))
    open_many([Opening(ANSWER, subject_of(ids[s.key]), s.area, s.owner, now, due, s.policy) for s in fresh])
    record_many(
        [
            Draft(
                FINDING_OPENED,
                subject_of(ids[each.key]),
                each.area,
                {"predicate": each.predicate, "on": each.subject, "side": each.side, "origin": origin},
                dict(each.facts),
                each.policy,
            )
            for each in fresh
        ],
        by=by,
        at=now,
    )


@checks(ANSWER)
def _is_answered(deadline: Deadline) -> bool:
    row = Finding.objects.filter(pk=int(deadline.subject.partition(":")[2])).first()
    return row is None or row.state != "open"


@checks(RECHECK)
def _is_rechecked(deadline: Deadline) -> bool:
    row = Finding.objects.filter(pk=int(deadline.subject.partition(":")[2])).first()
    return row is None or row.state not in ("rectified", "rechecked", "answered")
