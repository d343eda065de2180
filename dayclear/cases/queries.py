"""Reading cases and their counts, within scope."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.db.models import Max, Min, QuerySet, Sum

from dayclear.cases.models import Case, CaseCount
from dayclear.cases.rules import TALLIED
from dayclear.foundation.actors import Actor
from dayclear.foundation.areas import area_of, level_of
from dayclear.foundation.rules import Right

COUNTY = 3


@dataclass(frozen=True, slots=True)
class Span:
    """The days for which cases are known. None where there is no case with a day."""

    first: date | None
    last: date | None


@dataclass(frozen=True, slots=True)
class PartCount:
    """The counts of one place. Shape: `sums` by the names of `TALLIED`. Where `area` is a coarser place than was asked
    for, the row holds the cases that are known only that far."""

    area: int
    sums: Mapping[str, int]


def cases_of(actor: Actor) -> QuerySet[Case]:
    """The cases in the actor's places."""
    actor.require(Right.SEE_CASES)
    return Case.objects.filter(area__range=(actor.area.lo, actor.area.hi))


def cases_by_number(actor: Actor, disease: str, numbering: str, numbers: Collection[str]) -> dict[str, Case]:
    """The known cases among these numbers, with their people."""
    found = cases_of(actor).filter(disease=disease, numbering=numbering, number__in=list(numbers))
    return {case.number: case for case in found.select_related("person")}


def diseases_of(actor: Actor) -> list[tuple[str, date | None, int]]:
    """The diseases with cases in the actor's places: code, latest day, number of cases; the latest first."""
    rows = (
        CaseCount.objects.filter(area=actor.area.lo, level=actor.level, cases__gt=0)
        .values("disease")
        .annotate(last=Max("day"), total=Sum("cases"))
    )
    found = [(row["disease"], row["last"], row["total"]) for row in rows]
    return sorted(found, key=lambda row: (row[1] is None, row[1] and -row[1].toordinal(), row[0]))


def span_of(place: int, disease: str) -> Span:
    """The first and last day with a case at a place."""
    found = CaseCount.objects.filter(area=place, level=level_of(place), disease=disease, cases__gt=0).aggregate(
        first=Min("day"), last=Max("day")
    )
    return Span(found["first"], found["last"])


def daily_counts(place: int, disease: str, first: date, last: date) -> list[CaseCount]:
    """The counts of a place, day by day; days without a case are absent. One row a day."""
    return list(
        CaseCount.objects.filter(
            area=place, level=level_of(place), disease=disease, day__range=(first, last), cases__gt=0
        ).order_by("day")
    )


def undated_cases(place: int, disease: str) -> int:
    """How many cases have no day at all."""
    row = CaseCount.objects.filter(area=place, level=level_of(place), disease=disease, day=None).first()
    return row.cases if row else 0


def total_cases(place: int, disease: str) -> int:
    """How many cases a place has had, dated or not."""
    total = CaseCount.objects.filter(area=place, level=level_of(place), disease=disease).aggregate(n=Sum("cases"))["n"]
    return total or 0


def counts_by_part(place: int, level: int, disease: str, first: date, last: date) -> list[PartCount]:
    """The counts of the places at `level` under a place, added over the days, the most cases first."""
    area = area_of(place)
    sums = ", ".join(f"sum({name})" for name in TALLIED)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT area, {sums} FROM cases_count "  # noqa: S608 - names from code
            "WHERE level = %s AND disease = %s AND area BETWEEN %s AND %s AND day BETWEEN %s AND %s "
            "GROUP BY area HAVING sum(cases) > 0 ORDER BY sum(cases) DESC, area",
            [level, disease, area.lo, area.hi, first, last],
        )
        return [PartCount(row[0], dict(zip(TALLIED, row[1:], strict=True))) for row in cursor.fetchall()]


def case_in_scope(actor: Actor, case_id: int) -> Case | None:
    """One case with its person; None when it lies outside the actor's places."""
    return cases_of(actor).select_related("person").filter(pk=case_id).first()


def cases_of_person(actor: Actor, person_id: int) -> list[Case]:
    """The illnesses of a person, the latest first."""
    return list(cases_of(actor).filter(person=person_id).order_by("-counted_on", "-id"))


def search_cases(actor: Actor, words: str, *, limit: int = 8) -> list[Case]:
    """Cases by the beginning of their number."""
    text = words.strip()
    if not text:
        return []
    found = cases_of(actor).filter(number__begins=text).select_related("person")
    return list(found.order_by("number", "id")[:limit])
