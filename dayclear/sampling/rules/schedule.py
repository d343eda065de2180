"""When somebody of a priority group owes the next swab."""

from __future__ import annotations

from datetime import date, timedelta

_DAYS = {"day": 1, "week": 7}


def gap_days(times: int, per: str) -> int:
    """Days from one swab to the next due one: spread evenly, never rarer than asked.

    Source: derived from the pack's frequency; twice a week leaves three days and not four.
    """
    return max(_DAYS[per] // times, 1)


def next_due(last_swab_on: date | None, *, starts_on: date, times: int, per: str) -> date:
    """The day on which the next swab is owed; the first one on the first day."""
    if last_swab_on is None or last_swab_on < starts_on:
        return starts_on
    return last_swab_on + timedelta(days=gap_days(times, per))
