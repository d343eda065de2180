"""The gap finder: who should be under an order and is not, or is under one that nobody looks after.

Every row says by which join it was found, since when, and which place is accountable. Source: glossary, 应隔尽隔 and
漏管失控; policy reference B (`full_coverage`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from dayclear.foundation.actors import Actor
from dayclear.foundation.areas import COMMUNITY, ancestor
from dayclear.foundation.rules import Right
from dayclear.isolation.limits import hours
from dayclear.isolation.rules.course import ALARM_WITHIN
from dayclear.isolation.rules.plan import ZONE, day_of
from dayclear.isolation.windows import windows_on

# How long the sweep may take to note an end before the row counts as standing wrongly.
_SWEEP = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Gap:
    """One person who fell through. `found_by` is the join, `accountable` the place that answers for it."""

    kind: str
    person_id: int
    order_id: int | None
    contact_id: int | None
    area: int
    since: datetime
    found_by: str

    @property
    def accountable(self) -> int:
        return ancestor(self.area, COMMUNITY)


@dataclass(frozen=True, slots=True)
class _Join:
    """How one kind of gap is found. Shape of `sql`: person, order, contact, area, since."""

    found_by: str
    sql: str


_JOINS: dict[str, _Join] = {
    # A contact with a category and a day that can still matter, known for too long, and nothing was ever signed or
    # decided for the person since.
    "contact_without_order": _Join(
        "tracing_contact without isolation_order (person)",
        """
        SELECT c.person_id, NULL::bigint, c.id, c.area, c.recorded_at + %(known)s::interval
        FROM tracing_contact c
        WHERE c.area BETWEEN %(lo)s AND %(hi)s AND c.category <> '' AND c.became_case_id IS NULL
          AND c.last_exposed_on >= %(oldest)s AND c.recorded_at < %(now)s - %(known)s::interval
          AND EXISTS (SELECT FROM unnest(%(categories)s::text[], %(from)s::bigint[], %(to)s::bigint[], %(days)s::int[])
                AS w(category, lo, hi, days)
            WHERE w.category = c.category AND c.area BETWEEN w.lo AND w.hi
              AND c.last_exposed_on >= %(today)s::date - w.days)
          AND NOT EXISTS (SELECT FROM isolation_order o WHERE o.person_id = c.person_id AND o.state <> 'proposed'
            AND (o.anchor_on >= c.last_exposed_on OR o.ends_on >= c.last_exposed_on OR o.state = 'declined'))
        """,
    ),
    # A contact of whom nobody has said since when or how close: nothing can be proposed, so that only this join finds
    # them, for as long as an exposure on the day of recording could matter.
    "contact_unsettled": _Join(
        "tracing_contact (category or day empty) without isolation_order (person)",
        """
        SELECT c.person_id, NULL::bigint, c.id, c.area, c.recorded_at + %(known)s::interval
        FROM tracing_contact c
        WHERE c.area BETWEEN %(lo)s AND %(hi)s AND (c.category = '' OR c.last_exposed_on IS NULL)
          AND c.became_case_id IS NULL AND c.recorded_at < %(now)s - %(known)s::interval
          AND (c.recorded_at AT TIME ZONE %(zone)s)::date >= %(oldest)s
          AND NOT EXISTS (SELECT FROM isolation_order o WHERE o.person_id = c.person_id AND o.state <> 'proposed'
            AND (o.ends_on >= (c.recorded_at AT TIME ZONE %(zone)s)::date
                OR (o.state = 'declined' AND o.proposed_at >= c.recorded_at)))
        """,
    ),
    "order_without_check": _Join(
        "isolation_order (in force) without isolation_check (latest)",
        """
        SELECT o.person_id, o.id, NULL::bigint, o.area, coalesce(o.last_check_at, o.starts_at) + %(check)s::interval
        FROM isolation_order o
        WHERE o.area BETWEEN %(lo)s AND %(hi)s AND o.state = 'signed' AND o.ends_at > %(now)s
          AND coalesce(o.last_check_at, o.starts_at) < %(now)s - %(check)s::interval
        """,
    ),
    "moved_away": _Join(
        "isolation_order (in force) + people_person (area)",
        """
        SELECT o.person_id, o.id, NULL::bigint, o.area, o.starts_at
        FROM isolation_order o JOIN people_person p ON p.id = o.person_id
        WHERE o.area BETWEEN %(lo)s AND %(hi)s AND o.state = 'signed' AND o.ends_at > %(now)s AND p.area <> o.area
        """,
    ),
    "two_places": _Join(
        "isolation_order (in force) + people_person + people_person (identity number)",
        """
        SELECT o.person_id, o.id, NULL::bigint, o.area, o.starts_at
        FROM isolation_order o JOIN people_person p ON p.id = o.person_id
        JOIN people_person q ON q.id_number_hash = p.id_number_hash AND q.id <> p.id AND q.merged_into_id IS NULL
        WHERE o.area BETWEEN %(lo)s AND %(hi)s AND o.state = 'signed' AND o.ends_at > %(now)s
          AND p.id_number_hash IS NOT NULL
          -- A row that stayed behind when the order was handed over claims nobody.
          AND NOT EXISTS (SELECT FROM isolation_handover h WHERE h.order_id = o.id AND h.person_id = q.id)
        """,
    ),
    "expired_still_active": _Join(
        "isolation_order (signed, end passed)",
        """
        SELECT o.person_id, o.id, NULL::bigint, o.area, o.ends_at
        FROM isolation_order o
        WHERE o.area BETWEEN %(lo)s AND %(hi)s AND o.state = 'signed' AND o.ends_at < %(now)s - %(sweep)s::interval
        """,
    ),
    "not_released": _Join(
        "isolation_order (ended) without a release",
        """
        SELECT o.person_id, o.id, NULL::bigint, o.area, o.ended_at
        FROM isolation_order o
        WHERE o.area BETWEEN %(lo)s AND %(hi)s AND o.state = 'ended' AND o.released_at IS NULL
          AND o.ended_at < %(now)s - %(alarm)s::interval
        """,
    ),
    "test_missed": _Join(
        "isolation_phase (test day passed) without isolation_test_day",
        """
        SELECT o.person_id, o.id, NULL::bigint, o.area, (due + 1)::timestamp AT TIME ZONE %(zone)s
        FROM isolation_order o JOIN isolation_phase p ON p.order_id = o.id AND p.starts_on < %(today)s
        CROSS JOIN unnest(p.tests_on) AS due
        WHERE o.area BETWEEN %(lo)s AND %(hi)s AND o.state = 'signed' AND o.ends_at > %(now)s
          AND due = %(today)s::date - 1 AND due >= (o.starts_at AT TIME ZONE %(zone)s)::date
          AND NOT EXISTS (SELECT FROM isolation_test_day t WHERE t.order_id = o.id AND t."on" = due)
        """,
    ),
}
KINDS = tuple(_JOINS)


def find_gaps(actor: Actor, kind: str, *, now: datetime, limit: int = 200) -> list[Gap]:
    """The gaps of one kind in the actor's places, the oldest first. Raises: Refused (`right_missing`), KeyError."""
    actor.require(Right.SEE_ORDERS)
    join = _JOINS[kind]
    with connection.cursor() as cursor:
        cursor.execute(f"{join.sql} ORDER BY 5, 1 LIMIT {int(limit)}", _values(actor, now))
        return [
            Gap(kind, person, order, contact, area, since, join.found_by)
            for person, order, contact, area, since in cursor.fetchall()
        ]


@dataclass(frozen=True, slots=True)
class Coverage:
    """Due and done (应隔尽隔): whoever is due has a contact's day that still counts; done is a signed order."""

    due: int
    done: int
    gaps: Mapping[str, int]


def summary(actor: Actor, *, now: datetime) -> Coverage:
    """How many gaps of each kind, and how many of those due are under an order. Raises: Refused (`right_missing`)."""
    actor.require(Right.SEE_ORDERS)
    values = _values(actor, now)
    gaps = {}
    with connection.cursor() as cursor:
        # A million orders are joined in memory rather than through files.
        cursor.execute("SET LOCAL work_mem = '64MB'")
        for kind, join in _JOINS.items():
            cursor.execute(f"SELECT count(*) FROM ({join.sql}) AS found", values)  # noqa: S608 - statements from code
            gaps[kind] = cursor.fetchone()[0]
        cursor.execute(_IN_FORCE, values)
        done = cursor.fetchone()[0]
        cursor.execute(_WAITING, values)
        waiting = cursor.fetchone()[0]
    return Coverage(done + waiting + gaps["contact_without_order"], done, gaps)


_IN_FORCE = """
SELECT count(*) FROM isolation_order
WHERE area BETWEEN %(lo)s AND %(hi)s AND state = 'signed' AND ends_at > %(now)s
"""
# Proposed and not yet a gap: still within the time that the pack gives.
_WAITING = """
SELECT count(*) FROM isolation_order o
WHERE o.area BETWEEN %(lo)s AND %(hi)s AND o.state = 'proposed' AND o.renews_id IS NULL
  AND o.proposed_at >= %(now)s - %(known)s::interval
"""


def by_place(actor: Actor, kind: str, level: int, *, now: datetime) -> list[tuple[int, int]]:
    """How many gaps of a kind each place of a level answers for, the most first. Shape: (place, gaps)."""
    actor.require(Right.SEE_ORDERS)
    tail = 10 ** (18 - (2, 4, 6, 9, 12, 15, 18)[level - 1])
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT area - area %% {tail}, count(*) "  # noqa: S608 - statements from code
            f"FROM ({_JOINS[kind].sql}) AS found(person, ord, contact, area, since) GROUP BY 1 ORDER BY 2 DESC, 1",
            _values(actor, now),
        )
        return [(place, count) for place, count in cursor.fetchall()]


def _values(actor: Actor, now: datetime) -> dict[str, Any]:
    today = day_of(now)
    windows = windows_on(today)
    return {
        "lo": actor.area.lo,
        "hi": actor.area.hi,
        "now": now,
        "today": today,
        "oldest": today - timedelta(days=max((each.days for each in windows), default=0)),
        "categories": [each.category for each in windows],
        "from": [each.lo for each in windows],
        "to": [each.hi for each in windows],
        "days": [each.days for each in windows],
        "known": hours("order_due"),
        "check": hours("check_due"),
        "sweep": _SWEEP,
        "alarm": ALARM_WITHIN,
        "zone": ZONE.key,
    }
