"""Everything the board shows, out of the roll-ups: three statements whatever the number of cases."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection

from dayclear.cases.rules import TALLIED
from dayclear.foundation.actors import Actor
from dayclear.foundation.areas import COMMUNITY, COUNTY, PREFECTURE, PROVINCE, TOWNSHIP, ancestor, area_of, level_of
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.rules import Right
from dayclear.reporting.rules import Period, Tally, ZeroDays, period_for, total, zero_days

CHAINS_SHOWN = 5
CHAINS_COUNTED = 200
_SUMS = ", ".join(TALLIED)
# Counties that answer to the province itself: their prefecture digits are 90, and that prefecture is only a heading.
_DIRECT = "c.area / 100000000000000 %% 100 = 90"
_DIRECT_FROM, _DIRECT_WIDTH = 90 * 10**14, 10**14 - 1


@dataclass(frozen=True, slots=True)
class Asked:
    """What the reader asked for. None: whatever suits the data. `place` None: the whole of the actor's places."""

    place: int | None = None
    disease: str | None = None
    first: date | None = None
    last: date | None = None
    level: int | None = None


@dataclass(frozen=True, slots=True)
class KnownDisease:
    """A disease with cases at the place: how many in all, first and last day (None: no case has a day)."""

    code: str
    cases: int
    first: date | None
    last: date | None


@dataclass(frozen=True, slots=True)
class Above:
    """A place on the way from the reader's own down to the one shown."""

    number: int
    name: str


@dataclass(frozen=True, slots=True)
class Part:
    """A place under the one shown. `known_only` means: the cases known no finer than to this (coarser) place.

    `before` is the number of cases in the equal period before, `undated` those without any day.
    """

    number: int
    name: str
    known_only: bool
    tally: Tally
    before: int
    undated: int


@dataclass(frozen=True, slots=True)
class LargeChain:
    """A chain of transmission as seen from the place: `members` there, `size` in all."""

    chain: int
    members: int
    size: int
    longest: int
    largest: int
    unknown_sources: int
    flaws: int
    first: date | None
    last: date | None


@dataclass(frozen=True, slots=True)
class Board:
    """The state of one outbreak at one place.

    Shape: `days` maps days with cases, of any time, to their tallies; `path` runs from the reader's own place to the
    one shown; `parts` are ordered by cases, the most first; `chains` are the largest with a case in the period, and
    `chain_count` counts them up to `CHAINS_COUNTED` (`chain_count > CHAINS_COUNTED`: there are more).
    """

    place: int
    path: tuple[Above, ...]
    disease: str
    diseases: tuple[KnownDisease, ...]
    period: Period
    today: date
    days: Mapping[date, Tally]
    total: Tally
    before: Tally | None
    undated: int
    zero: ZeroDays | None
    level: int
    levels: tuple[int, ...]
    parts: tuple[Part, ...]
    chains: tuple[LargeChain, ...]
    chain_count: int

    @property
    def known(self) -> KnownDisease:
        return next(known for known in self.diseases if known.code == self.disease)


def read_board(actor: Actor, asked: Asked, *, today: date) -> Board | None:
    """The board for what was asked; None when there is no case at the place.

    Raises: Refused (`right_missing`; `not_found` for a place outside the actor's).
    """
    place = place_for(actor, asked)
    setting = _read_setting(actor, place)
    if not setting.diseases:
        return None
    disease = _disease(setting.diseases, asked.disease)
    known = next(each for each in setting.diseases if each.code == disease)
    period = period_for(asked.first, asked.last, known_first=known.first, known_last=known.last, today=today)
    by_day = setting.days[disease]
    days = {day: tally for day, tally in by_day.items() if day is not None}
    levels = _levels(place, has_counties=setting.has_counties)
    level = (
        asked.level
        if asked.level in levels
        else next((each for each in levels if f"{disease}/{each}" in setting.split), None)
    )
    if level is None:
        level = levels[-1] if levels else 0
    before = period.before()
    chains, chain_count = _chains(place, disease, period)
    return Board(
        place=place,
        path=setting.path,
        disease=disease,
        diseases=setting.diseases,
        period=period,
        today=today,
        days=days,
        total=total(tally for day, tally in days.items() if day in period),
        # Before the first case nothing was counted: a change since then would measure only when counting began.
        before=total(tally for day, tally in days.items() if day in before)
        if known.first is not None and known.first <= before.first
        else None,
        undated=by_day[None].cases if None in by_day else 0,
        zero=_zero(days, known.first, period, today),
        level=level,
        levels=levels,
        parts=_parts(place, level, disease, period) if levels else (),
        chains=chains,
        chain_count=chain_count,
    )


def place_for(actor: Actor, asked: Asked) -> int:
    """The place to show. Raises: Refused (`right_missing`, `not_found`)."""
    actor.require(Right.SEE_BOARD)
    place = actor.area.lo if asked.place is None else asked.place
    inside = actor.everywhere if place == 0 else place in actor.area
    if not inside or (place and level_of(place) > COMMUNITY):
        raise Refused(refuse("not_found"))
    return place


def board_version(place: int) -> str:
    """A text that changes whenever the counts or the large chains of a place do. One cheap statement.

    Row versions (`xmin`) change with every write to a row, and a row's sum over them with every row that comes or goes;
    an ordinal of events would not do, since a transaction that began earlier may commit later.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT count(*), sum(xmin::text::bigint), (
                SELECT sum(top.id)
                FROM (SELECT DISTINCT disease FROM cases_count WHERE area = %(place)s AND level = %(level)s) d
                CROSS JOIN LATERAL (
                    SELECT id FROM tracing_chain_count c
                    WHERE c.area = %(place)s AND c.level = %(level)s AND c.disease = d.disease
                    ORDER BY size DESC, chain LIMIT %(limit)s) top)
            FROM cases_count WHERE area = %(place)s AND level = %(level)s
            """,
            {"place": place, "level": level_of(place), "limit": CHAINS_COUNTED},
        )
        return ".".join(str(value) for value in cursor.fetchone())


def _disease(diseases: Sequence[KnownDisease], asked: str | None) -> str:
    """The one asked for, else the one with the latest case."""
    codes = {known.code for known in diseases}
    if asked in codes:
        return str(asked)
    return max(diseases, key=lambda known: (known.last or date.min, known.cases)).code


def _zero(days: Mapping[date, Tally], known_first: date | None, period: Period, today: date) -> ZeroDays | None:
    if known_first is None:
        return None
    counts = {day: (tally.community, tally.without_order_status) for day, tally in days.items()}
    return zero_days(counts, first=known_first, last=period.last, today=today)


def _levels(place: int, *, has_counties: bool) -> tuple[int, ...]:
    """The levels into which a place can be split: the next two, three for the whole installation."""
    level = level_of(place)
    reach = 3 if level == 0 else 2
    levels = range(level + 1, min(level + reach, COMMUNITY) + 1)
    if level == PREFECTURE and not has_counties:
        return (TOWNSHIP, COMMUNITY)
    return tuple(levels)


@dataclass(frozen=True, slots=True)
class _Setting:
    """What is known before anything is chosen. Shape: `split` holds "disease/level" where that level has two parts."""

    path: tuple[Above, ...]
    has_counties: bool
    split: frozenset[str]
    diseases: tuple[KnownDisease, ...]
    days: Mapping[str, Mapping[date | None, Tally]]


def _read_setting(actor: Actor, place: int) -> _Setting:
    """The place, its names, and every day's counts of every disease there. One statement; one row a day."""
    level, area = level_of(place), area_of(place)
    way = [ancestor(place, up) for up in range(actor.level, level + 1)]
    finer = _levels(place, has_counties=True)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT (SELECT jsonb_object_agg(number::text, name) FROM places_place WHERE number = ANY(%(way)s)),
                   EXISTS (SELECT FROM places_place WHERE level = {COUNTY} AND number BETWEEN %(lo)s AND %(hi)s),
                   ARRAY(SELECT d.disease || '/' || l FROM unnest(%(finer)s::smallint[]) l, (
                       SELECT DISTINCT disease FROM cases_count WHERE area = %(place)s AND level = %(level)s) d WHERE
                       (SELECT min(area) FROM cases_count
                        WHERE level = l AND disease = d.disease AND area BETWEEN %(lo)s AND %(hi)s) <>
                       (SELECT max(area) FROM cases_count
                        WHERE level = l AND disease = d.disease AND area BETWEEN %(lo)s AND %(hi)s)),
                   c.disease, c.day, {_SUMS}
            FROM (VALUES (1)) AS one
            LEFT JOIN cases_count c ON c.area = %(place)s AND c.level = %(level)s AND c.cases > 0
            ORDER BY c.disease, c.day
            """,  # noqa: S608 - names from code
            {"way": way, "lo": area.lo, "hi": area.hi, "finer": list(finer), "place": place, "level": level},
        )
        rows = cursor.fetchall()
    names, has_counties, split = rows[0][:3]
    days: dict[str, dict[date | None, Tally]] = {}
    for row in rows:
        if row[3] is not None:
            days.setdefault(row[3], {})[row[4]] = Tally(*row[5:])
    known = json.loads(names) if names else {}
    path = tuple(Above(number, known.get(str(number), "")) for number in dict.fromkeys(way))
    return _Setting(path, has_counties, frozenset(split), tuple(_known(code, by) for code, by in days.items()), days)


def _known(code: str, by_day: Mapping[date | None, Tally]) -> KnownDisease:
    dated = [day for day in by_day if day is not None]
    return KnownDisease(
        code, sum(tally.cases for tally in by_day.values()), min(dated, default=None), max(dated, default=None)
    )


def _parts(place: int, level: int, disease: str, period: Period) -> tuple[Part, ...]:
    area, before = area_of(place), period.before()
    sums = ", ".join(f"coalesce(sum({name}) FILTER (WHERE day >= %(first)s), 0)::int AS {name}" for name in TALLIED)
    inside = """c.disease = %(disease)s AND c.cases > 0
                AND (c.day BETWEEN %(before)s AND %(last)s OR c.day IS NULL)"""
    here = "c.area BETWEEN %(lo)s AND %(hi)s"
    rows = f"SELECT c.* FROM cases_count c WHERE c.level = %(level)s AND {here} AND {inside}"  # noqa: S608 - names from code
    if level == PREFECTURE:
        rows += f" AND NOT ({_DIRECT}) UNION ALL {_direct_rows(place, inside)}"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT c.*, coalesce(p.name, ''), p.level < %(level)s AND (
                       p.level <> {PREFECTURE} OR %(level)s <> {COUNTY} OR EXISTS (
                       SELECT FROM places_place k WHERE k.level = {COUNTY} AND k.number BETWEEN p.number AND p.last))
            FROM (SELECT area, coalesce(sum(cases) FILTER (WHERE day < %(first)s), 0)::int AS earlier,
                         coalesce(sum(cases) FILTER (WHERE day IS NULL), 0)::int AS undated, {sums}
                  FROM ({rows}) AS r GROUP BY area) AS c
            LEFT JOIN places_place p ON p.number = c.area
            ORDER BY c.cases DESC, c.area
            """,  # noqa: S608 - names from code
            {
                "disease": disease,
                "lo": area.lo,
                "hi": area.hi,
                "before": before.first,
                "first": period.first,
                "last": period.last,
                "level": level,
                "direct_lo": place + _DIRECT_FROM,
                "direct_hi": place + _DIRECT_FROM + _DIRECT_WIDTH,
            },
        )
        return tuple(
            Part(row[0], row[-2], bool(row[-1]) or level_of(row[0]) == 0, Tally(*row[3:-2]), row[1], row[2])
            for row in cursor.fetchall()
        )


def _direct_rows(place: int, inside: str) -> str:
    """The counties that stand beside the prefectures. By range: a digit cut out of the number could use no index, and
    under row-level security neither could a range that comes out of a join; so one province is given its own."""
    if place:
        return (
            f"SELECT c.* FROM cases_count c WHERE c.level = {COUNTY} AND {inside} "  # noqa: S608 - names from code
            "AND c.area BETWEEN %(direct_lo)s AND %(direct_hi)s"
        )
    return (
        f"SELECT c.* FROM (SELECT number + {_DIRECT_FROM} AS lo FROM places_place WHERE level = {PROVINCE}) d "  # noqa: S608 - names from code
        f"JOIN cases_count c ON c.level = {COUNTY} AND c.area BETWEEN d.lo AND d.lo + {_DIRECT_WIDTH} AND {inside}"
    )


def _chains(place: int, disease: str, period: Period) -> tuple[tuple[LargeChain, ...], int]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT *, count(*) OVER () FROM (
                SELECT chain, members, size, longest, largest, unknown_sources, flaws, first_on, last_on
                FROM tracing_chain_count
                WHERE area = %(place)s AND level = %(level)s AND disease = %(disease)s
                  AND (last_on IS NULL OR (last_on >= %(first)s AND first_on <= %(last)s))
                ORDER BY size DESC, chain LIMIT %(counted)s) AS top
            ORDER BY size DESC, chain LIMIT %(shown)s
            """,
            {
                "place": place,
                "level": level_of(place),
                "disease": disease,
                "first": period.first,
                "last": period.last,
                "counted": CHAINS_COUNTED + 1,
                "shown": CHAINS_SHOWN,
            },
        )
        rows = cursor.fetchall()
    return tuple(LargeChain(*row[:-1]) for row in rows), rows[0][-1] if rows else 0
