"""Which pack answers, for a disease, a place and an instant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from dayclear.policy.checks import Range, ranges
from dayclear.policy.loader import Library, Pack, SourcedValue, shipped, sourced_values
from dayclear.policy.schema import TIME_ZONE, Category, Head, Rules, TimeLimit
from dayclear.policy.tree import Life, area_range, lives, living, plain

_ZONE = ZoneInfo(TIME_ZONE)


class NoPolicyInForce(LookupError):
    """No pack answers for this disease, place and day; nothing may be ordered then."""

    def __init__(self, disease: str, day: date, area: int) -> None:
        self.disease, self.day, self.area = disease, day, area
        super().__init__(f"no policy pack for {disease} on {day} at place {area}")


@dataclass(frozen=True)
class Policy:
    """The rules in force at a place on a day, each value with its source.

    `version` names the pack and its content; a decision stores it. `rules` and `values`
    hold only what applied on that day at that place.
    """

    pack: str
    edition: str
    version: str
    disease: str
    chain: tuple[str, ...]
    rules: Rules
    values: Mapping[str, SourcedValue]

    def value(self, path: str) -> SourcedValue:
        """The value at a path such as `categories.close_contact.max_days`.

        Raises: KeyError if the pack has none there.
        """
        return self.values[path]

    def category(self, code: str) -> Category | None:
        return self.rules.categories.get(code)

    def time_limit(self, code: str) -> TimeLimit | None:
        return self.rules.time_limits.get(code)


@dataclass(frozen=True)
class IndexEntry:
    """One line of the list of packs.

    `answers` are the days on which policy_at gives this very pack: [start, end); the
    ends are None where the pack is open.
    """

    head: Head
    version: str
    edition: str
    answers: tuple[tuple[date | None, date | None], ...]
    unsourced: tuple[str, ...]
    single_source: tuple[str, ...]


def day_of_effect(instant: datetime) -> date:
    """The calendar day, in the packs' time zone, on which an instant falls.

    Raises: ValueError for an instant without a time zone.
    """
    if instant.tzinfo is None:
        raise ValueError("an instant needs a time zone to fall on a day")
    return instant.astimezone(_ZONE).date()


def policy_at(instant: datetime, area: int, disease: str, library: Library | None = None) -> Policy:
    """The rules in force.

    `area` is an 18-digit place number; 0 stands for the installation as a whole. Of two
    packs that cover it the one for the smaller place answers.

    Raises: NoPolicyInForce; ValueError for a naive instant.
    """
    return policy_on(day_of_effect(instant), area, disease, library)


def policy_on(day: date, area: int, disease: str, library: Library | None = None) -> Policy:
    """As `policy_at`, for a calendar day of the packs' time zone.

    Raises: NoPolicyInForce.
    """
    books = shipped() if library is None else library
    answering = [
        each
        for each in _ranges(books)
        if each.start <= day < each.end and _covers(books.resolve(each.pack).head, area, disease)
    ]
    if not answering:
        raise NoPolicyInForce(disease, day, area)
    nearest = max(answering, key=lambda each: len(books.resolve(each.pack).head.area or ""))
    return applied(books.resolve(nearest.pack), day, area)


def policy_at_or_none(instant: datetime, area: int, disease: str) -> Policy | None:
    """As `policy_at`; None where no pack answers."""
    return policy_on_or_none(day_of_effect(instant), area, disease)


def policy_on_or_none(day: date, area: int, disease: str) -> Policy | None:
    """As `policy_on`; None where no pack answers."""
    try:
        return policy_on(day, area, disease)
    except NoPolicyInForce:
        return None


def _covers(head: Head, area: int, disease: str) -> bool:
    if head.disease != disease:
        return False
    if head.area is None:
        return True
    low, high = area_range(head.area)
    return low <= area <= high


def applied(pack: Pack, day: date | None, area: int) -> Policy:
    """What of a pack holds on a day (None: any day) at a place."""
    held = frozenset(each for each in _all_lives(pack) if each.holds(day, area))
    return _policy(pack, held)


@lru_cache(maxsize=64)
def _all_lives(pack: Pack) -> frozenset[Life]:
    return frozenset(lives(pack.tree.root))


@lru_cache(maxsize=256)
def _policy(pack: Pack, held: frozenset[Life]) -> Policy:
    root = living(pack.tree.root, held)
    return Policy(
        pack=pack.pack,
        edition=pack.edition,
        version=pack.version,
        disease=pack.head.disease,
        chain=pack.chain,
        rules=Rules.model_validate(plain(root)),
        values=sourced_values(root),
    )


@lru_cache(maxsize=8)
def _ranges(library: Library) -> tuple[Range, ...]:
    return tuple(ranges(each.head for each in library.packs()))


def index(library: Library | None = None) -> tuple[IndexEntry, ...]:
    """Every pack with the days it answers for, by disease and then by first day."""
    books = shipped() if library is None else library
    answers = _ranges(books)
    entries = [
        IndexEntry(
            head=each.head,
            version=each.version,
            edition=each.edition,
            answers=tuple(
                (None if span.start == date.min else span.start, None if span.end == date.max else span.end)
                for span in answers
                if span.pack == each.pack
            ),
            unsourced=each.unsourced,
            single_source=each.single_source,
        )
        for each in books.packs()
    ]
    return tuple(
        sorted(entries, key=lambda each: (each.head.disease, each.head.effective.from_on or date.min, each.head.pack))
    )


def diseases() -> tuple[str, ...]:
    """The diseases for which there are rules."""
    return tuple(dict.fromkeys(entry.head.disease for entry in index()))


def family(pack: str, library: Library | None = None) -> frozenset[str]:
    """The pack, everything it rests on and everything that rests on those.

    Raises: KeyError for an unknown id.
    """
    books = shipped() if library is None else library
    root = books.resolve(pack).chain[0]
    return frozenset(each.pack for each in books.packs() if each.chain[0] == root)


def of_family_on(pack: str, day: date, area: int, library: Library | None = None) -> Policy:
    """What the pack's family had in force on a day: the edition, or the overlay that ruled then.

    Raises: KeyError for an unknown id; NoPolicyInForce.
    """
    books = shipped() if library is None else library
    kin = family(pack, books)
    disease = books.resolve(pack).head.disease
    for each in _ranges(books):
        if each.pack in kin and each.start <= day < each.end and _covers(books.resolve(each.pack).head, area, disease):
            return applied(books.resolve(each.pack), day, area)
    raise NoPolicyInForce(disease, day, area)
