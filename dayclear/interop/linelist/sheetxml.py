"""The XML of one worksheet as lines of cells, by a streaming parser that refuses entities."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import IO, Final
from xml.parsers import expat  # entity declarations raise below, as defusedxml does

from openpyxl.utils.cell import column_index_from_string

from dayclear.interop.linelist.outcomes import Cell, FormulaCell
from dayclear.interop.linelist.table import RawRow

_CHUNK: Final = 1 << 16
#: Columns beyond this are not read: a stray cell in column XFD would make its line 16,384 cells wide.
MOST_COLUMNS: Final = 512
_LAST_SERIAL: Final = 2_958_465
_Value = str | int | float | bool | datetime | date | timedelta | None


class EntityFound(ValueError):
    """The XML declares entities: no spreadsheet program writes any, attacks do."""


class SheetBroken(ValueError):
    """The XML is not well-formed."""


def _new_parser() -> expat.XMLParserType:
    def refuse(*_: object) -> int:
        raise EntityFound

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.EntityDeclHandler = refuse
    parser.UnparsedEntityDeclHandler = refuse
    parser.ExternalEntityRefHandler = refuse
    return parser


def read_cells(
    stream: IO[bytes],
    texts: Sequence[str],
    date_styles: frozenset[str],
    span_styles: frozenset[str],
    epoch_1904: bool,
) -> Iterator[RawRow]:
    """Shape: rows as far as the file names them, numbered as it does; no padding behind the last filled cell."""
    sheet = _Sheet(texts, date_styles, span_styles, epoch_1904)
    parser = _new_parser()
    parser.StartElementHandler = sheet.start
    parser.EndElementHandler = sheet.end
    parser.CharacterDataHandler = sheet.text
    try:
        while chunk := stream.read(_CHUNK):
            parser.Parse(chunk, False)
            yield from sheet.take()
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise SheetBroken(str(error)) from error
    yield from sheet.take()


def read_shared_texts(archive: zipfile.ZipFile, part: str) -> tuple[str, ...]:
    """The workbook's table of texts, furigana and pinyin guides left out."""
    shared = _SharedTexts()
    parser = _new_parser()
    parser.StartElementHandler = shared.start
    parser.EndElementHandler = shared.end
    parser.CharacterDataHandler = shared.text
    with archive.open(part) as stream:
        try:
            while chunk := stream.read(_CHUNK):
                parser.Parse(chunk, False)
            parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise SheetBroken(str(error)) from error
    return tuple(shared.texts)


class _SharedTexts:
    def __init__(self) -> None:
        self.texts: list[str] = []
        self._pieces: list[str] = []
        self._in_text = False
        self._in_guide = False

    def start(self, name: str, _: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        if local == "si":
            self._pieces.clear()
        elif local == "rPh":
            self._in_guide = True
        elif local == "t":
            self._in_text = not self._in_guide

    def end(self, name: str) -> None:
        local = name.rpartition(":")[2]
        if local == "t":
            self._in_text = False
        elif local == "rPh":
            self._in_guide = False
        elif local == "si":
            self.texts.append("".join(self._pieces))

    def text(self, data: str) -> None:
        if self._in_text:
            self._pieces.append(data)


class _Sheet:
    """The state of the pass: which cell of which row is open, and what was read of it."""

    def __init__(
        self, texts: Sequence[str], date_styles: frozenset[str], span_styles: frozenset[str], epoch_1904: bool
    ) -> None:
        self._texts = texts
        self._date_styles = date_styles
        self._span_styles = span_styles
        self._base = datetime(1904, 1, 1) if epoch_1904 else datetime(1899, 12, 30)  # noqa: DTZ001  a day on paper
        self._columns: dict[str, int] = {}
        self._done: list[RawRow] = []
        self._row = 0
        self._cells: list[Cell] = []
        self._index = -1
        self._type = "n"
        self._style = ""
        self._value: str | None = None
        self._formula: str | None = None
        self._pieces: list[str] | None = None
        self._in_guide = False

    def take(self) -> list[RawRow]:
        done, self._done = self._done, []
        return done

    def start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        if local == "c":
            self._open_cell(attributes)
        elif local in ("v", "f", "t"):
            if not self._in_guide:
                self._pieces = []
        elif local == "row":
            self._row = int(attributes.get("r") or self._row + 1)
            self._cells = []
            self._index = -1
        elif local == "rPh":
            self._in_guide = True

    def text(self, data: str) -> None:
        if self._pieces is not None:
            self._pieces.append(data)

    def end(self, name: str) -> None:
        local = name.rpartition(":")[2]
        if local == "c":
            self._close_cell()
        elif local in ("v", "t"):
            if self._pieces is not None:
                self._value = (self._value or "") + "".join(self._pieces)
                self._pieces = None
        elif local == "f":
            self._formula = "".join(self._pieces or ()) or "(shared)"
            self._pieces = None
        elif local == "row":
            self._done.append(RawRow(self._row, tuple(self._cells)))
        elif local == "rPh":
            self._in_guide = False

    def _open_cell(self, attributes: dict[str, str]) -> None:
        reference = attributes.get("r", "")
        letters = reference.rstrip("0123456789")
        if letters:
            index = self._columns.get(letters)
            if index is None:
                index = self._columns[letters] = column_index_from_string(letters) - 1
            self._index = index
        else:
            self._index += 1
        self._type = attributes.get("t", "n")
        self._style = attributes.get("s", "")
        self._value = None
        self._formula = None

    def _close_cell(self) -> None:
        if self._index >= MOST_COLUMNS or (self._value is None and self._formula is None):
            return
        value = self._typed(self._value)
        cell: Cell = FormulaCell(self._formula, value) if self._formula is not None else value
        cells = self._cells
        if len(cells) < self._index:
            cells.extend([None] * (self._index - len(cells)))
        if len(cells) == self._index:
            cells.append(cell)
        else:
            cells[self._index] = cell

    def _typed(self, text: str | None) -> _Value:
        if text is None:
            return None
        kind = self._type
        if kind == "s":
            return self._texts[int(text)]
        if kind in ("inlineStr", "str", "e"):
            return text or None
        if kind == "b":
            return text == "1"
        if kind == "d":
            return datetime.fromisoformat(text)
        if not text:
            return None
        number: int | float = float(text) if any(sign in text for sign in ".eE") else int(text)
        if self._style in self._date_styles and 0 <= number <= _LAST_SERIAL:
            return self._base + timedelta(days=number)
        if self._style in self._span_styles and 0 <= number <= _LAST_SERIAL:
            return timedelta(days=number)
        return number
