"""One person or two? The queue of pairs that look alike, side by side, and the way back from a merge."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dayclear.foundation import clock
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.lists import keyset_page
from dayclear.foundation.requests import ActorRequest
from dayclear.people.merging import keep_apart, merge_people, rows_that_follow, undo_merge
from dayclear.people.models import Match, Person
from dayclear.people.queries import age_on, match_in_scope, waiting_matches
from dayclear.people.reasons import LIKENESS_NAMES, SEX_NAMES, TABLE_NAMES
from dayclear.places.queries import names_of

_PAIRS_A_PAGE = 20


@require_GET
def list_matches(request: ActorRequest) -> HttpResponse:
    page = keyset_page(
        waiting_matches(request.actor), ("-score", "id"), after=request.GET.get("after", ""), size=_PAIRS_A_PAGE
    )
    people = [person for match in page for person in (match.first, match.second)]
    context = {
        "page": page,
        "pairs": [(match, _side_by_side(match), _reasons(match)) for match in page],
        "places": names_of({person.area for person in people} | {p.home for p in people if p.home}),
        "sexes": SEX_NAMES,
    }
    return render(request, "people/matches.html", context)


def _side_by_side(match: Match) -> list[tuple[Person, int | None]]:
    today = clock.local_day(clock.now())
    return [(person, age_on(person, today)) for person in (match.first, match.second)]


def _reasons(match: Match) -> list[tuple[bool, Any]]:
    """Shape: (speaks for one person, words)."""
    return [
        (not code.startswith("other_") and code != "near_age", LIKENESS_NAMES.get(code, code)) for code in match.reasons
    ]


@require_POST
def apart(request: ActorRequest, match_id: int) -> HttpResponse:
    keep_apart(match_id, by=request.actor, now=clock.now())
    messages.success(request, _("Kept apart: they are two people."))
    return HttpResponseRedirect(reverse("people:matches"))


@require_http_methods(["GET", "POST"])
def merge(request: ActorRequest, match_id: int) -> HttpResponse:
    """What a merge would do, to be confirmed by typing the number of the record that disappears."""
    match = match_in_scope(request.actor, match_id)
    if match is None or match.decided_at is not None:
        raise Refused(refuse("not_found"))
    chosen = request.POST.get("kept", request.GET.get("kept", ""))
    kept, gone = (match.second, match.first) if chosen == str(match.second_id) else (match.first, match.second)
    if request.method == "POST":
        if request.POST.get("confirm", "").strip() != str(gone.pk):
            raise Refused(refuse("merge_not_confirmed", number=gone.pk))
        merge_people(kept.pk, gone.pk, by=request.actor, now=clock.now())
        messages.success(request, _("Merged. It can be taken back on the page of the person."))
        return HttpResponseRedirect(reverse("people:person", args=[kept.pk]))
    today = clock.local_day(clock.now())
    context = {
        "match": match,
        "kept": kept,
        "gone": gone,
        "sides": [(kept, age_on(kept, today)), (gone, age_on(gone, today))],
        "reasons": _reasons(match),
        "follows": [(TABLE_NAMES.get(table, table), count) for table, count in rows_that_follow(gone.pk).items()],
        "places": names_of({person.area for person in (kept, gone)} | {p.home for p in (kept, gone) if p.home}),
        "sexes": SEX_NAMES,
    }
    return render(request, "people/merge.html", context)


@require_POST
def undo(request: ActorRequest, merge_id: int) -> HttpResponse:
    taken_back = undo_merge(merge_id, by=request.actor, now=clock.now())
    messages.success(request, _("The merge was taken back: they are two people again."))
    return HttpResponseRedirect(reverse("people:person", args=[taken_back.gone_id]))
