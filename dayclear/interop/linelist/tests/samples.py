"""Small files and tables for the tests of line-list reading."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from dayclear.interop.linelist.columns import ReadOptions
from dayclear.interop.linelist.facts import CaseRow
from dayclear.interop.linelist.fields import map_columns
from dayclear.interop.linelist.outcomes import Cell
from dayclear.interop.linelist.reading import LineListFile, ReadPlan, open_line_list, read_line_list
from dayclear.interop.linelist.rows import read_rows
from dayclear.interop.linelist.table import RawRow, Table

SHANGHAI = ZoneInfo("Asia/Shanghai")
TODAY = date(2022, 6, 1)
OPTIONS = ReadOptions(zone=SHANGHAI)
PLAN = ReadPlan(options=OPTIONS)
DATA = Path(__file__).resolve().parents[5] / "shared" / "data"


def table(headers: str, *rows: Sequence[Cell], name: str = "") -> Table:
    """Shape: headers separated by blanks; the first row is row 2."""
    lines = [RawRow(number, tuple(row)) for number, row in enumerate(rows, start=2)]
    return Table(name, tuple(headers.split(" ")), 1, iter(lines))


def read(headers: str, *rows: Sequence[Cell], options: ReadOptions = OPTIONS, today: date = TODAY) -> list[CaseRow]:
    built = table(headers, *rows)
    return list(read_rows(built, map_columns(built.headers), options, today))


def read_one(headers: str, *cells: Cell, options: ReadOptions = OPTIONS) -> CaseRow:
    (row,) = read(headers, cells, options=options)
    return row


def read_file(path: Path, plan: ReadPlan = PLAN) -> list[CaseRow]:
    return list(read_line_list(open_line_list(path), plan, TODAY))


def codes(row: CaseRow) -> list[str]:
    return [found.code for found in row.problems]


def write_csv(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def write_xlsx(path: Path, sheets: dict[str, Iterable[Sequence[object]]]) -> Path:
    book = openpyxl.Workbook()
    for place, (name, rows) in enumerate(sheets.items()):
        page = book.active if place == 0 else book.create_sheet()
        assert page is not None
        page.title = name
        for row in rows:
            page.append(list(row))
    book.save(path)
    return path


def real_file(name: str) -> LineListFile:
    """Skips the test, and says why, where the real data is not beside the project."""
    path = DATA / name
    if not path.exists():
        pytest.skip(f"the real file {name} is not in ../shared/data")
    return open_line_list(path)
