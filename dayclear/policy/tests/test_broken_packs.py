"""One broken file per mistake; each is told with file, line and reason, in both languages."""

from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dayclear.policy.loader import shipped, validate_file
from dayclear.policy.problems import MESSAGES

BROKEN = Path(__file__).parent / "broken"

EXPECTED = [
    ("unknown_key", 10, "unknown_key", "unknown key “max_dys”"),
    ("unknown_section", 6, "unknown_key", "unknown key “catgories”"),
    ("missing_source", 9, "missing_source", "the value has no source, and no enclosing block gives one"),
    (
        "unsourced_restriction",
        10,
        "unsourced_restriction",
        "“categories.close_contact.max_days” restricts people but is unsourced [U]; it needs a sign_off",
    ),
    (
        "idle_sign_off",
        7,
        "idle_sign_off",
        "sign_off for “categories.close_contact.max_days”, which is not an unsourced value of this pack",
    ),
    ("unknown_source", 7, "unknown_source", "source id “C999” is not in _sources.yaml or the pack's own sources"),
    ("bad_source", 7, "bad_source", "source “see the plan” is not of the form “TAG IDS @ document § clause”"),
    ("source_without_id", 7, "bad_source", "source “R § reports” is not of the form “TAG IDS @ document § clause”"),
    (
        "unknown_document",
        7,
        "unknown_document",
        "document “some-plan” is not in _sources.yaml or the pack's own documents",
    ),
    ("wrong_unit", 10, "wrong_unit", "“7 hours” has the wrong unit; write for example “2 days”"),
    ("bare_number", 7, "wrong_unit", "“2” has the wrong unit; write for example “2 hours”"),
    ("bad_date", 9, "bad_date", "“2030-02-30” is not a date; write YEAR-MONTH-DAY"),
    ("date_as_text", 9, "bad_date", "“next spring” is not a date; write YEAR-MONTH-DAY"),
    ("duplicate_key", 8, "duplicate_key", "“report” is written twice in the same block"),
    ("test_beyond_phase", 13, "test_beyond_phase", "test on day 7, but the phase has 5 days"),
    ("days_not_ascending", 13, "days_not_ascending", "days must ascend and not repeat: 3, 2"),
    ("phases_beyond_maximum", 13, "phases_beyond_maximum", "the phases last 10 days, more than max_days (7)"),
    (
        "phase_length_twice",
        11,
        "phase_length_twice",
        "a phase is given either by days or by starts and ends, not both",
    ),
    ("unknown_category", 10, "unknown_category", "category “close_contact” is not in this pack"),
    ("unknown_level", 13, "unknown_level", "area level “medium” is not in this pack"),
    ("unknown_prohibition", 6, "unknown_prohibition", "“OG-99” is not in _prohibitions.yaml"),
    ("missing_key", 7, "missing_key", "“after” is missing"),
    ("one_language", 9, "missing_key", "“zh” is missing"),
    ("no_value", 9, "no_value", "“within” is empty"),
    (
        "bad_code",
        10,
        "bad_value",
        "“Last Exposure” is not allowed here: String should match pattern '^[a-z][a-z0-9_]*$'",
    ),
    ("bad_area", 6, "bad_area", "“460” is not a place number: 2, 4, 6, 9, 12, 15 or 18 digits"),
    ("bad_life_area", 9, "bad_area", "“Hainan” is not a place number: 2, 4, 6, 9, 12, 15 or 18 digits"),
    (
        "yaml_syntax",
        3,
        "yaml_syntax",
        "not readable as YAML: expected <block end>, but found '<block mapping start>'",
    ),
    ("alias", 7, "yaml_syntax", "not readable as YAML: aliases (*name) are not used in packs"),
    (
        "absurd_duration",
        9,
        "wrong_unit",
        "“99999999999999 hours” has the wrong unit; write for example “2 hours”",
    ),
    ("not_a_mapping", 1, "not_a_mapping", "a pack must be a list of named blocks"),
    ("effective_without_source", 5, "missing_source", "the value has no source, and no enclosing block gives one"),
    ("no_first_day", 5, "missing_key", "“from” is missing"),
    ("ends_before_it_begins", 7, "ends_before_it_begins", "ends on 2029-01-01, before it begins on 2030-01-01"),
    (
        "overlay_removes_what_is_not_there",
        10,
        "nothing_to_remove",
        "cannot remove “categories.third_contact”: the amended pack has no such value",
    ),
    (
        "overlay_sets_unknown_path",
        11,
        "unknown_path",
        "cannot set “categories.close_contcat.max_days”: the amended pack has no such value (use add for a new one)",
    ),
    (
        "overlay_sets_new_value",
        11,
        "unknown_path",
        "cannot set “categories.close_contact.no_repeat_at_destination”: "
        "the amended pack has no such value (use add for a new one)",
    ),
    (
        "overlay_adds_what_is_there",
        11,
        "already_there",
        "cannot add “categories.close_contact.max_days”: the amended pack has it already (use set)",
    ),
    (
        "overlay_adds_below_nothing",
        11,
        "unknown_parent",
        "cannot add “categories.close_contcat.max_days”: the amended pack has no block that it would belong to",
    ),
    ("overlay_unknown_key_in_value", 11, "unknown_key", "unknown key “max_dys”"),
    ("overlay_without_source", 10, "missing_source", "the value has no source, and no enclosing block gives one"),
    ("overlay_with_own_section", 8, "unknown_key", "unknown key “categories”"),
    (
        "overlay_unsourced",
        11,
        "unsourced_restriction",
        "“categories.close_contact.max_days” restricts people but is unsourced [U]; it needs a sign_off",
    ),
    (
        "discriminates",
        10,
        "discriminates",
        "“categories.close_contact.only_when” speaks of who somebody is (hukou); "
        "only what they were exposed to may decide",
    ),
    ("overlay_of_nothing", 5, "unknown_pack", "there is no pack “cn-covid-10e”"),
    ("overlay_of_itself", 5, "circular_amends", "“drill-overlay” amends itself through drill-overlay"),
    (
        "overlay_of_other_disease",
        3,
        "other_disease",
        "amends a pack for “covid-19”, but is for “measles”",
    ),
    ("overlay_too_early", 6, "before_amended", "takes effect before the pack it amends"),
    (
        "overlapping_ranges",
        5,
        "overlapping_ranges",
        "in force at the same time and place as “cn-covid-9e+20+10” (from 2022-12-31)",
    ),
    (
        "overlapping_overlays",
        6,
        "overlapping_ranges",
        "in force at the same time and place as “cn-covid-9e+20” (from 2022-11-11)",
    ),
]


@pytest.mark.parametrize(("name", "line", "code", "message"), EXPECTED, ids=[row[0] for row in EXPECTED])
def test_a_broken_pack_is_refused_with_file_line_and_reason(name: str, line: int, code: str, message: str) -> None:
    path = BROKEN / f"{name}.yaml"
    pack, problems = validate_file(path)
    assert pack is None
    assert (str(path), line, code, message) in [(each.file, each.line, each.code, each.message) for each in problems]


def test_R33_packs_may_not_speak_of_who_somebody_is_but_of_listed_exposure_classes() -> None:
    """The broken pack beside is refused; the posts tested by routine are listed as exposure classes, and pass."""
    _, problems = validate_file(BROKEN / "discriminates.yaml")
    assert [each.code for each in problems] == ["discriminates"]
    testing = shipped().resolve("cn-covid-9e").rules.testing
    assert testing is not None
    assert testing.occupations


def test_a_mistake_far_away_is_told_once_and_nothing_else() -> None:
    _, problems = validate_file(BROKEN / "unknown_source.yaml")
    assert len(problems) == 1


def test_an_overlay_that_removes_what_other_values_need_is_refused() -> None:
    pack, problems = validate_file(BROKEN / "overlay_removes_what_others_need.yaml")
    assert pack is None
    assert {each.path for each in problems} == {
        "categories.secondary_contact.only_of",
        "categories.secondary_contact.escalates.0.to",
    }


def test_every_broken_file_is_in_the_table() -> None:
    tested = {row[0] for row in EXPECTED} | {"overlay_removes_what_others_need"}
    assert tested == {path.stem for path in BROKEN.glob("*.yaml")}


def test_every_reason_is_said_in_chinese_with_the_same_particulars() -> None:
    _, problems = validate_file(BROKEN / "phases_beyond_maximum.yaml")
    assert "10 天" in problems[0].message_zh
    assert "7 天" in problems[0].message_zh
    for code, (_, chinese) in MESSAGES.items():
        assert any("一" <= letter <= "鿿" for letter in chinese), code


def test_a_problem_reads_as_file_line_code_and_reason() -> None:
    path = BROKEN / "wrong_unit.yaml"
    _, problems = validate_file(path)
    assert str(problems[0]) == (f"{path}:10: wrong_unit: “7 hours” has the wrong unit; write for example “2 days”")


FOREIGN = ["", "x", "[]", "{}", "null", "12", "- a", "2022-99-99", "{value: 1}", "{en: a}", "'", "[[1], 2]", "1e999"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(pack=st.sampled_from(shipped().ids()), place=st.integers(min_value=0), foreign=st.sampled_from(FOREIGN))
def test_a_pack_damaged_anywhere_is_either_valid_or_explained(pack: str, place: int, foreign: str) -> None:
    lines = (files("dayclear.policy") / "packs" / f"{pack}.yaml").read_text("utf-8").splitlines()
    line = place % len(lines)
    lines[line] = f"{lines[line].partition(':')[0]}: {foreign}"
    library, name = shipped().with_text("\n".join(lines), "damaged.yaml")
    found, problems = library.validate(name)
    assert (found is None) == bool(problems)
    assert all(each.line >= 1 and each.message and each.message_zh for each in problems)
