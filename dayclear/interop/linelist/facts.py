"""What one row of a line list says, once read: typed facts, and notes on what could not be believed."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

import msgspec

Sex = Literal["male", "female", "other"]
AgeUnit = Literal["years", "months", "weeks", "days"]
RowKind = Literal["case", "continuation", "duplicate", "rejected", "skipped"]
Severity = Literal["error", "warning"]

_DAYS_PER_UNIT: dict[AgeUnit, float] = {"years": 365.25, "months": 30.4375, "weeks": 7.0, "days": 1.0}


class Age(msgspec.Struct, frozen=True):
    """An age as it was written: infants are given in months, weeks or days."""

    number: int
    unit: AgeUnit = "years"

    @property
    def years(self) -> int:
        """Units: completed years."""
        if self.unit == "years":
            return self.number
        return int(self.number * _DAYS_PER_UNIT[self.unit] / _DAYS_PER_UNIT["years"])


class Moment(msgspec.Struct, frozen=True):
    """A local day, and the instant when the file gave a meaningful time of day."""

    on: date
    at: datetime | None = None


class Visit(msgspec.Struct, frozen=True, omit_defaults=True):
    """One place visited or one leg of a journey."""

    started: Moment | None = None
    ended: Moment | None = None
    place: str | None = None
    from_place: str | None = None
    to_place: str | None = None
    transport: str | None = None
    vehicle: str | None = None
    event: str | None = None


class CaseFacts(msgspec.Struct, frozen=True, omit_defaults=True):
    """Shape: one attribute per field of `fields.FIELDS` that belongs to the case; None is "not stated"."""

    case_number: str | None = None
    person_name: str | None = None
    name_masked: bool = False
    sex: Sex | None = None
    age: Age | None = None
    born_on: date | None = None
    id_number: str | None = None
    phone: str | None = None
    occupation: str | None = None
    residence: str | None = None
    province: str | None = None
    prefecture: str | None = None
    county: str | None = None
    township: str | None = None
    community: str | None = None
    address: str | None = None
    place_code: str | None = None
    disease: str | None = None
    classification: str | None = None
    severity: str | None = None
    symptoms: str | None = None
    onset_on: date | None = None
    onset_place: str | None = None
    rash_on: date | None = None
    sampled_on: date | None = None
    positive_on: date | None = None
    confirmed_on: date | None = None
    reported_on: date | None = None
    hospital: str | None = None
    admitted_on: date | None = None
    isolated_on: date | None = None
    quarantine_type: str | None = None
    how_found: str | None = None
    found_by_screening: bool | None = None
    under_order_when_found: bool | None = None
    outcome: str | None = None
    died_on: date | None = None
    discharged_on: date | None = None
    contact_of: tuple[str, ...] = ()
    contact_words: str | None = None
    relation: str | None = None
    household: str | None = None
    exposed_from_on: date | None = None
    exposed_to_on: date | None = None
    exposure: str | None = None
    left_area_on: date | None = None
    left_area: str | None = None
    contacts_count: int | None = None
    review_state: str | None = None
    text: str | None = None
    notes: str | None = None
    source_urls: str | None = None

    def stated(self) -> dict[str, Any]:
        """Shape: field name → value, only of what the row states, in declaration order."""
        return {
            name: value
            for name in self.__struct_fields__
            if (value := getattr(self, name)) is not None and value is not False and value != ()
        }


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something wrong in a row. An error keeps the row out; a warning drops or annotates one value.

    Shape: `column` is the header as the file has it; `value` the cell as text, cut to 120 characters.
    """

    code: str
    severity: Severity
    field: str = ""
    column: str = ""
    value: str = ""
    params: dict[str, str | int] = {}


class MissingNote(msgspec.Struct, frozen=True):
    """A cell that is filled, yet says "not known" (a sentinel such as 9999 or 不详)."""

    field: str
    column: str
    raw: str
    reason: str


class CaseRow(msgspec.Struct, frozen=True, omit_defaults=True):
    """One row of the file, whatever became of it.

    Shape: `row_number` counts as the user's spreadsheet does: the first line of the sheet is 1.
    `kind`: case = a case of its own; continuation = further visits (and perhaps facts) of the case
    in row `first_row`; duplicate = says again what row `first_row` said; rejected = has an error;
    skipped = a heading, total or note line, `problems` holds the reason.
    `case_key`: loose comparison key of the case number (see `identity.case_number_key`), or, where
    there is no number, a digest of the facts: the same row gives the same key at every import.
    `cells`: the row as written, aligned with the headers, for the error file.
    """

    row_number: int
    sheet: str
    kind: RowKind
    facts: CaseFacts
    case_key: str = ""
    visits: tuple[Visit, ...] = ()
    missing: tuple[MissingNote, ...] = ()
    problems: tuple[Problem, ...] = ()
    first_row: int = 0
    first_sheet: str = ""
    cells: tuple[Any, ...] = ()
