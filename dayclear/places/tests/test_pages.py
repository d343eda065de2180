"""Places through a signed-in browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from dayclear.foundation.actors import Actor

ClientOf = Callable[[Actor], Client]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        pytest.param("雁塔", ["雁塔区"], id="Chinese"),
        pytest.param("yanta", ["雁塔区"], id="pinyin"),
        pytest.param("ytq", ["雁塔区"], id="initials"),
        pytest.param("610113", ["雁塔区", "小寨路街道", "甲村"], id="code"),
        pytest.param("秀英", [], id="another province"),
        pytest.param("zzz", [], id="nothing"),
    ],
)
def test_places_of_mine_are_found_by_name_pinyin_and_code(
    client_of: ClientOf, province_commander: Actor, words: str, found: list[str]
) -> None:
    html = client_of(province_commander).get("/places/", {"q": words}).content.decode()
    assert all(name in html for name in found)
    assert ("No place of yours begins like this" in html) == (not found)


def test_a_place_shows_what_is_under_it_and_a_place_of_others_does_not_exist(
    client_of: ClientOf, county_officer: Actor
) -> None:
    client = client_of(county_officer)
    html = client.get("/places/").content.decode()
    assert "小寨路街道" in html
    assert "南院门街道" not in html
    assert client.get("/places/610103000000000000").status_code == 404
    assert client.get("/places/610000000000000000").status_code == 404


def test_the_administrator_starts_at_the_provinces(client_of: ClientOf, administrator: Actor) -> None:
    html = client_of(administrator).get("/places/").content.decode()
    assert "海南省" in html
    assert "陕西省" in html
