"""The register of measures: what is imposed where, on which basis, by whom, until when, reviewed when."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dayclear.areas import commands
from dayclear.areas.commands import measure_subject
from dayclear.areas.forms import MeasureForm
from dayclear.areas.models import Measure
from dayclear.areas.queries import area_in_scope, measures_of, policy_for
from dayclear.areas.reasons import CAUSE_NAMES, EXIT_NAMES, KIND_NAMES
from dayclear.areas.timeline import told
from dayclear.foundation import clock
from dayclear.foundation.filters import chosen, existing, place_of, within
from dayclear.foundation.lists import ListColumn, choose_columns, csv_response, keyset_page
from dayclear.foundation.repetition import answer_once
from dayclear.foundation.requests import ActorRequest
from dayclear.foundation.rules import Right
from dayclear.foundation.sent import day_in, whole_number
from dayclear.foundation.trail import events_of
from dayclear.places.forms import chosen_place
from dayclear.places.queries import names_of
from dayclear.places.reasons import LEVEL_NAMES
from dayclear.policy.words import word

_SHOWN = {"live": gettext_lazy("in force"), "over": gettext_lazy("over")}
_ORDER = ("ends_at", "id")


def _columns() -> list[ListColumn[Measure]]:
    return [
        ListColumn("kind", gettext_lazy("Kind"), lambda row: str(KIND_NAMES[row.kind])),
        ListColumn("code", gettext_lazy("Measure of the rules"), lambda row: word(row.code) if row.code else "", False),
        ListColumn("scope", gettext_lazy("Covers"), lambda row: row.scope),
        ListColumn("place", gettext_lazy("Place"), lambda row: row.area),
        ListColumn("basis", gettext_lazy("Basis"), lambda row: row.basis),
        ListColumn("approver", gettext_lazy("Approved by"), lambda row: row.approver_label),
        ListColumn("starts", gettext_lazy("From"), lambda row: row.starts_at),
        ListColumn("ends", gettext_lazy("Until"), lambda row: row.ends_at),
        ListColumn("review", gettext_lazy("Review"), lambda row: row.review_on),
    ]


@require_GET
def list_measures(request: ActorRequest) -> HttpResponseBase:
    """The register. `format=csv` streams the whole of it in the same order."""
    actor, now = request.actor, clock.now()
    place, state = place_of(request.GET, actor), chosen(request.GET, "state", _SHOWN, "live")
    kind = chosen(request.GET, "kind", KIND_NAMES)
    columns = choose_columns(_columns(), request.GET.getlist("columns"))

    def rows() -> Any:
        found = within(measures_of(actor), place).filter(ended_at__isnull=state == "live")
        return found.filter(kind=kind) if kind else found

    if request.GET.get("format") == "csv":
        return csv_response("measures", columns.shown, lambda: rows().order_by(*_ORDER), actor=actor)
    page = keyset_page(rows(), _ORDER, after=request.GET.get("after", ""))
    today = clock.local_day(now)
    live = measures_of(actor).filter(ended_at=None)
    context = {
        "page": page,
        "columns": columns,
        "places": names_of({row.area for row in page}),
        "place": names_of({place}).get(place) if place else None,
        "kind": kind,
        "kinds": KIND_NAMES,
        "state": state,
        "states": _SHOWN,
        "unreviewed": live.filter(review_on__lt=today).count(),
        "live": live.count(),
        "today": today,
    }
    return render(request, "areas/measures.html", context)


@require_GET
def show_measure(request: ActorRequest, measure_id: int) -> HttpResponse:
    """One measure with its story."""
    row = existing(measures_of(request.actor).select_related("risk_area").filter(pk=measure_id))
    events = list(events_of(request.actor, [measure_subject(row.pk)]))
    today = clock.local_day(clock.now())
    context = {
        "measure": row,
        "kind": KIND_NAMES[row.kind],
        "code": word(row.code) if row.code else "",
        "at_exit": EXIT_NAMES.get(row.at_exit, ""),
        "approver_level": LEVEL_NAMES[row.approver_level],
        "cause": CAUSE_NAMES.get(row.end_cause, row.end_cause),
        "places": names_of({row.area}),
        "timeline": told(events),
        "unreviewed": row.ended_at is None and row.review_on < today,
        "today": today,
    }
    return render(request, "areas/measure.html", context)


@require_http_methods(["GET", "POST"])
def impose(request: ActorRequest) -> HttpResponse:
    """The form; whoever sends it signs the measure. Sent twice it imposes one."""
    actor, now = request.actor, clock.now()
    actor.require(Right.DECIDE_AREAS)
    said = request.POST if request.method == "POST" else request.GET
    disease = said.get("disease", "covid-19")
    policy = policy_for(actor.area.lo, disease, now)
    if request.method == "GET":
        today = clock.local_day(now)
        start: dict[str, Any] = {"key": uuid4().hex, "disease": disease, "starts_on": today}
        area = whole_number(said.get("area", ""))
        if area is not None:
            found = area_in_scope(actor, area)
            if found is not None:
                start |= {"area_id": found.pk, "place": found.area, "kind": "area_measure", "disease": found.disease}
        return _form(request, MeasureForm(initial=start, actor=actor, policy=policy), status=200)
    form = MeasureForm(request.POST, actor=actor, policy=policy)
    if not form.is_valid():
        return _form(request, form, status=422)

    def work() -> tuple[int, dict[str, int]]:
        return 201, {"measure": commands.impose_measure(form.order(now), by=actor, now=now)}

    asked = sorted((name, str(value)) for name, value in form.cleaned_data.items())
    (_status, answer), _repeated = answer_once(form.cleaned_data["key"], ["measure", asked], work, by=actor, now=now)
    messages.success(request, _("Measure imposed. It ends by itself."))
    return HttpResponseRedirect(reverse("areas:measure", args=[answer["measure"]]))


def _form(request: ActorRequest, form: MeasureForm, *, status: int) -> HttpResponse:
    return render(request, "areas/impose.html", {"form": form, "place": chosen_place(form)}, status=status)


@require_POST
def review(request: ActorRequest, measure_id: int) -> HttpResponse:
    said, now = request.POST, clock.now()
    on = day_in(said, "review_on")
    commands.review_measure(measure_id, review_on=on, reason=said.get("reason", ""), by=request.actor, now=now)
    messages.success(request, _("Review recorded. The end of the measure has not moved."))
    return HttpResponseRedirect(reverse("areas:measure", args=[measure_id]))


@require_POST
def end(request: ActorRequest, measure_id: int) -> HttpResponse:
    commands.end_measure(measure_id, by=request.actor, now=clock.now())
    messages.success(request, _("Measure ended."))
    return HttpResponseRedirect(reverse("areas:measure", args=[measure_id]))
