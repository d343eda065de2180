"""Delimited text: which encoding, which delimiter, and its lines one by one."""

from __future__ import annotations

import codecs
import csv
import re
from collections import Counter, deque
from collections.abc import Iterator
from io import TextIOWrapper
from itertools import islice
from pathlib import Path
from typing import Final

import charset_normalizer
import msgspec

from dayclear.interop.linelist.fields import recognise
from dayclear.interop.linelist.outcomes import Flaw
from dayclear.interop.linelist.refusal import LineListRefused
from dayclear.interop.linelist.table import RawRow

DELIMITERS: Final = (",", "\t", ";", "|", "，", "；", "^")
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
#: Tried in this order; of those that fit the whole file the one that shows the most known headers is taken.
_CANDIDATES: Final = ("utf-8", "gb18030", "big5", "shift_jis", "euc_kr")
#: Fit almost any bytes, so that they are only asked when nothing else comes near.
_SINGLE_BYTE: Final = ("cp1252", "cp1251")
_CHUNK: Final = 1 << 20
_SAMPLE_LINES: Final = 60
_LONGEST_LINE: Final = 2_000_000
#: A quoted cell may hold line breaks; a record of more lines is a quote that was never closed.
_MOST_LINES_PER_RECORD: Final = 200
#: Share of undecodable bytes above which an encoding is out of the question.
_TOLERATED_ERRORS: Final = 0.001
#: What Python makes of a byte that does not fit the encoding.
_BAD_BYTE: Final = re.compile("[\udc80-\udcff]")


class TextFormat(msgspec.Struct, frozen=True):
    """Shape: `undecodable`: how many bytes don't fit the encoding; their rows are rejected."""

    encoding: str
    delimiter: str
    undecodable: int = 0


class _Runaway(Exception):
    """A record that swallows line after line."""


def sniff_text(path: Path, encoding: str | None = None, delimiter: str | None = None) -> TextFormat:
    """Raises: LineListRefused (encoding_unknown, one_column)."""
    undecodable = 0
    if encoding is None:
        encoding, undecodable = _sniff_encoding(path)
    return TextFormat(encoding, delimiter or _sniff_delimiter(path, encoding), undecodable)


def read_text_rows(path: Path, text_format: TextFormat) -> Iterator[RawRow]:
    """Shape: one row per record, blank lines included, numbered as a spreadsheet numbers them."""
    with path.open(encoding=text_format.encoding, errors="surrogateescape", newline="") as file:
        if file.readline(_LONGEST_LINE).strip().lower() not in ("sep=" + text_format.delimiter, "sep=\\t"):
            file.seek(0)
        lines = _Lines(file, looks_for_bad_bytes=text_format.undecodable > 0)
        reader = csv.reader(lines, delimiter=text_format.delimiter)
        number = 0
        while True:
            lines.begin()
            number += 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except (_Runaway, csv.Error):
                first = lines.keep_first_line_only()
                reader = csv.reader(lines, delimiter=text_format.delimiter)
                code = "quote_never_closed" if '"' in first else "field_too_large"
                yield RawRow(
                    number,
                    tuple(first.rstrip("\r\n").split(text_format.delimiter)),
                    (Flaw(code, {"line": lines.first_line}),),
                )
                continue
            yield RawRow(number, tuple(cells), _line_flaws(cells, lines) if lines.is_suspect else ())


def _line_flaws(cells: list[str], lines: _Lines) -> tuple[Flaw, ...]:
    text = "".join(cells)
    if "\x00" in text:
        return (Flaw("nul_bytes", {"line": lines.first_line}),)
    bad = _BAD_BYTE.findall(text)
    if not bad:
        return ()
    shown = " ".join(f"{ord(sign) - 0xDC00:02X}" for sign in bad[:8])
    return (Flaw("undecodable_bytes", {"line": lines.first_line, "bytes": shown}),)


class _Lines:
    """Feeds a CSV reader and remembers the lines of the record it is on, so that a quote that is never
    closed costs one row and not the rest of the file."""

    def __init__(self, file: TextIOWrapper, looks_for_bad_bytes: bool) -> None:
        self._file = file
        self._looks_for_bad_bytes = looks_for_bad_bytes
        self._waiting: deque[str] = deque()
        self._record: list[str] = []
        self._lines_given = 0
        self.first_line = 1
        self.is_suspect = False

    def begin(self) -> None:
        """A new record starts with the next line."""
        self._record.clear()
        self.is_suspect = False
        self.first_line = self._lines_given + 1

    def keep_first_line_only(self) -> str:
        """Gives up the record: its first line is returned, the others will be read anew."""
        first, *others = self._record
        self._waiting.extendleft(reversed(others))
        self._lines_given -= len(others)
        self._record = [first]
        return first

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._waiting.popleft() if self._waiting else self._file.readline(_LONGEST_LINE)
        if not line:
            if len(self._record) > 1 and sum(one.count('"') for one in self._record) % 2:
                raise _Runaway
            raise StopIteration
        if len(line) >= _LONGEST_LINE:
            raise LineListRefused("line_too_long", line=self._lines_given + 1, limit=_LONGEST_LINE)
        self._record.append(line)
        self._lines_given += 1
        if len(self._record) > _MOST_LINES_PER_RECORD:
            raise _Runaway
        if "\x00" in line or (self._looks_for_bad_bytes and _BAD_BYTE.search(line)):
            self.is_suspect = True
        return line


def _sniff_encoding(path: Path) -> tuple[str, int]:
    with path.open("rb") as file:
        start = file.read(65_536)
    for mark, name in _BOMS:
        if start.startswith(mark):
            return name, _count_errors(path, name)[0]
    zeros = start[1::2].count(0), start[0::2].count(0)
    if max(zeros) > len(start) // 8:
        return ("utf-16-le" if zeros[0] > zeros[1] else "utf-16-be"), 0
    errors = {"utf-8": _count_errors(path, "utf-8")}
    if not errors["utf-8"][0]:
        return "utf-8", 0
    if _has_lone_letters(start) and not _count_errors(path, _SINGLE_BYTE[0])[0]:
        return _SINGLE_BYTE[0], 0
    errors |= {name: _count_errors(path, name) for name in _CANDIDATES[1:]}
    fitting = [name for name, (count, _) in errors.items() if not count]
    if fitting:
        return max(fitting, key=lambda name: (_known_headers(start, name), -_CANDIDATES.index(name))), 0
    name = min(("utf-8", "gb18030"), key=lambda one: errors[one][0])
    count, position = errors[name]
    if count <= max(8, _TOLERATED_ERRORS * path.stat().st_size) and _other_letters(start, name) > 4 * count:
        return name, count
    single = [one for one in _SINGLE_BYTE if not _count_errors(path, one)[0] and _known_headers(start, one)]
    if single:
        return max(single, key=lambda one: _known_headers(start, one)), 0
    guess = charset_normalizer.from_bytes(start).best()
    if guess is not None and not _count_errors(path, guess.encoding)[0]:
        return guess.encoding, 0
    raise LineListRefused("encoding_unknown", line=_line_of(path, position), byte=_byte_at(path, position))


def _has_lone_letters(start: bytes) -> bool:
    """Whether bytes beyond ASCII mostly stand alone, as é in Orléans; in East Asian codes they come in pairs."""
    runs = re.findall(rb"[\x80-\xff]+", start)
    return sum(1 for run in runs if len(run) == 1) * 2 > len(runs)


def _other_letters(start: bytes, encoding: str) -> int:
    """How many characters beyond ASCII the encoding makes good sense of."""
    return sum(1 for sign in start.decode(encoding, errors="ignore") if sign > "\x7f")


def _count_errors(path: Path, encoding: str) -> tuple[int, int]:
    """Shape: (undecodable bytes, place of the first in the file). Stops counting where the encoding is hopeless."""
    decoder = codecs.getincrementaldecoder(encoding)(errors="strict")
    enough = max(1000, int(path.stat().st_size * _TOLERATED_ERRORS) + 1)
    count, first, offset = 0, -1, 0
    with path.open("rb") as file:
        while True:
            chunk = file.read(_CHUNK)
            try:
                decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                first = offset + error.start if first < 0 else first
                text = error.object.decode(encoding, errors="surrogateescape")
                count += max(1, len(_BAD_BYTE.findall(text)))
                decoder.reset()
                if count > enough:
                    break
            if not chunk:
                break
            offset += len(chunk)
    return count, first


def _known_headers(start: bytes, encoding: str) -> int:
    first_lines = start.decode(encoding, errors="replace").splitlines()[:10]
    return max(
        (
            sum(1 for name in line.split(mark) if recognise(name.strip('" '))[1] > 0)
            for line in first_lines
            for mark in DELIMITERS
        ),
        default=0,
    )


def _line_of(path: Path, position: int) -> int:
    with path.open("rb") as file:
        return file.read(max(0, position)).count(b"\n") + 1


def _byte_at(path: Path, position: int) -> str:
    with path.open("rb") as file:
        file.seek(max(0, position))
        return file.read(1).hex().upper()


def _sniff_delimiter(path: Path, encoding: str) -> str:
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        lines = [line for line in (file.readline(_LONGEST_LINE) for _ in range(_SAMPLE_LINES)) if line.strip()]
    if not lines:
        raise LineListRefused("file_empty")
    declared = lines[0].strip()
    if declared.lower().startswith("sep=") and len(declared) in (5, 6):
        return "\t" if declared[4:] == "\\t" else declared[4]
    scores = {mark: _score(lines, mark) for mark in DELIMITERS}
    best = max(DELIMITERS, key=lambda mark: scores[mark])
    if scores[best][1] < 2:
        raise LineListRefused("one_column", header=lines[0].strip()[:60])
    return best


def _score(lines: list[str], delimiter: str) -> tuple[int, int, float]:
    """Shape: (known headers, usual number of columns or 1, share of lines that have it); more is better."""
    try:
        records = [record for record in islice(csv.reader(lines, delimiter=delimiter), _SAMPLE_LINES) if record]
    except csv.Error:
        return 0, 1, 0.0
    widths = Counter(len(record) for record in records)
    width, times = max(widths.items(), key=lambda item: (item[1], item[0]))
    header = max(records, key=lambda record: sum(1 for name in record if recognise(name)[1] > 0))
    known = sum(1 for name in header if recognise(name)[1] > 0) if len(header) > 1 else 0
    share = times / len(records)
    usual = len(header) if known >= 2 else width if share > 0.5 else 1
    return known, usual, share
