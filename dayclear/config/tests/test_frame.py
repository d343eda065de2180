"""The pages of a section, grouped by who works with them."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client

from dayclear.foundation.actors import Actor
from dayclear.foundation.rules import Role

ClientOf = Callable[[Actor], Client]
COUNTY = 610113 * 10**12


def heads(page: str) -> list[str]:
    return re.findall(r'class="tab-group"[^>]*>([^<]+)<', page)


def pages(page: str) -> list[str]:
    return re.findall(r'<a href="[^"]+" (?:aria-current="page")?>([^<]+)</a>', page.partition('id="tabs"')[2])


def test_the_pages_of_a_section_stand_in_groups_and_a_group_of_one_is_that_page(
    client_of: ClientOf, county_officer: Actor
) -> None:
    page = client_of(county_officer).get("/sampling/boxes/").content.decode()
    assert heads(page) == ["Sampling", "Laboratories", "Line lists"]
    assert {"Rounds", "Boxes", "Reconciliation"} < set(pages(page))
    assert re.search(r'aria-current="true">Sampling<', page)
    assert '<button class="tabs-open" type="button" popovertarget="tabs">Boxes</button>' in page


def test_who_has_one_group_sees_its_pages_alone(
    client_of: ClientOf, make_actor: Callable[[str, Role, int], Actor]
) -> None:
    page = client_of(make_actor("lab-worker", Role.LAB_WORKER, COUNTY)).get("/labs/dispatch").content.decode()
    assert heads(page) == []
    assert pages(page)[:3] == ["Laboratories", "Result files", "Dispatch"]


def test_a_section_of_one_page_needs_no_choice(client_of: ClientOf, county_officer: Actor) -> None:
    assert 'id="tabs"' not in client_of(county_officer).get("/tasks/").content.decode()


@pytest.mark.parametrize(
    ("address", "name"),
    [
        pytest.param("/labs/new", "Laboratories", id="a page under the list"),
        pytest.param("/labs/items", "Goods and surfaces", id="a page of another group of its package"),
        pytest.param("/sampling/rounds/plan", "Rounds", id="a page beside the others"),
        pytest.param("/sampling/positive/squads/", "Positive tubes", id="a page of another section of its package"),
    ],
)
def test_a_page_without_a_tab_stands_under_the_nearest_address(
    client_of: ClientOf, county_officer: Actor, address: str, name: str
) -> None:
    page = client_of(county_officer).get(address).content.decode()
    assert f'popovertarget="tabs">{name}</button>' in page
