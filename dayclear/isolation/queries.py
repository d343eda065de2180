"""Reading who is restricted, what is due today, and how late people were let go, within scope."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection
from django.db.models import QuerySet

from dayclear.foundation.actors import Actor
from dayclear.foundation.areas import county_of
from dayclear.foundation.rules import Right
from dayclear.isolation.models import Order, Override
from dayclear.isolation.rules.course import checks_due_by, checks_per_day
from dayclear.isolation.rules.lists import colour_of
from dayclear.isolation.rules.plan import day_of, end_of
from dayclear.policy.calendar import policy_at_or_none


def in_force(actor: Actor, *, now: datetime) -> QuerySet[Order]:
    """The orders that bind at an instant. A row whose end has passed binds nobody, noted or not (R04)."""
    actor.require(Right.SEE_ORDERS)
    return Order.objects.filter(
        area__range=(actor.area.lo, actor.area.hi), state="signed", starts_at__lte=now, ends_at__gt=now
    )


def restricted_people(actor: Actor, *, now: datetime) -> frozenset[int]:
    """The ids of everybody who is restricted at an instant: nothing else restricts anybody."""
    return frozenset(in_force(actor, now=now).values_list("person_id", flat=True))


def status_of(actor: Actor, person_id: int, *, now: datetime) -> str:
    """A person's colour: what the order in force says, unless two officers set it otherwise for these hours (R12)."""
    by_hand = (
        Override.objects.filter(
            area__range=(actor.area.lo, actor.area.hi),
            person=person_id,
            confirmed_at__lte=now,
            expires_at__gt=now,
        )
        .order_by("-confirmed_at")
        .first()
    )
    return by_hand.colour if by_hand is not None else colour_by_orders(actor, person_id, now=now)


def colour_by_orders(actor: Actor, person_id: int, *, now: datetime) -> str:
    """The colour that the orders in force give a person, and nothing else."""
    today = day_of(now)
    modes = in_force(actor, now=now).filter(person=person_id, phases__starts_on__lte=today, phases__ends_on__gte=today)
    return colour_of(list(modes.values_list("phases__mode", flat=True)))


@dataclass(frozen=True, slots=True)
class DueTest:
    """A sample due on a day. `mode` says where to take it."""

    order_id: int
    person_id: int
    area: int
    mode: str


def due_tests(actor: Actor, on: date, *, now: datetime, after: int = 0, limit: int = 500) -> list[DueTest]:
    """The samples due on a day and not yet taken, by order, from `after` on."""
    actor.require(Right.SEE_ORDERS)
    with connection.cursor() as cursor:
        cursor.execute(_DUE_TESTS, [actor.area.lo, actor.area.hi, now, after, on, on, on, on, limit])
        return [DueTest(*row) for row in cursor.fetchall()]


_DUE_TESTS = """
SELECT o.id, o.person_id, o.area, p.mode
FROM isolation_order o JOIN isolation_phase p ON p.order_id = o.id
WHERE o.area BETWEEN %s AND %s AND o.state = 'signed' AND o.ends_at > %s AND o.id > %s
  AND p.starts_on <= %s AND p.ends_on >= %s AND %s = ANY(p.tests_on)
  AND NOT EXISTS (SELECT FROM isolation_test_day t WHERE t.order_id = o.id AND t."on" = %s)
ORDER BY o.id LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class DueCheck:
    """Somebody to look after now. `done` of the day's checks are done, `late` should have been and were not."""

    order_id: int
    person_id: int
    area: int
    mode: str
    done: int
    late: int


def due_checks(actor: Actor, *, now: datetime, after: int = 0, limit: int = 500) -> list[DueCheck]:
    """Whoever the pack wants looked after so often a day and who was not yet, by order, from `after` on.

    `limit` bounds the orders that are read, so that a page of a large place may be empty before the last.
    """
    actor.require(Right.SEE_ORDERS)
    today = day_of(now)
    midnight = end_of(today) - timedelta(days=1)
    with connection.cursor() as cursor:
        cursor.execute(_CHECKED, [midnight, actor.area.lo, actor.area.hi, now, after, today, today, limit])
        rows = cursor.fetchall()
    found = []
    per_day: dict[tuple[str, int, str], int] = {}
    for order_id, person_id, area, disease, mode, done in rows:
        key = (disease, county_of(area), mode)
        if key not in per_day:
            per_day[key] = _checks_per_day(*key, now)
        due, late = checks_due_by(now, per_day[key])
        if done < due:
            found.append(DueCheck(order_id, person_id, area, mode, done, max(late - done, 0)))
    return found


_CHECKED = """
SELECT o.id, o.person_id, o.area, o.disease, p.mode,
    (SELECT count(*) FROM isolation_check c WHERE c.order_id = o.id AND c.checked_at >= %s)
FROM isolation_order o JOIN isolation_phase p ON p.order_id = o.id
WHERE o.area BETWEEN %s AND %s AND o.state = 'signed' AND o.ends_at > %s AND o.id > %s
  AND p.starts_on <= %s AND p.ends_on >= %s
ORDER BY o.id LIMIT %s
"""


def _checks_per_day(disease: str, county: int, mode: str, now: datetime) -> int:
    policy = policy_at_or_none(now, county, disease)
    return checks_per_day(policy.rules, mode) if policy else 0


@dataclass(frozen=True, slots=True)
class Lateness:
    """Releases since an instant. Units: `minutes` over the end of the order, added over all; `waiting` not let go."""

    ended: int
    late: int
    minutes: int
    waiting: int


def released_late(actor: Actor, *, since: datetime, now: datetime) -> Lateness:
    """How late people were let go, those still waiting counted until now: nothing takes a minute back (R03)."""
    actor.require(Right.SEE_ORDERS)
    with connection.cursor() as cursor:
        cursor.execute(_LATENESS, {"now": now, "since": since, "lo": actor.area.lo, "hi": actor.area.hi})
        return Lateness(*cursor.fetchone())


_LATENESS = """
SELECT count(*), count(*) FILTER (WHERE late > 0), coalesce(sum(late), 0)::bigint, count(*) FILTER (WHERE waiting)
FROM (SELECT greatest(0, ceil(extract(epoch FROM coalesce(released_at, %(now)s) - ended_at) / 60)) AS late,
             released_at IS NULL AS waiting
      FROM isolation_order
      WHERE area BETWEEN %(lo)s AND %(hi)s AND state = 'ended' AND ended_at >= %(since)s) AS release
"""
