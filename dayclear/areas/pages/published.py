"""Published lists held against the rules: each area's life, its days, its earliest lawful lifting."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Max, Min, Sum
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from dayclear.areas.models import PublishedArea
from dayclear.areas.notices import level_name
from dayclear.areas.queries import policy_for, published_of
from dayclear.areas.reasons import LEVEL_LETTERS, OUTCOME_NAMES, VERDICT_NAMES
from dayclear.areas.texts import CANNOT_TELL
from dayclear.foundation.filters import chosen, existing, place_of, within
from dayclear.foundation.lists import ListColumn, choose_columns, csv_response, keyset_page
from dayclear.foundation.parts import Figure
from dayclear.foundation.requests import ActorRequest
from dayclear.places.queries import names_of

_ORDER = ("-beyond_days", "id")


def _columns() -> list[ListColumn[PublishedArea]]:
    return [
        ListColumn("name", _("Area"), lambda row: row.name),
        ListColumn("county", _("County as written"), lambda row: row.county_name),
        ListColumn("opened", _("First listed"), lambda row: row.opened_at),
        ListColumn("gone", _("No longer listed"), lambda row: row.gone_at),
        ListColumn("held", _("Days held"), lambda row: row.held_days),
        ListColumn("earliest", _("Earliest lawful lifting"), lambda row: row.earliest_on),
        ListColumn("beyond", _("Days beyond, at most"), lambda row: row.beyond_days),
        ListColumn("verdict", _("Against the rules"), lambda row: str(VERDICT_NAMES[row.verdict])),
    ]


@require_GET
def list_published(request: ActorRequest) -> HttpResponseBase:
    """The areas of published lists, those held longest beyond the rules' days first."""
    actor = request.actor
    place, verdict = place_of(request.GET, actor), chosen(request.GET, "verdict", VERDICT_NAMES)
    words = request.GET.get("q", "").strip()[:80]
    columns = choose_columns(_columns(), request.GET.getlist("columns"))

    def rows() -> Any:
        found = within(published_of(actor), place)
        found = found.filter(name__icontains=words) if words else found
        return found.filter(verdict=verdict) if verdict else found

    if request.GET.get("format") == "csv":
        return csv_response("published-areas", columns.shown, lambda: rows().order_by(*_ORDER), actor=actor)
    page = keyset_page(rows(), _ORDER, after=request.GET.get("after", ""), with_estimate=True)
    whole = within(published_of(actor), place)
    span = whole.aggregate(
        first=Min("opened_at"),
        last=Max("last_seen_at"),
        n=Count("pk"),
        beyond=Sum("beyond_days"),
        worst=Max("beyond_days"),
    )
    counts = dict(whole.values_list("verdict").annotate(n=Count("pk")).order_by("-n"))
    here = f"&place={place}" if place else ""
    context = {
        "page": page,
        "columns": columns,
        "figures": [
            Figure(VERDICT_NAMES[code], counts.get(code, 0), href=f"?verdict={code}{here}", of=span["n"])
            for code in VERDICT_NAMES
            if counts.get(code)
        ],
        "span": span,
        "place": names_of({place}).get(place) if place else None,
        "verdict": verdict,
        "verdicts": VERDICT_NAMES,
        "words": words,
        "cannot_tell": list(CANNOT_TELL.values()),
    }
    return render(request, "areas/published.html", context)


@require_GET
def show_published(request: ActorRequest, published_id: int) -> HttpResponse:
    """One area of the lists: its times at each level, each held against the pack then in force."""
    row = existing(published_of(request.actor).filter(pk=published_id))
    spells = list(row.spells.order_by("position"))
    policies = {spell.pk: policy_for(row.area, row.disease, spell.seen_from_at) for spell in spells}
    context = {
        "row": row,
        "spells": [
            {
                "spell": spell,
                "letter": LEVEL_LETTERS.get(spell.level, "–"),
                "level": level_name(spell.level, policies[spell.pk]),
                "outcome": OUTCOME_NAMES[spell.outcome],
                "verdict": VERDICT_NAMES[spell.verdict],
            }
            for spell in spells
        ],
        "verdict": VERDICT_NAMES[row.verdict],
        "places": names_of({row.area}),
        "cannot_tell": list(CANNOT_TELL.values()),
    }
    return render(request, "areas/published_area.html", context)
