from datetime import UTC, datetime, timedelta

import pytest

from dayclear.foundation.lockout import ATTEMPTS, WINDOW, locked_until
from dayclear.foundation.rules import GrantFacts, may_give_grant, may_make_token

NOW = datetime(2021, 12, 29, 4, 0, tzinfo=UTC)
YEAR = timedelta(days=366)


@pytest.mark.parametrize(
    ("facts", "codes"),
    [
        pytest.param(GrantFacts(False, True, None, NOW + YEAR), (), id="a year to the instant"),
        pytest.param(
            GrantFacts(False, True, None, NOW + YEAR + timedelta(seconds=1)),
            ("grant_too_long",),
            id="a second too long",
        ),
        pytest.param(GrantFacts(False, True, None, NOW), ("grant_in_past",), id="ends now"),
        pytest.param(GrantFacts(True, True, None, NOW + YEAR), ("own_grant",), id="to oneself"),
        pytest.param(GrantFacts(False, False, None, NOW + YEAR), ("grant_outside_area",), id="a place outside"),
        pytest.param(GrantFacts(False, True, NOW + YEAR, NOW + YEAR), ("grant_exists",), id="held already"),
        pytest.param(
            GrantFacts(True, False, NOW + YEAR, NOW),
            ("own_grant", "grant_outside_area", "grant_exists", "grant_in_past"),
            id="every reason at once",
        ),
    ],
)
def test_a_grant_is_given_by_another_inside_ones_place_for_a_year_at_most(
    facts: GrantFacts, codes: tuple[str, ...]
) -> None:
    assert may_give_grant(facts, now=NOW).codes == codes


@pytest.mark.parametrize(
    ("own", "manages", "name", "lasts", "codes"),
    [
        pytest.param(True, False, "laboratory", timedelta(days=90), (), id="own, ninety days"),
        pytest.param(False, True, "laboratory", timedelta(days=1), (), id="by the administrator"),
        pytest.param(False, False, "laboratory", timedelta(days=1), ("not_found",), id="somebody else's"),
        pytest.param(True, False, "  ", timedelta(days=1), ("token_name_missing",), id="no name"),
        pytest.param(True, False, "x", timedelta(days=90, seconds=1), ("token_too_long",), id="a second too long"),
        pytest.param(True, False, "x", timedelta(0), ("token_too_long",), id="ends now"),
    ],
)
def test_a_token_is_named_and_lasts_ninety_days_at_most(
    own: bool, manages: bool, name: str, lasts: timedelta, codes: tuple[str, ...]
) -> None:
    decision = may_make_token(own=own, manages_owner=manages, name=name, expires_at=NOW + lasts, now=NOW)
    assert decision.codes == codes


@pytest.mark.parametrize(
    ("minutes_ago", "until_in"),
    [
        pytest.param([4, 3, 2, 1], None, id="four wrong"),
        pytest.param([5, 4, 3, 2, 1], timedelta(minutes=14), id="five wrong: a quarter of an hour from the last"),
        pytest.param([16, 4, 3, 2, 1], None, id="the first is forgotten"),
        pytest.param([], None, id="none"),
    ],
)
def test_five_wrong_passwords_in_a_quarter_of_an_hour_lock_the_sign_in(
    minutes_ago: list[int], until_in: timedelta | None
) -> None:
    attempts = [NOW - timedelta(minutes=minutes) for minutes in minutes_ago]
    until = locked_until(attempts, now=NOW)
    assert until == (None if until_in is None else NOW + until_in)
    assert ATTEMPTS == 5
    assert timedelta(minutes=15) == WINDOW
