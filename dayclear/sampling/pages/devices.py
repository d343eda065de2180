"""Devices: the list with what is missing of them, enrolling by a code, one device."""

from __future__ import annotations

from uuid import uuid4

import segno
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from dayclear.foundation import clock
from dayclear.foundation.filters import chosen, existing, place_of, within
from dayclear.foundation.lists import keyset_page
from dayclear.foundation.requests import ActorRequest, once
from dayclear.foundation.rules import Right
from dayclear.foundation.sent import number_in, text_in
from dayclear.foundation.trail import events_of
from dayclear.places.queries import names_of
from dayclear.sampling.commands import (
    end_device,
    hand_roll,
    issue_more_numbers,
    make_enrolment_code,
    make_roll,
)
from dayclear.sampling.commands.devices import subject_of
from dayclear.sampling.models import Device
from dayclear.sampling.queries.reading import device_figures, devices_of, missing_counters, rolls_of, silent_since
from dayclear.sampling.reasons import DEVICE_STATE_NAMES
from dayclear.sampling.rules.numbers import printed
from dayclear.sampling.timeline import told

_ORDER = ("area", "id")
_LATEST_EVENTS = 100


@require_GET
def list_devices(request: ActorRequest) -> HttpResponse:
    """Devices by place; what is missing of each, and since when it was not heard of."""
    actor, now = request.actor, clock.now()
    state = chosen(request.GET, "state", DEVICE_STATE_NAMES, "active")
    rows = within(devices_of(actor), place_of(request.GET, actor)).filter(state=state)
    page = keyset_page(rows, _ORDER, after=request.GET.get("after", ""))
    context = {
        "page": page,
        "places": names_of({row.area for row in page}),
        "figures": device_figures(actor, now=now),
        "silent_since": silent_since(now),
        "state": state,
        "states": DEVICE_STATE_NAMES,
        "rolls": [(roll, printed(roll.first), printed(roll.last)) for roll in rolls_of(actor)[:50]],
        "key": uuid4().hex,
    }
    return render(request, "sampling/devices.html", context)


@require_POST
def make_code(request: ActorRequest) -> HttpResponse:
    """A code to enrol a device with: shown this once, as text and to be scanned."""
    area = place_of(request.POST, request.actor) or request.actor.area.lo
    code, ends_at = make_enrolment_code(area, by=request.actor, now=clock.now())
    # A link to the sampler's page, the code behind the #: no server on the way sees it.
    link = f"{request.build_absolute_uri(reverse('sampling:desk'))}#enrol={code}"
    picture = segno.make_qr(link, error="q").svg_data_uri(scale=6, border=4)
    spaced = " ".join(code[start : start + 4] for start in range(0, len(code), 4))
    context = {"code": spaced, "ends_at": ends_at, "picture": picture, "place": names_of({area}).get(area)}
    response = render(request, "sampling/enrolment_code.html", context)
    response.headers["Cache-Control"] = "no-store"
    return response


@require_GET
def show_device(request: ActorRequest, device_id: int) -> HttpResponse:
    """One device: its numbers, its missing batches, what it sent."""
    actor = request.actor
    row = _device(request, device_id)
    events = events_of(actor, [subject_of(row.pk)]).order_by("-ordinal")[:_LATEST_EVENTS]
    context = {
        "device": row,
        "state": DEVICE_STATE_NAMES[row.state],
        "places": names_of({row.area}),
        "missing": missing_counters(row),
        "silent_since": silent_since(clock.now()),
        "blocks": [(block, printed(block.first), printed(block.last)) for block in row.blocks.order_by("first")],
        "rolls": [(roll, printed(roll.first), printed(roll.last)) for roll in rolls_of(actor)[:50]],
        "timeline": told(list(events)[::-1]),
        "key": uuid4().hex,
    }
    return render(request, "sampling/device.html", context)


@require_POST
def end(request: ActorRequest, device_id: int) -> HttpResponse:
    """Report it lost, or revoke it."""
    said = request.POST

    def work() -> None:
        end_device(device_id, said.get("state", ""), reason=text_in(said, "reason"), by=request.actor, now=clock.now())

    back = reverse("sampling:device", args=[device_id])
    return once(request, work, _("Noted: the device's tube numbers are revoked."), back)


@require_POST
def more_numbers(request: ActorRequest, device_id: int) -> HttpResponse:
    def work() -> None:
        issue_more_numbers(device_id, by=request.actor, now=clock.now())

    back = reverse("sampling:device", args=[device_id])
    return once(request, work, _("The device gets more tube numbers with its next bundle."), back)


@require_POST
def new_roll(request: ActorRequest) -> HttpResponse:
    """Set numbers aside for a roll of labels."""
    area = place_of(request.POST, request.actor) or request.actor.area.lo

    def work() -> None:
        make_roll(area, number_in(request.POST, "size"), by=request.actor, now=clock.now())

    return once(request, work, _("Numbers set aside for a roll."), reverse("sampling:devices"))


@require_POST
def hand_over_roll(request: ActorRequest, device_id: int) -> HttpResponse:
    """Hand a roll of labels to the device."""

    def work() -> None:
        hand_roll(number_in(request.POST, "roll"), device_id, by=request.actor, now=clock.now())

    back = reverse("sampling:device", args=[device_id])
    return once(request, work, _("Roll handed over: from now on only this device opens its tubes."), back)


def _device(request: ActorRequest, device_id: int) -> Device:
    request.actor.require(Right.SEE_SAMPLING)
    return existing(devices_of(request.actor).filter(pk=device_id))
