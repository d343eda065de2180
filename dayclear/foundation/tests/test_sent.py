"""What addresses and forms send, read strictly."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from dayclear.foundation.decisions import Refused
from dayclear.foundation.sent import (
    day_in,
    day_or_none,
    number_in,
    number_or_none,
    seen_in,
    text_in,
    whole_number,
    whole_numbers,
)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        pytest.param("610113000000000000", 610113 * 10**12, id="a place"),
        pytest.param(" 7 ", 7, id="space about it"),
        pytest.param("0", 0, id="nought"),
        pytest.param("", None, id="nothing"),
        pytest.param("-1", None, id="a sign"),
        pytest.param("1.5", None, id="a fraction"),
        pytest.param("７", None, id="a full-width digit"),
        pytest.param("²", None, id="a superscript"),
        pytest.param("9" * 19, None, id="a digit more than a place has"),
        pytest.param("9" * 5000, None, id="more digits than Python reads"),
    ],
)
def test_a_whole_number_is_plain_digits(text: str, number: int | None) -> None:
    assert whole_number(text) == number


def test_of_several_values_the_numbers_are_kept() -> None:
    assert whole_numbers(["3", "", "x", "5"]) == [3, 5]


def test_a_field_that_may_be_empty_is_none() -> None:
    assert (number_or_none({}, "n"), day_or_none({"on": " "}, "on"), seen_in({})) == (None, None, None)


def test_fields_are_read_as_what_they_are() -> None:
    sent = {"n": "12", "on": "2021-12-29", "seen": "4", "text": " a\x00b "}
    assert (number_in(sent, "n"), day_in(sent, "on"), seen_in(sent)) == (12, date(2021, 12, 29), 4)
    assert text_in(sent, "text") == "ab"


@pytest.mark.parametrize(
    ("read", "value"),
    [
        pytest.param(number_in, "", id="a number that must be there"),
        pytest.param(number_or_none, "twelve", id="no number"),
        pytest.param(day_in, "", id="a day that must be there"),
        pytest.param(day_or_none, "2021-02-30", id="no day of the calendar"),
    ],
)
def test_what_is_refused_names_the_field(read: Callable[..., Any], value: str) -> None:
    with pytest.raises(Refused) as refused:
        read({"field": value}, "field")
    (reason,) = refused.value.decision.reasons
    assert (reason.code, reason.params) == ("bad_filter", {"name": "field", "value": value})
