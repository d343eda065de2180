"""The command board and its charts."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseNotModified
from django.shortcuts import render
from django.urls import path
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from dayclear.foundation import clock
from dayclear.foundation.charts import KINDS, answer, bundle_address
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.requests import ActorRequest
from dayclear.foundation.sent import day_or_none, number_or_none
from dayclear.places.queries import search_places
from dayclear.reporting.charts import CHARTS, heading
from dayclear.reporting.links import board_address
from dayclear.reporting.panels import BoardView
from dayclear.reporting.queries import Asked, board_version, place_for, read_board
from dayclear.reporting.tables import SORTS
from dayclear.reporting.texts import place_title

# Even an unchanged board is sent anew this often, so that its "as of" stays true to within it.
_FRESH_SECONDS = 600


@require_GET
def board(request: ActorRequest) -> HttpResponse:
    """The board: a whole page, or (under htmx) its main part alone. Unchanged since the reader's copy: 304."""
    asked, now = asked_by(request.GET), clock.now()
    fragment = bool(request.htmx) and not request.htmx.boosted and not request.htmx.history_restore_request
    etag = _etag(request, asked, now)
    # Only what refreshes itself may be told "unchanged": a whole page also carries messages meant to be seen once.
    if fragment and request.headers.get("If-None-Match") == etag:
        return HttpResponseNotModified(headers={"ETag": etag})
    shown = read_board(request.actor, asked, today=clock.local_day(now))
    context: dict[str, Any] = {"etag": etag, "asked": asked, "address": board_address(asked, sort=_sort(request))}
    context["layout"] = "reporting/fragment.html" if fragment else "page.html"
    if shown is None:
        context["place_name"] = _place_name(request, asked)
        return _answer(render(request, "reporting/no_case.html", context), etag)
    context["view"] = BoardView(shown, asked, now, sort=_sort(request), all_parts=request.GET.get("parts") == "all")
    context["chart_bundle"] = bundle_address()
    return _answer(render(request, "reporting/board.html", context), etag)


@require_GET
def chart(request: ActorRequest, name: str, kind: str) -> HttpResponse:
    """One chart of the board: its specification, a picture, or its rows."""
    if name not in CHARTS or kind not in KINDS:
        raise Http404
    now = clock.now()
    shown = read_board(request.actor, asked_by(request.GET), today=clock.local_day(now))
    if shown is None:
        raise Refused(refuse("not_found"))
    local = now.astimezone(clock.local_zone())
    return answer(request, CHARTS[name](shown), heading(shown, name, at=local, place_name=place_title(shown)), kind)


@require_GET
def find_place(request: ActorRequest) -> HttpResponse:
    """The places whose name, pinyin or code begins as typed, each leading to its board."""
    asked = asked_by(request.GET)
    place_for(request.actor, asked)
    found = search_places(request.actor, request.GET.get("q", ""), limit=12)
    links = [
        {"name": place.name, "full_name": place.full_name, "href": board_address(_of_place(asked, place.number))}
        for place in found
        if place.level <= 5
    ]
    return render(request, "reporting/found_places.html", {"links": links, "words": request.GET.get("q", "").strip()})


def asked_by(address: Mapping[str, str]) -> Asked:
    """What an address asks for. Raises: Refused (`bad_filter`), naming the parameter."""
    return Asked(
        place=number_or_none(address, "place"),
        disease=address.get("disease", "").strip()[:32] or None,
        first=day_or_none(address, "from"),
        last=day_or_none(address, "to"),
        level=number_or_none(address, "level"),
    )


def _of_place(asked: Asked, place: int) -> Asked:
    return replace(asked, place=place, level=None)


def _sort(request: ActorRequest) -> str:
    wanted = request.GET.get("sort", "")
    return wanted if wanted in SORTS else ""


def _place_name(request: ActorRequest, asked: Asked) -> str:
    standing = getattr(request, "standing", None)
    if asked.place in (None, request.actor.area.lo) and standing is not None:
        return standing.place_full_name or _("Whole installation")
    return _("this place")


def _etag(request: ActorRequest, asked: Asked, now: datetime) -> str:
    """What the reader's copy depends on: the counts, who asks for what, in which language, and the ten minutes."""
    parts = (
        board_version(place_for(request.actor, asked)),
        asked,
        _sort(request),
        request.GET.get("parts"),
        request.actor,
        get_language(),
        int(now.timestamp()) // _FRESH_SECONDS,
        clock.local_day(now),
    )
    return f'"{hashlib.blake2b(repr(parts).encode(), digest_size=12).hexdigest()}"'


def _answer(response: HttpResponse, etag: str) -> HttpResponse:
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = "private, no-cache"
    patch_vary_headers(response, ("Cookie", "HX-Request"))
    return response


urlpatterns = [
    path("", board, name="board"),
    path("places", find_place, name="find_place"),
    path("charts/<slug:name>.<slug:kind>", chart, name="chart"),
]
