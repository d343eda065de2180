"""Results of laboratories through the API: in, as by file; and out, as a file."""

from __future__ import annotations

import hashlib
from typing import Annotated, Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Path, Router, Schema

from dayclear.foundation import clock
from dayclear.foundation.api import RowId, Text, actor_of, written
from dayclear.foundation.decisions import Refused, refuse
from dayclear.interop.commands.result_files import bring_in_results
from dayclear.interop.linelist.refusal import LineListRefused
from dayclear.interop.plate_files import file_of_plate
from dayclear.interop.texts import refusal_sentence

router = Router(tags=["laboratories"])


class _File(Schema):
    """What tells one file from another."""

    sha256: str


class PlateProblemOut(Schema):
    """Why a plate was left as it was. `row` 0 and `well` empty: it concerns the whole plate."""

    plate: str
    row: int
    well: str
    code: str
    params: dict[str, Any]


class ResultsOut(Schema):
    """What a file did. `id` is the file's; `plates` the ids of those taken in, which wait for a second signature."""

    id: int
    plates: list[int]
    wells: int
    problems: list[PlateProblemOut]


_BODY = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "required": ["plates"],
                "properties": {"plates": {"type": "array", "items": {"type": "object"}}},
            }
        },
        "text/csv": {"schema": {"type": "string"}},
        "application/hl7-v2": {"schema": {"type": "string"}},
    },
}


@router.post(
    "/laboratories/{laboratory_id}/results",
    response={201: ResultsOut},
    operation_id="post_results",
    openapi_extra={"requestBody": _BODY},
)
def post_results(request: HttpRequest, laboratory_id: Annotated[RowId, Path()]) -> HttpResponse:
    """Take a result file in: JSON, csv, xlsx or HL7 v2, told apart by its content. A plate with a problem is left as it
    is, whole; the others are taken in and wait for a second signature."""
    data = request.read(settings.DAYCLEAR_LARGEST_UPLOAD + 1)

    def work() -> tuple[int, dict[str, Any]]:
        try:
            file_id, taken = bring_in_results(laboratory_id, data, by=actor_of(request), now=clock.now())
        except LineListRefused as unreadable:
            detail = refusal_sentence(unreadable.code, unreadable.params)
            raise Refused(refuse("file_not_as_described", detail=detail)) from None
        problems = [
            {
                "plate": plate,
                "row": each.row,
                "well": each.well,
                "code": each.reason.code,
                "params": dict(each.reason.params),
            }
            for plate, found in taken.problems.items()
            for each in found
        ]
        return 201, {"id": file_id, "plates": list(taken.plates), "wells": taken.wells, "problems": problems}

    return written(request, _File(sha256=hashlib.sha256(data).hexdigest()), work)


@router.get("/plates/{plate_id}/file/{form}", response=Any, operation_id="get_plate_file")
def get_plate_file(
    request: HttpRequest, plate_id: Annotated[RowId, Path()], form: Annotated[Text, Path(pattern="^(hl7|csv|json)$")]
) -> HttpResponse:
    """A released plate with the results that count now, as HL7 v2 ORU^R01, csv or JSON."""
    file = file_of_plate(actor_of(request), plate_id, form, now=clock.now())
    return HttpResponse(file.data, content_type=file.content_type)
