"""Bringing the official code tables in."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TextIO

from django.db import connection
from pypinyin import Style, lazy_pinyin

from dayclear.foundation.actors import Actor
from dayclear.foundation.areas import area_of, from_code, level_of
from dayclear.foundation.database import copy_staging
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.events import record
from dayclear.foundation.rules import Right
from dayclear.places.rules import is_placeholder

_COLUMNS = ("number", "last", "level", "code", "name", "full_name", "pinyin", "initials")
# Coarse before fine, so that a place's full name can be put together from those above it.
_TABLES = ("provinces", "cities", "areas", "streets", "villages")
_NAME_LENGTH = 120
_Row = tuple[int, int, int, str, str, str, str, str]


@dataclass(frozen=True, slots=True)
class PlacesImported:
    """What an import of code tables did. `by_level` counts the places of the tables by depth."""

    files: tuple[str, ...]
    places: int
    created: int
    renamed: int
    by_level: dict[int, int]


def import_code_tables(
    folder: Path, *, by: Actor, now: datetime, progress: Callable[[int], None] | None = None
) -> PlacesImported:
    """Read `provinces`, `cities`, `areas`, `streets` (and `villages`) tables of a folder into the register.

    Files are csv or csv.gz with the columns `code` and `name`. Known places keep their number and take the new name;
    nothing is removed. Everything or nothing. `progress` is told how many places have been read after each file.
    Raises: Refused (`right_missing`, `whole_installation_only`, `no_code_tables`, `bad_code_row`).
    """
    by.require(Right.MANAGE_ACCOUNTS)
    by.require_everywhere()
    found = (folder / f"{table}{ending}" for table in _TABLES for ending in (".csv", ".csv.gz"))
    files = [file for file in found if file.exists()]
    if not files:
        raise Refused(refuse("no_code_tables", folder=str(folder), expected="provinces.csv, cities.csv, areas.csv, …"))
    names: dict[int, tuple[str, str]] = {}
    for file in files:
        for code, name in _read(file):
            names[from_code(code)] = (code, name)
        if progress is not None:
            progress(len(names))
    created, renamed = _write([_row(number, code, name, names) for number, (code, name) in sorted(names.items())])
    by_level: dict[int, int] = {}
    for number in names:
        by_level[level_of(number)] = by_level.get(level_of(number), 0) + 1
    outcome = PlacesImported(tuple(file.name for file in files), len(names), created, renamed, by_level)
    record(
        "places.tables_imported",
        "places.register:0",
        by=by,
        at=now,
        area=0,
        payload={"files": list(outcome.files), "places": outcome.places, "created": created, "renamed": renamed},
    )
    return outcome


def _read(file: Path) -> Iterator[tuple[str, str]]:
    with _open(file) as text:
        reader = csv.DictReader(text)
        if not {"code", "name"} <= set(reader.fieldnames or ()):
            raise Refused(refuse("bad_code_row", file=file.name, line=1, value=",".join(reader.fieldnames or ())))
        for line, row in enumerate(reader, 2):
            code, name = (row["code"] or "").strip(), (row["name"] or "").strip()
            try:
                from_code(code)
            except ValueError:
                raise Refused(refuse("bad_code_row", file=file.name, line=line, value=code)) from None
            if not name or len(name) > _NAME_LENGTH:
                raise Refused(refuse("bad_code_row", file=file.name, line=line, value=name))
            yield code, name


def _open(file: Path) -> TextIO:
    if file.suffix == ".gz":
        return gzip.open(file, "rt", encoding="utf-8-sig", newline="")
    return file.open(encoding="utf-8-sig", newline="")


def _row(number: int, code: str, name: str, names: dict[int, tuple[str, str]]) -> _Row:
    level = level_of(number)
    above = []
    for size in (2, 4, 6, 9):
        if size < len(code):
            parent = names.get(from_code(code[:size]))
            if parent and not is_placeholder(parent[1]):
                above.append(parent[1])
    pinyin = "".join(lazy_pinyin(name))
    initials = "".join(lazy_pinyin(name, style=Style.FIRST_LETTER))
    return number, area_of(number).hi, level, code, name, "".join([*above, name]), pinyin[:300], initials[:60]


def _write(rows: list[_Row]) -> tuple[int, int]:
    staging = copy_staging("places_place", _COLUMNS, rows)
    names = ", ".join(_COLUMNS)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH written AS (
                INSERT INTO places_place AS p ({names}) SELECT {names} FROM {staging}
                ON CONFLICT (number) DO UPDATE SET name = excluded.name, full_name = excluded.full_name,
                    pinyin = excluded.pinyin, initials = excluded.initials
                WHERE p.full_name <> excluded.full_name
                RETURNING xmax = 0 AS fresh)
            SELECT count(*) FILTER (WHERE fresh), count(*) FILTER (WHERE NOT fresh) FROM written
            """  # noqa: S608 - names from code
        )
        created, renamed = cursor.fetchone()
        cursor.execute(f"DROP TABLE {staging}")
    return created, renamed
