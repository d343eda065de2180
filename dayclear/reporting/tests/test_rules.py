"""What the board says, without a database."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dayclear.reporting.rules import (
    WINDOW_DAYS,
    Period,
    Tally,
    ZeroDays,
    change,
    gaps_of,
    missing_share,
    period_for,
    total,
    whole_days,
    worst_first,
    zero_days,
)

TODAY = date(2022, 3, 1)
FIRST, LAST = date(2021, 12, 21), date(2021, 12, 28)


@pytest.mark.parametrize(
    ("known_last", "today", "first", "last"),
    [
        pytest.param(LAST, LAST, FIRST, LAST, id="a young outbreak: from its first case to today"),
        pytest.param(LAST, LAST + timedelta(days=59), LAST, LAST + timedelta(days=59), id="last case 59 days ago"),
        pytest.param(LAST, LAST + timedelta(days=60), FIRST, LAST, id="last case 60 days ago: its own days"),
        pytest.param(LAST, date(2026, 11, 21), FIRST, LAST, id="an outbreak of years ago"),
    ],
)
def test_unasked_the_board_shows_the_last_sixty_days_that_tell_something(
    known_last: date, today: date, first: date, last: date
) -> None:
    known_first = first if known_last == LAST and first == LAST else FIRST
    period = period_for(None, None, known_first=known_first, known_last=known_last, today=today)
    assert (period.first, period.last, period.by_default) == (first, last, True)


def test_a_long_outbreak_is_cut_to_its_last_sixty_days() -> None:
    period = period_for(None, None, known_first=date(2020, 1, 1), known_last=TODAY, today=TODAY)
    assert period.days == WINDOW_DAYS
    assert period.last == TODAY


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        pytest.param((FIRST, LAST), FIRST, LAST, id="both ends"),
        pytest.param((LAST, FIRST), FIRST, LAST, id="the wrong way round"),
        pytest.param((LAST, None), LAST, LAST, id="open to the last day"),
        pytest.param((None, date(2021, 12, 24)), FIRST, date(2021, 12, 24), id="open to the first case"),
        pytest.param((date(2025, 1, 1), None), date(2025, 1, 1), date(2025, 1, 1), id="beyond the last case"),
    ],
)
def test_what_is_asked_for_is_shown(asked: tuple[date | None, date | None], first: date, last: date) -> None:
    period = period_for(*asked, known_first=FIRST, known_last=LAST, today=date(2026, 11, 21))
    assert (period.first, period.last, period.by_default) == (first, last, False)


days_known = st.dates(date(2019, 12, 1), date(2026, 11, 21))


@given(st.none() | days_known, st.none() | days_known, st.tuples(days_known, days_known), days_known)
def test_a_period_never_runs_backwards(
    first: date | None, last: date | None, known: tuple[date, date], today: date
) -> None:
    known_first, known_last = sorted(known)
    period = period_for(first, last, known_first=known_first, known_last=known_last, today=today)
    assert period.first <= period.last
    assert period.before().days == period.days
    assert period.before().last == period.first - timedelta(days=1)


@pytest.mark.parametrize(
    ("counts", "last", "expected"),
    [
        pytest.param({}, TODAY, ZeroDays(5, 5, date(2022, 2, 28), TODAY), id="the running day does not count yet"),
        pytest.param({TODAY: (1, 0)}, TODAY, ZeroDays(0, 0, TODAY), id="a community case today ends the row at once"),
        pytest.param(
            {TODAY: (0, 1)}, TODAY, ZeroDays(0, 5, date(2022, 2, 28), TODAY), id="an unknown today: nothing is certain"
        ),
        pytest.param({}, date(2022, 2, 28), ZeroDays(5, 5, date(2022, 2, 28)), id="yesterday is over and counts"),
        pytest.param({}, date(2022, 3, 9), ZeroDays(5, 5, date(2022, 2, 28), TODAY), id="days to come do not count"),
    ],
)
def test_community_zero_counts_only_days_that_are_over(
    counts: dict[date, tuple[int, int]], last: date, expected: ZeroDays
) -> None:
    assert zero_days(counts, first=date(2022, 2, 24), last=last, today=TODAY) == expected


def test_a_change_needs_a_period_before() -> None:
    assert change(12, None) is None
    grown, from_nothing = change(12, 10), change(12, 0)
    assert grown is not None
    assert grown.difference == 2
    assert grown.ratio == pytest.approx(0.2)
    assert from_nothing is not None
    assert (from_nothing.difference, from_nothing.ratio) == (12, None)


@pytest.mark.parametrize(
    ("missing", "step"),
    [
        pytest.param(0, 0, id="nothing"),
        pytest.param(1, 1, id="one of a hundred"),
        pytest.param(5, 2, id="five per cent"),
        pytest.param(20, 3, id="a fifth"),
        pytest.param(49, 3, id="just under half"),
        pytest.param(50, 4, id="half"),
        pytest.param(100, 4, id="all"),
    ],
)
def test_gaps_are_shaded_in_steps(missing: int, step: int) -> None:
    assert gaps_of(Tally(cases=100, without_sex=missing))[0].step == step


def test_units_with_a_handful_of_cases_come_after_the_worst() -> None:
    units = [("few", Tally(cases=4, without_sex=4)), ("good", Tally(cases=50)), ("bad", Tally(cases=50, without_sex=9))]
    assert [name for name, _tally in worst_first(units)] == ["bad", "good", "few"]
    assert missing_share(Tally()) == 0.0


def test_days_without_a_case_stand_in_the_curve() -> None:
    shown = whole_days(Period(FIRST, date(2021, 12, 23)), {date(2021, 12, 22): Tally(cases=3)})
    assert [tally.cases for _day, tally in shown] == [0, 3, 0]
    assert total(tally for _day, tally in shown).cases == 3
