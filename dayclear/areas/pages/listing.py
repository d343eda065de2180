"""The list of areas: those held over their time first."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from dayclear.areas.models import RiskArea
from dayclear.areas.queries import LATE_FIRST, areas_of, facts_of, figures_of, policy_for
from dayclear.areas.reasons import LEVEL_LETTERS, STATE_NAMES, UNIT_NAMES
from dayclear.areas.rules.clearing import completed_clear_days, follows_the_others
from dayclear.foundation import clock
from dayclear.foundation.filters import chosen, place_of, within
from dayclear.foundation.lists import ListColumn, choose_columns, csv_response, keyset_page
from dayclear.foundation.requests import ActorRequest
from dayclear.places.queries import names_of
from dayclear.policy.words import word

# What the list shows: what is open, or one state. Over areas the latest are of interest.
SHOWN = {"open": _("open"), **STATE_NAMES}
_OPEN = ("proposed", "approved", "in_force")


def _columns(now: datetime) -> list[ListColumn[RiskArea]]:
    return [
        ListColumn("level", _("Level"), lambda area: word(area.level) if area.level else ""),
        ListColumn("name", _("Area"), lambda area: area.name),
        ListColumn("place", _("Place"), lambda area: area.area),
        ListColumn("unit", _("Drawn by"), lambda area: str(UNIT_NAMES[area.unit]), shown=False),
        ListColumn("state", _("State"), lambda area: str(STATE_NAMES[area.state])),
        ListColumn("clear", _("Clear days"), lambda area: clear_days(area, now)),
        ListColumn("eligible", _("May go down"), lambda area: area.eligible_at),
        ListColumn("earliest", _("Days over"), lambda area: area.earliest_at, shown=False),
    ]


def clear_days(area: RiskArea, now: datetime) -> int | None:
    """Whole clear days so far; None where no clock runs."""
    if area.state != "in_force" or area.earliest_at is None:
        return None
    return completed_clear_days(facts_of(area), today=clock.local_day(now))


@require_GET
def list_areas(request: ActorRequest) -> HttpResponseBase:
    """The list. `format=csv` streams the whole of it in the same order."""
    actor, now = request.actor, clock.now()
    place = place_of(request.GET, actor)
    state = chosen(request.GET, "state", SHOWN, "open")
    columns = choose_columns(_columns(now), request.GET.getlist("columns"))

    def rows() -> Any:
        found = within(areas_of(actor), place).filter(state__in=_OPEN if state == "open" else (state,))
        return found.prefetch_related("infections", "rounds")

    if request.GET.get("format") == "csv":
        return csv_response("areas", columns.shown, lambda: rows().order_by(*LATE_FIRST), actor=actor)
    page = keyset_page(rows(), LATE_FIRST, after=request.GET.get("after", ""))
    figures = figures_of(actor, now=now)
    context = {
        "page": page,
        "rows": [(area, clear_days(area, now), _follows(area, now)) for area in page],
        "columns": columns,
        "keys": columns.keys(),
        "figures": figures,
        "place": names_of({place}).get(place) if place else None,
        "places": names_of({area.area for area in page}),
        "state": state,
        "states": SHOWN,
        "state_names": STATE_NAMES,
        "units": UNIT_NAMES,
        "letters": LEVEL_LETTERS,
        "now": now,
    }
    return render(request, "areas/list.html", context)


def _follows(area: RiskArea, now: datetime) -> bool:
    policy = policy_for(area.area, area.disease, now)
    return bool(policy and area.level and follows_the_others(policy.rules.areas, area.level))
