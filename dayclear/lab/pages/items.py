"""Goods and surfaces: what was wiped, what the laboratory found, and what is not dealt with."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from dayclear.foundation import clock
from dayclear.foundation.filters import chosen, place_of, within
from dayclear.foundation.lists import keyset_page
from dayclear.foundation.requests import ActorRequest
from dayclear.lab.queries import newest_results
from dayclear.lab.reasons import RESULT_NAMES
from dayclear.lab.rules.cutoffs import State
from dayclear.places.queries import names_of
from dayclear.sampling.models import PooledItem
from dayclear.sampling.queries.items import item_alarms_of, tubes_of_items
from dayclear.sampling.reasons import KIND_NAMES
from dayclear.sampling.rules.numbers import printed

_ORDER = ("-opened_at", "-number")
_KINDS = {"goods": KIND_NAMES["goods"], "environment": KIND_NAMES["environment"]}
_ALL = {"": gettext_lazy("all"), **_KINDS}


@require_GET
def list_items(request: ActorRequest) -> HttpResponse:
    """The tubes of goods and surfaces, the latest first, with what came of each."""
    actor, now = request.actor, clock.now()
    kind = chosen(request.GET, "kind", _ALL, "")
    place = place_of(request.GET, actor)
    rows = within(tubes_of_items(actor), place)
    page = keyset_page(rows.filter(kind=kind) if kind else rows, _ORDER, after=request.GET.get("after", ""))
    numbers = [row.number for row in page]
    results = newest_results(actor, numbers)
    items: dict[int, list[PooledItem]] = defaultdict(list)
    for item in PooledItem.objects.filter(tube__in=numbers).order_by("tube", "position"):
        items[item.tube].append(item)
    alarms = dict(item_alarms_of(actor).filter(tube__in=numbers).values_list("tube", "pk"))
    still_open = list(within(item_alarms_of(actor), place).filter(state="open").order_by("due_at", "pk")[:200])
    context: dict[str, Any] = {
        "page": page,
        "rows": [
            {
                "tube": row,
                "label": printed(row.number),
                "kind": KIND_NAMES[row.kind],
                "items": items[row.number],
                "result": results.get(row.number),
                "said": RESULT_NAMES[State(results[row.number].state)] if row.number in results else "",
                "alarm": alarms.get(row.number),
            }
            for row in page
        ],
        "open": [(each, printed(each.tube)) for each in still_open],
        "late": sum(each.due_at <= now for each in still_open),
        "places": names_of({row.area for row in page} | {each.area for each in still_open}),
        "kinds": _ALL,
        "kind": kind,
    }
    return render(request, "lab/items.html", context)
