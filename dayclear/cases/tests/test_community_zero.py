"""Days in a row without a case found in the community."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from dayclear.cases.rules import community_zero_days

# Dongfang, Hainan: the last community case on 18 August 2022, then "6 consecutive days without a new community case,
# from 19 August on" said on the 24th. Policy reference, fixture F6.
DONGFANG = {date(2022, 8, 18): (1, 0), date(2022, 8, 21): (0, 0)}
# Youyang, Chongqing: "3 consecutive days of community zero" said on 23 November 2022. Fixture F7.
YOUYANG = {date(2022, 11, 20): (2, 0)}
THREE_DAYS = 3


@pytest.mark.parametrize(
    ("counts", "first", "as_of", "days"),
    [
        pytest.param(DONGFANG, date(2022, 8, 18), date(2022, 8, 18), 0, id="F6: the day of the last community case"),
        pytest.param(DONGFANG, date(2022, 8, 18), date(2022, 8, 19), 1, id="F6: the first day after"),
        pytest.param(DONGFANG, date(2022, 8, 18), date(2022, 8, 20), 2, id="F6: one day short of three"),
        pytest.param(DONGFANG, date(2022, 8, 18), date(2022, 8, 21), 3, id="F6: three days, with cases under order"),
        pytest.param(DONGFANG, date(2022, 8, 18), date(2022, 8, 24), 6, id="F6: six days, as announced"),
        pytest.param(YOUYANG, date(2022, 11, 20), date(2022, 11, 22), 2, id="F7: the second day"),
        pytest.param(YOUYANG, date(2022, 11, 20), date(2022, 11, 23), 3, id="F7: the third day, as announced"),
        pytest.param({}, date(2022, 8, 18), date(2022, 8, 18), 1, id="nobody in the community on the first day"),
        pytest.param({}, date(2022, 8, 18), date(2022, 8, 17), 0, id="before the first case nothing counts"),
    ],
)
def test_days_count_from_the_day_after_the_last_community_case(
    counts: dict[date, tuple[int, int]], first: date, as_of: date, days: int
) -> None:
    certain, possible = community_zero_days(counts, first=first, as_of=as_of)
    assert (certain, possible) == (days, days)


@pytest.mark.parametrize(
    ("as_of", "reached"),
    [
        pytest.param(date(2022, 8, 20), False, id="the evening before"),
        pytest.param(date(2022, 8, 21), True, id="the third day"),
    ],
)
def test_dongfang_reaches_three_days_on_21_august(as_of: date, reached: bool) -> None:
    certain, _possible = community_zero_days(DONGFANG, first=date(2022, 8, 18), as_of=as_of)
    assert (certain >= THREE_DAYS) is reached


@pytest.mark.parametrize(
    ("unknown_on", "certain", "possible"),
    [
        pytest.param(date(2022, 8, 24), 0, 6, id="unknown on the last day leaves nothing certain"),
        pytest.param(date(2022, 8, 22), 2, 6, id="unknown in between: certain are the days after it"),
        pytest.param(date(2022, 8, 18), 6, 6, id="unknown on the day of a community case changes nothing"),
        pytest.param(date(2022, 8, 17), 6, 6, id="unknown before the last community case changes nothing"),
    ],
)
def test_a_case_of_unknown_status_ends_what_is_certain_not_what_is_possible(
    unknown_on: date, certain: int, possible: int
) -> None:
    counts = {date(2022, 8, 18): (1, 0)}
    counts[unknown_on] = (counts.get(unknown_on, (0, 0))[0], 1)
    assert community_zero_days(counts, first=date(2022, 8, 1), as_of=date(2022, 8, 24)) == (certain, possible)


def test_a_community_case_today_ends_the_row_at_once() -> None:
    counts = {date(2022, 8, 24) - timedelta(days=back): (0, 0) for back in range(1, 30)} | {date(2022, 8, 24): (1, 0)}
    assert community_zero_days(counts, first=date(2022, 7, 1), as_of=date(2022, 8, 24)) == (0, 0)
