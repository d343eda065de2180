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
    "source_key",
    "relation",
    "certainty",
    "exposed_on",
    "recorded_at",
)
# Links noted at once, so that a large list does not hold all its cases in memory.
_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class Source:
    """That a case names another as its source, by number. `area` is the case's; `source_key` the loose spelling."""

    case_id: int
    area: int
    disease: str
    numbering: str
    source_number: str
    source_key: str = ""
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
        (
            s.area,
            s.case_id,
            s.disease,
            s.numbering,
            s.source_number,
            s.source_key or s.source_number,
            s.relation,
            s.certainty,
            s.exposed_on,
            now,
        )
        for s in sources
    ]
    return copy_rows("tracing_exposure", _COLUMNS, rows, conflict="ON CONFLICT DO NOTHING") if rows else 0


def resolve_references(
    disease: str, *, by: Actor, now: datetime, keys: Collection[str] | None = None
) -> list[tuple[int, int]]:
    """Turn references into links where the case they name is now in the system.

    The number as written decides; failing that its loose spelling, where only one case bears it. `keys` narrows it to
    references with one of these loose spellings. Returns the (source, case) pairs that became links.
    A case that names itself stays unresolved: the page shows it as a flaw of the data.
    """
    by.require(Right.WRITE_CASES)
    linked = [row for match in (_AS_WRITTEN, _LOOSELY) for row in _link(match, disease, keys)]
    for start in range(0, len(linked), _AT_ONCE):
        some = linked[start : start + _AT_ONCE]
        mark_sources({case for _, case, _ in some}, by=by, now=now)
        record_many(
            [
                Draft("tracing.source_linked", f"cases.case:{case}", area, {"source": source})
                for source, case, area in some
            ],
            by=by,
            at=now,
        )
    return [(source, case) for source, case, _ in linked]


_AS_WRITTEN = "c.number = e.source_number"
_LOOSELY = """c.number_key = e.source_key AND NOT EXISTS (
    SELECT FROM cases_case o WHERE o.disease = c.disease AND o.numbering = c.numbering AND o.number_key = c.number_key
      AND o.id <> c.id)"""


def _link(match: str, disease: str, keys: Collection[str] | None) -> list[tuple[int, int, int]]:
    # One reference a pair: a case may name the same source in two spellings, and the second stays a reference.
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH found AS (
                SELECT DISTINCT ON (e.case_id, c.id) e.id AS exposure, c.id AS source
                FROM tracing_exposure e
                JOIN cases_case c ON c.disease = e.disease AND c.numbering = e.numbering AND {match}
                WHERE e.source_id IS NULL AND e.disease = %(disease)s AND c.id <> e.case_id
                  AND (%(keys)s::text[] IS NULL OR e.source_key = ANY(%(keys)s))
                  AND NOT EXISTS (SELECT FROM tracing_exposure o WHERE o.case_id = e.case_id AND o.source_id = c.id)
                ORDER BY e.case_id, c.id, e.id)
            UPDATE tracing_exposure e SET source_id = found.source FROM found WHERE e.id = found.exposure
            RETURNING e.source_id, e.case_id, e.area
            """,  # noqa: S608 - conditions from code
            {"disease": disease, "keys": list(keys) if keys is not None else None},
        )
        return [(source, case, area) for source, case, area in cursor.fetchall()]
