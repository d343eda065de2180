"""Reception: by the box, compared tube by tube; or tubes without a box."""

from __future__ import annotations

from uuid import UUID, uuid4

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from dayclear.foundation import clock
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.requests import ActorRequest, once
from dayclear.foundation.rules import Right
from dayclear.lab.commands import Reception, expected_boxes, look_into_box, receive_box_here, receive_tubes
from dayclear.lab.forms import numbers_in
from dayclear.lab.queries import laboratory_in_scope
from dayclear.lab.reasons import CONDITION_NAMES
from dayclear.sampling.rules.numbers import printed


@require_http_methods(["GET", "POST"])
def receive(request: ActorRequest, laboratory_id: int) -> HttpResponse:
    """Without a box in the address: which box. With one: its tubes, each with how it arrived."""
    actor = request.actor
    actor.require(Right.WORK_IN_LAB)
    laboratory = laboratory_in_scope(actor, laboratory_id)
    if request.method == "POST":
        return _receive(request, laboratory_id)
    said = request.GET.get("box", "").strip()
    parcel = look_into_box(laboratory_id, _box(said), by=actor) if said else None
    tubes = [(printed(number), condition) for number, condition in parcel.tubes.items()] if parcel else []
    context = {
        "laboratory": laboratory,
        "parcel": parcel,
        "tubes": [(label, condition) for label, condition in tubes if condition == "pending"],
        "arrived": sum(condition != "pending" for _label, condition in tubes),
        "boxes": [] if parcel else expected_boxes(laboratory_id, by=actor),
        "conditions": CONDITION_NAMES,
        "key": uuid4().hex,
    }
    return render(request, "lab/receive.html", context)


def _receive(request: ActorRequest, laboratory_id: int) -> HttpResponse:
    said, actor, now = request.POST, request.actor, clock.now()
    conditions = _conditions(request)

    def work() -> None:
        if said.get("box"):
            counted = said.get("counted", "").strip()
            if not counted.isascii() or not counted.isdecimal() or len(counted) > 6:
                raise Refused(refuse("count_bad"))
            box = _box(said["box"])
            came = receive_box_here(laboratory_id, box, conditions, counted=int(counted), by=actor, now=now)
        else:
            came = receive_tubes(laboratory_id, conditions, by=actor, now=now)
        _warn(request, came)

    return once(request, work, _("Received and signed for."), reverse("lab:laboratory", args=[laboratory_id]))


def _conditions(request: ActorRequest) -> dict[int, str]:
    """How each tube arrived. Shape of the form: `tube` labels each with a `condition`; `extra` scanned beside them."""
    said = request.POST
    labels, conditions = said.getlist("tube"), said.getlist("condition")
    if len(labels) != len(conditions):
        raise Refused(refuse("invalid_input", where="tube", what=str(len(labels))))
    try:
        numbers = numbers_in(" ".join(labels))
        extra = numbers_in(said.get("extra", ""))
    except ValidationError as wrong:
        raise Refused(refuse("invalid_input", where=_("Tubes"), what=wrong.messages[0])) from None
    unknown = set(conditions) - set(CONDITION_NAMES)
    if unknown:
        raise Refused(refuse("invalid_input", where=_("Condition"), what=sorted(unknown)[0][:20]))
    named = {tube: each for tube, each in zip(numbers, conditions, strict=True) if each}
    return {**dict.fromkeys(extra, "good"), **named}


def _warn(request: ActorRequest, came: Reception) -> None:
    if came.elsewhere:
        text = ngettext(
            "%(n)d tube is held by another laboratory and was not taken in: %(tubes)s",
            "%(n)d tubes are held by other laboratories and were not taken in: %(tubes)s",
            len(came.elsewhere),
        )
        shown = ", ".join(printed(tube) for tube in came.elsewhere[:8])
        messages.warning(request, text % {"n": len(came.elsewhere), "tubes": shown})


def _box(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Refused(refuse("box_unreadable", value=text[:40])) from None
