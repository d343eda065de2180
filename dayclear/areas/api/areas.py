"""Risk areas through the API: read, proposed, decided on, published, stepped down."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Field, Path, Query, Router, Schema

from dayclear.areas import commands
from dayclear.areas.api.days import Day
from dayclear.areas.models import InfectionInArea, RiskArea
from dayclear.areas.queries import area_in_scope, areas_of, outlook_of, policy_for
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
from dayclear.foundation.filters import place_of, within

router = Router(tags=["areas"])

_OPEN = ("proposed", "approved", "in_force")


class AreaOut(Schema):
    """A risk area. `eligible_at`: from when it may go down a level; `earliest_at`: when its days are over."""

    id: int
    place: PlaceNumber
    disease: str
    name: str
    level: str
    unit: str
    designation: str
    ground: str
    state: str
    anchored_on: date
    policy: str
    proposed_at: datetime
    decided_at: datetime | None
    published_at: datetime | None
    ended_at: datetime | None
    end_cause: str
    earliest_at: datetime | None
    eligible_at: datetime | None
    step_to: str


class MemberOut(Schema):
    """One place of an area: by number, or in words where it lies below the register."""

    id: int
    place: PlaceNumber | None
    text: str


class EpisodeOut(Schema):
    """A time at one level. `to_at` is null while it lasts."""

    level: str
    from_at: datetime
    to_at: datetime | None
    end_cause: str


class InfectionOut(Schema):
    """An infection found in an area; `counts` is null until somebody decided whether it restarts the clock."""

    id: int
    found_on: date
    counts: bool | None
    not_counted_as: str


class NoticeOut(Schema):
    """What was published, version by version."""

    version: int
    text_en: str
    text_zh: str
    published_at: datetime


class AreaWhole(AreaOut):
    """An area with what it consists of, what was found in it and what was published. `missing`: the codes of what a
    step down still waits for."""

    members: list[MemberOut]
    episodes: list[EpisodeOut]
    infections: list[InfectionOut]
    notices: list[NoticeOut]
    missing: list[str]


def _area_out(area: RiskArea) -> dict[str, Any]:
    return filled(AreaOut, area, id=area.pk, place=area.area)


class AreaQuery(Schema):
    """What to narrow the list to; `open`: proposed, approved or in force."""

    state: Literal["open", "proposed", "declined", "approved", "in_force", "ended", "void"] = "open"
    level: Text = Field("", max_length=24)
    place: NumberAsked = ""


@router.get("/areas", response=PageOut[AreaOut], operation_id="list_areas")
def list_areas(request: HttpRequest, asked: Annotated[AreaQuery, Query()], paging: Paged) -> dict[str, Any]:
    """Risk areas of your places, the latest first."""
    actor = actor_of(request)
    place = place_of(asked.model_dump(), actor)
    rows = within(areas_of(actor), place).filter(state__in=_OPEN if asked.state == "open" else (asked.state,))
    return page_of(rows.filter(level=asked.level) if asked.level else rows, ("-id",), paging, _area_out)


@router.get("/areas/{area_id}", response=AreaWhole, operation_id="get_area")
def get_area(request: HttpRequest, area_id: Annotated[RowId, Path()]) -> dict[str, Any]:
    """One area with its history, its notices and what its next step waits for."""
    area = _area(request, area_id)
    view = outlook_of(area, policy_for(area.area, area.disease, clock.now())) if area.state == "in_force" else None
    return {
        **_area_out(area),
        "members": [{"id": row.pk, "place": row.place, "text": row.text} for row in area.members.order_by("pk")],
        "episodes": list(area.episodes.order_by("from_at").values("level", "from_at", "to_at", "end_cause")),
        "infections": list(area.infections.order_by("pk").values("id", "found_on", "counts", "not_counted_as")),
        "notices": list(area.notices.order_by("version").values("version", "text_en", "text_zh", "published_at")),
        "missing": [reason.code for reason in view.missing] if view else [],
    }


class MemberIn(Body):
    """By number, or in words where it lies below the register."""

    place: PlaceNumber | None = None
    text: Text = Field("", max_length=300)


class AreaIn(Body):
    """An area to be drawn. Without members it is the whole place."""

    place: PlaceNumber
    disease: Text = Field(min_length=1, max_length=32)
    name: Text = Field(min_length=1, max_length=200)
    level: Text = Field(min_length=1, max_length=24)
    unit: Literal["household", "floor", "unit", "building", "compound", "community", "street", "county"]
    designation: Text = Field(min_length=1, max_length=100)
    ground: Text = Field(min_length=1, max_length=1000)
    anchored_on: Day
    members: list[MemberIn] = Field([], max_length=500)
    enlarging: Text = Field("", max_length=400)


@router.post("/areas", response={201: Created}, operation_id="propose_area")
def propose_area(request: HttpRequest, said: AreaIn) -> HttpResponse:
    """Propose an area. A proposal restricts nobody."""
    members = tuple(
        commands.Member(int(each.place) if each.place is not None else None, each.text) for each in said.members
    )
    given = said.model_dump(exclude={"place", "members"})

    def work() -> tuple[int, dict[str, int]]:
        proposal = commands.AreaProposal(place=int(said.place), members=members, **given)
        return 201, {"id": commands.propose_area(proposal, by=actor_of(request), now=clock.now())}

    return written(request, said, work)


class ReasonIn(Seen):
    reason: Text = Field(min_length=1, max_length=400)


@router.post("/areas/{area_id}/approval", response=Created, operation_id="approve_area")
def approve_area(request: HttpRequest, area_id: Annotated[RowId, Path()], said: Seen) -> HttpResponse:
    """Decide that a proposed area is drawn. It restricts nobody until it is published."""
    return written_to(
        request, area_id, said, lambda by, now: commands.approve_area(area_id, by=by, now=now, seen=said.seen)
    )


@router.post("/areas/{area_id}/refusal", response=Created, operation_id="decline_area")
def decline_area(request: HttpRequest, area_id: Annotated[RowId, Path()], said: ReasonIn) -> HttpResponse:
    """Decide that an area is not drawn."""

    def work(by: Actor, now: datetime) -> None:
        commands.decline_area(area_id, reason=said.reason, by=by, now=now, seen=said.seen)

    return written_to(request, area_id, said, work)


@router.post("/areas/{area_id}/publication", response=Created, operation_id="publish_area")
def publish_area(request: HttpRequest, area_id: Annotated[RowId, Path()], said: Seen) -> HttpResponse:
    """Publish an approved area: from now on it is in force."""
    return written_to(
        request, area_id, said, lambda by, now: commands.publish_area(area_id, by=by, now=now, seen=said.seen)
    )


@router.post("/areas/{area_id}/step", response=Created, operation_id="step_area_down")
def step_down(request: HttpRequest, area_id: Annotated[RowId, Path()], said: Seen) -> HttpResponse:
    """Sign that an area goes down a level, or is over."""
    return written_to(
        request, area_id, said, lambda by, now: commands.step_down(area_id, by=by, now=now, seen=said.seen)
    )


@router.post("/areas/{area_id}/overruling", response=Created, operation_id="overrule_area")
def overrule_area(request: HttpRequest, area_id: Annotated[RowId, Path()], said: ReasonIn) -> HttpResponse:
    """Refuse, from a higher level, an area that stands: it ends at once, with everything that rests on it."""

    def work(by: Actor, now: datetime) -> None:
        commands.overrule_area(area_id, reason=said.reason, by=by, now=now, seen=said.seen)

    return written_to(request, area_id, said, work)


class InfectionIn(Body):
    found_on: Day
    case_id: RowId | None = None


@router.post("/areas/{area_id}/infections", response=Created, operation_id="record_area_infection")
def record_infection(request: HttpRequest, area_id: Annotated[RowId, Path()], said: InfectionIn) -> HttpResponse:
    """Note an infection found in an area. The clock runs on until somebody decides what it means."""

    def work(by: Actor, now: datetime) -> None:
        commands.record_infection(area_id, said.found_on, by=by, now=now, case_id=said.case_id)

    return written_to(request, area_id, said, work)


class InfectionDecisionIn(Body):
    """`kind` is one of the pack's kinds that do not count; `part` the ids of the members whose clock restarts."""

    counts: bool
    kind: Text = Field("", max_length=48)
    assessment: Text = Field("", max_length=400)
    part: list[RowId] = Field([], max_length=500)


@router.post("/areas/{area_id}/infections/{infection_id}/decision", response=Created, operation_id="decide_infection")
def decide_infection(
    request: HttpRequest,
    area_id: Annotated[RowId, Path()],
    infection_id: Annotated[RowId, Path()],
    said: InfectionDecisionIn,
) -> HttpResponse:
    """Decide whether an infection restarts the clock: for the whole area, for a part of it, or not at all."""

    def work(by: Actor, now: datetime) -> None:
        if not InfectionInArea.objects.filter(pk=infection_id, risk_area=area_id).exists():
            raise Refused(refuse("not_found"))
        commands.decide_infection(infection_id, by=by, now=now, **said.model_dump())

    return written_to(request, area_id, said, work)


class RoundIn(Body):
    """One round of tests of everybody, with its results. Units: people."""

    held_on: Day
    due: int = Field(ge=0, le=10_000_000)
    tested: int = Field(ge=0, le=10_000_000)
    positive: int = Field(ge=0, le=10_000_000)


@router.post("/areas/{area_id}/rounds", response=Created, operation_id="record_area_round")
def record_round(request: HttpRequest, area_id: Annotated[RowId, Path()], said: RoundIn) -> HttpResponse:
    """Record a whole round; one of the same day is corrected."""
    return written_to(
        request, area_id, said, lambda by, now: commands.record_round(area_id, by=by, now=now, **said.model_dump())
    )


def _area(request: HttpRequest, area_id: int) -> RiskArea:
    area = area_in_scope(actor_of(request), area_id)
    if area is None:
        raise Refused(refuse("not_found"))
    return area
