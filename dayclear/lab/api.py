"""Laboratories through the API: who they are, their plates, the results of a tube."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Path, Query, Router, Schema

from dayclear.foundation.api import Paged, PageOut, PlaceNumber, RowId, Text, actor_of, filled, page_of
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.filters import existing
from dayclear.lab.facts import cutoffs_of
from dayclear.lab.models import Laboratory, Plate, Result
from dayclear.lab.queries import laboratories_of, plates_of, results_of
from dayclear.sampling.rules.numbers import parsed, printed

router = Router(tags=["laboratories"])


class LaboratoryOut(Schema):
    """A laboratory at work. Without a position no box is dispatched to it."""

    id: int
    place: PlaceNumber
    code: str
    name: str
    latitude: float | None
    longitude: float | None


class PlateOut(Schema):
    """A plate. `state`: plated, run (waits for a second signature), released or rejected; `version` of the cut-offs."""

    id: int
    place: PlaceNumber
    laboratory_id: int
    code: str
    state: str
    assay: str
    version: str
    tubes: int
    plated_at: datetime
    entered_at: datetime | None
    released_at: datetime | None
    rejected_at: datetime | None


class TubeResultOut(Schema):
    """One version of a tube's result; the highest counts. `cts` by target, empty for a correction."""

    tube: str
    place: PlaceNumber
    version: int
    state: str
    laboratory_id: int
    plate_id: int
    reported_at: datetime
    reason: str
    cts: dict[str, float | None]


def _laboratory_out(row: Laboratory) -> dict[str, Any]:
    return filled(LaboratoryOut, row, id=row.pk, place=row.area)


def _plate_out(row: Plate) -> dict[str, Any]:
    assay = row.assay
    return filled(PlateOut, row, id=row.pk, place=row.area, tubes=row.samples, assay=assay.code, version=assay.version)


def _result_out(row: Result, targets: list[str]) -> dict[str, Any]:
    cts = dict(zip(targets, row.cts or (), strict=False))
    return filled(TubeResultOut, row, tube=printed(row.tube), place=row.area, cts=cts)


@router.get("/laboratories", response=PageOut[LaboratoryOut], operation_id="list_laboratories")
def list_laboratories(request: HttpRequest, paging: Paged) -> dict[str, Any]:
    """The laboratories of your places, by name."""
    return page_of(laboratories_of(actor_of(request)), ("name", "id"), paging, _laboratory_out)


class PlateQuery(Schema):
    """What to narrow the list to."""

    state: Literal["", "plated", "run", "released", "rejected"] = ""
    laboratory: RowId | None = None


@router.get("/plates", response=PageOut[PlateOut], operation_id="list_plates")
def list_plates(request: HttpRequest, asked: Annotated[PlateQuery, Query()], paging: Paged) -> dict[str, Any]:
    """The plates of your places, the latest first."""
    rows = plates_of(actor_of(request)).select_related("assay").defer("tubes", "states", "cts")
    if asked.state:
        rows = rows.filter(state=asked.state)
    if asked.laboratory is not None:
        rows = rows.filter(laboratory=asked.laboratory)
    return page_of(rows, ("-plated_at", "-id"), paging, _plate_out)


@router.get("/plates/{plate_id}", response=PlateOut, operation_id="get_plate")
def get_plate(request: HttpRequest, plate_id: Annotated[RowId, Path()]) -> dict[str, Any]:
    """One plate."""
    return _plate_out(existing(plates_of(actor_of(request)).select_related("assay").filter(pk=plate_id)))


@router.get("/tubes/{number}/results", response=list[TubeResultOut], operation_id="list_results_of_tube")
def list_results(request: HttpRequest, number: Annotated[Text, Path(max_length=24)]) -> list[dict[str, Any]]:
    """Every version of the result of a tube that was taken in your places, the one that counts first."""
    tube = parsed(number)
    rows = list(results_of(actor_of(request)).filter(tube=tube).order_by("-version")) if tube is not None else []
    if not rows:
        raise Refused(refuse("not_found"))
    cutoffs = cutoffs_of(row.assay_id for row in rows)
    return [_result_out(row, [target.code for target in cutoffs[row.assay_id].targets]) for row in rows]
