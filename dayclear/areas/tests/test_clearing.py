"""The clock of clear days: the vectors and day rules of policy reference A.7, and what each pack asks for."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dayclear.areas.rules.clearing import (
    AreaFacts,
    Infection,
    Round,
    completed_clear_days,
    day_zero,
    end_of,
    outlook,
    over_eligibility,
)
from dayclear.areas.rules.designation import may_discount, may_step_down
from dayclear.policy.calendar import Policy, policy_on

BEIJING = ZoneInfo("Asia/Shanghai")
ANYWHERE = 610113 * 10**12


def pack_on(day: date) -> Policy:
    return policy_on(day, ANYWHERE, "covid-19")


NINTH, TWENTY, TEN, EIGHTH = (
    pack_on(date(2022, 7, 1)).rules.areas,
    pack_on(date(2022, 11, 22)).rules.areas,
    pack_on(date(2022, 12, 8)).rules.areas,
    pack_on(date(2022, 1, 3)).rules.areas,
)


def clear_round(day: date, *, result_at: datetime | None = None, tested: int = 40, positive: int = 0) -> Round:
    return Round(day, due=40, tested=tested, positive=positive, result_at=result_at)


def midnight_after(day: date) -> datetime:
    return end_of(day, BEIJING)


@pytest.mark.parametrize(
    ("areas", "facts", "to", "eligible_on"),
    [
        pytest.param(
            NINTH,
            AreaFacts("high", date(2022, 7, 1), rounds=[clear_round(date(2022, 7, 8))]),
            "medium",
            date(2022, 7, 8),
            id="9e: last infection 07-01, round 07-08: medium at the end of 07-08",
        ),
        pytest.param(
            NINTH,
            AreaFacts("medium", date(2022, 7, 1), stepped_on=date(2022, 7, 8)),
            "low",
            date(2022, 7, 11),
            id="9e: medium after high on 07-08: low at the end of 07-11",
        ),
        pytest.param(
            NINTH,
            AreaFacts("medium", date(2022, 7, 1), rounds=[clear_round(date(2022, 7, 8))]),
            "low",
            date(2022, 7, 8),
            id="9e: a medium area that was never high asks for seven days and its own round",
        ),
        pytest.param(
            TWENTY,
            AreaFacts("high", date(2022, 11, 14), rounds=[clear_round(date(2022, 11, 19))]),
            "low",
            date(2022, 11, 19),
            id="Twenty: last infection 11-14, round 11-19: low at the end of 11-19",
        ),
        pytest.param(
            TWENTY,
            AreaFacts("high", date(2022, 11, 22), rounds=[clear_round(date(2022, 11, 27))]),
            "low",
            date(2022, 11, 27),
            id="F5 Wuzhong: five days and the round of day 5",
        ),
        pytest.param(
            TEN,
            AreaFacts("high", date(2022, 12, 8), rounds=[clear_round(date(2022, 12, 13))]),
            "low",
            date(2022, 12, 13),
            id="Ten: five days, unsealed",
        ),
        pytest.param(
            EIGHTH,
            AreaFacts(
                "lockdown",
                date(2022, 1, 1),
                rounds=[clear_round(date(2022, 1, 14))],
                last_contact_on=date(2022, 1, 1),
                contacts_negative=True,
            ),
            "none",
            date(2022, 1, 15),
            id="8e: fourteen days, contacts out and negative, round within two days before",
        ),
        pytest.param(
            EIGHTH,
            AreaFacts(
                "control",
                date(2022, 1, 1),
                rounds=[clear_round(date(2022, 1, 14))],
                last_contact_on=date(2022, 1, 3),
                contacts_negative=True,
            ),
            "none",
            date(2022, 1, 17),
            id="8e: the last contact's fourteen days end later than the area's",
        ),
    ],
)
def test_A7_an_area_may_go_down_at_the_end_of_the_day_on_which_its_conditions_hold(
    areas: object, facts: AreaFacts, to: str, eligible_on: date
) -> None:
    view = outlook(facts, areas, zone=BEIJING)  # type: ignore[arg-type]  # a pack's areas, read at import
    assert view is not None
    assert (view.to, view.eligible_at) == (to, midnight_after(eligible_on))
    assert view.missing == ()


@pytest.mark.parametrize(
    ("rounds", "missing"),
    [
        pytest.param([], True, id="no round"),
        pytest.param([clear_round(date(2022, 7, 7))], True, id="round one day before the last day"),
        pytest.param([clear_round(date(2022, 7, 8))], False, id="round on the last day"),
        pytest.param([clear_round(date(2022, 7, 8), tested=39)], True, id="one person of the round not tested"),
        pytest.param([clear_round(date(2022, 7, 8), positive=1)], True, id="one positive in the round"),
        pytest.param([Round(date(2022, 7, 8), 0, 0, 0, None)], True, id="a round of nobody"),
        pytest.param([clear_round(date(2022, 7, 9))], False, id="round a day late"),
    ],
)
def test_DC5_the_whole_round_on_the_last_day_is_a_condition_of_its_own(rounds: list[Round], missing: bool) -> None:
    view = outlook(AreaFacts("high", date(2022, 7, 1), rounds=rounds), NINTH, zone=BEIJING)
    assert view is not None
    assert view.earliest_at == midnight_after(date(2022, 7, 8))
    assert [reason.code for reason in view.missing] == (["round_missing"] if missing else [])
    assert (view.eligible_at is None) == missing


def test_DC8_results_that_come_after_midnight_move_the_step_to_their_hour_and_no_further() -> None:
    result = datetime(2022, 7, 9, 2, 30, tzinfo=BEIJING)
    facts = AreaFacts("high", date(2022, 7, 1), rounds=[clear_round(date(2022, 7, 8), result_at=result)])
    view = outlook(facts, NINTH, zone=BEIJING)
    assert view is not None
    assert view.eligible_at == result
    early = AreaFacts(
        "high",
        date(2022, 7, 1),
        rounds=[clear_round(date(2022, 7, 8), result_at=datetime(2022, 7, 8, 15, tzinfo=BEIJING))],
    )
    at_midnight = outlook(early, NINTH, zone=BEIJING)
    assert at_midnight is not None
    assert at_midnight.eligible_at == midnight_after(date(2022, 7, 8))


@pytest.mark.parametrize(
    ("counts", "zero"),
    [
        pytest.param(True, date(2022, 7, 6), id="counted: the clock restarts"),
        pytest.param(False, date(2022, 7, 1), id="one of the five kinds: it runs on"),
        pytest.param(None, date(2022, 7, 1), id="undecided: it runs on until somebody decides"),
    ],
)
def test_DC6_only_a_recorded_decision_restarts_the_clock(counts: bool | None, zero: date) -> None:
    facts = AreaFacts("high", date(2022, 7, 1), infections=[Infection(date(2022, 7, 6), counts)])
    assert day_zero(facts) == zero


def test_DC6_a_new_infection_after_the_step_down_restarts_the_lower_level_s_days() -> None:
    facts = AreaFacts(
        "medium", date(2022, 7, 1), infections=[Infection(date(2022, 7, 10), True)], stepped_on=date(2022, 7, 8)
    )
    view = outlook(facts, NINTH, zone=BEIJING)
    assert view is not None
    assert view.last_on == date(2022, 7, 13)


def test_a_step_signed_late_does_not_put_off_the_next_one() -> None:
    facts = AreaFacts("medium", date(2022, 7, 1), stepped_on=date(2022, 7, 8))
    view = outlook(facts, NINTH, zone=BEIJING)
    assert view is not None
    assert over_eligibility(view, now=midnight_after(date(2022, 7, 12))) == timedelta(days=1)


@pytest.mark.parametrize(
    ("today", "days"),
    [
        pytest.param(date(2022, 8, 19), 0, id="on day 1 nothing has passed"),
        pytest.param(date(2022, 8, 24), 5, id="during 24 August five days are over"),
        pytest.param(date(2022, 8, 25), 6, id="F6 Dongfang: 19 to 24 August are six clear days"),
        pytest.param(date(2022, 8, 18), 0, id="on the day of the infection"),
    ],
)
def test_F6_whole_days_count_and_the_running_one_does_not(today: date, days: int) -> None:
    assert completed_clear_days(AreaFacts("high", date(2022, 8, 18)), today=today) == days


def test_a_level_that_follows_the_others_has_no_clock() -> None:
    assert outlook(AreaFacts("low", date(2022, 7, 1)), NINTH, zone=BEIJING) is None


def test_a_level_the_pack_no_longer_knows_rests_on_nothing() -> None:
    view = outlook(AreaFacts("medium", date(2022, 11, 10)), TWENTY, zone=BEIJING)
    assert view is not None
    assert view.basis_gone
    assert may_step_down(
        view, undecided=0, round_within=None, today=date(2022, 11, 11), now=datetime(2022, 11, 11, tzinfo=UTC)
    ).allowed


def test_a_leap_day_is_a_day() -> None:
    view = outlook(AreaFacts("medium", date(2024, 2, 20), stepped_on=date(2024, 2, 27)), NINTH, zone=BEIJING)
    assert view is not None
    assert view.last_on == date(2024, 3, 1)


def test_days_are_calendar_days_where_the_clock_jumps() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    view = outlook(AreaFacts("high", date(2026, 3, 24), rounds=[clear_round(date(2026, 3, 29))]), TWENTY, zone=berlin)
    assert view is not None
    assert view.eligible_at == datetime(2026, 3, 30, tzinfo=berlin)


@pytest.mark.parametrize(
    ("kind", "assessment", "areas", "codes"),
    [
        pytest.param(kind, "assessed on site", TWENTY, (), id=kind)
        for kind in (
            "in_centralised_quarantine_no_outside_risk",
            "in_home_quarantine_no_outside_risk",
            "strictly_closed_loop_post",
            "re_positive_after_discharge",
            "inbound_old_infection_ct_35_or_more",
        )
    ]
    + [
        pytest.param("strictly_closed_loop_post", " ", TWENTY, ("assessment_missing",), id="without an assessment"),
        pytest.param("felt_like_it", "x", TWENTY, ("kind_not_in_pack",), id="a sixth kind"),
        pytest.param("strictly_closed_loop_post", "x", NINTH, ("kind_not_in_pack",), id="9e knows no such kinds"),
    ],
)
def test_five_kinds_of_infections_do_not_count_after_assessment(
    kind: str, assessment: str, areas: object, codes: tuple[str, ...]
) -> None:
    assert may_discount(kind, assessment, areas).codes == codes  # type: ignore[arg-type]  # a pack's areas


@pytest.mark.parametrize(
    ("now", "undecided", "codes"),
    [
        pytest.param(midnight_after(date(2022, 7, 8)), 0, (), id="at the end of the last day"),
        pytest.param(
            midnight_after(date(2022, 7, 8)) - timedelta(minutes=1), 0, ("days_not_clear",), id="one minute early"
        ),
        pytest.param(midnight_after(date(2022, 7, 8)), 1, ("infection_undecided",), id="an infection undecided"),
    ],
)
def test_a_level_goes_down_when_its_days_are_over_and_every_infection_is_decided_on(
    now: datetime, undecided: int, codes: tuple[str, ...]
) -> None:
    facts = AreaFacts(
        "high",
        date(2022, 7, 1),
        rounds=[clear_round(date(2022, 7, 8), result_at=datetime(2022, 7, 8, 12, tzinfo=BEIJING))],
    )
    view = outlook(facts, NINTH, zone=BEIJING)
    decision = may_step_down(view, undecided=undecided, round_within=None, today=date(2022, 7, 8), now=now)
    assert decision.codes == codes


def test_8e_a_round_older_than_two_days_does_not_lift() -> None:
    facts = AreaFacts(
        "lockdown",
        date(2022, 1, 1),
        rounds=[clear_round(date(2022, 1, 14))],
        last_contact_on=date(2022, 1, 1),
        contacts_negative=True,
    )
    view = outlook(facts, EIGHTH, zone=BEIJING)
    late = datetime(2022, 1, 20, tzinfo=BEIJING)
    decision = may_step_down(view, undecided=0, round_within=2, today=late.date(), now=late)
    assert decision.codes == ("round_too_old",)
