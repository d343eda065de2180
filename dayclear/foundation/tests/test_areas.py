"""Place numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dayclear.foundation.areas import EVERYWHERE, ancestor, area_of, from_code, level_of


@pytest.mark.parametrize(
    ("code", "level"),
    [
        pytest.param("46", 1, id="province"),
        pytest.param("4601", 2, id="prefecture"),
        pytest.param("460105", 3, id="county"),
        pytest.param("469001", 3, id="county that answers to its province"),
        pytest.param("460105001", 4, id="township"),
        pytest.param("460400100", 4, id="township of a prefecture without counties"),
        pytest.param("460105001001", 5, id="community"),
    ],
)
def test_an_official_code_becomes_a_number_of_its_level(code: str, level: int) -> None:
    assert level_of(from_code(code)) == level


@pytest.mark.parametrize("code", ["", "4", "46x", "4601050", "4601050010012"])
def test_what_is_no_official_code_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match=f"^{code}$"):
        from_code(code)


def test_a_prefecture_without_counties_holds_its_townships() -> None:
    danzhou = area_of(from_code("460400"))
    assert from_code("460400100") in danzhou
    assert from_code("460500") not in danzhou


def test_the_whole_installation_is_the_place_zero() -> None:
    assert area_of(0) == EVERYWHERE
    assert level_of(0) == 0


_groups = st.tuples(
    st.integers(11, 91),
    st.integers(0, 99),
    st.integers(0, 99),
    st.integers(0, 999),
    st.integers(0, 999),
    st.integers(0, 999),
    st.integers(0, 999),
)


@given(_groups)
def test_a_place_lies_in_each_of_its_ancestors_and_their_levels_never_exceed_the_asked(groups: tuple[int, ...]) -> None:
    number = int("{:02}{:02}{:02}{:03}{:03}{:03}{:03}".format(*groups))
    assert number in area_of(number)
    for level in range(8):
        above = ancestor(number, level)
        assert number in area_of(above)
        assert level_of(above) <= level
