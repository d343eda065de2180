"""What may be imposed on a place: every measure has a basis, a scope, an approver, a start, an end and a review day."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from dayclear.areas.rules.clearing import follows_the_others
from dayclear.areas.rules.designation import is_below
from dayclear.foundation.areas import LEVELS
from dayclear.foundation.decisions import Decision, Reason
from dayclear.policy.schema import Areas, Testing

KINDS = (
    "area_measure",
    "closure",
    "standstill",
    "movement_limit",
    "checkpoint_regime",
    "mass_test_round",
    "physical_barrier",
)
# Codes of the packs that keep people from moving.
LIMITS_MOVEMENT = frozenset({"stay_home", "stay_in_area", "area_closed"})
EXITS = ("fire_exit", "unit_door", "compound_gate")


@dataclass(frozen=True, slots=True)
class MeasureFacts:
    """A measure about to be imposed, or one that stands.

    `level` is the level of the designated area it lies in, empty where there is none. `code` is the pack's own measure
    for the kind `area_measure`. `at_exit` names what a barrier stands at. `approver_level` is None when nobody
    approved. `rounds_that_day` counts the other test rounds of the same people on the same day.
    """

    kind: str
    level: str
    basis: str
    scope: str
    starts_at: datetime
    ends_at: datetime | None
    review_on: date | None
    approver_level: int | None
    code: str = ""
    at_exit: str = ""
    outbreak: bool = False
    rounds_that_day: int = 0

    @property
    def limits_movement(self) -> bool:
        return self.kind in ("standstill", "movement_limit") or self.code in LIMITS_MOVEMENT


@dataclass(frozen=True, slots=True)
class Books:
    """What of the pack in force measures are judged by. Shape: `forbidden` are the ids of the over-reach guard."""

    areas: Areas | None
    testing: Testing | None = None
    forbidden: Collection[str] = ()

    def is_restricted(self, level: str) -> bool:
        """Whether people in an area of this level are restricted at all: low risk is the rest of the county."""
        return bool(self.areas and level in self.areas.levels and not follows_the_others(self.areas, level))


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
    """What the over-reach guard says of a measure: only the prohibitions of the pack in force.

    Source: policy reference E (OG-01, 08, 09, 12, 14, 16, 17).
    """
    inside = books.is_restricted(facts.level)
    params = {"level": facts.level or "none", "kind": facts.kind}
    found = {
        "OG-01": facts.limits_movement and not inside,
        "OG-08": facts.kind == "checkpoint_regime" and (facts.approver_level is None or facts.ends_at is None),
        "OG-09": facts.kind == "closure" and not inside,
        "OG-12": facts.kind == "mass_test_round" and (not facts.outbreak or _too_often(facts, books.testing)),
        "OG-14": _is_arbitrary(facts, books, inside=inside),
        "OG-16": _is_lockdown(facts, books),
        "OG-17": facts.kind == "physical_barrier" and facts.at_exit in EXITS,
    }
    return [Reason(rule, params) for rule, broken in found.items() if broken and rule in books.forbidden]


def _too_often(facts: MeasureFacts, testing: Testing | None) -> bool:
    most = testing.max_rounds_per_day if testing else None
    return most is not None and facts.rounds_that_day + 1 > most


def _is_arbitrary(facts: MeasureFacts, books: Books, *, inside: bool) -> bool:
    """A measure the pack does not know for this level: standstill, closing, barring, outside the areas it restricts."""
    if facts.kind == "area_measure":
        return not _prescribed(facts, books.areas)
    return facts.kind in ("standstill", "closure", "movement_limit", "physical_barrier") and not inside


def _is_lockdown(facts: MeasureFacts, books: Books) -> bool:
    """Any temporary lockdown, and any limit outside the level to which closing is confined (Ten Measures, 1 and 8)."""
    areas = books.areas
    if areas is None or areas.temporary_lockdown is not False:
        return False
    limits = facts.limits_movement or facts.kind in ("closure", "physical_barrier")
    return facts.kind == "standstill" or (limits and facts.level != (areas.closure_only_inside or "high"))


def _prescribed(facts: MeasureFacts, areas: Areas | None) -> bool:
    level = areas.levels.get(facts.level) if areas else None
    return level is not None and facts.code in level.measures


def _not_in_pack(facts: MeasureFacts, books: Books) -> list[Reason]:
    """Before the guard forbade it by number, a measure the pack does not give for the level had no basis either."""
    if facts.kind == "area_measure" and not _prescribed(facts, books.areas) and "OG-14" not in books.forbidden:
        return [Reason("measure_not_in_pack", {"value": facts.code, "level": facts.level or "none"})]
    return []
