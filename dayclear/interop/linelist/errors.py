"""The error file: the rows that were kept out, in the original columns, to be mended and imported again."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from io import TextIOBase
from typing import Any, Final

from dayclear.interop.linelist.facts import CaseRow, Problem
from dayclear.interop.linelist.fields import OWN_HEADERS
from dayclear.interop.linelist.outcomes import FormulaCell

#: The file opens in Excel with its Chinese intact only with this mark.
ENCODING: Final = "utf-8-sig"
#: Beginnings that a spreadsheet would run as a formula.
_FORMULA_SIGNS: Final = ("=", "+", "-", "@", "\t", "\r")

TextOf = Callable[[Problem, int], str]


class ErrorFile:
    """Writes rejected rows one by one, with our own columns behind the original ones.

    `in_chinese`, `in_english`: the sentence for a problem of a row in that language.
    Rows of several sheets go to one file only where their headers are the same; else each sheet takes its own.
    """

    def __init__(self, file: TextIOBase, headers: Sequence[str], in_chinese: TextOf, in_english: TextOf) -> None:
        self._writer = csv.writer(file)
        self._width = len(headers)
        self._in_chinese = in_chinese
        self._in_english = in_english
        self.rows = 0
        self._writer.writerow([*headers, *OWN_HEADERS])

    def write(self, row: CaseRow) -> None:
        """Rows that were not rejected are no business of this file."""
        if row.kind != "rejected":
            return
        errors = [found for found in row.problems if found.severity == "error"]
        cells = [_written(cell) for cell in row.cells[: self._width]]
        cells += [""] * (self._width - len(cells))
        overflow = [_written(cell) for cell in row.cells[self._width :] if cell not in (None, "")]
        texts = [
            "; ".join(_located(found, text(found, row.row_number)) for found in errors)
            for text in (self._in_chinese, self._in_english)
        ]
        if overflow:
            texts = [f"{text} [{' | '.join(overflow)}]" for text in texts]
        self._writer.writerow([*cells, row.sheet, row.row_number, *texts])
        self.rows += 1

    def write_all(self, rows: Iterable[CaseRow]) -> int:
        """Shape: how many rows the file holds now."""
        for row in rows:
            self.write(row)
        return self.rows


def _located(found: Problem, text: str) -> str:
    return f"{found.column}: {text}" if found.column else text


def _written(cell: Any) -> str:
    """The cell so that reading it again gives the same value, and no spreadsheet runs it."""
    if cell is None:
        return ""
    if isinstance(cell, FormulaCell):
        return "" if cell.cached is None else _written(cell.cached)
    if isinstance(cell, datetime):
        at_midnight = cell.hour == cell.minute == cell.second == 0
        return cell.date().isoformat() if at_midnight else cell.isoformat(" ", "seconds")
    if isinstance(cell, (date, timedelta)):
        return str(cell)
    if isinstance(cell, bool):
        return "1" if cell else "0"
    text = str(cell)
    clean = text.encode("utf-8", "replace").decode("utf-8").replace("\x00", "")
    if clean.startswith(_FORMULA_SIGNS) and not _is_number(clean):
        return "'" + clean
    return clean


def _is_number(text: str) -> bool:
    return text.lstrip("+-").replace(".", "", 1).isdigit()
