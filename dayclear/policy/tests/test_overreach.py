"""Every prohibition of the guard, found and not found, at its boundaries, under the pack of its day."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dayclear.policy.calendar import policy_on
from dayclear.policy.overreach import (
    AreaStanding,
    Books,
    CareDenial,
    Journey,
    ListFacts,
    MeasureFacts,
    OrderFacts,
    StatusChange,
    area_breaches,
    books_of,
    care_breaches,
    catalogue_ids,
    category_breach,
    exposure_level,
    free_levels,
    journey_breaches,
    lapsed,
    last_lawful_day,
    list_breaches,
    measure_breaches,
    order_breaches,
    status_breaches,
)

ANYWHERE = 610113 * 10**12
NOW = datetime(2022, 11, 12, 4, tzinfo=UTC)
DAYS = {
    "2020": date(2020, 2, 20),
    "8e": date(2022, 3, 1),
    "8e, after the nine": date(2022, 6, 10),
    "9e": date(2022, 7, 1),
    "twenty": date(2022, 11, 12),
    "twenty, documents": date(2022, 11, 23),
    "ten": date(2022, 12, 8),
    "BB": date(2023, 1, 9),
}


def books(pack: str) -> Books:
    return books_of(policy_on(DAYS[pack], ANYWHERE, "covid-19"))


def of_order(pack: str, **said: Any) -> list[str]:
    facts = OrderFacts("close_contact", date(2022, 7, 1), date(2022, 7, 9), confines=True, individual=True)
    return [each.rule for each in order_breaches(replace(facts, **said), books(pack))]


LAST = date(2022, 7, 1)


@pytest.mark.parametrize(
    ("pack", "said", "rules"),
    [
        pytest.param("9e", {}, [], id="OG-04, OG-05, OG-07, OG-13 none: a contact inside the plan"),
        pytest.param(
            "9e",
            {"category": "spillover_low", "exposure_level": "low", "ends_on": LAST},
            ["OG-02"],
            id="OG-02 confined for having been in a low-risk area",
        ),
        pytest.param(
            "9e",
            {"category": "spillover_low", "exposure_level": "low", "ends_on": LAST, "confines": False},
            [],
            id="OG-02 none: tested and not confined",
        ),
        pytest.param(
            "9e",
            {"category": "spillover_high", "exposure_level": "high", "ends_on": date(2022, 7, 8)},
            [],
            id="OG-02 none: a high-risk area",
        ),
        pytest.param("9e", {"category": "petitioner"}, ["OG-04"], id="OG-04 a category no text ever had"),
        pytest.param("9e", {"ends_on": date(2022, 7, 11)}, [], id="OG-05 none: the tenth day of 7+3"),
        pytest.param("9e", {"ends_on": date(2022, 7, 12)}, ["OG-05"], id="OG-05 the eleventh day of 7+3"),
        pytest.param("twenty", {"ends_on": date(2022, 7, 9)}, [], id="OG-05 none: the eighth day of 5+3"),
        pytest.param("twenty", {"ends_on": date(2022, 7, 10)}, ["OG-05"], id="OG-05 the ninth day of 5+3"),
        pytest.param("ten", {"ends_on": date(2022, 7, 6)}, [], id="OG-05 none: the fifth day at home"),
        pytest.param("ten", {"ends_on": date(2022, 7, 7)}, ["OG-05"], id="OG-05 a sixth day at home"),
        pytest.param("9e", {"individual": False}, ["OG-07"], id="OG-07 students as a group"),
        pytest.param(
            "9e",
            {"category": "secondary_contact", "ends_on": date(2022, 7, 8)},
            [],
            id="OG-11 none: 9e determines them",
        ),
        pytest.param("twenty", {"category": "secondary_contact"}, ["OG-11"], id="OG-11 the Twenty took them out"),
        pytest.param(
            "twenty", {"category": "spillover_medium"}, ["OG-11"], id="OG-11 no medium-risk area, no spillover"
        ),
        pytest.param("twenty", {"exposed_on": LAST}, [], id="OG-13 none: counted from the exposure"),
        pytest.param("twenty", {"exposed_on": date(2022, 6, 30)}, ["OG-13"], id="OG-13 a served day is asked again"),
        pytest.param("9e", {"exposed_on": date(2022, 6, 30)}, [], id="OG-13 not yet forbidden under 9e"),
        pytest.param("BB", {}, ["R01"], id="R01 class B has no category at all"),
        pytest.param(
            "8e", {"category": "close_contact", "ends_on": date(2022, 7, 30)}, ["OG-22"], id="OG-22 too long, 2022-03"
        ),
        pytest.param(
            "8e, after the nine", {"ends_on": date(2022, 7, 30)}, ["OG-05"], id="OG-05 speaks for OG-22 since 06-05"
        ),
    ],
)
def test_an_order_is_held_against_the_pack_of_its_day(pack: str, said: dict[str, Any], rules: list[str]) -> None:
    assert of_order(pack, **said) == rules


def of_measure(pack: str, **said: Any) -> list[str]:
    facts = MeasureFacts(
        kind="area_measure",
        level="high",
        basis="a basis",
        scope="building 3",
        starts_at=NOW,
        ends_at=NOW + timedelta(days=3),
        review_on=date(2022, 11, 14),
        approver_level=2,
        code="stay_home",
    )
    return [each.rule + ("?" if each.review else "") for each in measure_breaches(replace(facts, **said), books(pack))]


BARE = {"code": "", "level": ""}


@pytest.mark.parametrize(
    ("pack", "said", "rules"),
    [
        pytest.param("twenty", {}, [], id="OG-01, OG-14, OG-16 none: stay at home in a high-risk building"),
        pytest.param(
            "twenty",
            {"level": "low", "code": "stay_in_area"},
            ["OG-01", "OG-14"],
            id="F1 Youyang, OG-01 and OG-14: low-risk people do not leave the area",
        ),
        pytest.param("twenty", {"level": "low", "code": "self_protection"}, [], id="F1 what low risk asks for"),
        pytest.param(
            "twenty",
            {"kind": "checkpoint_regime", "stops_all": True, **BARE},
            ["OG-08?"],
            id="F1 Youyang, OG-08: every vehicle stopped, every person tested, is looked at",
        ),
        pytest.param("9e", {"kind": "checkpoint_regime", **BARE}, [], id="OG-08 none: approved and dated"),
        pytest.param(
            "9e", {"kind": "checkpoint_regime", "ends_at": None, **BARE}, ["OG-08"], id="F8 Loudi, OG-08: no expiry"
        ),
        pytest.param(
            "9e",
            {"kind": "checkpoint_regime", "approver_level": None, **BARE},
            ["OG-08"],
            id="F8 Zhuzhou, OG-08: no approver",
        ),
        pytest.param("9e", {"kind": "closure", "code": "", "level": "low"}, ["OG-09"], id="OG-09 a shop at low risk"),
        pytest.param("9e", {"kind": "closure", "code": ""}, [], id="OG-09 none: inside a high-risk area"),
        pytest.param("twenty", {"kind": "mass_test_round", **BARE}, ["OG-12"], id="OG-12 no outbreak"),
        pytest.param(
            "twenty", {"kind": "mass_test_round", "outbreak": True, **BARE}, [], id="OG-12 none: first of the day"
        ),
        pytest.param(
            "twenty",
            {"kind": "mass_test_round", "outbreak": True, "rounds_that_day": 1, **BARE},
            ["OG-12"],
            id="OG-12 a second round on one day",
        ),
        pytest.param("twenty", {"kind": "closure", "site": "school", **BARE}, ["OG-09", "OG-14"], id="OG-14 a school"),
        pytest.param("9e", {"kind": "standstill", **BARE}, ["OG-01"], id="OG-14 none yet: 9e, only OG-01"),
        pytest.param("twenty", {"kind": "entry_refusal", **BARE}, ["OG-15"], id="OG-15 residents refused"),
        pytest.param("ten", {"kind": "standstill", "code": ""}, ["OG-16"], id="OG-16 a lockdown inside high risk"),
        pytest.param("ten", {"kind": "closure", "code": ""}, [], id="OG-16 none: closing inside high risk"),
        pytest.param(
            "ten", {"kind": "physical_barrier", "code": "", "at_exit": "unit_door"}, ["OG-17"], id="OG-17 a unit door"
        ),
        pytest.param("ten", {"kind": "physical_barrier", "code": ""}, [], id="OG-17 none: no way out is blocked"),
        pytest.param(
            "ten",
            {"kind": "checkpoint_regime", "asks_for": "code", "site": "supermarket", **BARE},
            ["OG-18"],
            id="OG-18 a code asked at a supermarket",
        ),
        pytest.param(
            "ten",
            {"kind": "checkpoint_regime", "asks_for": "code", "site": "hospital", **BARE},
            [],
            id="OG-18 none: a hospital may ask",
        ),
        pytest.param("ten", {"kind": "sales_limit", **BARE}, ["OG-19"], id="OG-19 a limit on fever medicine"),
        pytest.param(
            "ten",
            {"kind": "closure", "site": "pharmacy", "code": ""},
            ["OG-19"],
            id="OG-19 a pharmacy, even at high risk",
        ),
        pytest.param("8e", {"kind": "movement_limit", **BARE}, ["OG-22"], id="OG-22 wider limits, before OG-01"),
        pytest.param(
            "9e", {"kind": "standstill", "breadth": 2, **BARE}, ["OG-01", "OG-22"], id="OG-22 from an area to a city"
        ),
        pytest.param("9e", {"kind": "standstill", "breadth": 3, **BARE}, ["OG-01"], id="OG-22 none: a county"),
        pytest.param("BB", {}, ["R01"], id="R01 class B gives no measure"),
    ],
)
def test_a_measure_is_held_against_the_pack_of_its_day(pack: str, said: dict[str, Any], rules: list[str]) -> None:
    assert of_measure(pack, **said) == rules


def of_area(pack: str, **said: Any) -> list[str]:
    facts = AreaStanding(level="high", unit="building")
    return [each.rule for each in area_breaches(replace(facts, **said), books(pack), now=NOW)]


@pytest.mark.parametrize(
    ("pack", "said", "rules"),
    [
        pytest.param("twenty", {}, [], id="OG-03, OG-10 none: a building not yet clear"),
        pytest.param("twenty", {"eligible_at": NOW + timedelta(seconds=1)}, [], id="OG-03 none: a second early"),
        pytest.param("twenty", {"eligible_at": NOW}, ["OG-03"], id="OG-03 from the very moment"),
        pytest.param("twenty", {"unit": "compound"}, ["OG-10"], id="OG-10 a compound"),
        pytest.param("twenty", {"unit": "compound", "enlarging": "risk_unclear"}, [], id="OG-10 none: ground recorded"),
        pytest.param(
            "twenty", {"unit": "compound", "enlarging": "to be safe"}, ["OG-10"], id="OG-10 a ground of its own"
        ),
        pytest.param("9e", {"unit": "compound"}, [], id="OG-10 none: 9e draws compounds"),
        pytest.param(
            "ten", {"unit": "compound", "enlarging": "risk_unclear"}, ["OG-10"], id="OG-10 the Ten: never larger"
        ),
        pytest.param("twenty", {"level": "medium"}, ["OG-14"], id="OG-14 a level the Twenty took out"),
        pytest.param("BB", {}, ["R01"], id="R01 class B draws no areas"),
        pytest.param("9e", {"breadth": 2}, ["OG-22"], id="OG-22 an area as wide as a city"),
        pytest.param("9e", {"level": "low", "breadth": 2}, [], id="OG-22 none: low risk restricts nobody"),
        pytest.param(
            "8e",
            {"level": "lockdown", "unit": "compound", "eligible_at": NOW},
            ["OG-22"],
            id="OG-22 longer periods, before OG-03",
        ),
    ],
)
def test_an_area_is_held_against_the_pack_of_its_day(pack: str, said: dict[str, Any], rules: list[str]) -> None:
    assert of_area(pack, **said) == rules


def test_F5_Wuzhong_household_and_shop_level_areas_are_right_under_the_twenty() -> None:
    facts = AreaStanding("high", "household", eligible_at=datetime(2022, 12, 2, tzinfo=UTC))
    day = datetime(2022, 11, 27, 4, tzinfo=UTC)
    assert area_breaches(facts, books("twenty, documents"), now=day) == ()


@pytest.mark.parametrize(
    ("ground", "rules"),
    [
        pytest.param("no_negative_result", ["OG-06"], id="OG-06 no test, no dialysis"),
        pytest.param("no_bed", [], id="OG-06 none: a reason of medicine"),
    ],
)
def test_OG_06_care_is_not_denied_for_a_status(ground: str, rules: list[str]) -> None:
    assert [each.rule for each in care_breaches(CareDenial(ground), books("9e"))] == rules


@pytest.mark.parametrize(
    ("epidemic", "evidence", "rules"),
    [
        pytest.param(True, "sample 17", [], id="OG-20 none: for the epidemic, with evidence"),
        pytest.param(False, "bank list", ["OG-20"], id="F2 Zhengzhou, OG-20: another purpose"),
        pytest.param(True, "  ", ["OG-20"], id="OG-20 without evidence"),
    ],
)
def test_OG_20_a_status_changes_only_for_the_epidemic(epidemic: bool, evidence: str, rules: list[str]) -> None:
    assert [each.rule for each in status_breaches(StatusChange(epidemic, evidence), books("9e"))] == rules


@pytest.mark.parametrize(
    ("said", "rules"),
    [
        pytest.param({}, [], id="OG-21 none: people with exposures"),
        pytest.param(
            {"epidemic_purpose": False, "people": 1317}, ["OG-20"], id="F2 the list of bank depositors, OG-20"
        ),
        pytest.param({"without_exposure": 20}, [], id="OG-21 none: exactly as many as allowed"),
        pytest.param({"without_exposure": 21}, ["OG-21"], id="OG-21 one more than allowed"),
        pytest.param({"whole_locality": True}, ["OG-21"], id="OG-21 a whole village"),
    ],
)
def test_OG_21_a_list_takes_in_no_population(said: dict[str, Any], rules: list[str]) -> None:
    facts = ListFacts(epidemic_purpose=True, people=40, without_exposure=0, whole_locality=False, most=20)
    assert [each.rule for each in list_breaches(replace(facts, **said), books("9e"))] == rules


BEIJING = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("leaves", "hours", "more", "stopped"),
    [
        pytest.param((0, 10), 4, {}, True, id="F3 Guizhou: left 00:10, on the road at 02:40"),
        pytest.param((0, 10), 1.83, {}, False, id="F3 there at 02:00"),
        pytest.param((5, 0), 3, {}, False, id="F3 leaves as the road opens"),
        pytest.param((4, 59), 3, {}, True, id="F3 leaves a minute before"),
        pytest.param((20, 0), 30, {}, True, id="F3 a night on the way"),
        pytest.param((0, 10), 4, {"on_expressway": False}, False, id="F3 not on an expressway"),
        pytest.param((0, 10), 4, {"by_coach": False}, False, id="F3 an ambulance"),
    ],
)
def test_F3_no_coach_on_an_expressway_between_two_and_five(
    leaves: tuple[int, int], hours: float, more: dict[str, bool], stopped: bool
) -> None:
    leaves_at = datetime(2022, 9, 18, *leaves, tzinfo=BEIJING)
    journey = Journey(leaves_at, leaves_at + timedelta(hours=hours), **more)
    transfer = policy_on(date(2022, 9, 18), ANYWHERE, "covid-19").rules.transfer
    assert [each.rule for each in journey_breaches(journey, transfer)] == (["coach_at_night"] if stopped else [])


def test_a_pack_without_the_night_stop_stops_no_coach() -> None:
    leaves_at = datetime(2020, 2, 20, 0, 10, tzinfo=BEIJING)
    assert journey_breaches(Journey(leaves_at, leaves_at + timedelta(hours=4)), None) == ()


@pytest.mark.parametrize(
    ("today", "codes"),
    [
        pytest.param(date(2030, 3, 1), [], id="R37 on the day of the review"),
        pytest.param(date(2030, 3, 2), ["pack_not_reviewed"], id="R37 a day after the review"),
        pytest.param(date(2030, 6, 1), ["pack_ended"], id="R37 the day of its end"),
    ],
)
def test_R37_a_pack_past_its_review_or_its_end_orders_nothing_new(today: date, codes: list[str]) -> None:
    assert [each.code for each in lapsed(today, date(2030, 6, 1), date(2030, 3, 1))] == codes


def test_a_breach_names_the_text_that_forbids_and_the_limit_of_the_pack() -> None:
    facts = OrderFacts("close_contact", LAST, date(2022, 7, 12), confines=True, individual=True)
    (found,) = order_breaches(facts, books("9e"))
    assert found.source == "cn-nine-prohibitions § Prohibition 5 [O] C65"
    assert (found.limit, found.params["latest"], found.params["days"]) == ("10", "2022-07-11", 11)


def test_without_a_pack_a_category_has_no_rule_and_nothing_is_forbidden_by_number() -> None:
    breach = category_breach("close_contact", books_of(None))
    assert breach is not None
    assert (breach.rule, breach.source) == ("R01", "")
    assert measure_breaches_of_nothing() == ()


def measure_breaches_of_nothing() -> tuple[object, ...]:
    facts = MeasureFacts("standstill", "", "b", "s", NOW, NOW + timedelta(days=1), date(2022, 11, 14), 2)
    return measure_breaches(facts, books_of(None))


@pytest.mark.parametrize(
    ("category", "evidence", "level"),
    [
        pytest.param("spillover_high", {}, "high", id="named by the category"),
        pytest.param("close_contact", {"level": "low"}, "low", id="named by the evidence"),
        pytest.param("close_contact", {}, "", id="no area at all"),
    ],
)
def test_the_level_of_an_exposure_is_read_from_what_the_order_rests_on(
    category: str, evidence: dict[str, object], level: str
) -> None:
    assert exposure_level(category, evidence) == level


def test_only_low_risk_restricts_nobody() -> None:
    assert free_levels(books("9e")) == ("low",)
    assert free_levels(books("BB")) == ()


def test_a_category_without_lengths_has_no_last_lawful_day() -> None:
    category = books("2020").categories
    assert last_lawful_day(category["close_contact"], LAST, "next_day") is None if category else True


def test_where_the_pack_counts_the_day_itself_the_last_lawful_day_is_one_earlier() -> None:
    category = books("9e").categories["close_contact"]
    assert last_lawful_day(category, LAST, "next_day") == date(2022, 7, 11)
    assert last_lawful_day(category, LAST, "same_day") == date(2022, 7, 10)


def test_every_prohibition_of_the_catalogue_is_found_by_some_row_here() -> None:
    """A prohibition nobody can be found to break would be a promise without anybody behind it."""
    import dayclear.policy.tests.test_overreach as here

    asked = " ".join(
        str(mark.args[1])
        for name, test in vars(here).items()
        if name.startswith("test_")
        for mark in getattr(test, "pytestmark", ())
        if mark.name == "parametrize"
    )
    assert [each for each in catalogue_ids() if each not in asked] == []
