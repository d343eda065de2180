"""The fields a line list can carry, the headers they go by, and the mapping from columns to fields."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final, Literal

import msgspec

from dayclear.interop.linelist.headers import HEADERS
from dayclear.interop.linelist.table import column_letters
from dayclear.interop.linelist.vocabulary import folded

FieldKind = Literal[
    "case_number",
    "name",
    "age",
    "date",
    "birthday",
    "moment",
    "id_number",
    "phone",
    "references",
    "count",
    "flag",
    "word",
    "text",
]


class Field(msgspec.Struct, frozen=True):
    """One canonical field.

    `visit`: belongs to a place visited, not to the case. `joins`: several columns may feed it, joined by line.
    `person`: stating it makes a row tell of a person or an illness, so that it is no mere continuation.
    `strict`: an unreadable value keeps the row out, because counts by day depend on it.
    """

    name: str
    kind: FieldKind
    vocabulary: str = ""
    visit: bool = False
    joins: bool = False
    person: bool = False
    strict: bool = False


#: Columns that our own error file adds: recognised when a mended file comes back, and left aside.
OWN_HEADERS: Final = ("dayclear 工作表/sheet", "dayclear 行号/row", "dayclear 问题", "dayclear problem")
_OWN_COLUMNS: Final = frozenset(folded(header) for header in OWN_HEADERS)

FIELDS: Final[dict[str, Field]] = {
    field.name: field
    for field in (
        Field("case_number", "case_number", strict=True),
        Field("person_name", "name"),
        Field("sex", "word", vocabulary="sex", person=True),
        Field("age", "age", person=True),
        Field("born_on", "birthday", person=True),
        Field("id_number", "id_number", person=True),
        Field("phone", "phone"),
        Field("occupation", "text"),
        Field("residence", "text", person=True),
        Field("province", "text", person=True),
        Field("prefecture", "text", person=True),
        Field("county", "text", person=True),
        Field("township", "text", person=True),
        Field("community", "text"),
        Field("address", "text"),
        Field("place_code", "text"),
        Field("disease", "word", vocabulary="disease"),
        Field("classification", "word", vocabulary="classification", person=True),
        Field("severity", "word", vocabulary="severity", person=True),
        Field("symptoms", "text", joins=True),
        Field("onset_on", "date", person=True, strict=True),
        Field("onset_place", "text"),
        Field("rash_on", "date", person=True, strict=True),
        Field("sampled_on", "date", person=True),
        Field("positive_on", "date", person=True, strict=True),
        Field("confirmed_on", "date", person=True, strict=True),
        Field("reported_on", "date", person=True, strict=True),
        Field("hospital", "text"),
        Field("admitted_on", "date"),
        Field("isolated_on", "date", person=True),
        Field("quarantine_type", "word", vocabulary="quarantine_type"),
        Field("how_found", "word", vocabulary="how_found", person=True),
        Field("found_by_screening", "flag"),
        Field("under_order_when_found", "flag"),
        Field("outcome", "word", vocabulary="outcome", person=True),
        Field("died_on", "date", person=True, strict=True),
        Field("discharged_on", "date"),
        Field("contact_of", "references"),
        Field("relation", "text"),
        Field("household", "text"),
        Field("exposed_from_on", "date"),
        Field("exposed_to_on", "date"),
        Field("exposure", "text", joins=True),
        Field("left_area_on", "date"),
        Field("left_area", "text"),
        Field("contacts_count", "count"),
        Field("review_state", "text"),
        Field("text", "text", joins=True),
        Field("notes", "text", joins=True),
        Field("source_urls", "text", joins=True),
        Field("visit_on", "moment", visit=True),
        Field("visit_started", "moment", visit=True),
        Field("visit_ended", "moment", visit=True),
        Field("visit_place", "text", visit=True),
        Field("visit_from", "text", visit=True),
        Field("visit_to", "text", visit=True),
        Field("visit_transport", "text", visit=True),
        Field("visit_vehicle", "text", visit=True),
        Field("visit_event", "text", visit=True),
    )
}


def _synonyms() -> dict[str, tuple[str, float]]:
    table: dict[str, tuple[str, float]] = {}
    for field in FIELDS.values():
        strong, _, weak = HEADERS[field.name].partition("|")
        for names, confidence in ((strong, 1.0), (weak, 0.5)):
            for name in names.split():
                known = table.get(folded(name))
                if known is not None and known[0] != field.name:
                    raise ValueError(f"header {name!r} stands for both {known[0]} and {field.name}")
                table.setdefault(folded(name), (field.name, confidence))
    return table


_SYNONYMS: Final = _synonyms()
_TRAILING_NUMBER: Final = re.compile(r"\d{1,2}$")
_FORMAT_HINT: Final = re.compile(r"[(（\[【].*?[)）\]】]")


class ColumnGuess(msgspec.Struct, frozen=True):
    """Shape: `index` counts from 0; `confidence` 1.0 = the header is known, less = a likely reading,
    0.0 = not recognised, `field` empty."""

    index: int
    header: str
    field: str
    confidence: float


class ColumnMapping(msgspec.Struct, frozen=True):
    """Which column feeds which field. Shape: one guess per column, in the file's order."""

    columns: tuple[ColumnGuess, ...]

    def fields(self) -> dict[str, tuple[int, ...]]:
        """Shape: field name → column indexes, left to right."""
        found: dict[str, list[int]] = {}
        for guess in self.columns:
            if guess.field:
                found.setdefault(guess.field, []).append(guess.index)
        return {name: tuple(indexes) for name, indexes in found.items()}

    def unmapped(self) -> tuple[str, ...]:
        return tuple(guess.header for guess in self.columns if not guess.field and not is_own_column(guess.header))


class UnknownField(ValueError):
    """A mapping names a field that does not exist, or a column the table does not have."""


def is_own_column(header: str) -> bool:
    return folded(header) in _OWN_COLUMNS


def recognise(header: str) -> tuple[str, float]:
    """Shape: (field, confidence); ("", 0.0) for a header that is not known."""
    if is_own_column(header):
        return "", 0.0
    whole = _SYNONYMS.get(folded(header))
    if whole is not None:
        return whole
    without_hint = folded(_FORMAT_HINT.sub("", header).lstrip("*＊ "))
    near = _SYNONYMS.get(without_hint)
    if near is not None:
        return near[0], near[1] * 0.9
    near = _SYNONYMS.get(_TRAILING_NUMBER.sub("", without_hint))
    if near is not None and FIELDS[near[0]].joins:
        return near[0], near[1] * 0.8
    return "", 0.0


def map_columns(headers: Sequence[str | None], chosen: Mapping[str, str | None] | None = None) -> ColumnMapping:
    """Proposes a field for each column; `chosen` (header → field, or None for "leave aside") goes before it.

    A field that takes one column goes to the surest header, the leftmost of equals; the others stay unmapped.
    A column without a header goes by its letter: "column C".
    Raises: UnknownField where `chosen` names no field or no column.
    """
    names = [header or f"column {column_letters(index)}" for index, header in enumerate(headers)]
    known = {folded(name) for name in names}
    overrides: dict[str, str] = {}
    for header, target in (chosen or {}).items():
        if target and target not in FIELDS:
            raise UnknownField(target)
        if folded(header) not in known:
            raise UnknownField(header)
        overrides[folded(header)] = target or ""
    guesses: list[ColumnGuess] = []
    for index, name in enumerate(names):
        if folded(name) in overrides:
            guesses.append(ColumnGuess(index, name, overrides[folded(name)], 2.0))
        else:
            guesses.append(ColumnGuess(index, name, *recognise(name)))
    best: dict[str, ColumnGuess] = {}
    for guess in guesses:
        if guess.field and (guess.field not in best or guess.confidence > best[guess.field].confidence):
            best[guess.field] = guess
    settled = (
        guess
        if not guess.field or FIELDS[guess.field].joins or best[guess.field] is guess
        else ColumnGuess(guess.index, guess.header, "", 0.0)
        for guess in guesses
    )
    return ColumnMapping(tuple(ColumnGuess(g.index, g.header, g.field, min(g.confidence, 1.0)) for g in settled))
