"""Numbers that name a case or a person: case numbers, references to cases, identity numbers, phones."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Final

import msgspec

from dayclear.interop.linelist.facts import Sex
from dayclear.interop.linelist.outcomes import Cell, Flaw, Missing, Outcome, Parsed

#: A spreadsheet keeps 15 digits of a number; whatever stood behind them is gone.
_KEPT_DIGITS: Final = 10**15
_SCIENTIFIC: Final = re.compile(r"[+-]?\d(?:\.\d+)?[eE]\+?\d{1,3}")
_SEPARATORS: Final = re.compile(r"[/、,，;；|\s]+|和|及|与|或者|或")
_PLAIN_NUMBER: Final = re.compile(r"[A-Za-z]{0,8}[-_#]?\d[\dA-Za-z\-_]*")
_EMBEDDED: Final = re.compile(
    r"(?<![\dA-Za-z])([A-Za-z]{1,8}-?\d{1,10}(?:-\d{1,6})?|\d{6,14}(?:-\d{1,6})?)(?![\dA-Za-z])"
)
_LIKE_A_DAY: Final = re.compile(r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])")
_CHECK_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_SIGNS: Final = "10X98765432"
_CN_18: Final = re.compile(r"\d{17}[\dX]")
_CN_15: Final = re.compile(r"\d{15}")
_OTHER_DOCUMENT: Final = re.compile(r"(?=.*\d)[A-Z0-9()\-]{5,20}")
_PHONE: Final = re.compile(r"\+?\d{5,15}(?:[-x]\d{1,6})?")


class CaseReferences(msgspec.Struct, frozen=True):
    """Shape: `numbers` as written, each once, in order; `words` is the cell where it says more than numbers;
    `unnamed`: the cell says that there is such a case, and no more (有)."""

    numbers: tuple[str, ...] = ()
    words: str | None = None
    unnamed: bool = False


class ResidentNumber(msgspec.Struct, frozen=True):
    """What a Chinese resident identity number says of its holder."""

    number: str
    born_on: date
    sex: Sex


def as_text(cell: Cell) -> str | None:
    """The cell as a code, as the user meant it: 551000001.0 is 551000001. None: digits are lost for good."""
    if isinstance(cell, str):
        text = unicodedata.normalize("NFKC", cell).strip()
        return None if _SCIENTIFIC.fullmatch(text) else text
    if isinstance(cell, bool):
        return str(int(cell))
    if isinstance(cell, int):
        return str(cell) if abs(cell) < _KEPT_DIGITS else None
    if isinstance(cell, float):
        if cell.is_integer():
            return str(int(cell)) if abs(cell) < _KEPT_DIGITS else None
        return repr(cell)
    return str(cell)


def case_number_key(number: str) -> str:
    """The loose form by which two writings of one case number are compared.

    A spreadsheet drops the leading zeros of 0533000018, and people differ in case and width.
    Two numbers that differ only so are the same within a sheet; across sheets the writing decides.
    """
    text = unicodedata.normalize("NFKC", number).strip().upper()
    if text.isdigit():
        return text.lstrip("0") or "0"
    return text


def read_case_number(cell: Cell) -> Outcome:
    text = as_text(cell)
    if text is None:
        return Flaw("case_number_digits_lost")
    if text in ("-2147483648", "2147483647"):
        return Missing("sentinel_number")
    if not any(sign.isdigit() for sign in text):
        return Flaw("case_number_without_digit")
    return Parsed(text)


def read_references(cell: Cell, prefixes: frozenset[str] = frozenset()) -> Outcome:
    """Which cases a "contact of" cell names.

    `prefixes`: the letters that this file's own case numbers begin with, upper case; a lettered number
    inside a sentence ("family of TJ9") counts only with one of them.
    """
    text = as_text(cell)
    if text is None:
        return Flaw("contact_of_words")
    if text in ("-2147483648", "2147483647", "9999", "99999"):
        return Missing("sentinel_number")
    if text in ("有", "是", "yes", "Yes", "YES", "Y", "y", "√"):
        return Parsed(CaseReferences(unnamed=True), (Flaw("contact_unnamed"),))
    tokens = [token for token in _SEPARATORS.split(text) if token]
    has_words = not all(_is_number(token, text, prefixes) for token in tokens)
    numbers = _numbers_in_words(text, prefixes) if has_words else tokens
    unique = tuple(dict.fromkeys(numbers))
    if not has_words:
        return Parsed(CaseReferences(unique)) if unique else Missing("mark")
    flaw = () if unique else (Flaw("contact_of_words"),)
    return Parsed(CaseReferences(unique, text), flaw)


def _is_number(token: str, text: str, prefixes: frozenset[str]) -> bool:
    if not _PLAIN_NUMBER.fullmatch(token):
        return False
    return token[0].isdigit() or token == text or _prefix(token) in prefixes


def _numbers_in_words(text: str, prefixes: frozenset[str]) -> list[str]:
    """Case numbers inside a sentence: never a day (20200130), a clock time or a count of people."""
    found = (match[1] for match in _EMBEDDED.finditer(text))
    return [
        number
        for number in found
        if (_prefix(number) in prefixes if number[0].isalpha() else not _LIKE_A_DAY.fullmatch(number))
    ]


def _prefix(number: str) -> str:
    letters = []
    for sign in number:
        if not sign.isalpha():
            break
        letters.append(sign)
    return "".join(letters).upper()


def prefix_of(number: str) -> str:
    """The letters a case number begins with, upper case; empty where it begins with a digit."""
    return _prefix(unicodedata.normalize("NFKC", number).strip())


def check_sign(first_17: str) -> str:
    """Source: GB 11643-1999 (ISO 7064 MOD 11-2)."""
    return _CHECK_SIGNS[sum(int(digit) * weight for digit, weight in zip(first_17, _CHECK_WEIGHTS, strict=True)) % 11]


def resident_number(number: str) -> ResidentNumber | None:
    """Reads an 18- or 15-digit number; None where its birth date does not exist or its check sign is wrong."""
    if _CN_18.fullmatch(number):
        if check_sign(number[:17]) != number[17]:
            return None
        digits, sex_digit = number[6:14], number[16]
    elif _CN_15.fullmatch(number):
        digits, sex_digit = "19" + number[6:12], number[14]
    else:
        return None
    try:
        born_on = date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return None
    return ResidentNumber(number, born_on, "male" if int(sex_digit) % 2 else "female")


def read_id_number(cell: Cell) -> Outcome:
    """Any identity document; the Chinese resident number is checked."""
    text = as_text(cell)
    if text is None:
        return Flaw("id_number_digits_lost")
    text = text.upper().lstrip("'").replace(" ", "")
    if "*" in text:
        return Missing("masked")
    if _CN_18.fullmatch(text):
        if text.endswith("000") and resident_number(text) is None:
            return Flaw("id_number_digits_lost")
        return Parsed(text) if resident_number(text) else Flaw("id_number_checksum_wrong")
    if _CN_15.fullmatch(text):
        return Parsed(text) if resident_number(text) else Flaw("id_number_checksum_wrong")
    if _OTHER_DOCUMENT.fullmatch(text):
        return Parsed(text)
    return Flaw("id_number_unreadable")


def read_phone(cell: Cell) -> Outcome:
    """Shape: digits, with a leading + where the country is given, and -extension."""
    text = as_text(cell)
    if text is None:
        return Flaw("phone_unreadable")
    if "*" in text:
        return Missing("masked")
    plain = re.sub(r"[\s().]", "", text.lstrip("'"))
    plain = re.sub(r"(?<=\d)-(?=\d{4,})", "", plain)
    return Parsed(plain) if _PHONE.fullmatch(plain) else Flaw("phone_unreadable")
