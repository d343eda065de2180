"""Many open orders, generated in the database: the same ones at every run, of nobody."""

from __future__ import annotations

from datetime import date, datetime

from django.db import connection

from dayclear.isolation.disposition import stretch_rows
from dayclear.policy.calendar import Policy

VILLAGE = 610113001001 * 10**6

_PEOPLE = """
INSERT INTO people_person (id, area, name, residence, name_pinyin, sex, retention_class, retain_until)
SELECT i, %(area)s + (i %% 400), 'Person ' || i, '', '', 'unknown', 'contact', %(on)s::date + 60
FROM generate_series(%(first)s::bigint, %(last)s) AS i
"""
# Categories in turn; the anchor up to so many days back that the order still runs; every seventh person is spent more
# lightly than planned, as an officer may have signed it.
_ORDERS = """
WITH stretch(category, number, mode, offered, starts, from_first, ends, tests) AS (VALUES {stretches}),
kinds AS (SELECT category, max(ends) AS length, row_number() OVER (ORDER BY category) - 1 AS place,
        count(*) OVER () AS kinds FROM stretch GROUP BY 1),
chosen AS (SELECT i, k.category, k.length, %(on)s::date - ((i / k.kinds) %% (k.length + 1))::int AS anchor_on
    FROM generate_series(%(first)s::bigint, %(last)s) AS i JOIN kinds k ON k.place = i %% k.kinds)
INSERT INTO isolation_order (id, area, person_id, disease, category, cause, rule, policy, evidence, groups, anchor,
    anchor_on, known_on, latest_on, state, proposed_at, proposed_label, stricter_reason, stricter_mode, authority,
    authority_level, signed_at, signed_by, signed_label, starts_at, ends_on, ends_at, end_cause, decline_reason,
    to_confirm, retain_until)
SELECT i, %(area)s + (i %% 400), i, %(disease)s, category, '', 'categories.' || category, %(policy)s,
    jsonb_build_object('kind', 'contact', 'contact', i, 'case', 1, 'on', anchor_on), '[]', 'last_exposure',
    anchor_on, anchor_on, anchor_on + length, 'signed', %(at)s, 'generated', '', '', %(area)s,
    3, %(at)s::timestamptz - interval '1 hour', 1, 'generated', %(at)s::timestamptz - interval '1 hour',
    anchor_on + length, (anchor_on + length + 1)::timestamp AT TIME ZONE 'Asia/Shanghai', '', '', false,
    %(on)s::date + 60
FROM chosen
"""
_PHASES = """
WITH stretch(category, number, mode, offered, starts, from_first, ends, tests) AS (VALUES {stretches})
INSERT INTO isolation_phase (area, order_id, number, mode, offered, starts_on, ends_on, tests_on)
SELECT o.area, o.id, s.number,
    CASE WHEN o.id %% 7 = 0 AND s.mode = 'centralised' THEN 'home_quarantine' ELSE s.mode END, s.offered,
    o.anchor_on + s.starts, o.anchor_on + s.ends,
    (SELECT coalesce(array_agg(o.anchor_on + t), '{{}}') FROM unnest(s.tests) AS t)
FROM isolation_order o JOIN stretch s ON s.category = o.category WHERE o.id BETWEEN %(first)s AND %(last)s
"""


def generate(count: int, *, before: Policy, at: datetime, on: date, first: int = 1) -> None:
    """Open orders of a pack, with their phases and their people. Call with every place in sight."""
    values: dict[str, object] = {
        "first": first,
        "last": first + count - 1,
        "area": VILLAGE,
        "on": on,
        "at": at,
        "disease": before.disease,
        "policy": before.version,
    }
    stretches = stretch_rows(before)
    with connection.cursor() as cursor:
        for statement in (_PEOPLE, _ORDERS, _PHASES):
            cursor.execute(statement.format(stretches=stretches), values)  # type: ignore[arg-type]  # dates and instants
        # The numbers given out here are not given out again.
        for table in ("people_person", "isolation_order"):
            cursor.execute(f"SELECT count(nextval('{table}_id_seq')) FROM generate_series(1, %s)", [first + count])
