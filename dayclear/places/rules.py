"""Finding a place in the words people write for it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from dayclear.foundation.areas import COUNTY, Area, area_of, county_of, level_of

# What an official name ends in and an office leaves out. The longest first; a name never shrinks below two characters.
_SUFFIXES = (
    "壮族自治区",
    "维吾尔自治区",
    "回族自治区",
    "特别行政区",
    "自治区",
    "自治州",
    "自治县",
    "自治旗",
    "街道办事处",
    "街道",
    "地区",
    "新区",
    "林区",
    "特区",
    "省",
    "市",
    "盟",
    "区",
    "县",
    "旗",
    "镇",
    "乡",
)
_KINDS = frozenset("省市区县旗盟镇乡")
# Rows of the code tables that stand for "the counties directly under" and are never written in an address.
_PLACEHOLDERS = frozenset({"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"})
_NOISE = re.compile(r"^(?:现居住地|现居住于|居住地|现住址|现居|居住于|现住|住址|家住|住|在|于|[\s,,。;:;:、])+")


def short_name(name: str) -> str:
    """The name as it is spoken: without the kind of place at its end."""
    for suffix in _SUFFIXES:
        if name.endswith(suffix) and len(name) - len(suffix) >= 2:
            return name[: -len(suffix)]
    return name


def is_placeholder(name: str) -> bool:
    """Whether a row of the code tables is a heading, not a place."""
    return name in _PLACEHOLDERS


@dataclass(frozen=True, slots=True)
class Located:
    """Where a text lies.

    `number` is the deepest place that is certain (0: not found); `rest` what could not be read as a place.
    """

    number: int
    rest: str

    @property
    def level(self) -> int:
        return level_of(self.number)


@dataclass(slots=True)
class Gazetteer:
    """An index of names, for reading addresses without a question to the database.

    Shape: `names[name]` lists the numbers of the places so called, full and short names alike.
    """

    names: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    full: set[str] = field(default_factory=set)
    longest: int = 0
    _found: dict[tuple[str, Area | None], Located] = field(default_factory=dict)

    @classmethod
    def of(cls, places: Iterable[tuple[int, str]]) -> Gazetteer:
        """Build from (number, name) pairs."""
        gazetteer = cls()
        for number, name in places:
            if is_placeholder(name):
                continue
            gazetteer.full.add(name)
            for spelling in {name, short_name(name)}:
                gazetteer.names[spelling].append(number)
                gazetteer.longest = max(gazetteer.longest, len(spelling))
        return gazetteer

    def locate(self, text: str, *, within: Area | None = None) -> Located:
        """Read an address from its beginning, each part inside the part before.

        A name that two places share, with nothing before it to tell which, is left unread rather than guessed:
        only `within` (the places the reader is responsible for) may settle it.
        """
        key = (text, within)
        found = self._found.get(key)
        if found is None:
            if len(self._found) > 10_000:
                self._found.clear()
            found = self._found[key] = self._read(text, within)
        return found

    def _read(self, text: str, within: Area | None) -> Located:
        rest = _NOISE.sub("", text.strip())
        number, inside = 0, None
        while rest:
            step = self._next(rest, inside, number, within)
            if step is None:
                break
            number, length = step
            inside = area_of(number)
            rest = _NOISE.sub("", rest[length:])
        return Located(number, rest)

    def _next(self, rest: str, inside: Area | None, number: int, within: Area | None) -> tuple[int, int] | None:
        for length in range(min(self.longest, len(rest)), 1, -1):
            candidates = self.names.get(rest[:length])
            if not candidates or (rest[:length] not in self.full and rest[length : length + 1] in _KINDS):
                # 朝阳区 is not the 区 of 朝阳市: a short name is not followed by the kind of another place.
                continue
            fitting = [
                candidate
                for candidate in candidates
                if (inside is None or candidate in inside) and _is_readable(candidate, number)
            ]
            if any(candidate == number for candidate in fitting):
                return number, length
            chosen = _the_one(fitting, within)
            if chosen is not None:
                return chosen, length
        return None


def _is_readable(candidate: int, above: int) -> bool:
    """Whether a name may be read with only `above` before it: names below the county ("和平", "新城") are too common to
    be read without their county, or the prefecture that has none."""
    return level_of(candidate) <= COUNTY or county_of(candidate) == county_of(above) != 0


def _the_one(candidates: list[int], within: Area | None) -> int | None:
    """The only candidate; else the only one at the highest level; else the only one of our own places."""
    if not candidates:
        return None
    for group in (candidates, [c for c in candidates if within is not None and c in within]):
        if not group:
            continue
        top = min(level_of(candidate) for candidate in group)
        highest = [candidate for candidate in group if level_of(candidate) == top]
        if len(highest) == 1:
            return highest[0]
    return None
