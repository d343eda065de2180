"""Where the header of a sheet is and what its columns are called, whatever titles and merged cells surround it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Final

import msgspec

from dayclear.interop.linelist.fields import recognise
from dayclear.interop.linelist.outcomes import Cell, Flaw
from dayclear.interop.linelist.refusal import LineListRefused
from dayclear.interop.linelist.table import HeaderNote, RawRow, Table, column_letters, is_blank

_LINES_LOOKED_AT: Final = 30


class MergedRange(msgspec.Struct, frozen=True):
    """Shape: rows count from 1, columns from 0; all four ends belong to the range."""

    top: int
    left: int
    bottom: int
    right: int


def table_of(
    name: str,
    rows: Iterable[RawRow],
    *,
    header_row: int | None = None,
    merged: Sequence[MergedRange] = (),
    epoch_1904: bool = False,
    checks_width: bool = False,
) -> Table:
    """Finds the header and puts the lines under it.

    `header_row`: what the user says, from 1. `checks_width`: lines of another width than the header are
    marked, which tells something in delimited text and nothing in a spreadsheet.
    Raises: LineListRefused (sheet_empty, header_row_missing).
    """
    iterator = iter(rows)
    start = list(islice(iterator, _LINES_LOOKED_AT if header_row is None else header_row + 1))
    place = _header_place(start, header_row)
    headers, last, notes = _headers(start, place, merged)
    if header_row is None and any(not is_blank(cell) for row in start[:place] for cell in row.cells):
        notes.insert(0, HeaderNote("lines_above_header", {"row": start[place].number}))
    body: Iterator[RawRow] = chain(start[last + 1 :], iterator)
    if merged:
        below = [one for one in merged if one.top > start[last].number and one.bottom > one.top]
        if below:
            notes.append(HeaderNote("merged_cells_filled", {"count": len(below)}))
            body = _fill_merged(body, below)
    if checks_width:
        body = _check_width(body, len(headers))
    _note_blank_headers(headers, start[last + 1 :], notes)
    return Table(name, headers, start[last].number, body, tuple(notes), epoch_1904)


def _known(row: RawRow) -> int:
    return sum(1 for cell in row.cells if isinstance(cell, str) and recognise(cell)[1] > 0)


def _header_place(start: Sequence[RawRow], header_row: int | None) -> int:
    if header_row is not None:
        for place, row in enumerate(start):
            if row.number == header_row:
                return place
        raise LineListRefused("header_row_missing", row=header_row)
    filled = [(place, row) for place, row in enumerate(start) if any(not is_blank(cell) for cell in row.cells)]
    if not filled:
        raise LineListRefused("sheet_empty")
    best_place, best = max(filled, key=lambda item: (_known(item[1]), -item[0]))
    if _known(best):
        return best_place
    return next(
        (place for place, row in filled if sum(1 for cell in row.cells if not is_blank(cell)) > 1), filled[0][0]
    )


def _text(cell: Cell) -> str:
    return "" if is_blank(cell) else " ".join(str(cell).split())


def _headers(
    start: Sequence[RawRow], place: int, merged: Sequence[MergedRange]
) -> tuple[tuple[str, ...], int, list[HeaderNote]]:
    """Shape: (headers, place of the header's last line, notes)."""
    notes: list[HeaderNote] = []
    row = start[place]
    names = [_text(cell) for cell in row.cells]
    last = place
    if place + 1 < len(start) and _goes_on(row, start[place + 1], merged):
        last = place + 1
        names = _two_lines(names, [_text(cell) for cell in start[last].cells])
        notes.append(HeaderNote("two_line_header", {"row": row.number}))
    elif place > 0 and _names_above(start[place - 1], row, merged):
        above = [_text(cell) for cell in start[place - 1].cells]
        names = [name or (above[index] if index < len(above) else "") for index, name in enumerate(names)]
        names += above[len(names) :]
        notes.append(HeaderNote("two_line_header", {"row": start[place - 1].number}))
    while names and not names[-1]:
        names.pop()
    if not any(recognise(name)[1] > 0 for name in names if name):
        notes.append(HeaderNote("header_not_recognised", {"row": row.number}))
    repeated = [name for name, times in Counter(name for name in names if name).items() if times > 1]
    if repeated:
        notes.append(HeaderNote("header_repeated_name", {"names": ", ".join(repeated)[:120]}))
    return tuple(names), last, notes


def _goes_on(row: RawRow, below: RawRow, merged: Sequence[MergedRange]) -> bool:
    """Whether the line under the header is its second line: merged into it, or known names under its gaps."""
    if any(one.top <= row.number < one.bottom and one.bottom == below.number for one in merged):
        return True
    texts = [cell for cell in below.cells if not is_blank(cell)]
    gaps = [
        index
        for index, cell in enumerate(below.cells)
        if not is_blank(cell) and (index >= len(row.cells) or is_blank(row.cells[index]))
    ]
    known = sum(1 for index in gaps if recognise(_text(below.cells[index]))[1] > 0)
    return (
        bool(known) and known * 2 >= len(gaps) and all(isinstance(cell, str) for cell in texts) and _known(below) >= 2
    )


def _names_above(above: RawRow, row: RawRow, merged: Sequence[MergedRange]) -> bool:
    """Whether the line above names columns for which the header line itself has no name."""
    if any(one.top == above.number and one.bottom == row.number for one in merged):
        return True
    return any(
        is_blank(row.cells[index]) and recognise(_text(cell))[1] > 0
        for index, cell in enumerate(above.cells)
        if index < len(row.cells)
    )


def _two_lines(upper: list[str], lower: list[str]) -> list[str]:
    """The lower name where it is known, else both: 发病 over 日期 is 发病日期. A group's name stands over the
    columns to its right until the next."""
    width = max(len(upper), len(lower))
    upper, lower = upper + [""] * (width - len(upper)), lower + [""] * (width - len(lower))
    names, group = [], ""
    for above, below in zip(upper, lower, strict=True):
        group = above or group
        if not below:
            names.append(above)
            continue
        candidates = (group + below, below)
        names.append(next((name for name in candidates if recognise(name)[1] > 0), group + below))
    return names


def _note_blank_headers(headers: tuple[str, ...], body: Sequence[RawRow], notes: list[HeaderNote]) -> None:
    filled = {index for row in body for index, cell in enumerate(row.cells) if not is_blank(cell)}
    nameless = [column_letters(index) for index in sorted(filled) if index >= len(headers) or not headers[index]]
    if nameless:
        notes.append(HeaderNote("header_missing", {"columns": ", ".join(nameless[:20])}))


def _fill_merged(rows: Iterable[RawRow], merged: Sequence[MergedRange]) -> Iterator[RawRow]:
    """A cell merged over several lines says the same of each; the file keeps it in the topmost only.

    Only the first column is filled: a cell merged to the right says nothing about the columns it covers.
    """
    waiting = sorted(merged, key=lambda one: one.top)
    running: list[tuple[MergedRange, Cell]] = []
    place = 0
    for row in rows:
        cells: list[Cell] | None = None
        while place < len(waiting) and waiting[place].top <= row.number:
            one = waiting[place]
            place += 1
            if one.top == row.number and one.left < len(row.cells):
                running.append((one, row.cells[one.left]))
        running = [(one, value) for one, value in running if one.bottom >= row.number]
        for one, value in running:
            cells = list(row.cells) if cells is None else cells
            cells.extend([None] * (one.left + 1 - len(cells)))
            if is_blank(cells[one.left]):
                cells[one.left] = value
        yield row if cells is None else RawRow(row.number, tuple(cells), row.flaws)


def _check_width(rows: Iterable[RawRow], width: int) -> Iterator[RawRow]:
    for row in rows:
        given = len(row.cells)
        if given == width or not given:
            yield row
        elif given > width:
            if all(is_blank(cell) for cell in row.cells[width:]):
                yield RawRow(row.number, row.cells[:width], row.flaws)
            else:
                flaw = Flaw("too_many_cells", {"cells": given, "expected": width})
                yield RawRow(row.number, row.cells, (*row.flaws, flaw))
        elif all(is_blank(cell) for cell in row.cells):
            yield row
        else:
            yield RawRow(
                row.number, row.cells, (*row.flaws, Flaw("too_few_cells", {"cells": given, "expected": width}))
            )
