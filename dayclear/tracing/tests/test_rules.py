"""Chains of transmission."""

from __future__ import annotations

from datetime import date

import networkx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dayclear.tracing.rules import (
    IntervalLimits,
    Link,
    find_chains,
    infectious_window,
    interval_flaw,
    is_inside,
)


def _links(*pairs: tuple[int, int]) -> list[Link]:
    return [Link(source, case) for source, case in pairs]


def test_a_tree_is_one_chain_with_its_generations() -> None:
    (chain,) = find_chains(_links((1, 2), (1, 3), (3, 4), (4, 5)))
    assert dict(chain.generations) == {1: 0, 2: 1, 3: 1, 4: 2, 5: 3}
    assert (chain.id, chain.size, chain.longest, chain.largest, chain.roots) == (1, 5, 3, (1, 2), (1,))


def test_cases_without_a_link_between_them_are_chains_apart() -> None:
    assert [chain.id for chain in find_chains(_links((7, 8), (2, 9), (9, 10)))] == [2, 7]


def test_a_case_with_two_sources_joins_their_chains_and_counts_the_longer_way() -> None:
    (chain,) = find_chains(_links((1, 2), (2, 3), (9, 3)))
    assert chain.roots == (1, 9)
    assert chain.generations[3] == 2


@pytest.mark.parametrize(
    ("pairs", "cycle"),
    [
        pytest.param([(1, 2), (2, 1)], {1, 2}, id="each named the other"),
        pytest.param([(1, 2), (2, 3), (3, 2), (3, 4)], {2, 3}, id="in the middle of a chain"),
        pytest.param([(1, 2), (2, 3), (1, 3)], set(), id="two ways down are no cycle"),
    ],
)
def test_those_who_would_have_infected_themselves_are_named(pairs: list[tuple[int, int]], cycle: set[int]) -> None:
    (chain,) = find_chains(_links(*pairs))
    assert chain.in_cycle == cycle
    assert chain.size == len({member for pair in pairs for member in pair})


@given(st.lists(st.tuples(st.integers(1, 25), st.integers(1, 25)).filter(lambda pair: pair[0] != pair[1]), max_size=40))
def test_chains_agree_with_an_independent_graph_library(pairs: list[tuple[int, int]]) -> None:
    links = [Link(source, case) for source, case in dict.fromkeys(pairs)]
    graph: networkx.DiGraph[int] = networkx.DiGraph([(link.source, link.case) for link in links])
    chains = find_chains(links)
    assert sorted(map(sorted, (chain.generations for chain in chains))) == sorted(
        map(sorted, networkx.weakly_connected_components(graph))
    )
    assert {case for chain in chains for case in chain.in_cycle} >= {
        case for group in networkx.strongly_connected_components(graph) if len(group) > 1 for case in group
    }
    if networkx.is_directed_acyclic_graph(graph) and links:
        assert max(chain.longest for chain in chains) == networkx.dag_longest_path_length(graph, weight="")
        assert not any(chain.in_cycle for chain in chains)


COVID = IntervalLimits(lead=2, longest=None)
MEASLES = IntervalLimits(lead=4, longest=25)


@pytest.mark.parametrize(
    ("source", "case", "limits", "flaw"),
    [
        pytest.param(10, 12, COVID, None, id="two days later"),
        pytest.param(10, 8, COVID, None, id="two days earlier, within the lead"),
        pytest.param(10, 7, COVID, "before_source", id="three days earlier"),
        pytest.param(1, 26, MEASLES, None, id="on the last possible day"),
        pytest.param(1, 27, MEASLES, "too_long_after", id="a day later"),
    ],
)
def test_an_interval_that_cannot_be_true_is_flagged(
    source: int, case: int, limits: IntervalLimits, flaw: str | None
) -> None:
    assert interval_flaw(date(2021, 12, source), date(2021, 12, case), limits) == flaw


def test_an_unknown_day_tells_nothing_about_an_interval() -> None:
    assert interval_flaw(None, date(2021, 12, 1), COVID) is None


def _day(number: int | None) -> date | None:
    return date(2021, 12, number) if number else None


@pytest.mark.parametrize(
    ("first", "last", "inside"),
    [
        pytest.param(7, 7, False, id="the day before the window"),
        pytest.param(8, 8, True, id="its first day"),
        pytest.param(15, 20, True, id="begins on its last day"),
        pytest.param(16, 20, False, id="the day after"),
        pytest.param(1, 30, True, id="around it"),
        pytest.param(None, 9, True, id="only its end known"),
        pytest.param(None, None, False, id="no day"),
    ],
)
def test_only_stays_that_touch_the_infectious_window_are_kept(
    first: int | None, last: int | None, inside: bool
) -> None:
    window = infectious_window(date(2021, 12, 10), None, date(2021, 12, 15), lead=2)
    assert window == (date(2021, 12, 8), date(2021, 12, 15))
    assert is_inside(_day(first), _day(last), window) is inside


def test_without_symptoms_the_window_runs_from_sampling() -> None:
    assert infectious_window(None, date(2021, 12, 10), None, lead=2) == (date(2021, 12, 8), None)


def test_a_case_without_any_day_keeps_no_stay() -> None:
    assert not is_inside(_day(10), _day(10), infectious_window(None, None, None, lead=2))
