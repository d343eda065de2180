"""A county's tier under the zoned control of February 2020."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from dayclear.policy.schema import CountyTiers
from dayclear.policy.schema.areas import TierTest

LOW_FIRST = "low_first"


@dataclass(frozen=True, slots=True)
class CountyFacts:
    """What a county's tier depends on: confirmed cases only, asymptomatic infections do not count.

    `last_case_on` and `last_cluster_on` are None where there never was one, up to `as_of`.
    """

    as_of: date
    cumulative: int
    last_case_on: date | None
    last_cluster_on: date | None


@dataclass(frozen=True, slots=True)
class CountyTier:
    """The tier of a county, and which of its tests held. Units: `test` counts from 1 in the pack's order."""

    tier: str
    test: int
    strategy: tuple[str, ...]


def county_tier(facts: CountyFacts, tiers: CountyTiers) -> CountyTier | None:
    """The first tier, in the pack's order of evaluation, of which a test holds; None when none does.

    The order matters: more than 50 cases and none for 14 days fits both "low" and "medium", and is low.
    Source: guidance of 2020-02-17 (C32, C33).
    """
    for code, tier in tiers.tiers.items():
        for number, test in enumerate(tier.any_of, 1):
            if holds(test, facts):
                return CountyTier(code, number, tuple(tier.strategy or ()))
    return None


def holds(test: TierTest, facts: CountyFacts) -> bool:
    """Whether every bound a test gives holds. A case on `as_of` itself is 0 days old."""
    since_case = _days_since(facts.last_case_on, facts.as_of)
    since_cluster = _days_since(facts.last_cluster_on, facts.as_of)
    bounds = (
        test.no_case_ever is None or (facts.cumulative == 0) == test.no_case_ever,
        test.no_new_case_for is None or (since_case is not None and since_case >= test.no_new_case_for),
        test.new_case_within is None or (since_case is not None and since_case < test.new_case_within),
        test.cumulative_at_most is None or facts.cumulative <= test.cumulative_at_most,
        test.cumulative_over is None or facts.cumulative > test.cumulative_over,
        test.cluster_within is None or (since_cluster is not None and since_cluster < test.cluster_within),
        test.no_cluster_within is None or since_cluster is None or since_cluster >= test.no_cluster_within,
    )
    return all(bounds)


def _days_since(day: date | None, as_of: date) -> int | None:
    return None if day is None else (as_of - day).days


def highest(tiers: Iterable[str], order: CountyTiers) -> str | None:
    """The highest of several districts' tiers: that of the prefecture's urban area (C104)."""
    known = list(order.tiers)
    found = [known.index(tier) for tier in tiers if tier in known]
    if not found:
        return None
    return known[max(found) if order.order == LOW_FIRST else min(found)]
