"""Opening a line list: one door for delimited text and workbooks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from itertools import islice
from pathlib import Path

import msgspec

from dayclear.interop.linelist.columns import SAMPLE_ROWS, ColumnEvidence, ColumnFindings, ReadOptions, conclude, gather
from dayclear.interop.linelist.container import ContainerKind, Limits, kind_of
from dayclear.interop.linelist.facts import CaseRow
from dayclear.interop.linelist.fields import ColumnMapping, map_columns
from dayclear.interop.linelist.heading import table_of
from dayclear.interop.linelist.refusal import LineListRefused
from dayclear.interop.linelist.rows import read_rows
from dayclear.interop.linelist.seen import SeenRows
from dayclear.interop.linelist.table import Table
from dayclear.interop.linelist.text import TextFormat, read_text_rows, sniff_text
from dayclear.interop.linelist.workbook import SheetPart, WorkbookParts, merged_ranges, open_workbook, read_sheet_rows

#: Chosen columns: header → field ("" or None: leave aside).
ChosenColumns = Mapping[str, str | None]


class LineListFile(msgspec.Struct, frozen=True):
    """A file that was found readable. Tables are opened anew at each call, as often as needed."""

    path: Path
    kind: ContainerKind
    sheets: tuple[SheetPart, ...]
    text_format: TextFormat | None = None
    book: WorkbookParts | None = None

    def sheet_names(self, *, with_hidden: bool = False) -> tuple[str, ...]:
        """Hidden sheets are read only when asked for: what an office hides is mostly old or half-done."""
        return tuple(sheet.name for sheet in self.sheets if with_hidden or not sheet.hidden)

    def table(self, sheet: str, header_row: int | None = None) -> Table:
        """Raises: LineListRefused (sheet_unknown, sheet_empty, header_row_missing, xlsx_broken)."""
        if self.text_format is not None:
            rows = read_text_rows(self.path, self.text_format)
            return table_of(sheet, rows, header_row=header_row, checks_width=True)
        part = next((one for one in self.sheets if one.name == sheet), None)
        if part is None or self.book is None:
            raise LineListRefused("sheet_unknown", sheet=sheet)
        lines = read_sheet_rows(self.path, self.book, part)
        merged = merged_ranges(self.path, part)
        return table_of(sheet, lines, header_row=header_row, merged=merged, epoch_1904=self.book.epoch_1904)


class ReadPlan(msgspec.Struct, frozen=True):
    """What the user settled in the wizard. Shape: `mappings` sheet → chosen columns, "" for every sheet;
    `sheets` empty for all visible ones; `header_rows` sheet → row from 1."""

    options: ReadOptions = ReadOptions()
    sheets: tuple[str, ...] = ()
    mappings: Mapping[str, ChosenColumns] = {}
    header_rows: Mapping[str, int] = {}

    def chosen_for(self, table: Table) -> ChosenColumns:
        """The choices that apply to this table: its own, else the general ones for headers it has."""
        own = self.mappings.get(table.name)
        if own is not None:
            return own
        names = {table.column_name(index) for index in range(len(table.headers))}
        return {header: field for header, field in self.mappings.get("", {}).items() if header in names}


class OpenedTable(msgspec.Struct, frozen=True):
    """A table with its mapping settled."""

    table: Table
    mapping: ColumnMapping


def open_line_list(
    path: Path, *, limits: Limits | None = None, encoding: str | None = None, delimiter: str | None = None
) -> LineListFile:
    """Raises: LineListRefused, with a code that says what the file is instead."""
    kind = kind_of(path, limits or Limits())
    if kind == "text":
        text_format = sniff_text(path, encoding, delimiter)
        return LineListFile(path, kind, (SheetPart("", False, ""),), text_format)
    book = open_workbook(path)
    if not book.sheets:
        raise LineListRefused("sheet_empty")
    return LineListFile(path, kind, book.sheets, None, book)


def open_tables(file: LineListFile, plan: ReadPlan) -> Iterator[OpenedTable]:
    """The chosen tables one after the other. Of a workbook read as a whole, sheets that are empty or have no
    known column are passed over (`preview.preview` says so); a sheet that was asked for is not.

    Raises: LineListRefused (no_column_known, and as `LineListFile.table`); UnknownField.
    """
    names = plan.sheets or file.sheet_names()
    may_pass_over = len(names) > 1 and not plan.sheets
    opened_any = False
    for name in names:
        try:
            table = file.table(name, plan.header_rows.get(name))
            mapping = map_columns(table.headers, plan.chosen_for(table))
            if not mapping.fields():
                raise LineListRefused("no_column_known", sheet=name, headers=", ".join(table.headers)[:200])
        except LineListRefused as refused:
            if may_pass_over and refused.code in ("sheet_empty", "no_column_known"):
                continue
            raise
        opened_any = True
        yield OpenedTable(table, mapping)
    if not opened_any:
        raise LineListRefused("no_column_known", sheet="", headers="")


def look_at_columns(file: LineListFile, plan: ReadPlan) -> ColumnEvidence:
    """What the columns of all chosen tables show together.

    A habit such as age 0 for "not known", or the day before the month, is the habit of the whole file: a
    sheet too short to prove it takes it from the others. The first 2,000 lines of each are looked at, and
    further ones only while the order of day and month is open.
    """
    evidence = ColumnEvidence()
    for opened in open_tables(file, plan):
        rows = iter(opened.table.rows)
        own = gather(opened.table, opened.mapping, list(islice(rows, SAMPLE_ROWS)))
        while own.is_undecided() and (more := list(islice(rows, SAMPLE_ROWS))):
            own = own.with_dates_of(gather(opened.table, opened.mapping, more))
        evidence += own
    return evidence


def read_line_list(
    file: LineListFile,
    plan: ReadPlan,
    today: date,
    *,
    findings: ColumnFindings | None = None,
    knows_case: Callable[[str], bool] = lambda number: False,
) -> Iterator[CaseRow]:
    """Every line of every chosen sheet, in order, each with what became of it.

    `findings`: from an earlier look at the same file; else it is looked at first.
    """
    settled = findings if findings is not None else conclude(look_at_columns(file, plan), plan.options)
    with SeenRows(many_sheets=len(file.sheets) > 1) as seen:
        for opened in open_tables(file, plan):
            yield from read_rows(
                opened.table,
                opened.mapping,
                plan.options,
                today,
                seen=seen,
                findings=settled,
                knows_case=knows_case,
            )
