"""Finding people, and one person with everything they took part in."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from dayclear.foundation import clock
from dayclear.foundation.actors import Actor
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.lists import keyset_page
from dayclear.foundation.models import Event
from dayclear.foundation.palette import Found, finds
from dayclear.foundation.parts import TimelineEntry
from dayclear.foundation.requests import ActorRequest
from dayclear.foundation.rules import Right
from dayclear.foundation.trail import event_name, events_of
from dayclear.people.models import Person
from dayclear.people.queries import (
    age_on,
    kept_in_the_end,
    matches_of,
    merges_of,
    open_person,
    people_of,
    reveal_identity,
    search_people,
)
from dayclear.people.reasons import FIELD_NAMES, SEX_NAMES
from dayclear.people.roles import Part, parts_of
from dayclear.places.queries import names_of

ORDER = ("area", "id")


@require_GET
def list_people(request: ActorRequest) -> HttpResponse:
    """All people of the actor's places, or those found by the words in the address."""
    words = request.GET.get("q", "").strip()[:80]
    found = search_people(request.actor, words, limit=50) if words else None
    page = None if words else keyset_page(people_of(request.actor), ORDER, after=request.GET.get("after", ""))
    people: list[Person] = list(page or []) if found is None else found
    today = clock.local_day(clock.now())
    context = {
        "words": words,
        "page": page,
        "people": [(person, age_on(person, today)) for person in people],
        "places": names_of({person.area for person in people} | {p.home for p in people if p.home}),
        "sexes": SEX_NAMES,
    }
    template = "people/rows.html" if request.headers.get("HX-Target") == "people" else "people/list.html"
    return render(request, template, context)


@require_GET
def show_person(request: ActorRequest, person_id: int) -> HttpResponse:
    """One person; a row that was merged leads on to the one that was kept."""
    actor = request.actor
    person = open_person(actor, person_id, now=clock.now())
    if person is None:
        raise Refused(refuse("not_found"))
    if person.merged_into_id is not None:
        return HttpResponseRedirect(reverse("people:person", args=[kept_in_the_end(person.pk)]))
    parts = parts_of(actor, person)
    merges = list(merges_of(actor, person.pk)) if actor.may(Right.REVIEW_MATCHES) else []
    context: dict[str, Any] = {
        "person": person,
        "age": age_on(person, clock.local_day(clock.now())),
        "sexes": SEX_NAMES,
        "parts": parts,
        "merges": merges,
        "matches": matches_of(actor, person.pk) if actor.may(Right.REVIEW_MATCHES) else [],
        "timeline": _timeline(actor, person, parts),
        "places": names_of({person.area, person.home or person.area}),
        "may_reveal": actor.may(Right.SEE_IDENTITY),
        "may_review": actor.may(Right.REVIEW_MATCHES),
    }
    return render(request, "people/person.html", context)


def _timeline(actor: Actor, person: Person, parts: list[Part]) -> list[TimelineEntry]:
    own = f"people.person:{person.pk}"
    by_subject = {part.subject: part for part in parts}
    entries = []
    for event in events_of(actor, [own, *by_subject]):
        if event.kind == "people.person_opened":
            # Part of the trail, not of the person's story.
            continue
        if event.kind == "people.identity_read" and not actor.may(Right.SEE_IDENTITY):
            continue
        part = by_subject.get(event.subject)
        entries.append(
            TimelineEntry(
                at=event.at,
                title=event_name(event.kind),
                who=event.actor_label,
                detail=part.title if part else _changed(event),
                href=part.href if part else "",
            )
        )
    return entries[::-1]


def _changed(event: Event) -> str:
    if event.kind != "people.person_amended":
        return ""
    return ", ".join(str(FIELD_NAMES[name]) for name in event.payload if name in FIELD_NAMES)


@require_POST
def reveal(request: ActorRequest, person_id: int) -> HttpResponse:
    """Identity number and phone in clear; the reading is recorded before they are shown."""
    purpose = request.GET.get("purpose", "")[:80] or "person_page"
    identity = reveal_identity(request.actor, person_id, purpose=purpose, now=clock.now())
    if identity is None:
        raise Refused(refuse("not_found"))
    shown = [identity["id_number"], identity["phone"]]
    response = HttpResponse(format_html("{}", " · ".join(each for each in shown if each) or _("none recorded")))
    response.headers["Cache-Control"] = "no-store"
    return response


@finds("people")
def _find(actor: Actor, words: str) -> list[Found]:
    if not actor.may(Right.SEE_PEOPLE):
        return []
    people = search_people(actor, words, limit=6)
    places = names_of({person.area for person in people})
    return [
        Found(
            person.name or f"#{person.pk}",
            reverse("people:person", args=[person.pk]),
            places[person.area].name if person.area in places else _("person"),
        )
        for person in people
    ]
