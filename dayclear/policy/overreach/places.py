"""Areas and measures against the pack in force: OG-01, 03, 08, 09, 10, 12, 14 to 19, 22."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from dayclear.policy.overreach.books import Books, Breach, found
from dayclear.policy.schema import AreaLevel, Testing

# Codes of the packs that keep people from moving.
LIMITS_MOVEMENT: Final = frozenset({"stay_home", "stay_in_area", "area_closed"})
EXITS: Final = ("fire_exit", "unit_door", "compound_gate")
# From the smallest. A shop or an office is a household here: one door.
UNITS: Final = ("household", "floor", "unit", "building", "compound", "community", "street", "county")
# The depth of a place (foundation.areas): 1 a province, 2 a prefecture, 3 a county.
_PREFECTURE: Final = 2
_CLOSING: Final = ("standstill", "closure", "movement_limit", "physical_barrier")


@dataclass(frozen=True, slots=True)
class MeasureFacts:
    """A measure about to be imposed, or one that stands.

    `level` is the level of the designated area it lies in, empty where there is none. `code` is the pack's own measure
    for the kind `area_measure`. `at_exit` names what a barrier stands at. `approver_level` is None when nobody
    approved. `rounds_that_day` counts the other test rounds of the same people on the same day. `site` is the kind of
    place it is at (a pharmacy, a school…), `asks_for` what is demanded there (a code, a negative result),
    `stops_all` whether everybody is stopped whoever they are, `breadth` the depth of the place it covers.
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
    site: str = ""
    asks_for: str = ""
    stops_all: bool = False
    breadth: int = 5

    @property
    def limits_movement(self) -> bool:
        return self.kind in ("standstill", "movement_limit") or self.code in LIMITS_MOVEMENT


@dataclass(frozen=True, slots=True)
class AreaStanding:
    """An area about to be drawn, or one in force.

    `eligible_at` is the instant from which both conditions of its next step hold (None: not all of them do).
    `enlarging` is the ground for a unit larger than the pack's; `breadth` the depth of the place that holds it.
    """

    level: str
    unit: str
    enlarging: str = ""
    eligible_at: datetime | None = None
    breadth: int = 5


def measure_breaches(facts: MeasureFacts, books: Books) -> tuple[Breach, ...]:
    """What the guard finds in a measure. Shape: in the order of the ids.

    Source: policy reference E (OG-01, 08, 09, 12, 14 to 19, 22).
    """
    inside = books.is_restricted(facts.level)
    says = {
        "OG-01": facts.limits_movement and not inside,
        "OG-08": facts.kind == "checkpoint_regime" and (facts.approver_level is None or facts.ends_at is None),
        "OG-09": facts.kind == "closure" and not inside,
        "OG-12": facts.kind == "mass_test_round" and (not facts.outbreak or _too_often(facts, books.testing)),
        "OG-14": _is_arbitrary(facts, books, inside=inside),
        "OG-15": facts.kind == "entry_refusal",
        "OG-16": _is_lockdown(facts, books),
        "OG-17": facts.kind == "physical_barrier" and facts.at_exit in EXITS,
        "OG-18": bool(facts.asks_for) and facts.site not in _checked_places(books.testing),
        "OG-19": facts.kind == "sales_limit" or (facts.kind == "closure" and facts.site == "pharmacy"),
    }
    params = _words(facts, books)
    breaches = [books.breach(rule, params, limit=_limit(rule, facts, books)) for rule, broken in says.items() if broken]
    # A regime may be approved and dated and stop people at will all the same: somebody looks at it.
    if facts.kind == "checkpoint_regime" and facts.stops_all and not says["OG-08"]:
        breaches.append(books.breach("OG-08", params, review=True))
    breaches.append(_five(facts, books, says, params))
    if facts.kind == "area_measure" and says["OG-14"] and "OG-14" not in books.forbidden:
        breaches.append(books.unfounded("OG-14", params, limit=_limit("OG-14", facts, books)))
    return tuple(sorted(found(breaches), key=lambda each: each.rule))


def area_breaches(facts: AreaStanding, books: Books, *, now: datetime) -> tuple[Breach, ...]:
    """What the guard finds in an area in force. Shape: in the order of the ids.

    Source: policy reference E (OG-03, 10, 14, 22).
    """
    params: dict[str, str | int] = {"level": facts.level, "unit": facts.unit}
    known = books.areas.levels.get(facts.level) if books.areas else None
    if known is None:
        # The pack has no such level any more: nothing gives what holds in it.
        return (books.unfounded("OG-14", params, limit=", ".join(books.areas.levels) if books.areas else ""),)
    held = facts.eligible_at is not None and facts.eligible_at <= now
    size = size_breach(facts.unit, facts.enlarging, known, books)
    wide = facts.breadth <= _PREFECTURE and books.is_restricted(facts.level)
    return found(
        [
            books.breach("OG-03", {**params, "since": _instant(facts.eligible_at)}, limit=_clear_days(known))
            if held
            else None,
            size if size is not None and size.rule in books.forbidden else None,
            books.breach("OG-22", params) if wide or (held and "OG-03" not in books.forbidden) else None,
        ]
    )


def size_breach(unit: str, enlarging: str, level: AreaLevel, books: Books) -> Breach | None:
    """A unit larger than the pack's, without a ground the pack lets it be larger for.

    Before the Twenty Measures the unit was a rule of the plan and not yet a prohibition: `unit_too_large`.
    """
    largest = largest_unit(level)
    if largest is None or unit not in UNITS or UNITS.index(unit) <= UNITS.index(largest):
        return None
    grounds = books.areas.may_enlarge_when if books.areas else None
    # The ninth edition lets the investigation adjust the unit: in its own words, which are recorded.
    grounded = enlarging in grounds if grounds is not None else bool(enlarging.strip())
    if grounded and level.never_enlarged_to is None:
        return None
    params: dict[str, str | int] = {"unit": unit, "largest": largest}
    if level.never_enlarged_to is not None and "OG-10" in books.forbidden:
        params["never"] = 1
    return books.breach("OG-10", params, limit=largest) or Breach("unit_too_large", params, largest)


def largest_unit(level: AreaLevel) -> str | None:
    """The largest unit the pack draws a level by."""
    named = [unit for unit in (*(level.units or ()), level.max_unit) if unit in UNITS]
    return max(named, key=UNITS.index) if named else None


def is_prescribed(facts: MeasureFacts, books: Books) -> bool:
    """Whether the pack gives the measure for the level it is to hold in."""
    level = books.areas.levels.get(facts.level) if books.areas else None
    return level is not None and facts.code in level.measures


def _words(facts: MeasureFacts, books: Books) -> Mapping[str, str | int]:
    return {
        "level": facts.level or "none",
        "kind": facts.kind,
        **({"site": facts.site} if facts.site else {}),
        **({"asks_for": facts.asks_for} if facts.asks_for else {}),
    }


def _limit(rule: str, facts: MeasureFacts, books: Books) -> str:
    """What the pack does allow, in its own codes."""
    if rule in ("OG-01", "OG-14") and books.areas is not None:
        level = books.areas.levels.get(facts.level)
        return ", ".join(level.measures) if level else ""
    if rule == "OG-12" and books.testing is not None and books.testing.max_rounds_per_day is not None:
        return str(books.testing.max_rounds_per_day)
    if rule == "OG-18":
        return ", ".join(_checked_places(books.testing))
    return ""


def _too_often(facts: MeasureFacts, testing: Testing | None) -> bool:
    most = testing.max_rounds_per_day if testing else None
    return most is not None and facts.rounds_that_day + 1 > most


def _is_arbitrary(facts: MeasureFacts, books: Books, *, inside: bool) -> bool:
    """A measure the pack does not know for this level: standstill, closing, barring, outside the areas it restricts."""
    if facts.kind == "area_measure":
        return not is_prescribed(facts, books)
    return facts.kind in _CLOSING and not inside


def _is_lockdown(facts: MeasureFacts, books: Books) -> bool:
    """Any temporary lockdown, and any limit outside the level to which closing is confined (Ten Measures, 1 and 8)."""
    areas = books.areas
    if areas is None or areas.temporary_lockdown is not False:
        return False
    limits = facts.limits_movement or facts.kind in ("closure", "physical_barrier")
    return facts.kind == "standstill" or (limits and facts.level != (areas.closure_only_inside or "high"))


def _checked_places(testing: Testing | None) -> tuple[str, ...]:
    listed = testing.checked_places if testing else None
    return tuple(listed.places) if listed else ()


def _five(
    facts: MeasureFacts, books: Books, says: Mapping[str, bool], params: Mapping[str, str | int]
) -> Breach | None:
    """From an area to a whole city or province; and what later prohibitions say singly, before they are in force."""
    spread = facts.breadth <= _PREFECTURE and (facts.limits_movement or facts.kind == "closure")
    earlier = any(says[rule] and rule not in books.forbidden for rule in ("OG-01", "OG-15"))
    return books.breach("OG-22", params) if spread or earlier else None


def _instant(at: datetime | None) -> str:
    return at.isoformat(timespec="minutes") if at else ""


def _clear_days(level: AreaLevel) -> str:
    return str(level.down.clear_days) if level.down and level.down.clear_days is not None else ""
