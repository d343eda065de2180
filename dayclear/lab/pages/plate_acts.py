"""What one does with a plate and its results."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from dayclear.foundation import clock
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.requests import ActorRequest, once
from dayclear.foundation.sent import seen_in, whole_number
from dayclear.lab.commands import (
    ask_correction,
    examine_again,
    reject_plate,
    release_plate,
    sign_correction,
    withdraw_correction,
)
from dayclear.lab.models import Correction


@require_POST
def release(request: ActorRequest, plate_id: int) -> HttpResponse:
    def work() -> None:
        release_plate(plate_id, by=request.actor, now=clock.now(), seen=seen_in(request.POST))

    return once(request, work, _("Results released."), _plate(plate_id))


@require_POST
def reject(request: ActorRequest, plate_id: int) -> HttpResponse:
    def work() -> None:
        reason = request.POST.get("reason", "")
        reject_plate(plate_id, reason, by=request.actor, now=clock.now(), seen=seen_in(request.POST))

    return once(request, work, _("Plate rejected; its tubes wait again."), _plate(plate_id))


@require_POST
def ask(request: ActorRequest, plate_id: int) -> HttpResponse:
    said = request.POST

    def work() -> int:
        wanted, reason = said.get("wanted", ""), said.get("reason", "")
        return ask_correction(plate_id, _tube(request), wanted, reason, by=request.actor, now=clock.now())

    return once(request, work, _("Correction asked for. A second person signs it."), _plate(plate_id))


@require_POST
def again(request: ActorRequest, plate_id: int) -> HttpResponse:
    def work() -> None:
        reason = request.POST.get("reason", "")
        examine_again(plate_id, _tube(request), reason, by=request.actor, now=clock.now())

    return once(request, work, _("The tube waits for another examination."), _plate(plate_id))


@require_POST
def sign(request: ActorRequest, correction_id: int) -> HttpResponse:
    def work() -> None:
        sign_correction(correction_id, by=request.actor, now=clock.now())

    return once(request, work, _("Correction signed: it is the result now."), _plate_of(request, correction_id))


@require_POST
def withdraw(request: ActorRequest, correction_id: int) -> HttpResponse:
    leads_to = _plate_of(request, correction_id)

    def work() -> None:
        withdraw_correction(correction_id, by=request.actor, now=clock.now())

    return once(request, work, _("Correction taken back."), leads_to)


def _tube(request: ActorRequest) -> int:
    tube = whole_number(request.POST.get("tube", ""))
    if tube is None:
        raise Refused(refuse("not_found"))
    return tube


def _plate(plate_id: int) -> str:
    return reverse("lab:plate", args=[plate_id])


def _plate_of(request: ActorRequest, correction_id: int) -> str:
    area = request.actor.area
    mine = Correction.objects.filter(area__range=(area.lo, area.hi), pk=correction_id)
    plate = mine.values_list("plate_id", flat=True).first()
    if plate is None:
        raise Refused(refuse("not_found"))
    return _plate(plate)
