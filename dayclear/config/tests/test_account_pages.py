import re
from collections.abc import Callable
from datetime import timedelta

from django.test import Client

from dayclear.foundation import clock
from dayclear.foundation.actors import Actor
from dayclear.foundation.models import ApiToken, Deadline, Grant, User
from dayclear.foundation.scope import acting

SignIn = Callable[[Actor], Client]
COUNTY, VILLAGE = 610113 * 10**12, 610113001001 * 10**6


def test_an_administrator_makes_an_account_and_gives_it_a_place(administrator: Actor, client_of: SignIn) -> None:
    client = client_of(administrator)
    made = client.post("/accounts/new", {"username": "new.worker", "display_name": "新人"})
    (password,) = re.findall(r'id="secret">([a-z0-9-]+)<', made.content.decode())
    assert made.headers["Cache-Control"] == "no-store"
    user = User.objects.get(username="new.worker")
    assert user.check_password(password)
    until = clock.local_day(clock.now()) + timedelta(days=30)
    given = client.post(
        f"/accounts/{user.pk}/grant",
        {"role": "community_worker", "words": "甲村", "place": str(VILLAGE), "until": until.isoformat()},
    )
    assert given.status_code == 302
    grant = Grant.objects.get(user=user)
    assert (grant.role, grant.place) == ("community_worker", VILLAGE)
    # The last day is a whole day.
    assert clock.local_day(grant.expires_at) == until + timedelta(days=1)
    assert "甲村" in client.get(f"/accounts/{user.pk}").content.decode()


def test_words_that_mean_one_place_need_no_picking(
    administrator: Actor, village_worker: Actor, client_of: SignIn
) -> None:
    client = client_of(administrator)
    until = (clock.local_day(clock.now()) + timedelta(days=30)).isoformat()
    address = f"/accounts/{village_worker.user_id}/grant"
    several = client.post(address, {"role": "officer", "words": "x", "until": until})
    assert several.status_code == 422
    assert client.post(address, {"role": "officer", "words": "雁塔区", "until": until}).status_code == 302
    assert Grant.objects.filter(user__username=village_worker.label, role="officer", place=COUNTY).exists()


def test_a_bad_last_day_is_shown_at_its_field(administrator: Actor, village_worker: Actor, client_of: SignIn) -> None:
    address = f"/accounts/{village_worker.user_id}/grant"
    answer = client_of(administrator).post(address, {"role": "officer", "place": str(COUNTY), "until": "soon"})
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.content.decode()


def test_the_list_finds_an_account_by_its_beginning(
    administrator: Actor, village_worker: Actor, client_of: SignIn
) -> None:
    page = client_of(administrator).get("/accounts/?q=village").content.decode()
    assert "village-worker" in page
    assert ">administrator</a>" not in page


def test_a_token_is_shown_once_and_revoked(county_officer: Actor, client_of: SignIn) -> None:
    client = client_of(county_officer)
    until = (clock.local_day(clock.now()) + timedelta(days=20)).isoformat()
    grant = Grant.objects.get(user__username=county_officer.label)
    made = client.post("/accounts/tokens", {"name": "laboratory", "grant": grant.pk, "until": until})
    assert re.search(r'id="secret">dc_[\w-]{43}<', made.content.decode())
    assert "dc_" not in client.get("/accounts/tokens").content.decode()
    token = ApiToken.objects.get(grant=grant)
    client.post(f"/accounts/tokens/{token.pk}/revoke")
    assert ApiToken.objects.get(pk=token.pk).revoked_at is not None


def test_my_tasks_show_what_is_late_in_my_places_and_nothing_else(
    village_worker: Actor, administrator: Actor, client_of: SignIn
) -> None:
    now = clock.now()
    with acting(administrator):
        for subject, area in (("mine", VILLAGE), ("elsewhere", 610103001001 * 10**6)):
            Deadline.objects.create(
                subject=f"tests.thing:{subject}",
                kind="tests.visit",
                area=area,
                accountable=area,
                opened_at=now - timedelta(hours=10),
                due_at=now - timedelta(hours=2, minutes=5),
            )
    page = client_of(village_worker).get("/tasks/").content.decode()
    assert "tests.thing:mine" in page
    assert "tests.thing:elsewhere" not in page
    assert "1 item is late, by 2 h 5 min." in page
    assert 'class="chip late"' in page


def test_the_palette_finds_pages_and_accounts(administrator: Actor, village_worker: Actor, client_of: SignIn) -> None:
    client = client_of(administrator)
    assert "/tasks/" in client.get("/palette").content.decode()
    assert "village-worker" in client.get("/palette?q=village").content.decode()
    nobody = client_of(village_worker).get("/palette?q=administrator").content.decode()
    assert "Nothing found" in nobody


def test_the_language_is_chosen_before_signing_in_and_kept(village_worker: Actor, client_of: SignIn) -> None:
    stranger = Client(HTTP_ACCEPT_LANGUAGE="en")
    stranger.post("/switch/language", {"language": "zh-hans", "next": "/account/login/"})
    assert 'lang="zh-Hans"' in stranger.get("/account/login/").content.decode()
    client = client_of(village_worker)
    client.post("/switch/language", {"language": "zh-hans"})
    assert User.objects.get(username=village_worker.label).language == "zh-hans"


def test_a_switch_leads_back_here_and_nowhere_else(db: None) -> None:
    answer = Client().post("/switch/theme", {"theme": "dark", "next": "https://example.org/"})
    assert answer.headers["Location"] == "/"
    assert answer.cookies["theme"].value == "dark"
