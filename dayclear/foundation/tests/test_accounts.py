import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from dayclear.foundation import clock
from dayclear.foundation.actors import Actor, system
from dayclear.foundation.commands import accounts
from dayclear.foundation.decisions import Refused
from dayclear.foundation.models import ApiToken, Event, Grant, User
from dayclear.foundation.queries import holds_only_within, users_of
from dayclear.foundation.rules import Role
from dayclear.foundation.scope import acting

COUNTY, OTHER_COUNTY, VILLAGE = 610113 * 10**12, 610103 * 10**12, 610113001001 * 10**6


@pytest.fixture
def today() -> datetime:
    return clock.now()


@pytest.fixture
def county_administrator(make_actor: Callable[..., Actor]) -> Actor:
    return make_actor("county-administrator", Role.ADMINISTRATOR, COUNTY)


def _refusal(codes: tuple[str, ...], call: Callable[[], Any]) -> None:
    with pytest.raises(Refused) as refused:
        call()
    assert refused.value.decision.codes == codes


def test_a_new_account_has_a_password_that_must_be_changed_and_no_grant(administrator: Actor, today: datetime) -> None:
    with acting(administrator):
        made = accounts.create_user("new.person", "新人", by=administrator, now=today)
        user = User.objects.get(pk=made.user_id)
        event = Event.objects.get(subject=f"foundation.user:{user.pk}")
    assert user.check_password(made.password)
    assert user.must_change_password
    assert not user.grants.exists()
    assert (event.kind, event.actor_id) == ("foundation.user_created", administrator.user_id)
    assert made.password not in str(event.payload)


@pytest.mark.parametrize(
    ("username", "code"),
    [
        pytest.param("ab", "username_bad", id="too short"),
        pytest.param("two words", "username_bad", id="a space"),
        pytest.param("Administrator", "username_taken", id="taken in other letters"),
    ],
)
def test_an_account_name_is_plain_and_taken_once(
    administrator: Actor, today: datetime, username: str, code: str
) -> None:
    with acting(administrator):
        _refusal((code,), lambda: accounts.create_user(username, "", by=administrator, now=today))


def test_only_an_administrator_manages_accounts(county_officer: Actor, village_worker: Actor, today: datetime) -> None:
    user, until = village_worker.user_id or 0, today + timedelta(days=1)
    for call in (
        lambda: accounts.create_user("somebody", "", by=county_officer, now=today),
        lambda: accounts.give_grant(user, Role.OFFICER, COUNTY, until, by=county_officer, now=today),
        lambda: accounts.reset_password(user, by=county_officer, now=today),
        lambda: accounts.revoke_grant(1, by=county_officer, now=today),
        lambda: accounts.set_account_open(user, False, by=county_officer, now=today),
        lambda: accounts.reset_second_factor(user, by=county_officer, now=today),
    ):
        with acting(county_officer):
            _refusal(("right_missing",), call)


def test_a_county_administrator_gives_grants_inside_the_county_only(
    county_administrator: Actor, village_worker: Actor, today: datetime
) -> None:
    user, until, by = village_worker.user_id or 0, today + timedelta(days=30), county_administrator
    with acting(by):
        accounts.give_grant(user, Role.OFFICER, COUNTY, until, by=by, now=today)
        for outside in (OTHER_COUNTY, 61 * 10**16, 0):
            with pytest.raises(Refused) as refused:
                accounts.give_grant(user, Role.OFFICER, outside, until, by=by, now=today)
            assert refused.value.decision.codes == ("grant_outside_area",)


def test_who_holds_grants_outside_is_not_taken_over_by_a_county_administrator(
    county_administrator: Actor, province_commander: Actor, village_worker: Actor, today: datetime
) -> None:
    by = county_administrator
    with acting(system("tests")):
        accounts.give_grant(
            village_worker.user_id or 0,
            Role.OFFICER,
            OTHER_COUNTY,
            today + timedelta(days=1),
            by=system("tests"),
            now=today,
        )
    with acting(by):
        _refusal(("not_found",), lambda: accounts.reset_password(province_commander.user_id or 0, by=by, now=today))
        _refusal(("user_outside_area",), lambda: accounts.reset_password(village_worker.user_id or 0, by=by, now=today))
        assert not users_of(by).filter(username=province_commander.label).exists()
        assert not holds_only_within(by, User.objects.get(username=village_worker.label))


def test_a_revoked_grant_ends_now_with_its_tokens_and_can_be_given_again(
    administrator: Actor, county_officer: Actor, today: datetime
) -> None:
    grant = Grant.objects.get(user=county_officer.user_id)
    with acting(county_officer):
        token = accounts.make_token(
            grant.pk, "laboratory", may_write=False, expires_at=today + timedelta(days=5), by=county_officer, now=today
        )
    later = today + timedelta(hours=1)
    with acting(administrator):
        accounts.revoke_grant(grant.pk, by=administrator, now=later)
        _refusal(("not_found",), lambda: accounts.revoke_grant(grant.pk, by=administrator, now=later))
        grant.refresh_from_db()
        assert grant.expires_at == later
        assert ApiToken.objects.get(pk=token.token_id).revoked_at == later
        again = accounts.give_grant(
            county_officer.user_id or 0,
            Role.OFFICER,
            COUNTY,
            later + timedelta(days=9),
            by=administrator,
            now=later,
        )
    assert again == grant.pk


def test_a_grant_held_already_is_named_with_its_last_day_here(
    administrator: Actor, county_officer: Actor, today: datetime
) -> None:
    # Midnight in Beijing that begins the 2nd of May is still the 1st in UTC, and the grant's last day is the 1st.
    ends = datetime(today.year + 1, 5, 2, tzinfo=clock.local_zone())
    Grant.objects.filter(user=county_officer.user_id).update(expires_at=ends)
    with acting(administrator), pytest.raises(Refused) as refused:
        accounts.give_grant(
            county_officer.user_id or 0, Role.OFFICER, COUNTY, today + timedelta(days=1), by=administrator, now=today
        )
    (reason,) = refused.value.decision.reasons
    assert reason.params["until"] == f"{today.year + 1}-05-01"


def test_nobody_manages_their_own_grants(administrator: Actor, today: datetime) -> None:
    own = Grant.objects.get(user=administrator.user_id)
    with acting(administrator):
        _refusal(("own_grant",), lambda: accounts.revoke_grant(own.pk, by=administrator, now=today))
        _refusal(
            ("own_grant",),
            lambda: accounts.give_grant(
                administrator.user_id or 0, Role.OFFICER, COUNTY, today + timedelta(days=1), by=administrator, now=today
            ),
        )


def test_a_token_is_stored_as_its_digest_and_ends_with_its_grant(county_officer: Actor, today: datetime) -> None:
    grant = Grant.objects.get(user=county_officer.user_id)
    Grant.objects.filter(pk=grant.pk).update(expires_at=today + timedelta(days=3))
    with acting(county_officer):
        made = accounts.make_token(
            grant.pk, "laboratory", may_write=True, expires_at=today + timedelta(days=60), by=county_officer, now=today
        )
    token = ApiToken.objects.get(pk=made.token_id)
    assert bytes(token.digest) == hashlib.sha256(made.secret.encode()).digest()
    assert token.expires_at == today + timedelta(days=3)


def test_a_token_for_somebody_elses_grant_is_not_made(
    county_officer: Actor, province_commander: Actor, today: datetime
) -> None:
    grant = Grant.objects.get(user=county_officer.user_id)
    with acting(province_commander):
        _refusal(
            ("not_found",),
            lambda: accounts.make_token(
                grant.pk,
                "mine",
                may_write=False,
                expires_at=today + timedelta(days=1),
                by=province_commander,
                now=today,
            ),
        )


def test_a_one_time_password_ends_the_old_one(administrator: Actor, county_officer: Actor, today: datetime) -> None:
    user = User.objects.get(username=county_officer.label)
    before = user.get_session_auth_hash()
    with acting(administrator):
        made = accounts.reset_password(user.pk, by=administrator, now=today)
    user.refresh_from_db()
    assert user.check_password(made.password)
    assert user.must_change_password
    assert user.get_session_auth_hash() != before


@pytest.mark.parametrize("what", ["password", "second factor"])
def test_a_reset_ends_every_token_of_the_person(
    administrator: Actor, county_officer: Actor, today: datetime, what: str
) -> None:
    grant = Grant.objects.get(user=county_officer.user_id)
    with acting(county_officer):
        made = accounts.make_token(
            grant.pk, "laboratory", may_write=True, expires_at=today + timedelta(days=5), by=county_officer, now=today
        )
    reset = accounts.reset_password if what == "password" else accounts.reset_second_factor
    with acting(administrator):
        reset(county_officer.user_id or 0, by=administrator, now=today)
        event = Event.objects.filter(subject=f"foundation.user:{county_officer.user_id}").latest("number")
    assert ApiToken.objects.get(pk=made.token_id).revoked_at == today
    assert event.payload == {"tokens_ended": [made.token_id]}


def test_an_account_without_a_grant_is_looked_after_where_it_was_made(
    make_actor: Callable[..., Actor], county_administrator: Actor, administrator: Actor, today: datetime
) -> None:
    elsewhere = make_actor("other-administrator", Role.ADMINISTRATOR, OTHER_COUNTY)
    vouched_for = User.objects.create_user(username="vouched.for")
    with acting(county_administrator):
        made = accounts.create_user("new.person", "", by=county_administrator, now=today)
    for other in (elsewhere, make_actor("village-administrator", Role.ADMINISTRATOR, VILLAGE)):
        with acting(other):
            assert not users_of(other).filter(pk__in=[made.user_id, vouched_for.pk]).exists()
            _refusal(("not_found",), partial(accounts.reset_password, made.user_id, by=other, now=today))
    with acting(county_administrator):
        accounts.reset_password(made.user_id, by=county_administrator, now=today)
        assert not users_of(county_administrator).filter(pk=vouched_for.pk).exists()
    with acting(administrator):
        accounts.reset_password(vouched_for.pk, by=administrator, now=today)
