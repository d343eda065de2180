"""The field for a place of one's own."""

from __future__ import annotations

from typing import Any

import pytest
from django import forms
from django.utils.translation import override

from dayclear.foundation.actors import Actor
from dayclear.places.forms import OwnPlaceField, chosen_place

COUNTY, ELSEWHERE = 610113 * 10**12, 610302 * 10**12


class OnePlace(forms.Form):
    def __init__(self, said: dict[str, str], actor: Actor, **how: Any) -> None:
        super().__init__(said)
        self.fields["place"] = OwnPlaceField(actor, **how)


def test_a_place_of_ones_own_is_a_number(county_officer: Actor) -> None:
    form = OnePlace({"place": f" {COUNTY} "}, county_officer)
    assert form.is_valid()
    assert form.cleaned_data == {"place": COUNTY}
    shown = chosen_place(form)
    assert shown is not None
    assert shown.name == "雁塔区"


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        pytest.param("", "Search for the place", id="nothing chosen"),
        pytest.param("0", "Search for the place", id="the whole installation"),
        pytest.param("雁塔区", "Search for the place", id="a name"),
        pytest.param("6" * 19, "Search for the place", id="a digit too many"),
        pytest.param("9" * 5000, "Search for the place", id="thousands of digits"),
        pytest.param(str(ELSEWHERE), "lies outside your own", id="a place of others"),
    ],
)
def test_what_is_no_place_of_ones_own_is_told_so(county_officer: Actor, sent: str, says: str) -> None:
    form = OnePlace({"place": sent}, county_officer)
    with override("en"):
        assert says in form.errors["place"][0]


def test_where_none_is_needed_nothing_is_zero(county_officer: Actor) -> None:
    form = OnePlace({}, county_officer, required=False)
    assert form.is_valid()
    assert form.cleaned_data == {"place": 0}
    assert chosen_place(form) is None
