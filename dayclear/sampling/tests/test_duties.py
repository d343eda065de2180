"""Routine tests: frequencies of the pack, due and overdue, closed by the swab."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client

from dayclear.foundation import clock
from dayclear.foundation.actors import Actor
from dayclear.foundation.clock import local_day
from dayclear.foundation.decisions import Refused
from dayclear.foundation.scope import acting
from dayclear.people.commands import PersonRecord, register_people
from dayclear.people.queries import known_by_number
from dayclear.sampling.commands import end_duty, enter_duties
from dayclear.sampling.commands.duties import close_duties
from dayclear.sampling.commands.retention import drop_past_days, make_days_ahead
from dayclear.sampling.models import Swab, TestDuty, Tube
from dayclear.sampling.rules.schedule import gap_days, next_due
from dayclear.sampling.tests.acts import SYSTEM, VILLAGE, people, phone, tokens

# The ninth edition is in force: class 1 daily, class 2 twice a week (policy reference, C13).
NOW = datetime(2022, 8, 10, 4, tzinfo=UTC)
OTHER_VILLAGE = 610113002001 * 10**6


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


def test_a_group_that_no_rule_asks_any_more_owes_nothing(county_officer: Actor) -> None:
    """From 8 January 2023 no pack tests anybody by routine: nobody stays overdue, swabbed since or not."""
    with acting(county_officer):
        enter(people(2, NOW), county_officer, days=200)
    after = datetime(2023, 1, 9, 4, tzinfo=UTC)
    with acting(SYSTEM):
        close_duties(by=SYSTEM, now=after - timedelta(days=2))
        assert TestDuty.objects.filter(ended_on=None).count() == 2
        close_duties(by=SYSTEM, now=after)
        assert set(TestDuty.objects.values_list("ended_on", flat=True)) == {after.date()}


@pytest.mark.parametrize(
    "last",
    [
        pytest.param(None, id="never swabbed"),
        pytest.param(date(2022, 8, 1), id="swabbed before the entry"),
        pytest.param(date(2022, 8, 10), id="on its first day"),
        pytest.param(date(2022, 8, 14), id="later"),
    ],
)
def test_another_rhythm_moves_the_days_as_the_rule_says(county_officer: Actor, last: date | None) -> None:
    with acting(county_officer):
        enter(people(1, NOW), county_officer)
        # As an earlier pack had it.
        TestDuty.objects.update(last_swab_on=last, due_on=date(2022, 8, 30))
    with acting(SYSTEM):
        close_duties(by=SYSTEM, now=NOW + timedelta(days=5))
        duty = TestDuty.objects.get()
        assert duty.due_on == next_due(last, starts_on=duty.starts_on, times=2, per="week")


def test_people_are_entered_by_identity_number_or_record(
    county_officer: Actor, client_of: Callable[[Actor], Client]
) -> None:
    now, number = clock.now(), "11010519491231002X"
    with acting(SYSTEM):
        record = PersonRecord(area=VILLAGE, name="Person 9", id_number=number)
        (known,) = register_people([record], by=SYSTEM, now=now, batch="people.batch:typed")
    client = client_of(county_officer)
    form = {"key": "k", "group": "class1", "ends_on": f"{local_day(now):%Y-%m-%d}"}
    strange = client.post("/sampling/routine/enter", {**form, "people": f"{number}\n440524188001010014\nDC1"})
    assert strange.status_code == 409
    text = strange.content.decode()
    assert "these lines: 2, 3." in text
    assert "440524188001010014" not in text
    with acting(county_officer):
        assert known_by_number(county_officer, [number, "440524188001010014"]) == {number: known}


def test_the_list_is_narrowed_with_its_figures_and_the_person_s_page_tells_the_day(
    county_officer: Actor, client_of: Callable[[Actor], Client]
) -> None:
    with acting(county_officer):
        here, there = people(1, NOW), people(2, NOW, area=OTHER_VILLAGE)
        enter([*here, *there], county_officer)
    client = client_of(county_officer)
    assert "3 people are overdue." in client.get("/sampling/routine/").content.decode()
    assert "1 person is overdue." in client.get(f"/sampling/routine/?place={VILLAGE}").content.decode()
    assert "0 people are due today." in client.get("/sampling/routine/?disease=measles").content.decode()
    assert "next due on" in client.get(f"/people/{here[0]}").content.decode()


def test_swabs_whose_time_is_over_go_with_their_day(county_officer: Actor, now: datetime) -> None:
    device, who = phone(now), people(1, now)
    device.send(device.batch(now, [device.tube(now, tokens(who))]), now)
    with acting(SYSTEM):
        make_days_ahead(by=SYSTEM, now=now)
        assert drop_past_days(by=SYSTEM, now=now + timedelta(days=30)) == 0
        assert Swab.objects.count() == 1
        assert drop_past_days(by=SYSTEM, now=now + timedelta(days=31)) == 1
        assert (Swab.objects.count(), Tube.objects.count()) == (0, 0)
