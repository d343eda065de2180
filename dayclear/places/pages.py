"""The register of places: browse down the tree, find by name or pinyin, see what counts for a place."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, register_converter, reverse
from django.views.decorators.http import require_GET

from dayclear.foundation.actors import Actor
from dayclear.foundation.areas import EVERYWHERE, LEVELS, ancestor, area_of
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.palette import Found, finds
from dayclear.foundation.requests import ActorRequest
from dayclear.places.models import Place
from dayclear.places.panels import figures_of
from dayclear.places.queries import children_of, search_places, search_register
from dayclear.places.reasons import LEVEL_NAMES


class _NumberConverter:
    """The number of a place in an address."""

    regex = "[0-9]{1,18}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)


register_converter(_NumberConverter, "place")


@require_GET
def list_places(request: ActorRequest) -> HttpResponse:
    """The actor's own place and what is under it, or what the words find."""
    words = request.GET.get("q", "").strip()[:80]
    if words:
        found = search_places(request.actor, words, limit=50)
        context = {"words": words, "found": found, "levels": LEVEL_NAMES}
        template = "places/found.html" if request.headers.get("HX-Target") == "found" else "places/list.html"
        return render(request, template, context)
    return _show(request, request.actor.area.lo)


@require_GET
def show_place(request: ActorRequest, number: int) -> HttpResponse:
    return _show(request, number)


def _show(request: ActorRequest, number: int) -> HttpResponse:
    actor = request.actor
    above = [ancestor(number, level) for level in range(1, 6)]
    way = [each for each in dict.fromkeys(above) if each in actor.area and each < number]
    known = Place.objects.in_bulk([number, *way])
    place = known.get(number)
    if number not in actor.area or (place is None and number != actor.area.lo):
        raise Refused(refuse("not_found"))
    inside = list(children_of(number)[:600]) if number else list(Place.objects.filter(level=1).order_by("number"))
    context = {
        "place": place,
        "way": [known[each] for each in way if each in known],
        "children": inside,
        "figures": figures_of(actor, number),
        "levels": LEVEL_NAMES,
        "level": place.level if place else 0,
        "whole": actor.area == EVERYWHERE,
        "level_name": LEVELS[place.level] if place else LEVELS[0],
        "area": area_of(number) if number else EVERYWHERE,
    }
    return render(request, "places/place.html", context)


@require_GET
def options(request: ActorRequest) -> HttpResponse:
    """Places to choose from in a form, as radio buttons under the search field `name`."""
    name = request.GET.get("name", "place")[:40]
    words = request.GET.get(f"{name}_words", "").strip()[:80]
    # Names of places are no secret: whoever sends something to another place finds it here.
    places = (
        search_register(words, limit=8) if request.GET.get("anywhere") else search_places(request.actor, words, limit=8)
    )
    return render(request, "places/options.html", {"places": places, "name": name, "words": words})


@finds("places")
def _find(actor: Actor, words: str) -> list[Found]:
    return [
        Found(place.name, reverse("places:place", args=[place.number]), place.full_name)
        for place in search_places(actor, words, limit=5)
    ]


urlpatterns = [
    path("", list_places, name="list"),
    path("options", options, name="options"),
    path("<place:number>", show_place, name="place"),
]
