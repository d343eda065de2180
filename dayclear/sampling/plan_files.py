"""The two lists of the planner as csv: where people live, and where points may stand."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from dayclear.foundation.decisions import Decision, Reason, Refused, refuse
from dayclear.sampling.csv_text import decoded
from dayclear.sampling.rules.planning import Candidate, Community

Row = TypeVar("Row", Community, Candidate)

# As lists are headed in Chinese.
_CHINESE = {
    "名称": "name",
    "人数": "people",
    "纬度": "latitude",
    "经度": "longitude",
    "编号": "code",
    "通道数": "lanes",
}
_TOLD = 20


def read_communities(content: bytes) -> list[Community]:
    """Columns: name, people, latitude, longitude. Raises: Refused (see `_read`)."""

    def row(cell: Mapping[str, str]) -> Community:
        return Community(cell["name"], _whole(cell, "people", 0), *_degrees(cell))

    return _read(content, ("name", "people", "latitude", "longitude"), row)


def read_candidates(content: bytes) -> list[Candidate]:
    """Columns: code, name, latitude, longitude, lanes. Raises: Refused (see `_read`)."""

    def row(cell: Mapping[str, str]) -> Candidate:
        return Candidate(cell["code"], cell["name"], *_degrees(cell), _whole(cell, "lanes", 1))

    return _read(content, ("code", "name", "latitude", "longitude", "lanes"), row)


def _read(content: bytes, columns: Sequence[str], row: Callable[[Mapping[str, str]], Row]) -> list[Row]:
    """Every row, or none of them.

    Raises: Refused (`list_unreadable`, `list_columns_missing`, and `list_line_bad` for each of the first bad lines).
    """
    lines = csv.DictReader(io.StringIO(_text(content), newline=""))
    try:
        lines.fieldnames = [_CHINESE.get(name.strip(), name.strip().lower()) for name in lines.fieldnames or ()]
        if not set(columns) <= set(lines.fieldnames):
            raise Refused(refuse("list_columns_missing", columns=", ".join(columns)))
        rows, bad = [], []
        for line in lines:
            try:
                rows.append(row({name: (line[name] or "").strip() for name in columns}))
            except _Bad as wrong:
                bad.append(Reason("list_line_bad", {"line": lines.line_num, "column": wrong.column}))
    except csv.Error as error:
        raise Refused(refuse("list_unreadable")) from error
    if bad:
        raise Refused(Decision(tuple(bad[:_TOLD])))
    return rows


class _Bad(Exception):
    def __init__(self, column: str) -> None:
        self.column = column


def _text(content: bytes) -> str:
    text = decoded(content)
    if text is None:
        raise Refused(refuse("list_unreadable"))
    return text


def _whole(cell: Mapping[str, str], column: str, least: int) -> int:
    text = cell[column]
    if not text.isascii() or not text.isdecimal() or len(text) > 8 or int(text) < least:
        raise _Bad(column)
    return int(text)


def _degrees(cell: Mapping[str, str]) -> tuple[float, float]:
    return _degree(cell, "latitude", 90), _degree(cell, "longitude", 180)


def _degree(cell: Mapping[str, str], column: str, most: float) -> float:
    try:
        degrees = float(cell[column])
    except ValueError as error:
        raise _Bad(column) from error
    # Written so that what is no number fails too.
    if not -most <= degrees <= most:
        raise _Bad(column)
    return degrees
