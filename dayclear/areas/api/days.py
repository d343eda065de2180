"""Days and instants that a write may name."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from pydantic import AfterValidator

_YEARS = range(2000, 2100)


def _near(value: date) -> date:
    """A day or an instant that calendars here can count from."""
    if value.year not in _YEARS:
        raise ValueError(f"a year from {_YEARS.start} to {_YEARS.stop - 1}")
    if isinstance(value, datetime) and value.tzinfo is None:
        raise ValueError("an instant carries its offset, as +08:00")
    return value


Day = Annotated[date, AfterValidator(_near)]
Instant = Annotated[datetime, AfterValidator(_near)]
