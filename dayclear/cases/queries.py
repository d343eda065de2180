"""Reading cases and their counts, within scope."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

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


def counts_by_part(place: int, level: int, disease: str, first: date, last: date) -> list[dict[str, int]]:
    """The counts of the places at `level` under a place, added over the days, the most cases first.

    Shape: each row has `area` and the names of `TALLIED`. A row whose `area` is a coarser place holds the cases known
    only that far.
    """
    area = area_of(place)
    rows = (
        CaseCount.objects.filter(
            level=level, disease=disease, area__range=(area.lo, area.hi), day__range=(first, last), cases__gt=0
        )
        .values("area")
        .annotate(**{f"sum_{name}": Sum(name) for name in TALLIED})
        .order_by("-sum_cases", "area")
    )
    return [{"area": row["area"], **{name: row[f"sum_{name}"] for name in TALLIED}} for row in rows]
