"""An order before the over-reach guard, at the moment it is proposed or signed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from dayclear.foundation.decisions import Decision, Reason
from dayclear.isolation.rules.modes import CONFINING
from dayclear.isolation.rules.plan import Plan
from dayclear.isolation.rules.signing import is_individual
from dayclear.policy.overreach import Books, OrderFacts, exposure_level, order_breaches


def facts_of(plan: Plan, evidence: Mapping[str, object], *, cause: str = "") -> OrderFacts:
    """What the guard asks of an order: its days, whether it confines, what its evidence says."""
    return OrderFacts(
        category=plan.category,
        anchor_on=plan.anchor_on,
        ends_on=plan.ends_on,
        confines=any(phase.mode in CONFINING for phase in plan.phases),
        individual=is_individual(evidence),
        exposed_on=exposed_on(evidence),
        exposure_level=exposure_level(plan.category, evidence),
        cause=cause,
    )


def guarded(facts: OrderFacts, books: Books, lapse: tuple[Reason, ...] = ()) -> Decision:
    """Whether the guard lets an order pass; `lapse` is what the pack's own end says (R37)."""
    return Decision((*lapse, *(each.reason for each in order_breaches(facts, books) if not each.review)))


def exposed_on(evidence: Mapping[str, object]) -> date | None:
    """The day of exposure that evidence gives; None where it is not a day."""
    try:
        return date.fromisoformat(str(evidence.get("on", "")))
    except ValueError:
        return None
