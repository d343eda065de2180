"""One tube: where it comes from, where it is, and, for those who may know, whose swabs are in it."""

from __future__ import annotations

from uuid import uuid4

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from dayclear.foundation import clock
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.requests import ActorRequest
from dayclear.foundation.rules import Right
from dayclear.foundation.sent import text_in
from dayclear.foundation.trail import events_of
from dayclear.people.models import Person
from dayclear.places.queries import names_of
from dayclear.sampling.models import BoxedTube, Device, Point, PooledItem, Round, Tube
from dayclear.sampling.queries.chains import chains_of
from dayclear.sampling.queries.members import read_members
from dayclear.sampling.queries.reading import tube_in_scope
from dayclear.sampling.reasons import BOX_STATE_NAMES, KIND_NAMES
from dayclear.sampling.rules.numbers import parsed, printed
from dayclear.sampling.timeline import told
from dayclear.sampling.tube_facts import facts_of_tube


@require_GET
def find(request: ActorRequest) -> HttpResponse:
    """Leads to the tube whose label was scanned or typed."""
    number = parsed(request.GET.get("label", ""))
    if number is None or tube_in_scope(request.actor, number) is None:
        raise Refused(refuse("not_found"))
    return HttpResponseRedirect(reverse("sampling:tube", args=[printed(number)]))


@require_GET
def show_tube(request: ActorRequest, label: str) -> HttpResponse:
    return _page(request, _tube(request, label))


@require_POST
def show_members(request: ActorRequest, label: str) -> HttpResponse:
    """The same page with its members. Who looked and why is recorded before they are shown."""
    tube, purpose = _tube(request, label), text_in(request.POST, "purpose")
    if not purpose:
        raise Refused(refuse("purpose_missing"))
    response = _page(request, tube, members=read_members(request.actor, tube, purpose=purpose, now=clock.now()))
    response.headers["Cache-Control"] = "no-store"
    return response


def _page(request: ActorRequest, tube: Tube, *, members: list[Person] | None = None) -> HttpResponse:
    actor, label = request.actor, printed(tube.number)
    boxed = BoxedTube.objects.filter(tube=tube.number).select_related("box").first()
    context = {
        "tube": tube,
        "label": label,
        "kind": KIND_NAMES[tube.kind],
        "round": Round.objects.filter(pk=tube.round_id).first(),
        "point": Point.objects.filter(pk=tube.point_id).first(),
        "device": Device.objects.filter(pk=tube.device_id).first(),
        "boxed": boxed,
        "chain": chains_of(actor).filter(tube=tube.number).exclude(state="annulled").first(),
        "box_state": BOX_STATE_NAMES[boxed.box.state] if boxed else "",
        "facts": facts_of_tube(actor, tube),
        "items": PooledItem.objects.filter(tube=tube.number).order_by("position"),
        "members": members,
        "elsewhere": tube.persons - len(members) if members is not None else 0,
        "places": names_of({tube.area}),
        "timeline": told(events_of(actor, [f"sampling.tube:{label}"])) if actor.may(Right.SEE_MEMBERS) else [],
        "key": uuid4().hex,
    }
    return render(request, "sampling/tube.html", context)


def _tube(request: ActorRequest, label: str) -> Tube:
    number = parsed(label)
    tube = tube_in_scope(request.actor, number) if number is not None else None
    if tube is None:
        raise Refused(refuse("not_found"))
    return tube
