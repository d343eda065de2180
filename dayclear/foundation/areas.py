"""Place numbers: everything under a place is one range of integers.

A number has 18 digits: 2+2+2+3+3 of the official code (province, prefecture, county, township, community),
then 3 for the grid and 3 for the building. The arithmetic lives here, below the register of places, because
scopes and row-level security stand on it.
"""

from __future__ import annotations

from dataclasses import dataclass

DIGITS = 18
WIDTHS = (2, 2, 2, 3, 3, 3, 3)
LEVELS = ("everywhere", "province", "prefecture", "county", "township", "community", "grid", "building")
PROVINCE, PREFECTURE, COUNTY, TOWNSHIP, COMMUNITY = 1, 2, 3, 4, 5
_TAILS: tuple[int, ...] = tuple(int(10 ** (DIGITS - sum(WIDTHS[:level]))) for level in range(len(LEVELS)))


@dataclass(frozen=True, slots=True)
class Area:
    """A closed range of place numbers.

    Shape: `lo` is the place's own number, `hi` the last number under it.
    """

    lo: int
    hi: int

    def __contains__(self, number: object) -> bool:
        return isinstance(number, int) and self.lo <= number <= self.hi

    def covers(self, other: Area) -> bool:
        return self.lo <= other.lo and other.hi <= self.hi


def level_of(number: int) -> int:
    """The depth of a place: the last group of digits that is not zero (0 for the whole installation).

    A prefecture without counties numbers its townships with county digits 00; they are townships all the same.
    """
    for level in range(len(LEVELS) - 1, 0, -1):
        if number % _TAILS[level - 1] // _TAILS[level]:
            return level
    return 0


def area_of(number: int) -> Area:
    """The range of a place and everything under it."""
    return Area(number, number + _TAILS[level_of(number)] - 1)


def ancestor(number: int, level: int) -> int:
    """The number of the place that holds `number` at `level`; its own prefix where that level is not known."""
    return number - number % _TAILS[level]


def county_of(number: int) -> int:
    """The county in which a place lies."""
    return ancestor(number, COUNTY)


def from_code(code: str) -> int:
    """The number of an official code of 2, 4, 6, 9 or 12 digits (longer: with grid and building).

    Raises: ValueError, when it is not such a code.
    """
    if not code.isdecimal() or len(code) not in {2, 4, 6, 9, 12, 15, 18}:
        raise ValueError(code)
    return int(code.ljust(DIGITS, "0"))


EVERYWHERE = Area(0, 10**DIGITS - 1)
