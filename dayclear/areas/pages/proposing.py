"""Proposing an area."""

from __future__ import annotations

from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from dayclear.areas.commands import propose_area
from dayclear.areas.forms import AreaForm
from dayclear.areas.queries import policy_for
from dayclear.foundation import clock
from dayclear.foundation.repetition import answer_once
from dayclear.foundation.requests import ActorRequest
from dayclear.foundation.rules import Right
from dayclear.places.forms import chosen_place
from dayclear.policy.overreach import largest_unit


@require_http_methods(["GET", "POST"])
def propose(request: ActorRequest) -> HttpResponse:
    """The form; sent twice it proposes one area, and both answers lead to it."""
    actor, now = request.actor, clock.now()
    actor.require(Right.PROPOSE_AREAS)
    said = request.POST if request.method == "POST" else request.GET
    disease = said.get("disease", "covid-19")
    policy = policy_for(actor.area.lo, disease, now)
    if request.method == "GET":
        start = {"key": uuid4().hex, "disease": disease, "anchored_on": clock.local_day(now)}
        return _form(request, AreaForm(initial=start, actor=actor, policy=policy), status=200)
    form = AreaForm(request.POST, actor=actor, policy=policy)
    if not form.is_valid():
        return _form(request, form, status=422)

    def work() -> tuple[int, dict[str, int]]:
        return 201, {"area": propose_area(form.proposal(), by=actor, now=now)}

    asked = sorted((name, str(value)) for name, value in form.cleaned_data.items())
    (_status, answer), _repeated = answer_once(form.cleaned_data["key"], ["area", asked], work, by=actor, now=now)
    messages.success(request, _("Area proposed. A second person decides on it."))
    return HttpResponseRedirect(reverse("areas:area", args=[answer["area"]]))


def _form(request: ActorRequest, form: AreaForm, *, status: int) -> HttpResponse:
    areas = form.policy.rules.areas if form.policy else None
    units = {code: largest_unit(level) for code, level in areas.levels.items()} if areas else {}
    context = {
        "form": form,
        "place": chosen_place(form),
        "draws": areas is not None,
        "policy": form.policy.version if form.policy else "",
        "largest": next((unit for unit in units.values() if unit), ""),
    }
    return render(request, "areas/propose.html", context, status=status)
