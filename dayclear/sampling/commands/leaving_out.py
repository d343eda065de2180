"""Who is left out of rounds for a while, and back in: members of a positive tube until their own test has answered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from dayclear.foundation.actors import Actor
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.events import Draft, record_many
from dayclear.foundation.rules import Right

_EXCLUDE = """
INSERT INTO sampling_exclusion (area, person_id, cause, begun_at, ends_at)
SELECT p.area, p.id, held.cause, %(now)s, %(until)s
FROM (SELECT DISTINCT * FROM unnest(%(people)s::bigint[], %(causes)s::text[])) AS held(person, cause)
JOIN people_person p ON p.id = held.person
ORDER BY p.id, held.cause
ON CONFLICT (person_id, cause) WHERE ended_at IS NULL DO NOTHING
RETURNING cause
"""
_READMIT = """
UPDATE sampling_exclusion e SET ended_at = %(now)s
FROM (SELECT DISTINCT * FROM unnest(%(people)s::bigint[], %(causes)s::text[])) AS held(person, cause)
WHERE e.person_id = held.person AND e.cause = held.cause AND e.ended_at IS NULL
RETURNING e.cause
"""


def exclude_people(held: Mapping[str, Iterable[int]], *, until: datetime, by: Actor, now: datetime) -> int:
    """Leave people out of every round until an instant; those left out for the same cause already stay so.

    Shape: people by what holds them, such as `recall:DC…`. Returns how many were added.
    Raises: Refused (`right_missing`, `exclusion_without_end`).
    """
    by.require(Right.RUN_SAMPLING)
    if until <= now:
        raise Refused(refuse("exclusion_without_end"))
    return _change(_EXCLUDE, "sampling.people_excluded", held, {"until": until}, by=by, now=now)


def readmit_people(held: Mapping[str, Iterable[int]], *, by: Actor, now: datetime) -> int:
    """Let people back into rounds, as far as these causes held them. Returns how many."""
    by.require(Right.RUN_SAMPLING)
    return _change(_READMIT, "sampling.people_readmitted", held, {}, by=by, now=now)


def _change(
    statement: str, kind: str, held: Mapping[str, Iterable[int]], more: Mapping[str, Any], *, by: Actor, now: datetime
) -> int:
    """Write all causes at once, and an event for each that changed somebody."""
    pairs = [(person, cause[:64]) for cause, people in held.items() for person in people]
    said = {"people": [person for person, _ in pairs], "causes": [cause for _, cause in pairs], "now": now, **more}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, said)
        changed = Counter(cause for (cause,) in cursor.fetchall())
        drafts = [
            Draft(kind, f"sampling.exclusion:{cause}"[:64], by.area.lo, {"cause": cause, "people": people})
            for cause, people in sorted(changed.items())
        ]
        record_many(drafts, by=by, at=now)
    return changed.total()
