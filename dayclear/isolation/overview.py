"""Figures over the orders of somebody's places: what is late, what waits, what ends."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Count, Min, Q, QuerySet

from dayclear.foundation.actors import Actor
from dayclear.foundation.rules import Right
from dayclear.isolation.filters import orders_of
from dayclear.isolation.models import Need, Order, Phase
from dayclear.isolation.rules.plan import day_of

# Counting stops here: a figure says "more than" from then on, and a list never counts a million rows.
COUNT_MOST = 1000
# The facts that settle an order's plan: proposals equal in all of these have the same plan.
PLAN_FACTS = (
    "disease",
    "category",
    "cause",
    "rule",
    "anchor_on",
    "first_exposed_on",
    "known_on",
    "groups",
    "latest_on",
    "policy",
)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where orders stand. Units: counts, each at most `COUNT_MOST` + 1; `late_since` is the oldest end unanswered."""

    late: int
    late_since: datetime | None
    proposed: int
    ending_today: int
    in_force: int


_STANDING = """
WITH late AS (SELECT ended_at FROM isolation_order
              WHERE area BETWEEN %(lo)s AND %(hi)s AND state = 'ended' AND released_at IS NULL LIMIT %(most)s)
SELECT (SELECT count(*) FROM late), (SELECT min(ended_at) FROM late),
       (SELECT count(*) FROM (SELECT FROM isolation_order WHERE area BETWEEN %(lo)s AND %(hi)s
                              AND state = 'proposed' LIMIT %(most)s) AS p),
       (SELECT count(*) FROM (SELECT FROM isolation_order WHERE area BETWEEN %(lo)s AND %(hi)s AND state = 'signed'
                              AND ends_at > %(now)s AND ends_on <= %(today)s LIMIT %(most)s) AS e),
       (SELECT count(*) FROM (SELECT FROM isolation_order WHERE area BETWEEN %(lo)s AND %(hi)s AND state = 'signed'
                              AND ends_at > %(now)s LIMIT %(most)s) AS f)
"""


def standing(actor: Actor, *, now: datetime) -> Standing:
    """Where the orders in the actor's places stand. Raises: Refused (`right_missing`)."""
    actor.require(Right.SEE_ORDERS)
    values: dict[str, Any] = {
        "lo": actor.area.lo,
        "hi": actor.area.hi,
        "now": now,
        "today": day_of(now),
        "most": COUNT_MOST + 1,
    }
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, values)
        late, since, proposed, ending, in_force = cursor.fetchone()
    return Standing(late, since, proposed, ending, in_force)


def phases_under_way(orders: Collection[Order], *, now: datetime) -> dict[int, Phase]:
    """The phase that holds today, by order; of an order that has ended, its last. One question for a whole page."""
    today = day_of(now)
    found: dict[int, Phase] = {}
    for phase in Phase.objects.filter(order__in=[order.pk for order in orders]).order_by("order_id", "number"):
        held = found.get(phase.order_id)
        if held is None or held.ends_on < today:
            found[phase.order_id] = phase
    return found


@dataclass(frozen=True, slots=True)
class PlanGroup:
    """Proposals with one and the same plan; `like` is one of them."""

    like: int
    category: str
    policy: str
    disease: str
    count: int
    oldest: datetime


def plan_groups(actor: Actor, *, least: int = 2, most: int = 20) -> list[PlanGroup]:
    """The proposals in the actor's places by their plan, the largest groups first. Stricter ones stand alone."""
    rows = (
        orders_of(actor)
        .filter(state="proposed", stricter_reason="", renews=None)
        .values(*PLAN_FACTS)
        .annotate(n=Count("pk"), like=Min("pk"), oldest=Min("proposed_at"))
        .filter(n__gte=least)
        .order_by("-n", "like")[:most]
    )
    return [
        PlanGroup(row["like"], row["category"], row["policy"], row["disease"], row["n"], row["oldest"]) for row in rows
    ]


def same_plan(actor: Actor, order: Order) -> QuerySet[Order]:
    """The proposals with the plan of this one, itself too, the oldest first."""
    facts = {name: getattr(order, name) for name in PLAN_FACTS}
    same = Q(**{name: value for name, value in facts.items() if value is not None})
    for name in (name for name, value in facts.items() if value is None):
        same &= Q(**{f"{name}__isnull": True})
    return (
        orders_of(actor).filter(same, state="proposed", stricter_reason="", renews=None).order_by("proposed_at", "id")
    )


def open_needs(actor: Actor) -> QuerySet[Need]:
    """What people under an order still wait for, the most urgent first."""
    actor.require(Right.SEE_ORDERS)
    return Need.objects.filter(area__range=(actor.area.lo, actor.area.hi), met_at=None).select_related("order__person")
