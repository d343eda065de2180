"""The drawing of one chain of transmission."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import altair as alt
from django.urls import reverse
from django.utils.translation import gettext as _

from dayclear.cases.reasons import UNDER_ORDER_NAMES
from dayclear.foundation.charts import Chart, axis_days
from dayclear.tracing.drawing import Drawing, Line
from dayclear.tracing.queries import DrawnMember
from dayclear.tracing.reasons import FLAW_NAMES

_ROW_PX = 18
_NO_FLAW = "—"
# Readable on light and on dark ground.
_LINK_COLOUR = "#8a97a2"
# Blue, orange, grey: the series of the theme, in its order.
_FOUND = ("yes", "no", "unknown")
# Cases without a day stand before the first day; this far, so that nobody reads them as one.
_UNDATED_BEFORE = timedelta(days=2)


def chain_chart(members: Sequence[DrawnMember], drawing: Drawing, name: str) -> Chart:
    """Cases as points on their day, links as steps; whoever was found in the community in orange.

    The drawing names no person; a click opens the case for whoever may see it.
    """
    by_case = {member.case: member for member in members}
    shown_on = _shown_days(members)
    points = [
        _point(by_case[standing.case], standing.row, shown_on, _flaws_of(standing.case, drawing.lines))
        for standing in drawing.standings
    ]
    margin = timedelta(days=1)
    first, last = (min(shown_on.values()) - margin, max(shown_on.values()) + margin)
    x = (
        alt.X("day:T", title=None)
        .scale(domain=[_date_time(first), _date_time(last)])
        .axis(format=axis_days(), labelOverlap=True, grid=True, orient="top")
    )
    y = alt.Y("row:Q", axis=None).scale(domain=[-1, max(drawing.rows, 1)], reverse=True, nice=False, zero=False)
    layers = [*_link_layers(drawing, shown_on, x, y), _case_layer(points, x, y)]
    marked = [point for point in points if point["flaw"] != _NO_FLAW]
    if marked:
        mark = alt.Chart(alt.InlineData(values=marked)).mark_text(text="!", dx=11, fontSize=14, fontWeight="bold")
        layers.append(mark.encode(x=x, y=y))
    whole = alt.layer(*layers).properties(height=max(120, drawing.rows * _ROW_PX + 24), width="container")
    return Chart(
        name=name,
        specification=whole.to_dict(),
        columns=(
            _("Case"),
            _("Day"),
            _("Found"),
            _("Links from the first case"),
            _("Infected"),
            _("Source"),
            _("Cannot be true"),
        ),
        rows=_rows(members, drawing, by_case),
        width=1200,
    )


def _link_layers(drawing: Drawing, shown_on: Mapping[int, date], x: Any, y: Any) -> list[Any]:
    """The links as steps: down along the day of the source, then on to the case. Dashed where in doubt."""
    rows = {standing.case: standing.row for standing in drawing.standings}
    layers = []
    for dash in ([1, 0], [4, 3]):
        doubtful = dash != [1, 0]
        values = [
            {"link": number, "end": end, "day": _instant(shown_on[case]), "row": rows[case]}
            for number, line in enumerate(drawing.lines)
            if (line.flaw is not None or not line.is_branch) is doubtful
            for end, case in enumerate((line.source, line.case))
        ]
        if values:
            mark = alt.Chart(alt.InlineData(values=values)).mark_line(
                interpolate="step-before", strokeDash=dash, strokeWidth=1.5, color=_LINK_COLOUR, strokeJoin="round"
            )
            layers.append(mark.encode(x=x, y=y, detail="link:N", order="end:Q"))
    return layers


def _case_layer(points: Sequence[Mapping[str, Any]], x: Any, y: Any) -> Any:
    words = {
        "number": _("Case"),
        "label": _("Day"),
        "found": _("Found"),
        "generation": _("Links from the first case"),
        "offspring": _("Infected"),
        "flaw": _("Cannot be true"),
    }
    return (
        alt.Chart(alt.InlineData(values=list(points)))
        .mark_circle(opacity=1, cursor="pointer")
        .encode(
            x=x,
            y=y,
            size=alt.Size("offspring:Q", legend=None).scale(type="sqrt", domain=[0, 30], range=[60, 420], clamp=True),
            color=alt.Color("found:N", title=None)
            .scale(domain=[str(UNDER_ORDER_NAMES[code]) for code in _FOUND])
            .legend(orient="top", symbolType="circle"),
            href="href:N",
            tooltip=[alt.Tooltip(f"{field}:N", title=title) for field, title in words.items()],
        )
    )


def _shown_days(members: Sequence[DrawnMember]) -> dict[int, date]:
    dated = [member.day for member in members if member.day]
    aside = min(dated, default=date(2000, 1, 1)) - _UNDATED_BEFORE
    return {member.case: member.day or aside for member in members}


def _point(member: DrawnMember, row: int, shown_on: Mapping[int, date], flaw: str) -> dict[str, Any]:
    if member.day is None:
        label = _("no day known")
    else:
        label = f"{member.day.isoformat()} ({_('onset') if member.onset_known else _('became known')})"
    return {
        "case": member.case,
        "number": member.number,
        "day": _instant(shown_on[member.case]),
        "row": row,
        "label": label,
        "found": str(UNDER_ORDER_NAMES[member.under_order]),
        "generation": member.generation,
        "offspring": member.offspring,
        "flaw": flaw,
        "href": reverse("cases:case", args=[member.case]),
    }


def _flaws_of(case: int, lines: Sequence[Line]) -> str:
    return "; ".join(str(FLAW_NAMES[line.flaw]) for line in lines if line.case == case and line.flaw) or _NO_FLAW


def _rows(
    members: Sequence[DrawnMember], drawing: Drawing, by_case: Mapping[int, DrawnMember]
) -> Sequence[tuple[Any, ...]]:
    sources: dict[int, list[str]] = {}
    for line in drawing.lines:
        sources.setdefault(line.case, []).append(by_case[line.source].number)
    return [
        (
            member.number,
            member.day,
            str(UNDER_ORDER_NAMES[member.under_order]),
            member.generation,
            member.offspring,
            " ".join(sources.get(member.case, [])),
            _flaws_of(member.case, drawing.lines).replace(_NO_FLAW, ""),
        )
        for member in members
    ]


def _instant(day: date) -> str:
    """Midnight without a zone: local time wherever the browser stands, so that the day stays the day."""
    return f"{day.isoformat()}T00:00:00"


def _date_time(day: date) -> Any:
    return alt.DateTime(year=day.year, month=day.month, date=day.day)
