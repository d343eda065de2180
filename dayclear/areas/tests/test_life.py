"""The life of an area on the real database: proposed, decided, published, restarted, stepped down, refused."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from dayclear.areas.commands import (
    ASSESSMENT,
    STEP,
    AreaChange,
    Member,
    approve_area,
    change_area,
    decide_infection,
    decline_area,
    overrule_area,
    propose_area,
    propose_steps,
    publish_area,
    record_infection,
    record_round,
    refresh_clocks,
    step_down,
    subject_of,
    void_areas_below_level,
)
from dayclear.areas.jobs import void_what_nobody_could_decide
from dayclear.areas.models import AreaEpisode, AreaNotice, RiskArea
from dayclear.areas.tests.acts import BEIJING, COUNTY, NEXT_VILLAGE, PREFECTURE, STREET, VILLAGE, at, drawn, proposal
from dayclear.foundation import clock
from dayclear.foundation.actors import Actor, system
from dayclear.foundation.deadlines import open_deadlines, sweep
from dayclear.foundation.decisions import Refused
from dayclear.foundation.events import last_number
from dayclear.foundation.models import Deadline, Event
from dayclear.foundation.rules import Role
from dayclear.foundation.scope import acting
from dayclear.foundation.tasks import describe

MakeActor = Callable[[str, Role, int], Actor]


@pytest.fixture
def commander(make_actor: MakeActor) -> Actor:
    """The commander of the prefecture: the level at which areas are decided on."""
    return make_actor("prefecture-commander", Role.COMMANDER, PREFECTURE)


def area_now(area: int) -> RiskArea:
    with acting(system("tests")):
        return RiskArea.objects.get(pk=area)


def test_a_proposal_restricts_nobody_and_an_approval_neither_until_it_is_published(
    county_officer: Actor, commander: Actor
) -> None:
    now = at(2022, 11, 15)
    with acting(county_officer):
        area = propose_area(proposal(), by=county_officer, now=now)
        assert not AreaEpisode.objects.exists()
    with acting(commander):
        approve_area(area, by=commander, now=now)
        assert not AreaEpisode.objects.exists()
        publish_area(area, by=commander, now=now)
        assert AreaEpisode.objects.get().level == "high"
    assert area_now(area).state == "in_force"


def test_R35_what_is_published_says_what_why_by_whom_and_until_when_in_both_languages(
    county_officer: Actor, commander: Actor
) -> None:
    drawn(county_officer, commander, at(2022, 11, 15))
    with acting(commander):
        notice = AreaNotice.objects.get()
    assert notice.version == 1
    for said in ("3号楼", "two infected households", "prefecture-commander", "cn-covid-9e+20@"):
        assert said in notice.text_en
    assert "19 November 2022" in notice.text_en
    for said in ("3号楼", "高风险区", "2022年11月19日"):
        assert said in notice.text_zh


def test_R34_a_decider_below_the_pack_s_level_is_refused(
    county_officer: Actor, commander: Actor, make_actor: MakeActor
) -> None:
    county_commander = make_actor("county-commander", Role.COMMANDER, COUNTY)
    now = at(2022, 11, 23)
    with acting(county_officer):
        area = propose_area(proposal(anchored_on=date(2022, 11, 22)), by=county_officer, now=now)
    with acting(county_commander), pytest.raises(Refused, match="decider_below_level"):
        approve_area(area, by=county_commander, now=now)
    assert area_now(area).state == "proposed"


def test_R34_an_area_decided_below_the_level_of_the_pack_in_force_is_found_void(
    county_officer: Actor, make_actor: MakeActor
) -> None:
    county_commander = make_actor("county-commander", Role.COMMANDER, COUNTY)
    area = drawn(county_officer, county_commander, at(2022, 11, 20), anchored_on=date(2022, 11, 19))
    sweeper = system("tests")
    with acting(sweeper):
        assert void_areas_below_level(by=sweeper, now=at(2022, 11, 20, 23)) == []
        assert void_areas_below_level(by=sweeper, now=at(2022, 11, 21, 0)) == [area]
        assert not AreaEpisode.objects.filter(to_at=None).exists()
    assert (area_now(area).state, area_now(area).level) == ("void", "")


def test_R34_the_night_finds_void_what_the_pack_of_the_new_day_lets_nobody_there_decide(
    monkeypatch: pytest.MonkeyPatch, county_officer: Actor, commander: Actor, make_actor: MakeActor
) -> None:
    county_commander = make_actor("county-commander", Role.COMMANDER, COUNTY)
    below = drawn(county_officer, county_commander, at(2022, 11, 20), anchored_on=date(2022, 11, 19))
    lawful = drawn(county_officer, commander, at(2022, 11, 20), anchored_on=date(2022, 11, 19), place=NEXT_VILLAGE)
    monkeypatch.setattr(clock, "now", lambda: at(2022, 11, 21, 0, 5))
    for _night in range(2):
        void_what_nobody_could_decide(0)
    assert [(area_now(each).state, area_now(each).end_cause) for each in (below, lawful)] == [
        ("void", "decider_below_level"),
        ("in_force", ""),
    ]
    with acting(system("tests")):
        assert Event.objects.filter(kind="areas.area_void").count() == 1


def test_R34_a_higher_refusal_lifts_at_once(county_officer: Actor, commander: Actor, province_commander: Actor) -> None:
    area = drawn(county_officer, commander, at(2022, 11, 15))
    with acting(commander), pytest.raises(Refused, match="not_above_decider"):
        overrule_area(area, reason="too wide", by=commander, now=at(2022, 11, 16))
    with acting(province_commander):
        overrule_area(area, reason="no transmission", by=province_commander, now=at(2022, 11, 16))
    assert (area_now(area).state, area_now(area).end_cause) == ("ended", "overruled")


def test_whoever_proposes_does_not_approve(commander: Actor) -> None:
    with acting(commander):
        area = propose_area(proposal(), by=commander, now=at(2022, 11, 15))
        with pytest.raises(Refused, match="own_proposal"):
            approve_area(area, by=commander, now=at(2022, 11, 15))


def test_an_officer_proposes_and_does_not_decide(county_officer: Actor, village_worker: Actor) -> None:
    with acting(county_officer):
        area = propose_area(proposal(), by=county_officer, now=at(2022, 11, 15))
        with pytest.raises(Refused, match="right_missing"):
            approve_area(area, by=county_officer, now=at(2022, 11, 15))
    with acting(village_worker), pytest.raises(Refused, match="right_missing"):
        propose_area(proposal(), by=village_worker, now=at(2022, 11, 15))


@pytest.mark.parametrize(
    ("said", "code"),
    [
        pytest.param({"place": 610302001001 * 10**6}, "outside_area", id="another county's village"),
        pytest.param({"members": (Member(place=NEXT_VILLAGE),)}, "members_outside", id="a member next door"),
        pytest.param({"unit": "compound"}, "OG-10", id="OG-10 larger than the pack's unit"),
        pytest.param({"anchored_on": None}, "anchor_missing", id="no day of infection"),
    ],
)
def test_a_proposal_that_may_not_stand_is_refused_and_nothing_is_written(
    county_officer: Actor, said: dict[str, object], code: str
) -> None:
    with acting(county_officer):
        with pytest.raises(Refused, match=code):
            propose_area(proposal(**said), by=county_officer, now=at(2022, 11, 15))
        assert not RiskArea.objects.exists()


@pytest.mark.parametrize(
    "place", [pytest.param(61 * 10**16, id="a province"), pytest.param(PREFECTURE, id="a prefecture with counties")]
)
def test_no_area_lies_in_several_counties(province_commander: Actor, place: int) -> None:
    with acting(province_commander), pytest.raises(Refused, match="area_too_wide"):
        propose_area(proposal(place=place), by=province_commander, now=at(2022, 11, 15))


def test_a_decision_on_an_old_view_is_refused(county_officer: Actor, commander: Actor) -> None:
    now = at(2022, 11, 15)
    with acting(county_officer):
        area = propose_area(proposal(), by=county_officer, now=now)
        seen = last_number(subject_of(area))
    with acting(commander):
        approve_area(area, by=commander, now=now, seen=seen)
        with pytest.raises(Refused, match="changed_meanwhile"):
            decline_area(area, reason="no", by=commander, now=now, seen=seen)


def test_the_step_is_proposed_the_minute_both_conditions_hold_and_the_minutes_until_it_is_signed_are_counted(
    county_officer: Actor, commander: Actor
) -> None:
    area = drawn(county_officer, commander, at(2022, 11, 15))
    sweeper, due = system("tests"), at(2022, 11, 20, 0)
    with acting(county_officer):
        record_round(area, date(2022, 11, 19), due=40, tested=40, positive=0, by=county_officer, now=at(2022, 11, 19))
    with acting(sweeper):
        assert propose_steps(by=sweeper, now=due - timedelta(minutes=1)) == 0
        assert propose_steps(by=sweeper, now=due) == 1
        assert propose_steps(by=sweeper, now=due + timedelta(minutes=1)) == 0
    with acting(commander):
        assert step_down(area, by=commander, now=due + timedelta(minutes=90)) == 90
        assert AreaEpisode.objects.get(level="high").over_minutes == 90
    # The only area of the county: with it the low risk around it ends too.
    assert (area_now(area).state, area_now(area).end_cause) == ("ended", "all_higher_lifted")


def test_DC5_without_the_round_of_the_last_day_nobody_steps_down(county_officer: Actor, commander: Actor) -> None:
    area = drawn(county_officer, commander, at(2022, 11, 15))
    with acting(county_officer):
        record_round(area, date(2022, 11, 18), due=40, tested=40, positive=0, by=county_officer, now=at(2022, 11, 18))
    with acting(commander), pytest.raises(Refused, match="round_missing"):
        step_down(area, by=commander, now=at(2022, 11, 21))


def test_the_clock_is_a_task_of_the_prefecture_from_the_first_day(county_officer: Actor, commander: Actor) -> None:
    area = drawn(county_officer, commander, at(2022, 11, 15))
    with acting(commander):
        task = open_deadlines(commander).get(kind=STEP)
    assert task.due_at == at(2022, 11, 20, 0)
    assert task.accountable == PREFECTURE
    assert task.subject == subject_of(area)


def test_9e_goes_from_high_to_medium_to_low_and_a_late_signature_does_not_put_off_the_second_step(
    county_officer: Actor, commander: Actor
) -> None:
    area = drawn(county_officer, commander, at(2022, 7, 2), anchored_on=date(2022, 7, 1), unit="compound")
    with acting(county_officer):
        record_round(area, date(2022, 7, 8), due=9, tested=9, positive=0, by=county_officer, now=at(2022, 7, 8))
    with acting(commander):
        step_down(area, by=commander, now=at(2022, 7, 10))
        row = RiskArea.objects.get(pk=area)
        assert (row.level, row.stepped_on) == ("medium", date(2022, 7, 8))
        assert row.eligible_at == at(2022, 7, 12, 0)
        step_down(area, by=commander, now=at(2022, 7, 12, 0))
    assert area_now(area).state == "ended"


def test_DC6_a_new_infection_restarts_the_clock_by_decision_only(county_officer: Actor, commander: Actor) -> None:
    area = drawn(county_officer, commander, at(2022, 11, 23), anchored_on=date(2022, 11, 22))
    before = area_now(area).earliest_at
    with acting(county_officer):
        infection = record_infection(area, date(2022, 11, 25), by=county_officer, now=at(2022, 11, 25))
        assert infection is not None
    assert area_now(area).earliest_at == before
    with acting(commander):
        decide_infection(infection, counts=True, by=commander, now=at(2022, 11, 25, 15))
    assert area_now(area).earliest_at == at(2022, 12, 1, 0)
    with acting(commander):
        assert Event.objects.get(kind="areas.infection_decided").payload["counts"] is True
        with pytest.raises(Refused, match="infection_decided"):
            decide_infection(infection, counts=True, by=commander, now=at(2022, 11, 25, 16))


def test_DC6_an_infection_of_the_five_kinds_leaves_the_clock_alone(county_officer: Actor, commander: Actor) -> None:
    area = drawn(county_officer, commander, at(2022, 11, 23), anchored_on=date(2022, 11, 22))
    before = area_now(area).earliest_at
    with acting(county_officer):
        infection = record_infection(area, date(2022, 11, 25), by=county_officer, now=at(2022, 11, 25))
    assert infection is not None
    kind = "in_home_quarantine_no_outside_risk"
    with acting(commander):
        decide_infection(infection, counts=False, kind=kind, assessment="seen", by=commander, now=at(2022, 11, 25))
    assert area_now(area).earliest_at == before


def test_DC6_the_clock_may_restart_for_a_part_only_and_the_rest_keeps_its_days(
    county_officer: Actor, commander: Actor
) -> None:
    members = (Member(text="1号楼"), Member(text="2号楼"))
    area = drawn(county_officer, commander, at(2022, 11, 15), members=members)
    with acting(county_officer):
        infection = record_infection(area, date(2022, 11, 18), by=county_officer, now=at(2022, 11, 18))
    assert infection is not None
    with acting(commander):
        part = RiskArea.objects.get(pk=area).members.get(text="2号楼").pk
        cut = decide_infection(infection, counts=True, part=[part], by=commander, now=at(2022, 11, 18))
    assert cut != area
    assert area_now(area).earliest_at == at(2022, 11, 20, 0)
    assert area_now(cut).earliest_at == at(2022, 11, 24, 0)
    with acting(commander):
        assert [m.text for m in RiskArea.objects.get(pk=cut).members.all()] == ["2号楼"]
        assert AreaEpisode.objects.filter(to_at=None).count() == 2


def test_an_area_is_raised_by_a_decision_with_a_new_notice_and_never_lowered_that_way(
    county_officer: Actor, commander: Actor
) -> None:
    area = drawn(
        county_officer,
        commander,
        at(2022, 7, 2),
        anchored_on=date(2022, 7, 1),
        level="medium",
        designation="stayed_some_time_with_possible_transmission",
    )
    rise = AreaChange(ground="a second case", level="high", designation="residence_of_infected")
    with acting(commander):
        change_area(area, rise, by=commander, now=at(2022, 7, 3))
        assert AreaNotice.objects.order_by("version").values_list("version", flat=True).last() == 2
        fall = AreaChange(ground="x", level="medium", designation="stayed_some_time_with_possible_transmission")
        with pytest.raises(Refused, match="not_a_rise"):
            change_area(area, fall, by=commander, now=at(2022, 7, 4))


def test_a_new_pack_moves_the_clock_of_an_open_area(county_officer: Actor, commander: Actor) -> None:
    area = drawn(county_officer, commander, at(2022, 11, 10), anchored_on=date(2022, 11, 9))
    assert area_now(area).earliest_at == at(2022, 11, 17, 0)
    sweeper = system("tests")
    with acting(sweeper):
        assert refresh_clocks(by=sweeper, now=at(2022, 11, 11, 0, 1)) == 1
        assert refresh_clocks(by=sweeper, now=at(2022, 11, 11, 0, 2)) == 0
    assert area_now(area).earliest_at == at(2022, 11, 15, 0)


def test_a_clock_that_moves_is_neither_met_nor_escalated_any_more(county_officer: Actor, commander: Actor) -> None:
    area = drawn(county_officer, commander, at(2022, 11, 10), anchored_on=date(2022, 11, 9))
    sweeper = system("tests")
    assert sweep(now=at(2022, 11, 17, 1)) == 1
    with acting(county_officer):
        infection = record_infection(area, date(2022, 11, 17), by=county_officer, now=at(2022, 11, 17, 2))
    with acting(commander):
        decide_infection(infection or 0, counts=True, by=commander, now=at(2022, 11, 17, 3))
    with acting(sweeper):
        (clock,) = Deadline.objects.filter(kind=STEP)
    assert (clock.due_at, clock.met_at, clock.escalated_at) == (area_now(area).earliest_at, None, None)


def test_each_infection_has_its_own_time_for_the_decision(county_officer: Actor, commander: Actor) -> None:
    area = drawn(county_officer, commander, at(2022, 11, 15))
    with acting(county_officer):
        first = record_infection(area, date(2022, 11, 16), by=county_officer, now=at(2022, 11, 16))
        record_infection(area, date(2022, 11, 17), by=county_officer, now=at(2022, 11, 17))
        record_infection(area, date(2022, 11, 17), by=county_officer, now=at(2022, 11, 17, 18))
    with acting(commander):
        decide_infection(first or 0, counts=True, by=commander, now=at(2022, 11, 17))
        waiting = open_deadlines(commander).filter(kind=ASSESSMENT)
        assert [clock.due_at for clock in waiting] == [at(2022, 11, 18), at(2022, 11, 18, 18)]
        assert describe(waiting[0]).href == reverse("areas:area", args=[area])
        overrule_area(area, reason="too wide", by=system("tests"), now=at(2022, 11, 18))
        assert not waiting.all().exists()


def test_the_low_risk_area_of_a_county_ends_with_its_last_higher_one(county_officer: Actor, commander: Actor) -> None:
    first = drawn(county_officer, commander, at(2022, 11, 15))
    second = drawn(county_officer, commander, at(2022, 11, 15), place=NEXT_VILLAGE, anchored_on=date(2022, 11, 15))
    for area, day in ((first, 19), (second, 20)):
        with acting(county_officer):
            on = date(2022, 11, day)
            record_round(area, on, due=5, tested=5, positive=0, by=county_officer, now=at(2022, 11, day))
    with acting(commander):
        step_down(first, by=commander, now=at(2022, 11, 20))
    assert (area_now(first).state, area_now(first).level) == ("in_force", "low")
    with acting(commander):
        step_down(second, by=commander, now=at(2022, 11, 21))
    assert {area_now(first).state, area_now(second).state} == {"ended"}


def test_the_database_allows_one_open_episode_an_area(county_officer: Actor, commander: Actor) -> None:
    area = drawn(county_officer, commander, at(2022, 11, 15))
    with acting(commander), pytest.raises(IntegrityError, match="episode_open_once"), transaction.atomic():
        AreaEpisode.objects.create(
            area=VILLAGE,
            risk_area_id=area,
            level="high",
            from_at=at(2022, 11, 16),
            decided_label="x",
            decided_level=2,
            ground="x",
            policy="x",
        )


def test_another_county_does_not_see_the_area(county_officer: Actor, commander: Actor, make_actor: MakeActor) -> None:
    area = drawn(county_officer, commander, at(2022, 11, 15))
    stranger = make_actor("stranger", Role.COMMANDER, 610302 * 10**12)
    with acting(stranger):
        assert not RiskArea.objects.exists()
        with pytest.raises(Refused, match="not_found"):
            step_down(area, by=stranger, now=at(2022, 11, 21))


@pytest.mark.usefixtures("committed")
def test_two_officers_approve_at_once_and_one_decision_stands() -> None:
    """Fifty rounds with real connections: always one approval, one refusal, one event."""
    everywhere = [system("first"), system("second")]
    with acting(everywhere[0]):
        ids = [propose_area(proposal(name=str(n)), by=everywhere[0], now=at(2022, 11, 15)) for n in range(50)]
    outcomes: list[str] = []

    def approve(actor: Actor, area: int, gate: threading.Barrier) -> None:
        try:
            gate.wait()
            with acting(actor):
                approve_area(area, by=actor, now=at(2022, 11, 15))
            outcomes.append("approved")
        except Refused as refusal:
            outcomes.extend(refusal.decision.codes)
        finally:
            connection.close()

    for area in ids:
        gate = threading.Barrier(2)
        threads = [threading.Thread(target=approve, args=(actor, area, gate)) for actor in everywhere]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert outcomes.count("approved") == outcomes.count("area_state") == 50
    with acting(everywhere[0]):
        assert Event.objects.filter(kind="areas.area_approved").count() == 50


@pytest.mark.usefixtures("committed")
def test_two_areas_of_one_county_are_lifted_at_once_and_neither_waits_for_the_other_in_a_ring() -> None:
    everywhere = [system("first"), system("second")]
    lifted: list[int] = []

    def lift(actor: Actor, area: int, gate: threading.Barrier) -> None:
        try:
            gate.wait(timeout=20)
            with acting(actor):
                overrule_area(area, reason="too wide", by=actor, now=at(2022, 11, 16))
            lifted.append(area)
        finally:
            connection.close()

    for _ in range(8):
        pair = [
            drawn(everywhere[0], everywhere[1], at(2022, 11, 15), place=place, name=str(place))
            for place in (VILLAGE, NEXT_VILLAGE)
        ]
        gate = threading.Barrier(2)
        threads = [
            threading.Thread(target=lift, args=(actor, area, gate))
            for actor, area in zip(everywhere, pair, strict=True)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=20)
    assert len(lifted) == 16
    with acting(everywhere[0]):
        assert set(RiskArea.objects.values_list("state", flat=True)) == {"ended"}


def test_F5_wuzhong_three_households_or_shops_in_one_town(county_officer: Actor, commander: Actor) -> None:
    now = at(2022, 11, 22)
    shops = [
        drawn(
            county_officer,
            commander,
            now,
            place=STREET,
            name=name,
            unit="household",
            anchored_on=date(2022, 11, 22),
            members=(Member(text=name),),
        )
        for name in ("一号商铺", "二号商铺", "三号住户")
    ]
    for area in shops:
        assert area_now(area).earliest_at == at(2022, 11, 28, 0)
        assert area_now(area).earliest_at.astimezone(BEIJING).date() - timedelta(days=1) == date(2022, 11, 27)  # type: ignore[union-attr]  # just asserted


def test_an_area_whose_level_the_rules_no_longer_know_is_ended_by_one_signature(
    county_officer: Actor, commander: Actor
) -> None:
    area = drawn(
        county_officer,
        commander,
        at(2022, 11, 10),
        anchored_on=date(2022, 11, 10),
        level="medium",
        designation="stayed_some_time_with_possible_transmission",
    )
    with acting(commander):
        with pytest.raises(Refused, match="days_not_clear"):
            step_down(area, by=commander, now=at(2022, 11, 10, 13))
        step_down(area, by=commander, now=at(2022, 11, 11, 9))
    assert (area_now(area).state, area_now(area).end_cause) == ("ended", "basis_gone")
