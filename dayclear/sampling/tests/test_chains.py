"""From a positive tube to one positive and nine cleared: rows, events, clocks, refusals."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from dayclear.foundation.actors import Actor
from dayclear.foundation.deadlines import sweep
from dayclear.foundation.decisions import Refused
from dayclear.foundation.models import Deadline, Event
from dayclear.foundation.scope import acting
from dayclear.people.merging import merge_people
from dayclear.sampling.commands.chains import (
    assign_chain,
    assign_member,
    bind_resample,
    forget_members,
    give_up_member,
    hold_member,
    join_squad,
    locate_member,
    make_squad,
    record_attempt,
    take_back,
    tell_cleared,
)
from dayclear.sampling.commands.chains.opening import limit_at
from dayclear.sampling.commands.chains.rows import LEG_KINDS, MEMBER, TELL, WHOLE, member_subject, subject_of
from dayclear.sampling.models import (
    Chain,
    ChainMember,
    ContactAttempt,
    Exclusion,
    HandOver,
    Resample,
    Swab,
    Tally,
    Tube,
)
from dayclear.sampling.rules.numbers import printed
from dayclear.sampling.tests.acts import COUNTY, SYSTEM, VILLAGE, people, phone
from dayclear.sampling.tests.tracing import (
    closed_tube,
    deliver_all,
    members_of,
    open_one,
    release,
    swab_all,
    transfer,
)

pytestmark = pytest.mark.usefixtures("places")
ELSEWHERE = 610302001001 * 10**6
TOWN = 610113001 * 10**9
MINUTE = timedelta(minutes=1)


def fresh(chain: Chain) -> Chain:
    with acting(SYSTEM):
        return Chain.objects.get(pk=chain.pk)


def clocks(chain: Chain) -> dict[str, datetime | None]:
    with acting(SYSTEM):
        rows = Deadline.objects.filter(subject=subject_of(chain.pk)).order_by("pk")
        return dict(rows.values_list("kind", "met_at"))


def refused(code: str) -> AbstractContextManager[object]:
    return pytest.raises(Refused, match=f"^{code}$")


def test_a_positive_tube_becomes_one_positive_and_nine_cleared(now: datetime, county_officer: Actor) -> None:
    by = county_officer
    device, chain = open_one(now)
    assert (chain.members, chain.state, chain.due_at - chain.alarm_at) == (10, "open", timedelta(hours=8))
    swabbed, delivered, released = now + 60 * MINUTE, now + 100 * MINUTE, now + 300 * MINUTE
    tubes = swab_all(device, chain, by, swabbed)
    deliver_all(chain, by, delivered)
    (positive, *others) = tubes
    results = [(tubes[positive], "positive"), *((tubes[member], "negative") for member in others)]
    release(released, *results, assayed_at=released - 30 * MINUTE)
    chain = fresh(chain)
    assert (chain.reported, chain.positive, chain.state) == (10, 1, "open")
    transfer(positive, by, released + 60 * MINUTE)
    chain = fresh(chain)
    assert (chain.state, chain.transferred) == ("closed", 1)
    instants = (chain.alarm_at, chain.collected_at, chain.delivered_at, chain.assayed_at, chain.reported_at)
    assert instants == (now, swabbed, delivered, released - 30 * MINUTE, released)
    assert chain.transferred_at == released + 80 * MINUTE
    assert clocks(chain) == {
        LEG_KINDS[0]: swabbed,
        LEG_KINDS[1]: delivered,
        LEG_KINDS[2]: released - 30 * MINUTE,
        LEG_KINDS[3]: released,
        LEG_KINDS[4]: released + 80 * MINUTE,
        WHOLE: released + 80 * MINUTE,
    }
    with acting(SYSTEM):
        assert Event.objects.get(kind="sampling.chain_closed").payload["in_time"] is True
        cleared = Event.objects.get(kind="sampling.chain_members_cleared")
        assert cleared.payload["members"] == sorted(others)
        # Whoever is cleared is called to rounds again; whoever is positive is not.
        sick = ChainMember.objects.get(pk=positive).person_id
        assert list(Exclusion.objects.filter(ended_at=None).values_list("person_id", flat=True)) == [sick]
        assert ChainMember.objects.filter(outcome="negative", hold_until=released).count() == 9


def telling(member: int) -> list[tuple[datetime, datetime | None]]:
    """The clocks of telling a member. Shape: (due, met)."""
    with acting(SYSTEM):
        rows = Deadline.objects.filter(subject=member_subject(member), kind=TELL).order_by("pk")
        return list(rows.values_list("due_at", "met_at"))


def test_whoever_is_cleared_is_told_within_half_an_hour(now: datetime, county_officer: Actor) -> None:
    device, chain = open_one(now, people(2, now))
    (first, tube), (second, other) = swab_all(device, chain, county_officer, now + 30 * MINUTE).items()
    release(now + 100 * MINUTE, (tube, "negative"), (other, "positive"))
    assert telling(first) == [(now + 130 * MINUTE, None)]
    assert telling(second) == []
    with acting(SYSTEM):
        assert sweep(now=now + 130 * MINUTE) == 1
        assert Event.objects.get(kind="foundation.deadline_escalated").payload["kind"] == TELL
    with acting(county_officer):
        tell_cleared(first, by=county_officer, now=now + 131 * MINUTE)
    assert telling(first) == [(now + 130 * MINUTE, now + 131 * MINUTE)]
    with acting(county_officer):
        take_back(first, "tell", "another person", by=county_officer, now=now + 132 * MINUTE)
    assert telling(first)[-1] == (now + 130 * MINUTE, None)


def test_a_corrected_result_and_a_withdrawn_alarm_leave_nobody_to_be_told(now: datetime, county_officer: Actor) -> None:
    device, chain = open_one(now, people(2, now))
    (first, tube), (second, other) = swab_all(device, chain, county_officer, now + 30 * MINUTE).items()
    release(now + 100 * MINUTE, (tube, "negative"))
    release(now + 110 * MINUTE, (tube, "invalid"), corrected=True)
    assert telling(first) == [(now + 130 * MINUTE, now + 110 * MINUTE)]
    release(now + 120 * MINUTE, (other, "negative"))
    release(now + 125 * MINUTE, (chain.tube, "negative"), corrected=True)
    assert telling(second) == [(now + 150 * MINUTE, now + 125 * MINUTE)]


@pytest.mark.parametrize(
    ("arrives", "in_time"),
    [pytest.param(480, True, id="to the minute"), pytest.param(481, False, id="one minute late")],
)
def test_the_eight_hours_are_kept_or_missed_as_the_clock_says(
    now: datetime, county_officer: Actor, arrives: int, in_time: bool
) -> None:
    device, chain = open_one(now, people(1, now))
    ((member, tube),) = swab_all(device, chain, county_officer, now + 30 * MINUTE).items()
    release(now + 120 * MINUTE, (tube, "positive"))
    transfer(member, county_officer, now + (arrives - 20) * MINUTE)
    with acting(SYSTEM):
        assert Event.objects.get(kind="sampling.chain_closed").payload["in_time"] is in_time
        clock = Deadline.objects.get(subject=subject_of(chain.pk), kind=WHOLE)
    assert clock.met_at is not None
    assert (clock.met_at <= clock.due_at) is in_time


def test_the_same_results_again_change_nothing(now: datetime, county_officer: Actor) -> None:
    device, chain = open_one(now, people(2, now))
    first, second = swab_all(device, chain, county_officer, now + 30 * MINUTE).values()
    assert len(release(now + 120 * MINUTE, (first, "positive"), (second, "negative")).reported) == 2
    assert release(now + 121 * MINUTE, (first, "positive"), (second, "negative")).reported == []
    with acting(SYSTEM):
        kinds = list(Event.objects.filter(kind__startswith="sampling.chain").values_list("kind", flat=True))
    assert (kinds.count("sampling.chain_members_cleared"), kinds.count("sampling.chain_member_positive")) == (1, 1)


def test_a_tube_released_again_opens_no_second_chain(now: datetime) -> None:
    _device, number = closed_tube(now)
    first = release(now, (number, "positive"))
    again = release(now + MINUTE, (number, "positive"), (number, "single_target"))
    assert (len(first.opened), again.opened) == (1, [])
    with acting(SYSTEM):
        assert Event.objects.filter(kind="sampling.chain_opened").count() == 1
        with pytest.raises(IntegrityError), transaction.atomic():
            Chain.objects.create(
                area=VILLAGE, tube=number, alarm="positive", alarm_at=now, due_at=now + MINUTE, legs_due=[now] * 5
            )


def test_negative_invalid_and_unknown_tubes_open_nothing(now: datetime) -> None:
    device, number = closed_tube(now)
    _device, other = closed_tube(now, device=device)
    assert release(now, (number, "negative"), (other, "invalid"), (999_999, "positive")).opened == []
    assert release(now, (other, "single_target")).opened != []


def test_members_are_left_out_of_rounds_for_a_while(now: datetime) -> None:
    who = people(10, now)
    _device, chain = open_one(now, who)
    with acting(SYSTEM):
        rows = Exclusion.objects.filter(ended_at=None)
        assert {row.person_id for row in rows} == set(who)
        assert {row.ends_at for row in rows} == {now + timedelta(hours=48)}
        assert {row.cause for row in rows} == {f"recall:{printed(chain.tube)}"}


def test_the_pack_s_limit_goes_before_the_installation_s(now: datetime) -> None:
    hainan, august = 460105001001 * 10**6, datetime(2022, 8, 14, 4, 0, tzinfo=UTC)
    total, policy = limit_at(august, hainan, "covid-19")
    assert total == timedelta(hours=8)
    assert policy.startswith("cn-covid-9e")
    assert limit_at(now, VILLAGE, "covid-19") == (timedelta(hours=8), "")


# ------------------------------------------------------------------------------------------------ clocks


def test_the_sweeper_asks_the_members_before_it_escalates(now: datetime, county_officer: Actor) -> None:
    device, chain = open_one(now, people(2, now))
    swab_all(device, chain, county_officer, now + 30 * MINUTE)
    with acting(SYSTEM):
        # As if the command had been killed before it stopped the clock.
        Deadline.objects.filter(kind=LEG_KINDS[0]).update(met_at=None)
        assert sweep(now=now + 121 * MINUTE) == 0
        assert sweep(now=now + 181 * MINUTE) == 1
        escalated = Event.objects.get(kind="foundation.deadline_escalated")
        assert escalated.payload["kind"] == LEG_KINDS[1]


def test_a_grey_single_swab_asks_for_another_and_twice_is_positive(now: datetime, county_officer: Actor) -> None:
    device, chain = open_one(now, people(1, now))
    ((member, tube),) = swab_all(device, chain, county_officer, now + 30 * MINUTE).items()
    release(now + 100 * MINUTE, (tube, "single_target"))
    assert (fresh(chain).collected_at, clocks(chain)[LEG_KINDS[0]]) == (None, None)
    with acting(county_officer):
        second = bind_resample(member, device.label(), by=county_officer, now=now + 110 * MINUTE)
    assert clocks(chain)[LEG_KINDS[0]] == now + 110 * MINUTE
    release(now + 200 * MINUTE, (second, "single_target"))
    (row,) = members_of(chain)
    assert (row.outcome, row.specimen) == ("positive", second)


def test_an_older_swab_settles_only_that_somebody_is_positive(now: datetime, county_officer: Actor) -> None:
    device, chain = open_one(now, people(1, now))
    ((member, tube),) = swab_all(device, chain, county_officer, now + 30 * MINUTE).items()
    release(now + 100 * MINUTE, (tube, "single_target"))
    release(now + 130 * MINUTE, (tube, "negative"))
    assert members_of(chain)[0].outcome == ""
    with acting(county_officer):
        bind_resample(member, device.label(), by=county_officer, now=now + 140 * MINUTE)
    release(now + 150 * MINUTE, (tube, "positive"))
    (row,) = members_of(chain)
    assert (row.outcome, row.specimen, row.collected_at) == ("positive", tube, now + 30 * MINUTE)


def test_a_swab_without_a_control_counts_once_it_has_one(now: datetime, county_officer: Actor) -> None:
    device, chain = open_one(now, people(1, now))
    ((_member, tube),) = swab_all(device, chain, county_officer, now + 30 * MINUTE).items()
    release(now + 100 * MINUTE, (tube, "invalid"))
    assert members_of(chain)[0].specimen is None
    release(now + 130 * MINUTE, (tube, "negative"))
    assert fresh(chain).collected_at == now + 30 * MINUTE
    assert fresh(chain).state == "closed"


def test_a_rejected_plate_waits_for_the_next(now: datetime, county_officer: Actor) -> None:
    device, chain = open_one(now, people(1, now))
    ((_member, tube),) = swab_all(device, chain, county_officer, now + 30 * MINUTE).items()
    assert release(now + 100 * MINUTE, (tube, "plate_rejected")).reported == []
    assert release(now + 160 * MINUTE, (tube, "negative")).reported != []
    assert fresh(chain).state == "closed"


# ------------------------------------------------------------------------------------------------ corrections


def test_a_tube_that_is_negative_after_all_lets_everybody_go(now: datetime, county_officer: Actor) -> None:
    _device, chain = open_one(now, people(2, now))
    first, _second = members_of(chain)
    with acting(county_officer):
        locate_member(first.pk, "call", "home", by=county_officer, now=now + MINUTE)
        hold_member(first.pk, "home", by=county_officer, now=now + MINUTE)
    assert release(now + 20 * MINUTE, (chain.tube, "negative")).annulled == []
    assert release(now + 30 * MINUTE, (chain.tube, "negative"), corrected=True).annulled == [chain.pk]
    with acting(SYSTEM):
        assert not Exclusion.objects.filter(ended_at=None).exists()
        assert not Deadline.objects.filter(met_at=None, subject=subject_of(chain.pk)).exists()
        assert ChainMember.objects.get(pk=first.pk).hold_until == now + 30 * MINUTE
    with acting(county_officer), refused("chain_annulled"):
        locate_member(members_of(chain)[1].pk, "call", "home", by=county_officer, now=now + 31 * MINUTE)
    # Positive once more: a new alarm.
    assert len(release(now + 60 * MINUTE, (chain.tube, "positive")).opened) == 1


def test_a_corrected_single_result_opens_the_chain_again(now: datetime, county_officer: Actor) -> None:
    device, chain = open_one(now, people(1, now))
    ((member, tube),) = swab_all(device, chain, county_officer, now + 30 * MINUTE).items()
    release(now + 100 * MINUTE, (tube, "negative"))
    assert fresh(chain).state == "closed"
    release(now + 200 * MINUTE, (tube, "positive"))
    chain = fresh(chain)
    assert (chain.state, chain.closed_at, chain.positive) == ("open", None, 1)
    assert (clocks(chain)[WHOLE], clocks(chain)[LEG_KINDS[4]]) == (None, None)
    with acting(SYSTEM):
        event = Event.objects.get(kind="sampling.chain_member_corrected")
        assert (event.payload["before"], event.payload["outcome"]) == ("negative", ["negative", "positive"])
        assert Event.objects.filter(kind="sampling.chain_member_positive").count() == 1
    transfer(member, county_officer, now + 220 * MINUTE)
    assert fresh(chain).state == "closed"


def test_a_plate_rejected_after_release_takes_the_answer_back(now: datetime, county_officer: Actor) -> None:
    who = people(1, now)
    device, chain = open_one(now, who)
    ((_member, tube),) = swab_all(device, chain, county_officer, now + 30 * MINUTE).items()
    release(now + 100 * MINUTE, (tube, "negative"))
    release(now + 120 * MINUTE, (tube, "plate_rejected"))
    (row,) = members_of(chain)
    assert (row.outcome, row.specimen, fresh(chain).state) == ("", tube, "open")
    with acting(SYSTEM):
        assert Exclusion.objects.filter(person_id__in=who, ended_at=None).count() == 1


def test_a_wrong_label_is_taken_back_and_the_tube_is_forgotten(now: datetime, county_officer: Actor) -> None:
    by = county_officer
    device, chain = open_one(now, people(1, now))
    ((member, tube),) = swab_all(device, chain, by, now + 30 * MINUTE).items()
    with acting(SYSTEM):
        assert (Tube.objects.get(pk=tube).persons, Tally.objects.get(device_id=0).tubes) == (1, 1)
    with acting(by):
        take_back(member, "resample", "label of the neighbour", by=by, now=now + 31 * MINUTE)
        assert not Resample.objects.exists()
    assert (fresh(chain).collected_at, clocks(chain)[LEG_KINDS[0]]) == (None, None)
    with acting(SYSTEM):
        assert not Tube.objects.filter(pk=tube).exists()
        assert not Swab.objects.filter(tube=tube).exists()
        assert Tally.objects.get(device_id=0).tubes == 0
        event = Event.objects.get(kind="sampling.chain_entry_taken_back")
        assert (event.payload["was"]["specimen"], event.payload["reason"]) == (tube, "label of the neighbour")
    with acting(by):
        bind_resample(member, printed(tube), by=by, now=now + 40 * MINUTE)


def test_a_hand_over_is_taken_back(now: datetime, county_officer: Actor) -> None:
    device, chain = open_one(now, people(1, now))
    ((member, tube),) = swab_all(device, chain, county_officer, now + 30 * MINUTE).items()
    release(now + 100 * MINUTE, (tube, "positive"))
    transfer(member, county_officer, now + 120 * MINUTE)
    assert fresh(chain).state == "closed"
    with acting(county_officer):
        take_back(member, "arrive", "another hospital", by=county_officer, now=now + 150 * MINUTE)
        assert list(HandOver.objects.values_list("part", flat=True)) == ["departure"]
    assert (fresh(chain).state, clocks(chain)[WHOLE]) == ("open", None)


# ------------------------------------------------------------------------------------------------ swabs of one


def test_a_tube_of_one_from_a_device_is_bound_as_it_is(now: datetime, county_officer: Actor) -> None:
    who = people(1, now)
    device, chain = open_one(now, who)
    (member,) = members_of(chain)
    later = now + 60 * MINUTE
    _device, single = closed_tube(later, who, device=device)
    with acting(county_officer):
        locate_member(member.pk, "visit", "home", by=county_officer, now=now + 50 * MINUTE)
        bind_resample(member.pk, printed(single), by=county_officer, now=later)
    assert fresh(chain).collected_at == later - 2 * MINUTE
    with acting(SYSTEM):
        assert not Tally.objects.filter(device_id=0).exists()


def test_labels_that_cannot_be_bound(now: datetime, county_officer: Actor) -> None:
    by, who = county_officer, people(2, now)
    device, chain = open_one(now, who)
    _device, before = closed_tube(now, who[:1], device=device)
    first, second = members_of(chain)
    free = device.label()
    with acting(by):
        for member in (first, second):
            locate_member(member.pk, "call", "home", by=by, now=now + MINUTE)
        for label, code in (
            ("DC0000000001Z", "tube_number_bad"),
            (printed(7_000_000_000), "tube_not_given"),
            (printed(chain.tube), "tube_holds_others"),
            (printed(before), "tube_holds_others"),
        ):
            with refused(code):
                bind_resample(first.pk, label, by=by, now=now + 2 * MINUTE)
        bind_resample(first.pk, free, by=by, now=now + 3 * MINUTE)
        with refused("tube_holds_others"):
            bind_resample(second.pk, free, by=by, now=now + 4 * MINUTE)
        with refused("step_done"):
            bind_resample(first.pk, device.label(), by=by, now=now + 5 * MINUTE)


# ------------------------------------------------------------------------------------------------ finding


def test_calls_and_visits_are_kept(now: datetime, county_officer: Actor) -> None:
    _device, chain = open_one(now, people(1, now))
    (member,) = members_of(chain)
    with acting(county_officer):
        record_attempt(member.pk, "call", "no_answer", by=county_officer, now=now + MINUTE)
        record_attempt(member.pk, "visit", "reached", remark="second door", by=county_officer, now=now + 9 * MINUTE)
        with refused("attempt_bad"):
            record_attempt(member.pk, "letter", "reached", by=county_officer, now=now)
        assert list(ContactAttempt.objects.order_by("at").values_list("kind", "outcome", "note")) == [
            ("call", "no_answer", ""),
            ("visit", "reached", "second door"),
        ]
    (member,) = members_of(chain)
    assert (member.attempts, member.tried_at) == (2, now + 9 * MINUTE)


def test_nobody_is_held_longer_than_the_recall(now: datetime, county_officer: Actor) -> None:
    _device, chain = open_one(now, people(1, now))
    (member,) = members_of(chain)
    late = now + timedelta(hours=48)
    with acting(county_officer):
        locate_member(member.pk, "came", "the village office", by=county_officer, now=now + MINUTE)
        with refused("recall_over"):
            hold_member(member.pk, "a hotel", at=late, by=county_officer, now=late)
        until = hold_member(member.pk, "a hotel", by=county_officer, now=late - MINUTE)
    assert until == late


def test_who_cannot_be_found_holds_up_nobody(now: datetime, county_officer: Actor) -> None:
    device, chain = open_one(now, people(2, now))
    lost, found = members_of(chain)
    with acting(county_officer):
        with refused("reason_missing"):
            give_up_member(lost.pk, " ", by=county_officer, now=now)
        give_up_member(lost.pk, "left the country this morning", by=county_officer, now=now + 60 * MINUTE)
        locate_member(found.pk, "call", "home", by=county_officer, now=now + 61 * MINUTE)
        tube = bind_resample(found.pk, device.label(), by=county_officer, now=now + 62 * MINUTE)
    assert fresh(chain).collected_at == now + 62 * MINUTE
    release(now + 120 * MINUTE, (tube, "negative"))
    chain = fresh(chain)
    assert (chain.state, chain.given_up) == ("closed", 1)
    with acting(county_officer):
        tell_cleared(found.pk, by=county_officer, now=now + 125 * MINUTE)
        take_back(lost.pk, "give_up", "came back", by=county_officer, now=now + 130 * MINUTE)
        assert Exclusion.objects.filter(person_id=lost.person_id, ended_at=None).exists()
    assert fresh(chain).state == "open"


# ------------------------------------------------------------------------------------------------ squads


def test_a_tube_goes_to_the_nearest_squad(now: datetime, county_officer: Actor) -> None:
    by = county_officer
    with acting(by):
        make_squad(COUNTY, "County squad", by=by, now=now)
        near = make_squad(TOWN, "Squad 4", by=by, now=now)
        with refused("squad_exists"):
            make_squad(TOWN, "Squad 4", by=by, now=now)
        join_squad(near, "county-officer", by=by, now=now)
        with refused("squad_member_known"):
            join_squad(near, "county-officer", by=by, now=now)
    _device, chain = open_one(now)
    assert chain.squad_id == near
    assert {member.squad_id for member in members_of(chain)} == {near}


def test_a_tube_is_given_to_another_squad(now: datetime, county_officer: Actor) -> None:
    by = county_officer
    _device, chain = open_one(now)
    with acting(by):
        squad, other = (make_squad(COUNTY, name, by=by, now=now) for name in ("Squad 1", "Squad 2"))
        assign_chain(chain.pk, squad, by=by, now=now)
        assign_member(members_of(chain)[0].pk, other, by=by, now=now)
    assert fresh(chain).squad_id == squad
    assert sorted(member.squad_id or 0 for member in members_of(chain)) == [*[squad] * 9, other]


# ------------------------------------------------------------------------------------------------ scope


def test_a_member_of_another_county_is_handed_to_it(
    now: datetime, county_officer: Actor, province_commander: Actor
) -> None:
    here, away = people(1, now), people(1, now, area=ELSEWHERE)
    device, chain = open_one(now, here + away)
    assert (chain.members, chain.elsewhere) == (2, 1)
    stranger = next(member for member in members_of(chain) if member.area == ELSEWHERE)
    with acting(SYSTEM):
        clock = Deadline.objects.get(kind=MEMBER)
        assert (clock.area, clock.accountable, clock.due_at) == (ELSEWHERE, 610302 * 10**12, chain.due_at)
        assert Event.objects.get(kind="sampling.chain_member_handed_on").area == ELSEWHERE
    # The county of the tube sees how far its chain is, and not the person.
    with acting(county_officer):
        assert list(ChainMember.objects.values_list("person_id", flat=True)) == here
        with refused("not_found"):
            locate_member(stranger.pk, "call", "home", by=county_officer, now=now)
    tubes = swab_all(device, chain, province_commander, now + 30 * MINUTE)
    with acting(county_officer):
        assert Chain.objects.get().collected == 2
    release(now + 90 * MINUTE, *((tube, "negative") for tube in tubes.values()))
    with acting(SYSTEM):
        assert Deadline.objects.get(kind=MEMBER).met_at == now + 90 * MINUTE
        assert Chain.objects.get().state == "closed"


def test_two_records_of_one_human_are_one_member(now: datetime) -> None:
    first, second = people(2, now)
    _device, number = closed_tube(now, [first, second])
    with acting(SYSTEM):
        merge_people(first, second, by=SYSTEM, now=now)
    release(now, (number, "positive"))
    with acting(SYSTEM):
        assert list(ChainMember.objects.values_list("person_id", flat=True)) == [first]


def test_a_village_worker_acts_on_no_chain(now: datetime, village_worker: Actor) -> None:
    _device, chain = open_one(now, people(1, now))
    with acting(village_worker), refused("right_missing"):
        locate_member(members_of(chain)[0].pk, "call", "home", by=village_worker, now=now)


def test_members_are_forgotten_with_the_swabs(now: datetime) -> None:
    _device, old = open_one(now)
    _device, young = open_one(now + timedelta(days=29), people(1, now), device=phone(now + timedelta(days=29)))
    with acting(SYSTEM):
        assert forget_members(by=SYSTEM, now=now + timedelta(days=30) + MINUTE) == 10
        assert set(ChainMember.objects.values_list("chain_id", flat=True)) == {young.pk}
        assert Chain.objects.get(pk=old.pk).members == 10
