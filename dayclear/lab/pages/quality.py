"""Quality: alarms first, then the charts behind them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.db.models import QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from dayclear.foundation import clock
from dayclear.foundation.charts import KINDS, Heading, answer, bundle_address
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.filters import existing
from dayclear.foundation.lists import keyset_page
from dayclear.foundation.requests import ActorRequest, once
from dayclear.foundation.rules import Right
from dayclear.foundation.sent import number_or_none
from dayclear.lab.charts import quality_chart
from dayclear.lab.commands import close_alarm
from dayclear.lab.models import Instrument, Laboratory, QualityPoint
from dayclear.lab.queries import alarms_of, chart_points, laboratories_of
from dayclear.lab.reasons import ALARM_NAMES, ALARM_STATE_NAMES, CHART_NAMES
from dayclear.lab.rules.quality import Chart
from dayclear.lab.texts import alarm_detail

_DAYS = 30


@require_GET
def show_quality(request: ActorRequest) -> HttpResponseBase:
    actor = request.actor
    state = request.GET.get("state", "open")
    if state not in ALARM_STATE_NAMES:
        raise Refused(refuse("bad_filter", name="state", value=state[:20]))
    chosen = _laboratory(request)
    alarms = alarms_of(actor).filter(state=state).select_related("laboratory")
    alarms = alarms.filter(laboratory=chosen) if chosen else alarms
    page = keyset_page(alarms, ("-day", "-id"), after=request.GET.get("after", ""))
    machines = dict(Instrument.objects.filter(pk__in={row.instrument_id for row in page}).values_list("pk", "code"))
    context: dict[str, Any] = {
        "page": page,
        "alarms": [
            (row, ALARM_NAMES[row.kind], alarm_detail(row), machines.get(row.instrument_id, "")) for row in page
        ],
        "state": state,
        "states": ALARM_STATE_NAMES,
        "chosen": chosen,
        "laboratories": laboratories_of(actor).order_by("name", "id")[:200],
        "charts": [
            (chart.value, name, _address(chart, chosen))
            for chart, name in CHART_NAMES.items()
            if _points(request, chart, chosen).exists()
        ],
        "chart_bundle": bundle_address(),
        "may_close": actor.may(Right.MANAGE_LABS),
        "key": uuid4().hex,
    }
    return render(request, "lab/quality.html", context)


@require_GET
def draw_quality(request: ActorRequest, kind: str) -> HttpResponse:
    """A chart of the past thirty days, in one of `foundation.charts.KINDS`."""
    chart = request.GET.get("chart", "")
    if kind not in KINDS or chart not in {each.value for each in Chart}:
        raise Http404
    chosen = _laboratory(request)
    points = list(_points(request, Chart(chart), chosen)[:20_000])
    names = dict(laboratories_of(request.actor).values_list("pk", "name"))
    machines = dict(Instrument.objects.filter(pk__in={each.instrument_id for each in points}).values_list("pk", "code"))
    title = str(CHART_NAMES[Chart(chart)])
    heading = Heading(title, (chosen.name,) if chosen else ())
    return answer(request, quality_chart(points, chart, names, machines), heading, kind)


@require_POST
def answer_alarm(request: ActorRequest, alarm_id: int) -> HttpResponse:
    said = request.POST

    def work() -> None:
        confirmed = said.get("confirmed") == "yes"
        close_alarm(alarm_id, confirmed=confirmed, answer=said.get("answer", ""), by=request.actor, now=clock.now())

    return once(request, work, _("Alarm closed."), reverse("lab:quality"))


def _points(request: ActorRequest, chart: Chart, chosen: Laboratory | None) -> QuerySet[QualityPoint]:
    """The points of the past thirty days: of all laboratories, or of the machines of one."""
    today = clock.local_day(clock.now())
    return chart_points(
        request.actor,
        chart=chart.value,
        since=today - timedelta(days=_DAYS),
        until=today,
        laboratory_id=chosen.pk if chosen else None,
        instruments=chosen is not None,
    )


def _laboratory(request: ActorRequest) -> Laboratory | None:
    wanted = number_or_none(request.GET, "laboratory")
    if wanted is None:
        return None
    return existing(laboratories_of(request.actor).filter(pk=wanted))


def _address(chart: Chart, chosen: Laboratory | None) -> str:
    narrowed = f"&laboratory={chosen.pk}" if chosen else ""
    return f"{reverse('lab:quality_chart', args=['json'])}?chart={chart.value}{narrowed}"
