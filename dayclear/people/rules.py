"""When two rows may be one human."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from dayclear.foundation.areas import COUNTY, ancestor, level_of

REVIEW_FROM = 70
_DAYS_IN_A_MONTH = 30.44
# 某 and stars anywhere; x only where it stands for a Chinese character or is the whole name: Alex is a name.
_MASK = re.compile(r"某|[*＊○〇×]|(?<=[\u4e00-\u9fff])[xX]+|^[xX]+$")


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """What two rows are compared by."""

    name: str = ""
    sex: str = "unknown"
    born_on: date | None = None
    age_months: int | None = None
    age_on: date | None = None
    area: int = 0
    id_number_hash: bytes | None = None
    phone_hash: bytes | None = None

    def born_about(self) -> date | None:
        """The day of birth, or the latest day that the stated age allows."""
        if self.born_on or self.age_months is None or self.age_on is None:
            return self.born_on
        return date.fromordinal(max(self.age_on.toordinal() - int(self.age_months * _DAYS_IN_A_MONTH), 1))


def is_masked_name(name: str) -> bool:
    """Whether a name was blotted out by its source (张某, 李XX, 王**) and identifies nobody."""
    return not name or bool(_MASK.search(name))


def contradicts(one: PersonFacts, other: PersonFacts) -> str | None:
    """Why two descriptions under one case number cannot be the same human; None if they can.

    A masked name agrees with any name that begins with the same character.
    """
    if one.id_number_hash and other.id_number_hash and one.id_number_hash != other.id_number_hash:
        return "other_id_number"
    if one.sex != other.sex and "unknown" not in (one.sex, other.sex):
        return "other_sex"
    if one.name and other.name and one.name != other.name:
        masked = is_masked_name(one.name) or is_masked_name(other.name)
        if not masked or (one.name[0] != other.name[0] and not _MASK.match(one.name) and not _MASK.match(other.name)):
            return "other_name"
    return "other_age" if _birth(one, other)[1] in ("other_age", "other_birthday") else None


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two rows are.

    Units: `score` 0 to 100. Shape: `reasons` are codes, for and against, in a fixed order.
    """

    score: int
    reasons: tuple[str, ...]


def likeness(one: PersonFacts, other: PersonFacts) -> Likeness:
    """Compare two rows.

    An equal identity number settles it (100), a different one settles the contrary (0). A name alone is worth 40 and
    never reaches the review, let alone a merge: in a province thousands share it.
    """
    if one.id_number_hash and other.id_number_hash:
        same = one.id_number_hash == other.id_number_hash
        return Likeness(100, ("same_id_number",)) if same else Likeness(0, ("other_id_number",))
    if one.sex != other.sex and "unknown" not in (one.sex, other.sex):
        return Likeness(0, ("other_sex",))
    if not one.name or one.name != other.name:
        return Likeness(0, ("other_name",))
    score, reasons = 40, ["same_name"]
    for points, code in (_sex(one, other), _birth(one, other), _area(one, other), _phone(one, other)):
        score += points
        if code:
            reasons.append(code)
    return Likeness(max(0, min(score, 99)), tuple(reasons))


def _sex(one: PersonFacts, other: PersonFacts) -> tuple[int, str]:
    return (10, "same_sex") if one.sex == other.sex != "unknown" else (0, "")


def _birth(one: PersonFacts, other: PersonFacts) -> tuple[int, str]:
    if one.born_on and other.born_on:
        return (30, "same_birthday") if one.born_on == other.born_on else (-40, "other_birthday")
    first, second = one.born_about(), other.born_about()
    if first is None or second is None:
        return 0, ""
    years = abs((first - second).days) / 365.25
    if years <= 1:
        return 15, "same_age"
    return (0, "near_age") if years <= 3 else (-40, "other_age")


def _area(one: PersonFacts, other: PersonFacts) -> tuple[int, str]:
    shared = max((level for level in range(6) if ancestor(one.area, level) == ancestor(other.area, level)), default=0)
    if shared >= COUNTY and min(level_of(one.area), level_of(other.area)) >= COUNTY:
        return (10, "same_county") if shared == COUNTY else (15, "same_township")
    return (-15, "other_county") if level_of(one.area) and level_of(other.area) else (0, "")


def _phone(one: PersonFacts, other: PersonFacts) -> tuple[int, str]:
    if not one.phone_hash or not other.phone_hash:
        return 0, ""
    return (25, "same_phone") if one.phone_hash == other.phone_hash else (-5, "other_phone")
