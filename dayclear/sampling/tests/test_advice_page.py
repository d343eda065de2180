"""The page of the size advisor."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from dayclear.foundation.actors import Actor

ClientOf = Callable[[Actor], Client]


def _asked(client: Client, **said: str) -> tuple[int, str]:
    answer = client.get(reverse("sampling:advice"), said, headers={"accept-language": "en"})
    return answer.status_code, re.sub(r"\s+", " ", answer.content.decode())


def test_the_form_knows_the_people_of_the_round_it_was_opened_from(county_officer: Actor, client_of: ClientOf) -> None:
    status, page = _asked(client_of(county_officer), people="9450000")
    assert status == 200
    assert 'value="9450000"' in page
    assert 'id="answer"' not in page


def test_sizes_stand_side_by_side_with_recalls_beside_tests(county_officer: Actor, client_of: ClientOf) -> None:
    status, page = _asked(client_of(county_officer), people="9450000", infected="10", sizes="5 10 20")
    assert status == 200
    shown = ["94,076", "187,215", "1,039,076", "659,715", "20 to a tube take the fewest tests"]
    assert [text for text in shown if text not in page] == []
    assert "20 rather than 10: worth it while calling back one person costs less than 4.1 tests." in page
    assert "least cost" not in page


def test_with_prices_the_cheapest_is_advised(county_officer: Actor, client_of: ClientOf) -> None:
    said = {"people": "9450000", "infected": "10", "sizes": "5 10 20", "test_cost": "3.5", "recall_cost": "40"}
    _status, page = _asked(client_of(county_officer), **said)
    assert "10 to a tube cost least" in page


def test_the_prevalence_follows_from_the_positive_tubes(county_officer: Actor, client_of: ClientOf) -> None:
    said = {"people": "1000", "sizes": "10", "positive": "5", "tubes": "100", "shared_by": "10"}
    _status, page = _asked(client_of(county_officer), **said)
    assert "Those tubes say 51.16 infected among 10,000; with 95 % confidence between 16.55 and 119.01." in page


@pytest.mark.parametrize(
    ("said", "text"),
    [
        pytest.param({"infected": "10", "sizes": "5 21"}, "Whole numbers from 1 to 20.", id="a tube of twenty-one"),
        pytest.param({"infected": "10", "sizes": "5 x"}, "Whole numbers from 1 to 20.", id="no number"),
        pytest.param({"sizes": "5"}, "Say how many are infected", id="no prevalence"),
        pytest.param(
            {"sizes": "5", "positive": "9", "tubes": "8", "shared_by": "5"}, "More than there are tubes.", id="too many"
        ),
        pytest.param({"infected": "10001", "sizes": "5"}, "10000", id="more than everybody"),
    ],
)
def test_a_bad_question_says_why(county_officer: Actor, client_of: ClientOf, said: dict[str, str], text: str) -> None:
    status, page = _asked(client_of(county_officer), people="1000", **said)
    assert status == 422
    assert text in page


def test_a_village_worker_does_not_plan_rounds(village_worker: Actor, client_of: ClientOf) -> None:
    status, _page = _asked(client_of(village_worker), people="1000", infected="10", sizes="5")
    assert status == 403
