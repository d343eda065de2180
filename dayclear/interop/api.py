"""Line-list imports and FHIR through the API."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest, JsonResponse
from ninja import Path, Router, Schema

from dayclear.foundation import clock
from dayclear.foundation.api import Paged, PageOut, PlaceNumber, RowId, Text, actor_of, filled, page_of
from dayclear.foundation.filters import existing
from dayclear.interop.fhir.export import pool_of
from dayclear.interop.fhir.pool import pool_bundle
from dayclear.interop.models import Import, ImportProblem
from dayclear.interop.queries import imports_of

router = Router(tags=["imports"])
fhir = Router(tags=["fhir"])


class ImportOut(Schema):
    """A line list on its way in, and what it did so far."""

    id: int
    place: PlaceNumber
    file_name: str
    disease: str
    state: str
    rows_total: int | None
    rows_done: int
    created: int
    updated: int
    unchanged: int
    continued: int
    rejected: int
    links: int
    unresolved_links: int
    uploaded_at: datetime
    finished_at: datetime | None


class ProblemOut(Schema):
    """One thing wrong with one row. `rejects`: the row was not imported."""

    sheet: str
    row: int
    column: str
    code: str
    params: dict[str, Any]
    rejects: bool


def _import(row: Import) -> dict[str, Any]:
    return filled(ImportOut, row, id=row.pk, place=row.area)


@router.get("", response=PageOut[ImportOut], operation_id="list_imports")
def list_imports(request: HttpRequest, paging: Paged) -> dict[str, Any]:
    """The line lists of your places, the latest first."""
    return page_of(imports_of(actor_of(request)), ("-id",), paging, _import)


@router.get("/{import_id}", response=ImportOut, operation_id="get_import")
def get_import(request: HttpRequest, import_id: Annotated[RowId, Path()]) -> dict[str, Any]:
    """One line list: how far it is, and what it did."""
    return _import(_found(request, import_id))


@router.get("/{import_id}/problems", response=PageOut[ProblemOut], operation_id="list_problems_of_import")
def list_problems(request: HttpRequest, import_id: Annotated[RowId, Path()], paging: Paged) -> dict[str, Any]:
    """What was wrong, row by row. Values are left out: they may identify a person."""
    rows = ImportProblem.objects.filter(upload=_found(request, import_id))
    return page_of(rows, ("id",), paging, lambda row: filled(ProblemOut, row))


def _found(request: HttpRequest, import_id: int) -> Import:
    return existing(imports_of(actor_of(request)).filter(pk=import_id))


@fhir.get("/pools/{number}", response=dict[str, Any], operation_id="get_pool_as_fhir")
def get_pool(request: HttpRequest, number: Annotated[Text, Path(max_length=24)]) -> JsonResponse:
    """A tube with its people and its newest result as a FHIR R4 bundle. Nobody's name is in it."""
    bundle = pool_bundle(pool_of(actor_of(request), number), at=clock.now())
    return JsonResponse(bundle, content_type="application/fhir+json")
