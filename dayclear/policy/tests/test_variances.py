"""R36: a local overlay departs from its parent only under leave that expires."""

from __future__ import annotations

from datetime import date
from importlib.resources import files

import pytest

from dayclear.policy.calendar import policy_on
from dayclear.policy.loader import Library, library_of, shipped_catalogue
from dayclear.policy.variances import all_variances, variance_of

SANYA = 4602 * 10**14
LOCAL = """
pack: drill-local
name: {{en: Local, zh: 地方}}
disease: covid-19
document: cn-plan-9e
area: 4602
amends: cn-covid-9e
effective: {{from: 2022-08-05, to: 2022-08-20, source: D § drill}}
{variance}
measures:
  - source: D § drill
    set:
      areas.levels.high.down.clear_days: {days} days
"""
LEAVE = "variance: {approved_by: Headquarters 1, approved_on: 2022-08-06, expires_on: 2022-08-10, reason: drill}"


def library(days: int, variance: str) -> Library:
    folder = files("dayclear.policy") / "packs"
    shipped_files = [
        (each.name, each.read_text("utf-8"))
        for each in folder.iterdir()
        if each.name.endswith(".yaml") and not each.name.startswith("_")
    ]
    local = ("drill-local.yaml", LOCAL.format(days=days, variance=variance))
    return library_of([*shipped_files, local], shipped_catalogue())


@pytest.mark.parametrize(
    ("days", "variance", "day", "code"),
    [
        pytest.param(10, "", date(2022, 8, 7), "overlay_without_variance", id="stricter without leave"),
        pytest.param(5, "", date(2022, 8, 7), "overlay_without_variance", id="looser without leave"),
        pytest.param(10, LEAVE, date(2022, 8, 5), "overlay_without_variance", id="the day before its leave"),
        pytest.param(10, LEAVE, date(2022, 8, 6), "", id="the first day of its leave"),
        pytest.param(10, LEAVE, date(2022, 8, 9), "", id="the last day of its leave"),
        pytest.param(10, LEAVE, date(2022, 8, 10), "overlay_without_variance", id="the day its leave expires"),
    ],
)
def test_R36_a_local_overlay_that_departs_orders_nothing_without_leave(
    days: int, variance: str, day: date, code: str
) -> None:
    books = library(days, variance)
    policy = policy_on(day, SANYA, "covid-19", books)
    assert policy.pack == "drill-local"
    found = variance_of(policy, day, SANYA, books)
    assert found is not None
    assert found.departs == ("areas.levels.high.down.clear_days",)
    assert (found.reason.code if found.reason else "") == code


def test_R36_the_report_lists_every_local_overlay_of_the_day() -> None:
    books = library(10, LEAVE)
    assert [(each.pack, each.holds) for each in all_variances(date(2022, 8, 7), books)] == [("drill-local", True)]
    assert all_variances(date(2022, 8, 20), books) == ()


def test_R36_the_national_pack_is_no_overlay_and_needs_no_leave() -> None:
    assert variance_of(policy_on(date(2022, 8, 7), SANYA, "covid-19"), date(2022, 8, 7), SANYA) is None
