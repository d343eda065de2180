"""The returns: who owes one, who sent what, and where it differs from the record of the tubes."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from dayclear.foundation import clock
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.lists import keyset_page
from dayclear.foundation.requests import ActorRequest, once
from dayclear.foundation.rules import Right
from dayclear.lab.commands import Said, send_return
from dayclear.lab.models import LabReturn
from dayclear.lab.queries import owed_returns, returns_of
from dayclear.lab.reasons import FIGURE_NAMES
from dayclear.lab.rules.returns import Figures, differing


@require_GET
def list_returns(request: ActorRequest) -> HttpResponseBase:
    actor, now = request.actor, clock.now()
    owed = list(owed_returns(actor)[:200])
    sent = returns_of(actor).filter(sent_at__isnull=False).select_related("laboratory")
    page = keyset_page(sent, ("-ended_at", "-id"), after=request.GET.get("after", ""))
    context: dict[str, Any] = {
        "owed": owed,
        "late": [each for each in owed if each.due_at <= now],
        "page": page,
        "sent": [(row, [FIGURE_NAMES[name] for name in _differing(row)]) for row in page],
        "may_send": actor.may(Right.WORK_IN_LAB),
        "now": now,
    }
    return render(request, "lab/returns.html", context)


def _differing(row: LabReturn) -> tuple[str, ...]:
    said = Figures(row.said_received or 0, row.said_plated or 0, row.said_reported or 0)
    return differing(said, Figures(row.received, row.plated, row.reported))


@require_POST
def send(request: ActorRequest, return_id: int) -> HttpResponse:
    def work() -> None:
        figures = Figures(*(_figure(request, name) for name in ("received", "plated", "reported")))
        said = Said(figures, _figure(request, "free"), request.POST.get("note", ""))
        send_return(return_id, said, by=request.actor, now=clock.now())

    return once(request, work, _("Return sent."), reverse("lab:returns"))


def _figure(request: ActorRequest, name: str) -> int:
    text = request.POST.get(name, "").strip()
    if not text.isascii() or not text.isdecimal() or len(text) > 9:
        raise Refused(refuse("figure_out_of_range", most=10_000_000))
    return int(text)
