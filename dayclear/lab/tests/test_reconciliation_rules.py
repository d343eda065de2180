"""Closed = boxed = sent = received = plated = measured = reported, and what stands where they differ."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dayclear.lab.rules.reconciliation import OWNERS, STAGES, Gap, added, gaps_of

NOON = datetime(2022, 8, 14, 4, 0, tzinfo=UTC)
FOUR_HOURS = {"closed": timedelta(hours=4)}


def _counts(*tubes: int) -> dict[str, int]:
    return dict(zip(STAGES, tubes, strict=True))


@pytest.mark.parametrize(
    ("counts", "gaps"),
    [
        pytest.param(_counts(60, 60, 60, 60, 60, 60, 60), (), id="all agree"),
        pytest.param(_counts(0, 0, 0, 0, 0, 0, 0), (), id="nothing closed"),
        pytest.param(_counts(60, 59, 59, 59, 59, 59, 59), (("closed", "boxed", 1),), id="one left on the table"),
        pytest.param(_counts(60, 60, 60, 40, 40, 40, 40), (("sent", "received", 20),), id="a box on the road"),
        pytest.param(
            _counts(60, 60, 40, 40, 40, 40, 30),
            (("boxed", "sent", 20), ("measured", "reported", 10)),
            id="two gaps at once",
        ),
        pytest.param(
            _counts(60, 60, 60, 60, 60, 41, 60),
            (("plated", "measured", 19), ("measured", "reported", -19)),
            id="more reported than measured",
        ),
    ],
)
def test_each_two_stages_that_differ_are_a_gap(counts: dict[str, int], gaps: tuple[tuple[str, str, int], ...]) -> None:
    assert tuple((gap.after, gap.missing_at, gap.tubes) for gap in gaps_of(counts)) == gaps


def test_a_laboratory_is_reconciled_from_what_was_sent_to_it() -> None:
    (gap,) = gaps_of({"sent": 92, "received": 92, "plated": 90, "measured": 90, "reported": 90})
    assert (gap.after, gap.owner, gap.tubes) == ("received", "lab", 2)


def test_every_gap_but_the_last_stage_has_an_owner() -> None:
    assert set(OWNERS) == set(STAGES) - {"reported"}


@pytest.mark.parametrize(
    ("tubes", "waited", "late"),
    [
        pytest.param(3, timedelta(hours=4), False, id="at the limit"),
        pytest.param(3, timedelta(hours=4, seconds=1), True, id="a second over"),
        pytest.param(-3, timedelta(0), True, id="impossible at once"),
    ],
)
def test_a_gap_is_late_past_its_limit(tubes: int, waited: timedelta, late: bool) -> None:
    assert Gap("closed", "boxed", tubes, NOON - waited).is_late(NOON, FOUR_HOURS) is late


def test_without_a_limit_a_gap_ages_and_is_not_late() -> None:
    gap = Gap("received", "plated", 3, NOON - timedelta(days=2))
    assert gap.age(NOON) == timedelta(days=2)
    assert not gap.is_late(NOON, FOUR_HOURS)


counted = st.fixed_dictionaries({stage: st.integers(0, 500) for stage in STAGES})


@given(one=counted, other=counted)
def test_the_gaps_of_two_points_add_up_to_the_gaps_of_both(one: dict[str, int], other: dict[str, int]) -> None:
    def by_stage(counts: dict[str, int]) -> dict[str, int]:
        return {gap.after: gap.tubes for gap in gaps_of(counts)}

    together = by_stage(added(one, other))
    for stage in STAGES[:-1]:
        assert together.get(stage, 0) == by_stage(one).get(stage, 0) + by_stage(other).get(stage, 0)
