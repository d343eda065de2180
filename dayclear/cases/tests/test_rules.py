"""Cases: their day, their counts, community zero."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dayclear.cases.rules import COUNTED_LEVELS, TALLIED, CaseDays, Counted, count_changes, may_register
from dayclear.foundation.areas import ancestor

TODAY = date(2021, 12, 29)


@pytest.mark.parametrize(
    ("days", "counted"),
    [
        pytest.param(
            {"onset_on": 1, "sampled_on": 2, "diagnosed_on": 3, "positive_on": 4, "reported_on": 5}, 5, id="reported"
        ),
        pytest.param({"onset_on": 1, "sampled_on": 2, "diagnosed_on": 3, "positive_on": 4}, 4, id="positive"),
        pytest.param({"onset_on": 1, "sampled_on": 2, "diagnosed_on": 3}, 3, id="diagnosed"),
        pytest.param({"onset_on": 1, "sampled_on": 2}, 2, id="sampled"),
        pytest.param({"onset_on": 1}, 1, id="onset alone"),
        pytest.param({"isolated_on": 1, "outcome_on": 2}, None, id="no day that makes it known"),
    ],
)
def test_a_case_counts_for_the_day_it_became_known(days: dict[str, int], counted: int | None) -> None:
    made = CaseDays(**{name: date(2021, 12, day) for name, day in days.items()})
    assert made.counted_on() == (date(2021, 12, counted) if counted else None)


@pytest.mark.parametrize(
    ("days", "died", "codes"),
    [
        pytest.param(CaseDays(reported_on=TODAY), False, (), id="today"),
        pytest.param(
            CaseDays(reported_on=TODAY + timedelta(days=1)), False, (), id="tomorrow, written in another zone"
        ),
        pytest.param(CaseDays(reported_on=TODAY + timedelta(days=2)), False, ("future_date",), id="the day after"),
        pytest.param(CaseDays(onset_on=TODAY, outcome_on=TODAY), True, (), id="died on the day of onset"),
        pytest.param(
            CaseDays(onset_on=TODAY, outcome_on=TODAY - timedelta(days=1)),
            True,
            ("death_before_onset",),
            id="died before",
        ),
        pytest.param(CaseDays(onset_on=TODAY, outcome_on=TODAY - timedelta(days=1)), False, (), id="left before onset"),
    ],
)
def test_days_that_cannot_be_true_are_refused(days: CaseDays, died: bool, codes: tuple[str, ...]) -> None:
    assert may_register(days, died=died, today=TODAY).codes == codes


_counted = st.builds(
    Counted,
    area=st.sampled_from([0, 61 * 10**16, 610113 * 10**12, 610113001 * 10**9, 610113001001 * 10**6, 610103 * 10**12]),
    disease=st.sampled_from(["covid-19", "measles"]),
    day=st.none() | st.dates(date(2021, 12, 20), date(2021, 12, 23)),
    classification=st.sampled_from(["confirmed", "excluded"]),
    under_order=st.sampled_from(["yes", "no", "unknown"]),
    source_known=st.booleans(),
    has_sex=st.booleans(),
    has_age=st.booleans(),
    has_onset=st.booleans(),
    has_sampling=st.booleans(),
    has_home=st.booleans(),
    died=st.booleans(),
)


@given(st.lists(_counted, max_size=30))
def test_every_level_adds_up_to_the_same_total(cases: list[Counted]) -> None:
    totals: Counter[int] = Counter()
    for (level, *_), sums in count_changes((None, case) for case in cases).items():
        totals[level] += sums[0]
    expected = sum(case.classification != "excluded" for case in cases)
    assert all(totals[level] == expected for level in range(COUNTED_LEVELS))


@given(st.lists(_counted, max_size=20), st.lists(_counted, max_size=20))
def test_what_was_added_and_taken_away_leaves_nothing(first: list[Counted], then: list[Counted]) -> None:
    changes = [(None, case) for case in first] + [(case, None) for case in first]
    assert count_changes(changes) == {}
    both = count_changes([*((None, case) for case in first), *((None, case) for case in then)])
    moved = count_changes(
        [*((None, case) for case in first), *((None, case) for case in then), *((c, c) for c in first)]
    )
    assert both == moved


@given(_counted)
def test_a_case_counts_under_its_place_at_each_level(case: Counted) -> None:
    keys = count_changes([(None, case)])
    if case.classification != "excluded":
        assert set(keys) == {(n, ancestor(case.area, n), case.disease, case.day) for n in range(COUNTED_LEVELS)}


def test_someone_found_under_an_order_has_no_open_source() -> None:
    case = Counted(0, "covid-19", TODAY, "confirmed", "yes", False, True, True, True, True, True, False)
    open_source = TALLIED.index("source_unknown")
    assert case.tally()[open_source] == 0
    assert replace(case, under_order="no").tally()[open_source] == 1
    assert replace(case, under_order="no", source_known=True).tally()[open_source] == 0
