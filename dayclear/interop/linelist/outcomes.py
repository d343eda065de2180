"""What reading one cell can come to: a value, a word for "not known", or a flaw."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import msgspec


class FormulaCell(msgspec.Struct, frozen=True):
    """A spreadsheet cell that holds a formula, and the value its last calculation left, if any."""

    formula: str
    cached: str | int | float | bool | datetime | date | time | timedelta | None


Cell = str | int | float | bool | datetime | date | time | timedelta | FormulaCell | None


class Flaw(msgspec.Struct, frozen=True):
    """Shape: a code of `problems.py` and what its message needs besides row, column and value."""

    code: str
    params: dict[str, str | int] = {}


class Parsed(msgspec.Struct, frozen=True):
    """A value that may be used; `flaws` are warnings that go with it."""

    value: Any
    flaws: tuple[Flaw, ...] = ()


class Missing(msgspec.Struct, frozen=True):
    """The cell says that the value is not known. `reason`: blank, word, sentinel_number, sentinel_date,
    masked, zero_age, mark, overflow_marks."""

    reason: str


Outcome = Parsed | Missing | Flaw

BLANK = Missing("blank")
