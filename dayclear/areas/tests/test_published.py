"""Lives of areas put together from lists, and what the pack says of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dayclear.areas.rules.published import (
    LIFTED,
    LOWERED,
    RAISED,
    STILL_LISTED,
    Spell,
    audit_life,
    audit_spell,
    earliest_lifting,
    rebuild_lives,
)
from dayclear.policy.calendar import policy_on
from dayclear.policy.schema import Areas

ORDER = ("high", "medium")
BEIJING = ZoneInfo("Asia/Shanghai")
START = datetime(2022, 8, 1, tzinfo=BEIJING)


def hour(n: float) -> datetime:
    return START + timedelta(hours=n)


def lists(*levels: tuple[float, str]) -> Iterator[tuple[datetime, Mapping[str, str]]]:
    """One area over time: (hour, level), an empty level where it is not listed."""
    return iter([(hour(n), {"a": level} if level else {}) for n, level in levels])


@pytest.mark.parametrize(
    ("seen", "spells"),
    [
        pytest.param([(0, "high"), (24, "high")], [[("high", STILL_LISTED)]], id="listed to the end"),
        pytest.param([(0, "high"), (24, "")], [[("high", LIFTED)]], id="gone"),
        pytest.param(
            [(0, "high"), (24, "medium"), (48, "")], [[("high", LOWERED), ("medium", LIFTED)]], id="lowered, then gone"
        ),
        pytest.param([(0, "medium"), (24, "high")], [[("medium", RAISED), ("high", STILL_LISTED)]], id="raised"),
        pytest.param(
            [(0, "high"), (4, ""), (27, "high")], [[("high", STILL_LISTED)]], id="missing for 23 hours: a hole"
        ),
        pytest.param(
            [(0, "high"), (4, ""), (28, "high")],
            [[("high", LIFTED)], [("high", STILL_LISTED)]],
            id="missing for 24 hours: lifted and drawn again",
        ),
        pytest.param(
            [(0, "high"), (4, ""), (8, "medium")],
            [[("high", LOWERED), ("medium", STILL_LISTED)]],
            id="a hole in which it was lowered",
        ),
    ],
)
def test_a_life_is_put_together_from_what_was_listed_when(
    seen: list[tuple[float, str]], spells: list[list[tuple[str, str]]]
) -> None:
    lives = rebuild_lives(lists(*seen), ORDER)
    assert [[(spell.level, spell.outcome) for spell in life.spells] for life in lives] == spells


def test_the_true_start_and_end_are_bounded_by_the_snapshots_around_them() -> None:
    seen = [(hour(0), {}), (hour(3), {"a": "high"}), (hour(7), {"a": "high"}), (hour(12), {})]
    [life] = rebuild_lives(seen, ORDER)
    assert life.spells == [Spell("high", hour(0), hour(3), hour(7), hour(12), LIFTED, 0)]


@given(st.lists(st.dictionaries(st.sampled_from("abc"), st.sampled_from(ORDER)), min_size=1, max_size=30))
def test_every_listing_lies_in_exactly_one_spell_of_its_level(listed: list[dict[str, str]]) -> None:
    snapshots = [(hour(6 * n), each) for n, each in enumerate(listed)]
    lives = rebuild_lives(snapshots, ORDER)
    for at, each in snapshots:
        for key, level in each.items():
            holding = [
                spell
                for life in lives
                if life.key == key
                for spell in life.spells
                if spell.seen_from_at <= at <= spell.seen_to_at
            ]
            assert [spell.level for spell in holding] == [level]


def areas_on(day: date) -> Areas | None:
    return policy_on(day, 46 * 10**16, "covid-19").rules.areas


NINTH = areas_on(date(2022, 8, 1))


@pytest.mark.parametrize(
    ("level", "day"),
    [
        pytest.param("high", date(2022, 8, 11), id="high: seven days, then three as medium"),
        pytest.param("medium", date(2022, 8, 8), id="medium from the start: seven"),
    ],
)
def test_the_earliest_lifting_goes_through_every_level_on_the_way(level: str, day: date) -> None:
    assert earliest_lifting(level, date(2022, 8, 1), NINTH) == day


def spell(level: str, days: float, outcome: str, *, start: float = 0) -> Spell:
    end = hour(24 * (start + days))
    gone = None if outcome == STILL_LISTED else end
    return Spell(level, None, hour(24 * start), end, gone, outcome)


UNTIL = hour(24 * 30)


@pytest.mark.parametrize(
    ("spells", "verdict", "beyond"),
    [
        pytest.param([spell("high", 11, LIFTED)], "within", 0, id="gone the morning after the earliest day"),
        pytest.param([spell("high", 12, LIFTED)], "longer", 1, id="gone a day later"),
        pytest.param([spell("high", 10, LIFTED)], "within", 0, id="gone on the earliest day"),
        pytest.param([spell("high", 9, LIFTED)], "shorter", 0, id="gone a day before"),
        pytest.param([spell("high", 30, STILL_LISTED)], "longer", 19, id="still listed at the end of the file"),
        pytest.param(
            [spell("medium", 5, RAISED), spell("high", 11, LIFTED, start=5)],
            "within",
            0,
            id="days begin anew at a rise",
        ),
        pytest.param(
            [spell("high", 8, LOWERED), spell("medium", 4, LIFTED, start=8)],
            "longer",
            1,
            id="lowered in time, late after",
        ),
    ],
)
def test_a_life_is_held_against_the_pack_in_force(spells: list[Spell], verdict: str, beyond: int) -> None:
    audit = audit_life(spells, areas_on, until=UNTIL, day_of=datetime.date)
    assert (audit.verdict, audit.beyond_days) == (verdict, beyond)


def test_a_medium_area_that_came_down_is_held_against_three_days() -> None:
    came_down = audit_spell(spell("medium", 4, LIFTED), NINTH, came_down=True, until=UNTIL, day_of=datetime.date)
    alone = audit_spell(spell("medium", 4, LIFTED), NINTH, came_down=False, until=UNTIL, day_of=datetime.date)
    assert (came_down.clear_days, came_down.verdict) == (3, "within")
    assert (alone.clear_days, alone.verdict) == (7, "shorter")


def test_where_the_pack_gives_no_days_nothing_is_judged() -> None:
    assert (
        audit_spell(spell("high", 4, LIFTED), None, came_down=False, until=UNTIL, day_of=datetime.date).verdict
        == "no_rule"
    )
