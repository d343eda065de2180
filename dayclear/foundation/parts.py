"""What the shared parts of pages show (`config/templates/parts`). Pages fill these in; the parts draw them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of a board.

    `label`, `unit`, `change` and `note` may be lazy text. `of` is the denominator, `at` the cut-off instant, `href` the
    rows behind the number. `value` of None: not known (drawn as a dash, never as 0).
    """

    label: Any
    value: int | float | str | None
    unit: Any = ""
    href: str = ""
    of: int | None = None
    change: int | None = None
    since: Any = ""
    note: Any = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One thing that happened. `why` says for what reason, `detail` what changed."""

    at: datetime
    title: Any
    who: str = ""
    why: Any = ""
    detail: Any = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Inputs → rule → source → result → ends when. Shape: `inputs` are (label, value) pairs; `would_change` says, one
    fact each, what would lead to another result."""

    inputs: Sequence[tuple[Any, Any]]
    rule: Any
    result: Any
    source: Any = ""
    source_href: str = ""
    ends_when: Any = ""
    would_change: Sequence[Any] = ()


@dataclass(frozen=True, slots=True)
class ProblemLine:
    """One thing wrong in a file: where, what stood there, why it is not right and how to mend it."""

    where: Any
    reason: Any
    column: Any = ""
    value: str = ""
    mend: Any = ""
    rejected: bool = True


@dataclass(frozen=True, slots=True)
class StripStep:
    """One stage of a reconciliation strip, and what is missing between it and the next.

    `missing` is below zero where the next stage has more; `href` leads to the rows of the gap, `age` is that of the
    oldest, `owner` whoever has them. `late` is drawn as overdue.
    """

    label: Any
    count: int
    missing: int = 0
    href: str = ""
    age: timedelta | None = None
    owner: Any = ""
    late: bool = False

    @property
    def surplus(self) -> int:
        return -self.missing
