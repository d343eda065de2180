"""Tube numbers and their check characters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dayclear.sampling.rules.numbers import MOST, check_character, parsed, printed


def test_the_check_character_is_that_of_ISO_7064() -> None:
    # The Global Release Identifier standard's own example uses the same system.
    assert check_character("A12425GABC1234002") == "M"


@given(st.integers(0, MOST))
def test_a_printed_number_is_read_again(number: int) -> None:
    assert parsed(printed(number)) == number


@given(st.integers(0, MOST), st.integers(2, 12), st.sampled_from("0123456789"))
def test_one_wrong_figure_is_always_caught(number: int, at: int, figure: str) -> None:
    label = printed(number)
    if label[at] != figure and at < 12:
        assert parsed(label[:at] + figure + label[at + 1 :]) is None


@given(st.integers(0, MOST), st.integers(2, 10))
def test_two_neighbours_exchanged_are_always_caught(number: int, at: int) -> None:
    label = printed(number)
    if label[at] != label[at + 1]:
        assert parsed(label[:at] + label[at + 1] + label[at] + label[at + 2 :]) is None


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        pytest.param(printed(17).lower(), 17, id="small letters"),
        pytest.param(f" {printed(17)[:7]} {printed(17)[7:]}", 17, id="with a space"),
        pytest.param(printed(17)[:-1], None, id="without its check character"),
        pytest.param("X" + printed(17)[1:], None, id="another prefix"),
        pytest.param("", None, id="nothing"),
        pytest.param("DC" + "٣" * 10 + "A", None, id="other figures than ours"),
    ],
)
def test_a_typed_number(typed: str, number: int | None) -> None:
    assert parsed(typed) == number
