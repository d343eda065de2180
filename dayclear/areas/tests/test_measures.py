"""The register of measures: refused without what it needs, over by itself, reviewed, ended with its area."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from dayclear.areas.commands import (
    REVIEW,
    MeasureOrder,
    end_due_measures,
    end_measure,
    impose_measure,
    overrule_area,
    propose_area,
    review_measure,
)
from dayclear.areas.models import Measure
from dayclear.areas.tests.acts import COUNTY, PREFECTURE, VILLAGE, at, drawn, proposal
from dayclear.cases.models import CaseCount
from dayclear.foundation.actors import Actor, system
from dayclear.foundation.deadlines import open_deadlines
from dayclear.foundation.decisions import Refused
from dayclear.foundation.models import Event
from dayclear.foundation.rules import Role
from dayclear.foundation.scope import acting
from dayclear.policy.variances import LocalVariance

NOW = at(2022, 11, 15)


@pytest.fixture
def commander(make_actor: Callable[[str, Role, int], Actor]) -> Actor:
    return make_actor("prefecture-commander", Role.COMMANDER, PREFECTURE)


def order(**said: Any) -> MeasureOrder:
    given: dict[str, Any] = {
        "place": VILLAGE,
        "disease": "covid-19",
        "kind": "checkpoint_regime",
        "scope": "the village's two roads",
        "basis": "prefecture order",
        "starts_at": NOW,
        "ends_at": NOW + timedelta(days=3),
        "review_on": date(2022, 11, 16),
    }
    return MeasureOrder(**{**given, **said})


@pytest.mark.parametrize(
    ("said", "code"),
    [
        pytest.param({"ends_at": None}, "end_missing", id="no end"),
        pytest.param({"review_on": None}, "review_missing", id="R37 no review"),
        pytest.param({"basis": ""}, "basis_missing", id="no basis"),
        pytest.param({"kind": "standstill"}, "OG-14", id="OG-14 a village stands still"),
        pytest.param({"kind": "closure"}, "OG-09", id="OG-09 the village shop"),
        pytest.param({"kind": "mass_test_round"}, "OG-12", id="OG-12 no outbreak"),
        pytest.param({"kind": "area_measure", "code": "stay_in_area"}, "OG-01", id="F1 low-risk people kept in"),
        pytest.param({"place": 460105 * 10**12}, "outside_area", id="another province"),
    ],
)
def test_a_measure_that_may_not_stand_is_refused_and_nothing_is_written(
    commander: Actor, said: dict[str, Any], code: str
) -> None:
    with acting(commander):
        with pytest.raises(Refused, match=code):
            impose_measure(order(**said), by=commander, now=NOW)
        assert not Measure.objects.exists()


def test_R37_a_measure_is_reviewed_by_its_day_and_ends_by_itself(commander: Actor) -> None:
    sweeper = system("tests")
    with acting(commander):
        measure = impose_measure(order(), by=commander, now=NOW)
        assert open_deadlines(commander).get(kind=REVIEW).due_at == at(2022, 11, 17, 0)
        review_measure(measure, review_on=date(2022, 11, 17), reason="still needed", by=commander, now=at(2022, 11, 16))
        assert open_deadlines(commander).get(kind=REVIEW).due_at == at(2022, 11, 18, 0)
    with acting(sweeper):
        assert end_due_measures(by=sweeper, now=NOW + timedelta(days=3) - timedelta(seconds=1)) == 0
        assert end_due_measures(by=sweeper, now=NOW + timedelta(days=3)) == 1
        assert end_due_measures(by=sweeper, now=NOW + timedelta(days=3)) == 0
        assert Event.objects.get(kind="areas.measure_ended").payload["cause"] == "time_over"
        assert not open_deadlines(sweeper).filter(kind=REVIEW).exists()


def test_a_measure_ended_early_is_over_once(commander: Actor) -> None:
    with acting(commander):
        measure = impose_measure(order(), by=commander, now=NOW)
        end_measure(measure, by=commander, now=NOW)
        with pytest.raises(Refused, match="measure_over"):
            end_measure(measure, by=commander, now=NOW)


def test_a_measure_ends_with_the_area_it_rests_on(
    county_officer: Actor, commander: Actor, province_commander: Actor
) -> None:
    area = drawn(county_officer, commander, NOW)
    said = order(kind="area_measure", code="stay_home", area_id=area)
    with acting(commander):
        impose_measure(said, by=commander, now=NOW)
        assert open_deadlines(commander).filter(kind=REVIEW).exists()
    with acting(province_commander):
        overrule_area(area, reason="too wide", by=province_commander, now=NOW)
        assert Measure.objects.get().end_cause == "overruled"
        assert not open_deadlines(province_commander).filter(kind=REVIEW).exists()


@pytest.mark.usefixtures("committed")
def test_two_officers_at_once_get_one_round_of_mass_testing_a_day() -> None:
    everywhere = [system("first"), system("second")]
    with acting(everywhere[0]):
        CaseCount.objects.create(area=COUNTY, level=3, disease="covid-19", day=NOW.date(), cases=1)
    outcomes: list[str] = []

    def impose(actor: Actor, day: int, gate: threading.Barrier) -> None:
        starts = NOW + timedelta(days=day)
        said = order(kind="mass_test_round", starts_at=starts, ends_at=starts + timedelta(hours=8))
        try:
            gate.wait(timeout=20)
            with acting(actor):
                impose_measure(said, by=actor, now=NOW)
            outcomes.append("imposed")
        except Refused as refusal:
            outcomes.extend(refusal.decision.codes)
        finally:
            connection.close()

    for day in range(5):
        gate = threading.Barrier(2)
        threads = [threading.Thread(target=impose, args=(actor, day, gate)) for actor in everywhere]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=20)
    assert sorted(outcomes) == ["OG-12"] * 5 + ["imposed"] * 5


def test_an_officer_imposes_nothing(county_officer: Actor) -> None:
    with acting(county_officer), pytest.raises(Refused, match="right_missing"):
        impose_measure(order(), by=county_officer, now=NOW)


def test_R34_a_measure_signed_below_the_pack_s_level_is_refused(
    make_actor: Callable[[str, Role, int], Actor],
) -> None:
    county_commander = make_actor("county-commander", Role.COMMANDER, COUNTY)
    later = at(2022, 11, 23)
    said = order(starts_at=later, ends_at=later + timedelta(days=1), review_on=date(2022, 11, 24))
    with acting(county_commander), pytest.raises(Refused, match="decider_below_level"):
        impose_measure(said, by=county_commander, now=later)


def test_the_database_keeps_no_measure_without_an_end(commander: Actor) -> None:
    with acting(commander):
        measure = impose_measure(order(), by=commander, now=NOW)
        with pytest.raises(IntegrityError), transaction.atomic():
            Measure.objects.filter(pk=measure).update(ends_at=None)


def test_R36_under_a_local_overlay_without_leave_nothing_is_drawn_and_nothing_imposed(
    county_officer: Actor, commander: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    departing = LocalVariance("drill-local", "cn-covid-9e+20", ("areas.levels.high.down.clear_days",), "", None, False)
    monkeypatch.setattr("dayclear.areas.commands.proposal.variance_of", lambda *_: departing)
    with acting(county_officer), pytest.raises(Refused, match="overlay_without_variance"):
        propose_area(proposal(), by=county_officer, now=NOW)
    with acting(commander), pytest.raises(Refused, match="overlay_without_variance"):
        impose_measure(order(), by=commander, now=NOW)
