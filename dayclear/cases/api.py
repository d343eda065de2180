"""Cases through the API."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Field, Path, Query, Router, Schema

from dayclear.cases import rules
from dayclear.cases.commands import (
    CaseRecord,
    classify_case,
    complete_investigation,
    record_outcome,
    register_case,
)
from dayclear.cases.filters import CaseFilter
from dayclear.cases.models import Case
from dayclear.cases.queries import case_in_scope
from dayclear.foundation import clock
from dayclear.foundation.actors import Actor
from dayclear.foundation.api import (
    Body,
    Created,
    NumberAsked,
    Paged,
    PageOut,
    PlaceNumber,
    RowId,
    Seen,
    Text,
    actor_of,
    filled,
    page_of,
    written,
    written_to,
)
from dayclear.foundation.decisions import Refused, refuse
from dayclear.people.api import PersonOut, person_out
from dayclear.people.commands import PersonRecord

router = Router(tags=["cases"])

ClassificationCode = Literal["suspected", "probable", "confirmed", "asymptomatic_infection", "excluded"]
SeverityCode = Literal["asymptomatic", "mild", "moderate", "severe", "critical", "unknown"]
FoundByCode = Literal["screening", "under_order", "fever_clinic", "seeking_care", "contact", "other", "unknown"]
OrderCode = Literal["yes", "no", "unknown"]
OutcomeCode = Literal["in_care", "recovered", "died", "transferred", "unknown"]


class CaseOut(Schema):
    """A case. Days (`_on`) are local calendar days, instants (`_at`) have an offset; null: not known."""

    id: int
    place: PlaceNumber
    person: PersonOut
    number: str
    numbering: str
    disease: str
    classification: str
    severity: str
    counted_on: date | None
    onset_on: date | None
    sampled_on: date | None
    positive_on: date | None
    diagnosed_on: date | None
    reported_on: date | None
    isolated_on: date | None
    outcome_on: date | None
    onset_at: datetime | None
    sampled_at: datetime | None
    reported_at: datetime | None
    found_by: str
    under_order: str
    source_known: bool
    outcome: str


class ClassificationOut(Schema):
    """One step in how sure we were."""

    value: str
    reason: str
    since: datetime
    by: str


class CaseWhole(CaseOut):
    """A case with its notice, what the source said beside, and the history of its classification."""

    notice: str
    details: dict[str, Any]
    classifications: list[ClassificationOut]


def case_out(case: Case) -> dict[str, Any]:
    return filled(CaseOut, case, id=case.pk, place=case.area, person=person_out(case.person))


class CaseQuery(Schema):
    """What to narrow the list to. Excluded cases show when asked for."""

    disease: Text = Field("", max_length=32)
    place: NumberAsked = ""
    first: date | None = Field(None, alias="from")
    last: date | None = Field(None, alias="to")
    under_order: Literal["", "yes", "no", "unknown"] = ""
    source: Literal["", "known", "unknown"] = ""
    missing: Literal["", "sex", "age", "onset", "sampling", "order", "home", "day"] = ""
    number: Text = Field("", max_length=64, description="the beginning of the case number")
    outcome: Literal["", "in_care", "recovered", "died", "transferred", "unknown"] = ""
    classification: Literal["", "suspected", "probable", "confirmed", "asymptomatic_infection", "excluded"] = ""
    chain: NumberAsked = ""


@router.get("", response=PageOut[CaseOut], operation_id="list_cases")
def list_cases(request: HttpRequest, asked: Annotated[CaseQuery, Query()], paging: Paged) -> dict[str, Any]:
    """Cases of your places, the latest first."""
    said = asked.model_dump(mode="json", by_alias=True, exclude_none=True)
    wanted = CaseFilter.read(said)
    rows = wanted.rows(actor_of(request)).select_related("person")
    return page_of(rows, ("-counted_on", "-id"), paging, case_out)


@router.get("/{case_id}", response=CaseWhole, operation_id="get_case")
def get_case(request: HttpRequest, case_id: Annotated[RowId, Path()]) -> dict[str, Any]:
    """One case."""
    case = case_in_scope(actor_of(request), case_id)
    if case is None:
        raise Refused(refuse("not_found"))
    history = [
        {"value": step.value, "reason": step.reason, "since": step.since, "by": step.by_label}
        for step in case.classifications.order_by("since", "id")
    ]
    return {**case_out(case), "notice": case.notice, "details": case.details, "classifications": history}


class PersonIn(Body):
    """The person of a new case or a contact; whose identity number is known is that person."""

    place: PlaceNumber = Field(description="the place responsible")
    name: Text = Field("", max_length=120)
    sex: Literal["male", "female", "other", "unknown"] = "unknown"
    born_on: date | None = None
    age_months: int | None = Field(None, ge=0, le=130 * 12)
    home: PlaceNumber | None = None
    residence: Text = Field("", max_length=400)
    id_number: Text = Field("", max_length=24)
    phone: Text = Field("", max_length=24)

    def record(self, today: date) -> PersonRecord:
        return PersonRecord(
            area=int(self.place),
            name=self.name.strip(),
            sex=self.sex,
            born_on=self.born_on,
            age_months=self.age_months,
            age_on=today if self.age_months is not None else None,
            home=int(self.home) if self.home else None,
            residence=self.residence,
            id_number=self.id_number.strip(),
            phone=self.phone.strip(),
        )


class CaseIn(Body):
    """One new case. A case without a number gets one of its county."""

    person: PersonIn
    disease: Text = Field(min_length=1, max_length=32, examples=["covid-19"])
    number: Text = Field("", max_length=64)
    classification: Literal["suspected", "probable", "confirmed", "asymptomatic_infection"] = "confirmed"
    severity: SeverityCode = "unknown"
    onset_on: date | None = None
    sampled_on: date | None = None
    positive_on: date | None = None
    diagnosed_on: date | None = None
    reported_on: date | None = None
    isolated_on: date | None = None
    reported_at: datetime | None = None
    found_by: FoundByCode = "unknown"
    under_order: OrderCode = "unknown"
    notice: Text = Field("", max_length=20_000)

    def record(self) -> CaseRecord:
        days = {name: getattr(self, name) for name in rules.CaseDays.__slots__ if name != "outcome_on"}
        at = self.reported_at
        return CaseRecord(
            area=0,
            person_id=0,
            disease=self.disease,
            number=self.number.strip(),
            days=rules.CaseDays(**days),
            reported_at=at if at is None or at.tzinfo else at.replace(tzinfo=clock.local_zone()),
            classification=self.classification,
            severity=self.severity,
            found_by=self.found_by,
            under_order=self.under_order,
            notice=self.notice,
        )


@router.post("", response={201: Created}, operation_id="register_case")
def register(request: HttpRequest, case: CaseIn) -> HttpResponse:
    """Register one case while it happens; the clock of its investigation starts with the report."""
    now = clock.now()

    def work() -> tuple[int, dict[str, int]]:
        person = case.person.record(clock.local_day(now))
        return 201, {"id": register_case(person, case.record(), by=actor_of(request), now=now)}

    return written(request, case, work)


class ClassifyIn(Seen):
    value: ClassificationCode
    reason: Text = Field(min_length=1, max_length=200)


@router.post("/{case_id}/classification", response=Created, operation_id="classify_case")
def classify(request: HttpRequest, case_id: Annotated[RowId, Path()], said: ClassifyIn) -> HttpResponse:
    """Change how sure we are that this is a case, and say why."""

    def work(by: Actor, now: datetime) -> None:
        classify_case(case_id, said.value, reason=said.reason, by=by, now=now, seen=said.seen)

    return written_to(request, case_id, said, work)


class OutcomeIn(Seen):
    value: OutcomeCode
    on: date


@router.post("/{case_id}/outcome", response=Created, operation_id="record_outcome")
def outcome(request: HttpRequest, case_id: Annotated[RowId, Path()], said: OutcomeIn) -> HttpResponse:
    """Record how a case ended, and on which day."""

    def work(by: Actor, now: datetime) -> None:
        record_outcome(case_id, said.value, said.on, by=by, now=now, seen=said.seen)

    return written_to(request, case_id, said, work)


@router.post("/{case_id}/investigation/complete", response=Created, operation_id="complete_investigation")
def complete(request: HttpRequest, case_id: Annotated[RowId, Path()], said: Seen) -> HttpResponse:
    """Record that the investigation of a case is complete; its clock stops."""

    def work(by: Actor, now: datetime) -> None:
        complete_investigation(case_id, by=by, now=now, seen=said.seen)

    return written_to(request, case_id, said, work)
