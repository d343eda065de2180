"""What the user settled about a file, kept as JSON with the import: how to read it, and what its rows are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from dayclear.foundation.actors import Actor
from dayclear.foundation.clock import local_zone
from dayclear.interop.linelist.columns import ReadOptions
from dayclear.interop.linelist.reading import ReadPlan
from dayclear.interop.translate import Reading
from dayclear.places.queries import gazetteer


class ImportPlan(msgspec.Struct, frozen=True, omit_defaults=True):
    """The settled choices.

    Shape: `columns` sheet ("" for all) → header → field ("" leaves the column aside); `value_map` field → word → code.
    `disease` holds for rows that name none, `classification` for rows that are not classified; `place` (18 digits,
    0: the place of the person importing) answers for cases that live elsewhere or nowhere known; `numbering` says whose
    case numbers these are.
    """

    disease: str
    numbering: str = ""
    classification: str = "confirmed"
    place: int = 0
    sheets: tuple[str, ...] = ()
    columns: dict[str, dict[str, str]] = {}
    header_rows: dict[str, int] = {}
    value_map: dict[str, dict[str, str]] = {}
    date_order: Literal["day_first", "month_first"] | None = None
    zero_age: Literal["auto", "unknown", "infant"] = "auto"
    year: int | None = None
    encoding: str | None = None
    delimiter: str | None = None

    def read_plan(self) -> ReadPlan:
        """How to read the file."""
        options = ReadOptions(
            zone=local_zone(),
            year=self.year,
            date_order=self.date_order,
            zero_age=self.zero_age,
            value_map=self.value_map,
        )
        return ReadPlan(options=options, sheets=self.sheets, mappings=dict(self.columns), header_rows=self.header_rows)

    def reading(self, by: Actor) -> Reading:
        """What its rows become, for this actor."""
        return Reading(
            disease=self.disease,
            numbering=self.numbering,
            responsible=self.place if self.place and self.place in by.area else by.area.lo,
            within=by.area,
            classification=self.classification,
            gazetteer=gazetteer(),
        )

    def as_json(self) -> dict[str, Any]:
        return dict(msgspec.to_builtins(self))

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> ImportPlan:
        """Raises: msgspec.ValidationError."""
        return msgspec.convert(dict(value), cls)
