"""Tube numbers: ten digits and a check character, so that a slip of the finger is caught where it happens."""

from __future__ import annotations

PREFIX = "DC"
DIGITS = 10
MOST = 10**DIGITS - 1
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def check_character(text: str) -> str:
    """The check character over digits and capital letters.

    Source: ISO 7064, hybrid system MOD 37,36. Raises: ValueError, for any other character.
    """
    product = 36
    for each in text:
        product = (product + _ALPHABET.index(each)) % 36 or 36
        product = product * 2 % 37
    return _ALPHABET[(1 - product) % 36]


def printed(number: int) -> str:
    """A tube number as labels carry it: `DC` + 10 digits + check character."""
    body = f"{PREFIX}{number:0{DIGITS}d}"
    return body + check_character(body)


def parsed(text: str) -> int | None:
    """The number of a label, scanned or typed (spaces and small letters allowed); None where it cannot be one."""
    label = "".join(text.split()).upper()
    body, check = label[:-1], label[-1:]
    digits = body.removeprefix(PREFIX)
    if body == digits or len(digits) != DIGITS or not (digits.isascii() and digits.isdecimal()):
        return None
    return int(digits) if check_character(body) == check else None
