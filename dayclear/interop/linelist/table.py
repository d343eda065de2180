"""A sheet as a table: which line is the header, and the lines under it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from dayclear.interop.linelist.outcomes import Cell, Flaw


class RawRow(msgspec.Struct, frozen=True):
    """One line as it stands in the file. Shape: `number` counts from 1 as the user's spreadsheet does;
    `flaws` are what reading the file already found wrong with this line."""

    number: int
    cells: tuple[Cell, ...]
    flaws: tuple[Flaw, ...] = ()


class HeaderNote(msgspec.Struct, frozen=True):
    """Something about the header that was mended or needs the user's eye. Shape: a code of `messages.NOTES`."""

    code: str
    params: dict[str, str | int] = {}


class Table(msgspec.Struct, frozen=True):
    """A header and the lines under it. `rows` can be run through once."""

    name: str
    headers: tuple[str, ...]
    header_row: int
    rows: Iterator[RawRow]
    notes: tuple[HeaderNote, ...] = ()
    epoch_1904: bool = False

    def column_name(self, index: int) -> str:
        """The header, or "column C" where it has none."""
        return self.headers[index] or f"column {column_letters(index)}"


def column_letters(index: int) -> str:
    """Shape: 0 → A, 26 → AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def is_blank(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip(" \t\r\n\u3000\u200b\ufeff\xa0"))
