"""Laboratories' deadlines and alarms in words."""

from __future__ import annotations

from math import exp

from django.urls import reverse
from django.utils.translation import gettext as _

from dayclear.foundation.models import Deadline
from dayclear.foundation.tasks import TaskText, describes
from dayclear.lab.commands.returns import RETURN
from dayclear.lab.models import QualityAlarm, QualityPoint
from dayclear.lab.rules.quality import Alarm, Chart, share_of


@describes(RETURN)
def _return(deadline: Deadline) -> TaskText:
    return TaskText(_("Send the laboratory's return"), reverse("lab:returns"))


def alarm_detail(alarm: QualityAlarm) -> str:
    """What was seen, in figures."""
    facts: dict[str, object] = alarm.facts
    if alarm.kind in {chart.value for chart in Chart}:
        shown = {name: chart_value(alarm.kind, alarm.facts[name]) for name in ("value", "low", "high")}
        return _("%(value)s; usual today is %(low)s to %(high)s") % shown
    if alarm.kind == Alarm.CURVES_SHORT.value:
        return _("plate %(plate)s: %(curves)s curves, %(wells)s wells") % facts
    if alarm.kind == Alarm.SHARED_READINGS.value:
        return _("plate %(plate)s: %(pairs)s pairs of wells are alike") % facts
    if alarm.kind == Alarm.CALLS_DISAGREE.value:
        return _("plate %(plate)s: %(disagreeing)s wells") % facts
    if alarm.kind == Alarm.IMPOSSIBLE_RUNS.value:
        return _("machine %(instrument)s: %(causes)s") % {
            "instrument": facts["instrument"],
            "causes": ", ".join(_CAUSES[cause]() for cause in alarm.facts["causes"]),
        }
    return _("%(days)s days to one side") % facts


_CAUSES = {
    "run_too_short": lambda: _("a run too short to be one"),
    "runs_overlap": lambda: _("two runs at once"),
    "too_many_runs": lambda: _("more runs than a day holds"),
}


def chart_value(chart: str, value: float) -> str:
    """A value of a chart as people read it."""
    if chart == Chart.POSITIVITY.value:
        return f"{share_of(value):.2%}"
    if chart == Chart.CONTROL_SPREAD.value:
        return f"{exp(value / 2):.2f}"
    return f"{value:.1f}"


def point_value(point: QualityPoint, name: str) -> float:
    """A value of a point on the scale that the drawing has: shares in percent, the spread as a deviation."""
    value = float(getattr(point, name))
    if point.chart == Chart.POSITIVITY.value:
        return round(100 * share_of(value), 4)
    if point.chart == Chart.CONTROL_SPREAD.value:
        return round(exp(value / 2), 4)
    return round(value, 3)
