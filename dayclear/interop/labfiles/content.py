"""What a result file holds, whatever its form, and the words that laboratories use in it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from functools import lru_cache
from math import isfinite

from dayclear.foundation.decisions import Reason
from dayclear.lab.rules.cutoffs import State
from dayclear.lab.rules.intake import PlateReadings, Problem


@dataclass(frozen=True, slots=True)
class Specimen:
    """A tube as HL7 describes it. Shape: `role` L for a pool, `parents` the numbers of the swabs in it."""

    tube: str
    role: str
    parents: tuple[str, ...]
    count: int | None = None


@dataclass(frozen=True, slots=True)
class LabFile:
    """A result file as read.

    Units: `rows` counts what the file gave one by one (a line of a table, a reading elsewhere), `used` those that went
    into a plate; the others each have a problem. Nothing is dropped in silence.
    """

    form: str
    plates: tuple[PlateReadings, ...]
    problems: tuple[Problem, ...] = ()
    rows: int = 0
    used: int = 0
    specimens: tuple[Specimen, ...] = field(default=())


class Unreadable(ValueError):
    """A value that means nothing here. Its reason names the value."""

    def __init__(self, code: str, value: str) -> None:
        super().__init__(code, value)
        self.reason = Reason(code, {"value": value[:60]})
        self.value = value[:60]


_NO_CURVE = frozenset(
    {"", "-", "--", "/", "undetermined", "undet", "noct", "nocq", "nan", "n/a", "na", "none", "无", "无ct", "未检出"}
)
_CALLS = {
    State.POSITIVE: ("positive", "pos", "detected", "+", "阳性"),
    State.NEGATIVE: ("negative", "neg", "notdetected", "-", "阴性"),
    State.SINGLE_TARGET: (
        "single_target",
        "singletarget",
        "grey",
        "inconclusive",
        "suspicious",
        "可疑",
        "灰区",
        "单靶标",
    ),
    State.INVALID: ("invalid", "无效"),
}
_CALL_OF = {word: state for state, words in _CALLS.items() for word in words}
_CLEAR = {"clear": True, "yes": True, "s": True, "清晰": True, "是": True, "": False, "unclear": False, "no": False}


@lru_cache(maxsize=8192)
def plain(text: str) -> str:
    """A word as it is compared: small letters, no spaces. A file says the same few thousand words over and over."""
    return re.sub(r"\s+", "", text).casefold()


def ct_of(value: object) -> float | None:
    """A Ct; None for every word that says that no curve rose. Raises: Unreadable."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        number = float(value)
    else:
        text = plain("" if value is None else str(value))
        if text in _NO_CURVE:
            return None
        try:
            number = float(text.replace(",", "."))
        except ValueError:
            raise Unreadable("ct_unreadable", str(value)) from None
    if not isfinite(number):
        raise Unreadable("ct_unreadable", str(value))
    return number


def call_of(text: str) -> State | None:
    """The laboratory's own result; None where it gives none. Raises: Unreadable."""
    if not plain(text):
        return None
    try:
        return _CALL_OF[plain(text)]
    except KeyError:
        raise Unreadable("call_unknown", text) from None


def is_clear(text: str) -> bool:
    """Whether the curve is said to be clear. Raises: Unreadable."""
    try:
        return _CLEAR[plain(text)]
    except KeyError:
        raise Unreadable("curve_unknown", text) from None


def instant_of(value: object, zone: tzinfo) -> datetime | None:
    """An instant; without an offset it is local. None for an empty cell. Raises: Unreadable."""
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        found = value
    else:
        try:
            found = datetime.fromisoformat(str(value).strip().replace("/", "-"))
        except ValueError:
            raise Unreadable("time_unreadable", str(value)) from None
    return found if found.tzinfo is not None else found.replace(tzinfo=zone)


def whole_of(value: object) -> int | None:
    """A count; None for an empty cell. Raises: Unreadable."""
    if value is None or value == "":
        return None
    text = str(value).strip().removesuffix(".0")
    if not text.isascii() or not text.isdecimal() or len(text) > 9:
        raise Unreadable("number_unreadable", text)
    return int(text)
