"""The kinds of value a pack may hold; each is written with its unit.

`7 days`, `2 hours`, `days 1, 2, 3`, `2 per week`, `Ct 35`, `day 5 after last_exposure`:
an official reads them as sentences, and a number without a unit is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StringConstraints,
)
from pydantic_core import PydanticCustomError

_HOURS_IN = {"minute": 1 / 60, "hour": 1.0, "day": 24.0}
_NUMBER_UNIT = re.compile(r"^(\d+(?:\.\d+)?) ([a-z]+?)s?$")
_DAY_NUMBERS = re.compile(r"^days? (\d+(?:, ?\d+)*)$")
_ANCHORED = re.compile(r"^day (-?\d+) after ([a-z][a-z_]*)$")
_WINDOW = re.compile(r"^(?:(\d+) days? before|at) ([a-z][a-z_]*)$")
_FREQUENCY = re.compile(r"^(\d+) per (hour|day|week)$")
_CT = re.compile(r"^Ct (\d+)$")
_CLOCK = re.compile(r"^([01]\d|2[0-4]):([0-5]\d)$")


class Block(BaseModel):
    """A block of a pack: frozen, and with no key that is not declared."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Label(Block):
    """What readers see, in both languages."""

    en: str
    zh: str


@dataclass(frozen=True)
class AnchoredDay:
    """The n-th calendar day after an event; day 0 is the day of the event."""

    day: int
    anchor: str

    def __str__(self) -> str:
        return f"day {self.day} after {self.anchor}"


@dataclass(frozen=True)
class WindowStart:
    """When a person becomes able to infect: some days before an event, or at it."""

    days_before: int
    anchor: str

    def __str__(self) -> str:
        if not self.days_before:
            return f"at {self.anchor}"
        return f"{self.days_before} days before {self.anchor}"


@dataclass(frozen=True)
class Frequency:
    times: int
    per: str

    def __str__(self) -> str:
        return f"{self.times} per {self.per}"


def split_quantity(value: object) -> tuple[object, str]:
    """The value and its unit as data, for lists and JSON: `7 days` → (7, "day")."""
    if isinstance(value, bool):
        return value, "yes/no"
    if isinstance(value, date):
        return value.isoformat(), "date"
    if isinstance(value, tuple):
        return list(value), "code"
    if not isinstance(value, str):
        return value, "number"
    if match := _NUMBER_UNIT.match(value):
        number = float(match[1])
        return int(number) if number.is_integer() else number, match[2]
    if match := _DAY_NUMBERS.match(value):
        return [int(each) for each in match[1].split(",")], "day of the phase"
    if match := _CT.match(value):
        return int(match[1]), "Ct"
    if _FREQUENCY.match(value):
        return value, "times per period"
    if _ANCHORED.match(value) or _WINDOW.match(value):
        return value, "day"
    if _CLOCK.match(value):
        return value, "time of day"
    return value, "code"


def _wrong_unit(value: object, example: str) -> PydanticCustomError:
    return PydanticCustomError("wrong_unit", "wrong unit", {"value": str(value), "example": example})


def _number_of(unit: str) -> BeforeValidator:
    example = f"2 {unit}s"

    def read(value: Any) -> Any:
        match = _NUMBER_UNIT.match(value) if isinstance(value, str) else None
        if match is None or match[2] != unit or "." in match[1]:
            raise _wrong_unit(value, example)
        return int(match[1])

    return BeforeValidator(read)


def _duration(value: Any) -> Any:
    match = _NUMBER_UNIT.match(value) if isinstance(value, str) else None
    if match is None or match[2] not in _HOURS_IN:
        raise _wrong_unit(value, "2 hours")
    try:
        return timedelta(hours=float(match[1]) * _HOURS_IN[match[2]])
    except OverflowError:
        raise _wrong_unit(value, "2 hours") from None


def _day_numbers(value: Any) -> Any:
    match = _DAY_NUMBERS.match(value) if isinstance(value, str) else None
    if match is None:
        raise _wrong_unit(value, "days 1, 2, 3")
    return tuple(int(each) for each in match[1].split(","))


def _ascending(value: tuple[int, ...]) -> tuple[int, ...]:
    if list(value) != sorted(set(value)):
        text = ", ".join(str(each) for each in value)
        raise PydanticCustomError("days_not_ascending", "order", {"value": text})
    return value


def _anchored(value: Any) -> Any:
    match = _ANCHORED.match(value) if isinstance(value, str) else None
    if match is None:
        raise _wrong_unit(value, "day 5 after first_exposure")
    return AnchoredDay(int(match[1]), match[2])


def _window(value: Any) -> Any:
    match = _WINDOW.match(value) if isinstance(value, str) else None
    if match is None:
        raise _wrong_unit(value, "2 days before onset")
    return WindowStart(int(match[1] or 0), match[2])


def _frequency(value: Any) -> Any:
    match = _FREQUENCY.match(value) if isinstance(value, str) else None
    if match is None:
        raise _wrong_unit(value, "2 per week")
    return Frequency(int(match[1]), match[2])


def _ct(value: Any) -> Any:
    match = _CT.match(value) if isinstance(value, str) else None
    if match is None:
        raise _wrong_unit(value, "Ct 35")
    return int(match[1])


def _clock(value: Any) -> Any:
    match = _CLOCK.match(value) if isinstance(value, str) else None
    if match is None:
        raise _wrong_unit(value, "02:00")
    return int(match[1]) * 60 + int(match[2])


def _day(value: Any) -> Any:
    if type(value) is not date:
        raise PydanticCustomError("bad_date", "date", {"value": str(value)})
    return value


Days = Annotated[int, _number_of("day")]
"""Calendar days, counted; not a duration of 24-hour pieces."""
Months = Annotated[int, _number_of("month")]
Years = Annotated[int, _number_of("year")]
Tests = Annotated[int, _number_of("test")]
Rounds = Annotated[int, _number_of("round")]
Cases = Annotated[int, _number_of("case")]
Rows = Annotated[int, _number_of("row")]
Rooms = Annotated[int, _number_of("room")]
Persons = Annotated[int, _number_of("person")]
Coaches = Annotated[int, _number_of("vehicle")]
Drivers = Annotated[int, _number_of("driver")]
Weeks = Annotated[int, _number_of("week")]
Kinds = Annotated[int, _number_of("kind")]
CycleThreshold = Annotated[int, BeforeValidator(_ct)]
TimeOfDay = Annotated[int, BeforeValidator(_clock)]
"""Minutes after midnight."""
Duration = Annotated[timedelta, BeforeValidator(_duration)]
DayNumbers = Annotated[tuple[int, ...], BeforeValidator(_day_numbers), AfterValidator(_ascending)]
Anchored = Annotated[AnchoredDay, BeforeValidator(_anchored)]
Start = Annotated[WindowStart, BeforeValidator(_window)]
Often = Annotated[Frequency, BeforeValidator(_frequency)]
Day = Annotated[date, BeforeValidator(_day)]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", strict=True)]
Codes = Annotated[tuple[Code, ...], Field(min_length=1)]
YesNo = StrictBool
