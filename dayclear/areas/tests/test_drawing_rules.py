"""Which areas may be drawn, by whom; which measures may be imposed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from dayclear.areas.rules.designation import Designation, may_decide, may_propose
from dayclear.areas.rules.measures import may_impose
from dayclear.policy.calendar import policy_on
from dayclear.policy.overreach import Books, MeasureFacts

ANYWHERE = 610113 * 10**12
DAYS = {
    "8e": date(2021, 12, 29),
    "9e": date(2022, 7, 1),
    "twenty": date(2022, 11, 12),
    "twenty, documents": date(2022, 11, 23),
    "ten": date(2022, 12, 8),
    "class b": date(2023, 1, 8),
}
DRAWN = Designation(
    level="high",
    unit="building",
    designation="residence_of_infected",
    ground="two infected households on one staircase",
    anchored_on=date(2021, 1, 1),
    members=1,
)


def judged(pack: str, **facts: Any) -> tuple[str, ...]:
    day = DAYS[pack]
    rules = policy_on(day, ANYWHERE, "covid-19").rules
    decision = may_propose(replace(DRAWN, **facts), rules.areas, forbidden=frozenset(rules.forbidden), today=day)
    return decision.codes


@pytest.mark.parametrize(
    ("pack", "facts", "codes"),
    [
        pytest.param("9e", {}, (), id="9e: a building"),
        pytest.param("9e", {"unit": "compound"}, (), id="9e: the compound is its unit"),
        pytest.param("9e", {"unit": "community"}, ("unit_too_large",), id="9e: a community without ground"),
        pytest.param(
            "9e", {"unit": "community", "enlarging": "shared market"}, (), id="9e: a community, adjusted on record"
        ),
        pytest.param("twenty", {"unit": "household"}, (), id="F5 Wuzhong: a household or shop"),
        pytest.param("twenty", {"unit": "building"}, (), id="twenty: a building"),
        pytest.param("twenty", {"unit": "compound"}, ("OG-10",), id="OG-10: a compound without ground"),
        pytest.param(
            "twenty", {"unit": "compound", "enlarging": "to be safe"}, ("OG-10",), id="OG-10: a ground not in the pack"
        ),
        pytest.param(
            "twenty", {"unit": "compound", "enlarging": "wide_community_spread"}, (), id="a compound with the ground"
        ),
        pytest.param(
            "ten",
            {"unit": "compound", "enlarging": "wide_community_spread"},
            ("OG-10",),
            id="OG-10 under the Ten: never, whatever the ground",
        ),
        pytest.param("ten", {"unit": "floor"}, (), id="ten: a floor"),
        pytest.param("twenty", {"level": "medium"}, ("level_not_in_pack",), id="twenty: medium is gone"),
        pytest.param(
            "9e", {"level": "low", "designation": "rest_of_county"}, ("level_not_drawn",), id="low is never drawn"
        ),
        pytest.param("class b", {}, ("areas_not_in_pack",), id="class B draws no areas"),
        pytest.param("9e", {"members": 0}, ("members_missing",), id="no places"),
        pytest.param("9e", {"ground": " "}, ("ground_missing",), id="no ground"),
        pytest.param("9e", {"designation": "rumour"}, ("designation_not_in_pack",), id="a ground no pack knows"),
        pytest.param("9e", {"anchored_on": None}, ("anchor_missing",), id="no day of infection"),
        pytest.param("9e", {"anchored_on": date(2022, 7, 2)}, ("anchor_in_future",), id="infection tomorrow"),
        pytest.param("9e", {"unit": "province"}, ("unit_unknown",), id="no such unit"),
    ],
)
def test_an_area_is_drawn_as_the_pack_in_force_says(pack: str, facts: dict[str, Any], codes: tuple[str, ...]) -> None:
    assert judged(pack, **facts) == codes


@pytest.mark.parametrize(
    ("pack", "level", "codes"),
    [
        pytest.param("twenty, documents", 1, (), id="province"),
        pytest.param("twenty, documents", 2, (), id="prefecture: the very level"),
        pytest.param("twenty, documents", 3, ("decider_below_level",), id="county: one level below"),
        pytest.param("9e", 3, (), id="9e names no level"),
    ],
)
def test_R34_nobody_below_the_pack_s_level_decides(pack: str, level: int, codes: tuple[str, ...]) -> None:
    areas = policy_on(DAYS[pack], ANYWHERE, "covid-19").rules.areas
    assert may_decide(level, areas).codes == codes


def test_whoever_proposed_does_not_decide() -> None:
    assert may_decide(0, None, own_proposal=True).codes == ("own_proposal",)


@pytest.mark.parametrize(
    ("ends_on", "review_on", "codes"),
    [
        pytest.param(None, None, (), id="no end, no review day"),
        pytest.param(None, date(2022, 7, 1), (), id="review due today"),
        pytest.param(None, date(2022, 6, 30), ("pack_not_reviewed",), id="review overdue by a day"),
        pytest.param(date(2022, 7, 1), None, ("pack_ended",), id="the first day after its end"),
    ],
)
def test_R37_a_pack_past_its_review_or_end_orders_nothing_new(
    ends_on: date | None, review_on: date | None, codes: tuple[str, ...]
) -> None:
    areas = policy_on(DAYS["9e"], ANYWHERE, "covid-19").rules.areas
    decision = may_propose(DRAWN, areas, forbidden=(), today=date(2022, 7, 1), ends_on=ends_on, review_on=review_on)
    assert decision.codes == codes


# ---------------------------------------------------------------------------------------------------- measures


def imposed(pack: str, **facts: Any) -> tuple[str, ...]:
    day = DAYS[pack]
    now = datetime(day.year, day.month, day.day, 4, tzinfo=UTC)
    rules = policy_on(day, ANYWHERE, "covid-19").rules
    measure = MeasureFacts(
        kind="area_measure",
        level="high",
        basis="areas.levels.high.measures",
        scope="people of building 3",
        starts_at=now,
        ends_at=now + timedelta(days=5),
        review_on=day + timedelta(days=2),
        approver_level=2,
        code="stay_home",
    )
    books = Books(rules.areas, rules.testing, frozenset(rules.forbidden))
    return may_impose(replace(measure, **facts), books, now=now, today=day).codes


@pytest.mark.parametrize(
    ("pack", "facts", "codes"),
    [
        pytest.param("9e", {}, (), id="stay at home in a high-risk area"),
        pytest.param("9e", {"basis": ""}, ("basis_missing",), id="no basis"),
        pytest.param("9e", {"scope": ""}, ("scope_missing",), id="no scope"),
        pytest.param("9e", {"approver_level": None}, ("approver_missing",), id="no approver"),
        pytest.param("9e", {"ends_at": None}, ("end_missing",), id="no end"),
        pytest.param("9e", {"kind": "wish"}, ("measure_kind_unknown",), id="no such kind"),
        pytest.param(
            "twenty, documents", {"approver_level": 3}, ("decider_below_level",), id="approved below the pack's level"
        ),
        pytest.param(
            "twenty",
            {"level": "low", "code": "stay_in_area"},
            ("OG-01", "OG-14"),
            id="F1 Youyang: low-risk people may not leave the area",
        ),
        pytest.param("twenty", {"level": "low", "code": "self_protection"}, (), id="what low risk does ask for"),
        pytest.param(
            "8e", {"code": "stay_in_area", "level": "lockdown"}, ("measure_not_in_pack",), id="8e: other level"
        ),
        pytest.param(
            "9e",
            {"kind": "closure", "code": "", "level": "low"},
            ("OG-09",),
            id="OG-09: a shop shut in a low-risk area",
        ),
        pytest.param(
            "twenty",
            {"kind": "standstill", "code": "", "level": ""},
            ("OG-01", "OG-14"),
            id="OG-14: a whole place stands still",
        ),
        pytest.param(
            "ten",
            {"kind": "standstill", "code": "", "level": "high"},
            ("OG-16",),
            id="OG-16: a temporary lockdown, even of a high-risk area",
        ),
        pytest.param(
            "ten",
            {"kind": "physical_barrier", "code": "", "at_exit": "fire_exit"},
            ("OG-17",),
            id="OG-17: a fire exit is blocked",
        ),
        pytest.param(
            "twenty", {"kind": "mass_test_round", "code": ""}, ("OG-12",), id="OG-12: a mass test without an outbreak"
        ),
        pytest.param(
            "twenty", {"kind": "mass_test_round", "code": "", "outbreak": True}, (), id="the first round of the day"
        ),
        pytest.param(
            "twenty",
            {"kind": "mass_test_round", "code": "", "outbreak": True, "rounds_that_day": 1},
            ("OG-12",),
            id="OG-12: a second round on one day",
        ),
        pytest.param(
            "9e",
            {"kind": "checkpoint_regime", "code": "", "ends_at": None},
            ("end_missing", "OG-08"),
            id="OG-08, F8: a checkpoint without an end",
        ),
        pytest.param("9e", {"kind": "checkpoint_regime", "code": ""}, (), id="a checkpoint approved and dated"),
    ],
)
def test_a_measure_has_all_it_needs_and_the_pack_does_not_forbid_it(
    pack: str, facts: dict[str, Any], codes: tuple[str, ...]
) -> None:
    assert imposed(pack, **facts) == codes


@pytest.mark.parametrize(
    ("review", "codes"),
    [
        pytest.param(None, ("review_missing",), id="no review day"),
        pytest.param(DAYS["9e"], (), id="today"),
        pytest.param(DAYS["9e"] - timedelta(days=1), ("review_passed",), id="yesterday"),
    ],
)
def test_R37_a_measure_without_a_review_to_come_is_refused(review: date | None, codes: tuple[str, ...]) -> None:
    assert imposed("9e", review_on=review) == codes
