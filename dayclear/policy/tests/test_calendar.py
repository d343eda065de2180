"""Which pack answers on which instant."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from dayclear.policy.calendar import NoPolicyInForce, family, index, of_family_on, policy_at, policy_on
from dayclear.policy.loader import Library, shipped

BEIJING_TIME = timezone(timedelta(hours=8))
HAINAN = 46 * 10**16
SANYA = 4602 * 10**14
SHANGHAI = 31 * 10**16
HUBEI = 42 * 10**16
HUNAN = 43 * 10**16
BEIJING = 11 * 10**16


def beijing(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, second, tzinfo=BEIJING_TIME)


BOUNDARIES = [
    ("first day of the 2020 order", beijing(2020, 2, 2), "cn-covid-2020-02"),
    ("last second before the 8th edition", beijing(2021, 5, 31, 23, 59, 59), "cn-covid-2020-02"),
    ("first day of the 8th edition", beijing(2021, 6, 1), "cn-covid-8e"),
    ("last second of the 8th edition", beijing(2022, 6, 27, 23, 59, 59), "cn-covid-8e"),
    ("first second of the 9th edition", beijing(2022, 6, 28), "cn-covid-9e"),
    ("one second before the Twenty", beijing(2022, 11, 10, 23, 59, 59), "cn-covid-9e"),
    ("midnight of the Twenty", beijing(2022, 11, 11), "cn-covid-9e+20"),
    ("midnight of the Twenty said in UTC", datetime(2022, 11, 10, 16, 0, tzinfo=UTC), "cn-covid-9e+20"),
    ("a second before it said in UTC", datetime(2022, 11, 10, 15, 59, 59, tzinfo=UTC), "cn-covid-9e"),
    ("last second before the technical documents", beijing(2022, 11, 20, 23, 59, 59), "cn-covid-9e+20"),
    ("day of the technical documents", beijing(2022, 11, 21), "cn-covid-9e+20.1"),
    ("last second before the Ten", beijing(2022, 12, 6, 23, 59, 59), "cn-covid-9e+20.1"),
    ("day of the Ten", beijing(2022, 12, 7), "cn-covid-9e+20+10"),
    ("last second of class B as A", beijing(2023, 1, 7, 23, 59, 59), "cn-covid-9e+20+10"),
    ("first second of class B as B", beijing(2023, 1, 8), "cn-covid-BB"),
    ("long after", beijing(2026, 1, 1), "cn-covid-BB"),
]


@pytest.mark.parametrize(("instant", "pack"), [row[1:] for row in BOUNDARIES], ids=[row[0] for row in BOUNDARIES])
def test_an_edition_rules_from_midnight_in_shanghai(instant: datetime, pack: str) -> None:
    found = policy_at(instant, HAINAN, "covid-19")
    assert found.pack == pack
    assert found.version.startswith(f"{pack}@")
    assert len(found.version.rpartition("@")[2]) == 12


SEED_TEXTS = [
    ("S4 Hunan 2020-02-14", beijing(2020, 2, 14, 10), HUNAN, "cn-covid-2020-02"),
    ("S4 Hunan 2020-02-16", beijing(2020, 2, 16, 10), HUNAN, "cn-covid-2020-02"),
    ("S3 Xi'an 2021-12-28", beijing(2021, 12, 28, 10), 6101 * 10**14, "cn-covid-8e"),
    ("S0 Sanya 2022-08-15", beijing(2022, 8, 15, 10), SANYA, "cn-covid-9e"),
    ("S2 changeover day", beijing(2022, 11, 11, 10), 13 * 10**16, "cn-covid-9e+20"),
    ("S1 Youyang 2022-11-23", beijing(2022, 11, 23, 10), 500242 * 10**12, "cn-covid-9e+20"),
]


@pytest.mark.parametrize(
    ("instant", "area", "edition"), [row[1:] for row in SEED_TEXTS], ids=[row[0] for row in SEED_TEXTS]
)
def test_each_seed_text_is_read_under_the_edition_of_its_day(instant: datetime, area: int, edition: str) -> None:
    assert policy_at(instant, area, "covid-19").edition == edition


def test_county_tiers_are_not_in_force_before_their_guidance() -> None:
    before = policy_at(beijing(2020, 2, 16, 23, 59, 59), HUNAN, "covid-19")
    since = policy_at(beijing(2020, 2, 17), HUNAN, "covid-19")
    assert before.rules.county_tiers is None
    assert since.rules.county_tiers is not None
    assert before.version == since.version


def test_the_four_categories_are_those_of_hubei_only() -> None:
    on = date(2020, 2, 20)
    assert set(policy_on(on, HUBEI, "covid-19").rules.categories) == {
        "confirmed",
        "suspected",
        "fever_unexcluded",
        "close_contact",
    }
    assert policy_on(on, HUNAN, "covid-19").rules.categories == {}


def test_a_city_s_practice_applies_in_that_city_only() -> None:
    path = "categories.recovered.phases.0.tests"
    assert policy_on(date(2022, 8, 1), SHANGHAI, "covid-19").value(path).value == [7]
    assert path not in policy_on(date(2022, 8, 1), HAINAN, "covid-19").values


def test_beijing_s_closure_begins_on_its_day_and_stays_in_beijing() -> None:
    def closure(day: date, area: int) -> object:
        areas = policy_on(day, area, "covid-19").rules.areas
        assert areas is not None
        return areas.local_closure

    assert closure(date(2022, 5, 16), BEIJING) is None
    assert closure(date(2022, 5, 17), BEIJING) is not None
    assert closure(date(2022, 5, 17), HAINAN) is None


def test_testing_guides_follow_each_other_within_the_eighth_edition() -> None:
    def rounds(day: date) -> set[str]:
        testing = policy_on(day, HAINAN, "covid-19").rules.testing
        assert testing is not None
        return set(testing.rounds)

    second = {
        "up_to_5_million",
        "over_5_million",
        "unknown_source",
        "positive_in_last_3_rounds",
        "positive_within_14_days",
    }
    assert rounds(date(2021, 9, 13)) == set()
    assert rounds(date(2021, 9, 14)) == second
    assert rounds(date(2022, 3, 21)) == second
    assert rounds(date(2022, 3, 22)) == {"chosen_area"}


@pytest.mark.parametrize(
    ("day", "prohibition", "holds"),
    [
        (date(2022, 6, 4), "OG-01", False),
        (date(2022, 6, 5), "OG-01", True),
        (date(2022, 6, 23), "OG-20", False),
        (date(2022, 6, 24), "OG-20", True),
        (date(2022, 11, 10), "OG-11", False),
        (date(2022, 11, 11), "OG-11", True),
        (date(2022, 12, 6), "OG-16", False),
        (date(2022, 12, 7), "OG-16", True),
        (date(2023, 1, 8), "OG-16", False),
        (date(2023, 1, 8), "OG-21", True),
    ],
    ids=lambda each: str(each),
)
def test_a_prohibition_holds_from_the_day_of_its_text(day: date, prohibition: str, holds: bool) -> None:
    assert (prohibition in policy_on(day, HAINAN, "covid-19").rules.forbidden) is holds


def test_standing_guidance_answers_for_any_day() -> None:
    assert policy_on(date(1861, 11, 1), 0, "measles").pack == "measles"
    assert policy_on(date(2026, 1, 1), HAINAN, "measles").pack == "measles"


@pytest.mark.parametrize(
    ("day", "disease"),
    [(date(2020, 2, 1), "covid-19"), (date(2022, 1, 1), "plague")],
    ids=["before the first pack", "a disease without a pack"],
)
def test_where_no_pack_answers_nothing_is_made_up(day: date, disease: str) -> None:
    with pytest.raises(NoPolicyInForce) as refused:
        policy_on(day, HAINAN, disease)
    assert (refused.value.disease, refused.value.day, refused.value.area) == (disease, day, HAINAN)


def test_an_instant_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        policy_at(datetime(2022, 11, 11), HAINAN, "covid-19")  # noqa: DTZ001 (the naive instant is the test)


def test_the_index_gives_every_pack_its_days_without_gap_or_overlap() -> None:
    listed = {each.head.pack: (each.head.amends, each.answers) for each in index()}
    assert listed == {
        "cn-covid-2020-02": (None, ((date(2020, 2, 2), date(2021, 6, 1)),)),
        "cn-covid-8e": (None, ((date(2021, 6, 1), date(2022, 6, 28)),)),
        "cn-covid-9e": (None, ((date(2022, 6, 28), date(2022, 11, 11)),)),
        "cn-covid-9e+20": ("cn-covid-9e", ((date(2022, 11, 11), date(2022, 11, 21)),)),
        "cn-covid-9e+20.1": ("cn-covid-9e+20", ((date(2022, 11, 21), date(2022, 12, 7)),)),
        "cn-covid-9e+20+10": ("cn-covid-9e+20.1", ((date(2022, 12, 7), date(2023, 1, 8)),)),
        "cn-covid-BB": (None, ((date(2023, 1, 8), None),)),
        "measles": (None, ((None, None),)),
        "ebola": (None, ((None, None),)),
        "mpox": (None, ((None, None),)),
    }


def test_a_family_is_an_edition_with_all_that_amends_it() -> None:
    assert family("cn-covid-9e+20") == {"cn-covid-9e", "cn-covid-9e+20", "cn-covid-9e+20.1", "cn-covid-9e+20+10"}
    assert of_family_on("cn-covid-9e", date(2022, 12, 8), 0).pack == "cn-covid-9e+20+10"
    assert of_family_on("cn-covid-9e+20+10", date(2022, 7, 1), 0).pack == "cn-covid-9e"
    with pytest.raises(NoPolicyInForce):
        of_family_on("cn-covid-9e", date(2023, 1, 8), 0)


LOCAL = """
pack: cn-covid-9e.sanya
name: {en: Sanya, zh: 三亚}
disease: covid-19
document: cn-plan-9e
area: 4602
amends: cn-covid-9e
effective: {from: 2022-08-05, to: 2022-08-20, source: D § drill}
measures:
  - source: D § drill
    set:
      categories.secondary_contact.max_days: 8 days
"""


@pytest.fixture
def with_local_overlay() -> Library:
    library, name = shipped().with_text(LOCAL, "local.yaml")
    pack, problems = library.validate(name)
    assert problems == ()
    assert pack is not None
    return library


@pytest.mark.parametrize(
    ("day", "area", "pack"),
    [
        (date(2022, 8, 4), SANYA, "cn-covid-9e"),
        (date(2022, 8, 5), SANYA, "cn-covid-9e.sanya"),
        (date(2022, 8, 5), SANYA + 10**14 - 1, "cn-covid-9e.sanya"),
        (date(2022, 8, 5), SANYA + 10**14, "cn-covid-9e"),
        (date(2022, 8, 19), SANYA, "cn-covid-9e.sanya"),
        (date(2022, 8, 20), SANYA, "cn-covid-9e"),
    ],
    ids=["day before", "first day", "last place of the city", "next city", "last day", "day after it ended"],
)
def test_a_local_overlay_answers_in_its_place_until_it_ends(
    with_local_overlay: Library, day: date, area: int, pack: str
) -> None:
    assert policy_on(day, area, "covid-19", with_local_overlay).pack == pack


def test_a_national_overlay_that_ends_hands_back_to_what_it_amended() -> None:
    text = LOCAL.replace("area: 4602\n", "").replace("2022-08-20", "2022-08-10")
    library, name = shipped().with_text(text, "national.yaml")
    assert library.validate(name)[1] == ()
    spans = {each.head.pack: each.answers for each in index(library)}
    assert spans["cn-covid-9e"] == (
        (date(2022, 6, 28), date(2022, 8, 5)),
        (date(2022, 8, 10), date(2022, 11, 11)),
    )
    assert spans[name] == ((date(2022, 8, 5), date(2022, 8, 10)),)
