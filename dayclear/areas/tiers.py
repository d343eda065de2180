"""The tiers of counties on a day, from the confirmed cases in the register (zoned control of February 2020)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import connection

from dayclear.areas.rules.tiers import CountyFacts, CountyTier, county_tier, highest
from dayclear.foundation.actors import Actor
from dayclear.foundation.areas import COUNTY, PREFECTURE, ancestor
from dayclear.foundation.rules import Right
from dayclear.places.models import Place
from dayclear.policy.schema import CountyTiers

_COUNTY_SIZE = 10**12
_DISTRICT = "区"
# A cluster: two confirmed cases of one county, one named as the source of the other, within this time. The guidance
# counts "cluster outbreaks" and defines none; this is the shortest reading that the register can answer (derived).
CLUSTER_WITHIN = timedelta(days=14)

_FACTS = """
WITH confirmed AS (
    SELECT id, area / %(size)s AS county, counted_on FROM cases_case
    WHERE disease = %(disease)s AND classification = 'confirmed' AND counted_on <= %(as_of)s
      AND area BETWEEN %(lo)s AND %(hi)s),
clusters AS (
    SELECT c.county, max(greatest(c.counted_on, s.counted_on)) AS last_on
    FROM tracing_exposure e JOIN confirmed c ON c.id = e.case_id JOIN confirmed s ON s.id = e.source_id
    WHERE c.county = s.county AND abs(c.counted_on - s.counted_on) <= %(within)s GROUP BY c.county)
SELECT county * %(size)s, count(*), max(counted_on), (SELECT last_on FROM clusters k WHERE k.county = confirmed.county)
FROM confirmed GROUP BY county
"""


@dataclass(frozen=True, slots=True)
class TieredCounty:
    """A county with what its tier was decided by."""

    number: int
    name: str
    facts: CountyFacts
    tier: CountyTier | None


@dataclass(frozen=True, slots=True)
class TierTable:
    """The counties of the actor's places, the strictest tier first. Shape: `counts` by tier, in the pack's order;
    `cities` gives a prefecture's urban area the highest tier of its districts.
    """

    counties: tuple[TieredCounty, ...]
    counts: Mapping[str, int]
    cities: Mapping[int, str]


def tiers_on(actor: Actor, disease: str, tiers: CountyTiers, as_of: date) -> TierTable:
    """The tier of every county in the actor's places on a day. Counties the register of places has and no case does
    are low. Cases whose county is not known are in none.
    """
    actor.require(Right.SEE_CASES)
    known = _facts(actor, disease, as_of)
    counties = []
    for number, name in _counties(actor):
        facts = known.get(number, CountyFacts(as_of, 0, None, None))
        counties.append(TieredCounty(number, name, facts, county_tier(facts, tiers)))
    order = list(tiers.tiers)
    counties.sort(key=lambda each: (-_rank(each, order), -each.facts.cumulative, each.number))
    counts = {code: sum(each.tier is not None and each.tier.tier == code for each in counties) for code in order}
    return TierTable(tuple(counties), counts, _cities(counties, tiers))


def _rank(county: TieredCounty, order: list[str]) -> int:
    return order.index(county.tier.tier) if county.tier else -1


def _counties(actor: Actor) -> list[tuple[int, str]]:
    places = Place.objects.filter(level=COUNTY, number__range=(actor.area.lo, actor.area.hi)).order_by("number")
    return list(places.values_list("number", "full_name"))


def _facts(actor: Actor, disease: str, as_of: date) -> dict[int, CountyFacts]:
    with connection.cursor() as cursor:
        cursor.execute(
            _FACTS,
            {
                "size": _COUNTY_SIZE,
                "disease": disease,
                "as_of": as_of,
                "lo": actor.area.lo,
                "hi": actor.area.hi,
                "within": CLUSTER_WITHIN.days,
            },
        )
        return {county: CountyFacts(as_of, count, last, cluster) for county, count, last, cluster in cursor.fetchall()}


def _cities(counties: list[TieredCounty], tiers: CountyTiers) -> dict[int, str]:
    found: dict[int, list[str]] = {}
    for each in counties:
        if each.name.endswith(_DISTRICT) and each.tier is not None:
            found.setdefault(ancestor(each.number, PREFECTURE), []).append(each.tier.tier)
    return {city: tier for city, each in found.items() if (tier := highest(each, tiers)) is not None}
