"""The squads, and the phone list of one: only its own people, next action first, on paper where it has to be."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import uuid4

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from dayclear.foundation import clock
from dayclear.foundation.actors import Actor
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.filters import place_of
from dayclear.foundation.lists import Page, keyset_page
from dayclear.foundation.requests import ActorRequest, once
from dayclear.foundation.sent import number_in, number_or_none, text_in
from dayclear.people.queries import age_on, reveal_phones
from dayclear.places.queries import names_of
from dayclear.sampling.chain_texts import NEXT_NAMES
from dayclear.sampling.commands import chains as commands
from dayclear.sampling.commands.chains.rows import tell_due_at
from dayclear.sampling.models import ChainMember, Squad
from dayclear.sampling.queries.chains import (
    MemberLine,
    lines_of,
    note_reading,
    own_squads,
    squad_in_scope,
    squad_lines,
    squads_of,
    to_be_done,
)
from dayclear.sampling.rules.numbers import printed

PURPOSE = "phone list"


@require_GET
def phone_list(request: ActorRequest) -> HttpResponse:
    """Whom to find, call, swab, bring and tell: the members on the list of the actor's squads, or of one squad."""
    actor, now = request.actor, clock.now()
    squad, page = _asked(request)
    note_reading(actor, page, purpose=PURPOSE, now=now)
    return render(request, "sampling/chains/phone_list.html", _list(actor, squad, page, now))


@require_POST
def print_list(request: ActorRequest) -> HttpResponse:
    """The same list with the phones in clear, for paper. Every phone on it is a reading that is recorded."""
    actor, now = request.actor, clock.now()
    squad, page = _asked(request)
    phones = reveal_phones(actor, [member.person_id for member in page], purpose=PURPOSE, now=now)
    context = {**_list(actor, squad, page, now), "phones": True}
    for line in context["lines"]:
        line["phone"] = phones.get(line["member"].person_id, "")
    response = render(request, "sampling/chains/phone_list.html", context)
    response.headers["Cache-Control"] = "no-store"
    return response


def _asked(request: ActorRequest) -> tuple[Squad | None, Page[ChainMember]]:
    said = request.POST if request.method == "POST" else request.GET
    actor, wanted = request.actor, number_or_none(said, "squad") or 0
    rows = to_be_done(actor)
    squad = squad_in_scope(actor, wanted) if wanted else None
    if squad is not None:
        rows = rows.filter(squad=squad)
    elif mine := list(own_squads(actor).values_list("pk", flat=True)):
        rows = rows.filter(squad__in=mine)
    return squad, keyset_page(rows, ("due_at", "id"), after=said.get("after", ""))


def _list(actor: Actor, squad: Squad | None, page: Page[ChainMember], now: datetime) -> dict[str, Any]:
    lines, day = lines_of(page), clock.local_day(now)
    return {
        "page": page,
        "squad": squad,
        "mine": list(own_squads(actor)),
        "squads": squads_of(actor),
        "lines": [
            {
                "member": line.member,
                "person": line.person,
                "age": age_on(line.person, day) if line.person else None,
                "step": line.step,
                "label": printed(line.member.tube),
                "begun_at": line.member.reported_at if line.step == "tell" else line.member.alarm_at,
                "due_at": _due_at(line),
            }
            for line in lines
        ],
        "late": sum(_due_at(line) <= now for line in lines),
        "unfound": sum(line.step == "locate" for line in lines),
        "next_names": NEXT_NAMES,
        "places": names_of({line.member.area for line in lines}),
    }


def _due_at(line: MemberLine) -> datetime:
    """Whoever is cleared waits to be told, and for nothing else."""
    reported_at = line.member.reported_at
    return tell_due_at(reported_at) if line.step == "tell" and reported_at else line.member.due_at


@require_GET
def list_squads(request: ActorRequest) -> HttpResponse:
    lines = squad_lines(request.actor)
    context = {
        "lines": lines,
        "members": sum(line.members for line in lines),
        "places": names_of({line.squad.area for line in lines}),
        "key": uuid4().hex,
    }
    return render(request, "sampling/chains/squads.html", context)


@require_POST
def new(request: ActorRequest) -> HttpResponse:
    """Set a squad up for a place."""
    area = place_of(request.POST, request.actor)
    if not area:
        raise Refused(refuse("place_missing"))

    def work() -> None:
        commands.make_squad(area, text_in(request.POST, "name"), by=request.actor, now=clock.now())

    return once(request, work, _("The squad stands. Put its people in."), reverse("sampling:positive:squads"))


@require_GET
def show_squad(request: ActorRequest, squad_id: int) -> HttpResponse:
    squad = squad_in_scope(request.actor, squad_id)
    people = list(squad.people.filter(left_at=None).select_related("user").order_by("joined_at", "pk"))
    line = next(each for each in squad_lines(request.actor) if each.squad.pk == squad.pk)
    context = {"squad": squad, "line": line, "people": people, "places": names_of({squad.area}), "key": uuid4().hex}
    return render(request, "sampling/chains/squad.html", context)


@require_POST
def join(request: ActorRequest, squad_id: int) -> HttpResponse:
    squad_in_scope(request.actor, squad_id)

    def work() -> None:
        commands.join_squad(squad_id, text_in(request.POST, "username"), by=request.actor, now=clock.now())

    return once(request, work, _("In the squad."), reverse("sampling:positive:squad", args=[squad_id]))


@require_POST
def leave(request: ActorRequest, squad_id: int) -> HttpResponse:
    squad_in_scope(request.actor, squad_id)

    def work() -> None:
        commands.leave_squad(squad_id, number_in(request.POST, "user"), by=request.actor, now=clock.now())

    return once(request, work, _("Out of the squad."), reverse("sampling:positive:squad", args=[squad_id]))


@require_POST
def end(request: ActorRequest, squad_id: int) -> HttpResponse:
    squad_in_scope(request.actor, squad_id)

    def work() -> None:
        commands.end_squad(squad_id, by=request.actor, now=clock.now())

    return once(request, work, _("The squad is over."), reverse("sampling:positive:squads"))
