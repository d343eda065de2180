"""Where the cases of a chain stand."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from dayclear.tracing.drawing import Drawing, lay_out
from dayclear.tracing.rules import IntervalLimits, Link

LIMITS = IntervalLimits(lead=2, longest=21)
DAY = date(2021, 12, 20)


def drawn(days: dict[int, int | None], *pairs: tuple[int, int], in_cycle: frozenset[int] = frozenset()) -> Drawing:
    dates = {case: DAY + timedelta(days=day) if day is not None else None for case, day in days.items()}
    return lay_out(dates, [Link(source, case) for source, case in pairs], LIMITS, in_cycle)


def rows(drawing: Drawing) -> dict[int, int]:
    return {standing.case: standing.row for standing in drawing.standings}


def test_the_first_case_infected_continues_the_row_of_its_source_and_each_further_one_begins_a_new_row() -> None:
    drawing = drawn({1: 0, 2: 2, 3: 3, 4: 5}, (1, 3), (1, 2), (2, 4))
    assert rows(drawing) == {1: 0, 2: 0, 4: 0, 3: 1}
    assert drawing.rows == 2


def test_a_case_stands_under_its_earliest_source_and_the_other_link_is_no_branch() -> None:
    drawing = drawn({1: 0, 2: 1, 3: 4}, (2, 3), (1, 3))
    assert {(line.source, line.is_branch) for line in drawing.lines} == {(1, True), (2, False)}


def test_impossible_intervals_are_marked() -> None:
    drawing = drawn({1: 5, 2: 2, 3: 3, 4: 40}, (1, 2), (1, 3), (1, 4))
    assert [line.flaw for line in drawing.lines] == ["before_source", None, "too_long_after"]


def test_a_cycle_is_drawn_and_marked() -> None:
    drawing = drawn({1: 0, 2: 3}, (1, 2), (2, 1), in_cycle=frozenset({1, 2}))
    assert [line.flaw for line in drawing.lines] == ["cycle", "cycle"]
    assert set(rows(drawing)) == {1, 2}


def test_a_case_without_a_day_has_a_place_all_the_same() -> None:
    assert set(rows(drawn({1: 0, 2: None}, (1, 2)))) == {1, 2}


def test_a_link_to_a_case_that_may_not_be_seen_is_not_drawn() -> None:
    assert drawn({1: 0, 2: 1}, (1, 2), (2, 99), (98, 1)).lines == drawn({1: 0, 2: 1}, (1, 2)).lines


links = st.lists(st.tuples(st.integers(1, 30), st.integers(1, 30)), max_size=60, unique=True)


@given(links, st.dictionaries(st.integers(1, 30), st.integers(0, 40), max_size=30))
def test_every_case_is_drawn_once_and_no_two_stand_on_one_spot_of_one_line_of_descent(
    pairs: list[tuple[int, int]], known: dict[int, int]
) -> None:
    cases = {case for pair in pairs for case in pair}
    drawing = drawn({case: known.get(case) for case in cases}, *pairs)
    assert {standing.case for standing in drawing.standings} == cases
    parents = {standing.case: standing.parent for standing in drawing.standings}
    placed = rows(drawing)
    # A row holds one line of descent: besides its head, every case of a row has its parent in the same row.
    for row in set(placed.values()):
        heads = [case for case in placed if placed[case] == row and placed.get(parents[case] or 0) != row]
        assert len(heads) == 1
    assert set(placed.values()) == set(range(drawing.rows))


def test_a_long_line_of_descent_needs_no_recursion() -> None:
    size = 5000
    drawing = drawn({case: case for case in range(size)}, *((case, case + 1) for case in range(size - 1)))
    assert drawing.rows == 1
