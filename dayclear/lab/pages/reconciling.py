"""The page of reconciliation: the strip, where the gaps are, and the tubes in each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, get_args
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from dayclear.foundation import clock
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.lists import keyset_page
from dayclear.foundation.parts import StripStep
from dayclear.foundation.requests import ActorRequest
from dayclear.foundation.sent import number_or_none
from dayclear.lab.models import Laboratory, TubeStage
from dayclear.lab.reasons import STAGE_NAMES
from dayclear.lab.reconciliation import (
    By,
    Chosen,
    Line,
    left_behind,
    limits,
    lines,
    tubes_waiting,
    unboxed,
    unboxed_tubes,
    whole,
)
from dayclear.lab.rules.reconciliation import OWNERS, STAGES, Gap
from dayclear.sampling.models import Device, Point
from dayclear.sampling.rules.numbers import printed

OWNER_NAMES = {
    "point": gettext_lazy("the sampling point"),
    "sender": gettext_lazy("whoever sent it"),
    "lab": gettext_lazy("the laboratory"),
}
GAP_NAMES = {
    "closed": gettext_lazy("Closed and in no box"),
    "boxed": gettext_lazy("In a box that was not sent"),
    "sent": gettext_lazy("Sent and not received"),
    "received": gettext_lazy("Received and on no plate"),
    "plated": gettext_lazy("On a plate without a curve"),
    "measured": gettext_lazy("Measured and not reported"),
}
BY_NAMES = {
    "hour": gettext_lazy("By hour"),
    "laboratory": gettext_lazy("By laboratory"),
    "point": gettext_lazy("By point"),
    "device": gettext_lazy("By device"),
}
# The last: as long as swabs are kept by default.
_HOURS = (6, 24, 72, 720)
_IDS = ("point", "device", "laboratory")


@require_GET
def show_reconciliation(request: ActorRequest) -> HttpResponse:
    """The strip of the chosen hours, and the lines by hour, laboratory, point or device."""
    now = clock.now()
    hours, chosen = _chosen(request, now)
    by = _by(request)
    total = whole(request.actor, chosen)
    found = lines(request.actor, chosen, by)
    names = _names(by, [line.key for line in found])
    late = [gap for gap in total.gaps if gap.is_late(now, limits())]
    context = {
        "steps": _steps(total, chosen, hours, now),
        "missing": total.counts.get("closed", 0) - total.counts.get("reported", 0),
        "late": [(GAP_NAMES[gap.after], abs(gap.tubes), gap.age(now), OWNER_NAMES[gap.owner]) for gap in late],
        "stages": [(stage, STAGE_NAMES[stage]) for stage in STAGES],
        "rows": [_row(line, by, names, chosen, hours, now) for line in found],
        "by": by,
        "bys": [(each, BY_NAMES[each], _query(hours, by=each)) for each in BY_NAMES],
        "hours": hours,
        "choices": [(each, each // 24, _query(each, by=by)) for each in _HOURS],
        "behind": _behind(request, chosen, by) if hours != _HOURS[-1] else None,
    }
    return render(request, "lab/reconciliation.html", context)


def _behind(request: ActorRequest, chosen: Chosen, by: By) -> dict[str, Any] | None:
    """What was closed before the chosen hours and is still under way."""
    tubes, oldest = left_behind(request.actor, chosen.since)
    return {"tubes": tubes, "since": oldest, "href": _query(_HOURS[-1], by=by)} if tubes else None


@require_GET
def show_gap(request: ActorRequest, after: str) -> HttpResponse:
    """The tubes of one gap: which, since when, whose."""
    if after not in GAP_NAMES:
        raise Refused(refuse("not_found"))
    now = clock.now()
    hours, chosen = _chosen(request, now)
    context: dict[str, Any] = {
        "title": GAP_NAMES[after],
        "owner": OWNER_NAMES[OWNERS[after]],
        "back": reverse("lab:reconciliation") + _query(hours),
    }
    if after == "closed":
        tables = unboxed(request.actor, chosen)
        points, devices = (
            _named(Point, {each.point for each in tables}),
            _named(Device, {each.device for each in tables}),
        )
        context["tables"] = [
            {
                "hour": each.hour,
                "age": now - each.hour,
                "late": now - each.hour > limits()[after],
                "point": points.get(each.point),
                "device": devices.get(each.device),
                "tubes": each.tubes,
                "labels": [printed(tube) for tube in tubes],
            }
            for each, tubes in zip(tables, unboxed_tubes(request.actor, tables), strict=True)
        ]
        return render(request, "lab/reconciliation_gap.html", context)
    waiting = tubes_waiting(request.actor, chosen, after)
    page = keyset_page(waiting, ("hour", "tube"), after=request.GET.get("after", ""), with_estimate=True)
    points, devices = _named(Point, {row.point_id for row in page}), _named(Device, {row.device_id for row in page})
    labs = _named(Laboratory, {row.laboratory_id for row in page})
    context |= {"page": page, "rows": [_tube(row, now - row.hour, after, points, devices, labs) for row in page]}
    return render(request, "lab/reconciliation_gap.html", context)


def _tube(row: TubeStage, age: timedelta, after: str, *names: dict[int, str]) -> dict[str, Any]:
    points, devices, labs = names
    return {
        "label": printed(row.tube),
        "hour": row.hour,
        "age": age,
        "late": age > limits()[after],
        "point": points.get(row.point_id),
        "device": devices.get(row.device_id),
        "laboratory": labs.get(row.laboratory_id),
    }


def _steps(line: Line, chosen: Chosen, hours: int, now: datetime) -> list[StripStep]:
    gaps = {gap.after: gap for gap in line.gaps}
    return [
        _step(stage, line.counts[stage], gaps.get(stage), chosen, hours, now)
        for stage in STAGES
        if stage in line.counts
    ]


def _step(stage: str, count: int, gap: Gap | None, chosen: Chosen, hours: int, now: datetime) -> StripStep:
    if gap is None:
        return StripStep(STAGE_NAMES[stage], count)
    only = {name: getattr(chosen, name) for name in _IDS if getattr(chosen, name) is not None}
    href = reverse("lab:gap", args=[stage]) + _query(hours, **only)
    late = gap.is_late(now, limits())
    return StripStep(STAGE_NAMES[stage], count, gap.tubes, href, gap.age(now), OWNER_NAMES[gap.owner], late)


def _row(line: Line, by: By, names: dict[Any, str], chosen: Chosen, hours: int, now: datetime) -> dict[str, Any]:
    only = {} if by == "hour" else {by: line.key}
    worst = max(line.gaps, key=lambda gap: (gap.is_late(now, limits()), abs(gap.tubes)), default=None)
    return {
        "key": line.key,
        "name": names.get(line.key),
        "numbers": [(STAGE_NAMES[stage], line.counts.get(stage)) for stage in STAGES],
        "gap": None
        if worst is None
        else {
            "title": GAP_NAMES[worst.after],
            "tubes": abs(worst.tubes),
            "age": worst.age(now),
            "owner": OWNER_NAMES[worst.owner],
            "late": worst.is_late(now, limits()),
            "href": reverse("lab:gap", args=[worst.after]) + _query(hours, **only),
        },
    }


def _names(by: By, keys: Sequence[Any]) -> dict[Any, str]:
    if by == "hour":
        return {}
    models: dict[By, type[Point] | type[Device] | type[Laboratory]] = {
        "point": Point,
        "device": Device,
        "laboratory": Laboratory,
    }
    return _named(models[by], keys)


def _named(model: type[Point] | type[Device] | type[Laboratory], ids: Iterable[int]) -> dict[int, str]:
    return dict(model.objects.filter(pk__in=set(ids)).values_list("pk", "name"))


def _chosen(request: ActorRequest, now: datetime) -> tuple[int, Chosen]:
    """The hours and the point, device or laboratory that the address names. Raises: Refused (`bad_filter`)."""
    hours = number_or_none(request.GET, "hours") or _HOURS[1]
    if hours not in _HOURS:
        raise Refused(refuse("bad_filter", name="hours", value=str(hours)))
    only = {name: number for name in _IDS if (number := number_or_none(request.GET, name)) is not None}
    return hours, Chosen(now - timedelta(hours=hours), now + timedelta(hours=1), **only)


def _by(request: ActorRequest) -> By:
    wanted = request.GET.get("by", "hour")
    for each in get_args(By):
        if each == wanted:
            chosen: By = each
            return chosen
    raise Refused(refuse("bad_filter", name="by", value=wanted[:40]))


def _query(hours: int, **said: Any) -> str:
    return "?" + urlencode({"hours": hours, **said})
