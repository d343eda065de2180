"""Making up a plate."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from dayclear.foundation import clock
from dayclear.foundation.requests import ActorRequest, once
from dayclear.foundation.rules import Right
from dayclear.lab.commands import plate_tubes
from dayclear.lab.forms import PlateForm
from dayclear.lab.queries import laboratory_in_scope


@require_http_methods(["GET", "POST"])
def new_plate(request: ActorRequest, laboratory_id: int) -> HttpResponse:
    """The form; sent twice it makes up one plate."""
    actor = request.actor
    actor.require(Right.WORK_IN_LAB)
    laboratory = laboratory_in_scope(actor, laboratory_id)
    machine = laboratory.instruments.filter(ended_at=None).order_by("pk").first()
    if request.method == "GET":
        start: dict[str, Any] = {"key": uuid4().hex}
        if machine is not None:
            start |= {"wells": machine.wells, "controls": machine.controls}
        return render(request, "lab/new_plate.html", {"form": PlateForm(initial=start), "laboratory": laboratory})
    form = PlateForm(request.POST)
    if not form.is_valid():
        return render(request, "lab/new_plate.html", {"form": form, "laboratory": laboratory}, status=422)

    def work() -> int:
        return plate_tubes(laboratory_id, [form.layout()], by=actor, now=clock.now())[0]

    return once(request, work, _("Plate made up."), lambda plate: reverse("lab:plate", args=[plate]))
