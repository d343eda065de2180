"""The eleventh of November and the eighth of January: what a change of pack does to areas and measures."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest

from dayclear.areas import changeover
from dayclear.areas.commands import MeasureOrder, impose_measure
from dayclear.areas.models import Measure, RiskArea
from dayclear.areas.tests.acts import NEXT_VILLAGE, PREFECTURE, VILLAGE, at, drawn
from dayclear.cases.commands import CaseRecord, register_case
from dayclear.cases.rules import CaseDays
from dayclear.foundation.actors import Actor, system
from dayclear.foundation.models import Event
from dayclear.foundation.rules import Role
from dayclear.foundation.scope import acting
from dayclear.people.commands import PersonRecord
from dayclear.policy.calendar import Policy, policy_on
from dayclear.policy.changeover import Effect

THE_DAY = at(2022, 11, 11, 0)
COUNTY = 610113 * 10**12


def pack(day: date) -> Policy:
    return policy_on(day, COUNTY, "covid-19")


NINTH, TWENTY, CLASS_B = pack(date(2022, 11, 10)), pack(date(2022, 11, 11)), pack(date(2023, 1, 8))


@pytest.fixture
def commander(make_actor: Callable[[str, Role, int], Actor]) -> Actor:
    return make_actor("prefecture-commander", Role.COMMANDER, PREFECTURE)


@pytest.fixture
def under_the_ninth(county_officer: Actor, commander: Actor) -> dict[str, int]:
    """A medium-risk area, a high one with five clear days on the eleventh, one with four, and two mass tests."""
    now = at(2022, 11, 7)
    areas = {
        "medium": drawn(
            county_officer,
            commander,
            now,
            level="medium",
            designation="stayed_some_time_with_possible_transmission",
            anchored_on=date(2022, 11, 7),
        ),
        "five days": drawn(county_officer, commander, now, anchored_on=date(2022, 11, 5)),
        "four days": drawn(county_officer, commander, now, anchored_on=date(2022, 11, 6), place=NEXT_VILLAGE),
    }
    with acting(commander):
        days = CaseDays(reported_on=date(2022, 11, 6))
        case = CaseRecord(
            area=0, person_id=0, disease="covid-19", number="", days=days, classification="confirmed", under_order="no"
        )
        register_case(PersonRecord(area=VILLAGE, name="张三", sex="unknown"), case, by=commander, now=now)
        for place in (VILLAGE, 610103001001 * 10**6):
            order = MeasureOrder(
                place=place,
                disease="covid-19",
                kind="mass_test_round",
                scope="everybody",
                basis="prefecture order",
                starts_at=now,
                ends_at=now + timedelta(days=9),
                review_on=date(2022, 11, 12),
            )
            impose_measure(order, by=commander, now=now)
        impose_measure(
            MeasureOrder(
                place=VILLAGE,
                disease="covid-19",
                kind="area_measure",
                code="stay_in_area",
                area_id=areas["medium"],
                scope="the medium-risk area",
                basis="areas.levels.medium.measures",
                starts_at=now,
                ends_at=now + timedelta(days=9),
                review_on=date(2022, 11, 12),
            ),
            by=commander,
            now=now,
        )
    return areas


def states(areas: dict[str, int]) -> dict[str, tuple[str, str]]:
    with acting(system("tests")):
        rows = {row.pk: (row.state, row.level) for row in RiskArea.objects.all()}
    return {name: rows[pk] for name, pk in areas.items()}


EXPECTED = [
    Effect("area.cancelled", 1),
    Effect("area.lowered", 1),
    Effect("measure.ended", 1),
    Effect("duty.stopped", 1),
]


def test_on_the_eleventh_medium_is_cancelled_five_clear_days_are_lowered_and_idle_mass_tests_stop(
    commander: Actor, under_the_ninth: dict[str, int]
) -> None:
    with acting(commander):
        assert changeover.dry_run(NINTH, TWENTY, THE_DAY, by=commander) == EXPECTED
        assert [row.name for row in changeover.listed(NINTH, TWENTY, THE_DAY, "area.lowered", by=commander)]
        assert not Event.objects.filter(kind="areas.area_changed_over").exists()
        assert changeover.apply(NINTH, TWENTY, THE_DAY, by=commander, now=THE_DAY) == EXPECTED
    assert states(under_the_ninth) == {
        "medium": ("ended", ""),
        "five days": ("in_force", "low"),
        "four days": ("in_force", "high"),
    }
    with acting(commander):
        stopped = Measure.objects.get(area=610103001001 * 10**6)
        assert stopped.end_cause == "changeover"
        assert Measure.objects.get(kind="mass_test_round", area=VILLAGE).ended_at is None
        assert Event.objects.filter(kind="areas.area_changed_over").count() == 2


def test_the_changeover_played_twice_changes_nothing_more(commander: Actor, under_the_ninth: dict[str, int]) -> None:
    with acting(commander):
        changeover.apply(NINTH, TWENTY, THE_DAY, by=commander, now=THE_DAY)
        again = changeover.apply(NINTH, TWENTY, THE_DAY, by=commander, now=THE_DAY + timedelta(hours=1))
        assert {effect.count for effect in again} == {0}
        assert len(changeover.done(TWENTY, THE_DAY, by=commander)) == 4


def test_class_b_ends_every_area_and_what_rests_on_it(commander: Actor, under_the_ninth: dict[str, int]) -> None:
    day = at(2023, 1, 8, 0)
    with acting(commander):
        effects = changeover.apply(TWENTY, CLASS_B, day, by=commander, now=day)
    assert Effect("area.cancelled", 3) in effects
    assert {state for state, _level in states(under_the_ninth).values()} == {"ended"}


@pytest.mark.parametrize(
    ("now", "restored", "left"),
    [
        pytest.param(at(2022, 11, 10, 20), 2, 0, id="taken back the evening before: all stand again"),
        pytest.param(at(2022, 11, 11, 9), 1, 1, id="taken back on the day: the pack in force knows no medium"),
    ],
)
def test_undoing_is_another_signed_decision_and_goes_no_further_than_the_pack_in_force(
    commander: Actor, under_the_ninth: dict[str, int], now: datetime, restored: int, left: int
) -> None:
    early = at(2022, 11, 10, 18)
    with acting(commander):
        changeover.apply(NINTH, TWENTY, THE_DAY, by=commander, now=early)
        effects = changeover.undo(NINTH, TWENTY, THE_DAY, by=commander, now=now)
        assert effects == [Effect("area.restored", restored), Effect("area.not_restored", left, needs_human=True)]
        assert Event.objects.filter(kind="areas.changeover_undone").count() == restored
        assert changeover.undo(NINTH, TWENTY, THE_DAY, by=commander, now=now)[0].count == 0
    assert states(under_the_ninth)["five days"] == ("in_force", "high")
