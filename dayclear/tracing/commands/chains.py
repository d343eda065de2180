"""Keeping the chains of transmission: members, generations, and sizes as seen from each place."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from dayclear.cases.models import Case
from dayclear.cases.rules import COUNTED_LEVELS
from dayclear.foundation.areas import ancestor
from dayclear.foundation.database import copy_rows
from dayclear.tracing.models import ChainCount, ChainMember, Exposure
from dayclear.tracing.rules import Chain, IntervalLimits, Link, find_chains, interval_flaw

_MEMBER = ("case_id", "chain", "area", "generation", "offspring")
_COUNT = (
    "level",
    "area",
    "disease",
    "chain",
    "members",
    "size",
    "longest",
    "largest",
    "unknown_sources",
    "flaws",
    "first_on",
    "last_on",
)


@dataclass(frozen=True, slots=True)
class _Member:
    area: int
    day: date | None
    under_order: str


def rebuild_chains(disease: str, *, limits: IntervalLimits, touching: Collection[int] | None = None) -> int:
    """Work out the chains of a disease anew and return how many there are among those worked out.

    `touching` narrows it to the chains that hold one of these cases, before or after the change; None does them all.
    One writer at a time for a disease: chains that two batches join must end as one.
    """
    hold_chains(disease)
    links = list(_links(disease, _closure(touching) if touching is not None else None))
    chains = find_chains(links)
    _forget(disease, None if touching is None else {case for chain in chains for case in chain.generations})
    members = _members({case for chain in chains for case in chain.generations})
    flaws = _flaws(links, members, limits)
    copy_rows("tracing_chain_member", _MEMBER, _member_rows(chains, members))
    copy_rows("tracing_chain_count", _COUNT, _count_rows(disease, chains, members, flaws))
    return len(chains)


def hold_chains(disease: str) -> None:
    """Let nobody else join cases of a disease until this transaction ends. Taken before any row, so that two batches
    never wait for each other in a ring."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('chains:' || %s, 0))", [disease])


def _links(disease: str, cases: Collection[int] | None) -> Iterator[Link]:
    """The links of a disease; of `cases` alone, which hold both ends of every link they have."""
    rows = Exposure.objects.filter(disease=disease, source__isnull=False)
    if cases is not None:
        rows = rows.extra(where=["case_id = ANY(%s)"], params=[list(cases)])
    for source, case in rows.values_list("source_id", "case_id").iterator(chunk_size=20_000):
        yield Link(source, case)


def _closure(cases: Collection[int]) -> list[int]:
    """The cases joined to these, directly or through others."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH RECURSIVE joined(id) AS (
                SELECT unnest(%s::bigint[])
                UNION
                SELECT n.id FROM joined j CROSS JOIN LATERAL (
                    SELECT e.source_id AS id FROM tracing_exposure e WHERE e.case_id = j.id AND e.source_id IS NOT NULL
                    UNION ALL
                    SELECT e.case_id FROM tracing_exposure e WHERE e.source_id = j.id) n)
            SELECT id FROM joined
            """,
            [list(cases)],
        )
        return [row[0] for row in cursor.fetchall()]


def _forget(disease: str, cases: Collection[int] | None) -> None:
    if cases is None:
        old = ChainCount.objects.filter(disease=disease).values_list("chain", flat=True).distinct()
        chains = list(old)
    else:
        old = ChainMember.objects.extra(where=["case_id = ANY(%s)"], params=[list(cases)])
        chains = list(old.values_list("chain", flat=True).distinct())
    ChainMember.objects.filter(chain__in=chains).delete()
    ChainCount.objects.filter(chain__in=chains).delete()


def _members(cases: Collection[int]) -> dict[int, _Member]:
    known = Case.objects.extra(where=["cases_case.id = ANY(%s)"], params=[list(cases)])
    rows = known.values_list("pk", "area", "onset_on", "counted_on", "under_order")
    return {pk: _Member(area, onset or counted, order) for pk, area, onset, counted, order in rows.iterator()}


def _flaws(links: Collection[Link], members: dict[int, _Member], limits: IntervalLimits) -> dict[int, int]:
    """How many links of each case cannot be true."""
    flaws: dict[int, int] = defaultdict(int)
    for link in links:
        source, case = members.get(link.source), members.get(link.case)
        if source and case and interval_flaw(source.day, case.day, limits):
            flaws[link.case] += 1
    return flaws


def _member_rows(chains: Collection[Chain], members: dict[int, _Member]) -> Iterator[tuple[Any, ...]]:
    for chain in chains:
        for case, generation in chain.generations.items():
            yield case, chain.id, members[case].area, generation, chain.offspring[case]


def _count_rows(
    disease: str, chains: Collection[Chain], members: dict[int, _Member], flaws: dict[int, int]
) -> Iterator[tuple[Any, ...]]:
    for chain in chains:
        days = [day for case in chain.generations if (day := members[case].day)]
        whole = (
            chain.size,
            chain.longest,
            chain.largest[1],
            len(chain.roots),
            len(chain.in_cycle) + sum(flaws.get(case, 0) for case in chain.generations),
            min(days, default=None),
            max(days, default=None),
        )
        seen: dict[tuple[int, int], int] = defaultdict(int)
        for case in chain.generations:
            for level in range(COUNTED_LEVELS):
                seen[level, ancestor(members[case].area, level)] += 1
        for (level, area), count in seen.items():
            yield level, area, disease, chain.id, count, *whole
