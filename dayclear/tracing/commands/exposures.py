"""Linking cases to those they caught it from."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection

from dayclear.cases.commands import mark_sources
from dayclear.foundation.actors import Actor
from dayclear.foundation.database import copy_rows
from dayclear.foundation.events import Draft, record_many
from dayclear.foundation.rules import Right

_COLUMNS = (
    "area",
    "case_id",
    "disease",
    "numbering",
    "source_number",
    "relation",
    "certainty",
    "exposed_on",
    "recorded_at",
)


@dataclass(frozen=True, slots=True)
class Source:
    """That a case names another as its source, by number. `area` is the case's."""

    case_id: int
    area: int
    disease: str
    numbering: str
    source_number: str
    relation: str = "unknown"
    certainty: str = "possible"
    exposed_on: date | None = None


def link_sources(sources: Sequence[Source], *, by: Actor, now: datetime) -> int:
    """Record the sources that cases name; returns how many were new.

    A source that is not in the system stays by its number until it arrives; resolving is a step of its own
    (`resolve_references`), because the case that is named may come later in the same batch.
    """
    by.require(Right.WRITE_CASES)
    rows = [
        (s.area, s.case_id, s.disease, s.numbering, s.source_number, s.relation, s.certainty, s.exposed_on, now)
        for s in sources
    ]
    return copy_rows("tracing_exposure", _COLUMNS, rows, conflict="ON CONFLICT DO NOTHING") if rows else 0


def resolve_references(
    disease: str, *, by: Actor, now: datetime, numbers: Collection[str] | None = None
) -> list[tuple[int, int]]:
    """Turn references into links where the case they name is now in the system.

    `numbers` narrows it to references that name one of these. Returns (source, case) pairs that became links.
    A case that names itself stays unresolved: the page shows it as a flaw of the data.
    """
    by.require(Right.WRITE_CASES)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE tracing_exposure e SET source_id = s.id
            FROM cases_case s
            WHERE e.source_id IS NULL AND e.disease = %(disease)s
              AND s.disease = e.disease AND s.numbering = e.numbering AND s.number = e.source_number
              AND s.id <> e.case_id AND (%(numbers)s::text[] IS NULL OR e.source_number = ANY(%(numbers)s))
              AND NOT EXISTS (
                SELECT FROM tracing_exposure o WHERE o.case_id = e.case_id AND o.source_id = s.id)
            RETURNING e.source_id, e.case_id, e.area
            """,
            {"disease": disease, "numbers": list(numbers) if numbers is not None else None},
        )
        linked = cursor.fetchall()
    mark_sources({case for _, case, _ in linked}, by=by, now=now)
    record_many(
        [
            Draft("tracing.source_linked", f"cases.case:{case}", area, {"source": source})
            for source, case, area in linked
        ],
        by=by,
        at=now,
    )
    return [(source, case) for source, case, _ in linked]
