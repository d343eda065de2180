"""Alarms from plates and from the charts of a day; returns that are owed, sent, late."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import numpy as np
import pytest

from dayclear.foundation.actors import Actor
from dayclear.foundation.clock import local_day
from dayclear.foundation.deadlines import open_deadlines, sweep
from dayclear.foundation.decisions import Refused
from dayclear.foundation.models import Event
from dayclear.foundation.rules import Role
from dayclear.foundation.scope import acting
from dayclear.lab.commands import (
    Said,
    close_alarm,
    measure_day,
    open_returns,
    plate_tubes,
    send_return,
    take_in_results,
)
from dayclear.lab.commands.retention import drop_past_plates
from dayclear.lab.models import LabReturn, Plate, QualityAlarm, QualityPoint, ReceivedTube, Result
from dayclear.lab.queries import at_work, laboratories_of, owed_returns
from dayclear.lab.rules.cutoffs import State
from dayclear.lab.rules.plates import Machine
from dayclear.lab.rules.returns import Figures
from dayclear.lab.tests.acts import (
    COUNTY,
    SYSTEM,
    VILLAGE,
    common_assay,
    laboratory,
    layout,
    opened,
    plated,
    readings,
    received,
)


@pytest.fixture
def worker(make_actor: Callable[[str, Role, int], Actor]) -> Actor:
    return make_actor("lab-worker", Role.LAB_WORKER, VILLAGE)


@pytest.fixture
def many_labs(places: None, now: datetime) -> list[int]:
    """Seven laboratories with two plates each; the last one mixed its tubes: its internal control hardly varies."""
    rng = np.random.default_rng(1)
    made, assay = [], common_assay(now)
    for number in range(7):
        lab = laboratory(now, code=f"LAB-{number}", name=f"Laboratory {number}")
        tubes = list(range(10_000 * (number + 1), 10_000 * (number + 1) + 184))
        opened(tubes, now)
        received(lab, tubes, by=SYSTEM, now=now)
        spread = 0.5 if number == 6 else 1.2
        with acting(SYSTEM):
            parts = {f"P{number}-{part}": tubes[part * 92 : (part + 1) * 92] for part in range(2)}
            plate_tubes(lab, [layout(code, part, assay) for code, part in parts.items()], by=SYSTEM, now=now)
            for code, part in parts.items():
                states = {tube: State.POSITIVE for tube in part if rng.random() < 0.05}
                cts = {tube: {"RNP": round(float(rng.normal(25, spread)), 2)} for tube in part}
                at = now + timedelta(hours=3 * int(code[-1]))
                take_in_results(lab, [readings(code, part, at, states, cts=cts)], by=SYSTEM, now=now)
        made.append(lab)
    return made


def test_the_charts_of_a_day_flag_the_lab_that_mixed_its_tubes_and_no_other(
    many_labs: list[int], now: datetime
) -> None:
    day = local_day(now)
    with acting(SYSTEM):
        new = measure_day(day, by=SYSTEM, now=now)
        found = {(row.laboratory_id, row.kind) for row in QualityAlarm.objects.exclude(kind="impossible_runs")}
        assert {lab for lab, _kind in found} == {many_labs[6]}
        assert (many_labs[6], "control_spread") in found
        assert QualityPoint.objects.filter(chart="positivity", instrument_id=0).count() == 7
        assert measure_day(day, by=SYSTEM, now=now + timedelta(minutes=15)) == 0, "looked at again, nothing is new"
        assert Event.objects.filter(kind="lab.quality_alarm_raised").count() == QualityAlarm.objects.count() >= new


def test_only_the_whole_installation_compares_laboratories(county_officer: Actor, now: datetime) -> None:
    with pytest.raises(Refused, match="whole_installation_only"), acting(county_officer):
        measure_day(local_day(now), by=county_officer, now=now)


def test_overlapping_runs_of_one_machine_raise_one_alarm(worker: Actor, now: datetime) -> None:
    tubes = list(range(1, 21))
    opened(tubes, now)
    lab = laboratory(now)
    received(lab, tubes, by=worker, now=now)
    for code, part in (("P1", tubes[:10]), ("P2", tubes[10:])):
        plated(lab, code, part, by=worker, now=now)
        with acting(worker):
            take_in_results(lab, [readings(code, part, now)], by=worker, now=now)
    with acting(SYSTEM):
        (alarm,) = QualityAlarm.objects.filter(kind="impossible_runs")
        assert alarm.facts["causes"] == ["runs_overlap"]


def test_an_alarm_is_closed_once_with_an_answer(county_officer: Actor, worker: Actor, now: datetime) -> None:
    tubes = list(range(1, 11))
    opened(tubes, now)
    lab = laboratory(now)
    received(lab, tubes, by=worker, now=now)
    plated(lab, "P1", tubes, by=worker, now=now)
    with acting(worker):
        take_in_results(lab, [readings("P1", tubes, now, curves=3)], by=worker, now=now)
        alarm = QualityAlarm.objects.get(kind="curves_short")
        with pytest.raises(Refused, match="right_missing"):
            close_alarm(alarm.pk, confirmed=False, answer="nothing", by=worker, now=now)
    with acting(county_officer):
        with pytest.raises(Refused, match="why_missing"):
            close_alarm(alarm.pk, confirmed=True, answer=" ", by=county_officer, now=now)
        close_alarm(alarm.pk, confirmed=True, answer="three tubes in each well", by=county_officer, now=now)
        with pytest.raises(Refused, match="alarm_closed"):
            close_alarm(alarm.pk, confirmed=True, answer="again", by=county_officer, now=now)


def test_a_return_is_owed_after_each_period_sent_once_and_late_where_it_is_not(worker: Actor, now: datetime) -> None:
    first = laboratory(now - timedelta(hours=5))
    laboratory(now - timedelta(hours=5), code="LAB-2")
    laboratory(now - timedelta(minutes=30), code="LAB-3")
    opened([1, 2, 3], now)
    received(first, [1, 2, 3], by=worker, now=now - timedelta(minutes=90))
    with acting(SYSTEM):
        assert open_returns(by=SYSTEM, now=now) == 2, "a laboratory opened within the period owes none"
        assert open_returns(by=SYSTEM, now=now) == 0
        row = LabReturn.objects.get(laboratory=first)
        assert (row.received, row.ended_at, row.due_at) == (3, now, now + timedelta(minutes=30))
        clock = open_deadlines(SYSTEM).get(subject=f"lab.return:{row.pk}")
        assert (clock.kind, clock.accountable) == ("lab.return", COUNTY)
    with acting(worker):
        differing = send_return(row.pk, Said(Figures(3, 0, 1), free=90), by=worker, now=now + timedelta(minutes=5))
        assert differing == ("reported",)
        with pytest.raises(Refused, match="return_sent"):
            send_return(row.pk, Said(Figures(3, 0, 0), free=90), by=worker, now=now)
    with acting(SYSTEM):
        assert sweep(now=now + timedelta(minutes=31)) == 1
        assert [each.laboratory.code for each in owed_returns(SYSTEM)] == ["LAB-2"]


def test_how_a_laboratory_stands(worker: Actor, now: datetime) -> None:
    lab = laboratory(now)
    tubes = list(range(1, 31))
    opened(tubes, now)
    received(lab, tubes, by=worker, now=now)
    plated(lab, "P1", tubes[:10], by=worker, now=now)
    with acting(worker):
        stands = at_work(worker, laboratories_of(worker), now=now)[lab]
    assert (stands.waiting, stands.oldest, stands.on_plates, stands.received, stands.reported) == (20, now, 10, 30, 0)
    assert (stands.machines, stands.per_day, stands.free) == (1, 92 * 8, 92 * 4 - 30)
    assert Machine().runs_per_day == 8


def test_plates_past_their_time_go_with_their_results(worker: Actor, now: datetime) -> None:
    tubes = list(range(1, 11))
    opened(tubes, now)
    lab = laboratory(now)
    received(lab, tubes, by=worker, now=now)
    plated(lab, "P1", tubes[:8], by=worker, now=now)
    with acting(SYSTEM):
        assert drop_past_plates(by=SYSTEM, now=now + timedelta(days=59)) == 0
        assert drop_past_plates(by=SYSTEM, now=now + timedelta(days=61)) == 1
        assert (Plate.objects.count(), ReceivedTube.objects.count(), Result.objects.count()) == (0, 0, 0)
