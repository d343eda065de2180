"""What may be imposed on a place: every measure has a basis, a scope, an approver, a start, an end and a review day."""

from __future__ import annotations

from datetime import date, datetime

from dayclear.areas.rules.designation import is_below
from dayclear.foundation.areas import LEVELS
from dayclear.foundation.decisions import Decision, Reason
from dayclear.policy.overreach import NO_RULE, Books, MeasureFacts, is_prescribed, measure_breaches

KINDS = (
    "area_measure",
    "closure",
    "standstill",
    "movement_limit",
    "checkpoint_regime",
    "mass_test_round",
    "physical_barrier",
    "entry_refusal",
    "sales_limit",
)


def may_impose(facts: MeasureFacts, books: Books, *, now: datetime, today: date) -> Decision:
    """Whether a measure may be imposed. Shape: what is missing first, then what is forbidden, by id."""
    return Decision((*_missing(facts, books, now, today), *over_reach(facts, books), *_not_in_pack(facts, books)))


def _missing(facts: MeasureFacts, books: Books, now: datetime, today: date) -> list[Reason]:
    needed = {
        "basis_missing": facts.basis.strip(),
        "scope_missing": facts.scope.strip(),
        "approver_missing": facts.approver_level is not None,
        "end_missing": facts.ends_at,
        "review_missing": facts.review_on,
    }
    reasons = [Reason(code) for code, there in needed.items() if not there]
    if facts.kind not in KINDS:
        reasons.append(Reason("measure_kind_unknown", {"value": facts.kind}))
    if facts.ends_at is not None and facts.ends_at <= max(facts.starts_at, now):
        reasons.append(Reason("end_passed"))
    if facts.review_on is not None and facts.review_on < today:
        reasons.append(Reason("review_passed", {"day": facts.review_on.isoformat()}))
    required = books.areas.designated_by if books.areas else None
    if facts.approver_level is not None and is_below(facts.approver_level, required):
        reasons.append(
            Reason("decider_below_level", {"required": str(required), "level": LEVELS[facts.approver_level]})
        )
    return reasons


def over_reach(facts: MeasureFacts, books: Books) -> list[Reason]:
    """What the guard says of a measure; what only needs a second look does not stand in its way."""
    found = [breach for breach in measure_breaches(facts, books) if not breach.review]
    # For want of any rule the register has a sentence of its own (`_not_in_pack`).
    return [breach.reason for breach in found if breach.rule != NO_RULE]


def _not_in_pack(facts: MeasureFacts, books: Books) -> list[Reason]:
    """Before the guard forbade it by number, a measure the pack does not give for the level had no basis either."""
    if facts.kind == "area_measure" and not is_prescribed(facts, books) and "OG-14" not in books.forbidden:
        return [Reason("measure_not_in_pack", {"value": facts.code, "level": facts.level or "none"})]
    return []
