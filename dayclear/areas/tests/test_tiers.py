"""County tiers: the bounds of the guidance of 17 February 2020, and the tiers of counties from their cases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest

from dayclear.areas.rules.tiers import CountyFacts, county_tier, highest
from dayclear.areas.tests.acts import PREFECTURE
from dayclear.areas.tiers import tiers_on
from dayclear.cases.commands import CaseRecord, register_case
from dayclear.cases.rules import CaseDays
from dayclear.foundation.actors import Actor
from dayclear.foundation.rules import Role
from dayclear.foundation.scope import acting
from dayclear.people.commands import PersonRecord
from dayclear.policy.calendar import policy_on
from dayclear.policy.schema import CountyTiers
from dayclear.tracing.commands import Source, link_sources, resolve_references

DAY = date(2020, 3, 1)


def tiers() -> CountyTiers:
    found = policy_on(DAY, 61 * 10**16, "covid-19").rules.county_tiers
    assert found is not None
    return found


def days_ago(days: int | None) -> date | None:
    return None if days is None else DAY - timedelta(days=days)


@pytest.mark.parametrize(
    ("cumulative", "last_case", "last_cluster", "tier"),
    [
        pytest.param(0, None, None, "low", id="no case ever"),
        pytest.param(1, 14, None, "low", id="none for 14 days"),
        pytest.param(1, 13, None, "medium", id="the last case 13 days ago"),
        pytest.param(50, 0, 0, "medium", id="50 cases with a cluster: medium"),
        pytest.param(51, 0, 0, "high", id="51 cases with a cluster: high"),
        pytest.param(51, 0, 14, "medium", id="51 cases, the cluster 14 days ago: medium"),
        pytest.param(51, 0, 13, "high", id="51 cases, the cluster 13 days ago: high"),
        pytest.param(51, 0, None, "medium", id="51 cases, never a cluster: medium"),
        pytest.param(900, 14, 14, "low", id="both low and medium fit: low is asked first"),
    ],
)
def test_a_county_s_tier_is_the_first_that_fits(
    cumulative: int, last_case: int | None, last_cluster: int | None, tier: str
) -> None:
    found = county_tier(CountyFacts(DAY, cumulative, days_ago(last_case), days_ago(last_cluster)), tiers())
    assert found is not None
    assert found.tier == tier
    assert found.strategy


@pytest.mark.parametrize(
    ("districts", "city"),
    [
        pytest.param(["low", "high", "medium"], "high", id="the highest"),
        pytest.param(["low", "low"], "low", id="all low"),
        pytest.param([], None, id="no districts"),
    ],
)
def test_a_city_takes_the_highest_tier_of_its_districts(districts: list[str], city: str | None) -> None:
    assert highest(districts, tiers()) == city


def test_before_the_guidance_no_tier_was_in_force() -> None:
    assert policy_on(date(2020, 2, 16), 61 * 10**16, "covid-19").rules.county_tiers is None
    assert policy_on(date(2020, 2, 17), 61 * 10**16, "covid-19").rules.county_tiers is not None


def test_the_tiers_of_a_prefecture_come_from_its_confirmed_cases_and_their_links(
    make_actor: Callable[[str, Role, int], Actor], now: datetime
) -> None:
    commander = make_actor("prefecture-commander", Role.COMMANDER, PREFECTURE)

    def case(number: int, area: int, day: date, classification: str = "confirmed") -> int:
        person = PersonRecord(area=area, name=f"Person {number}", sex="unknown")
        days = CaseDays(reported_on=day)
        record = CaseRecord(
            area=0, person_id=0, disease="covid-19", number=f"N{number}", days=days, classification=classification
        )
        return register_case(person, record, by=commander, now=now)

    with acting(commander):
        ids = [case(n, 610113001001 * 10**6, DAY - timedelta(days=2)) for n in range(51)]
        case(90, 610103001001 * 10**6, DAY - timedelta(days=3), "asymptomatic_infection")
        table = tiers_on(commander, "covid-19", tiers(), DAY)
        assert {each.name: each.tier.tier for each in table.counties if each.tier} == {
            "陕西省西安市雁塔区": "medium",
            "陕西省西安市碑林区": "low",
        }
        link_sources([Source(ids[1], 610113001001 * 10**6, "covid-19", "", "N0")], by=commander, now=now)
        resolve_references("covid-19", by=commander, now=now)
        table = tiers_on(commander, "covid-19", tiers(), DAY)
        assert table.counties[0].tier is not None
        assert table.counties[0].tier.tier == "high"
        assert dict(table.counts) == {"low": 1, "medium": 0, "high": 1}
        assert table.cities == {PREFECTURE: "high"}
        before = tiers_on(commander, "covid-19", tiers(), DAY - timedelta(days=3))
        assert before.counts["low"] == 2
