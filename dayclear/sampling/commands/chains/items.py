"""Goods and surfaces on which something was found: the alarm, what is done about it, its withdrawal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from dayclear.foundation.actors import Actor
from dayclear.foundation.areas import county_of
from dayclear.foundation.database import next_ids
from dayclear.foundation.deadlines import Opening, checks, meet_deadline, open_many
from dayclear.foundation.decisions import Refused, refuse, require
from dayclear.foundation.events import Draft, record, record_many
from dayclear.foundation.filters import existing
from dayclear.foundation.models import Deadline
from dayclear.foundation.rules import Right
from dayclear.sampling.commands.chains.opening import Alarm
from dayclear.sampling.models import ItemAlarm, ItemStep, Round, Tube
from dayclear.sampling.rules.items import STEPS, is_dealt_with, may_write_item_step

ITEM_ALARM = "sampling.item_alarm"


def item_alarm_subject(alarm_id: int) -> str:
    """What the trail calls the alarm of goods or a surface."""
    return f"sampling.item_alarm:{alarm_id}"


def open_item_alarms(alarms: Sequence[Alarm], *, by: Actor, now: datetime) -> list[int]:
    """Raise an alarm for each tube of goods or surfaces that has none; returns their ids. Other tubes are passed over.

    The scope is the caller's to widen. Once is enough, however often it is called.
    """
    said = {alarm.tube: alarm for alarm in alarms}
    tubes = {tube.number: tube for tube in Tube.objects.exclude(kind="persons").filter(number__in=said)}
    known = set(ItemAlarm.objects.filter(tube__in=tubes).exclude(state="annulled").values_list("tube", flat=True))
    fresh = [_alarm(said[number], tubes[number], now) for number in sorted(set(tubes) - known)]
    for row, key in zip(fresh, next_ids("sampling_item_alarm_id_seq", len(fresh)), strict=True):
        row.pk = key
    ItemAlarm.objects.bulk_create(fresh, ignore_conflicts=True)
    # Those whose tube nobody opened a moment ago.
    rows = list(ItemAlarm.objects.filter(pk__in=[row.pk for row in fresh]).order_by("pk"))
    open_many([_opening(row) for row in rows])
    record_many(
        [
            Draft(
                "sampling.item_alarm_raised",
                item_alarm_subject(row.pk),
                row.area,
                {"tube": row.tube, "alarm": row.alarm, "due_at": row.due_at.isoformat()},
            )
            for row in rows
        ],
        by=by,
        at=now,
    )
    return [row.pk for row in rows]


def withdraw_item_alarms(tubes: Sequence[int], *, by: Actor, now: datetime) -> list[int]:
    """Annul the open alarms of tubes that are negative after all; returns their ids."""
    wrong = list(ItemAlarm.objects.select_for_update().filter(tube__in=tubes, state="open").order_by("pk"))
    for row in wrong:
        _end(row, "annulled", now)
        record("sampling.item_alarm_annulled", item_alarm_subject(row.pk), by=by, at=now, area=row.area)
    return [row.pk for row in wrong]


def write_item_step(
    alarm_id: int, step: str, *, note: str, people: int | None = None, by: Actor, now: datetime
) -> None:
    """Write down what was done; `people` says how many handled what was wiped, and belongs to the step `trace`.

    With the last step the alarm is over.
    Raises: Refused (`right_missing`, `not_found`, `note_missing`, `people_missing`, and those of
    `rules.items.may_write_item_step`).
    """
    by.require(Right.TRACE_TUBES)
    if step not in STEPS:
        raise Refused(refuse("not_found"))
    if not note.strip():
        raise Refused(refuse("note_missing"))
    if step == "trace" and people is None:
        raise Refused(refuse("people_missing"))
    with transaction.atomic():
        inside = ItemAlarm.objects.select_for_update().filter(area__range=(by.area.lo, by.area.hi))
        row = existing(inside.filter(pk=alarm_id))
        done = set(row.steps.values_list("step", flat=True))
        require(may_write_item_step(row.state, step, done=done))
        of_trace = people if step == "trace" else None
        ItemStep.objects.create(
            area=row.area, alarm=row, step=step, at=now, people=of_trace, note=note.strip()[:300], by_label=by.label
        )
        # What was written may name somebody: it stays on the row, which is removed in its time.
        payload = {"step": step, "people": of_trace}
        record("sampling.item_step_done", item_alarm_subject(row.pk), by=by, at=now, area=row.area, payload=payload)
        if is_dealt_with(done | {step}):
            _end(row, "closed", now)
            record("sampling.item_alarm_closed", item_alarm_subject(row.pk), by=by, at=now, area=row.area)


def _alarm(alarm: Alarm, tube: Tube, now: datetime) -> ItemAlarm:
    disease = Round.objects.filter(pk=tube.round_id).values_list("disease", flat=True).first() or ""
    return ItemAlarm(
        area=tube.area,
        tube=tube.number,
        disease=disease,
        laboratory=alarm.laboratory[:120],
        alarm=alarm.state,
        alarm_at=now,
        due_at=now + timedelta(hours=settings.DAYCLEAR_SAMPLING["item_alarm"]),
    )


def _opening(row: ItemAlarm) -> Opening:
    return Opening(ITEM_ALARM, item_alarm_subject(row.pk), row.area, county_of(row.area), row.alarm_at, row.due_at)


def _end(row: ItemAlarm, state: str, now: datetime) -> None:
    row.state, row.closed_at = state, now
    row.save(update_fields=["state", "closed_at"])
    meet_deadline(ITEM_ALARM, item_alarm_subject(row.pk), at=now)


@checks(ITEM_ALARM)
def _is_over(deadline: Deadline) -> bool:
    key = int(deadline.subject.partition(":")[2])
    return not ItemAlarm.objects.filter(pk=key, state="open").exists()
