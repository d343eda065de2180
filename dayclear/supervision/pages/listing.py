"""The list of findings: both sides, the most urgent first."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from dayclear.foundation import clock
from dayclear.foundation.lists import ListColumn, choose_columns, csv_response, keyset_page
from dayclear.foundation.requests import ActorRequest
from dayclear.places.queries import PlaceName, names_of
from dayclear.supervision.filters import LIVE, FindingFilter
from dayclear.supervision.models import Finding
from dayclear.supervision.queries import today
from dayclear.supervision.reasons import ORIGIN_NAMES, SIDE_NAMES, STATE_NAMES
from dayclear.supervision.texts import predicate_choices, predicate_name


def _columns(places: dict[int, PlaceName]) -> list[ListColumn[Finding]]:
    def named(number: int) -> object:
        return places[number].full_name if number in places else number

    return [
        ListColumn("number", _("Number"), lambda row: row.pk),
        ListColumn("predicate", _("Against"), lambda row: row.predicate),
        ListColumn("name", _("What"), lambda row: predicate_name(row.predicate)),
        ListColumn("side", _("Side"), lambda row: str(SIDE_NAMES[row.side])),
        ListColumn("place", _("Place"), lambda row: named(row.area)),
        ListColumn("owner", _("Who answers"), lambda row: named(row.owner)),
        ListColumn("state", _("State"), lambda row: str(STATE_NAMES[row.state])),
        ListColumn("due", _("Due"), lambda row: row.due_at),
        ListColumn("found", _("First seen"), lambda row: row.found_at, shown=False),
        ListColumn("origin", _("Found by"), lambda row: str(ORIGIN_NAMES[row.origin]), shown=False),
    ]


@require_GET
def list_findings(request: ActorRequest) -> HttpResponseBase:
    """The list. `format=csv` streams the whole of it in the same order."""
    actor, now = request.actor, clock.now()
    wanted = FindingFilter.read(request.GET)
    rows = wanted.rows(actor)
    if request.GET.get("format") == "csv":
        return _csv(request, wanted)
    page = keyset_page(rows, wanted.order, after=request.GET.get("after", ""), with_estimate=True)
    places = names_of({n for row in page for n in (row.area, row.owner)} | ({wanted.place} if wanted.place else set()))
    columns = choose_columns(_columns(places), request.GET.getlist("columns"))
    context: dict[str, Any] = {
        "page": page,
        "rows": [(row, [(column, column.value(row)) for column in columns.shown]) for row in page],
        "columns": columns,
        "filter": wanted,
        "today": today(actor, now=now),
        "places": places,
        "place": places.get(wanted.place) if wanted.place else None,
        "states": {LIVE: _("open"), **STATE_NAMES},
        "sides": SIDE_NAMES,
        "predicates": predicate_choices(),
    }
    return render(request, "supervision/list.html", context)


def _csv(request: ActorRequest, wanted: FindingFilter) -> HttpResponseBase:
    actor, places = request.actor, dict[int, PlaceName]()
    chosen = choose_columns(_columns(places), request.GET.getlist("columns")).shown

    def rows() -> Any:
        found = wanted.rows(actor)
        numbers = found.order_by().values_list("area", "owner").distinct()
        places.update(names_of({number for pair in numbers for number in pair}))
        return found.order_by(*wanted.order).iterator(chunk_size=2_000)

    return csv_response("findings", chosen, rows, actor=actor)
