"""The charts of a day: each laboratory, and each of its instruments, against all others with the same assay."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta

from django.db import connection, transaction
from django.db.models import Sum

from dayclear.foundation.actors import Actor
from dayclear.foundation.database import copy_staging
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.rules import Right
from dayclear.lab.commands.alarms import Finding, raise_alarms
from dayclear.lab.models import Laboratory, PlateQualityRow, QualityPoint
from dayclear.lab.rules.quality import (
    FEWEST_WELLS,
    Alarm,
    Chart,
    Compared,
    Estimate,
    Moments,
    compare,
    drifts,
    mean_ct,
    positivity,
    spread,
)

# How far back slow drift is looked for.
DRIFT_DAYS = 30
_COLUMNS = (
    "laboratory_id", "instrument_id", "assay_id", "chart", "day", "area",
    "value", "expected", "low", "high", "score", "measured_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class DayFigures:
    """What one laboratory, or one instrument (0: all of them), showed on a day with one assay."""

    laboratory_id: int
    instrument_id: int
    assay_id: int
    wells: int
    positive: int
    cts: Moments
    control: Moments


def measure_day(day: date, *, by: Actor, now: datetime) -> int:
    """Work out the charts of a day anew and raise what stands out; returns how many alarms are new.

    Raises: Refused (`whole_installation_only`): a laboratory is compared with all others, or with none.
    """
    by.require(Right.MANAGE_LABS)
    if not by.everywhere:
        raise Refused(refuse("whole_installation_only"))
    with transaction.atomic():
        areas = dict(Laboratory.objects.values_list("pk", "area"))
        points: list[QualityPoint] = []
        for assay, figures in _figures(day).items():
            for whole in (True, False):
                group = [each for each in figures if (each.instrument_id == 0) is whole]
                points += [
                    _point(chart, assay, day, compared, areas, now)
                    for chart, found in _charts(group).items()
                    for compared in found
                ]
        _keep(points)
        findings = [_outside(point) for point in points if not point.low <= point.value <= point.high]
        return raise_alarms([*findings, *_drifting(points, day)], by=by, now=now)


def _figures(day: date) -> Mapping[int, list[DayFigures]]:
    """Shape: assay → laboratories and instruments."""
    sums = {
        name: Sum(name)
        for name in (
            "wells", "positive", "ct_count", "ct_total", "ct_squares",
            "control_count", "control_total", "control_squares",
        )
    }  # fmt: skip
    rows = PlateQualityRow.objects.filter(day=day).exclude(plate__state="rejected")
    found: dict[int, list[DayFigures]] = defaultdict(list)
    for keys in (("laboratory_id", "assay_id"), ("laboratory_id", "assay_id", "instrument_id")):
        for row in rows.values(*keys).order_by(*keys).annotate(**{f"{name}__sum": each for name, each in sums.items()}):
            found[row["assay_id"]].append(
                DayFigures(
                    row["laboratory_id"],
                    row.get("instrument_id", 0),
                    row["assay_id"],
                    row["wells__sum"],
                    row["positive__sum"],
                    Moments(row["ct_count__sum"], row["ct_total__sum"], row["ct_squares__sum"]),
                    Moments(row["control_count__sum"], row["control_total__sum"], row["control_squares__sum"]),
                )
            )
    return found


def _charts(figures: Iterable[DayFigures]) -> Mapping[Chart, list[Compared]]:
    made: dict[Chart, list[Estimate]] = {chart: [] for chart in Chart}
    for each in figures:
        key = f"{each.laboratory_id}:{each.instrument_id}"
        for chart, estimate in (
            (Chart.POSITIVITY, positivity(key, each.positive, each.wells)),
            (Chart.CT, mean_ct(key, each.cts)),
            (Chart.CONTROL_CT, mean_ct(key, each.control, fewest=FEWEST_WELLS)),
            (Chart.CONTROL_SPREAD, spread(key, each.control)),
        ):
            if estimate is not None:
                made[chart].append(estimate)
    return {chart: compare(estimates) for chart, estimates in made.items()}


def _point(
    chart: Chart, assay: int, day: date, compared: Compared, areas: Mapping[int, int], now: datetime
) -> QualityPoint:
    laboratory, instrument = (int(part) for part in compared.key.split(":"))
    return QualityPoint(
        laboratory_id=laboratory,
        instrument_id=instrument,
        assay_id=assay,
        chart=chart.value,
        day=day,
        area=areas[laboratory],
        measured_at=now,
        **{each.name: getattr(compared, each.name) for each in fields(Compared) if each.name != "key"},
    )


def _keep(points: Iterable[QualityPoint]) -> None:
    rows = [[getattr(point, name) for name in _COLUMNS] for point in points]
    staging = copy_staging("lab_quality_point", _COLUMNS, rows)
    names = ", ".join(_COLUMNS)
    changed = ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS[5:])
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO lab_quality_point ({names}) SELECT {names} FROM {staging} "  # noqa: S608 - names from code
            f"ON CONFLICT (laboratory_id, instrument_id, assay_id, chart, day) DO UPDATE SET {changed}"
        )
        cursor.execute(f"DROP TABLE {staging}")


def _outside(point: QualityPoint) -> Finding:
    facts = {name: round(getattr(point, name), 4) for name in ("value", "expected", "low", "high", "score")}
    return Finding(point.laboratory_id, point.area, point.day, point.chart, facts, point.instrument_id, point.assay_id)


def _drifting(points: Iterable[QualityPoint], day: date) -> list[Finding]:
    """Whoever's scores went to the same side day after day, ended today."""
    today = {(point.laboratory_id, point.instrument_id, point.assay_id, point.chart): point for point in points}
    since = day - timedelta(days=DRIFT_DAYS)
    scores: dict[tuple[int, int, int, str], list[float]] = defaultdict(list)
    rows = QualityPoint.objects.filter(day__range=(since, day), laboratory_id__in={key[0] for key in today})
    names = ("laboratory_id", "instrument_id", "assay_id", "chart", "score")
    for *key, score in rows.order_by("day").values_list(*names):
        scores[tuple(key)].append(score)
    found = []
    for key, point in today.items():
        if len(scores[key]) > 1 and drifts(scores[key]):
            facts = {"chart": point.chart, "days": len(scores[key]), "score": round(point.score, 4)}
            kind = Alarm.SLOW_DRIFT.value
            found.append(Finding(key[0], point.area, day, kind, facts, key[1], key[2]))
    return found
