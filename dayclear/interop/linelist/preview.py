"""What an import of the file would do: the first rows as they would be read, and the whole file in counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from typing import Final

import msgspec

from dayclear.interop.linelist.columns import ColumnFindings, conclude
from dayclear.interop.linelist.facts import CaseRow, Problem
from dayclear.interop.linelist.fields import FIELDS, ColumnMapping, map_columns
from dayclear.interop.linelist.problems import severity_of
from dayclear.interop.linelist.reading import LineListFile, ReadPlan, look_at_columns, read_line_list
from dayclear.interop.linelist.refusal import LineListRefused
from dayclear.interop.linelist.table import HeaderNote
from dayclear.interop.linelist.vocabulary import coded_values

#: Codes of values that a value map mends.
_MAPPABLE: Final = frozenset({"word_unknown", "sex_unreadable", "flag_unreadable"})
_MOST_SHOWN: Final = 200
#: Distinct values counted; a column of free text must not fill the memory.
_MOST_DISTINCT: Final = 10_000
_MOST_EXAMPLES: Final = 5


class SheetPreview(msgspec.Struct, frozen=True):
    """One sheet before it is read. Shape: `refused` is empty or the code why it can't be read."""

    name: str
    hidden: bool
    headers: tuple[str, ...] = ()
    header_row: int = 0
    mapping: ColumnMapping = ColumnMapping(())
    notes: tuple[HeaderNote, ...] = ()
    refused: str = ""


class ProblemCount(msgspec.Struct, frozen=True):
    """Shape: `examples` (sheet, row, problem), the first five."""

    code: str
    severity: str
    rows: int
    examples: tuple[tuple[str, int, Problem], ...]


class MissingCount(msgspec.Struct, frozen=True):
    """A writing of "not known" that was recognised. Shape: `first_row` in sheet `first_sheet`."""

    field: str
    column: str
    raw: str
    reason: str
    cells: int
    first_sheet: str
    first_row: int


class UnknownWord(msgspec.Struct, frozen=True):
    """A value that the user can map. Shape: `codes`: what it can be mapped to."""

    field: str
    column: str
    raw: str
    cells: int
    codes: tuple[str, ...]


class ColumnFill(msgspec.Struct, frozen=True):
    """How complete a field is among the cases. Shape: `stated` of `cases`."""

    field: str
    stated: int
    cases: int


class Preview(msgspec.Struct, frozen=True):
    """Shape: `kinds` row kind → rows, adding up to `rows`; lists by falling count."""

    sheets: tuple[SheetPreview, ...]
    findings: ColumnFindings
    undecided_date_columns: tuple[tuple[str, str], ...]
    first_rows: tuple[CaseRow, ...]
    rows: int
    kinds: dict[str, int]
    problems: tuple[ProblemCount, ...]
    missing: tuple[MissingCount, ...]
    unknown_words: tuple[UnknownWord, ...]
    fills: tuple[ColumnFill, ...]
    references: int
    visits: int


def describe_sheets(file: LineListFile, plan: ReadPlan) -> Iterator[SheetPreview]:
    """Every sheet, hidden, empty and unknown ones included, without reading its rows."""
    for sheet in file.sheets:
        try:
            table = file.table(sheet.name, plan.header_rows.get(sheet.name))
        except LineListRefused as refused:
            yield SheetPreview(sheet.name, sheet.hidden, refused=refused.code)
            continue
        mapping = map_columns(table.headers, plan.chosen_for(table))
        notes = (*table.notes, HeaderNote("sheet_hidden")) if sheet.hidden else table.notes
        yield SheetPreview(sheet.name, sheet.hidden, table.headers, table.header_row, mapping, notes)


def preview(
    file: LineListFile,
    plan: ReadPlan,
    today: date,
    *,
    first_rows: int = 50,
    knows_case: Callable[[str], bool] = lambda number: False,
    each: Callable[[CaseRow], None] = lambda row: None,
) -> Preview:
    """Reads the whole file once for its columns and once for its rows; writes nothing.

    `each` sees every row as it is counted, for whoever keeps the problems of all of them.
    Raises: LineListRefused.
    """
    evidence = look_at_columns(file, plan)
    findings = conclude(evidence, plan.options)
    undecided = () if findings.date_order else tuple(sorted(evidence.date_orders))
    tally = _Tally(first_rows)
    for row in read_line_list(file, plan, today, findings=findings, knows_case=knows_case):
        tally.add(row)
        each(row)
    return Preview(
        sheets=tuple(describe_sheets(file, plan)),
        findings=findings,
        undecided_date_columns=undecided,
        first_rows=tuple(tally.first_rows),
        rows=sum(tally.kinds.values()),
        kinds=dict(tally.kinds),
        problems=tally.problem_counts(),
        missing=tally.missing_counts(),
        unknown_words=tally.unknown_words(),
        fills=tuple(ColumnFill(name, tally.stated[name], tally.kinds["case"]) for name in sorted(tally.stated)),
        references=tally.references,
        visits=tally.visits,
    )


class _Tally:
    """Counts over all rows; keeps a bounded number of distinct values."""

    def __init__(self, first_rows: int) -> None:
        self._keep = first_rows
        self.first_rows: list[CaseRow] = []
        self.kinds: Counter[str] = Counter()
        self.stated: Counter[str] = Counter()
        self.references = 0
        self.visits = 0
        self._problem_rows: Counter[str] = Counter()
        self._examples: dict[str, list[tuple[str, int, Problem]]] = {}
        self._missing: Counter[tuple[str, str, str, str]] = Counter()
        self._missing_at: dict[tuple[str, str, str, str], tuple[str, int]] = {}
        self._words: Counter[tuple[str, str, str]] = Counter()

    def add(self, row: CaseRow) -> None:
        self.kinds[row.kind] += 1
        if len(self.first_rows) < self._keep and row.kind != "skipped":
            self.first_rows.append(row)
        if row.kind == "case":
            self.stated.update(tuple(row.facts.stated()))
            self.references += len(row.facts.contact_of)
        self.visits += len(row.visits)
        self._add_problems(row)
        for note in row.missing:
            at = (note.field, note.column, note.raw[:40], note.reason)
            if at in self._missing:
                self._missing[at] += 1
            elif len(self._missing) < _MOST_DISTINCT:
                self._missing[at] = 1
                self._missing_at[at] = (row.sheet, row.row_number)

    def _add_problems(self, row: CaseRow) -> None:
        counted: set[str] = set()
        for found in row.problems:
            if found.code not in counted:
                counted.add(found.code)
                self._problem_rows[found.code] += 1
                examples = self._examples.setdefault(found.code, [])
                if len(examples) < _MOST_EXAMPLES:
                    examples.append((row.sheet, row.row_number, found))
            if found.code in _MAPPABLE:
                word = (found.field, found.column, found.value)
                if word in self._words or len(self._words) < _MOST_DISTINCT:
                    self._words[word] += 1

    def problem_counts(self) -> tuple[ProblemCount, ...]:
        return tuple(
            ProblemCount(code, severity_of(code), rows, tuple(self._examples[code]))
            for code, rows in self._problem_rows.most_common()
        )

    def missing_counts(self) -> tuple[MissingCount, ...]:
        return tuple(
            MissingCount(*at, cells, *self._missing_at[at]) for at, cells in self._missing.most_common(_MOST_SHOWN)
        )

    def unknown_words(self) -> tuple[UnknownWord, ...]:
        return tuple(
            UnknownWord(field, column, raw, cells, _codes_for(field))
            for (field, column, raw), cells in self._words.most_common(_MOST_SHOWN)
        )


def _codes_for(field: str) -> tuple[str, ...]:
    """What a value of this field can be mapped to."""
    return tuple(sorted(coded_values(FIELDS[field].vocabulary or "flag")))
