"""Result tables, csv or xlsx: a line for each well and target, or a line for each well with a column for each target.

The containers are opened as line lists are: by content, never by name, with the same limits.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import tzinfo
from itertools import chain, islice
from pathlib import Path
from sys import intern

from openpyxl import Workbook

from dayclear.foundation.decisions import Reason, Refused, refuse
from dayclear.interop.labfiles.columns import Columns, columns_of
from dayclear.interop.labfiles.content import (
    LabFile,
    Unreadable,
    call_of,
    ct_of,
    instant_of,
    is_clear,
    whole_of,
)
from dayclear.interop.linelist.outcomes import FormulaCell
from dayclear.interop.linelist.reading import LineListFile, open_line_list
from dayclear.interop.linelist.table import RawRow, is_blank
from dayclear.interop.linelist.text import read_text_rows
from dayclear.interop.linelist.workbook import read_sheet_rows
from dayclear.lab.rules.cutoffs import State
from dayclear.lab.rules.intake import PlateReadings, Problem, Reading

# The last line that an old (xls) and a new (xlsx) spreadsheet can hold. A file that ends exactly there was cut there:
# so were 15,841 positives lost in 2020 (testing reference §1.4).
FULL_SHEETS = (65_536, 1_048_576)
_HEADER_WITHIN = 30
HEADINGS = (
    "plate", "well", "tube", "target", "ct", "curve", "call", "assay", "version", "instrument",
    "started_at", "ended_at", "curves", "wells",
)  # fmt: skip
_PLATE_FIELDS = ("assay", "version", "instrument", "started_at", "ended_at", "curves", "wells")


def read_table(path: Path, *, zone: tzinfo) -> LabFile:
    """Read a csv or xlsx. Units: instants without an offset are of `zone`.

    Raises: Refused (`columns_missing`, `file_truncated`), LineListRefused (no table at all).
    """
    file = open_line_list(path)
    table = _Table(zone)
    for rows in _sheets(file, path):
        last = table.add(rows)
        if last in FULL_SHEETS:
            raise Refused(refuse("file_truncated", rows=last))
    return table.finish(file.kind if file.kind == "xlsx" else "csv")


def _sheets(file: LineListFile, path: Path) -> Iterator[Iterator[RawRow]]:
    if file.text_format is not None:
        yield read_text_rows(path, file.text_format)
        return
    assert file.book is not None, "a file that is no text is a workbook"
    for sheet in file.sheets:
        if not sheet.hidden:
            yield read_sheet_rows(path, file.book, sheet)


@dataclass(slots=True)
class _Well:
    """A well whose lines are still coming in."""

    tube: str
    row: int
    cts: dict[str, float | None] = field(default_factory=dict)
    clear: set[str] = field(default_factory=set)
    call: State | None = None

    def reading(self, well: str) -> Reading:
        return Reading(well, self.tube, self.cts, frozenset(self.clear), self.call, self.row)


class _Table:
    """Lines put together to plates."""

    def __init__(self, zone: tzinfo) -> None:
        self.zone = zone
        self.rows = self.used = 0
        self.problems: list[Problem] = []
        self.plates: dict[str, dict[str, _Well]] = {}
        self.said: dict[str, dict[str, object]] = {}
        self._just_said: dict[str, list[object]] = {}

    def add(self, rows: Iterator[RawRow]) -> int:
        """Take in a sheet; returns the number of its last line. Raises: Refused (`columns_missing`)."""
        start = list(islice(rows, _HEADER_WITHIN))
        found = [(index, columns_of(row.cells)) for index, row in enumerate(start)]
        place, columns = next(((index, each) for index, each in found if each.is_complete), (0, None))
        if columns is None:
            best = max((each for _index, each in found), key=lambda each: len(each.fields), default=Columns())
            raise Refused(refuse("columns_missing", columns=", ".join(best.missing)))
        layout, last = _Layout(columns), 0
        self._just_said.clear()
        for row in chain(start[place + 1 :], rows):
            last = row.number
            if not all(map(is_blank, row.cells)):
                self.rows += 1
                self._row(row, layout)
        return last

    def _row(self, row: RawRow, layout: _Layout) -> None:
        cells = _Cells(row, layout)
        if row.flaws:
            self._problem(row.number, cells.text("well"), Reason("line_unreadable", {"value": row.flaws[0].code}), "")
            return
        plate, well = cells.text("plate"), intern(cells.text("well").upper())
        try:
            if not plate or not well:
                raise Unreadable("plate_or_well_missing", plate or well)
            self._agree(plate, cells)
            self._reading(self._well(plate, well, cells.text("tube"), row.number), cells)
        except Unreadable as wrong:
            self._problem(row.number, well, wrong.reason, wrong.value)
        else:
            self.used += 1

    def _agree(self, plate: str, cells: _Cells) -> None:
        """Every line of a plate says the same of the plate. Most repeat the line before, which is seen at a glance."""
        values = cells.of_plate()
        if self._just_said.get(plate) == values:
            return
        said = dict(zip(cells.layout.of_plate, values, strict=True))
        before = self.said.setdefault(plate, said)
        for name, value in said.items():
            if before.get(name) != value:
                raise Unreadable("plate_lines_disagree", f"{name}: {before.get(name)} / {value}")
        self._just_said[plate] = values

    def _well(self, plate: str, well: str, tube: str, row: int) -> _Well:
        wells = self.plates.setdefault(plate, {})
        found = wells.setdefault(well, _Well(tube, row))
        if found.tube != tube:
            raise Unreadable("two_tubes_in_one_well", f"{found.tube} / {tube}")
        return found

    def _reading(self, well: _Well, cells: _Cells) -> None:
        for target, value, curve in cells.readings():
            if target in well.cts:
                raise Unreadable("target_twice", target)
            ct = ct_of(value)
            if is_clear(curve):
                well.clear.add(target)
            well.cts[intern(target)] = ct
        call = call_of(cells.text("call"))
        if well.call is not None and call is not None and call is not well.call:
            raise Unreadable("calls_differ", cells.text("call"))
        well.call = well.call or call

    def _problem(self, row: int, well: str, reason: Reason, value: str) -> None:
        self.problems.append(Problem(reason, row, well, value))

    def finish(self, form: str) -> LabFile:
        plates = []
        for code, wells in self.plates.items():
            readings = tuple(found.reading(well) for well, found in wells.items())
            try:
                plates.append(self._plate(code, readings))
            except Unreadable as wrong:
                self._problem(readings[0].row, "", wrong.reason, wrong.value)
        return LabFile(form, tuple(plates), tuple(self.problems), self.rows, self.used)

    def _plate(self, code: str, readings: tuple[Reading, ...]) -> PlateReadings:
        said = self.said[code]
        return PlateReadings(
            plate=code,
            assay=_text(said.get("assay")),
            version=_text(said.get("version")),
            instrument=_text(said.get("instrument")),
            started_at=instant_of(said.get("started_at"), self.zone),
            ended_at=instant_of(said.get("ended_at"), self.zone),
            readings=readings,
            curves=whole_of(said.get("curves")),
            stated=whole_of(said.get("wells")),
        )


class _Layout:
    """Where the fields of a sheet stand in its lines. Shape: `of_plate`: those that say the same in every line."""

    def __init__(self, columns: Columns) -> None:
        self.fields, self.targets = columns.fields, columns.targets
        self.of_plate = {name: self.fields[name] for name in _PLATE_FIELDS if name in self.fields}
        self.width = max([*self.fields.values(), *self.targets.values()]) + 1


class _Cells:
    """One line, by field."""

    def __init__(self, row: RawRow, layout: _Layout) -> None:
        self.layout = layout
        cells: list[object] = [cell.cached if isinstance(cell, FormulaCell) else cell for cell in row.cells]
        self._cells = cells + [None] * (layout.width - len(cells))

    def value(self, name: str) -> object:
        index = self.layout.fields.get(name)
        return None if index is None else self._cells[index]

    def text(self, name: str) -> str:
        return _text(self.value(name))

    def of_plate(self) -> list[object]:
        """Shape: in the order of the layout."""
        return [self._cells[index] for index in self.layout.of_plate.values()]

    def readings(self) -> Iterator[tuple[str, object, str]]:
        """Shape: (target, Ct as it stands, word for the curve)."""
        if self.layout.targets:
            yield from ((target, self._cells[index], "") for target, index in self.layout.targets.items())
            return
        target = self.text("target")
        if not target:
            raise Unreadable("target_not_named", "")
        yield target, self.value("ct"), self.text("curve")


def _text(value: object) -> str:
    if isinstance(value, str):
        return value.strip()
    if value is None:
        return ""
    # A spreadsheet gives a plate called 12 as a number.
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()


def write_csv(plates: Iterable[PlateReadings]) -> bytes:
    """A line for each well and target, UTF-8 with the mark that spreadsheets want."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(HEADINGS)
    writer.writerows(_lines(plates))
    return text.getvalue().encode("utf-8-sig")


def write_xlsx(plates: Iterable[PlateReadings]) -> bytes:
    """The same as a workbook. Raises: Refused (`file_truncated`), when a sheet cannot hold the lines."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("results")
    sheet.append(HEADINGS)
    for number, line in enumerate(_lines(plates), start=2):
        if number >= FULL_SHEETS[1]:
            raise Refused(refuse("file_truncated", rows=number))
        sheet.append(line)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _lines(plates: Iterable[PlateReadings]) -> Iterator[list[str | float | int | None]]:
    for plate in plates:
        whole = [
            plate.assay,
            plate.version,
            plate.instrument,
            plate.started_at.isoformat() if plate.started_at else "",
            plate.ended_at.isoformat() if plate.ended_at else "",
            plate.curves,
            len(plate.readings) if plate.stated is None else plate.stated,
        ]
        for reading in plate.readings:
            call = reading.call.value if reading.call else ""
            for target, ct in reading.cts.items():
                clear = "clear" if target in reading.clear_curves else ""
                value = "Undetermined" if ct is None else ct
                yield [plate.plate, reading.well, reading.tube, target, value, clear, call, *whole]
