"""Chains, sources and contacts through the API."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Field, Path, Query, Router, Schema

from dayclear.cases.api import PersonIn
from dayclear.cases.queries import case_in_scope
from dayclear.foundation import clock
from dayclear.foundation.actors import Actor
from dayclear.foundation.api import (
    Body,
    Created,
    Paged,
    PageOut,
    PlaceNumber,
    RowId,
    Text,
    actor_of,
    filled,
    page_of,
    written,
)
from dayclear.foundation.decisions import Refused, refuse
from dayclear.people.api import PersonOut, person_out
from dayclear.tracing.commands import Exposed, name_source, record_contact
from dayclear.tracing.models import ChainCount, ChainMember, Contact, Exposure
from dayclear.tracing.queries import (
    chains_at,
    contacts_of,
    links_among,
    members_of,
    offspring_of,
    sources_of,
    unresolved_references,
)

router = Router(tags=["tracing"])

RelationCode = Literal["household", "work", "school", "meal", "transport", "care", "venue", "other", "unknown"]
CertaintyCode = Literal["confirmed", "probable", "possible"]


class ChainOut(Schema):
    """A chain of transmission. `members` lie in the place asked for, `size` is the whole; `longest` counts links."""

    chain: int
    disease: str
    members: int
    size: int
    longest: int
    largest: int
    unknown_sources: int
    flaws: int
    first_on: date | None
    last_on: date | None


class LinkOut(Schema):
    """A case and the source it names. `source_id` null: that case is not in the system yet."""

    case_id: int
    source_id: int | None
    source_number: str
    relation: str
    certainty: str
    exposed_on: date | None


class MemberOut(Schema):
    case_id: int
    number: str
    generation: int
    offspring: int
    place: PlaceNumber
    day: date | None


class ChainWhole(Schema):
    """The members of a chain in your places and the links among them. `elsewhere`: how many lie in other places."""

    chain: int
    members: list[MemberOut]
    links: list[LinkOut]
    elsewhere: int


class ContactOut(Schema):
    id: int
    case_id: int
    person: PersonOut
    category: str
    policy: str
    relation: str
    last_exposed_on: date | None
    became_case: int | None
    place: PlaceNumber


class ChainQuery(Schema):
    """Which chains: of a disease, with a member at a place (yours, unless you name one inside it)."""

    disease: Text = Field("covid-19", min_length=1, max_length=32)
    place: PlaceNumber | None = None


class ReferenceQuery(Schema):
    """Which references: those of a disease."""

    disease: Text = Field("covid-19", min_length=1, max_length=32)


def _chain(row: ChainCount) -> dict[str, Any]:
    return filled(ChainOut, row)


def _link(row: Exposure) -> dict[str, Any]:
    return filled(LinkOut, row)


@router.get("/chains", response=PageOut[ChainOut], operation_id="list_chains")
def list_chains(request: HttpRequest, asked: Annotated[ChainQuery, Query()], paging: Paged) -> dict[str, Any]:
    """Chains with a member at a place (yours, unless you name one inside it), the largest first."""
    actor = actor_of(request)
    number = actor.area.lo if asked.place is None else int(asked.place)
    if number not in actor.area:
        raise Refused(refuse("not_found"))
    return page_of(chains_at(actor, number, asked.disease), ("-size", "chain"), paging, _chain)


@router.get("/chains/{chain_id}", response=ChainWhole, operation_id="get_chain")
def get_chain(request: HttpRequest, chain_id: Annotated[RowId, Path()]) -> dict[str, Any]:
    """One chain, as far as it lies in your places."""
    actor = actor_of(request)
    members = list(members_of(actor, chain_id)[:5_000])
    if not members:
        raise Refused(refuse("not_found"))
    cases = [member.case_id for member in members]
    counted = ChainCount.objects.filter(chain=chain_id).order_by("-members").first()
    return {
        "chain": chain_id,
        "members": [_member(member) for member in members],
        "links": [_link(link) for link in links_among(actor, cases)],
        "elsewhere": max(counted.size - len(members), 0) if counted else 0,
    }


def _member(member: ChainMember) -> dict[str, Any]:
    case = member.case
    return filled(MemberOut, member, number=case.number, place=member.area, day=case.onset_on or case.counted_on)


@router.get("/exposures/unresolved", response=PageOut[LinkOut], operation_id="list_unresolved_references")
def list_unresolved(request: HttpRequest, asked: Annotated[ReferenceQuery, Query()], paging: Paged) -> dict[str, Any]:
    """References to cases that are not in the system yet."""
    return page_of(unresolved_references(actor_of(request), asked.disease), ("id",), paging, _link)


@router.get("/cases/{case_id}/exposures", response=list[LinkOut], operation_id="list_exposures_of_case")
def list_exposures(request: HttpRequest, case_id: Annotated[RowId, Path()]) -> list[dict[str, Any]]:
    """The sources a case names, and the cases that name it."""
    actor = _sees_case(request, case_id)
    rows = [*sources_of(actor, case_id)[:500], *offspring_of(actor, case_id)[:500]]
    return [_link(row) for row in rows]


@router.get("/cases/{case_id}/contacts", response=list[ContactOut], operation_id="list_contacts_of_case")
def list_contacts(request: HttpRequest, case_id: Annotated[RowId, Path()]) -> list[dict[str, Any]]:
    """The people exposed to a case."""
    actor = _sees_case(request, case_id)
    return [_contact(row) for row in contacts_of(actor, case_id)[:2_000]]


def _contact(row: Contact) -> dict[str, Any]:
    return filled(
        ContactOut,
        row,
        id=row.pk,
        person=person_out(row.person),
        became_case=row.became_case_id,
        place=row.area,
    )


def _sees_case(request: HttpRequest, case_id: int) -> Actor:
    actor = actor_of(request)
    if case_in_scope(actor, case_id) is None:
        raise Refused(refuse("not_found"))
    return actor


class SourceIn(Body):
    """Whom a case was infected by, by that case's number; it becomes a link as soon as the case is known."""

    number: Text = Field(min_length=1, max_length=64)
    relation: RelationCode = "unknown"
    certainty: CertaintyCode = "possible"
    exposed_on: date | None = None


@router.post("/cases/{case_id}/sources", response={201: Created}, operation_id="name_source")
def post_source(request: HttpRequest, case_id: Annotated[RowId, Path()], said: SourceIn) -> HttpResponse:
    """Name the source of a case."""

    def work() -> tuple[int, dict[str, int]]:
        how: dict[str, Any] = {"relation": said.relation, "certainty": said.certainty, "exposed_on": said.exposed_on}
        name_source(case_id, said.number, by=actor_of(request), now=clock.now(), **how)
        return 201, {"id": case_id}

    return written(request, said, work)


class ContactIn(Body):
    """Somebody who was exposed to a case."""

    person: PersonIn
    relation: RelationCode = "unknown"
    last_exposed_on: date | None = None
    category: Text = Field("", max_length=32, description="a code of the pack in force; empty: not settled yet")


@router.post("/cases/{case_id}/contacts", response={201: Created}, operation_id="record_contact")
def post_contact(request: HttpRequest, case_id: Annotated[RowId, Path()], said: ContactIn) -> HttpResponse:
    """Record a contact of a case."""

    def work() -> tuple[int, dict[str, int]]:
        now = clock.now()
        person = said.person.record(clock.local_day(now))
        how = Exposed(said.relation, said.last_exposed_on, said.category)
        return 201, {"id": record_contact(case_id, person, how, by=actor_of(request), now=now)}

    return written(request, said, work)
