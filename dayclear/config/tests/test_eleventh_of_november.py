"""The eleventh of November 2022: orders, areas and mass-test duties of one prefecture under the ninth edition, and
`dayclear policy dry-run`, `apply` and `undo` as somebody types them on the day."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from importlib.resources import files
from typing import Any

import pytest
from click.testing import CliRunner
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from dayclear.areas.commands import MeasureOrder, impose_measure
from dayclear.areas.models import Measure, RiskArea
from dayclear.areas.tests.acts import NEXT_VILLAGE, PREFECTURE, VILLAGE, ActorMaker, at, drawn
from dayclear.cases.commands import CaseRecord, register_case
from dayclear.cases.rules import CaseDays
from dayclear.config import changeover as command
from dayclear.foundation import clock
from dayclear.foundation.actors import Actor
from dayclear.foundation.models import Event
from dayclear.foundation.rules import Role
from dayclear.foundation.scope import acting
from dayclear.isolation import transition
from dayclear.isolation.commands import subject_of
from dayclear.isolation.jobs import answer_changeover, carry_out_changeover
from dayclear.isolation.models import Changeover, Order
from dayclear.isolation.tests.exposures import signed
from dayclear.isolation.transition import ANSWER_TASK, CHANGEOVER_TASK
from dayclear.people.commands import PersonRecord
from dayclear.policy import calendar
from dayclear.policy.calendar import policy_on
from dayclear.policy.changeover import parts
from dayclear.policy.loader import shipped

AT = "2022-11-11T12:00+08:00"
NOON, HALF_PAST = at(2022, 11, 11), at(2022, 11, 11, 12, 30)
IDLE_TOWN = 610103001 * 10**9


@dataclass
class Outbreak:
    """What stands in the prefecture when the day breaks, by what the day does to it. Shape: numbers of rows."""

    past_day_5: list[int]
    early_contacts: list[int]
    secondary: list[int]
    medium: int
    five_clear_days: int
    four_clear_days: int
    in_the_medium_area: int
    tested_with_cases: int
    tested_without: int


@pytest.fixture
def commander(monkeypatch: pytest.MonkeyPatch, make_actor: ActorMaker) -> Actor:
    """The commander of the prefecture, on the day itself: it is half past twelve."""
    monkeypatch.setattr(clock, "now", lambda: HALF_PAST)
    return make_actor("commander", Role.COMMANDER, PREFECTURE)


@pytest.fixture
def outbreak(county_officer: Actor, commander: Actor) -> Outbreak:
    now = at(2022, 11, 7)
    with acting(county_officer):
        contacts = [signed(county_officer, now, days=days, name=f"密接{days}") for days in (2, 3, 0)]
        secondary = [
            signed(county_officer, now, days=days, name=f"次密接{days}", category="secondary_contact")
            for days in (0, 1, 2)
        ]
    medium = {"level": "medium", "designation": "stayed_some_time_with_possible_transmission"}
    medium_area = drawn(county_officer, commander, now, anchored_on=date(2022, 11, 7), **medium)
    five = drawn(county_officer, commander, now, anchored_on=date(2022, 11, 5))
    four = drawn(county_officer, commander, now, anchored_on=date(2022, 11, 6), place=NEXT_VILLAGE)
    with acting(commander):
        days = CaseDays(reported_on=date(2022, 11, 6))
        case = CaseRecord(
            area=0, person_id=0, disease="covid-19", number="", days=days, classification="confirmed", under_order="no"
        )
        register_case(PersonRecord(area=VILLAGE, name="病例", sex="unknown"), case, by=commander, now=now)
        stay = {"kind": "area_measure", "code": "stay_in_area", "area_id": medium_area}
        return Outbreak(
            past_day_5=contacts[:2],
            early_contacts=contacts[2:],
            secondary=secondary,
            medium=medium_area,
            five_clear_days=five,
            four_clear_days=four,
            in_the_medium_area=_imposed(commander, now, VILLAGE, "the medium-risk area", **stay),
            tested_with_cases=_imposed(commander, now, VILLAGE, "everybody", kind="mass_test_round"),
            tested_without=_imposed(commander, now, IDLE_TOWN, "everybody", kind="mass_test_round"),
        )


def _imposed(by: Actor, now: datetime, place: int, scope: str, **said: Any) -> int:
    ends = now + timedelta(days=9)
    basis = "prefecture order"
    order = MeasureOrder(
        place, "covid-19", scope=scope, basis=basis, starts_at=now, ends_at=ends, review_on=date(2022, 11, 12), **said
    )
    return impose_measure(order, by=by, now=now)


def dayclear(monkeypatch: pytest.MonkeyPatch, *words: str) -> dict[tuple[str, bool], int]:
    """What `dayclear policy …` answers: how many of each kind, by whether they need a person.

    The command line opens the installation for itself; here it is open already.
    """

    @contextmanager
    def open_already() -> Iterator[None]:
        yield

    monkeypatch.setattr(command, "installation", open_already)
    done = CliRunner().invoke(command.policy, [*words, "--at", AT, "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    effects = json.loads(done.stdout)["effects"]
    return {(each["kind"], each["needs_human"]): each["count"] for each in effects}


def lists(by: Actor) -> dict[str, set[int]]:
    """The list behind each number, as the page of a changeover shows it."""
    before, after = (policy_on(day, PREFECTURE, "covid-19") for day in (date(2022, 11, 10), date(2022, 11, 11)))
    with acting(by):
        return {
            kind: {row.key for row in part.listed(before, after, NOON, kind, by, 0)}
            for part in parts().values()
            for kind in part.kinds
        }


def test_the_eleventh_of_november(
    monkeypatch: pytest.MonkeyPatch, county_officer: Actor, commander: Actor, outbreak: Outbreak
) -> None:
    foretold = dayclear(monkeypatch, "dry-run", "cn-covid-9e+20")
    assert foretold == {
        ("order.released", False): 3,
        ("order.converted", False): 0,
        ("order.converted", True): 2,
        ("order.mode_changed", False): 0,
        ("order.shortened", False): 1,
        ("room.freed", False): 3,
        ("test.no_longer_due", False): 7,
        ("area.cancelled", False): 1,
        ("area.lowered", False): 1,
        ("measure.ended", False): 1,
        ("duty.stopped", False): 1,
    }
    behind = lists(commander)
    assert behind == {
        **{kind: set() for kind in behind},
        "order.released": set(outbreak.secondary),
        "order.converted": set(outbreak.past_day_5),
        "order.shortened": set(outbreak.early_contacts),
        "area.cancelled": {outbreak.medium},
        "area.lowered": {outbreak.five_clear_days},
        "measure.ended": {outbreak.in_the_medium_area},
        "duty.stopped": {outbreak.tested_without},
    }
    with acting(commander):
        assert not Event.objects.filter(kind__endswith="changed_over").exists(), "a dry run writes nothing"

    done = dayclear(monkeypatch, "apply", "cn-covid-9e+20", "--as", "commander")
    assert done == {kind: foretold[kind] for kind in done}
    assert {kind for kind in foretold if kind not in done} == {("room.freed", False), ("test.no_longer_due", False)}
    _everything_is_as_the_twenty_say(county_officer, commander, outbreak)
    assert not any(lists(commander).values()), "nothing is left to change"

    undone = dayclear(monkeypatch, "undo", "cn-covid-9e+20", "--as", "commander")
    # The Twenty rule: they hold nobody for longer, and know no medium risk.
    assert undone == {
        ("order.proposed_anew", True): 0,
        ("area.restored", False): 1,
        ("area.not_restored", True): 1,
    }
    with acting(commander):
        assert RiskArea.objects.get(pk=outbreak.five_clear_days).level == "high"
        assert set(Order.objects.filter(state="signed").values_list("pk", flat=True)) == {
            *outbreak.past_day_5,
            *outbreak.early_contacts,
        }


def _everything_is_as_the_twenty_say(county_officer: Actor, commander: Actor, outbreak: Outbreak) -> None:
    today = date(2022, 11, 11)
    with acting(county_officer):
        for pk in outbreak.past_day_5:
            order = Order.objects.get(pk=pk)
            now_spent = order.phases.get(starts_on__lte=today, ends_on__gte=today)
            assert (order.state, now_spent.mode, order.to_confirm) == ("signed", "home_quarantine", True)
            assert order.ends_on == order.anchor_on + timedelta(days=8)
        for pk in outbreak.early_contacts:
            order = Order.objects.get(pk=pk)
            now_spent = order.phases.get(starts_on__lte=today, ends_on__gte=today)
            assert (now_spent.mode, order.ends_on) == ("centralised", order.anchor_on + timedelta(days=8))
        for pk in outbreak.secondary:
            assert (Order.objects.get(pk=pk).state, Order.objects.get(pk=pk).end_cause) == ("ended", "policy_change")
        touched = {*outbreak.past_day_5, *outbreak.early_contacts, *outbreak.secondary}
        told = Event.objects.filter(kind="isolation.order_changed_over").values_list("subject", flat=True)
        assert sorted(told) == sorted(subject_of(pk) for pk in touched)
    with acting(commander):
        areas = {row.pk: (row.state, row.level) for row in RiskArea.objects.all()}
        assert areas == {
            outbreak.medium: ("ended", ""),
            outbreak.five_clear_days: ("in_force", "low"),
            outbreak.four_clear_days: ("in_force", "high"),
        }
        ended = set(Measure.objects.exclude(ended_at=None).values_list("pk", flat=True))
        assert ended == {outbreak.in_the_medium_area, outbreak.tested_without}


PAGE = "/orders/changeover"
SAID = {"pack": "cn-covid-9e+20", "at": "2022-11-11T12:00"}


def work(task: Callable[..., object], name: str) -> None:
    """Do the one job of a kind that waits, as the worker does."""
    job = ProcrastinateJob.objects.get(task_name=name, status="todo")
    task(**job.args)


def test_the_same_day_from_the_pages_rehearsed_signed_and_answered(
    client_of: Callable[[Actor], Client], county_officer: Actor, commander: Actor, outbreak: Outbreak
) -> None:
    client = client_of(commander)
    rehearsal = client.get(PAGE, {**SAID, "kind": "area.lowered"}).content.decode()
    assert "<b>10</b> open orders, areas and measures change" in rehearsal
    assert f"/areas/{outbreak.five_clear_days}" in rehearsal
    assert client.post(f"{PAGE}/apply", {**SAID, "number": "9"}).status_code == 409
    course = client.post(f"{PAGE}/apply", {**SAID, "number": "10", "key": "apply"})["Location"]
    assert "Under way" in client.get(course).content.decode()
    early = client.post(f"{course}/undo", {"number": "10"})
    assert (early.status_code, "changeover_not_done" in early.content.decode()) == (409, True)
    work(carry_out_changeover, CHANGEOVER_TASK)
    _everything_is_as_the_twenty_say(county_officer, commander, outbreak)
    assert "Type 10 to answer it" in client.get(course).content.decode()

    assert client.post(f"{course}/undo", {"number": "6"}).status_code == 409
    for _double_click in range(2):
        assert client.post(f"{course}/undo", {"number": "10", "key": "undo"}).status_code == 302
    work(answer_changeover, ANSWER_TASK)
    work(answer_changeover, ANSWER_TASK)
    answered = client.get(course).content.decode()
    assert "Answered" in answered
    assert "0 orders are proposed anew" in answered
    assert "Type 10" not in answered
    again = client.post(f"{course}/undo", {"number": "10", "key": "again"})
    assert (again.status_code, "changeover_undone" in again.content.decode()) == (409, True)
    with acting(commander):
        assert RiskArea.objects.get(pk=outbreak.five_clear_days).level == "high"
        assert Changeover.objects.filter(undoes__isnull=False).count() == 1


def test_an_answer_where_the_ninth_edition_rules_again_proposes_whom_it_holds(
    client_of: Callable[[Actor], Client], monkeypatch: pytest.MonkeyPatch, commander: Actor, outbreak: Outbreak
) -> None:
    client = client_of(commander)
    course = client.post(f"{PAGE}/apply", {**SAID, "number": "10", "key": "apply"})["Location"]
    work(carry_out_changeover, CHANGEOVER_TASK)
    # The text turns out to take effect four days later: its first day is corrected, and the ninth edition rules on.
    text = (files("dayclear.policy") / "packs" / "cn-covid-9e+20.yaml").read_text("utf-8")
    corrected, _ = shipped().with_text(text.replace("  from: 2022-11-11", "  from: 2022-11-15"), "corrected.yaml")
    for module in (calendar, transition):
        monkeypatch.setattr(module, "shipped", lambda: corrected)
    client.post(f"{course}/undo", {"number": "10", "key": "undo"})
    work(answer_changeover, ANSWER_TASK)
    with acting(commander):
        waiting = Order.objects.filter(state="proposed")
        assert set(waiting.values_list("category", flat=True)) == {"close_contact", "secondary_contact"}
        # Held for longer by the earlier rules, each; and none of them is before somebody signs.
        assert waiting.count() == 6
        assert not Order.objects.filter(state="signed", category="secondary_contact").exists()
        assert RiskArea.objects.get(pk=outbreak.medium).state == "in_force"
    assert "<b>6</b> proposals wait" in client.get("/orders/proposals").content.decode()
    assert "6 orders are proposed anew" in client.get(course).content.decode()
