"""xlsx workbooks: their sheets, shared texts, date styles, and the lines of a sheet.

The sheet's XML is read in one streaming pass that keeps the formula *and* its last value: a library that
gives only one of them would have to read every sheet twice, and would take a formula's value for a fact.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from xml.etree.ElementTree import Element, ParseError

import defusedxml.ElementTree
import msgspec
from defusedxml.common import DefusedXmlException
from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format
from openpyxl.utils.cell import column_index_from_string

from dayclear.interop.linelist.heading import MergedRange
from dayclear.interop.linelist.refusal import LineListRefused
from dayclear.interop.linelist.sheetxml import EntityFound, read_cells, read_shared_texts
from dayclear.interop.linelist.table import RawRow

_MAIN: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_LINKS: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_PACKAGE: Final = "{http://schemas.openxmlformats.org/package/2006/relationships}"
_MERGED: Final = re.compile(rb'<(?:\w+:)?mergeCell [^>]*?ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
_CHUNK: Final = 1 << 20
_OVERLAP: Final = 256
_MOST_MERGED: Final = 200_000
_BROKEN: Final = (zipfile.BadZipFile, ParseError, KeyError, ValueError, EOFError, NotImplementedError)


class SheetPart(msgspec.Struct, frozen=True):
    """One sheet as the workbook lists it. Shape: `part` is its name inside the zip file."""

    name: str
    hidden: bool
    part: str


class WorkbookParts(msgspec.Struct, frozen=True):
    """What all sheets share. Shape: `texts` by their number; `date_styles`, `span_styles`: numbers of cell
    styles that show a date, or a length of time."""

    sheets: tuple[SheetPart, ...]
    epoch_1904: bool
    texts: tuple[str, ...]
    date_styles: frozenset[str]
    span_styles: frozenset[str]


def open_workbook(path: Path) -> WorkbookParts:
    """Raises: LineListRefused (xlsx_broken, xml_entities)."""
    try:
        with zipfile.ZipFile(path) as archive:
            book = _tree(archive, "xl/workbook.xml")
            settings = None if book is None else book.find(f"{_MAIN}workbookPr")
            shared = _part(archive, "xl/sharedStrings.xml")
            date_styles, span_styles = _styles(archive)
            with_1904 = settings is not None and settings.get("date1904") in ("1", "true")
            texts = read_shared_texts(archive, shared) if shared else ()
            return WorkbookParts(_sheets(archive, book), with_1904, texts, date_styles, span_styles)
    except (DefusedXmlException, EntityFound) as error:
        raise LineListRefused("xml_entities") from error
    except _BROKEN as error:
        raise LineListRefused("xlsx_broken", detail=_short(error)) from error


def merged_ranges(path: Path, sheet: SheetPart) -> tuple[MergedRange, ...]:
    """They stand behind the cells in a sheet's XML, but are needed before them: one quick search, no parsing."""
    merged: list[MergedRange] = []
    kept = b""
    try:
        with zipfile.ZipFile(path) as archive, archive.open(sheet.part) as stream:
            while chunk := stream.read(_CHUNK):
                window = kept + chunk
                end = 0
                for match in _MERGED.finditer(window):
                    left, right = (column_index_from_string(match[group].decode()) - 1 for group in (1, 3))
                    merged.append(MergedRange(int(match[2]), left, int(match[4]), right))
                    end = match.end()
                if len(merged) > _MOST_MERGED:
                    raise LineListRefused("too_many_merged_cells", limit=_MOST_MERGED)
                kept = window[max(end, len(window) - _OVERLAP) :]
    except _BROKEN as error:
        raise LineListRefused("xlsx_broken", detail=_short(error)) from error
    return tuple(merged)


def read_sheet_rows(path: Path, book: WorkbookParts, sheet: SheetPart) -> Iterator[RawRow]:
    """Shape: one row per line that the sheet has anything about; formula cells as `FormulaCell`.

    Raises: LineListRefused while reading, where the XML breaks off.
    """
    try:
        with zipfile.ZipFile(path) as archive, archive.open(sheet.part) as stream:
            yield from read_cells(stream, book.texts, book.date_styles, book.span_styles, book.epoch_1904)
    except EntityFound as error:
        raise LineListRefused("xml_entities") from error
    except _BROKEN as error:
        raise LineListRefused("xlsx_broken", detail=_short(error)) from error


def _part(archive: zipfile.ZipFile, name: str) -> str:
    """The part's name as the archive writes it; empty where it has none."""
    return next((part for part in archive.namelist() if part.lower() == name.lower()), "")


def _tree(archive: zipfile.ZipFile, name: str) -> Element | None:
    part = _part(archive, name)
    root: Element | None = defusedxml.ElementTree.fromstring(archive.read(part)) if part else None
    return root


def _sheets(archive: zipfile.ZipFile, book: Element | None) -> tuple[SheetPart, ...]:
    """Shape: worksheets in the workbook's order; chart sheets are left out."""
    links = _tree(archive, "xl/_rels/workbook.xml.rels")
    if book is None or links is None:
        raise LineListRefused("xlsx_broken", detail="workbook.xml.rels")
    targets = {link.get("Id"): link.get("Target", "") for link in links.iter(f"{_PACKAGE}Relationship")}
    found = []
    for sheet in book.iter(f"{_MAIN}sheet"):
        target = targets.get(sheet.get(f"{_LINKS}id"), "")
        part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        if "/worksheets/" in part:
            found.append(SheetPart(sheet.get("name", ""), sheet.get("state", "visible") != "visible", part))
    return tuple(found)


def _styles(archive: zipfile.ZipFile) -> tuple[frozenset[str], frozenset[str]]:
    """Shape: (numbers of date styles, numbers of styles for a length of time)."""
    styles = _tree(archive, "xl/styles.xml")
    if styles is None:
        return frozenset(), frozenset()
    formats: dict[int, str] = dict(BUILTIN_FORMATS)
    # Excel's Chinese built-in dates (yyyy"年"m"月"d"日" and its like) have numbers and no format text in the file.
    formats.update({number: "yyyy-mm-dd" for number in (*range(27, 32), 36, *range(50, 59))})
    for form in styles.iter(f"{_MAIN}numFmt"):
        formats[int(form.get("numFmtId", "0"))] = form.get("formatCode", "")
    cells = styles.find(f"{_MAIN}cellXfs")
    dates, spans = set(), set()
    for number, style in enumerate(cells if cells is not None else ()):
        code = formats.get(int(style.get("numFmtId", "0")), "General")
        if is_timedelta_format(code):
            spans.add(str(number))
        elif is_date_format(code):
            dates.add(str(number))
    return frozenset(dates), frozenset(spans)


def _short(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:120]
