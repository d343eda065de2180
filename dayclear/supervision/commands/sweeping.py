"""The nightly run over everything live: a new pack can make yesterday's measure unlawful."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from dayclear.foundation.actors import Actor
from dayclear.foundation.events import Draft, record_many
from dayclear.supervision.commands.opening import ANSWER, open_findings, start_clocks, stop_clocks, subject_of
from dayclear.supervision.limits import hours
from dayclear.supervision.models import Finding
from dayclear.supervision.rules import due_after
from dayclear.supervision.sightings import Sighting, sight_areas, sight_measures, sight_orders, sight_slack


@dataclass(frozen=True, slots=True)
class Swept:
    """What a run came to. Units: findings."""

    seen: int
    opened: int
    reopened: int
    gone: int


def sweep_everything(*, by: Actor, now: datetime) -> Swept:
    """Hold every order, area and measure in force against the pack in force, and every duty against the clock.

    What is seen for the first time becomes a finding; what was reported as put right and is seen again is open again;
    what is seen no more is closed. Played twice at one instant, the second run changes nothing.
    """
    with transaction.atomic():
        open_before = set(Finding.objects.exclude(state="closed").values_list("pk", flat=True))
        sightings: list[Sighting] = [
            *sight_orders(by, now=now),
            *sight_areas(by, now=now),
            *sight_measures(by, now=now),
            *sight_slack(by, now=now),
        ]
        ids = open_findings(sightings, "sweep", by=by, now=now)
        opened = len(set(ids.values()) - open_before)
        reopened = _reopen(sorted(set(ids.values()) & open_before), by=by, now=now)
        gone = _close_gone(by=by, now=now)
    return Swept(len(ids), opened, reopened, gone)


def _reopen(ids: Sequence[int], *, by: Actor, now: datetime) -> int:
    """What was reported as put right, or checked as such, and is not."""
    rows = list(
        Finding.objects.select_for_update().filter(pk__in=ids, state__in=("rectified", "rechecked")).order_by("pk")
    )
    due = due_after(now, hours("answer_due"))
    stop_clocks([row.pk for row in rows], now=now)
    Finding.objects.filter(pk__in=[row.pk for row in rows]).update(
        state="open", due_at=due, rectified_at=None, rectified_by=None, rechecked_at=None, rechecked_label=""
    )
    start_clocks(ANSWER, rows, due, now=now)
    record_many(
        [
            Draft("supervision.finding_reopened", subject_of(row.pk), row.area, {"predicate": row.predicate})
            for row in rows
        ],
        by=by,
        at=now,
    )
    return len(rows)


def _close_gone(*, by: Actor, now: datetime) -> int:
    """Close what the sweep found before and does not find now: the facts have changed, whoever changed them."""
    rows = list(
        Finding.objects.select_for_update()
        .filter(origin="sweep", seen_at__lt=now, area__range=(by.area.lo, by.area.hi))
        .exclude(state="closed")
        .order_by("pk")
    )
    stop_clocks([row.pk for row in rows], now=now)
    Finding.objects.filter(pk__in=[row.pk for row in rows]).update(
        state="closed", closed_at=now, close_cause="facts_gone", rechecked_at=now, rechecked_label=by.label
    )
    record_many(
        [
            Draft(
                "supervision.finding_closed",
                subject_of(row.pk),
                row.area,
                {"predicate": row.predicate, "cause": "facts_gone", "state": row.state},
            )
            for row in rows
        ],
        by=by,
        at=now,
    )
    return len(rows)
