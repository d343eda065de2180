"""The board's charts as Altair builds them: drawn in the page's own colours, in a picture with the light theme."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import altair as alt
from django.utils.translation import gettext as _

from dayclear.foundation.charts import Chart, Heading, axis_days
from dayclear.policy.words import disease_name
from dayclear.reporting.links import cases_behind
from dayclear.reporting.queries import Board, Part
from dayclear.reporting.rules import Tally, whole_days
from dayclear.reporting.texts import FOUND_NAMES, LEVEL_NAMES, period_text, short_day

# Orange and blue differ to every eye, and in brightness too; grey says "not known". Red is kept for what is overdue.
# The order is the one of the theme's series: blue, orange, grey.
_FOUND = ("under_order", "community", "unknown")
_PLACES_DRAWN = 25


def found_counts(tally: Tally) -> dict[str, int]:
    """A tally by how the cases were found. Shape: in the order of the stack, from the bottom."""
    return {"under_order": tally.under_order, "community": tally.community, "unknown": tally.without_order_status}


def daily(board: Board) -> Chart:
    """New cases per day, stacked by whether they were under an order when found."""
    days = whole_days(board.period, board.days)
    values = [
        {
            "day": day.isoformat(),
            "label": short_day(day),
            "found": str(FOUND_NAMES[found]),
            "order": position,
            "cases": count,
            "total": tally.cases,
            "href": cases_behind(board, first=day, last=day, under_order=_ORDER[found]),
        }
        for day, tally in days
        for position, (found, count) in enumerate(found_counts(tally).items())
        if count
    ]
    # A band a day, so that each stands over its own name; the specification carries the names as they are shown.
    pattern = axis_days()
    axis = alt.Axis(
        labelExpr=f"timeFormat(toDate(datum.value + 'T00:00:00'), '{pattern}')",
        labelOverlap="parity",
        labelAngle=0,
        ticks=False,
    )
    bars = (
        alt.Chart(alt.InlineData(values=values), height=264, width="container")
        .mark_bar(cursor="pointer")
        .encode(
            x=alt.X("day:O", title=None, axis=axis).scale(
                domain=[day.isoformat() for day, _tally in days], paddingInner=0.18, paddingOuter=0.1
            ),
            y=alt.Y("cases:Q", title=_("New cases per day")).axis(tickMinStep=1, domain=False, ticks=False),
            color=_colour(),
            order=alt.Order("order:Q"),
            href="href:N",
            tooltip=_tooltips(
                ("label", _("Day")), ("found", _("Found")), ("cases", _("Cases")), ("total", _("All cases of the day"))
            ),
        )
    )
    return Chart(
        name=_file_name(board, _("new cases per day")),
        specification=bars.to_dict(),
        columns=(
            _("Day"),
            _("Cases"),
            *(str(FOUND_NAMES[found]) for found in _FOUND),
            _("Source unknown"),
            _("Deaths"),
        ),
        rows=[(day, t.cases, *found_counts(t).values(), t.source_unknown, t.died) for day, t in days],
    )


def by_place(board: Board) -> Chart:
    """Cases by place, as horizontal bars. The page shows the same as a table with bars."""
    drawn = [part for part in board.parts if part.tally.cases][:_PLACES_DRAWN]
    values = [
        {"place": part_name(part), "found": str(FOUND_NAMES[found]), "order": position, "cases": count}
        for part in drawn
        for position, (found, count) in enumerate(found_counts(part.tally).items())
        if count
    ]
    bars = (
        alt.Chart(alt.InlineData(values=values), height=alt.Step(24), width="container")
        .mark_bar()
        .encode(
            y=alt.Y("place:N", title=None, sort=[part_name(part) for part in drawn]).axis(
                labelLimit=260, ticks=False, domain=False
            ),
            x=alt.X("cases:Q", title=_("Cases")).axis(tickMinStep=1),
            color=_colour(),
            order=alt.Order("order:Q"),
            tooltip=_tooltips(("place", _("Place")), ("found", _("Found")), ("cases", _("Cases"))),
        )
    )
    return Chart(
        name=_file_name(board, str(LEVEL_NAMES[board.level]) if board.level else _("by place")),
        specification=bars.to_dict(),
        columns=(
            _("Place number"),
            _("Place"),
            _("Cases"),
            *(str(FOUND_NAMES[found]) for found in _FOUND),
            _("Source unknown"),
            _("Deaths"),
            _("Cases in the period before"),
            _("Without any day"),
        ),
        rows=[
            (
                part.number,
                part_name(part),
                part.tally.cases,
                *found_counts(part.tally).values(),
                part.tally.source_unknown,
                part.tally.died,
                part.before,
                part.undated,
            )
            for part in board.parts
        ],
    )


CHARTS = {"daily": daily, "places": by_place}


def heading(board: Board, chart: str, *, at: datetime, place_name: str) -> Heading:
    """What the picture says of itself: what, where, when, and out of what. `at` is the cut-off, in local time."""
    title = {"daily": _("New cases per day"), "places": str(LEVEL_NAMES.get(board.level, _("By place")))}[chart]
    return Heading(
        title=f"{title} · {disease_name(board.disease)}",
        lines=(
            f"{place_name} · {period_text(board.period.first, board.period.last)}",
            _("As of %(at)s. Source: the cases registered in Dayclear, by the day they became known.")
            % {"at": f"{at:%Y-%m-%d %H:%M}"},
        ),
    )


def part_name(part: Part) -> str:
    name = part.name or (_("place not known") if part.number == 0 else str(part.number))
    return _("%(place)s, no finer") % {"place": name} if part.known_only and part.number else name


_ORDER = {"under_order": "yes", "community": "no", "unknown": "unknown"}


def _colour() -> alt.Color:
    return (
        alt.Color("found:N", title=None)
        .scale(domain=[str(FOUND_NAMES[found]) for found in _FOUND])
        .legend(orient="top", symbolType="square", offset=4)
    )


def _tooltips(*fields: tuple[str, str]) -> list[Any]:
    return [alt.Tooltip(f"{name}:N", title=title) for name, title in fields]


def _file_name(board: Board, what: str) -> str:
    period = f"{board.period.first:%Y%m%d}-{board.period.last:%Y%m%d}"
    place = board.path[-1].name if board.path else ""
    return " ".join(word for word in (board.disease, place, what, period) if word)
