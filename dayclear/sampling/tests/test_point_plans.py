"""Plans of points: asked for a round, solved by the worker, taken over by a person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from dayclear.foundation.actors import Actor
from dayclear.foundation.decisions import Refused
from dayclear.foundation.models import Event
from dayclear.foundation.scope import acting
from dayclear.sampling.commands import (
    PointRecord,
    ask_for_plan,
    change_round,
    give_up_point,
    put_up_points,
    solve_plan,
    take_over_plan,
)
from dayclear.sampling.commands.planning import PLAN_TASK
from dayclear.sampling.models import PointPlan, RoundPoint
from dayclear.sampling.rules.planning import Aim, Community, Question
from dayclear.sampling.tests.acts import SYSTEM, VILLAGE, open_round

ClientOf = Callable[[Actor], Client]
pytestmark = pytest.mark.usefixtures("places")

NEXT_VILLAGE = 610113001002 * 10**6
FEWEST = Question(Aim.FEWEST, 1, 1_000, 6)
# One street, a community every 920 m from west to east, a possible point at each.
STREET = [Community(f"community {n}", 1_000, 34.2, 108.9 + n / 100) for n in range(6)]
LIST = "\n".join(
    ["name,people,latitude,longitude", *(f"{c.name},{c.people},{c.latitude},{c.longitude}" for c in STREET)]
)


@pytest.fixture
def round_id(now: datetime) -> int:
    return open_round(now)


@pytest.fixture
def halls(now: datetime) -> list[int]:
    """Six possible points, and one without a position."""
    spots = [
        PointRecord(VILLAGE if n < 3 else NEXT_VILLAGE, f"H{n}", f"hall {n}", "", 34.2, 108.9 + n / 100, lanes=2)
        for n in range(6)
    ]
    with acting(SYSTEM):
        return put_up_points([*spots, PointRecord(VILLAGE, "X", "somewhere")], by=SYSTEM, now=now)[:6]


def _asked(round_id: int, by: Actor, now: datetime) -> int:
    with acting(by):
        return ask_for_plan(round_id, FEWEST, STREET, by=by, now=now)


def test_a_plan_is_asked_solved_and_taken_over(
    round_id: int, halls: list[int], county_officer: Actor, now: datetime
) -> None:
    plan_id = _asked(round_id, county_officer, now)
    assert ProcrastinateJob.objects.filter(task_name=PLAN_TASK, args={"plan_id": plan_id}).count() == 1
    solve_plan(plan_id, now=now)
    with acting(county_officer):
        assert take_over_plan(plan_id, by=county_officer, now=now) == round_id
        chosen = set(RoundPoint.objects.filter(round=round_id).values_list("point_id", flat=True))
        kinds = list(Event.objects.filter(subject=f"sampling.round:{round_id}").values_list("kind", flat=True))
    assert chosen == {halls[1], halls[4]}
    assert kinds[-4:] == [
        "sampling.point_plan_asked",
        "sampling.point_plan_solved",
        "sampling.round_points_chosen",
        "sampling.point_plan_taken_over",
    ]


def test_a_plan_solved_twice_is_solved_once(
    round_id: int, halls: list[int], county_officer: Actor, now: datetime
) -> None:
    plan_id = _asked(round_id, county_officer, now)
    solve_plan(plan_id, now=now)
    solve_plan(plan_id, now=now)
    with acting(county_officer):
        assert Event.objects.filter(kind="sampling.point_plan_solved").count() == 1


def test_a_plan_that_a_killed_worker_left_half_done_is_solved_anew(
    round_id: int, halls: list[int], county_officer: Actor, now: datetime
) -> None:
    plan_id = _asked(round_id, county_officer, now)
    with acting(county_officer):
        PointPlan.objects.filter(pk=plan_id).update(state="solving", begun_at=now)
    solve_plan(plan_id, now=now)
    with acting(county_officer):
        assert PointPlan.objects.get(pk=plan_id).state == "solved"


def test_without_points_that_have_a_position_there_is_nothing_to_plan(
    round_id: int, county_officer: Actor, now: datetime
) -> None:
    with pytest.raises(Refused) as refused:
        _asked(round_id, county_officer, now)
    assert refused.value.decision.codes == ("candidates_missing",)


def test_a_closed_round_gets_no_plan(round_id: int, halls: list[int], county_officer: Actor, now: datetime) -> None:
    with acting(SYSTEM):
        change_round(round_id, "closed", by=SYSTEM, now=now)
    with pytest.raises(Refused) as refused:
        _asked(round_id, county_officer, now)
    assert refused.value.decision.codes == ("round_state",)


def test_a_plan_not_solved_yet_is_not_taken_over(
    round_id: int, halls: list[int], county_officer: Actor, now: datetime
) -> None:
    plan_id = _asked(round_id, county_officer, now)
    with acting(county_officer), pytest.raises(Refused) as refused:
        take_over_plan(plan_id, by=county_officer, now=now)
    assert refused.value.decision.codes == ("point_plan_state",)


def test_a_point_given_up_meanwhile_is_not_taken_over(
    round_id: int, halls: list[int], county_officer: Actor, now: datetime
) -> None:
    plan_id = _asked(round_id, county_officer, now)
    solve_plan(plan_id, now=now)
    with acting(county_officer):
        give_up_point(halls[1], by=county_officer, now=now)
    with acting(county_officer), pytest.raises(Refused) as refused:
        take_over_plan(plan_id, by=county_officer, now=now)
    assert refused.value.decision.codes == ("not_found",)


def test_another_places_officer_neither_asks_nor_takes_over(
    round_id: int, halls: list[int], county_officer: Actor, make_actor: Callable[..., Actor], now: datetime
) -> None:
    plan_id = _asked(round_id, county_officer, now)
    solve_plan(plan_id, now=now)
    stranger = make_actor("other-officer", county_officer.role, 610103 * 10**12)
    with acting(stranger), pytest.raises(Refused) as asked:
        ask_for_plan(round_id, FEWEST, STREET, by=stranger, now=now)
    with acting(stranger), pytest.raises(Refused) as taken:
        take_over_plan(plan_id, by=stranger, now=now)
    assert asked.value.decision.codes == taken.value.decision.codes == ("not_found",)


def _post(client: Client, round_id: int, **said: object) -> str:
    file = SimpleUploadedFile("communities.csv", LIST.encode(), content_type="text/csv")
    asked = {"aim": "fewest", "points": "1", "reach_m": "1000", "hours": "6", "communities": file, **said}
    return client.post(reverse("sampling:plan_points", args=[round_id]), asked).headers.get("Location", "")


def test_the_pages_lead_from_the_question_to_the_points(
    round_id: int, halls: list[int], county_officer: Actor, client_of: ClientOf, now: datetime
) -> None:
    client = client_of(county_officer)
    assert (
        "6 points of this place have a position"
        in client.get(
            reverse("sampling:plan_points", args=[round_id]), headers={"accept-language": "en"}
        ).content.decode()
    )
    at_the_round = client.get(reverse("sampling:round", args=[round_id])).content.decode()
    assert reverse("sampling:plan_points", args=[round_id]) in at_the_round
    address = _post(client, round_id)
    waiting = client.get(address, headers={"accept-language": "en"}).content.decode()
    assert "It waits for the worker." in waiting
    solve_plan(int(address.rsplit("/", 1)[1]), now=now)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        solved = client.get(address, headers={"accept-language": "en"}).content.decode()
    assert [text for text in ("Proven", "hall 1", "hall 4", "grows by") if text not in solved] == []
    assert "hall 2" not in solved
    assert len(queries) <= 10
    assert client.post(f"{address}/take-over").status_code == 302
    assert "Taken over" in client.get(address, headers={"accept-language": "en"}).content.decode()


@pytest.mark.parametrize(
    ("said", "text"),
    [
        pytest.param({"reach_m": "100000000"}, "100000", id="a reach around the earth"),
        pytest.param({"hours": "0"}, "0.5", id="no hours"),
        pytest.param({"points": ""}, "required", id="no number of points"),
    ],
)
def test_a_bad_question_keeps_the_form(
    round_id: int, halls: list[int], county_officer: Actor, client_of: ClientOf, said: dict[str, str], text: str
) -> None:
    file = SimpleUploadedFile("communities.csv", LIST.encode())
    asked = {"aim": "fewest", "points": "1", "reach_m": "1000", "hours": "6", "communities": file, **said}
    answer = client_of(county_officer).post(
        reverse("sampling:plan_points", args=[round_id]), asked, headers={"accept-language": "en"}
    )
    assert answer.status_code == 422
    assert text in answer.content.decode()
    with acting(county_officer):
        assert not PointPlan.objects.exists()
