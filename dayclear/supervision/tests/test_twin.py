"""The guard over orders in SQL and in Python find the same; a million orders in the night's minute."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.db import connection

from dayclear.foundation.actors import system
from dayclear.foundation.scope import acting
from dayclear.isolation.tests.many_orders import generate
from dayclear.policy.calendar import policy_on
from dayclear.policy.overreach import books_of, order_breaches
from dayclear.supervision.sightings import orders_against_pack
from dayclear.supervision.sightings.orders import _FOUND, _laws, _policies, _values, facts_of_orders

COUNTY = 610113 * 10**12
COUNT = 8_000
# Everything that can be wrong with an order, and what only looks so, dealt out over the rows.
_SPOILED = """
UPDATE isolation_order SET
    category = CASE WHEN id %% 11 = 0 THEN 'petitioner' WHEN id %% 13 = 0 THEN 'spillover_low' ELSE category END,
    latest_on = latest_on + 30,
    ends_on = ends_on + (CASE id %% 5 WHEN 0 THEN 1 WHEN 1 THEN -1 WHEN 2 THEN 9 ELSE 0 END),
    ends_at = ends_at + interval '40 days',
    cause = CASE WHEN id %% 17 = 0 THEN 'rash' ELSE '' END,
    evidence = CASE id %% 19
        WHEN 0 THEN '{"kind": "group", "on": "2022-11-01"}'::jsonb
        WHEN 1 THEN '{"kind": "contact", "contact": 0, "case": 1, "on": "2022-11-01"}'::jsonb
        WHEN 2 THEN '{"kind": "contact", "contact": null, "on": "2022-11-01"}'::jsonb
        WHEN 3 THEN '{"kind": ""}'::jsonb
        WHEN 4 THEN jsonb_build_object('kind', 'departure', 'area', 7, 'level', 'low', 'on', anchor_on)
        WHEN 5 THEN jsonb_build_object('kind', 'departure', 'area', 7, 'level', 'high', 'on', anchor_on)
        WHEN 6 THEN jsonb_build_object('kind', 'arrival', 'journey', 'X 17', 'on', anchor_on - 3)
        WHEN 7 THEN jsonb_build_object('kind', 'arrival', 'journey', 'X 17', 'on', anchor_on + 3)
        WHEN 8 THEN '{"kind": "contact", "contact": 4, "on": "the first"}'::jsonb
        ELSE evidence END
WHERE evidence <> '{}'
"""
_LIGHTENED = "UPDATE isolation_phase SET mode = 'health_monitoring' WHERE order_id %% 3 = 0"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(date(2022, 6, 4), date(2022, 6, 4), id="8th edition, only the five must-nots"),
        pytest.param(date(2022, 11, 10), date(2022, 11, 10), id="9th edition"),
        pytest.param(date(2022, 11, 10), date(2022, 11, 11), id="9th edition's orders under the Twenty"),
        pytest.param(date(2022, 12, 6), date(2022, 12, 7), id="the Twenty's orders under the Ten"),
        pytest.param(date(2023, 1, 7), date(2023, 1, 8), id="the Ten's orders under class B"),
    ],
)
def test_the_guard_and_its_twin_in_sql_find_the_same_in_spoiled_orders(db: None, before: date, after: date) -> None:
    now = datetime(after.year, after.month, after.day, 4, tzinfo=UTC)
    by = system("tests")
    with acting(by), connection.cursor() as cursor:
        generate(COUNT, before=policy_on(before, COUNTY, "covid-19"), at=now, on=after)
        cursor.execute(_SPOILED, [])
        cursor.execute(_LIGHTENED, [])
        laws = _laws(by, _policies(by, now), now)
        cursor.execute(f"SELECT id, rule FROM ({_FOUND}) AS found", _values(by, laws, now))
        twin = set(cursor.fetchall())
        facts = facts_of_orders(range(1, COUNT + 1))
    books = books_of(policy_on(after, COUNTY, "covid-19"))
    rule = {(order, each.rule) for order, _, _, said in facts for each in order_breaches(said, books)}
    odd = sorted(twin ^ rule)[:3]
    assert not odd, [(each, [f for o, _, _, f in facts if o == each[0]]) for each in odd]
    assert rule


def test_the_groups_count_what_the_list_behind_them_holds(db: None) -> None:
    now = datetime(2022, 11, 11, 4, tzinfo=UTC)
    by = system("tests")
    with acting(by):
        generate(2_000, before=policy_on(date(2022, 11, 10), COUNTY, "covid-19"), at=now, on=now.date())
        groups, policies = orders_against_pack(by, now=now)
    assert {(group.category, group.rule) for group in groups} >= {
        ("secondary_contact", "OG-11"),
        ("spillover_medium", "OG-11"),
        ("close_contact", "OG-05"),
    }
    assert {policy.edition for policy in policies.values()} == {"cn-covid-9e+20"}
