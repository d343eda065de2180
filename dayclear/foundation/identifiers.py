"""Identity numbers and phones: one spelling for each, and how they are masked."""

from __future__ import annotations

import re

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"


def normal_id_number(text: str) -> str:
    """One spelling: no spaces or dashes, capital letters."""
    return re.sub(r"[\s\-–·]", "", text).upper()


def is_resident_id_number(number: str) -> bool:
    """Whether an 18-character Chinese resident identity number carries the right check character.

    Source: GB 11643-1999 (ISO 7064:1983 MOD 11-2).
    """
    if not re.fullmatch(r"\d{17}[\dX]", number):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number, _ID_WEIGHTS, strict=False))
    return _ID_CHECKS[total % 11] == number[17]


def is_misspelt_id_number(number: str) -> bool:
    """Whether a number looks like a resident identity number and its check character does not fit.

    Shape: `number` in its one spelling (`normal_id_number`).
    """
    return bool(re.fullmatch(r"\d{17}[\dA-Z]", number)) and not is_resident_id_number(number)


def normal_phone(text: str) -> str:
    """One spelling: digits only, without the +86 of a mainland number."""
    digits = re.sub(r"\D", "", text)
    return digits[2:] if len(digits) == 13 and digits.startswith("86") else digits


def masked(value: str) -> str:
    """A value that can be told from others and not read: the last four characters at most."""
    return "•" * max(len(value) - 4, 3) + (value[-4:] if len(value) > 6 else "")
