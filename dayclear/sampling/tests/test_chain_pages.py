"""The pages of positive tubes, through a browser without a screen; and the same through the API."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client

from dayclear.foundation import clock
from dayclear.foundation.actors import Actor
from dayclear.foundation.models import Event
from dayclear.foundation.scope import acting
from dayclear.people.commands import PersonRecord, register_people
from dayclear.sampling.chain_bar import bar_of, span_of
from dayclear.sampling.commands.chains import give_up_member, join_squad, make_squad
from dayclear.sampling.commands.chains.rows import INSTANTS
from dayclear.sampling.models import Chain, ChainMember, Swab
from dayclear.sampling.queries.chains import standing_of
from dayclear.sampling.rules.chains.legs import LEAST, ChainClock, Forecast, due_instants
from dayclear.sampling.tests.acts import COUNTY, SYSTEM, VILLAGE, people
from dayclear.sampling.tests.tracing import closed_tube, members_of, open_one, release, swab_all

pytestmark = pytest.mark.usefixtures("places")
ClientOf = Callable[[Actor], Client]
MINUTE = timedelta(minutes=1)
PHONE = "13900001111"


@pytest.fixture
def today() -> datetime:
    """Pages are read by the real clock."""
    return clock.now()


def known_person(now: datetime) -> int:
    with acting(SYSTEM):
        record = PersonRecord(area=VILLAGE, name="Person with a phone", phone=PHONE, residence="Lane 5")
        return register_people([record], by=SYSTEM, now=now, batch="people.batch:tests")[0]


def test_the_board_says_what_is_late_and_what_will_be(
    client_of: ClientOf, county_officer: Actor, today: datetime
) -> None:
    device, _chain = open_one(today - timedelta(hours=9), people(2, today))
    _device, young = open_one(today, people(2, today), device=device)
    page = client_of(county_officer).get("/sampling/positive/").content.decode()
    assert "1 chain past its limit" in page
    assert "For 1 nothing can be predicted: fewer than 5 chains" in page
    assert "2 are open." in page
    late = client_of(county_officer).get("/sampling/positive/?state=late").content.decode()
    assert f"/sampling/positive/{young.pk}" not in late
    # Five chains that each left a transfer of seven hours to its end: the young one will be late.
    with acting(SYSTEM):
        for number in range(LEAST):
            begun = today - timedelta(hours=12)
            ends = [begun + timedelta(hours=hour) for hour in (1, 2, 3, 4, 11)]
            Chain.objects.create(
                area=VILLAGE,
                tube=9_000_000_000 + number,
                alarm="positive",
                alarm_at=begun,
                due_at=begun + timedelta(hours=8),
                legs_due=[begun + timedelta(hours=8)] * 5,
                state="closed",
                closed_at=ends[-1],
                **dict(zip(INSTANTS, ends, strict=True)),
            )
        standing = standing_of(county_officer, Chain.objects.select_related("squad"), now=today)
    assert standing.predicted == {young.pk}
    page = client_of(county_officer).get("/sampling/positive/?state=predicted").content.decode()
    assert "predicted 3 h late" in page
    assert 'class="leg-4 hatch"' in page


def test_open_tubes_are_drawn_hour_by_hour(client_of: ClientOf, county_officer: Actor, today: datetime) -> None:
    device, _late = open_one(today - timedelta(hours=9), people(2, today))
    open_one(today - timedelta(hours=2), people(2, today), device=device)
    browser = client_of(county_officer)
    assert "/sampling/positive/burn-down.json?place=0" in browser.get("/sampling/positive/").content.decode()
    lines = browser.get("/sampling/positive/burn-down.csv").content.decode("utf-8-sig").splitlines()
    counts = [line.split(",")[1:] for line in lines[1:]]
    assert (len(counts), counts[0], counts[15], counts[20], counts[-1]) == (
        25,
        ["0", "0"],
        ["1", "0"],
        ["1", "0"],
        ["1", "1"],
    )
    drawn = json.loads(browser.get("/sampling/positive/burn-down.json").content)
    (values,) = drawn["datasets"].values()
    assert sum(each["tubes"] for each in values[-2:]) == 2
    assert browser.get("/sampling/positive/burn-down.png").content.startswith(b"\x89PNG")
    assert browser.get("/sampling/positive/burn-down.exe").status_code == 404


def test_a_squad_finds_swabs_and_is_told(client_of: ClientOf, county_officer: Actor, today: datetime) -> None:
    device, chain = open_one(today, [known_person(today)])
    (member,) = members_of(chain)
    client, base = client_of(county_officer), f"/sampling/positive/members/{member.pk}"

    def send(what: str, **said: str) -> str:
        answer = client.post(f"{base}/{what}", said, follow=True)
        assert answer.status_code == 200
        return answer.content.decode()

    page = client.get(base).content.decode()
    assert "Person with a phone" in page
    assert "Next: <b>Find them</b>" in page
    assert PHONE not in page
    assert f"tel:{PHONE}" in client.post(f"{base}/phone").content.decode()
    assert "no answer" in send("try", kind="call", outcome="no_answer", key="k1")
    page = send("locate", how="call", where="Lane 5", held="yes", key="k2")
    assert "Next: <b>Take a single swab</b>" in page
    label = device.label()
    page = send("resample", label=label.lower(), key="k3")
    assert "Next: <b>Bring the swab to the laboratory</b>" in page
    answer = client.post(f"/sampling/positive/{chain.pk}/deliver", {"key": "k4"}, follow=True).content.decode()
    assert "1 of 1 found, 1 swabbed, 0 answered." in answer
    release(clock.now(), (device.first + device.opened - 1, "negative"))
    assert "Tell them that they are free" in client.get(base).content.decode()
    assert "Told that they are free" in send("tell", key="k5")
    assert "0 of 1 positive; closed." in client.get(f"/sampling/positive/{chain.pk}").content.decode()
    with acting(SYSTEM):
        kinds = set(Event.objects.filter(subject__startswith="sampling.chain_member").values_list("kind", flat=True))
        assert "sampling.chain_member_read" in kinds
        assert Event.objects.get(kind="people.identity_read").payload["fields"] == ["phone"]


def test_a_form_sent_twice_counts_once(client_of: ClientOf, county_officer: Actor, today: datetime) -> None:
    _device, chain = open_one(today, people(1, today))
    (member,) = members_of(chain)
    client = client_of(county_officer)
    for _ in range(2):
        said = {"kind": "call", "outcome": "no_answer", "key": "same"}
        assert client.post(f"/sampling/positive/members/{member.pk}/try", said).status_code == 302
    assert members_of(chain)[0].attempts == 1


def test_the_phone_list_holds_the_own_squad_s_people_only(
    client_of: ClientOf, county_officer: Actor, today: datetime
) -> None:
    by = county_officer
    with acting(by):
        mine = make_squad(VILLAGE, "Squad 4", by=by, now=today)
        join_squad(mine, "county-officer", by=by, now=today)
    _device, chain = open_one(today, [known_person(today)])
    with acting(by):
        make_squad(COUNTY, "Squad 5", by=by, now=today)
        other = ChainMember.objects.exclude(squad=mine)
        assert not other.exists()
    client = client_of(by)
    page = client.get("/sampling/positive/members/").content.decode()
    assert "1 person to deal with" in page
    assert PHONE not in page
    paper = client.post("/sampling/positive/members/print").content.decode()
    assert PHONE in paper
    with acting(SYSTEM):
        assert Event.objects.get(kind="people.identity_read").payload["purpose"] == "phone list"
    (member,) = members_of(chain)
    with acting(by):
        give_up_member(member.pk, "abroad", by=by, now=clock.now())
    assert "Nobody is waiting for you." in client.get("/sampling/positive/members/").content.decode()


def test_squads_are_set_up_and_ended(client_of: ClientOf, county_officer: Actor, today: datetime) -> None:
    client = client_of(county_officer)
    page = client.post("/sampling/positive/squads/new", {"name": "Squad 9", "place": VILLAGE, "key": "n"}, follow=True)
    assert "Squad 9" in page.content.decode()
    with acting(SYSTEM):
        squad = make_squad(VILLAGE, "Squad 10", by=SYSTEM, now=today)
    joined = client.post(
        f"/sampling/positive/squads/{squad}/join", {"username": "county-officer", "key": "j"}, follow=True
    )
    assert "1 person in it" in joined.content.decode()
    user = county_officer.user_id
    left = client.post(f"/sampling/positive/squads/{squad}/leave", {"user": user, "key": "l"}, follow=True)
    assert "Nobody yet" in left.content.decode()
    assert (
        "Squad 10"
        not in client.post(f"/sampling/positive/squads/{squad}/end", {"key": "e"}, follow=True).content.decode()
    )


def test_a_village_worker_sees_no_positive_tube(client_of: ClientOf, village_worker: Actor, today: datetime) -> None:
    _device, chain = open_one(today, people(1, today))
    client = client_of(village_worker)
    for url in ("/sampling/positive/", f"/sampling/positive/{chain.pk}", "/sampling/positive/members/"):
        assert client.get(url).status_code == 403
    assert "positive tube" not in client.get("/tasks/").content.decode().lower()


def test_the_api_reads_the_board_and_one_chain(client_of: ClientOf, county_officer: Actor, today: datetime) -> None:
    device, chain = open_one(today, people(2, today))
    swab_all(device, chain, county_officer, today)
    client = client_of(county_officer)
    (row,) = client.get("/api/v1/tube-chains").json()["items"]
    assert (row["id"], row["members"], row["collected"], row["late_by_minutes"]) == (chain.pk, 2, 2, None)
    assert [leg["state"] for leg in row["legs"]] == ["done", "running", "waiting", "waiting", "waiting"]
    whole = client.get(f"/api/v1/tube-chains/{chain.pk}").json()
    assert {each["next"] for each in whole["people"]} == {"deliver"}
    assert client.get("/api/v1/tube-chains/999999999").status_code == 404


def test_the_bar_keeps_one_scale_and_cuts_what_lies_beyond(now: datetime) -> None:
    shares = {"collect": 120, "deliver": 60, "assay": 150, "report": 30, "transfer": 120}
    due = due_instants(now, timedelta(hours=8), shares)
    chain = ChainClock(now, due, (now + 150 * MINUTE, None, None, None, None))
    ends = tuple(now + timedelta(hours=hour) for hour in (2.5, 3, 6, 7, 10))
    expected = Forecast(ends, timedelta(hours=2))
    span = span_of(chain, expected, now=now + 160 * MINUTE)
    assert span == timedelta(hours=10)
    bar = bar_of(chain, expected, span, now=now + 160 * MINUTE)
    assert (bar.limit, bar.now, bar.late) == (800, 267, [250])
    assert [(x, width, state) for x, width, _leg, state in bar.parts] == [(0, 250, "done_late"), (250, 17, "running")]
    assert max(x + width for x, width, _leg in bar.hatches) <= 1000
    assert {leg for _x, _width, leg in bar.hatches} == {1, 2, 3, 4}
    cut = bar_of(chain, expected, timedelta(hours=4), now=now + 160 * MINUTE)
    assert cut.limit == 1000


def test_a_tube_without_members_says_so(client_of: ClientOf, county_officer: Actor, today: datetime) -> None:
    _device, number = closed_tube(today, people(1, today))
    with acting(SYSTEM):
        Swab.objects.filter(tube=number).delete()
    (chain,) = release(today, (number, "positive")).opened
    page = client_of(county_officer).get(f"/sampling/positive/{chain}").content.decode()
    assert "0 of 0 found" in page
    assert "Nobody is known to be in it" in page
