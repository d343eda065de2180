"""The register of measures through the API: read, imposed, reviewed, ended."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Field, Path, Query, Router, Schema

from dayclear.areas import commands
from dayclear.areas.api.days import Day, Instant
from dayclear.areas.models import Measure
from dayclear.areas.queries import measures_of
from dayclear.foundation import clock
from dayclear.foundation.actors import Actor
from dayclear.foundation.api import (
    Body,
    Created,
    Nothing,
    NumberAsked,
    Paged,
    PageOut,
    PlaceNumber,
    RowId,
    Text,
    actor_of,
    filled,
    page_of,
    written,
    written_to,
)
from dayclear.foundation.filters import existing, place_of, within

router = Router(tags=["areas"])


class MeasureOut(Schema):
    """A measure of the register. `area_id` is the risk area it rests on."""

    id: int
    place: PlaceNumber
    disease: str
    area_id: int | None
    kind: str
    code: str
    scope: str
    basis: str
    approver: str
    starts_at: datetime
    ends_at: datetime
    review_on: date
    policy: str
    ended_at: datetime | None
    end_cause: str


def _measure_out(row: Measure) -> dict[str, Any]:
    return filled(MeasureOut, row, id=row.pk, place=row.area, area_id=row.risk_area_id, approver=row.approver_label)


class MeasureQuery(Schema):
    """What to narrow the register to."""

    state: Literal["live", "over"] = "live"
    place: NumberAsked = ""


@router.get("/measures", response=PageOut[MeasureOut], operation_id="list_measures")
def list_measures(request: HttpRequest, asked: Annotated[MeasureQuery, Query()], paging: Paged) -> dict[str, Any]:
    """The register of measures of your places, those that end first at the top."""
    actor = actor_of(request)
    place = place_of(asked.model_dump(), actor)
    rows = within(measures_of(actor), place).filter(ended_at__isnull=asked.state == "live")
    return page_of(rows, ("ends_at", "id"), paging, _measure_out)


@router.get("/measures/{measure_id}", response=MeasureOut, operation_id="get_measure")
def get_measure(request: HttpRequest, measure_id: Annotated[RowId, Path()]) -> dict[str, Any]:
    """One measure."""
    row = existing(measures_of(actor_of(request)).filter(pk=measure_id))
    return _measure_out(row)


class MeasureIn(Body):
    """A measure to be imposed; whoever sends it signs it. `area_id`: the risk area it rests on."""

    place: PlaceNumber
    disease: Text = Field(min_length=1, max_length=32)
    kind: Text = Field(min_length=1, max_length=24)
    scope: Text = Field(min_length=1, max_length=400)
    basis: Text = Field(min_length=1, max_length=400)
    starts_at: Instant
    ends_at: Instant | None = None
    review_on: Day | None = None
    code: Text = Field("", max_length=48)
    at_exit: Text = Field("", max_length=16)
    site: Text = Field("", max_length=24)
    asks_for: Text = Field("", max_length=24)
    stops_all: bool = False
    area_id: RowId | None = None


@router.post("/measures", response={201: Created}, operation_id="impose_measure")
def impose_measure(request: HttpRequest, said: MeasureIn) -> HttpResponse:
    """Impose a measure. It ends by itself."""

    def work() -> tuple[int, dict[str, int]]:
        order = commands.MeasureOrder(place=int(said.place), **said.model_dump(exclude={"place"}))
        return 201, {"id": commands.impose_measure(order, by=actor_of(request), now=clock.now())}

    return written(request, said, work)


class ReviewIn(Body):
    review_on: Day
    reason: Text = Field(min_length=1, max_length=400)


@router.post("/measures/{measure_id}/review", response=Created, operation_id="review_measure")
def review_measure(request: HttpRequest, measure_id: Annotated[RowId, Path()], said: ReviewIn) -> HttpResponse:
    """Record that a measure was reviewed and stands; its end does not move."""

    def work(by: Actor, now: datetime) -> None:
        commands.review_measure(measure_id, review_on=said.review_on, reason=said.reason, by=by, now=now)

    return written_to(request, measure_id, said, work)


@router.post("/measures/{measure_id}/end", response=Created, operation_id="end_measure")
def end_measure(request: HttpRequest, measure_id: Annotated[RowId, Path()], said: Nothing) -> HttpResponse:
    """End a measure before its time."""
    return written_to(request, measure_id, said, lambda by, now: commands.end_measure(measure_id, by=by, now=now))
