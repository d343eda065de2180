"""How problems of rows are kept: short, and without what identifies a person."""

from __future__ import annotations

from typing import Any, Final

from dayclear.foundation.events import canonical
from dayclear.interop.linelist.facts import CaseRow, Problem
from dayclear.interop.models import Import

# Quoted: `column` is a word of SQL.
PROBLEM_COLUMNS: Final = ("area", "upload_id", "sheet", "row", '"column"', "value", "code", "params", "rejects")
# Cells of these fields are not repeated in the list of problems: the list outlives the file.
_PERSONAL_FIELDS: Final = frozenset({"person_name", "id_number", "phone", "address", "residence", "born_on"})


def problem_row(upload: Import, row: CaseRow, problem: Problem, *, rejects: bool) -> tuple[Any, ...]:
    """Shape: in the order of `PROBLEM_COLUMNS`."""
    return (
        upload.area,
        upload.pk,
        row.sheet[:64],
        row.row_number,
        problem.column[:120],
        "" if problem.field in _PERSONAL_FIELDS else _storable(problem.value)[:120],
        problem.code,
        _storable(canonical(problem.params)),
        rejects,
    )


def _storable(text: str) -> str:
    """PostgreSQL keeps no NUL and no half of a character."""
    return text.replace("\x00", "").replace("\\u0000", "").encode("utf-8", "replace").decode()
