"""The quality charts: each laboratory or machine a point a day, between the limits of the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
from django.utils.translation import gettext as _

from dayclear.foundation.charts import Chart as Drawing
from dayclear.foundation.charts import axis_days
from dayclear.lab.models import QualityPoint
from dayclear.lab.reasons import CHART_NAMES
from dayclear.lab.rules.quality import Chart
from dayclear.lab.texts import point_value

_UNITS = {
    Chart.POSITIVITY: "%",
    Chart.CT: "Ct",
    Chart.CONTROL_CT: "Ct",
    Chart.CONTROL_SPREAD: "Ct",
}


def quality_chart(
    points: Sequence[QualityPoint], chart: str, names: Mapping[int, str], machines: Mapping[int, str]
) -> Drawing:
    """Points beside their limits; what lies outside has another shape, not only another colour."""
    inside, outside = _("within what is usual"), _("outside")
    values = [_value(point, names, machines, outside if _is_out(point) else inside) for point in points]
    form = axis_days()
    x = alt.X("day:T", title=None).axis(format=form, labelOverlap=True, ticks=False)
    title = f"{CHART_NAMES[Chart(chart)]} ({_UNITS[Chart(chart)]})"
    base = alt.Chart(alt.InlineData(values=values), height=220, width="container")
    limits = base.mark_rule(opacity=0.35).encode(x=x, y=alt.Y("low:Q", title=title).scale(zero=False), y2="high:Q")
    dots = base.mark_point(filled=True, size=60).encode(
        x=x,
        y=alt.Y("value:Q", title=title).scale(zero=False),
        shape=alt.Shape("where:N", title=None).scale(domain=[inside, outside], range=["circle", "diamond"]),
        color=alt.Color("where:N", title=None).scale(domain=[inside, outside]),
        tooltip=[
            alt.Tooltip("who:N", title=_("Laboratory")),
            alt.Tooltip("value:Q", title=_("Value")),
            alt.Tooltip("low:Q", title=_("Usual from")),
            alt.Tooltip("high:Q", title=_("Usual to")),
        ],
    )
    return Drawing(
        name=str(CHART_NAMES[Chart(chart)]),
        specification=alt.layer(limits, dots).to_dict(),
        columns=(_("Day"), _("Laboratory"), _("Value"), _("Usual from"), _("Usual to"), _("Score")),
        rows=[
            (
                point.day,
                value["who"],
                value["value"],
                value["low"],
                value["high"],
                round(point.score, 2),
            )
            for point, value in zip(points, values, strict=True)
        ],
    )


def _value(point: QualityPoint, names: Mapping[int, str], machines: Mapping[int, str], where: str) -> dict[str, Any]:
    who = names.get(point.laboratory_id, "")
    machine = machines.get(point.instrument_id, "")
    return {
        "day": point.day.isoformat(),
        "who": f"{who} · {machine}" if machine else who,
        "where": where,
        **{name: point_value(point, name) for name in ("value", "low", "high")},
    }


def _is_out(point: QualityPoint) -> bool:
    return not point.low <= point.value <= point.high
