"""Residents' codes: a household is chosen, its codes come as a page to print."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from dayclear.foundation import clock
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.filters import place_of, within
from dayclear.foundation.lists import keyset_page
from dayclear.foundation.requests import ActorRequest
from dayclear.foundation.rules import Right
from dayclear.foundation.sent import whole_numbers
from dayclear.people.models import Person
from dayclear.people.queries import people_of, search_people
from dayclear.places.queries import names_of
from dayclear.sampling.code_sheet import as_pdf
from dayclear.sampling.commands import issue_codes, revoke_codes

_ORDER = ("area", "id")
_MOST = 200


@require_GET
def list_people(request: ActorRequest) -> HttpResponse:
    """The people of the place, to choose a household from; found by name, or by where they live."""
    actor = request.actor
    actor.require(Right.ISSUE_CODES)
    words = request.GET.get("q", "").strip()[:80]
    rows = within(people_of(actor), place_of(request.GET, actor))
    page = None if words else keyset_page(rows, _ORDER, after=request.GET.get("after", ""))
    people: list[Person] = _found(request, words) if words else list(page or [])
    context = {"page": page, "people": people, "words": words, "places": names_of({row.area for row in people})}
    return render(request, "sampling/codes.html", context)


def _found(request: ActorRequest, words: str) -> list[Person]:
    """By name; and everybody who lives at the address of those found, for a household is asked for together."""
    by_name = search_people(request.actor, words, limit=20)
    homes = {row.residence for row in by_name if row.residence} | {words}
    household = people_of(request.actor).filter(residence__in=homes).order_by("residence", "pk")[:_MOST]
    return list({row.pk: row for row in [*by_name, *household]}.values())


@require_POST
def make(request: ActorRequest) -> HttpResponse:
    """A sheet with the codes of those chosen; or, with `revoke`, their codes called back."""
    chosen = whole_numbers(request.POST.getlist("person"))
    if not chosen or len(chosen) > _MOST:
        raise Refused(refuse("people_not_chosen", most=_MOST))
    now = clock.now()
    if request.POST.get("revoke"):
        count = revoke_codes(chosen, by=request.actor, now=now)
        messages.success(
            request, _("%(n)s codes called back. Devices hear of it with their next bundle.") % {"n": count}
        )
        return HttpResponseRedirect(reverse("sampling:codes"))
    codes = issue_codes(chosen, by=request.actor, now=now)
    response = HttpResponse(as_pdf(codes), content_type="application/pdf")
    response.headers["Content-Disposition"] = 'inline; filename="codes.pdf"'
    response.headers["Cache-Control"] = "no-store"
    return response
