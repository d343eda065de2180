"""The words of the board: periods, levels, the sentence at its head."""

from __future__ import annotations

from datetime import date

from django.utils.formats import number_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from dayclear.foundation.language import is_chinese
from dayclear.reporting.queries import Board

LEVEL_NAMES = {
    1: _("By province"),
    2: _("By prefecture"),
    3: _("By county"),
    4: _("By township"),
    5: _("By community"),
}
GAP_NAMES = {
    "sex": _("Sex"),
    "age": _("Age"),
    "onset": _("Onset"),
    "sampling": _("Sampling"),
    "order": _("Under an order?"),
    "home": _("Home place"),
}
FOUND_NAMES = {
    "under_order": _("Under an order"),
    "community": _("In the community"),
    "unknown": _("Not known"),
}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def place_title(board: Board) -> str:
    return board.path[-1].name or gettext("Whole installation")


def day_text(day: date) -> str:
    """A day with its year, in the reader's form."""
    if is_chinese():
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def short_day(day: date) -> str:
    """A day whose year is plain from what stands around it."""
    return f"{day.month}月{day.day}日" if is_chinese() else f"{day.day} {_MONTHS[day.month - 1]}"


def period_text(first: date, last: date) -> str:
    """Two days as one expression, saying nothing twice: "21–28 Dec 2021"."""
    if first == last:
        return day_text(first)
    same_month = (first.year, first.month) == (last.year, last.month)
    if is_chinese():
        end = f"{last.day}日" if same_month else short_day(last) if first.year == last.year else day_text(last)
        return f"{day_text(first)}–{end}"
    begin = str(first.day) if same_month else short_day(first) if first.year == last.year else day_text(first)
    return f"{begin}–{day_text(last)}" if same_month else f"{begin} – {day_text(last)}"


def within_year(first: date | None, last: date | None, year: int) -> str:
    """Two days as one expression, the year left out where it is `year`: "21–27 Dec". Empty without days."""
    if first is None or last is None:
        return ""
    if (first.year, last.year) != (year, year):
        return period_text(first, last)
    if first == last:
        return short_day(first)
    if is_chinese():
        return (
            f"{short_day(first)}–{last.day}日" if first.month == last.month else f"{short_day(first)}–{short_day(last)}"
        )
    return f"{first.day}–{short_day(last)}" if first.month == last.month else f"{short_day(first)} – {short_day(last)}"


def number(value: int) -> str:
    return number_format(value, force_grouping=True)


def percent(share: float) -> str:
    """A share in whole per cents, never rounding something to nothing."""
    if 0 < share < 0.005:
        return "<1 %"
    if 0.995 <= share < 1:
        return ">99 %"
    return f"{share * 100:.0f} %"


def signed(value: int) -> str:
    return f"{'+' if value > 0 else '−' if value < 0 else '±'}{number(abs(value))}"
