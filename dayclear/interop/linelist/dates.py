"""Days and instants as offices write them, and which of day and month comes first in a column."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Final, Literal

import msgspec

from dayclear.interop.linelist.facts import Moment
from dayclear.interop.linelist.outcomes import Cell, Flaw, Missing, Outcome, Parsed

DateOrder = Literal["day_first", "month_first"]
OrderEvidence = Literal["day_first", "month_first", "contradictory", "undecidable", "not_needed"]

EARLIEST: Final = date(1800, 1, 1)
#: What programs write for "no date": zero of Excel's two calendars and of its 1900 leap-year error,
#: the zero of SQL Server, the largest date of many databases. 1970-01-01, the zero of Unix, only where
#: a birthday is not meant.
SENTINEL_DAYS: Final = frozenset(
    {
        date(1899, 12, 30),
        date(1899, 12, 31),
        date(1900, 1, 1),
        date(1904, 1, 1),
        date(1753, 1, 1),
        date(9999, 12, 31),
        date(9999, 9, 9),
        date(2099, 12, 31),
    }
)
UNIX_ZERO: Final = date(1970, 1, 1)
_EXCEL_1900: Final = date(1899, 12, 30)
_EXCEL_1904: Final = date(1904, 1, 1)
#: Serial numbers are believed from 1927 on, so that ages, counts and years are never taken for days.
_SERIAL_LOW: Final = 10_000
_SERIAL_HIGH: Final = 80_000

_TIME: Final = r"(?:[T\s]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*(Z|[+-]\d{2}:?\d{2}|[AaPp]\.?[Mm]\.?)?)?"
_YEAR_FIRST: Final = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})" + _TIME)
_COMPACT: Final = re.compile(r"(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2})?)?")
_YEAR_LAST: Final = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})" + _TIME)
_CHINESE: Final = re.compile(
    r"(?:(\d{4}|\d{2})年)?(\d{1,2})月(\d{1,2})[日号]?(?:\s*(\d{1,2})[时点:](?:(\d{1,2})(?:分|:\d{2})?)?)?"
)
_NO_YEAR: Final = re.compile(r"(\d{1,2})[-/.](\d{1,2})")
_MONTH_NAME: Final = re.compile(
    r"(?:(\d{1,2})(?:st|nd|rd|th)?[-\s/]+([A-Za-z]{3,9})\.?|([A-Za-z]{3,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?),?[-\s/]+(\d{4}|\d{2})"
)
_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?")
_MONTHS: Final = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
}


class DateContext(msgspec.Struct, frozen=True):
    """What a column needs to know to read its dates.

    `zone`: where a UTC instant becomes a local day. `year`: the year of "12月19日", if the user gave it.
    `order`: which comes first in 03/04/2020; None is undecided. `epoch_1904`: the workbook counts from 1904.
    """

    zone: tzinfo
    order: DateOrder | None = None
    year: int | None = None
    epoch_1904: bool = False
    birthday: bool = False
    keep_instant: bool = False


def read_date(cell: Cell, context: DateContext) -> Outcome:
    """Shape: Parsed holds a `date`, or a `Moment` where the context keeps instants."""
    if isinstance(cell, str):
        return _from_text(cell, context)
    if isinstance(cell, datetime):
        return _from_datetime(cell, context)
    if isinstance(cell, date):
        return _day(cell.year, cell.month, cell.day, None, context)
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return _from_number(float(cell), context)
    return Flaw("date_unreadable")


def order_evidence(cells: Iterable[Cell]) -> OrderEvidence:
    """Which order the values of one column prove: 25/01/2020 can only be day first."""
    day_first = month_first = either = 0
    for cell in cells:
        if not isinstance(cell, str):
            continue
        match = _YEAR_LAST.fullmatch(cell.strip())
        if match is None:
            continue
        first, second = int(match[1]), int(match[2])
        if first > 12 >= second:
            day_first += 1
        elif second > 12 >= first:
            month_first += 1
        elif first != second:
            either += 1
    if day_first and month_first:
        return "contradictory"
    if day_first:
        return "day_first"
    if month_first:
        return "month_first"
    return "undecidable" if either else "not_needed"


def together(one: OrderEvidence, other: OrderEvidence) -> OrderEvidence:
    """What two stretches of the same column prove."""
    for weak in ("not_needed", "undecidable"):
        if one == weak:
            return other
        if other == weak:
            return one
    return one if one == other else "contradictory"


def _from_text(text: str, context: DateContext) -> Outcome:
    text = text.strip()
    if match := _YEAR_FIRST.fullmatch(text):
        year, month, day = int(match[1]), int(match[2]), int(match[3])
        return _with_time(year, month, day, match, 4, context)
    if match := _COMPACT.fullmatch(text):
        return _compact(match, context)
    if match := _CHINESE.fullmatch(text):
        return _chinese(match, context)
    if match := _YEAR_LAST.fullmatch(text):
        return _year_last(match, context)
    if match := _MONTH_NAME.fullmatch(text):
        month = _MONTHS.get((match[2] or match[3])[:3].lower(), 0)
        if month:
            return _day(_full_year(match[5]), month, int(match[1] or match[4]), None, context)
    if _NUMBER.fullmatch(text):
        return _from_number(float(text), context)
    if match := _NO_YEAR.fullmatch(text):
        return Flaw("date_without_year")
    return Flaw("date_unreadable")


def _full_year(text: str) -> int:
    number = int(text)
    return number if len(text) == 4 else number + (2000 if number < 70 else 1900)


def _year_last(match: re.Match[str], context: DateContext) -> Outcome:
    first, second, year = int(match[1]), int(match[2]), _full_year(match[3])
    if first == second:
        return _with_time(year, first, second, match, 4, context)
    if context.order is None:
        if first <= 12 and second <= 12:
            return Flaw("date_order_undecided")
        day, month = (first, second) if first > 12 else (second, first)
    elif context.order == "day_first":
        day, month = first, second
    else:
        day, month = second, first
    return _with_time(year, month, day, match, 4, context)


def _chinese(match: re.Match[str], context: DateContext) -> Outcome:
    year = _full_year(match[1]) if match[1] else context.year
    if year is None:
        return Flaw("date_without_year")
    clock = None
    if match[4] is not None and int(match[4]) < 24 and int(match[5] or 0) < 60:
        clock = time(int(match[4]), int(match[5] or 0))
    return _day(year, int(match[2]), int(match[3]), clock, context)


def _compact(match: re.Match[str], context: DateContext) -> Outcome:
    clock = None
    if match[4] is not None and int(match[4]) < 24 and int(match[5]) < 60:
        clock = time(int(match[4]), int(match[5]))
    return _day(int(match[1]), int(match[2]), int(match[3]), clock, context)


def _with_time(year: int, month: int, day: int, match: re.Match[str], group: int, context: DateContext) -> Outcome:
    """Adds the time of day of a numeric form; a zone turns it into the local day."""
    if match[group] is None:
        return _day(year, month, day, None, context)
    hour, minute, second = int(match[group]), int(match[group + 1]), int(match[group + 2] or 0)
    zone = match[group + 4]
    if zone and zone[0] in "AaPp":
        if not 1 <= hour <= 12:
            return Flaw("date_impossible")
        hour = hour % 12 + (12 if zone[0] in "Pp" else 0)
        zone = None
    try:
        if zone is None:
            return _day(year, month, day, time(hour, minute, second), context)
        normal = "+00:00" if zone == "Z" else zone if ":" in zone else zone[:3] + ":" + zone[3:]
        instant = datetime.fromisoformat(
            f"{year:04d}-{month:02d}-{day:02d}T{hour:02d}:{minute:02d}:{second:02d}{normal}"
        )
    except ValueError:
        return Flaw("date_impossible")
    return _from_datetime(instant, context)


def _from_datetime(value: datetime, context: DateContext) -> Outcome:
    if value.tzinfo is not None:
        try:
            value = value.astimezone(context.zone)
        except OverflowError:
            return Missing("sentinel_date")
    return _day(value.year, value.month, value.day, value.time(), context)


def _from_number(number: float, context: DateContext) -> Outcome:
    if number in (0.0, -2147483648.0, 9999.0, 99999999.0, -1.0, 999.0, 9999999.0):
        return Missing("sentinel_number")
    if number.is_integer() and 17530101 <= number <= 99991231:
        match = _COMPACT.fullmatch(str(int(number)))
        if match is not None:
            return _compact(match, context)
    if not _SERIAL_LOW <= number <= _SERIAL_HIGH:
        return Missing("sentinel_date") if number in (1.0, 2.0) else Flaw("date_unreadable")
    base = _EXCEL_1904 if context.epoch_1904 else _EXCEL_1900
    day = base + timedelta(days=int(number))
    minutes, second = divmod(round((number % 1) * 86400) % 86400, 60)
    return _day(day.year, day.month, day.day, time(minutes // 60, minutes % 60, second), context)


def _day(year: int, month: int, day: int, clock: time | None, context: DateContext) -> Outcome:
    try:
        value = date(year, month, day)
    except ValueError:
        return Flaw("date_impossible")
    if value in SENTINEL_DAYS or (value == UNIX_ZERO and not context.birthday):
        return Missing("sentinel_date")
    if value < EARLIEST:
        return Flaw("date_before_1800")
    if not context.keep_instant:
        return Parsed(value)
    if clock is None or (clock.hour == 0 and clock.minute == 0 and clock.second == 0):
        return Parsed(Moment(value))
    return Parsed(Moment(value, datetime.combine(value, clock, tzinfo=context.zone)))
