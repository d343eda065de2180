"""Laboratories: all of them with what waits there, and one with its machines, boxes and plates."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dayclear.foundation import clock
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.lists import keyset_page
from dayclear.foundation.requests import ActorRequest, once
from dayclear.foundation.rules import Right
from dayclear.lab.commands import add_instrument, end_instrument, expected_boxes, locate_laboratory, open_laboratory
from dayclear.lab.forms import InstrumentForm, LaboratoryForm, PositionForm, require_valid
from dayclear.lab.models import Instrument
from dayclear.lab.queries import (
    PLATE_ORDER,
    at_work,
    laboratories_of,
    laboratory_in_scope,
    owed_returns,
    plates_of,
    waiting_tubes,
)
from dayclear.lab.reasons import PLATE_STATE_NAMES
from dayclear.lab.rules.release import PlateState
from dayclear.places.forms import chosen_place
from dayclear.places.queries import names_of
from dayclear.sampling.rules.numbers import printed

_QUEUE_SHOWN = 20


@require_GET
def list_laboratories(request: ActorRequest) -> HttpResponseBase:
    actor, now = request.actor, clock.now()
    page = keyset_page(laboratories_of(actor), ("name", "id"), after=request.GET.get("after", ""))
    stands = at_work(actor, page.rows, now=now)
    owed = list(owed_returns(actor)[:200])
    late = [each for each in owed if each.due_at <= now]
    oldest = min((each.oldest for each in stands.values() if each.oldest), default=None)
    context: dict[str, Any] = {
        "page": page,
        "rows": [
            (row, stands[row.pk], next((each for each in owed if each.laboratory_id == row.pk), None)) for row in page
        ],
        "places": names_of({row.area for row in page}),
        "waiting": sum(each.waiting for each in stands.values()),
        "free": sum(each.free for each in stands.values()),
        "oldest": now - oldest if oldest else None,
        "late": late,
        "now": now,
    }
    return render(request, "lab/list.html", context)


@require_http_methods(["GET", "POST"])
def new_laboratory(request: ActorRequest) -> HttpResponse:
    """The form; sent twice it opens one laboratory."""
    actor = request.actor
    actor.require(Right.MANAGE_LABS)
    if request.method == "GET":
        return _form(request, LaboratoryForm(initial={"key": uuid4().hex}, actor=actor), 200)
    form = LaboratoryForm(request.POST, actor=actor)
    if not form.is_valid():
        return _form(request, form, 422)

    def work() -> int:
        return open_laboratory(form.record(), by=actor, now=clock.now())

    return once(request, work, _("Laboratory opened. Add its machines."), _page_of)


def _form(request: ActorRequest, form: LaboratoryForm, status: int) -> HttpResponse:
    return render(request, "lab/new.html", {"form": form, "place": chosen_place(form)}, status=status)


@require_GET
def show_laboratory(request: ActorRequest, laboratory_id: int) -> HttpResponseBase:
    actor, now = request.actor, clock.now()
    laboratory = laboratory_in_scope(actor, laboratory_id)
    plates = plates_of(actor).filter(laboratory=laboratory).select_related("assay")
    page = keyset_page(plates, PLATE_ORDER, after=request.GET.get("after", ""))
    queue = list(waiting_tubes(actor, laboratory.pk)[:_QUEUE_SHOWN])
    context: dict[str, Any] = {
        "laboratory": laboratory,
        "stands": at_work(actor, [laboratory], now=now)[laboratory.pk],
        "place": names_of({laboratory.area}).get(laboratory.area),
        "machines": laboratory.instruments.filter(ended_at=None).order_by("code"),
        "queue": [(printed(row.tube), row) for row in queue],
        "boxes": expected_boxes(laboratory.pk, by=actor),
        "page": page,
        "plates": [(plate, PLATE_STATE_NAMES[PlateState(plate.state)]) for plate in page],
        "owed": owed_returns(actor).filter(laboratory=laboratory).first(),
        "form": InstrumentForm(),
        "position": PositionForm(initial={"latitude": laboratory.latitude, "longitude": laboratory.longitude}),
        "key": uuid4().hex,
        "now": now,
    }
    return render(request, "lab/laboratory.html", context)


@require_POST
def locate(request: ActorRequest, laboratory_id: int) -> HttpResponse:
    """Enter where it stands."""
    form = PositionForm(request.POST)

    def work() -> None:
        require_valid(form)
        said = form.cleaned_data
        locate_laboratory(laboratory_id, said["latitude"], said["longitude"], by=request.actor, now=clock.now())

    return once(request, work, _("Position entered. The next dispatch counts on it."), _page_of(laboratory_id))


@require_POST
def add_machine(request: ActorRequest, laboratory_id: int) -> HttpResponse:
    form = InstrumentForm(request.POST)

    def work() -> int:
        require_valid(form)
        code = form.cleaned_data["code"]
        return add_instrument(laboratory_id, code, form.machine(), by=request.actor, now=clock.now())

    return once(request, work, _("Machine added."), _page_of(laboratory_id))


@require_POST
def stop_machine(request: ActorRequest, instrument_id: int) -> HttpResponse:
    actor = request.actor
    mine = Instrument.objects.filter(area__range=(actor.area.lo, actor.area.hi))
    laboratory = mine.filter(pk=instrument_id).values_list("laboratory_id", flat=True).first()
    if laboratory is None:
        raise Refused(refuse("not_found"))

    def work() -> None:
        end_instrument(instrument_id, by=actor, now=clock.now())

    return once(request, work, _("Machine taken out of service."), _page_of(laboratory))


def _page_of(laboratory_id: int) -> str:
    return reverse("lab:laboratory", args=[laboratory_id])
