"""The list of orders: narrowed by its address, paged by key, as a page or as CSV. Who should be free stands first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from itertools import islice
from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from dayclear.foundation import clock
from dayclear.foundation.actors import Actor
from dayclear.foundation.lists import Columns, ListColumn, choose_columns, csv_response, keyset_page, record_export
from dayclear.foundation.requests import ActorRequest
from dayclear.foundation.rules import Right
from dayclear.isolation.filters import OrderFilter, in_state, orders_of
from dayclear.isolation.models import Order, Phase
from dayclear.isolation.overview import COUNT_MOST, phases_under_way, standing
from dayclear.isolation.reasons import END_CAUSE_NAMES, MODE_NAMES, STATE_NAMES
from dayclear.isolation.texts import LIST_NAMES, category_text, mode_text
from dayclear.places.queries import PlaceName, names_of
from dayclear.policy.loader import shipped
from dayclear.policy.schema import Label
from dayclear.policy.words import label_text

_LATE_SHOWN, _CHUNK = 20, 2_000
_WITHIN_NAMES = {"0": _("today"), "1": _("by tomorrow"), "3": _("within three days")}


def _columns(
    places: Mapping[int, PlaceName], phases: Mapping[int, Phase], *, with_category: bool
) -> list[ListColumn[Order]]:
    def mode(order: Order) -> str:
        phase = phases.get(order.pk)
        return mode_text(phase.mode) if phase else ""

    found = [
        ListColumn[Order]("name", _("Name"), lambda order: order.person.name),
        ListColumn[Order]("place", _("Place"), lambda o: places[o.area].full_name if o.area in places else o.area),
        ListColumn[Order]("residence", _("Residence as written"), lambda order: order.person.residence, shown=False),
        ListColumn[Order]("mode", _("Mode today"), mode),
        ListColumn[Order]("starts", _("Since"), lambda order: order.starts_at, shown=False),
        ListColumn[Order]("ends", _("Last day"), lambda order: order.ends_on),
        ListColumn[Order]("left", _("Time"), lambda order: order.ends_at),
        ListColumn[Order]("check", _("Last check"), lambda order: order.last_check_at),
        ListColumn[Order]("state", _("State"), lambda order: str(STATE_NAMES[order.state]), shown=False),
        ListColumn[Order](
            "cause", _("Ended because"), lambda order: str(END_CAUSE_NAMES.get(order.end_cause, "")), shown=False
        ),
    ]
    if with_category:
        found.insert(3, ListColumn[Order]("category", _("Category"), category_text))
    return found


@require_GET
def list_orders(request: ActorRequest) -> HttpResponseBase:
    """The list. `format=csv` streams the whole of it in the same order."""
    actor, now = request.actor, clock.now()
    may_know = actor.may(Right.SEE_CASES)
    wanted = OrderFilter.read(request.GET, may_see_category=may_know)
    if request.GET.get("format") == "csv":
        return _csv(request, wanted, may_know=may_know, now=now)
    rows = wanted.rows(actor, now=now).select_related("person")
    page = keyset_page(rows, wanted.order, after=request.GET.get("after", ""))
    stands = standing(actor, now=now)
    first = wanted.state == "in_force" and not page.after and not wanted.is_narrowed
    late = _late(actor) if first and stands.late else []
    shown = [*page, *late]
    phases = phases_under_way(shown, now=now)
    places = names_of({order.area for order in shown} | ({wanted.place} if wanted.place else set()))
    columns = choose_columns(_columns(places, phases, with_category=may_know), request.GET.getlist("columns"))
    context: dict[str, Any] = {
        "page": page,
        "rows": _cells(page, columns),
        "late_rows": _cells(late, columns),
        "standing": stands,
        "most": COUNT_MOST,
        "filter": wanted,
        "columns": columns,
        "places": places,
        "place": places.get(wanted.place) if wanted.place else None,
        "lists": LIST_NAMES.items(),
        "now": now,
        "choices": [
            ("mode", _("Mode today"), MODE_NAMES, wanted.mode),
            ("within", _("Ends"), _WITHIN_NAMES, wanted.within),
        ],
        "categories": _categories(wanted.category) if may_know else [],
    }
    return render(request, "isolation/list.html", context)


def _cells(orders: Iterable[Order], columns: Columns[Order]) -> list[tuple[Order, list[tuple[ListColumn[Order], Any]]]]:
    return [(order, [(column, column.value(order)) for column in columns.shown]) for order in orders]


def _late(actor: Actor) -> list[Order]:
    rows = in_state(orders_of(actor), "late", clock.now()).select_related("person")
    return list(rows.order_by("ended_at", "id")[:_LATE_SHOWN])


def _categories(chosen: str) -> list[tuple[str, str, bool]]:
    """Every category of the packs, by the name that a pack gives it."""
    return [(code, label_text(label), code == chosen) for code, label in _labels().items()]


@lru_cache(maxsize=1)
def _labels() -> dict[str, Label]:
    return {code: found.name for pack in shipped().packs() for code, found in pack.rules.categories.items()}


def _csv(request: ActorRequest, wanted: OrderFilter, *, may_know: bool, now: datetime) -> HttpResponseBase:
    places: dict[int, PlaceName] = {}
    phases: dict[int, Phase] = {}
    chosen = choose_columns(_columns(places, phases, with_category=may_know), request.GET.getlist("columns")).shown
    actor = request.actor

    def rows() -> Iterator[Order]:
        # The places of the actor's scope are few thousand names at most a province; asked once for the whole stream.
        orders = wanted.rows(actor, now=now)
        places.update(names_of(set(orders.order_by().values_list("area", flat=True).distinct())))
        stream = orders.select_related("person").order_by(*wanted.order).iterator(chunk_size=_CHUNK)
        while batch := list(islice(stream, _CHUNK)):
            phases.clear()
            phases.update(phases_under_way(batch, now=now))
            yield from batch

    record_export("orders", chosen, request.GET, by=actor, now=clock.now())
    return csv_response("orders", chosen, rows, actor=actor)
