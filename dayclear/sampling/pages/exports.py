"""Taking in what a sampler's device could not upload: its file, or its QR codes as a scanner types them."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from dayclear.foundation import clock
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.requests import ActorRequest
from dayclear.foundation.rules import Right
from dayclear.sampling.commands.exports import take_in_export
from dayclear.sampling.reasons import said
from dayclear.sampling.taking_in import LARGEST


@require_http_methods(["GET", "POST"])
def take_in(request: ActorRequest) -> HttpResponse:
    """The form, and what became of each batch. Sent twice, it counts once: every batch is known by its number."""
    request.actor.require(Right.RUN_SAMPLING)
    if request.method == "GET":
        return render(request, "sampling/taking_in.html")
    taken = take_in_export(_exported(request), by=request.actor, now=clock.now())
    rows = [(batch, " ".join(said(batch.refusal))) for batch in taken.batches]
    return render(request, "sampling/taken_in.html", {"taken": taken, "rows": rows})


def _exported(request: ActorRequest) -> str:
    """Raises: Refused (`export_unreadable`)."""
    file = request.FILES.get("file")
    if file is None:
        return request.POST.get("lines", "").replace("\x00", "")
    name = str(file.name)[:40]
    if file.size is None or file.size > LARGEST:
        raise Refused(refuse("export_unreadable", what=name))
    try:
        return str(file.read(), "utf-8")
    except UnicodeDecodeError:
        raise Refused(refuse("export_unreadable", what=name)) from None
