"""Assays and their cut-offs: every version that ever was, and the next one."""

from __future__ import annotations

from uuid import uuid4

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from dayclear.foundation import clock
from dayclear.foundation.requests import ActorRequest, once
from dayclear.foundation.rules import Right
from dayclear.lab.commands import add_assay, end_assay
from dayclear.lab.forms import AssayForm
from dayclear.lab.models import Assay

_TARGETS = 4


@require_http_methods(["GET", "POST"])
def assays(request: ActorRequest) -> HttpResponse:
    """The versions; a POST enters another."""
    actor = request.actor
    actor.require(Right.SEE_LABS)
    if request.method == "GET":
        return _page(request, AssayForm(initial={"key": uuid4().hex}), 200)
    form = AssayForm(request.POST)
    if not form.is_valid():
        return _page(request, form, 422)
    said = form.cleaned_data
    fields = ("code", "below", "grey", "inclusive", "control", "loinc")
    rows = [{name: request.POST.get(f"{name}-{n}", "") for name in fields} for n in range(_TARGETS)]

    def work() -> int:
        cutoffs = form.cutoffs(rows)
        return add_assay(
            cutoffs, name=said["name"], disease=said["disease"], source=said["source"], by=actor, now=clock.now()
        )

    return once(request, work, _("Version entered."), reverse("lab:assays"))


@require_POST
def stop_assay(request: ActorRequest, assay_id: int) -> HttpResponse:
    def work() -> None:
        end_assay(assay_id, by=request.actor, now=clock.now())

    return once(request, work, _("Version taken out of use."), reverse("lab:assays"))


def _page(request: ActorRequest, form: AssayForm, status: int) -> HttpResponse:
    rows = Assay.objects.prefetch_related("targets").order_by("code", "-entered_at", "-id")[:200]
    context = {
        "assays": [(row, sorted(row.targets.all(), key=lambda target: target.position)) for row in rows],
        "form": form,
        "numbers": [
            (n, {name: request.POST.get(f"{name}-{n}", "") for name in ("code", "below", "grey", "loinc")})
            for n in range(_TARGETS)
        ],
        "may_enter": request.actor.everywhere and request.actor.may(Right.MANAGE_LABS),
        "key": uuid4().hex,
    }
    return render(request, "lab/assays.html", context, status=status)
