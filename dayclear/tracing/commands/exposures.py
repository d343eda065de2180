"""Linking cases to those they caught it from."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from django.db import connection
from django.db.models import Count, Min

from dayclear.cases.commands import counts_at_the_end, mark_sources
from dayclear.cases.models import Case
from dayclear.foundation.actors import Actor
from dayclear.foundation.database import copy_rows
from dayclear.foundation.events import Draft, record_many
from dayclear.foundation.rules import Right
from dayclear.tracing.commands.chains import hold_chains
from dayclear.tracing.models import Exposure

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
# References looked at at once, so that a large list does not hold all its cases in memory.
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
    hold_chains(disease)
    linked: list[tuple[int, int]] = []
    last = 0
    with counts_at_the_end():
        while references := _open_references(disease, keys, after=last):
            last = references[-1].id
            found = _link(_without_known_pairs(_sources(disease, references)))
            mark_sources({case for _, case, _ in found}, by=by, now=now)
            record_many(
                [
                    Draft("tracing.source_linked", f"cases.case:{case}", area, {"source": source})
                    for source, case, area in found
                ],
                by=by,
                at=now,
            )
            linked += [(source, case) for source, case, _ in found]
    return linked


class _Reference(NamedTuple):
    id: int
    case: int
    numbering: str
    number: str
    key: str


def _open_references(disease: str, keys: Collection[str] | None, *, after: int) -> list[_Reference]:
    """The next references without a case, held until commit."""
    rows = Exposure.objects.select_for_update(of=("self",)).filter(source=None, disease=disease, pk__gt=after)
    if keys is not None:
        rows = rows.filter(source_key__in=list(keys))
    columns = rows.order_by("pk").values_list("pk", "case_id", "numbering", "source_number", "source_key")
    return [_Reference(*row) for row in columns[:_AT_ONCE]]


def _sources(disease: str, references: Sequence[_Reference]) -> list[tuple[_Reference, int]]:
    """Which case each reference names. Asked by lists of numbers: joined with a list that has just come in, of which
    the planner knows nothing yet, the tables were read once for each reference."""
    found = []
    for numbering in sorted({reference.numbering for reference in references}):
        mine = [reference for reference in references if reference.numbering == numbering]
        cases = Case.objects.filter(disease=disease, numbering=numbering)
        written = dict(cases.filter(number__in={each.number for each in mine}).values_list("number", "pk"))
        loose = cases.filter(number_key__in={each.key for each in mine if each.number not in written})
        bearers = loose.values("number_key").annotate(first=Min("pk"), bearers=Count("pk")).order_by()
        once = {row["number_key"]: row["first"] for row in bearers if row["bearers"] == 1}
        found += [(each, source) for each in mine if (source := written.get(each.number, once.get(each.key)))]
    return [(reference, source) for reference, source in found if source != reference.case]


def _without_known_pairs(found: Sequence[tuple[_Reference, int]]) -> list[tuple[_Reference, int]]:
    """One reference a pair: a case may name the same source in two spellings, and the second stays a reference."""
    cases = {reference.case for reference, _ in found}
    known = set(Exposure.objects.filter(case__in=cases, source__isnull=False).values_list("case_id", "source_id"))
    first = []
    for reference, source in found:
        if (reference.case, source) not in known:
            known.add((reference.case, source))
            first.append((reference, source))
    return first


def _link(found: Sequence[tuple[_Reference, int]]) -> list[tuple[int, int, int]]:
    """Shape: (source, case, area of the case)."""
    if not found:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE tracing_exposure e SET source_id = d.source
            FROM unnest(%s::bigint[], %s::bigint[]) AS d(id, source) WHERE e.id = d.id
            RETURNING e.source_id, e.case_id, e.area
            """,
            [[reference.id for reference, _ in found], [source for _, source in found]],
        )
        return [(source, case, area) for source, case, area in cursor.fetchall()]
