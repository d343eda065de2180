"""An import under way, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from dayclear.foundation import clock
from dayclear.foundation.actors import Actor
from dayclear.foundation.parts import Figure
from dayclear.foundation.requests import ActorRequest
from dayclear.foundation.trail import timeline
from dayclear.interop.commands import cancel_import
from dayclear.interop.error_file import error_lines
from dayclear.interop.models import Import
from dayclear.interop.pages.parts import problem_list
from dayclear.interop.queries import events_of_import, has_file, import_in_scope, reach_of
from dayclear.interop.reasons import STATE_NAMES
from dayclear.interop.texts import failure_sentence
from dayclear.policy.words import disease_name


@require_GET
def show(request: ActorRequest, upload_id: int) -> HttpResponse:
    """An import in whatever state it is; a draft goes on where it stood."""
    upload = import_in_scope(request.actor, upload_id)
    if upload.state == "draft":
        return HttpResponseRedirect(reverse("interop:columns", args=[upload_id]))
    context = {
        "upload": upload,
        "state": STATE_NAMES[upload.state],
        "disease": disease_name(upload.disease),
        "under_way": upload.state in ("queued", "running"),
        "figures": _figures(upload),
        "failure": failure_sentence(upload) if upload.failure else "",
        "has_file": has_file(upload),
        "history": timeline(events_of_import(request.actor, upload)),
        **_pace(upload),
        **problem_list(request, upload),
    }
    if upload.state == "done":
        context |= {"board": _board(request.actor, upload), "unresolved": _unresolved(upload)}
    return render(request, "interop/import.html", context)


@require_GET
def progress(request: ActorRequest, upload_id: int) -> HttpResponse:
    """How far it is, asked every second; once it has ended, the whole page is loaded anew."""
    upload = import_in_scope(request.actor, upload_id)
    if upload.state not in ("queued", "running"):
        return HttpResponse(status=200, headers={"HX-Refresh": "true"})
    return render(request, "interop/progress.html", {"upload": upload, **_pace(upload)})


@require_POST
def cancel(request: ActorRequest, upload_id: int) -> HttpResponse:
    """Stop it after the rows in hand. Asked twice, or too late, it is no fault: the page shows how it ended."""
    upload = import_in_scope(request.actor, upload_id)
    if upload.state in ("queued", "running"):
        cancel_import(upload_id, by=request.actor, now=clock.now())
    return HttpResponseRedirect(reverse("interop:import", args=[upload_id]))


@require_GET
def errors(request: ActorRequest, upload_id: int) -> HttpResponseBase:
    """The rows that were kept out, in the file's own columns, with why: to be mended and imported."""
    upload = import_in_scope(request.actor, upload_id)
    pieces = error_lines(upload, by=request.actor)

    def lines() -> Iterator[str]:
        yield "\ufeff"
        yield from pieces

    response = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="import-{upload_id}-errors.csv"'
    return response


def _pace(upload: Import) -> dict[str, Any]:
    """Units: `rate` rows a second; `left` a span. None until it can be told."""
    if upload.state != "running" or upload.started_at is None or not upload.rows_done:
        return {"rate": None, "left": None, "joining": False}
    taken = clock.now() - upload.started_at
    rate = upload.rows_done / max(taken.total_seconds(), 0.1)
    rows_left = max((upload.rows_total or 0) - upload.rows_done, 0)
    return {
        "rate": round(rate),
        "left": timedelta(seconds=rows_left / rate) if upload.rows_total and rows_left else None,
        "joining": bool(upload.rows_total) and not rows_left,
    }


def _figures(upload: Import) -> list[Figure]:
    cases = reverse("cases:list") + "?" + urlencode({"disease": upload.disease})
    problems = reverse("interop:import", args=[upload.pk]) + "#problems"
    return [
        Figure(_("Rows"), upload.rows_done, of=upload.rows_total if upload.state != "done" else None),
        Figure(_("New cases"), upload.created, href=cases if upload.created else ""),
        Figure(_("Updated"), upload.updated),
        Figure(_("Unchanged"), upload.unchanged, note=_("said again")),
        Figure(_("Continued"), upload.continued, note=_("more about a case above")),
        Figure(_("Not imported"), upload.rejected, href=problems if upload.rejected else ""),
    ]


def _board(actor: Actor, upload: Import) -> str:
    reach = reach_of(actor, upload)
    said = {"disease": upload.disease, "from": reach.first, "to": reach.last}
    return reverse("reporting:board") + "?" + urlencode({name: str(day) for name, day in said.items() if day})


def _unresolved(upload: Import) -> str:
    return reverse("tracing:unresolved") + "?" + urlencode({"disease": upload.disease})
