"""What restriction owes: support that was asked for, ways out in an emergency, and links for the persons concerned."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dayclear.foundation import clock
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.filters import existing
from dayclear.foundation.lists import keyset_page
from dayclear.foundation.requests import ActorRequest, do_once, once
from dayclear.foundation.rules import Right
from dayclear.isolation.commands import meet_need, permit_emergency, record_emergency
from dayclear.isolation.filters import order_in_scope
from dayclear.isolation.links import make_link
from dayclear.isolation.models import Appeal, Emergency, Need
from dayclear.isolation.overview import open_needs
from dayclear.isolation.pages.acting import language_in
from dayclear.isolation.pages.order import WORDS
from dayclear.places.queries import names_of


@require_GET
def needs(request: ActorRequest) -> HttpResponse:
    """What people under an order wait for, the most urgent first; those of one door together."""
    actor, now = request.actor, clock.now()
    page = keyset_page(open_needs(actor), ("due_at", "id"), after=request.GET.get("after", ""))
    late = [need for need in page if need.due_at <= now]
    context = {
        "page": page,
        "doors": _doors(page.rows),
        "late": len(late),
        "oldest": now - late[0].due_at if late else None,
        "places": names_of({need.area for need in page}),
        "words": WORDS,
        "may_record": actor.may(Right.RECORD_CHECKS),
    }
    return render(request, "isolation/needs.html", context)


def _doors(needs: Sequence[Need]) -> list[tuple[Need, list[Need]]]:
    """By household: everybody who lives behind one door. Shape: the door's most urgent need, all of its needs."""

    def door(need: Need) -> tuple[int, str]:
        person = need.order.person
        # Without an address each person is a door of their own.
        return person.home or person.area, person.residence or f"#{person.pk}"

    groups = [list(found) for _door, found in groupby(sorted(needs, key=door), key=door)]
    groups = [sorted(group, key=lambda need: need.due_at) for group in groups]
    return [(group[0], group) for group in sorted(groups, key=lambda group: group[0].due_at)]


@require_http_methods(["GET", "POST"])
def need_met(request: ActorRequest, need_id: int) -> HttpResponse:
    """A need leads to its order; sent as a form, it has been met."""
    actor = request.actor
    actor.require(Right.SEE_ORDERS)
    need = existing(Need.objects.filter(pk=need_id, area__range=(actor.area.lo, actor.area.hi)))
    if request.method == "GET":
        return HttpResponseRedirect(reverse("isolation:order", args=[need.order_id]))
    if need.met_at is None:
        meet_need(need_id, by=actor, now=clock.now())
    messages.success(request, _("Recorded: it has come."))
    return HttpResponseRedirect(
        reverse("isolation:order", args=[need.order_id]) if request.POST.get("order") else reverse("isolation:needs")
    )


@require_GET
def appeal(request: ActorRequest, appeal_id: int) -> HttpResponse:
    """An appeal leads to its order."""
    actor = request.actor
    actor.require(Right.SEE_ORDERS)
    found = existing(Appeal.objects.filter(pk=appeal_id, area__range=(actor.area.lo, actor.area.hi)))
    return HttpResponseRedirect(reverse("isolation:order", args=[found.order_id]))


@require_POST
def permit(request: ActorRequest, person_id: int) -> HttpResponse:
    """Let somebody out for care or out of danger, at once and without a question (R31)."""
    actor, ground = request.actor, request.POST.get("ground", "")

    def work() -> int:
        return permit_emergency(person_id, ground=ground, by=actor, now=clock.now())

    done = _("Let out. Nothing stands in the way; write down later what happened.")
    return once(request, work, done, lambda permitted: reverse("isolation:emergency", args=[permitted]))


@require_http_methods(["GET", "POST"])
def emergency(request: ActorRequest, emergency_id: int) -> HttpResponse:
    """One way out, and what is written down of it afterwards."""
    actor = request.actor
    actor.require(Right.SEE_ORDERS)
    row = (
        Emergency.objects.filter(pk=emergency_id, area__range=(actor.area.lo, actor.area.hi))
        .select_related("person")
        .first()
    )
    if row is None:
        raise Refused(refuse("not_found"))
    if request.method == "POST":
        text = request.POST.get("text", "")
        do_once(request, lambda: record_emergency(emergency_id, text=text, by=actor, now=clock.now()))
        messages.success(request, _("Written down."))
        return HttpResponseRedirect(reverse("isolation:emergency", args=[emergency_id]))
    context: dict[str, Any] = {"row": row, "places": names_of({row.area}), "may_record": actor.may(Right.RECORD_CHECKS)}
    return render(request, "isolation/emergency.html", context)


@never_cache
@require_POST
def give_link(request: ActorRequest, order_id: int) -> HttpResponse:
    """Make a link for the person and show it, once."""
    order = order_in_scope(request.actor, order_id)
    token = make_link(order_id, language=language_in(request.POST), by=request.actor, now=clock.now())
    address = request.build_absolute_uri(reverse("isolation:mine", args=[token]))
    return render(request, "isolation/link.html", {"order": order, "person": order.person, "address": address})
