"""One batch of a changeover: decide, write, tell. The caller holds the changeover and has opened the transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from dayclear.foundation.actors import Actor
from dayclear.foundation.deadlines import open_many
from dayclear.foundation.events import Draft, record_many
from dayclear.isolation.commands.rows import release_clock, subject_of
from dayclear.isolation.disposition import dispositions, stretch_rows
from dayclear.isolation.models import Changeover
from dayclear.isolation.rules.plan import ZONE, day_of
from dayclear.policy.calendar import Policy


def convert_batch(change: Changeover, after: Policy, where: str, size: int, *, by: Actor, now: datetime) -> bool:
    """Carry the next orders over; False when none is left. Units: `size` orders looked at, changed or not."""
    on = day_of(change.at)
    last = _last_of_batch(change.reached, size)
    if last is None:
        return False
    here = f"{where} AND o.id > {change.reached} AND o.id <= {last}"
    query = dispositions(after, change.at, on, where=here)
    values: dict[str, Any] = {"change": change.pk, "on": on, "now": now, "policy": after.version, "zone": ZONE.key}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM isolation_order WHERE id > %s AND id <= %s AND state = 'signed' ORDER BY id FOR UPDATE",
            [change.reached, last],
        )
        cursor.execute(
            f"CREATE TEMPORARY TABLE carried ON COMMIT DROP AS SELECT * FROM ({query}) AS d WHERE action <> 'keep'"  # noqa: S608 - composed of quoted codes
        )
        cursor.execute("ANALYZE carried")
        cursor.execute(_STEPS, values)
        cursor.execute(_RELEASED, values)
        cursor.execute(_CHANGED, values)
        cursor.execute(_CLOSE_ASKED, values)
        cursor.execute(_NEW_PHASES.format(stretches=stretch_rows(after)), values)
        cursor.execute(_DROP_LATER, values)
        cursor.execute(_CUT_CURRENT, values)
        cursor.execute(_ADD_PHASES, values)
        cursor.execute(
            "SELECT id, area, action, mode, mode_after, ends_on, ends_on_after, rule FROM carried ORDER BY id"
        )
        rows = cursor.fetchall()
        cursor.execute("DROP TABLE carried, carried_phase")
    _tell(rows, change, by=by, now=now)
    change.reached = last
    change.save(update_fields=["reached"])
    return True


def _last_of_batch(reached: int, size: int) -> int | None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT max(id) FROM (SELECT id FROM isolation_order WHERE id > %s ORDER BY id LIMIT %s) AS next",
            [reached, size],
        )
        row = cursor.fetchone()
    return None if row is None else row[0]


_STEPS = """
INSERT INTO isolation_changeover_step
    (area, changeover_id, order_id, action, rule, mode_before, mode_after, ends_on_before, ends_on_after, needs_human)
SELECT area, %(change)s, id, action, rule, mode, mode_after, ends_on, ends_on_after, needs_human FROM carried
ON CONFLICT (changeover_id, order_id) DO NOTHING
"""
_RELEASED = """
UPDATE isolation_order o SET state = 'ended', end_cause = 'policy_change', ended_at = %(now)s, policy = %(policy)s
FROM carried c WHERE c.id = o.id AND c.action = 'release'
"""
# A result of the old last day is waited for no longer: the new last day ends the order.
_CHANGED = """
UPDATE isolation_order o SET ends_on = c.ends_on_after, policy = %(policy)s, to_confirm = c.needs_human,
    latest_on = c.ends_on_after,
    ends_at = (c.ends_on_after + 1)::timestamp AT TIME ZONE %(zone)s
FROM carried c WHERE c.id = o.id AND c.action <> 'release'
"""
# A stricter mode that waits for its second officer was asked for under the old pack: it binds nobody under the new one.
_CLOSE_ASKED = """
UPDATE isolation_change x SET decided_at = %(now)s, signed = false
FROM carried c WHERE c.id = x.order_id AND x.decided_at IS NULL
"""
# What is left of an order by the new pack, from the day itself: the first stretch in the mode that was settled. A line
# of its own for the order has one stretch to the end; its tests are those the new pack has on these days.
_NEW_PHASES = """
CREATE TEMPORARY TABLE carried_phase ON COMMIT DROP AS
WITH stretch(category, number, mode, offered, starts, from_first, ends, tests) AS (VALUES {stretches}),
left_over AS (
    SELECT c.id, c.area, c.phase, c.mode AS mode_before, c.mode_after, c.action, c.ends_on_after, s.number, s.mode,
        s.offered,
        greatest(%(on)s::date, s.starts
            + CASE WHEN s.from_first THEN coalesce(o.first_exposed_on, o.anchor_on) ELSE o.anchor_on END) AS starts_on,
        least(o.anchor_on + s.ends, c.ends_on_after) AS ends_on,
        (SELECT array_agg(o.anchor_on + t ORDER BY t) FROM unnest(s.tests) AS t) AS tests_on
    FROM carried c JOIN isolation_order o ON o.id = c.id LEFT JOIN stretch s ON s.category = c.category
    WHERE c.action <> 'release'),
ranked AS (SELECT l.*, row_number() OVER (PARTITION BY id ORDER BY number) AS place FROM left_over l
    WHERE number IS NULL OR starts_on <= ends_on)
SELECT id, area, phase, place,
    CASE WHEN place = 1 THEN mode_after ELSE mode END AS mode,
    CASE WHEN place = 1 THEN mode_before = mode_after ELSE false END AS goes_on,
    CASE WHEN place = 1 AND NOT coalesce(mode_after = ANY(offered), false)
        THEN coalesce(offered, '{{}}') || mode_after::text ELSE offered END AS offered,
    starts_on, CASE WHEN action = 'convert' THEN ends_on_after ELSE ends_on END AS ends_on,
    (SELECT coalesce(array_agg(t ORDER BY t), '{{}}') FROM unnest(tests_on) AS t
        WHERE t BETWEEN %(on)s AND ends_on_after
          AND (action = 'convert' OR t BETWEEN starts_on AND ends_on)) AS tests_on
FROM ranked WHERE action <> 'convert' OR place = 1
"""
_DROP_LATER = """
DELETE FROM isolation_phase p USING carried c
WHERE c.id = p.order_id AND c.action <> 'release' AND (p.number > c.phase
    OR (p.number = c.phase AND p.starts_on >= %(on)s AND c.mode <> c.mode_after))
"""
_CUT_CURRENT = """
UPDATE isolation_phase p SET
    ends_on = CASE WHEN n.goes_on THEN n.ends_on ELSE %(on)s::date - 1 END,
    tests_on = ARRAY(SELECT t FROM unnest(p.tests_on) AS t WHERE t < %(on)s)
        || CASE WHEN n.goes_on THEN n.tests_on ELSE '{}' END
FROM carried_phase n WHERE n.place = 1 AND n.id = p.order_id AND n.phase = p.number
"""
_ADD_PHASES = """
INSERT INTO isolation_phase (area, order_id, number, mode, offered, starts_on, ends_on, tests_on)
SELECT area, id, phase + place, mode, offered, starts_on, ends_on, tests_on FROM carried_phase WHERE NOT goes_on
"""


def _tell(rows: Sequence[tuple[Any, ...]], change: Changeover, *, by: Actor, now: datetime) -> None:
    open_many(
        [release_clock(order_id, area, now, change.after) for order_id, area, action, *_ in rows if action == "release"]
    )
    record_many(
        [
            Draft(
                "isolation.order_changed_over",
                subject_of(order_id),
                area,
                {
                    "changeover": change.pk,
                    "action": action,
                    "mode": [before, after],
                    "ends_on": [ends.isoformat(), new_end.isoformat()],
                    "rule": rule,
                },
                policy=change.after,
            )
            for order_id, area, action, before, after, ends, new_end, rule in rows
        ],
        by=by,
        at=now,
    )
