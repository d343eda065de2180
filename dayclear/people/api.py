"""People through the API."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Field, Path, Query, Router, Schema

from dayclear.foundation import clock
from dayclear.foundation.api import Body, Paged, PageOut, PlaceNumber, RowId, Text, actor_of, filled, page_of
from dayclear.foundation.decisions import Refused, refuse
from dayclear.people.models import Person
from dayclear.people.queries import age_on, open_person, people_of, reveal_identity, search_people

router = Router(tags=["people"])


class PersonOut(Schema):
    """A person, without identity number and phone. `merged_into`: this record turned out to be that one's human."""

    id: int
    name: str
    sex: str
    born_on: date | None
    age_months: int | None = Field(description="on the day of the question")
    place: PlaceNumber
    home: PlaceNumber | None
    residence: str
    has_id_number: bool
    has_phone: bool
    merged_into: int | None


def person_out(person: Person) -> dict[str, Any]:
    return filled(
        PersonOut,
        person,
        id=person.pk,
        age_months=age_on(person, clock.local_day(clock.now())),
        place=person.area,
        has_id_number=person.id_number_hash is not None,
        has_phone=person.phone_hash is not None,
        merged_into=person.merged_into_id,
    )


@router.get("", response=PageOut[PersonOut], operation_id="list_people")
def list_people(
    request: HttpRequest,
    paging: Paged,
    q: Annotated[
        Text, Query(max_length=80, description="beginning of a name or pinyin, or a whole identity number or phone")
    ] = "",
) -> dict[str, Any]:
    """People of your places; with `q`, those it finds (one page, the closest first)."""
    actor = actor_of(request)
    if q.strip():
        return {"items": [person_out(p) for p in search_people(actor, q, limit=paging.limit)], "next": None}
    return page_of(people_of(actor), ("area", "id"), paging, person_out)


@router.get("/{person_id}", response=PersonOut, operation_id="get_person")
def get_person(request: HttpRequest, person_id: Annotated[RowId, Path()]) -> dict[str, Any]:
    """One person."""
    person = open_person(actor_of(request), person_id, now=clock.now())
    if person is None:
        raise Refused(refuse("not_found"))
    return person_out(person)


class Purpose(Body):
    """What the identity is needed for; recorded with your name."""

    purpose: Text = Field(min_length=3, max_length=80)


class Identity(Schema):
    """Identity number and phone in clear; empty text: none recorded."""

    id_number: str
    phone: str


@router.post("/{person_id}/identity", response=Identity, operation_id="reveal_identity")
def reveal(request: HttpRequest, person_id: Annotated[RowId, Path()], purpose: Purpose) -> dict[str, str]:
    """Read identity number and phone. The reading is recorded before they are given."""
    said = reveal_identity(actor_of(request), person_id, purpose=purpose.purpose, now=clock.now())
    if said is None:
        raise Refused(refuse("not_found"))
    return said
