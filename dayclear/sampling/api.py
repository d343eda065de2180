"""Positive tubes through the API: the board and one chain, to be read."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Path, Query, Router, Schema

from dayclear.foundation import clock
from dayclear.foundation.api import NumberAsked, Paged, PageOut, PlaceNumber, RowId, actor_of, filled, page_of
from dayclear.foundation.areas import county_of
from dayclear.foundation.filters import place_of, within
from dayclear.foundation.rules import Right
from dayclear.sampling.commands.chains.rows import clock_of, facts_of
from dayclear.sampling.models import Chain, ChainMember
from dayclear.sampling.queries.chains import chain_in_scope, chains_of, members_in, note_reading, paces_of
from dayclear.sampling.rules.chains.legs import Forecast, forecast, legs_of
from dayclear.sampling.rules.chains.members import next_step
from dayclear.sampling.rules.numbers import printed

router = Router(tags=["positive tubes"])


class LegOut(Schema):
    """One leg. `state`: done, done_late, running, overdue, waiting or not_needed; `expected_at` at the present pace."""

    name: str
    state: str
    begun_at: datetime | None
    ended_at: datetime | None
    due_at: datetime
    expected_at: datetime | None


class TubeChainOut(Schema):
    """The chain of a positive tube. `policy`: the pack that gave the limit; empty: this installation's own.

    `late_by_minutes`: over the limit as predicted, negative where it will be kept; null where nothing can be said.
    """

    id: int
    place: PlaceNumber
    tube: str
    alarm: str
    state: str
    disease: str
    policy: str
    squad: str | None
    alarm_at: datetime
    due_at: datetime
    closed_at: datetime | None
    members: int
    located: int
    held: int
    collected: int
    delivered: int
    assayed: int
    reported: int
    transferred: int
    positive: int
    given_up: int
    elsewhere: int
    late_by_minutes: int | None
    legs: list[LegOut]


class TubeMemberOut(Schema):
    """A member whom your places answer for. `next`: what is to be done; `specimen`: the single swab's tube."""

    id: int
    place: PlaceNumber
    person: int
    next: str
    outcome: str
    specimen: str | None
    attempts: int
    tried_at: datetime | None
    located_at: datetime | None
    held_at: datetime | None
    hold_until: datetime | None
    collected_at: datetime | None
    delivered_at: datetime | None
    assayed_at: datetime | None
    reported_at: datetime | None
    departed_at: datetime | None
    arrived_at: datetime | None
    told_at: datetime | None


class TubeChainWhole(TubeChainOut):
    """A chain with its members; null for those who may not know them."""

    people: list[TubeMemberOut] | None


class TubeChainQuery(Schema):
    """What to narrow the list to."""

    state: Literal["open", "closed", "annulled"] = "open"
    place: NumberAsked = ""


@router.get("/tube-chains", response=PageOut[TubeChainOut], operation_id="list_tube_chains")
def list_tube_chains(request: HttpRequest, asked: Annotated[TubeChainQuery, Query()], paging: Paged) -> dict[str, Any]:
    """Positive tubes of your places: open ones by their limit, others the latest first."""
    actor, now = actor_of(request), clock.now()
    rows = within(chains_of(actor), place_of(asked.model_dump(), actor)).filter(state=asked.state)
    paces = paces_of(actor, {county_of(area) for area in rows.values_list("area", flat=True).distinct()}, now=now)

    def out(chain: Chain) -> dict[str, Any]:
        return _chain_out(chain, forecast(clock_of(chain), paces[county_of(chain.area)], now=now), now)

    return page_of(rows, ("due_at", "id") if asked.state == "open" else ("-closed_at", "-id"), paging, out)


@router.get("/tube-chains/{chain_id}", response=TubeChainWhole, operation_id="get_tube_chain")
def get_tube_chain(request: HttpRequest, chain_id: Annotated[RowId, Path()]) -> dict[str, Any]:
    """One positive tube with its members. Who read them is recorded."""
    actor, now = actor_of(request), clock.now()
    chain = chain_in_scope(actor, chain_id)
    pace = paces_of(actor, {county_of(chain.area)}, now=now)[county_of(chain.area)]
    people = None
    if actor.may(Right.SEE_MEMBERS):
        members = list(members_in(actor).filter(chain=chain).order_by("pk"))
        note_reading(actor, members, purpose="api", now=now)
        people = [_member_out(member) for member in members]
    return {**_chain_out(chain, forecast(clock_of(chain), pace, now=now), now), "people": people}


def _chain_out(chain: Chain, expected: Forecast | None, now: datetime) -> dict[str, Any]:
    return filled(
        TubeChainOut,
        chain,
        id=chain.pk,
        place=chain.area,
        tube=printed(chain.tube),
        squad=chain.squad.name if chain.squad else None,
        late_by_minutes=round(expected.late_by.total_seconds() / 60) if expected else None,
        legs=[
            filled(LegOut, leg, expected_at=expected.ends[at] if expected and leg.ended_at is None else None)
            for at, leg in enumerate(legs_of(clock_of(chain), now=now))
        ],
    )


def _member_out(member: ChainMember) -> dict[str, Any]:
    return filled(
        TubeMemberOut,
        member,
        id=member.pk,
        place=member.area,
        person=member.person_id,
        next=next_step(facts_of(member)),
        specimen=printed(member.specimen) if member.specimen else None,
    )
