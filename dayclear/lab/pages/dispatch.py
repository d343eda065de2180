"""The hour's dispatch: how much goes where, how much nobody can take, and that it is to be so."""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from uuid import uuid4

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from dayclear.foundation import clock
from dayclear.foundation.requests import ActorRequest, once
from dayclear.foundation.rules import Right
from dayclear.lab.commands.accepting import accept_dispatch, take_back_dispatch
from dayclear.lab.commands.dispatching import make_dispatch
from dayclear.lab.models import DispatchedBox
from dayclear.lab.queries import laboratories_of, newest_dispatch
from dayclear.lab.reasons import WHY_NAMES


@require_http_methods(["GET", "POST"])
def dispatch_boxes(request: ActorRequest) -> HttpResponse:
    """The newest round. A POST works out another."""
    actor = request.actor
    actor.require(Right.SEE_LABS)
    if request.method == "POST":

        def work() -> int:
            return make_dispatch(by=actor, now=clock.now()) or 0

        return once(request, work, _("Dispatch worked out anew."), reverse("lab:dispatch"))
    row, lines = newest_dispatch(actor)
    laboratories = laboratories_of(actor).order_by("name")
    names = {each.pk: each.name for each in laboratories}
    goes: dict[Any, list[DispatchedBox]] = defaultdict(list)
    for line in lines:
        goes[names.get(line.laboratory_id or 0, line.laboratory_id) if line.laboratory_id else ""].append(line)
    short: dict[str, int] = defaultdict(int)
    nowhere = goes.pop("", [])
    for line in nowhere:
        short[line.why] += line.tubes
    context: dict[str, Any] = {
        "row": row,
        "goes": [(name, found, sum(line.tubes for line in found)) for name, found in sorted(goes.items(), key=str)],
        "short": [(WHY_NAMES[why], tubes) for why, tubes in sorted(short.items())],
        "shortage": row.tubes - row.placed if row else 0,
        "by_hand": [line for line in nowhere if line.why == "no_position"],
        "unplaced": [each for each in laboratories if each.latitude is None],
        "may_make": actor.may(Right.MANAGE_LABS),
        "key": uuid4().hex,
    }
    return render(request, "lab/dispatch.html", context)


@require_POST
def accept(request: ActorRequest, dispatch_id: int) -> HttpResponse:
    """Fill in the laboratories on the boxes."""

    def work() -> int:
        return accept_dispatch(dispatch_id, by=request.actor, now=clock.now())

    done = _("Accepted: the laboratories stand on the boxes. Their senders sign each over.")
    return once(request, work, done, reverse("lab:dispatch"))


@require_POST
def take_back(request: ActorRequest, dispatch_id: int) -> HttpResponse:
    """Empty them again, where nobody has handed the box over."""

    def work() -> int:
        return take_back_dispatch(dispatch_id, by=request.actor, now=clock.now())

    done = _("Taken back. Boxes that were handed over meanwhile stay on their way.")
    return once(request, work, done, reverse("lab:dispatch"))
