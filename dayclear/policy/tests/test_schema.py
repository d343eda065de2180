"""The schema takes the clocks of other diseases, and local overlays under a variance."""

from pathlib import Path

import pytest

from dayclear.policy.loader import Pack, library_of, shipped, shipped_catalogue, validate_file
from dayclear.policy.problems import PackError
from dayclear.policy.schema import AnchoredDay, split_quantity

HOWTO = Path(__file__).parents[3] / "docs" / "howto" / "write-a-policy-pack.md"
DRAFTS = Path(__file__).parent / "drafts"


def load(name: str) -> Pack:
    pack, problems = validate_file(DRAFTS / f"{name}.yaml")
    assert problems == ()
    assert pack is not None
    return pack


def test_ebola_has_three_ways_to_count_the_end_of_an_outbreak() -> None:
    rules = load("ebola").rules
    assert {(each.days, each.heightened) for each in rules.outbreak_end.values()} == {(42, 90)}
    assert {key: each.counted_from for key, each in rules.outbreak_end.items()} == {
        "recovered": "day_after_second_negative",
        "died_in_unit": "day_after_burial",
        "died_in_community": "day_after_burial",
    }
    assert rules.categories["contact"].phases[0].ends == AnchoredDay(21, "last_exposure")


def test_mpox_phases_with_a_cause_may_restart_and_run_on() -> None:
    monitoring, symptom, rash = load("mpox").rules.categories["contact"].phases
    assert monitoring.ends == AnchoredDay(21, "last_exposure")
    assert (symptom.cause, symptom.days, symptom.restarts_on) == ("symptom_other_than_rash", 5, ("new_sign",))
    assert (rash.cause, rash.days, rash.until) == ("rash", None, "negative_test")


def test_avian_influenza_is_checked_on_days_from_the_first_exposure_to_after_the_last() -> None:
    rules = load("influenza").rules
    phase = rules.categories["exposed_without_protection"].phases[0]
    assert phase.starts == AnchoredDay(0, "first_exposure")
    assert phase.ends == AnchoredDay(10, "last_exposure")
    assert phase.checks == (0, 5, 10)
    assert rules.case_definitions["suspected_outbreak"].outbreak_state == "none_declared"


def test_a_local_overlay_carries_its_variance_and_its_end(tmp_path: Path) -> None:
    path = tmp_path / "local.yaml"
    path.write_text(
        """
pack: drill-local
name: {en: Local, zh: 地方}
disease: covid-19
document: cn-plan-9e
area: 4602
amends: cn-covid-9e
effective: {from: 2022-08-05, to: 2022-08-20, source: D § drill}
review_on: 2022-08-12
sunset_on: 2022-08-20
variance: {approved_by: Headquarters 1, approved_on: 2022-08-04, expires_on: 2022-08-20, reason: drill}
sign_off:
  - {path: categories.secondary_contact.max_days, by: Unit 1, on: 2022-08-04, reason: drill}
measures:
  - source: U § drill
    set:
      categories.secondary_contact.max_days: 8 days
""",
        "utf-8",
    )
    pack, problems = validate_file(path)
    assert problems == ()
    assert pack is not None
    assert pack.head.variance is not None
    assert pack.head.variance.expires_on == pack.head.effective.to_on == pack.head.sunset_on
    assert set(pack.unsourced) == {"categories.secondary_contact.max_days", "categories.inbound.counted_from"}


@pytest.mark.parametrize(
    ("written", "value", "unit"),
    [
        ("7 days", 7, "day"),
        ("1 day", 1, "day"),
        ("2 hours", 2, "hour"),
        ("1.5 hours", 1.5, "hour"),
        ("days 1, 2, 3", [1, 2, 3], "day of the phase"),
        ("2 per week", "2 per week", "times per period"),
        ("Ct 35", 35, "Ct"),
        ("day 5 after first_exposure", "day 5 after first_exposure", "day"),
        ("2 days before onset", "2 days before onset", "day"),
        ("02:00", "02:00", "time of day"),
        (True, True, "yes/no"),
        (("stay_home", "door_delivery"), ["stay_home", "door_delivery"], "code"),
        ("compound", "compound", "code"),
    ],
    ids=str,
)
def test_a_written_quantity_splits_into_value_and_unit(written: object, value: object, unit: str) -> None:
    assert split_quantity(written) == (value, unit)


def test_the_example_of_the_howto_is_a_valid_pack() -> None:
    example = HOWTO.read_text("utf-8").split("```yaml\n")[1].split("```")[0]
    library, name = shipped().with_text(example, "example.yaml")
    assert library.validate(name)[1] == ()


def test_two_files_with_one_id_are_refused() -> None:
    text = (DRAFTS / "ebola.yaml").read_text("utf-8")
    with pytest.raises(PackError) as refused:
        library_of([("one.yaml", text), ("two.yaml", text)], shipped_catalogue())
    assert [str(each) for each in refused.value.problems] == [
        "two.yaml:1: duplicate_pack: pack “drill-ebola” exists already in one.yaml"
    ]


def test_an_overlay_cannot_reach_beyond_the_places_of_what_it_amends() -> None:
    head = "name: {en: Drill, zh: 演练}\ndisease: covid-19\ndocument: cn-plan-9e\n"
    span = "effective: {from: 2022-08-05, to: 2022-08-20, source: D § drill}\n"
    city = f"pack: drill-city\n{head}area: 4602\namends: cn-covid-9e\n{span}"
    wide = f"pack: drill-wide\n{head}area: 46\namends: drill-city\n{span}"
    library, _ = shipped().with_text(city, "city.yaml")
    library, name = library.with_text(wide, "wide.yaml")
    found, problems = library.validate(name)
    assert found is None
    assert [str(each) for each in problems] == [
        "wide.yaml:5: wider_than_amended: is meant for places outside the pack it amends"
    ]
