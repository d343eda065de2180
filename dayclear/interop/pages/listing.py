"""The list of imports."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from dayclear.foundation.lists import ListColumn, csv_response, keyset_page
from dayclear.foundation.requests import ActorRequest
from dayclear.interop.models import Import
from dayclear.interop.queries import imports_of
from dayclear.interop.reasons import STATE_NAMES
from dayclear.places.queries import names_of
from dayclear.policy.words import DISEASE_NAMES, disease_name

_COLUMNS: tuple[ListColumn[Import], ...] = (
    ListColumn("import", _("Import"), lambda upload: upload.pk),
    ListColumn("file", _("File"), lambda upload: upload.file_name),
    ListColumn("state", _("State"), lambda upload: str(STATE_NAMES[upload.state])),
    ListColumn("uploaded", _("Uploaded"), lambda upload: upload.uploaded_at),
    ListColumn("who", _("Who"), lambda upload: upload.acting["label"]),
    ListColumn("disease", _("Disease"), lambda upload: disease_name(upload.disease)),
    ListColumn("rows", _("Rows"), lambda upload: upload.rows_done),
    ListColumn("created", _("New"), lambda upload: upload.created),
    ListColumn("updated", _("Updated"), lambda upload: upload.updated),
    ListColumn("unchanged", _("Unchanged"), lambda upload: upload.unchanged),
    ListColumn("continued", _("Continued"), lambda upload: upload.continued),
    ListColumn("rejected", _("Not imported"), lambda upload: upload.rejected),
)


@require_GET
def list_imports(request: ActorRequest) -> HttpResponseBase:
    """Every import of the actor's places, the latest first. `format=csv` streams the whole list."""
    actor = request.actor
    rows = imports_of(actor)
    if request.GET.get("format") == "csv":
        return csv_response(
            "imports", _COLUMNS, lambda: imports_of(actor).order_by("-id").iterator(chunk_size=500), actor=actor
        )
    page = keyset_page(rows, ("-id",), after=request.GET.get("after", ""))
    context = {
        "page": page,
        "running": [upload for upload in page if upload.state in ("queued", "running")],
        "drafts": [upload for upload in page if upload.state == "draft"],
        "states": STATE_NAMES,
        "diseases": DISEASE_NAMES,
        "places": names_of({upload.area for upload in page}),
    }
    template = "interop/imports_table.html" if request.headers.get("HX-Request") else "interop/imports.html"
    return render(request, template, context)
