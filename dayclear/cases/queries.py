"""Reading cases and their counts, within scope."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import Max, Min, QuerySet, Sum

from dayclear.cases.models import Case, CaseCount
from dayclear.foundation.actors import Actor
from dayclear.foundation.areas import level_of
from dayclear.foundation.rules import Right


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


def total_cases(place: int, disease: str) -> int:
    """How many cases a place has had, dated or not."""
    total = CaseCount.objects.filter(area=place, level=level_of(place), disease=disease).aggregate(n=Sum("cases"))["n"]
    return total or 0


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
