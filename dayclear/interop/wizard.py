"""What the wizard shows of a file before anything of it is written: sheets, columns, what reading it comes to."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

import msgspec

from dayclear.foundation.events import canonical
from dayclear.interop.linelist.columns import SAMPLE_ROWS, ColumnEvidence, gather
from dayclear.interop.linelist.fields import FIELDS, is_own_column, map_columns
from dayclear.interop.linelist.outcomes import Cell
from dayclear.interop.linelist.parsing import shown
from dayclear.interop.linelist.preview import Preview, SheetPreview, describe_sheets
from dayclear.interop.linelist.reading import LineListFile, open_line_list
from dayclear.interop.linelist.table import HeaderNote, is_blank
from dayclear.interop.linelist.vocabulary import folded
from dayclear.interop.plan import ImportPlan

_SAMPLES = 3
_SAMPLE_LENGTH = 40


class SheetLook(msgspec.Struct, frozen=True):
    """One sheet of a workbook, or the only table of a text file (without a name)."""

    name: str
    hidden: bool
    chosen: bool
    header_row: int
    refused: str
    notes: tuple[HeaderNote, ...]


class ColumnLook(msgspec.Struct, frozen=True):
    """One header, over all chosen sheets. `proposed` is what the header alone says, `field` what holds now."""

    header: str
    field: str
    proposed: str
    confidence: float
    samples: tuple[str, ...]
    sheets: int


class FileLook(msgspec.Struct, frozen=True):
    """A file as the wizard shows it. Shape: `undecided` headers of dates whose order of day and month is open."""

    kind: str
    encoding: str
    delimiter: str
    sheets: tuple[SheetLook, ...]
    columns: tuple[ColumnLook, ...]
    undecided: tuple[str, ...]
    headers_hash: bytes


class Summary(msgspec.Struct, frozen=True):
    """What reading the whole file comes to: counts, and the words that need a code. Kept as JSON.

    `headers_hash` (hex) is that of the headers read, by which the mapping is remembered.

    Shape: `kinds` row kind → rows; `problems` (code, severity, rows); `missing` (field, column, raw, reason, cells);
    `words` (field, column, raw, cells, codes); `fills` (field, stated, cases).
    """

    rows: int
    kinds: dict[str, int]
    problems: tuple[tuple[str, str, int], ...]
    missing: tuple[tuple[str, str, str, str, int], ...]
    words: tuple[tuple[str, str, str, int, tuple[str, ...]], ...]
    fills: tuple[tuple[str, int, int], ...]
    references: int
    visits: int
    undecided: tuple[str, ...]
    zero_ages_unknown: bool
    headers_hash: str


def summary_of(found: Preview, plan: ImportPlan) -> Summary:
    """The part of a preview that is kept."""
    return Summary(
        rows=found.rows,
        kinds=found.kinds,
        problems=tuple((each.code, each.severity, each.rows) for each in found.problems),
        missing=tuple((m.field, m.column, m.raw, m.reason, m.cells) for m in found.missing),
        words=tuple((w.field, w.column, w.raw, w.cells, w.codes) for w in found.unknown_words),
        fills=tuple((fill.field, fill.stated, fill.cases) for fill in found.fills),
        references=found.references,
        visits=found.visits,
        undecided=tuple(column for _sheet, column in found.undecided_date_columns),
        zero_ages_unknown=found.findings.zero_age_unknown,
        headers_hash=_headers_hash(found.sheets, plan).hex(),
    )


def digest_of(plan: ImportPlan) -> bytes:
    """By which a check knows for which settings it holds. Shape: 16 bytes."""
    return hashlib.blake2b(canonical(plan.as_json()).encode(), digest_size=16).digest()


def look_at(path: Path, plan: ImportPlan) -> FileLook:
    """Read the headers and the first lines of every sheet. Raises: LineListRefused."""
    file = open_line_list(path, encoding=plan.encoding, delimiter=plan.delimiter)
    reading = plan.read_plan()
    sheets, gathered, evidence = [], _Columns(plan), ColumnEvidence()
    described = list(describe_sheets(file, reading))
    for sheet in described:
        chosen = _is_chosen(sheet, plan)
        sheets.append(SheetLook(sheet.name, sheet.hidden, chosen, sheet.header_row, sheet.refused, sheet.notes))
        if chosen and not sheet.refused:
            evidence += gathered.add(file, sheet)
    text = file.text_format
    return FileLook(
        kind=file.kind,
        encoding=text.encoding if text else "",
        delimiter=text.delimiter if text else "",
        sheets=tuple(sheets),
        columns=gathered.looks(),
        undecided=tuple(column for _sheet, column in evidence.date_orders) if evidence.is_undecided() else (),
        headers_hash=_headers_hash(described, plan),
    )


def _headers_hash(sheets: Iterable[SheetPreview], plan: ImportPlan) -> bytes:
    """By which the mapping for files of this shape is found again. Shape: 16 bytes."""
    read = [sheet for sheet in sheets if _is_chosen(sheet, plan) and not sheet.refused]
    headers = [folded(header) for sheet in read for header in sheet.headers if not is_own_column(header)]
    return hashlib.blake2b("\x1f".join(headers).encode("utf-8", "replace"), digest_size=16).digest()


def _is_chosen(sheet: SheetPreview, plan: ImportPlan) -> bool:
    """Whether a sheet is read; when nobody has said which, all that are visible and have a known column."""
    if plan.sheets:
        return sheet.name in plan.sheets
    return not sheet.hidden and not sheet.refused and bool(sheet.mapping.fields())


class _Columns:
    """Gathers headers over sheets, with the first values under them."""

    def __init__(self, plan: ImportPlan) -> None:
        self._plan = plan
        self._looks: dict[str, ColumnLook] = {}

    def add(self, file: LineListFile, sheet: SheetPreview) -> ColumnEvidence:
        table = file.table(sheet.name, self._plan.header_rows.get(sheet.name))
        sample = list(islice(table.rows, SAMPLE_ROWS))
        proposals = {guess.index: guess for guess in map_columns(sheet.headers).columns}
        for guess in sheet.mapping.columns:
            if is_own_column(guess.header):
                continue
            known = self._looks.get(guess.header)
            cells = (row.cells[guess.index] for row in sample if guess.index < len(row.cells))
            proposal = proposals[guess.index]
            self._looks[guess.header] = ColumnLook(
                header=guess.header,
                field=(known.field if known else "") or guess.field,
                proposed=(known.proposed if known else "") or proposal.field,
                confidence=max(known.confidence if known else 0.0, proposal.confidence),
                samples=_distinct(known.samples if known else (), cells),
                sheets=(known.sheets if known else 0) + 1,
            )
        return gather(table, sheet.mapping, sample)

    def looks(self) -> tuple[ColumnLook, ...]:
        return tuple(self._looks.values())


def _distinct(known: tuple[str, ...], cells: Iterable[Cell]) -> tuple[str, ...]:
    found = dict.fromkeys(known)
    for cell in cells:
        if len(found) >= _SAMPLES:
            break
        if not is_blank(cell):
            text = shown(cell)
            found[text if len(text) <= _SAMPLE_LENGTH else text[: _SAMPLE_LENGTH - 1] + "…"] = None
    return tuple(found)


def clashes(look: FileLook, chosen: dict[str, str]) -> list[tuple[str, list[str]]]:
    """Fields that the choices give to several columns though they take one. Shape: (field, headers)."""
    by_field: dict[str, list[str]] = {}
    for column in look.columns:
        field = chosen.get(column.header, "")
        if field and field != column.proposed and not FIELDS[field].joins:
            by_field.setdefault(field, []).append(column.header)
    return [(field, headers) for field, headers in by_field.items() if len(headers) > 1]
