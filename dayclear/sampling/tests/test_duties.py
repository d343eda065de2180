"""Routine tests: frequencies of the pack, due and overdue, closed by the swab."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from dayclear.foundation.actors import Actor
from dayclear.foundation.decisions import Refused
from dayclear.foundation.scope import acting
from dayclear.sampling.commands import end_duty, enter_duties
from dayclear.sampling.commands.duties import close_duties
from dayclear.sampling.commands.retention import drop_past_days, make_days_ahead
from dayclear.sampling.models import Swab, TestDuty, Tube
from dayclear.sampling.rules.schedule import gap_days, next_due
from dayclear.sampling.tests.acts import SYSTEM, people, phone, tokens

# The ninth edition is in force: class 1 daily, class 2 twice a week (policy reference, C13).
NOW = datetime(2022, 8, 10, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("times", "per", "days"),
    [
        pytest.param(1, "day", 1, id="daily"),
        pytest.param(2, "week", 3, id="twice a week"),
        pytest.param(1, "week", 7, id="weekly"),
        pytest.param(2, "day", 1, id="twice a day is a day here"),
    ],
)
def test_the_gap_between_two_swabs(times: int, per: str, days: int) -> None:
    assert gap_days(times, per) == days


def test_the_first_swab_is_due_at_once() -> None:
    assert next_due(None, starts_on=date(2022, 8, 10), times=2, per="week") == date(2022, 8, 10)
    assert next_due(date(2022, 8, 1), starts_on=date(2022, 8, 10), times=2, per="week") == date(2022, 8, 10)
    assert next_due(date(2022, 8, 10), starts_on=date(2022, 8, 10), times=2, per="week") == date(2022, 8, 13)


def enter(people: list[int], by: Actor, group: str = "class2", *, days: int = 30) -> int:
    ends_on = NOW.date() + timedelta(days=days)
    return enter_duties(people, disease="covid-19", group=group, post="courier", ends_on=ends_on, by=by, now=NOW)


def test_a_swab_closes_what_was_due(county_officer: Actor) -> None:
    with acting(county_officer):
        device, who = phone(NOW), people(2, NOW)
        assert (enter(who, county_officer), enter(who, county_officer)) == (2, 0)
    device.send(device.batch(NOW, [device.tube(NOW, tokens(who[:1]))]), NOW)
    with acting(SYSTEM):
        assert close_duties(by=SYSTEM, now=NOW) == 1
        assert close_duties(by=SYSTEM, now=NOW) == 0
    with acting(county_officer):
        assert dict(TestDuty.objects.values_list("person_id", "due_on")) == {
            who[0]: date(2022, 8, 13),
            who[1]: date(2022, 8, 10),
        }


@pytest.mark.parametrize(
    ("group", "days", "code"),
    [
        pytest.param("class9", 30, "group_not_in_pack", id="a group the pack does not test"),
        pytest.param("class1", -1, "duty_end_bad", id="an end that has passed"),
        pytest.param("class1", 367, "duty_end_bad", id="an end too far away"),
    ],
)
def test_who_is_not_entered(county_officer: Actor, group: str, days: int, code: str) -> None:
    with acting(county_officer):
        who = people(1, NOW)
        with pytest.raises(Refused, match=code):
            enter(who, county_officer, group, days=days)
        assert not TestDuty.objects.exists()


def test_an_entry_ends_by_itself_and_by_hand(county_officer: Actor) -> None:
    with acting(county_officer):
        who = people(2, NOW)
        enter(who, county_officer, days=1)
        end_duty(TestDuty.objects.earliest("pk").pk, by=county_officer, now=NOW)
    with acting(SYSTEM):
        close_duties(by=SYSTEM, now=NOW + timedelta(days=2))
        assert not TestDuty.objects.filter(ended_on=None).exists()


def test_swabs_whose_time_is_over_go_with_their_day(county_officer: Actor, now: datetime) -> None:
    device, who = phone(now), people(1, now)
    device.send(device.batch(now, [device.tube(now, tokens(who))]), now)
    with acting(SYSTEM):
        make_days_ahead(by=SYSTEM, now=now)
        assert drop_past_days(by=SYSTEM, now=now + timedelta(days=30)) == 0
        assert Swab.objects.count() == 1
        assert drop_past_days(by=SYSTEM, now=now + timedelta(days=31)) == 1
        assert (Swab.objects.count(), Tube.objects.count()) == (0, 0)
