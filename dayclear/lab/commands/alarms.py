"""Alarms: raised by plates as they come in and by the day's charts; looked into and closed by somebody."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from dayclear.foundation.actors import Actor
from dayclear.foundation.clock import local_day
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.events import Draft, record, record_many
from dayclear.foundation.filters import existing
from dayclear.foundation.rules import Right
from dayclear.lab.facts import Judged
from dayclear.lab.models import Instrument, Laboratory, Plate, PlateQualityRow, QualityAlarm
from dayclear.lab.rules.cutoffs import State
from dayclear.lab.rules.plates import Span, impossible_runs
from dayclear.lab.rules.quality import Alarm, Moments, PlateQuality, alarms_of, shared_pairs

RAISED = "lab.quality_alarm_raised"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to be looked into. `instrument_id`, `assay_id` 0: the laboratory as a whole."""

    laboratory_id: int
    area: int
    day: date
    kind: str
    facts: Mapping[str, Any]
    instrument_id: int = 0
    assay_id: int = 0
    plate_id: int | None = field(default=None, compare=False)


def raise_alarms(findings: Iterable[Finding], *, by: Actor, now: datetime) -> int:
    """Raise alarms; what was raised for the same thing and day stays as it is. Returns how many are new."""
    wanted = [
        QualityAlarm(
            area=each.area,
            laboratory_id=each.laboratory_id,
            instrument_id=each.instrument_id,
            assay_id=each.assay_id,
            day=each.day,
            kind=each.kind,
            plate_id=each.plate_id,
            facts=dict(each.facts),
            raised_at=now,
        )
        for each in findings
    ]
    if not wanted:
        return 0
    keys = ("laboratory_id", "instrument_id", "assay_id", "kind", "day")
    laboratories, days = {row.laboratory_id for row in wanted}, {row.day for row in wanted}
    known = QualityAlarm.objects.filter(laboratory__in=laboratories, day__in=days)
    before = set(known.values_list(*keys))
    QualityAlarm.objects.bulk_create(wanted, ignore_conflicts=True)
    new = [row for row in known.filter(raised_at=now) if tuple(getattr(row, key) for key in keys) not in before]
    record_many([_raised(row) for row in new], by=by, at=now)
    return len(new)


def close_alarm(alarm_id: int, *, confirmed: bool, answer: str, by: Actor, now: datetime) -> None:
    """Say what an alarm came to: a fault of the laboratory, or something that explains it.

    Raises: Refused (`not_found`, `reason_missing`, `alarm_closed`).
    """
    by.require(Right.MANAGE_LABS)
    with transaction.atomic():
        mine = QualityAlarm.objects.select_for_update().filter(area__range=(by.area.lo, by.area.hi))
        row = existing(mine.filter(pk=alarm_id))
        if row.state != "open":
            raise Refused(refuse("alarm_closed"))
        if not answer.strip():
            raise Refused(refuse("why_missing"))
        state = "confirmed" if confirmed else "explained"
        QualityAlarm.objects.filter(pk=row.pk).update(
            state=state, answer=answer.strip()[:400], closed_at=now, closed_label=by.label
        )
        payload = {"kind": row.kind, "state": state, "laboratory": row.laboratory_id}
        record("lab.quality_alarm_closed", alarm_subject(row.pk), by=by, at=now, area=row.area, payload=payload)


def alarm_subject(alarm_id: int) -> str:
    return f"lab.quality_alarm:{alarm_id}"


def watch_plates(laboratory: Laboratory, judged: Sequence[Judged], *, by: Actor, now: datetime) -> None:
    """Keep what plates say of their laboratory, and raise what they say at once."""
    day = local_day(now)
    rows = [_quality_row(each, day) for each in judged]
    PlateQualityRow.objects.bulk_create(rows, batch_size=500)
    findings = [
        finding for each, row in zip(judged, rows, strict=True) for finding in _of_plate(laboratory, each, row, day)
    ]
    findings += _of_runs(laboratory, {each.instrument_id for each in judged}, now)
    raise_alarms(findings, by=by, now=now)


def _quality_row(judged: Judged, day: date) -> PlateQualityRow:
    plate, verdict, cutoffs = judged.plate, judged.verdict, judged.cutoffs
    sought = [index for index, target in enumerate(cutoffs.targets) if not target.control]
    controls = [index for index, target in enumerate(cutoffs.targets) if target.control]
    positives = [index for index, state in verdict.states.items() if state is State.POSITIVE]
    cts = _moments(verdict.cts, positives, sought)
    control = _moments(verdict.cts, verdict.states, controls)
    return PlateQualityRow(
        plate=plate,
        area=plate.area,
        laboratory_id=plate.laboratory_id,
        instrument_id=judged.instrument_id,
        assay_id=plate.assay_id,
        day=day,
        wells=plate.samples,
        positive=len(positives),
        invalid=verdict.counts.get(State.INVALID, 0),
        disagreeing=verdict.disagreeing,
        shared_pairs=shared_pairs(list(verdict.cts.values())),
        ct_count=cts.count,
        ct_total=cts.total,
        ct_squares=cts.squares,
        control_count=control.count,
        control_total=control.total,
        control_squares=control.squares,
    )


def _moments(cts: Mapping[int, tuple[float | None, ...]], wells: Iterable[int], targets: Sequence[int]) -> Moments:
    values = (cts[well][target] for well in wells for target in targets)
    return Moments.of(value for value in values if value is not None)


def _of_plate(laboratory: Laboratory, judged: Judged, row: PlateQualityRow, day: date) -> Iterable[Finding]:
    control = Moments(row.control_count, row.control_total, row.control_squares)
    quality = PlateQuality(row.wells, judged.said.curves, row.disagreeing, row.shared_pairs, control)
    for alarm in alarms_of(quality):
        facts = {
            "plate": judged.plate.code,
            "wells": row.wells,
            "curves": judged.said.curves,
            "pairs": row.shared_pairs,
            "disagreeing": row.disagreeing,
        }
        yield Finding(laboratory.pk, laboratory.area, day, alarm.value, facts, row.instrument_id, 0, judged.plate.pk)


def _of_runs(laboratory: Laboratory, instruments: Iterable[int], now: datetime) -> Iterable[Finding]:
    """The runs of the past two days on these machines, held against what a machine can do."""
    shortest = timedelta(minutes=settings.DAYCLEAR_LAB["shortest_run"])
    for machine in Instrument.objects.filter(pk__in=set(instruments)):
        runs = Plate.objects.filter(instrument=machine, started_at__gt=now - timedelta(days=2))
        times = runs.exclude(state="rejected").values_list("started_at", "ended_at")
        spans = [Span(start, end) for start, end in times if start is not None and end is not None]
        codes = impossible_runs(spans, shortest=shortest, runs_per_day=machine.runs_per_day)
        if codes:
            facts = {"instrument": machine.code, "causes": list(codes), "runs": len(spans)}
            day = local_day(now)
            yield Finding(laboratory.pk, laboratory.area, day, Alarm.IMPOSSIBLE_RUNS.value, facts, machine.pk)


def _raised(row: QualityAlarm) -> Draft:
    payload = {"kind": row.kind, "laboratory": row.laboratory_id, "day": row.day.isoformat(), "facts": row.facts}
    return Draft(RAISED, alarm_subject(row.pk), row.area, payload)
