"""Reading one cell as one kind of value: every column gets its parser once, chosen by its field."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Final, Literal

import msgspec

from dayclear.interop.linelist.dates import DateContext, read_date
from dayclear.interop.linelist.facts import Age, AgeUnit
from dayclear.interop.linelist.fields import Field
from dayclear.interop.linelist.identity import as_text, read_case_number, read_id_number, read_phone, read_references
from dayclear.interop.linelist.outcomes import BLANK, Cell, Flaw, FormulaCell, Missing, Outcome, Parsed
from dayclear.interop.linelist.vocabulary import VOCABULARIES, folded, word_means_missing

Parser = Callable[[Cell], Outcome]
SexDigits = Literal["standard", "zero_one"]

OLDEST_YEARS: Final = 120
#: No word for "not known" is longer; longer texts are not looked up.
_LONGEST_MISSING: Final = 24
#: Signs before which our error file, and careful programs, put an apostrophe against formulas.
_GUARDED: Final = frozenset("=+-@\t\r")
_ZERO_WIDTH: Final = str.maketrans("", "", "\u200b\u200c\u200d\ufeff")
_SENTINEL_NUMBERS: Final = frozenset({"-2147483648", "2147483647", "-32768", "-9999", "-999", "-99", "-9", "99999999"})
_SENTINEL_CODES: Final = _SENTINEL_NUMBERS | {"9999", "999", "99", "9"}
_ERROR_VALUES: Final = frozenset({"#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#GETTING_DATA"})
_AGE_UNITS: Final[dict[str, AgeUnit]] = {
    **dict.fromkeys(
        ("", "岁", "周岁", "y", "yr", "yrs", "year", "years", "yo", "y/o", "yearsold", "yearold", "a"), "years"
    ),
    **dict.fromkeys(
        ("月", "月龄", "个月", "个月龄", "個月", "m", "mo", "mos", "mth", "mths", "month", "months", "monthsold"),
        "months",
    ),
    **dict.fromkeys(("周", "周龄", "w", "wk", "wks", "week", "weeks"), "weeks"),
    **dict.fromkeys(("天", "日", "日龄", "d", "day", "days"), "days"),
}
_AGE: Final = re.compile(r"(\d{1,5})(?:\.(\d+))?\s*([^\d\s].*)?")
_AGE_TWO_UNITS: Final = re.compile(r"(\d{1,2})(?:岁|周岁|y)(?:零|又)?(\d{1,2})(?:个月|个月龄|月|m)(?:龄)?")
_MASKED_NAME: Final = re.compile(r"[某*×＊]|[xX]{2,}|[\u4e00-\u9fff][xX]|(?:先生|女士|小姐)$")


class ColumnContext(msgspec.Struct, frozen=True):
    """What a column needs to know beyond the cell.

    `zero_age_unknown`, `ninety_nine_unknown`, `sex_digits`, `prefixes` are learned from the column
    (see `columns.learn`). `words`: raw value, folded → code; None where the user says it means "not known".
    """

    dates: DateContext
    zero_age_unknown: bool = False
    ninety_nine_unknown: bool = False
    sex_digits: SexDigits = "standard"
    prefixes: frozenset[str] = frozenset()
    words: Mapping[str, str | None] = {}


def parser_for(field: Field, context: ColumnContext) -> Parser:
    """The reader of one column. Blank cells, formulas, error values, the user's value map and the
    words for "not known" are dealt with here, before the kind's own reader."""
    read = _reader_of(field, context)
    words = context.words
    is_flag = field.kind == "flag"

    def parse(cell: Cell) -> Outcome:
        if cell is None:
            return BLANK
        if isinstance(cell, FormulaCell):
            return _formula(cell, parse)
        if isinstance(cell, str):
            cell = cell.translate(_ZERO_WIDTH).strip()
            if not cell:
                return BLANK
            if cell[0] == "'" and cell[1:2] in _GUARDED:
                cell = cell[1:]
        outcome = _from_value_map(cell, words, is_flag) if words else None
        if outcome is not None:
            return outcome
        if isinstance(cell, str) and len(cell) <= _LONGEST_MISSING:
            outcome = _no_value(cell, is_flag)
            if outcome is not None:
                return outcome
        return read(cell)

    return parse


def _from_value_map(cell: Cell, words: Mapping[str, str | None], is_flag: bool) -> Outcome | None:
    """What the user said this very value stands for; None where the map does not name it."""
    code = words.get(folded(str(cell)), "")
    if code is None:
        return Missing("value_map")
    if not code:
        return None
    return Parsed(code == "yes") if is_flag else Parsed(code)


def _no_value(text: str, is_flag: bool) -> Outcome | None:
    """Spreadsheet errors and words for "not known"; None where the text may be a value."""
    if text in _ERROR_VALUES:
        return Flaw("spreadsheet_error_value")
    if is_flag and folded(text) in VOCABULARIES["flag"]:
        return None
    reason = word_means_missing(text)
    return Missing(reason) if reason is not None else None


def _formula(cell: FormulaCell, parse: Parser) -> Outcome:
    """The value of the last calculation is used and marked; without one there is nothing to use."""
    if cell.cached is None:
        return Flaw("formula_without_value")
    outcome = parse(cell.cached)
    if isinstance(outcome, Parsed):
        return Parsed(outcome.value, (*outcome.flaws, Flaw("formula_value_used", {"formula": cell.formula[:60]})))
    return outcome


def _reader_of(field: Field, context: ColumnContext) -> Parser:
    kind = field.kind
    if kind in ("date", "birthday", "moment"):
        dates = msgspec.structs.replace(context.dates, birthday=kind == "birthday", keep_instant=kind == "moment")
        return lambda cell: read_date(cell, dates)
    if kind == "references":
        return lambda cell: read_references(cell, context.prefixes)
    if kind == "age":
        return lambda cell: read_age(cell, context)
    if kind == "word":
        return lambda cell: read_word(cell, field.vocabulary, context.sex_digits)
    simple: dict[str, Parser] = {
        "case_number": read_case_number,
        "id_number": read_id_number,
        "phone": read_phone,
        "count": read_count,
        "flag": read_flag,
        "text": read_text,
        "name": read_text,
    }
    return simple[kind]


def read_text(cell: Cell) -> Outcome:
    if isinstance(cell, str):
        return Missing("sentinel_number") if cell in _SENTINEL_NUMBERS else Parsed(cell)
    if isinstance(cell, datetime):
        midnight = cell.hour == cell.minute == cell.second == 0
        return Parsed(cell.date().isoformat() if midnight else cell.isoformat(" ", "minutes"))
    if isinstance(cell, (date, time, timedelta)):
        return Parsed(str(cell))
    text = as_text(cell) or str(cell)
    return Missing("sentinel_number") if text in _SENTINEL_NUMBERS else Parsed(text)


def is_masked_name(name: str) -> bool:
    """张某, 郑XX, 刘先生: the file hides the given name, so that it can't tell two people apart."""
    return _MASKED_NAME.search(name) is not None


def read_age(cell: Cell, context: ColumnContext) -> Outcome:
    """Shape: Parsed holds an `Age`; 0.5 years is 6 months.

    Whether 0 is an infant or "not known" is decided for the column (see `columns.learn`).
    """
    if isinstance(cell, (datetime, date, time, timedelta, bool)) or cell is None or isinstance(cell, FormulaCell):
        return Flaw("age_unreadable")
    text = unicodedata.normalize("NFKC", cell if isinstance(cell, str) else repr(cell)).strip().casefold()
    if text in _SENTINEL_NUMBERS or text in ("999", "9999", "-1", "9999.0", "999.0"):
        return Missing("sentinel_number")
    both = _AGE_TWO_UNITS.fullmatch(text)
    if both is not None:
        years, months = int(both[1]), int(both[2])
        return Parsed(Age(years * 12 + months, "months") if years < 3 else Age(years))
    match = _AGE.fullmatch(text)
    if match is None:
        return Flaw("age_out_of_range") if re.fullmatch(r"-\d+(\.\d+)?", text) else Flaw("age_unreadable")
    unit = _AGE_UNITS.get((match[3] or "").replace(" ", "").rstrip("."))
    if unit is None:
        return Flaw("age_unreadable")
    return _age_of(int(match[1]), match[2], unit, bool(match[3]), context)


def _age_of(number: int, fraction: str | None, unit: AgeUnit, unit_written: bool, context: ColumnContext) -> Outcome:
    if fraction and int(fraction):
        if unit != "years":
            return Flaw("age_unreadable")
        if number < 3:
            return Parsed(Age(round(float(f"{number}.{fraction}") * 12), "months"))
    age = Age(number, unit)
    if number == 0 and not unit_written:
        return Missing("zero_age") if context.zero_age_unknown else Parsed(age, (Flaw("age_zero_kept"),))
    if number == 99 and unit == "years" and context.ninety_nine_unknown:
        return Missing("sentinel_number")
    return Parsed(age) if age.years <= OLDEST_YEARS else Flaw("age_out_of_range")


def read_word(cell: Cell, vocabulary: str, sex_digits: SexDigits = "standard") -> Outcome:
    text = as_text(cell)
    if text is None:
        return Flaw("word_unknown", {"vocabulary": vocabulary})
    word = folded(text)
    if vocabulary == "sex":
        if word.isdigit() and sex_digits == "zero_one":
            return Flaw("sex_unreadable")
        if word == "0":
            return Missing("sentinel_number")
    code = VOCABULARIES[vocabulary].get(word)
    if code is not None:
        return Parsed(code)
    if text in _SENTINEL_CODES:
        return Missing("sentinel_number")
    return Flaw("sex_unreadable") if vocabulary == "sex" else Flaw("word_unknown", {"vocabulary": vocabulary})


def read_flag(cell: Cell) -> Outcome:
    """Shape: Parsed holds a bool."""
    if isinstance(cell, bool):
        return Parsed(cell)
    text = as_text(cell)
    code = VOCABULARIES["flag"].get(folded(text)) if text else None
    if code is not None:
        return Parsed(code == "yes")
    return Missing("sentinel_number") if text in _SENTINEL_CODES else Flaw("flag_unreadable")


def read_count(cell: Cell) -> Outcome:
    text = as_text(cell)
    if text in _SENTINEL_NUMBERS or text in ("9999", "99999"):
        return Missing("sentinel_number")
    match = re.fullmatch(r"(?:共|约)?(\d{1,7})(?:人|名|例|个)?", text) if text else None
    return Parsed(int(match[1])) if match else Flaw("count_unreadable")
