"""The error file of an import: every row that was kept out, as the uploaded file has it, with why."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import StringIO

import msgspec
from django.utils import translation

from dayclear.foundation.actors import Actor
from dayclear.foundation.clock import local_day
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.scope import acting
from dayclear.interop.commands.upload import with_file
from dayclear.interop.linelist.errors import ENCODING, ErrorFile
from dayclear.interop.linelist.facts import CaseRow, Problem
from dayclear.interop.linelist.fields import is_own_column
from dayclear.interop.linelist.outcomes import Cell
from dayclear.interop.linelist.reading import LineListFile, ReadPlan, open_line_list, open_tables, read_line_list
from dayclear.interop.models import Import, ImportProblem
from dayclear.interop.plan import ImportPlan
from dayclear.interop.queries import has_file
from dayclear.interop.texts import OWN_PROBLEMS, problem_sentence

__all__ = ["ENCODING", "error_lines"]

_PIECE = 32_768
Place = tuple[str, int]


def error_lines(upload: Import, *, by: Actor) -> Iterator[str]:
    """The error file piece by piece, worked out anew from the uploaded file.

    Several sheets go into one file: their columns stand side by side, equal headers as one. Runs in transactions of
    its own, so it may be streamed. Raises: Refused (`file_disposed`), before the first piece.
    """
    with acting(by):
        if not has_file(upload):
            raise Refused(refuse("file_disposed", on=upload.retain_until.isoformat()))
        late = _rejected_when_written(upload)
    return _pieces(upload, late, by)


def _rejected_when_written(upload: Import) -> dict[Place, list[ImportProblem]]:
    """Rows that could be read and were kept out by what is in the system already."""
    found: dict[Place, list[ImportProblem]] = {}
    for problem in ImportProblem.objects.filter(upload=upload.pk, rejects=True, code__in=list(OWN_PROBLEMS)):
        found.setdefault((problem.sheet, problem.row), []).append(problem)
    return found


def _pieces(upload: Import, late: dict[Place, list[ImportProblem]], by: Actor) -> Iterator[str]:
    plan = ImportPlan.from_json(upload.mapping)
    with with_file(upload.pk, by=by) as path:
        file = open_line_list(path, encoding=plan.encoding, delimiter=plan.delimiter)
        reading = plan.read_plan()
        columns = _Columns.of(file, reading)
        buffer = StringIO()
        out = ErrorFile(
            buffer, columns.headers, _sentence_in("zh-hans", upload, late), _sentence_in("en", upload, late)
        )
        cells = _cells_of(file, reading, set(late)) if late else {}
        for row in read_line_list(file, reading, local_day(upload.uploaded_at)):
            out.write(columns.aligned(_as_rejected(row, late, cells)))
            if buffer.tell() > _PIECE:
                yield buffer.getvalue()
                buffer.seek(0)
                buffer.truncate()
        yield buffer.getvalue()


def _as_rejected(row: CaseRow, late: dict[Place, list[ImportProblem]], cells: dict[Place, tuple[Cell, ...]]) -> CaseRow:
    found = late.get((row.sheet[:64], row.row_number))
    if found is None or row.kind == "rejected":
        return row
    told = tuple(Problem(each.code, "error", params=each.params) for each in found)
    place = (row.sheet[:64], row.row_number)
    return msgspec.structs.replace(row, kind="rejected", problems=told, cells=cells.get(place, ()))


def _cells_of(file: LineListFile, reading: ReadPlan, wanted: set[Place]) -> dict[Place, tuple[Cell, ...]]:
    """The cells of certain rows, as written."""
    return {
        (opened.table.name[:64], raw.number): raw.cells
        for opened in open_tables(file, reading)
        for raw in opened.table.rows
        if (opened.table.name[:64], raw.number) in wanted
    }


def _sentence_in(
    language: str, upload: Import, late: dict[Place, list[ImportProblem]]
) -> Callable[[Problem, int], str]:
    def sentence(found: Problem, row: int) -> str:
        with translation.override(language):
            return problem_sentence(
                ImportProblem(
                    upload=upload,
                    row=row,
                    column=found.column,
                    value=found.value,
                    code=found.code,
                    params=dict(found.params),
                    rejects=True,
                )
            )

    return sentence


@dataclass(frozen=True, slots=True)
class _Columns:
    """The columns of all sheets side by side. Shape: `places[sheet]` → for each of its columns, where it goes."""

    headers: tuple[str, ...]
    places: dict[str, tuple[int | None, ...]]

    @classmethod
    def of(cls, file: LineListFile, reading: ReadPlan) -> _Columns:
        order: dict[tuple[str, int], int] = {}
        places: dict[str, tuple[int | None, ...]] = {}
        for opened in open_tables(file, reading):
            times: dict[str, int] = {}
            goes: list[int | None] = []
            for header in opened.table.headers:
                times[header] = times.get(header, 0) + 1
                own = is_own_column(header)
                goes.append(None if own else order.setdefault((header, times[header]), len(order)))
            places[opened.table.name] = tuple(goes)
        return cls(tuple(header for header, _time in order), places)

    def aligned(self, row: CaseRow) -> CaseRow:
        """The row with its cells where their columns stand; cells beyond the header stay behind the last."""
        if not row.cells:
            return row
        goes = self.places[row.sheet]
        cells: list[Cell] = [None] * len(self.headers)
        for place, cell in zip(goes, row.cells, strict=False):
            if place is not None:
                cells[place] = cell
        return msgspec.structs.replace(row, cells=(*cells, *row.cells[len(goes) :]))
