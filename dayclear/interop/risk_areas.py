"""Reading files of published risk-area lists: hourly snapshots of what was high and medium risk.

Columns: snapshot_hour, level, province, city, county, area_name, community; csv or csv.gz; hours are local.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import TextIO

from dayclear.areas.commands.published import ListedArea, ListsStored, store_lists
from dayclear.areas.queries import STRICTEST_FIRST
from dayclear.areas.rules.published import HOLE
from dayclear.foundation.actors import Actor
from dayclear.foundation.clock import local_zone
from dayclear.foundation.decisions import Refused, refuse
from dayclear.places.queries import gazetteer
from dayclear.places.rules import Gazetteer

_COLUMNS = ("snapshot_hour", "level", "province", "city", "county", "community")
# How the lists write "counties directly under the province" and a prefecture without counties.
_HEADINGS = ("省直辖县级行政单位", "自治区直辖县级行政单位", "市辖区")
_NAME_LENGTH = 400
# What no list of areas can say, however often it is taken; the page explains each.
CANNOT_TELL = ("infections", "rounds", "hours_between", "renamed", "ground")


@dataclass(slots=True)
class Lists:
    """The snapshots of a file, and what was odd about them.

    `twice` counts areas under both levels in one snapshot (the stricter is taken); `coarse` are counties that the
    register does not know, placed in the place above; `silences` are spans of more than a day without a snapshot.
    """

    snapshots: list[tuple[datetime, dict[ListedArea, str]]] = field(default_factory=list)
    rows: int = 0
    twice: int = 0
    coarse: list[str] = field(default_factory=list)
    silences: list[tuple[datetime, datetime]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ListsImported:
    """What an import of lists did, and what the lists cannot tell."""

    stored: ListsStored
    rows: int
    twice: int
    coarse: tuple[str, ...]
    silences: tuple[tuple[datetime, datetime], ...]
    cannot_tell: tuple[str, ...] = CANNOT_TELL


def import_risk_areas(file: Path, disease: str, *, by: Actor, now: datetime) -> ListsImported:
    """Read a file of lists and keep the lives of its areas. The same file twice changes nothing.

    Raises: Refused (`bad_snapshot_row`, `places_missing`, and what `areas.commands.published.store_lists` says).
    """
    lists = read_lists(file)
    stored = store_lists(lists.snapshots, disease, by=by, now=now)
    return ListsImported(stored, lists.rows, lists.twice, tuple(lists.coarse), tuple(lists.silences))


def read_lists(file: Path) -> Lists:
    """The snapshots of a file, in order of time. Raises: Refused (`bad_snapshot_row`, `places_missing`)."""
    places = gazetteer()
    lists = Lists()
    by_hour: dict[datetime, dict[ListedArea, str]] = {}
    located: dict[tuple[str, str, str], tuple[int, str]] = {}
    for line, row in _rows(file):
        at = _hour(row["snapshot_hour"], line)
        if row["level"] not in STRICTEST_FIRST or not row["community"]:
            raise Refused(
                refuse("bad_snapshot_row", line=line, value=f"{row['level']} {row['community']}".strip()[:80])
            )
        county = (row["province"], row["city"], row["county"])
        if county not in located:
            located[county] = _locate(places, county, lists)
        key = ListedArea(*located[county], row["community"][:_NAME_LENGTH])
        listed = by_hour.setdefault(at, {})
        before = listed.get(key, row["level"])
        lists.twice += before != row["level"]
        listed[key] = min(before, row["level"], key=STRICTEST_FIRST.index)
        lists.rows += 1
    lists.snapshots = sorted(by_hour.items())
    hours = [at for at, _listed in lists.snapshots]
    lists.silences = [(one, next_) for one, next_ in pairwise(hours) if next_ - one > HOLE]
    return lists


def _rows(file: Path) -> Iterator[tuple[int, dict[str, str]]]:
    with _open(file) as text:
        reader = csv.DictReader(text)
        if not set(_COLUMNS) <= set(reader.fieldnames or ()):
            raise Refused(refuse("bad_snapshot_row", line=1, value=",".join(reader.fieldnames or ())[:80]))
        for line, row in enumerate(reader, 2):
            yield line, {name: (row[name] or "").strip() for name in _COLUMNS}


def _open(file: Path) -> TextIO:
    if file.suffix == ".gz":
        return gzip.open(file, "rt", encoding="utf-8-sig", newline="")
    return file.open(encoding="utf-8-sig", newline="")


def _hour(text: str, line: int) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(refuse("bad_snapshot_row", line=line, value=text[:40])) from None
    return at if at.tzinfo else at.replace(tzinfo=local_zone())


def _locate(places: Gazetteer, county: tuple[str, str, str], lists: Lists) -> tuple[int, str]:
    """Where a county lies, and its name as written. One the register does not know counts for the place above it."""
    parts = [part for part in county if part not in _HEADINGS]
    found = places.locate("".join(parts))
    if not found.number:
        raise Refused(refuse("places_missing"))
    if found.rest:
        lists.coarse.append(" ".join(parts))
    return found.number, parts[-1]
