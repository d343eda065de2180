"""The clock of a chain to the minute, and what comes next for whom."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dayclear.sampling.rules.chains.burn_down import Life, Open, burn_down
from dayclear.sampling.rules.chains.legs import (
    LEAST,
    LEGS,
    ChainClock,
    due_instants,
    forecast,
    is_in_time,
    legs_of,
    pace_of,
    progress_of,
)
from dayclear.sampling.rules.chains.members import (
    MemberFacts,
    Turn,
    after_result,
    in_turn,
    may_take_back,
    may_write,
    next_step,
    opens_chain,
)
from dayclear.sampling.rules.chains.squads import SquadFacts, squad_for

ALARM = datetime(2021, 12, 29, 4, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SHARES = {"collect": 120, "deliver": 60, "assay": 150, "report": 30, "transfer": 120}
DUE = due_instants(ALARM, timedelta(hours=8), SHARES)


def after(minutes: float) -> datetime:
    return ALARM + timedelta(minutes=minutes)


def clock(*minutes: float | None, over: bool = False) -> ChainClock:
    """A chain whose legs ended so many minutes after the alarm."""
    ends = [after(each) if each is not None else None for each in minutes]
    return ChainClock(ALARM, DUE, (*ends, *[None] * (len(LEGS) - len(ends))), over)


def test_the_shares_cut_eight_hours_into_legs() -> None:
    assert [at - ALARM for at in DUE] == [timedelta(minutes=each) for each in (120, 180, 330, 360, 480)]


def test_a_pack_with_another_limit_stretches_every_leg_alike() -> None:
    due = due_instants(ALARM, timedelta(hours=4), SHARES)
    assert [at - ALARM for at in due] == [timedelta(minutes=each) for each in (60, 90, 165, 180, 240)]


@pytest.mark.parametrize(
    ("ends", "at", "leg", "state"),
    [
        pytest.param((), 0, "collect", "running", id="the first leg runs from the alarm"),
        pytest.param((), 119, "collect", "running", id="one minute before it is due it runs"),
        pytest.param((), 120, "collect", "overdue", id="at its due instant it is overdue"),
        pytest.param((), 119, "deliver", "waiting", id="the next leg waits"),
        pytest.param((), 180, "deliver", "overdue", id="a leg that cannot begin is overdue all the same"),
        pytest.param((120,), 121, "collect", "done", id="ended at its due instant is in time"),
        pytest.param((121,), 122, "collect", "done_late", id="ended one minute after is late"),
        pytest.param((121,), 122, "deliver", "running", id="lateness is not handed on"),
        pytest.param((100, 150, 300, 300), 479, "transfer", "running", id="one minute before eight hours"),
        pytest.param((100, 150, 300, 300), 480, "transfer", "overdue", id="at eight hours"),
    ],
)
def test_state_of_a_leg(ends: tuple[float, ...], at: float, leg: str, state: str) -> None:
    assert legs_of(clock(*ends), now=after(at))[LEGS.index(leg)].state == state


def test_a_chain_without_a_positive_needs_no_transfer() -> None:
    legs = legs_of(clock(100, 150, 300, 300, None, over=True), now=after(600))
    assert [leg.state for leg in legs] == ["done", "done", "done", "done", "not_needed"]


@pytest.mark.parametrize(
    ("last", "kept"),
    [
        pytest.param(479, True, id="one minute early"),
        pytest.param(480, True, id="to the minute"),
        pytest.param(481, False, id="one minute late"),
    ],
)
def test_whether_the_whole_limit_was_kept(last: float, kept: bool) -> None:
    assert is_in_time(clock(100, 150, 300, 300, last, over=True)) is kept


def finished(count: int, *minutes: float | None) -> list[ChainClock]:
    return [clock(*minutes, over=True) for _ in range(count)]


def test_pace_is_the_median_of_each_leg() -> None:
    pace = pace_of([*finished(2, 60, 90, 200, 210, 300), clock(80, 100, 300, 310, 500), *finished(2, 100, 160, 400)])
    assert [span and span.total_seconds() / 60 for span in pace.legs] == [80, 30, 200, None, None]


def test_pace_asks_the_last_twenty_only() -> None:
    pace = pace_of([*finished(20, 60), *finished(50, 600)])
    assert (pace.chains, pace.legs[0]) == (20, timedelta(minutes=60))


@pytest.mark.parametrize(
    ("chains", "predicts"),
    [pytest.param(LEAST - 1, False, id="one too few"), pytest.param(LEAST, True, id="just enough")],
)
def test_too_few_finished_chains_predict_nothing(chains: int, predicts: bool) -> None:
    pace = pace_of(finished(chains, 60, 90, 200, 210, 300))
    assert (forecast(clock(), pace, now=ALARM) is not None) is predicts


@pytest.mark.parametrize(
    ("ends", "at", "late_by"),
    [
        pytest.param((), 0, -180, id="everything at its median"),
        pytest.param((), 60, -180, id="until the median of the running leg nothing changes"),
        pytest.param((), 240, 0, id="to the minute"),
        pytest.param((), 241, 1, id="one minute over"),
        pytest.param((200,), 200, -40, id="what is over counts as it was"),
        pytest.param((200, 230, 400), 450, 60, id="the last legs in a row"),
    ],
)
def test_forecast(ends: tuple[float, ...], at: float, late_by: int) -> None:
    expected = forecast(clock(*ends), pace_of(finished(LEAST, 60, 90, 200, 210, 300)), now=after(at))
    assert expected is not None
    assert expected.late_by == timedelta(minutes=late_by)


def test_a_finished_chain_has_no_forecast() -> None:
    assert forecast(clock(1, 2, 3, 4, over=True), pace_of(finished(9, 1, 2, 3, 4, 5)), now=after(9)) is None


# ------------------------------------------------------------------------------------------------ members

FOUND = MemberFacts(located_at=after(10), held_at=after(12))
SWABBED = MemberFacts(located_at=after(10), held_at=after(12), collected_at=after(30))
GIVEN = MemberFacts(located_at=after(10), collected_at=after(30), delivered_at=after(60))
CLEARED = MemberFacts(collected_at=after(30), reported_at=after(200), outcome="negative")
POSITIVE = MemberFacts(collected_at=after(30), reported_at=after(200), outcome="positive")
LEFT = MemberFacts(collected_at=after(30), reported_at=after(200), outcome="positive", departed_at=after(220))
GONE = MemberFacts(outcome="given_up")


@pytest.mark.parametrize(
    ("member", "step"),
    [
        pytest.param(MemberFacts(), "locate", id="nothing known: find them"),
        pytest.param(MemberFacts(located_at=after(1)), "hold", id="found: hold apart"),
        pytest.param(FOUND, "resample", id="held: a single swab"),
        pytest.param(MemberFacts(located_at=after(1), collected_at=after(2)), "deliver", id="swabbed, not held"),
        pytest.param(GIVEN, "result", id="delivered: the laboratory"),
        pytest.param(CLEARED, "tell", id="cleared: tell them"),
        pytest.param(POSITIVE, "depart", id="positive: hand over to the crew"),
        pytest.param(LEFT, "arrive", id="on the way: hand over to the hospital"),
        pytest.param(GONE, "", id="given up: nothing"),
    ],
)
def test_next_step(member: MemberFacts, step: str) -> None:
    assert next_step(member) == step


@pytest.mark.parametrize(
    ("step", "member", "at", "code"),
    [
        pytest.param("locate", MemberFacts(), 5, None, id="found after the alarm"),
        pytest.param("locate", MemberFacts(), -1, "instant_impossible", id="found a minute before the alarm"),
        pytest.param("locate", MemberFacts(), 66, "instant_impossible", id="found six minutes from now"),
        pytest.param("locate", MemberFacts(), 65, None, id="a phone's clock five minutes ahead"),
        pytest.param("locate", FOUND, 20, "step_done", id="found twice"),
        pytest.param("hold", MemberFacts(), 5, "step_missing", id="held before found"),
        pytest.param("hold", MemberFacts(located_at=after(10)), 9, "instant_impossible", id="held before being found"),
        pytest.param("resample", MemberFacts(), 5, "step_missing", id="swabbed before found"),
        pytest.param("resample", FOUND, 10, None, id="swabbed as found"),
        pytest.param("deliver", FOUND, 20, "step_missing", id="nothing to deliver"),
        pytest.param("deliver", SWABBED, 29, "instant_impossible", id="delivered a minute before it was taken"),
        pytest.param("depart", SWABBED, 40, "member_not_positive", id="nobody is transferred without a result"),
        pytest.param("depart", POSITIVE, 40, "instant_impossible", id="nobody leaves before the result"),
        pytest.param("arrive", POSITIVE, 60, "step_missing", id="no arrival without a departure"),
        pytest.param("tell", POSITIVE, 60, "member_not_cleared", id="a positive is not free"),
        pytest.param("locate", CLEARED, 60, "member_settled", id="whoever is cleared is let be"),
        pytest.param("give_up", SWABBED, 60, None, id="given up before the result"),
        pytest.param("give_up", CLEARED, 60, "member_settled", id="not given up after it"),
    ],
)
def test_what_may_be_written_after_an_hour(step: str, member: MemberFacts, at: float, code: str | None) -> None:
    decision = may_write(step, member, at=after(at), alarm_at=ALARM, now=after(60))
    assert decision.codes == ((code,) if code else ())


@pytest.mark.parametrize(
    ("step", "member", "code"),
    [
        pytest.param("deliver", GIVEN, None, id="the last entry"),
        pytest.param("resample", GIVEN, "step_rested_on", id="not under a delivery"),
        pytest.param("locate", SWABBED, "step_rested_on", id="not under a swab"),
        pytest.param("hold", MemberFacts(), "step_not_written", id="nothing there"),
        pytest.param("resample", CLEARED, "laboratory_answered", id="not what a laboratory answered"),
        pytest.param("give_up", GONE, None, id="found after all"),
    ],
)
def test_what_may_be_taken_back(step: str, member: MemberFacts, code: str | None) -> None:
    assert may_take_back(step, member).codes == ((code,) if code else ())


@pytest.mark.parametrize(
    ("state", "earlier", "means"),
    [
        pytest.param("positive", (), "positive", id="positive"),
        pytest.param("negative", ("single_target",), "negative", id="negative after grey"),
        pytest.param("single_target", (), "again", id="grey once: a new swab"),
        pytest.param("single_target", ("invalid",), "again", id="grey after invalid is grey once"),
        pytest.param("single_target", ("single_target",), "positive", id="grey twice is positive"),
        pytest.param("invalid", (), "again", id="no control: a new swab"),
        pytest.param("plate_rejected", (), "wait", id="a rejected plate is run again"),
    ],
)
def test_what_a_single_swab_means(state: str, earlier: tuple[str, ...], means: str) -> None:
    assert after_result(state, earlier=earlier) == means


@pytest.mark.parametrize(
    ("state", "kind", "opens"),
    [
        pytest.param("positive", "persons", True, id="positive"),
        pytest.param("single_target", "persons", True, id="grey"),
        pytest.param("negative", "persons", False, id="negative"),
        pytest.param("invalid", "persons", False, id="invalid"),
        pytest.param("positive", "goods", False, id="goods have no members"),
    ],
)
def test_what_opens_a_chain(state: str, kind: str, opens: bool) -> None:
    assert opens_chain(state, kind) is opens


def test_who_was_never_tried_comes_before_who_was() -> None:
    tried = [Turn(2, "locate", after(5)), Turn(5, "locate", after(1))]
    turns = [Turn(1, "deliver"), *tried, Turn(3, "locate"), Turn(4, "")]
    assert [turn.id for turn in in_turn(turns)] == [3, 5, 2, 1, 4]


# ------------------------------------------------------------------------------------------------ progress


def test_a_leg_ends_with_the_last_member_who_counts() -> None:
    progress = progress_of([GIVEN, SWABBED, GONE])
    assert progress.instants == (after(30), None, None, None, None)
    assert (progress.done, progress.of) == ((2, 1, 0, 0, 0), (2, 2, 2, 2, 0))
    assert not progress.over


def test_a_result_stands_for_what_nobody_wrote_down() -> None:
    assert progress_of([CLEARED]).instants[:4] == (after(30), after(200), after(200), after(200))


def test_nobody_positive_ends_with_the_last_report() -> None:
    progress = progress_of([CLEARED, CLEARED, GONE])
    assert (progress.over, progress.instants[4]) == (True, None)


def test_a_positive_ends_with_the_second_hand_over() -> None:
    assert not progress_of([CLEARED, LEFT]).over
    arrived = replace(LEFT, arrived_at=after(260))
    progress = progress_of([CLEARED, arrived])
    assert (progress.over, progress.instants[4]) == (True, after(260))
    assert progress_of([SWABBED, arrived]).instants[4] is None


def test_a_tube_whose_members_nobody_knows_is_never_over() -> None:
    assert not progress_of([]).over


# -------------------------------------------------------------------------------------------------- squads

_COUNTY, _TOWN, _VILLAGE = 610113 * 10**12, 610113001 * 10**9, 610113001001 * 10**6


@pytest.mark.parametrize(
    ("squads", "chosen"),
    [
        pytest.param([], None, id="no squad"),
        pytest.param([SquadFacts(1, 610103 * 10**12, 0)], None, id="a squad of another county"),
        pytest.param([SquadFacts(1, _COUNTY, 0), SquadFacts(2, _TOWN, 50)], 2, id="the nearest, however busy"),
        pytest.param([SquadFacts(1, _TOWN, 9), SquadFacts(2, _TOWN, 3)], 2, id="of two as near, the shorter list"),
        pytest.param([SquadFacts(2, _TOWN, 3), SquadFacts(1, _TOWN, 3)], 1, id="else the older"),
    ],
)
def test_which_squad_takes_a_tube(squads: list[SquadFacts], chosen: int | None) -> None:
    assert squad_for(_VILLAGE, squads) == chosen


def test_a_tube_burns_down_from_its_alarm_to_its_end_and_is_late_from_its_limit() -> None:
    lives = [
        Life(ALARM, after(480), None),
        Life(after(60), after(540), after(120)),
        Life(ALARM, after(480), after(500)),
    ]
    assert burn_down(lives, [after(-1), ALARM, after(60), after(120), after(480), after(500)]) == [
        Open(after(-1), 0, 0),
        Open(ALARM, 2, 0),
        Open(after(60), 3, 0),
        Open(after(120), 2, 0),
        Open(after(480), 0, 2),
        Open(after(500), 0, 1),
    ]
