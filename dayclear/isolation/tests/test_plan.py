"""Phases, test days and ends: every vector of the policy reference (A.7), every edge of the counting (DC1 to DC10)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dayclear.foundation.decisions import Decision
from dayclear.isolation.rules.course import LastSample, ends_at, late_minutes
from dayclear.isolation.rules.plan import (
    Exposed,
    Plan,
    are_tests_enough,
    day_of,
    end_of,
    plan_order,
    still_to_serve,
)
from dayclear.policy.calendar import policy_on
from dayclear.policy.schema import Rules

FEB, EIGHTH, NINTH = date(2020, 3, 1), date(2022, 5, 1), date(2022, 7, 1)
TWENTY, TEN, CLASS_B = date(2022, 11, 14), date(2022, 12, 8), date(2023, 1, 8)


def rules(day: date, disease: str = "covid-19") -> Rules:
    return policy_on(day, 610113 * 10**12, disease).rules


def plan(pack: date, category: str, anchor: date, disease: str = "covid-19", **more: date) -> Plan:
    found = plan_order(rules(pack, disease), category, Exposed(anchor, more.get("first"), more.get("known")))
    assert isinstance(found, Plan)
    return found


def days(month: int, *numbers: int, year: int = 2022) -> tuple[date, ...]:
    return tuple(date(year, month, number) for number in numbers)


# category, pack, anchor, phases as (mode, first day, last day), test days
VECTORS = [
    pytest.param(
        EIGHTH,
        "close_contact",
        date(2022, 5, 1),
        [
            ("centralised", date(2022, 5, 2), date(2022, 5, 15)),
            ("home_monitoring", date(2022, 5, 16), date(2022, 5, 22)),
        ],
        days(5, 2, 5, 8, 15, 17, 22),
        id="A.2 8th edition: 14 days at a site, 7 at home",
    ),
    pytest.param(
        EIGHTH,
        "secondary_contact",
        date(2022, 5, 1),
        [("centralised", date(2022, 5, 2), date(2022, 5, 8))],
        days(5, 2, 5, 8),
        id="A.2 8th edition: contact of a contact, 7 days at a site",
    ),
    pytest.param(
        NINTH,
        "close_contact",
        date(2022, 7, 1),
        [("centralised", date(2022, 7, 2), date(2022, 7, 8)), ("home_monitoring", date(2022, 7, 9), date(2022, 7, 11))],
        days(7, 2, 3, 4, 6, 8, 11),
        id="A.7 9th edition: last exposure on 1 July",
    ),
    pytest.param(
        NINTH,
        "secondary_contact",
        date(2022, 7, 1),
        [("home_quarantine", date(2022, 7, 2), date(2022, 7, 8))],
        days(7, 2, 5, 8),
        id="A.3 9th edition: contact of a contact, 7 days at home",
    ),
    pytest.param(
        NINTH,
        "spillover_high",
        date(2022, 7, 1),
        [("centralised", date(2022, 7, 2), date(2022, 7, 8))],
        days(7, 2, 3, 4, 6, 8),
        id="A.3 9th edition: left a high-risk area",
    ),
    pytest.param(
        NINTH,
        "spillover_medium",
        date(2022, 7, 1),
        [("home_quarantine", date(2022, 7, 2), date(2022, 7, 8))],
        days(7, 2, 5, 8),
        id="A.3 9th edition: left a medium-risk area",
    ),
    pytest.param(
        NINTH,
        "spillover_low",
        date(2022, 7, 1),
        [("health_monitoring", date(2022, 7, 2), date(2022, 7, 4))],
        days(7, 2, 4),
        id="A.3 9th edition: two tests within three days",
    ),
    pytest.param(
        NINTH,
        "post_exit",
        date(2022, 7, 1),
        [("home_quarantine", date(2022, 7, 2), date(2022, 7, 8))],
        days(7, 2, 5, 8),
        id="A.3 9th edition: leaving a post, home before a site",
    ),
    pytest.param(
        NINTH,
        "recovered",
        date(2022, 7, 1),
        [("home_monitoring", date(2022, 7, 2), date(2022, 7, 8))],
        (),
        id="A.3 9th edition: after discharge",
    ),
    pytest.param(
        TWENTY,
        "close_contact",
        date(2022, 11, 14),
        [
            ("centralised", date(2022, 11, 15), date(2022, 11, 19)),
            ("home_quarantine", date(2022, 11, 20), date(2022, 11, 22)),
        ],
        days(11, 15, 16, 17, 19, 20, 22),
        id="A.7 the Twenty: last exposure on 14 November",
    ),
    pytest.param(
        TWENTY,
        "spillover_high",
        date(2022, 11, 14),
        [("home_quarantine", date(2022, 11, 15), date(2022, 11, 21))],
        days(11, 15, 17, 19, 21),
        id="A.7 the Twenty: left a high-risk area on 14 November",
    ),
    pytest.param(
        TWENTY,
        "post_exit",
        date(2022, 11, 14),
        [("home_monitoring", date(2022, 11, 15), date(2022, 11, 19))],
        days(11, 15, 17, 19),
        id="A.4 the Twenty: leaving a post",
    ),
    pytest.param(
        TEN,
        "close_contact",
        date(2022, 12, 8),
        [("home_quarantine", date(2022, 12, 9), date(2022, 12, 13))],
        days(12, 13),
        id="A.7 the Ten: last exposure on 8 December",
    ),
    pytest.param(
        TEN,
        "infected_mild",
        date(2022, 12, 8),
        [("home_isolation", date(2022, 12, 9), date(2022, 12, 15))],
        days(12, 14, 15),
        id="A.5 the Ten: mild infection, tests on days 6 and 7",
    ),
    pytest.param(
        NINTH,
        "close_contact",
        date(2024, 2, 26),
        [
            ("centralised", date(2024, 2, 27), date(2024, 3, 4)),
            ("home_monitoring", date(2024, 3, 5), date(2024, 3, 7)),
        ],
        (*days(2, 27, 28, 29, year=2024), *days(3, 2, 4, 7, year=2024)),
        id="DC8 a leap day is a day",
    ),
]


@pytest.mark.parametrize(("pack", "category", "anchor", "phases", "tests"), VECTORS)
def test_a_category_has_the_phases_tests_and_end_of_its_edition(
    pack: date, category: str, anchor: date, phases: list[tuple[str, date, date]], tests: tuple[date, ...]
) -> None:
    found = plan(pack, category, anchor)
    assert [(phase.mode, phase.starts_on, phase.ends_on) for phase in found.phases] == phases
    assert found.tests_on == tests
    assert found.ends_on == phases[-1][2] <= found.latest_on


@pytest.mark.parametrize(
    ("known", "tests"),
    [
        pytest.param(date(2022, 7, 1), days(7, 2, 3, 4, 6, 8, 11), id="DC9 known on the day: nothing missed"),
        pytest.param(date(2022, 7, 2), days(7, 2, 3, 4, 6, 8, 11), id="DC9 known on day 1: nothing missed"),
        pytest.param(date(2022, 7, 3), days(7, 3, 4, 6, 8, 11), id="DC9 known on a test day: it is the intake test"),
        pytest.param(date(2022, 7, 5), days(7, 5, 6, 8, 11), id="DC9 A.7 traced on 5 July: intake test, then the rest"),
        pytest.param(date(2022, 7, 9), days(7, 9, 11), id="DC9 known in the home phase"),
    ],
)
def test_DC1_DC9_being_found_late_moves_no_end_and_makes_up_no_test(known: date, tests: tuple[date, ...]) -> None:
    found = plan(NINTH, "close_contact", date(2022, 7, 1), known=known)
    assert found.tests_on == tests
    assert found.ends_on == date(2022, 7, 11)


@pytest.mark.parametrize(
    ("first_day", "ends"),
    [
        pytest.param("next_day", date(2022, 1, 15), id="DC2 leaves on 1 January: the days count from 2 January"),
        pytest.param("same_day", date(2022, 1, 14), id="DC3 the day of leaving is counted"),
    ],
)
def test_DC2_DC3_the_pack_says_which_day_is_the_first(first_day: str, ends: date) -> None:
    ruijin = rules(EIGHTH)
    assert ruijin.day_count is not None
    other = ruijin.model_copy(update={"day_count": ruijin.day_count.model_copy(update={"first_day": first_day})})
    # The worked example counts 7 days at a site and 7 at home: the sum of the eighth edition's home phase twice.
    category = other.categories["close_contact"]
    short = category.phases[0].model_copy(update={"days": 7, "tests": (1, 4, 7)})
    other = other.model_copy(
        update={"categories": {"close_contact": category.model_copy(update={"phases": (short, category.phases[1])})}}
    )
    found = plan_order(other, "close_contact", Exposed(date(2022, 1, 1)))
    assert isinstance(found, Plan)
    assert found.ends_on == ends


def test_DC4_days_served_elsewhere_count_and_a_served_term_begins_no_second_time() -> None:
    arrived = date(2022, 7, 9)
    found = plan(NINTH, "spillover_high", date(2022, 7, 1), known=arrived)
    assert still_to_serve(found, date(2022, 7, 8)).allowed
    assert still_to_serve(found, arrived).codes == ("term_served",)


@pytest.mark.parametrize(
    ("hours", "enough"),
    [
        pytest.param([30, 54], True, id="DC7 24 hours apart"),
        pytest.param([30, 53], False, id="DC7 an hour short"),
        pytest.param([30, 40, 60], True, id="DC7 one in between does not count"),
        pytest.param([80, 104], False, id="DC7 the second too late"),
        pytest.param([30], False, id="DC7 one is not two"),
    ],
)
def test_DC7_two_tests_in_three_days_lie_a_day_apart(hours: list[int], enough: bool) -> None:
    midnight = datetime(2022, 7, 1, tzinfo=UTC) - timedelta(hours=8)
    taken = [midnight + timedelta(hours=hour) for hour in hours]
    since = date(2022, 7, 1)
    assert are_tests_enough(taken, tests=2, days=3, gap=timedelta(hours=24), since=since) is enough


LAST = date(2022, 7, 11)
OVER = datetime(2022, 7, 11, 16, 0, tzinfo=UTC)
DUE = timedelta(hours=12)


@pytest.mark.parametrize(
    ("sample", "ends"),
    [
        pytest.param(None, OVER, id="DC8 no sample: the end of the last day"),
        pytest.param(LastSample(OVER - timedelta(hours=2)), OVER + timedelta(hours=10), id="DC8 with the laboratory"),
        pytest.param(LastSample(OVER - timedelta(hours=14)), OVER, id="DC8 due before the day ends"),
        pytest.param(
            LastSample(OVER - timedelta(hours=2), "negative", OVER + timedelta(hours=1)),
            OVER + timedelta(hours=1),
            id="DC8 negative after midnight: then",
        ),
        pytest.param(
            LastSample(OVER - timedelta(hours=2), "negative", OVER - timedelta(hours=1)),
            OVER,
            id="DC8 negative before midnight: at the end of the day",
        ),
        pytest.param(
            LastSample(OVER - timedelta(hours=2), "negative", OVER + timedelta(hours=20)),
            OVER + timedelta(hours=10),
            id="DC8 never later than the result is due",
        ),
        pytest.param(LastSample(OVER - timedelta(hours=30)), OVER, id="DC8 a sample of another day changes nothing"),
    ],
)
def test_DC8_an_order_ends_with_its_last_day_or_its_last_result(sample: LastSample | None, ends: datetime) -> None:
    assert ends_at(LAST, sample, result_due=DUE) == ends


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        pytest.param(datetime(2022, 7, 1, 15, 59, 59, tzinfo=UTC), date(2022, 7, 1), id="DC8 a second before midnight"),
        pytest.param(datetime(2022, 7, 1, 16, 0, tzinfo=UTC), date(2022, 7, 2), id="DC8 midnight"),
        pytest.param(
            datetime(1988, 7, 1, 15, 30, tzinfo=UTC), date(1988, 7, 2), id="DC8 under the summer time of 1988"
        ),
    ],
)
def test_DC8_days_are_those_of_the_packs_zone(instant: datetime, day: date) -> None:
    assert day_of(instant) == day


def test_DC10_the_version_of_the_evaluation_decides_not_that_of_the_exposure() -> None:
    anchor = date(2022, 11, 9)
    assert plan(date(2022, 11, 10), "close_contact", anchor).ends_on == date(2022, 11, 19)
    assert plan(date(2022, 11, 11), "close_contact", anchor).ends_on == date(2022, 11, 17)


@pytest.mark.parametrize(
    ("first", "last", "starts", "ends"),
    [
        pytest.param(date(2022, 3, 1), date(2022, 3, 4), date(2022, 3, 6), date(2022, 3, 25), id="two exposures"),
        pytest.param(date(2022, 3, 1), date(2022, 3, 1), date(2022, 3, 6), date(2022, 3, 22), id="one exposure"),
    ],
)
def test_measles_runs_from_day_5_after_the_first_to_day_21_after_the_last_exposure(
    first: date, last: date, starts: date, ends: date
) -> None:
    found = plan(NINTH, "susceptible_contact", last, "measles", first=first)
    assert (found.starts_on, found.ends_on) == (starts, ends)


@pytest.mark.parametrize("disease", ["ebola", "mpox"])
def test_contacts_of_ebola_and_mpox_are_watched_for_21_days_and_nobody_is_confined(disease: str) -> None:
    found = plan(NINTH, "contact", date(2022, 7, 1), disease)
    assert [(phase.mode, phase.ends_on) for phase in found.phases] == [("health_monitoring", date(2022, 7, 22))]


def test_a_sign_of_mpox_runs_five_days_of_its_own_past_day_21() -> None:
    sign = plan_order(rules(NINTH, "mpox"), "contact", Exposed(date(2022, 7, 20)), cause="symptom_other_than_rash")
    assert isinstance(sign, Plan)
    assert (sign.ends_on, sign.latest_on) == (date(2022, 7, 25), date(2022, 7, 25))


@pytest.mark.parametrize(
    ("pack", "category", "cause", "code"),
    [
        pytest.param(TWENTY, "secondary_contact", "", "category_not_in_pack", id="removed by the Twenty"),
        pytest.param(CLASS_B, "close_contact", "", "category_not_in_pack", id="class B restricts nobody"),
        pytest.param(FEB, "confirmed", "", "category_not_in_pack", id="of another province"),
        pytest.param(NINTH, "close_contact", "rash", "pack_restricts_nothing", id="no phase for that cause"),
    ],
)
def test_R02_what_the_pack_does_not_give_is_not_planned(pack: date, category: str, cause: str, code: str) -> None:
    found = plan_order(rules(pack), category, Exposed(date(2022, 7, 1)), cause=cause)
    assert isinstance(found, Decision)
    assert found.codes == (code,)


def test_R02_a_phase_without_a_length_is_no_order() -> None:
    hubei = policy_on(FEB, 42 * 10**16, "covid-19").rules
    found = plan_order(hubei, "close_contact", Exposed(date(2020, 2, 20)))
    assert isinstance(found, Decision)
    assert found.codes == ("pack_names_no_end",)


@given(
    st.sampled_from([EIGHTH, NINTH, TWENTY, TEN]),
    st.dates(date(2022, 1, 1), date(2030, 12, 31)),
    st.integers(0, 30),
    st.sets(st.sampled_from(["minors", "elderly", "pregnant", "minors_up_to_14"])),
)
def test_R02_every_category_ends_within_the_packs_maximum(
    pack: date, anchor: date, later: int, groups: set[str]
) -> None:
    found = rules(pack)
    for category in found.categories:
        made = plan_order(found, category, Exposed(anchor, None, anchor + timedelta(days=later)), groups=groups)
        if isinstance(made, Decision):
            continue
        assert made.ends_on <= made.latest_on
        assert made.phases[0].starts_on > anchor
        for one, other in pairwise(made.phases):
            assert other.starts_on == one.ends_on + timedelta(days=1)
        assert all(phase.starts_on <= day <= phase.ends_on for phase in made.phases for day in phase.tests_on)


@pytest.mark.parametrize(
    ("groups", "mode"),
    [
        pytest.param(("minors",), "home_quarantine", id="R32 a minor: home first"),
        pytest.param(("pregnant",), "home_quarantine", id="R32 pregnant: home first"),
        pytest.param((), "centralised", id="R32 nobody special: the pack's own mode"),
    ],
)
def test_R32_special_groups_are_offered_home_first(groups: tuple[str, ...], mode: str) -> None:
    found = plan_order(rules(NINTH), "close_contact", Exposed(date(2022, 7, 1)), groups=groups)
    assert isinstance(found, Plan)
    assert found.phases[0].mode == mode
    assert found.phases[0].offered[-1] == "centralised"


def test_R05_what_only_the_person_may_ask_for_is_offered_and_not_planned() -> None:
    found = plan(TEN, "close_contact", date(2022, 12, 8))
    assert (found.phases[0].mode, found.phases[0].offered) == ("home_quarantine", ("home_quarantine", "centralised"))


@pytest.mark.parametrize(
    ("seconds", "minutes"),
    [
        pytest.param(-1, 0, id="R03 before the end"),
        pytest.param(0, 0, id="R03 at the end"),
        pytest.param(1, 1, id="R03 a second late"),
        pytest.param(3600, 60, id="R03 an hour"),
    ],
)
def test_R03_lateness_counts_in_begun_minutes(seconds: int, minutes: int) -> None:
    assert late_minutes(OVER, OVER + timedelta(seconds=seconds)) == minutes


def test_DC8_the_end_of_a_day_is_the_midnight_after_it() -> None:
    assert end_of(LAST) == OVER
