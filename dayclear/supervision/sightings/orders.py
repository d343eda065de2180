"""Every order in force against the pack now in force: the SQL twin of `policy.overreach.order_breaches`.

A million orders stand under a few thousand laws (county, disease, category). The laws are worked out in Python, the
orders are held against them in one statement; tests assert that both find the same (`tests/test_twin.py`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection

from dayclear.foundation.actors import Actor
from dayclear.foundation.areas import county_of
from dayclear.isolation.commands import subject_of
from dayclear.isolation.rules.guard import exposed_on
from dayclear.isolation.rules.modes import CONFINING
from dayclear.isolation.rules.signing import EVIDENCE_KINDS, is_individual
from dayclear.policy.calendar import Policy, policy_at_or_none
from dayclear.policy.overreach import (
    NO_RULE,
    SPILLOVER,
    Books,
    Breach,
    OrderFacts,
    books_of,
    category_breach,
    exposure_level,
    free_levels,
    last_lawful_day,
    order_breaches,
)
from dayclear.supervision.rules import SINGLY
from dayclear.supervision.sightings.sighting import Sighting, of_breach

_TAIL = 10**12
# Any day serves: only the distance from anchor to last day is asked.
_DAY_0 = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class OrderGroup:
    """Orders of one county, disease and category that break one prohibition."""

    county: int
    disease: str
    category: str
    rule: str
    count: int


@dataclass(frozen=True, slots=True)
class _Law:
    """What one category is held to in one county. Shape: empty rule: not in force; `most` days from anchor to end."""

    county: int
    disease: str
    category: str
    missing: str
    most: int | None
    long: str
    low: str
    free: str
    herd: str
    again: str
    causes: str


def orders_against_pack(actor: Actor, *, now: datetime) -> tuple[list[OrderGroup], Mapping[tuple[int, str], Policy]]:
    """Which groups of orders in force break which prohibition. Shape: groups, and the packs by (county, disease)."""
    policies = _policies(actor, now)
    laws = _laws(actor, policies, now)
    if not laws:
        return [], policies
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT county, disease, category, rule, count(*) FROM ({_FOUND}) AS found "  # noqa: S608 - statement from code
            "GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4",
            _values(actor, laws, now),
        )
        return [OrderGroup(*row) for row in cursor.fetchall()], policies


def orders_behind(
    actor: Actor, *, county: int, disease: str, category: str, rule: str, now: datetime, after: int = 0, limit: int = 50
) -> list[int]:
    """The orders of a group, by number: the list behind the finding."""
    policies = _policies(actor, now)
    laws = [
        law
        for law in _laws(actor, policies, now)
        if (law.county, law.disease, law.category) == (county, disease, category)
    ]
    if not laws:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id FROM ({_FOUND}) AS found WHERE rule = %(rule)s AND id > %(after)s ORDER BY id LIMIT %(limit)s",  # noqa: S608 - statement from code
            {**_values(actor, laws, now), "rule": rule, "after": after, "limit": limit},
        )
        return [row[0] for row in cursor.fetchall()]


def sight_orders(actor: Actor, *, now: datetime) -> Iterable[Sighting]:
    """What the guard sees among the orders in force: each by itself, or one for many of a county with one cause."""
    groups, policies = orders_against_pack(actor, now=now)
    for group in groups:
        policy = policies.get((group.county, group.disease))
        books = books_of(policy)
        version = policy.version if policy else ""
        if group.count > SINGLY:
            yield _many(group, books, version)
            continue
        ids = orders_behind(
            actor,
            county=group.county,
            disease=group.disease,
            category=group.category,
            rule=group.rule,
            now=now,
            limit=SINGLY,
        )
        yield from _singly(ids, group, books, version)


def _many(group: OrderGroup, books: Books, version: str) -> Sighting:
    return Sighting(
        area=group.county,
        subject=f"isolation.orders:{group.county}",
        about=f"{group.disease}/{group.category}"[:48],
        predicate=group.rule,
        owner=group.county,
        disease=group.disease,
        facts={"category": group.category, "orders": group.count},
        limit=str(_most(books, group.category) or ""),
        source=books.sources.get(group.rule, ""),
        policy=version,
    )


def _singly(ids: list[int], group: OrderGroup, books: Books, version: str) -> Iterable[Sighting]:
    for order_id, area, authority, facts in facts_of_orders(ids):
        breaches = {breach.rule: breach for breach in order_breaches(facts, books)}
        # The two answers agree (tests/test_twin.py); the Python one has the facts for its sentence.
        breach = breaches.get(group.rule) or Breach(group.rule)
        yield of_breach(
            breach,
            area=area,
            subject=subject_of(order_id),
            owner=authority or county_of(area),
            disease=group.disease,
            policy=version,
        )


def facts_of_orders(ids: Iterable[int]) -> list[tuple[int, int, int | None, OrderFacts]]:
    """Orders as the guard's Python rule sees them. Shape: (id, area, authority, facts)."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT o.id, o.area, o.authority, o.category, o.anchor_on, o.ends_on, o.evidence, o.cause,
                   EXISTS (SELECT FROM isolation_phase p WHERE p.order_id = o.id AND p.mode = ANY(%s))
            FROM isolation_order o WHERE o.id = ANY(%s) ORDER BY o.id
            """,
            [list(CONFINING), list(ids)],
        )
        rows = cursor.fetchall()
    return [(row[0], row[1], row[2], _facts(*row[3:])) for row in rows]


def _facts(category: str, anchor_on: date, ends_on: date, evidence: str, cause: str, confines: bool) -> OrderFacts:
    # A raw cursor gives JSON as its text.
    said: dict[str, object] = json.loads(evidence)
    return OrderFacts(
        category=category,
        anchor_on=anchor_on,
        ends_on=ends_on,
        confines=confines,
        individual=is_individual(said),
        exposed_on=exposed_on(said),
        exposure_level=exposure_level(category, said),
        cause=cause,
    )


def _policies(actor: Actor, now: datetime) -> dict[tuple[int, str], Policy]:
    found = {}
    for county, disease, _ in _categories(actor, now):
        if (county, disease) not in found:
            # None: nothing may be ordered, and every category stands without a rule (`books_of(None)`).
            policy = policy_at_or_none(now, county, disease)
            if policy is not None:
                found[county, disease] = policy
    return found


def _categories(actor: Actor, now: datetime) -> list[tuple[int, str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT area - area %% {_TAIL}, disease, category FROM isolation_order "  # noqa: S608 - a number from code
            "WHERE area BETWEEN %s AND %s AND state = 'signed' AND ends_at > %s",
            [actor.area.lo, actor.area.hi, now],
        )
        return list(cursor.fetchall())


def _laws(actor: Actor, policies: Mapping[tuple[int, str], Policy], now: datetime) -> list[_Law]:
    books: dict[tuple[int, str], Books] = {}
    found = []
    for county, disease, category in _categories(actor, now):
        key = (county, disease)
        if key not in books:
            books[key] = books_of(policies.get(key))
        found.append(_law(county, disease, category, books[key]))
    return found


def _law(county: int, disease: str, category: str, books: Books) -> _Law:
    missing = category_breach(category, books)
    known = books.categories.get(category)
    causes = [phase.cause for phase in known.phases if phase.cause] if known else []
    return _Law(
        county=county,
        disease=disease,
        category=category,
        missing=missing.rule if missing else "",
        most=_most(books, category),
        long=_or_five("OG-05", books),
        low=_or_five("OG-02", books),
        free=_bars(free_levels(books)),
        herd=_if_forbidden("OG-07", books),
        again=_if_forbidden("OG-13", books),
        causes=_bars(causes),
    )


def _most(books: Books, category: str) -> int | None:
    known = books.categories.get(category)
    latest = last_lawful_day(known, _DAY_0, books.first_day) if known else None
    return (latest - _DAY_0).days if latest else None


def _if_forbidden(rule: str, books: Books) -> str:
    return rule if rule in books.forbidden else ""


def _or_five(rule: str, books: Books) -> str:
    return _if_forbidden(rule, books) or _if_forbidden("OG-22", books)


def _bars(codes: Iterable[str]) -> str:
    return "|" + "".join(f"{code}|" for code in codes)


def _values(actor: Actor, laws: list[_Law], now: datetime) -> dict[str, Any]:
    columns = {f"law_{name}": [getattr(law, name) for law in laws] for name in _Law.__slots__}
    kinds = {f"kind_{kind}": kind for kind in EVIDENCE_KINDS}
    return {
        **columns,
        **kinds,
        "lo": actor.area.lo,
        "hi": actor.area.hi,
        "now": now,
        "confining": list(CONFINING),
        "spillover": SPILLOVER,
        "no_rule": NO_RULE,
    }


def _given(field: str) -> str:
    # What Python calls false says nothing: absent, null, empty, nought.
    return f"coalesce(o.evidence->>'{field}', '') NOT IN ('', '0', 'false', '[]', '{{}}')"


# Field names come from the rule's own table, never from anybody's input.
_INDIVIDUAL = (
    "CASE o.evidence->>'kind' "
    + " ".join(
        f"WHEN '{kind}' THEN {' AND '.join(_given(field) for field in (*fields, 'on'))}"
        for kind, fields in EVIDENCE_KINDS.items()
    )
    + " ELSE false END"
)
_LEVEL = """CASE WHEN coalesce(o.evidence->>'level', '') NOT IN ('', '0', 'false', '[]', '{}') THEN o.evidence->>'level'
    WHEN starts_with(o.category, %(spillover)s) THEN substr(o.category, length(%(spillover)s) + 1) ELSE '' END"""
_FOUND = f"""
SELECT DISTINCT o.id, law.county, o.disease, o.category, rules.rule
FROM isolation_order o
JOIN unnest(%(law_county)s::bigint[], %(law_disease)s::text[], %(law_category)s::text[], %(law_missing)s::text[],
            %(law_most)s::int[], %(law_long)s::text[], %(law_low)s::text[], %(law_free)s::text[], %(law_herd)s::text[],
            %(law_again)s::text[], %(law_causes)s::text[])
    AS law(county, disease, category, missing, most, long, low, free, herd, again, causes)
  ON law.county = o.area - o.area %% {_TAIL} AND law.disease = o.disease AND law.category = o.category
CROSS JOIN LATERAL (VALUES
    (law.missing),
    (CASE WHEN law.long <> '' AND o.ends_on - o.anchor_on > law.most
               AND (o.cause = '' OR position('|' || o.cause || '|' IN law.causes) = 0) THEN law.long END),
    (CASE WHEN law.low <> '' AND position('|' || ({_LEVEL}) || '|' IN law.free) > 0
               AND EXISTS (SELECT FROM isolation_phase p WHERE p.order_id = o.id AND p.mode = ANY(%(confining)s))
          THEN law.low END),
    (CASE WHEN law.herd <> '' AND NOT ({_INDIVIDUAL}) THEN law.herd END),
    (CASE WHEN law.again <> '' AND o.evidence->>'on' ~ '^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}$'
               AND to_char(o.anchor_on, 'YYYY-MM-DD') > o.evidence->>'on' THEN law.again END)
) AS rules(rule)
WHERE o.area BETWEEN %(lo)s AND %(hi)s AND o.state = 'signed' AND o.ends_at > %(now)s AND rules.rule <> ''
"""  # noqa: S608 - composed of names from code
