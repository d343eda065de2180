"""Reading chains, sources, contacts and places visited, within scope."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.db.models import Count, Max, Q, QuerySet, Sum

from dayclear.cases.queries import total_cases
from dayclear.foundation.actors import Actor
from dayclear.foundation.areas import level_of
from dayclear.foundation.rules import Right
from dayclear.tracing.models import ChainCount, ChainMember, Contact, Exposure, Visit


def chains_at(actor: Actor, place: int, disease: str) -> QuerySet[ChainCount]:
    """The chains with a member at a place, the largest first. `members` are those at the place, `size` is the whole."""
    actor.require(Right.SEE_CASES)
    return ChainCount.objects.filter(area=place, level=level_of(place), disease=disease).order_by("-size", "chain")


@dataclass(frozen=True, slots=True)
class ChainSummary:
    """The chains at a place, in figures.

    `joined` chains have two or more cases; `single` cases have neither source nor offspring and are a chain each.
    Units: `longest` in links; `largest` offspring of one case.
    """

    joined: int
    single: int
    longest: int
    largest: int
    flawed: int

    @property
    def chains(self) -> int:
        return self.joined + self.single


def chain_summary(actor: Actor, place: int, disease: str) -> ChainSummary:
    """How many chains there are at a place, how deep they go, how many hold what cannot be true."""
    actor.require(Right.SEE_CASES)
    row = ChainCount.objects.filter(area=place, level=level_of(place), disease=disease).aggregate(
        joined=Count("pk"),
        members=Sum("members"),
        longest=Max("longest"),
        largest=Max("largest"),
        flawed=Count("pk", filter=Q(flaws__gt=0)),
    )
    cases = total_cases(place, disease)
    return ChainSummary(
        joined=row["joined"],
        single=max(cases - (row["members"] or 0), 0),
        longest=row["longest"] or 0,
        largest=row["largest"] or 0,
        flawed=row["flawed"],
    )


def members_of(actor: Actor, chain: int) -> QuerySet[ChainMember]:
    """The members of a chain in the actor's places, first generation first."""
    actor.require(Right.SEE_CASES)
    return (
        ChainMember.objects.filter(chain=chain, area__range=(actor.area.lo, actor.area.hi))
        .select_related("case", "case__person")
        .order_by("generation", "case__counted_on", "case_id")
    )


@dataclass(frozen=True, slots=True)
class DrawnMember:
    """What the drawing of a chain needs of a case. `day` is the onset, else the day it counts for."""

    case: int
    number: str
    day: date | None
    onset_known: bool
    under_order: str
    generation: int
    offspring: int


def drawn_members(actor: Actor, chain: int) -> list[DrawnMember]:
    """The members of a chain in the actor's places, without whom they are."""
    rows = (
        ChainMember.objects.filter(chain=chain, area__range=(actor.area.lo, actor.area.hi))
        .order_by("generation", "case_id")
        .values_list(
            "case_id",
            "case__number",
            "case__onset_on",
            "case__counted_on",
            "case__under_order",
            "generation",
            "offspring",
        )
    )
    actor.require(Right.SEE_CASES)
    return [
        DrawnMember(case, number, onset or counted, onset is not None, order, generation, offspring)
        for case, number, onset, counted, order, generation, offspring in rows
    ]


def chain_at(actor: Actor, chain: int) -> ChainCount | None:
    """A chain as seen from the actor's own place; None when no member lies there."""
    actor.require(Right.SEE_CASES)
    return ChainCount.objects.filter(chain=chain, area=actor.area.lo, level=actor.level).first()


def links_among(actor: Actor, cases: Sequence[int]) -> QuerySet[Exposure]:
    """The links whose case is one of these and whose source is known."""
    actor.require(Right.SEE_CASES)
    return Exposure.objects.filter(
        case__in=cases, source__isnull=False, area__range=(actor.area.lo, actor.area.hi)
    ).order_by("case_id", "source_id")


def sources_of(actor: Actor, case: int) -> QuerySet[Exposure]:
    """What a case names as its sources, resolved or not."""
    actor.require(Right.SEE_CASES)
    return Exposure.objects.filter(case=case, area__range=(actor.area.lo, actor.area.hi)).select_related("source")


def unresolved_references(actor: Actor, disease: str) -> QuerySet[Exposure]:
    """References to cases that are not in the system."""
    actor.require(Right.SEE_CASES)
    return (
        Exposure.objects.filter(source=None, disease=disease, area__range=(actor.area.lo, actor.area.hi))
        .select_related("case")
        .order_by("id")
    )


@dataclass(frozen=True, slots=True)
class NamedSource:
    """A source as a case names it. `number` is what was written, `source` the case it turned out to be (None: not in
    the system); `visible` says whether that case lies in the reader's places."""

    case: int
    number: str
    source: int | None
    visible: bool


def named_sources(actor: Actor, cases: Sequence[int]) -> dict[int, list[NamedSource]]:
    """The sources that these cases name, by case."""
    actor.require(Right.SEE_CASES)
    named: dict[int, list[NamedSource]] = {}
    rows = (
        Exposure.objects.filter(case__in=cases, area__range=(actor.area.lo, actor.area.hi))
        .order_by("case_id", "id")
        .values_list("case_id", "source_number", "source_id", "source__area")
    )
    for case, number, source, area in rows:
        visible = area is not None and area in actor.area
        named.setdefault(case, []).append(NamedSource(case, number, source, visible))
    return named


def count_unresolved(actor: Actor, disease: str, *, limit: int) -> int:
    """How many references name a case that is not in the system, counted up to `limit`."""
    return len(unresolved_references(actor, disease).order_by().values_list("id", flat=True)[:limit])


def link_counts(actor: Actor, disease: str, numbering: str | None = None) -> tuple[int, int]:
    """Links between two cases in the system, and references to cases that are not. (links, unresolved)"""
    actor.require(Right.SEE_CASES)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT count(source_id), count(*) - count(source_id) FROM tracing_exposure
            WHERE disease = %(disease)s AND area BETWEEN %(lo)s AND %(hi)s
              AND (%(numbering)s::text IS NULL OR numbering = %(numbering)s)
            """,
            {"disease": disease, "lo": actor.area.lo, "hi": actor.area.hi, "numbering": numbering},
        )
        links, unresolved = cursor.fetchone()
    return links, unresolved


def visits_of(actor: Actor, case: int) -> QuerySet[Visit]:
    """Where a case had been while infectious, in order of time."""
    actor.require(Right.SEE_CASES)
    return Visit.objects.filter(case=case, area__range=(actor.area.lo, actor.area.hi)).order_by("from_on", "id")


def contacts_of(actor: Actor, case: int) -> QuerySet[Contact]:
    """The people exposed to a case."""
    actor.require(Right.SEE_CASES)
    return (
        Contact.objects.filter(case=case, area__range=(actor.area.lo, actor.area.hi), person__merged_into=None)
        .select_related("person")
        .order_by("-last_exposed_on", "id")
    )


def within_two_links(actor: Actor, cases: Sequence[int]) -> list[tuple[int, int]]:
    """Every case within two links of these, in either direction. Shape: (case, distance 0 to 2), ascending by case."""
    actor.require(Right.SEE_CASES)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH start AS (SELECT DISTINCT unnest(%(cases)s::bigint[]) AS id),
            first AS (
                SELECT e.source_id AS id FROM tracing_exposure e JOIN start s ON e.case_id = s.id
                WHERE e.source_id IS NOT NULL
                UNION SELECT e.case_id FROM tracing_exposure e JOIN start s ON e.source_id = s.id),
            second AS (
                SELECT e.source_id AS id FROM tracing_exposure e JOIN first f ON e.case_id = f.id
                WHERE e.source_id IS NOT NULL
                UNION SELECT e.case_id FROM tracing_exposure e JOIN first f ON e.source_id = f.id)
            SELECT id, min(distance) FROM (
                SELECT id, 0 AS distance FROM start UNION ALL
                SELECT id, 1 FROM first UNION ALL
                SELECT id, 2 FROM second) AS reached
            GROUP BY id ORDER BY id
            """,
            {"cases": list(cases)},
        )
        return [(case, distance) for case, distance in cursor.fetchall()]


def offspring_of(actor: Actor, case: int) -> QuerySet[Exposure]:
    """The cases that name a case as their source."""
    actor.require(Right.SEE_CASES)
    return (
        Exposure.objects.filter(source=case, area__range=(actor.area.lo, actor.area.hi))
        .select_related("case")
        .order_by("case__counted_on", "case_id")
    )


def contacts_of_person(actor: Actor, person: int) -> QuerySet[Contact]:
    """The cases a person was exposed to, where both lie in the actor's places."""
    actor.require(Right.SEE_CASES)
    return (
        Contact.objects.filter(person=person, area__range=(actor.area.lo, actor.area.hi))
        .select_related("case")
        .order_by("-last_exposed_on", "id")
    )
