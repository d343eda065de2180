"""Orders against the pack in force: OG-02, 04, 05, 07, 11, 13, and 22 for what was forbidden before these."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from dayclear.policy.overreach.books import Books, Breach, found
from dayclear.policy.schema import Category

# A category of people who left an area of a level is named for the level.
SPILLOVER: Final = "spillover_"
# What of the later prohibitions the five must-nots of January 2022 already said (C66).
_FIVE: Final = ("OG-02", "OG-05")


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """An order about to bind, or one that binds.

    `confines`: somebody may not go out at will in one of its phases. `individual`: its evidence says how this very
    person was exposed. `exposed_on` is the day the evidence gives, `anchor_on` the day 0 from which the order counts;
    `exposure_level` the level of the area in which the exposure lay, where it was one of an area. `cause` names the
    event for which the pack lets a longer phase begin.
    """

    category: str
    anchor_on: date
    ends_on: date | None
    confines: bool
    individual: bool
    exposed_on: date | None = None
    exposure_level: str = ""
    cause: str = ""


def order_breaches(facts: OrderFacts, books: Books) -> tuple[Breach, ...]:
    """What the guard finds in an order. Shape: in the order of the ids.

    Source: policy reference E (OG-02, 04, 05, 07, 11, 13, 22).
    """
    params: dict[str, str | int] = {"category": facts.category}
    says = {
        "OG-02": _only_low(facts, books),
        "OG-05": _too_long(facts, books),
    }
    return found(
        [
            books.breach("OG-02", {**params, "level": facts.exposure_level}) if says["OG-02"] else None,
            category_breach(facts.category, books),
            _length(facts, books) if says["OG-05"] else None,
            books.breach("OG-07", params) if not facts.individual else None,
            _repeated(facts, books),
            *(_five(rule, params, books) for rule in _FIVE if says[rule]),
        ]
    )


def category_breach(category: str, books: Books) -> Breach | None:
    """OG-11 where a text took the category out, OG-04 where none ever put it in; None where the pack has it."""
    if category in books.categories:
        return None
    removed = category in books.removed and "OG-11" in books.forbidden
    rule, limit = ("OG-11", "") if removed else ("OG-04", ", ".join(sorted(books.categories)))
    return books.unfounded(rule, {"category": category}, limit=limit)


def last_lawful_day(category: Category, anchor_on: date, first_day: str) -> date | None:
    """The last day the pack allows an order of a category; None where it cannot be told without the order's cause.

    Units: `max_days` of the pack, else the length of all its phases, counted from day 1.
    """
    days = longest_days(category)
    if days is None:
        return None
    return anchor_on + timedelta(days=days - 1 if first_day == "same_day" else days)


def longest_days(category: Category) -> int | None:
    """Units: days. None where a phase ends by an event or counts from one of its own."""
    if category.max_days is not None:
        return category.max_days
    lengths = [phase.days for phase in category.phases if phase.cause is None]
    return sum(each for each in lengths if each) if lengths and all(lengths) else None


def exposure_level(category: str, evidence: Mapping[str, object]) -> str:
    """The level of the area in which somebody was exposed, as evidence or category name it; empty for other causes."""
    said = evidence.get("level")
    return str(said) if said else category.removeprefix(SPILLOVER) if category.startswith(SPILLOVER) else ""


def free_levels(books: Books) -> tuple[str, ...]:
    """The levels of the pack in which nobody is restricted."""
    levels = books.areas.levels if books.areas else {}
    return tuple(level for level in levels if not books.is_restricted(level))


def _only_low(facts: OrderFacts, books: Books) -> bool:
    return facts.confines and facts.exposure_level in free_levels(books)


def _too_long(facts: OrderFacts, books: Books) -> bool:
    category = books.categories.get(facts.category)
    if category is None or facts.ends_on is None:
        # An order without any end at all is refused before the guard is asked (R02).
        return False
    if facts.cause and any(phase.cause == facts.cause for phase in category.phases):
        return False
    latest = last_lawful_day(category, facts.anchor_on, books.first_day)
    return latest is not None and facts.ends_on > latest


def _length(facts: OrderFacts, books: Books) -> Breach | None:
    category = books.categories[facts.category]
    assert facts.ends_on is not None, "an order is too long only where it ends"
    latest = last_lawful_day(category, facts.anchor_on, books.first_day)
    params: dict[str, str | int] = {
        "category": facts.category,
        "ends": facts.ends_on.isoformat(),
        "latest": latest.isoformat() if latest else "",
        "days": (facts.ends_on - facts.anchor_on).days,
    }
    return books.breach("OG-05", params, limit=longest_days(category))


def _repeated(facts: OrderFacts, books: Books) -> Breach | None:
    """Days already served since the exposure that an order does not count (OG-13)."""
    if facts.exposed_on is None or facts.anchor_on <= facts.exposed_on:
        return None
    params: dict[str, str | int] = {
        "category": facts.category,
        "exposed": facts.exposed_on.isoformat(),
        "counted": facts.anchor_on.isoformat(),
        "days": (facts.anchor_on - facts.exposed_on).days,
    }
    return books.breach("OG-13", params)


def _five(rule: str, params: Mapping[str, str | int], books: Books) -> Breach | None:
    """The five must-nots speak where the prohibition that says the same by itself is not in force yet."""
    return books.breach("OG-22", params) if rule not in books.forbidden else None
