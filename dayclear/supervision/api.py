"""Findings and complaints through the API."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Field, Path, Query, Router, Schema

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
from dayclear.supervision.commands import (
    ComplaintIn,
    answer_finding,
    close_finding,
    recheck_finding,
    rectify_finding,
    take_complaint,
)
from dayclear.supervision.filters import FindingFilter
from dayclear.supervision.models import Finding
from dayclear.supervision.queries import finding_in_scope, today

router = Router(tags=["findings"])


class FindingOut(Schema):
    """A finding. `subject` is what it was found on; `owner` the place that answers by `due_at`."""

    id: int
    place: PlaceNumber
    owner: PlaceNumber
    subject: str
    about: str
    predicate: str
    side: str
    origin: str
    disease: str
    facts: dict[str, Any]
    limit: str
    source: str
    policy: str
    review: bool
    state: str
    found_at: datetime
    seen_at: datetime
    due_at: datetime
    closed_at: datetime | None
    close_cause: str


class FindingQuery(Schema):
    """What to narrow the list to; without a state, all that are not closed."""

    state: Literal["", "live", "open", "answered", "rectified", "rechecked", "closed"] = ""
    side: Literal["", "over", "slack"] = ""
    predicate: Text = Field("", max_length=48)
    place: NumberAsked = ""


class TodayOut(Schema):
    """How your places stand against the rules. Units: open findings."""

    stricter: int
    slack: int
    to_look_at: int
    late: int


def finding_out(row: Finding) -> dict[str, Any]:
    return filled(FindingOut, row, id=row.pk, place=row.area)


@router.get("/findings", response=PageOut[FindingOut], operation_id="list_findings")
def list_findings(request: HttpRequest, asked: Annotated[FindingQuery, Query()], paging: Paged) -> dict[str, Any]:
    """Findings of your places, the most urgent first."""
    wanted = FindingFilter.read(asked.model_dump(mode="json"))
    return page_of(wanted.rows(actor_of(request)), wanted.order, paging, finding_out)


@router.get("/findings/today", response=TodayOut, operation_id="get_findings_today")
def get_today(request: HttpRequest) -> dict[str, int]:
    """Stricter than the rules, and less than the rules: how many of each."""
    found = today(actor_of(request), now=clock.now())
    return {"stricter": found.stricter, "slack": found.slack, "to_look_at": found.to_look_at, "late": found.late}


@router.get("/findings/{finding_id}", response=FindingOut, operation_id="get_finding")
def get_finding(request: HttpRequest, finding_id: Annotated[RowId, Path()]) -> dict[str, Any]:
    """One finding."""
    return finding_out(finding_in_scope(actor_of(request), finding_id))


class AnswerIn(Seen):
    text: Text = Field(min_length=1, max_length=1000)
    contested: bool = False


@router.post("/findings/{finding_id}/answer", response=Created, operation_id="answer_finding")
def answer(request: HttpRequest, finding_id: Annotated[RowId, Path()], said: AnswerIn) -> HttpResponse:
    """Answer a finding: what will be done, or why it is lawful (`contested`)."""

    def work(by: Actor, now: datetime) -> None:
        answer_finding(finding_id, said.text, contested=said.contested, by=by, now=now, seen=said.seen)

    return written_to(request, finding_id, said, work)


class RemedyIn(Seen):
    text: Text = Field(min_length=1, max_length=1000)


@router.post("/findings/{finding_id}/remedy", response=Created, operation_id="rectify_finding")
def remedy(request: HttpRequest, finding_id: Annotated[RowId, Path()], said: RemedyIn) -> HttpResponse:
    """Report a finding as put right; somebody else checks it."""

    def work(by: Actor, now: datetime) -> None:
        rectify_finding(finding_id, said.text, by=by, now=now, seen=said.seen)

    return written_to(request, finding_id, said, work)


class RecheckIn(Seen):
    put_right: bool


@router.post("/findings/{finding_id}/recheck", response=Created, operation_id="recheck_finding")
def recheck(request: HttpRequest, finding_id: Annotated[RowId, Path()], said: RecheckIn) -> HttpResponse:
    """Check a finding again."""

    def work(by: Actor, now: datetime) -> None:
        recheck_finding(finding_id, put_right=said.put_right, by=by, now=now, seen=said.seen)

    return written_to(request, finding_id, said, work)


class CloseIn(Seen):
    cause: Literal["put_right", "lawful"]
    reason: Text = Field(min_length=1, max_length=400)


@router.post("/findings/{finding_id}/close", response=Created, operation_id="close_finding")
def close(request: HttpRequest, finding_id: Annotated[RowId, Path()], said: CloseIn) -> HttpResponse:
    """Close a finding on a ground."""

    def work(by: Actor, now: datetime) -> None:
        close_finding(finding_id, said.cause, said.reason, by=by, now=now, seen=said.seen)

    return written_to(request, finding_id, said, work)


class ComplaintBody(Body):
    """A complaint. `predicate` is an id of the over-reach guard, or `other`."""

    place: PlaceNumber
    predicate: Text = Field(min_length=1, max_length=48, examples=["OG-17"])
    text: Text = Field(min_length=1, max_length=4000)
    means: Literal["phone", "visit", "letter", "message", "inspection"]
    contact: Text = Field("", max_length=200)


class TakenOut(Schema):
    """`finding` is what the complaint became; the code is told once and not kept."""

    id: int
    finding: int
    code: str


@router.post("/complaints", response={201: TakenOut}, operation_id="take_complaint")
def complain(request: HttpRequest, said: ComplaintBody) -> HttpResponse:
    """Take a complaint down. A repeated request answers without the code, which is kept nowhere."""
    code = ""

    def work() -> tuple[int, dict[str, int | str]]:
        nonlocal code
        given = ComplaintIn(int(said.place), said.predicate, said.text, said.means, said.contact)
        taken = take_complaint(given, by=actor_of(request), now=clock.now())
        code = taken.code
        return 201, {"id": taken.id, "finding": taken.finding, "code": ""}

    response = written(request, said, work)
    return _with_code(response, code)


def _with_code(response: HttpResponse, code: str) -> HttpResponse:
    """Put the code into the one answer that may tell it: never into the answer kept for repeated requests."""
    response.content = json.dumps({**json.loads(response.content), "code": code}).encode()
    return response
