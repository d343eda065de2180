"""What an address or a form sends, read strictly. What is refused names the field (`bad_filter`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from dayclear.foundation.areas import DIGITS
from dayclear.foundation.decisions import Refused, refuse

Sent = Mapping[str, str]


def whole_number(text: str) -> int | None:
    """Plain digits, no more than a place has, which a row's key can hold too; None for everything else."""
    bare = text.strip()
    return int(bare) if bare.isascii() and bare.isdecimal() and len(bare) <= DIGITS else None


def whole_numbers(texts: Iterable[str]) -> list[int]:
    """Those of several values that are whole numbers."""
    return [number for number in map(whole_number, texts) if number is not None]


def text_in(sent: Sent, name: str) -> str:
    """A text; PostgreSQL keeps every character but one."""
    return (sent.get(name) or "").replace("\x00", "").strip()


def number_or_none(sent: Sent, name: str) -> int | None:
    """A number; None where the field is empty. Raises: Refused (`bad_filter`)."""
    text = text_in(sent, name)
    number = whole_number(text)
    if text and number is None:
        raise Refused(refuse("bad_filter", name=name, value=text[:40]))
    return number


def number_in(sent: Sent, name: str) -> int:
    """A number that must be there. Raises: Refused (`bad_filter`)."""
    number = number_or_none(sent, name)
    if number is None:
        raise Refused(refuse("bad_filter", name=name, value=""))
    return number


def day_or_none(sent: Sent, name: str) -> date | None:
    """A day; None where the field is empty. Raises: Refused (`bad_filter`)."""
    text = text_in(sent, name)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Refused(refuse("bad_filter", name=name, value=text[:40])) from None


def day_in(sent: Sent, name: str) -> date:
    """A day that must be there. Raises: Refused (`bad_filter`)."""
    day = day_or_none(sent, name)
    if day is None:
        raise Refused(refuse("bad_filter", name=name, value=""))
    return day


def seen_in(sent: Sent) -> int | None:
    """The number of the last event that the page showed."""
    return whole_number(text_in(sent, "seen"))
