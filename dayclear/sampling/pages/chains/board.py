"""The board of positive tubes: each against its clock, leg by leg; and the page of one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from dayclear.foundation import clock as clocks
from dayclear.foundation.actors import Actor
from dayclear.foundation.areas import county_of
from dayclear.foundation.charts import bundle_address
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.filters import chosen, place_of, within
from dayclear.foundation.lists import keyset_page
from dayclear.foundation.requests import ActorRequest, once
from dayclear.foundation.rules import Right
from dayclear.foundation.sent import number_in, number_or_none
from dayclear.foundation.trail import events_of
from dayclear.people.queries import age_on
from dayclear.places.queries import names_of
from dayclear.sampling.chain_bar import bar_of, span_of
from dayclear.sampling.chain_texts import ALARM_NAMES, LEG_NAMES, LEG_STATE_NAMES, NEXT_NAMES, OUTCOME_NAMES
from dayclear.sampling.chain_timeline import told
from dayclear.sampling.commands import chains as commands
from dayclear.sampling.commands.chains.rows import clock_of, member_subject, subject_of
from dayclear.sampling.models import Chain, Squad
from dayclear.sampling.queries.chains import (
    MemberLine,
    Standing,
    chain_in_scope,
    chains_of,
    lines_of,
    members_in,
    note_reading,
    paces_of,
    squads_for,
    squads_of,
    standing_of,
    untold,
)
from dayclear.sampling.rules.chains.legs import LAST, LEAST, Forecast, Pace, forecast, legs_of
from dayclear.sampling.rules.numbers import printed

SHOWN = {
    "open": gettext_lazy("open"),
    "late": gettext_lazy("past the limit"),
    "predicted": gettext_lazy("predicted late"),
    "closed": gettext_lazy("closed"),
    "annulled": gettext_lazy("alarm withdrawn"),
}
_DONE = ("collected", "delivered", "assayed", "reported", "transferred")


@require_GET
def list_chains(request: ActorRequest) -> HttpResponse:
    """Every positive tube against its clock, the one that is due first on top."""
    actor, now = request.actor, clocks.now()
    place = place_of(request.GET, actor)
    shown = chosen(request.GET, "state", SHOWN, "open")
    squad = number_or_none(request.GET, "squad") or 0
    chains = within(chains_of(actor), place)
    standing = standing_of(actor, chains, now=now)
    rows = chains.filter(squad=squad) if squad else chains
    page = keyset_page(
        _narrowed(rows, shown, standing, now),
        ("due_at", "id") if shown in ("open", "late", "predicted") else ("-closed_at", "-id"),
        after=request.GET.get("after", ""),
    )
    context = {
        "page": page,
        "rows": _rows(page, standing, now),
        "standing": standing,
        "oldest": standing.late[0] if standing.late else None,
        "place": names_of({place}).get(place) if place else None,
        "places": names_of({chain.area for chain in (*page, *standing.late[:1])}),
        "squads": squads_of(actor),
        "squad": squad,
        "shown": shown,
        "states": SHOWN,
        "leg_names": LEG_NAMES,
        "alarm_names": ALARM_NAMES,
        "least": LEAST,
        "untold": untold(actor) if actor.may(Right.SEE_MEMBERS) else 0,
        "now": now,
        "chart_bundle": bundle_address(),
    }
    return render(request, "sampling/chains/board.html", context)


def _narrowed(chains: QuerySet[Chain], shown: str, standing: Standing, now: datetime) -> QuerySet[Chain]:
    if shown == "late":
        return chains.filter(state="open", due_at__lte=now)
    if shown == "predicted":
        return chains.filter(pk__in=standing.predicted)
    return chains.filter(state=shown)


def _rows(chains: Iterable[Chain], standing: Standing, now: datetime) -> list[dict[str, Any]]:
    """The chains with their bars, all on one scale."""
    found = [(chain, clock_of(chain), standing.forecasts.get(chain.pk)) for chain in chains]
    span = max((span_of(clock, expected, now=now) for _chain, clock, expected in found), default=timedelta(hours=8))
    return [
        {
            "chain": chain,
            "label": printed(chain.tube),
            "bar": bar_of(clock, expected, span, now=now),
            "legs": [
                (leg, getattr(chain, name), of)
                for leg, name, of in zip(legs_of(clock, now=now), _DONE, _of(chain), strict=True)
            ],
            "late_by": expected.late_by if expected and expected.late_by > timedelta() else None,
        }
        for chain, clock, expected in found
    ]


def _of(chain: Chain) -> list[int]:
    """How many members each leg waits for."""
    return [chain.members - chain.given_up] * 4 + [chain.positive]


@require_GET
def show_chain(request: ActorRequest, chain_id: int) -> HttpResponse:
    """One positive tube: its legs, its members in the order in which to take them, what happened."""
    actor, now = request.actor, clocks.now()
    chain = chain_in_scope(actor, chain_id)
    clock, pace = clock_of(chain), _pace(actor, chain, now)
    expected = forecast(clock, pace, now=now) if chain.state == "open" else None
    lines = lines_of(members_in(actor).filter(chain=chain)) if actor.may(Right.SEE_MEMBERS) else []
    note_reading(actor, [line.member for line in lines], purpose="chain", now=now)
    subjects = [subject_of(chain.pk), *(member_subject(line.member.pk) for line in lines)]
    context = {
        "chain": chain,
        "label": printed(chain.tube),
        "alarm": ALARM_NAMES[chain.alarm],
        "bar": bar_of(clock, expected, span_of(clock, expected, now=now), now=now),
        "legs": _legs(chain, expected, now),
        "expected": expected,
        "over": expected is not None and expected.late_by > timedelta(),
        "pace": pace,
        "least": LEAST,
        "last": LAST,
        "lines": _told_lines(lines, now),
        "next": next((line for line in lines if line.step not in ("", "result")), None),
        "waiting": sum(line.step == "deliver" for line in lines),
        "squads": squads_for(actor, chain.area) if chain.state == "open" else Squad.objects.none(),
        "places": names_of({chain.area, *(line.member.area for line in lines)}),
        "timeline": told(events_of(actor, subjects), of=_names(lines)),
        "next_names": NEXT_NAMES,
        "outcome_names": OUTCOME_NAMES,
        "key": uuid4().hex,
    }
    return render(request, "sampling/chains/chain.html", context)


def _names(lines: Iterable[MemberLine]) -> dict[str, str]:
    """Whom an event of a member concerns."""
    return {member_subject(line.member.pk): line.person.name for line in lines if line.person}


def _pace(actor: Actor, chain: Chain, now: datetime) -> Pace:
    county = county_of(chain.area)
    return paces_of(actor, {county}, now=now)[county]


def _legs(chain: Chain, expected: Forecast | None, now: datetime) -> list[dict[str, Any]]:
    legs = legs_of(clock_of(chain), now=now)
    return [
        {
            "leg": leg,
            "name": LEG_NAMES[leg.name],
            "state": LEG_STATE_NAMES[leg.state],
            "done": getattr(chain, done),
            "of": of,
            "expected_at": expected.ends[at] if expected and leg.ended_at is None else None,
        }
        for at, (leg, done, of) in enumerate(zip(legs, _DONE, _of(chain), strict=True))
    ]


def _told_lines(lines: Iterable[MemberLine], now: datetime) -> list[dict[str, Any]]:
    day = clocks.local_day(now)
    return [
        {
            "member": line.member,
            "person": line.person,
            "age": age_on(line.person, day) if line.person else None,
            "step": line.step,
            "specimen": printed(line.member.specimen) if line.member.specimen else "",
        }
        for line in lines
    ]


@require_POST
def assign(request: ActorRequest, chain_id: int) -> HttpResponse:
    """Give the tube to a squad."""
    chain_in_scope(request.actor, chain_id)

    def work() -> None:
        commands.assign_chain(chain_id, number_in(request.POST, "squad"), by=request.actor, now=clocks.now())

    return once(request, work, _("The squad has it on its list."), reverse("sampling:positive:chain", args=[chain_id]))


@require_POST
def deliver(request: ActorRequest, chain_id: int) -> HttpResponse:
    """Every single swab that was taken has reached a laboratory."""
    actor, now = request.actor, clocks.now()
    chain_in_scope(actor, chain_id)
    lines = lines_of(members_in(actor).filter(chain=chain_id))
    waiting = [line.member.pk for line in lines if line.step == "deliver"]
    if not waiting:
        raise Refused(refuse("nothing_to_deliver"))

    def work() -> None:
        commands.deliver_members(waiting, by=actor, now=now)

    return once(request, work, _("Written down: delivered."), reverse("sampling:positive:chain", args=[chain_id]))
