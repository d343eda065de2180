"""Which case numbers and identity numbers a file has had so far, in memory that does not grow with the file."""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Final, Self

import msgspec

#: Facts that make two rows of one case agree or contradict each other.
COMPARED: Final = (
    "person_name",
    "sex",
    "age",
    "born_on",
    "id_number",
    "residence",
    "province",
    "prefecture",
    "county",
    "classification",
    "onset_on",
    "rash_on",
    "positive_on",
    "confirmed_on",
    "reported_on",
    "died_on",
)


class FirstSeen(msgspec.Struct, frozen=True):
    """Where a number came first. Shape: `digests` aligned with `COMPARED`, 0 = not stated."""

    row: int
    sheet: str
    rejected: bool
    digests: array[int]
    row_digest: int


class SeenRows:
    """An index over the rows read so far, used as a context manager.

    It keeps digests, never the facts themselves, in a temporary database of SQLite: pages beyond its small
    cache go to an unnamed file that vanishes with the process. Digests are salted by the interpreter and
    mean nothing outside this run. `many_sheets`: numbers are compared across sheets too.
    """

    def __init__(self, *, many_sheets: bool = False) -> None:
        self.many_sheets = many_sheets
        self._database = sqlite3.connect("", isolation_level=None)
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-16000", "locking_mode=EXCLUSIVE"):
            self._database.execute(f"PRAGMA {pragma}")
        self._database.execute(
            "CREATE TABLE seen (key INTEGER PRIMARY KEY, row INTEGER, sheet TEXT, rejected INTEGER,"
            " digests BLOB, row_digest INTEGER)"
        )
        self._database.execute("BEGIN")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._database.close()

    def find(self, *key: str) -> FirstSeen | None:
        found = self._database.execute(
            "SELECT row, sheet, rejected, digests, row_digest FROM seen WHERE key = ?", (hash(key),)
        ).fetchone()
        if found is None:
            return None
        digests = array("q")
        digests.frombytes(found[3])
        return FirstSeen(found[0], found[1], bool(found[2]), digests, found[4])

    def add_if_new(self, key: tuple[str, ...], first: FirstSeen) -> bool:
        """True where the key was new and is now kept."""
        cursor = self._database.execute(
            "INSERT OR IGNORE INTO seen VALUES (?, ?, ?, ?, ?, ?)",
            (hash(key), first.row, first.sheet, first.rejected, first.digests.tobytes(), first.row_digest),
        )
        return cursor.rowcount == 1

    def replace(self, key: tuple[str, ...], first: FirstSeen) -> None:
        self._database.execute(
            "INSERT OR REPLACE INTO seen VALUES (?, ?, ?, ?, ?, ?)",
            (hash(key), first.row, first.sheet, first.rejected, first.digests.tobytes(), first.row_digest),
        )


def digests_of(values: Mapping[str, Any]) -> array[int]:
    """Shape: one number per name of `COMPARED`."""
    return array("q", [hash(values[name]) if name in values else 0 for name in COMPARED])


def differing(first: Sequence[int], second: Sequence[int]) -> tuple[str, ...]:
    """The compared facts that both state and state differently."""
    return tuple(
        name for name, one, other in zip(COMPARED, first, second, strict=True) if one and other and one != other
    )


def merged(first: array[int], second: array[int]) -> array[int]:
    """What both rows together state."""
    return array("q", [one or other for one, other in zip(first, second, strict=True)])
