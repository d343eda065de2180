"""What stands between a request and a page: who acts, since when, with which factors."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dayclear.foundation import clock
from dayclear.foundation.actors import Actor
from dayclear.foundation.commands import accounts
from dayclear.foundation.models import ApiToken, Event, Grant, User
from dayclear.foundation.rules import Role
from dayclear.foundation.scope import acting

SignIn = Callable[[Actor], Client]
COUNTY, OTHER_COUNTY, VILLAGE = 610113 * 10**12, 610103 * 10**12, 610113001001 * 10**6
PASSWORD = "correct horse battery"


def _set_password(actor: Actor) -> User:
    user = User.objects.get(username=actor.label)
    user.set_password(PASSWORD)
    user.save()
    return user


def _sign_in(client: Client, username: str, password: str = PASSWORD) -> str:
    response = client.post("/account/login/", {"login": username, "password": password})
    return response.content.decode() if response.status_code == 200 else str(response.headers["Location"])


@pytest.mark.django_db
def test_whoever_is_not_signed_in_is_led_to_sign_in_and_back() -> None:
    response = Client().get("/tasks/?after=x")
    assert response.status_code == 302
    assert response.headers["Location"] == "/account/login/?next=%2Ftasks%2F%3Fafter%3Dx"


@pytest.mark.django_db
def test_a_fragment_for_somebody_signed_out_leads_the_whole_page_to_sign_in() -> None:
    response = Client().get("/tasks/", headers={"HX-Request": "true"})
    assert response.headers["HX-Redirect"].startswith("/account/login/")


@pytest.mark.django_db
def test_every_answer_allows_only_our_own_scripts_and_styles() -> None:
    policy = Client().get("/account/login/").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "style-src 'self';" in policy
    assert "unsafe" not in policy


def test_a_grant_that_has_ended_opens_nothing(village_worker: Actor, client_of: SignIn) -> None:
    client = client_of(village_worker)
    now = clock.now()
    Grant.objects.filter(user=village_worker.user_id).update(
        granted_at=now - timedelta(days=2), expires_at=now - timedelta(seconds=1)
    )
    response = client.get("/tasks/")
    assert response.status_code == 403
    assert "responsible for no place" in response.content.decode()


def test_a_one_time_password_leads_to_a_password_of_ones_own(village_worker: Actor, client_of: SignIn) -> None:
    client = client_of(village_worker)
    User.objects.filter(username=village_worker.label).update(must_change_password=True)
    assert client.get("/tasks/").headers["Location"] == "/account/password/change/"
    user = User.objects.get(username=village_worker.label)
    user.set_password("one-time password")
    user.save()
    client.force_login(user, backend="dayclear.config.accounts.Backend")
    chosen = {"oldpassword": "one-time password", "password1": "a better one 77", "password2": "a better one 77"}
    assert client.post("/account/password/change/", chosen).status_code == 302
    assert not User.objects.get(pk=user.pk).must_change_password
    assert client.get("/tasks/").status_code == 200


def test_an_officer_without_a_second_factor_is_asked_to_set_one_up(county_officer: Actor, client_of: SignIn) -> None:
    from allauth.mfa.models import Authenticator

    Authenticator.objects.filter(user_id=county_officer.user_id).delete()
    response = client_of(county_officer).get("/tasks/")
    assert response.status_code == 403
    assert "/account/second-factor/totp/activate/" in response.content.decode()


def test_a_password_alone_does_not_sign_in_who_has_a_second_factor(county_officer: Actor) -> None:
    _set_password(county_officer)
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    assert _sign_in(client, "county-officer") == "/account/second-factor/authenticate/"
    assert client.get("/tasks/").status_code == 302


def test_the_secret_of_a_second_factor_is_stored_encrypted(county_officer: Actor) -> None:
    from allauth.mfa.models import Authenticator

    from dayclear.config.accounts import MfaAdapter

    stored = Authenticator.objects.get(user_id=county_officer.user_id).data["secret"]
    assert MfaAdapter().decrypt(stored) not in stored


def test_five_wrong_passwords_lock_the_sign_in_even_for_the_right_one(village_worker: Actor) -> None:
    _set_password(village_worker)
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    for _attempt in range(5):
        assert "locked" not in _sign_in(client, "village-worker", "wrong password")
    assert "Try again in 15 minutes" in _sign_in(client, "Village-Worker")


def test_a_right_password_forgives_the_wrong_ones(village_worker: Actor) -> None:
    _set_password(village_worker)
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    for _attempt in range(4):
        _sign_in(client, "village-worker", "wrong password")
    assert _sign_in(client, "village-worker") == "/"
    client.post("/account/logout/")
    for _attempt in range(4):
        assert "locked" not in _sign_in(client, "village-worker", "wrong password")


@pytest.mark.parametrize(
    ("began_minutes_ago", "seen_minutes_ago", "status"),
    [
        pytest.param(59, 59, 200, id="an hour at rest, less a minute"),
        pytest.param(61, 61, 302, id="an hour and a minute at rest"),
        pytest.param(11 * 60 + 59, 5, 200, id="twelve hours, less a minute"),
        pytest.param(12 * 60 + 1, 5, 302, id="twelve hours and a minute"),
    ],
)
def test_a_session_ends_at_rest_and_with_the_shift(
    village_worker: Actor, client_of: SignIn, began_minutes_ago: int, seen_minutes_ago: int, status: int
) -> None:
    client = client_of(village_worker)
    at = int(clock.now().timestamp())
    session = client.session
    session["began_at"], session["seen_at"] = at - began_minutes_ago * 60, at - seen_minutes_ago * 60
    session.save()
    assert client.get("/tasks/").status_code == status


def test_what_a_page_asks_for_by_itself_keeps_no_session_alive(village_worker: Actor, client_of: SignIn) -> None:
    client = client_of(village_worker)
    session = client.session
    session["began_at"] = session["seen_at"] = seen = int(clock.now().timestamp()) - 1800
    session.save()
    client.get("/tasks/", headers={"X-Dayclear-Quiet": "1"})
    assert client.session["seen_at"] == seen
    client.get("/tasks/")
    assert client.session["seen_at"] > seen


def test_the_widest_grant_acts_until_another_is_chosen(village_worker: Actor, client_of: SignIn) -> None:
    now = clock.now()
    other = Grant.objects.create(
        user=User.objects.get(username=village_worker.label),
        role=Role.AUDITOR.value,
        place=OTHER_COUNTY,
        granted_at=now,
        expires_at=now + timedelta(days=1),
    )
    mine = Grant.objects.get(user=village_worker.user_id, place=VILLAGE)
    client = client_of(village_worker)
    assert client.get("/tasks/").wsgi_request.actor.area.lo == OTHER_COUNTY  # type: ignore[attr-defined]
    client.post("/switch/place", {"grant": mine.pk})
    assert client.get("/tasks/").wsgi_request.actor.area.lo == VILLAGE  # type: ignore[attr-defined]
    client.post("/switch/place", {"grant": other.pk + 1000})
    assert client.get("/tasks/").wsgi_request.actor.area.lo == OTHER_COUNTY  # type: ignore[attr-defined]


def test_a_refusal_is_a_page_that_says_why(county_officer: Actor, client_of: SignIn) -> None:
    response = client_of(county_officer).get("/accounts/")
    assert response.status_code == 403
    assert "does not include the right to manage accounts" in response.content.decode()


def test_a_refusal_of_a_fragment_lands_where_refusals_are_shown(county_officer: Actor, client_of: SignIn) -> None:
    response = client_of(county_officer).get("/accounts/", headers={"HX-Request": "true"})
    assert response.headers["HX-Retarget"] == "#refusals"
    assert b"<html" not in response.content


def test_an_answer_of_four_hundred_undoes_what_was_written(administrator: Actor, client_of: SignIn) -> None:
    client = client_of(administrator)
    taken = client.post("/accounts/new", {"username": "administrator"})
    assert taken.status_code == 409
    with acting(administrator):
        assert not Event.objects.filter(kind="foundation.user_created").exists()


def test_a_page_of_the_frame_costs_four_statements_beside_its_own(village_worker: Actor, client_of: SignIn) -> None:
    client = client_of(village_worker)
    client.get("/rules/")
    with CaptureQueriesContext(connection) as seen:
        client.get("/rules/")
    asked = [query["sql"] for query in seen if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    # The session, the person with grants and factors, entering and leaving the scope.
    assert len(asked) == 4, asked


def test_the_language_of_the_account_comes_along_to_a_new_browser(village_worker: Actor) -> None:
    _set_password(village_worker)
    User.objects.filter(username=village_worker.label).update(language="zh-hans")
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    _sign_in(client, "village-worker")
    assert 'lang="zh-Hans"' in client.get("/tasks/").content.decode()


def test_whoever_just_typed_the_password_sets_up_the_second_factor_without_typing_it_again(
    county_officer: Actor,
) -> None:
    from allauth.mfa.models import Authenticator

    Authenticator.objects.filter(user_id=county_officer.user_id).delete()
    _set_password(county_officer)
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    _sign_in(client, "county-officer")
    assert client.get("/account/second-factor/totp/activate/").status_code == 200


@pytest.fixture
def token_for(county_officer: Actor) -> Callable[..., str]:
    def make(*, may_write: bool = False) -> str:
        now = clock.now()
        grant = Grant.objects.get(user=county_officer.user_id)
        with acting(county_officer):
            made = accounts.make_token(
                grant.pk,
                "laboratory",
                may_write=may_write,
                expires_at=now + timedelta(days=1),
                by=county_officer,
                now=now,
            )
        return made.secret

    return make


@pytest.mark.parametrize(
    ("change", "status"),
    [
        pytest.param({}, 404, id="a live token passes the gate: there is no such operation"),
        pytest.param({"revoked_at": clock.now()}, 401, id="revoked"),
        pytest.param({"expires_at": clock.now(), "created_at": clock.now() - timedelta(1)}, 401, id="ended"),
    ],
)
def test_a_token_opens_the_interface_while_it_lives(
    token_for: Callable[..., str], change: dict[str, object], status: int
) -> None:
    secret = token_for()
    ApiToken.objects.update(**change)
    assert _through_the_gate(secret, "GET") == status


def test_a_reading_token_writes_nothing(token_for: Callable[..., str]) -> None:
    assert _through_the_gate(token_for(), "POST") == 403
    assert _through_the_gate(token_for(may_write=True), "POST") == 404


def test_a_guessed_token_is_told_nothing(token_for: Callable[..., str]) -> None:
    token_for()
    assert _through_the_gate("dc_guess", "GET") == 401


def _through_the_gate(secret: str, method: str) -> int:
    """The status the gate gives; a view behind it answers 404, to be told apart."""
    from django.http import HttpRequest, HttpResponse
    from django.test import RequestFactory

    from dayclear.config.middleware import ActingUser

    def behind(request: HttpRequest) -> HttpResponse:
        return HttpResponse(status=404)

    request = RequestFactory().generic(method, "/api/v1/anything", headers={"Authorization": f"Bearer {secret}"})
    response = ActingUser(behind).process_view(request, behind, (), {})
    assert response is not None
    return response.status_code
