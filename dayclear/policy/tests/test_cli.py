"""The commands as an official or a script meets them: no database, meaningful exit codes."""

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from dayclear.policy.cli import policy
from dayclear.policy.loader import shipped

BROKEN = Path(__file__).parent / "broken"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(policy, arguments, env={"DAYCLEAR_LANGUAGE": "en"})


def data(*arguments: str) -> dict[str, Any]:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    loaded: dict[str, Any] = json.loads(result.stdout)
    return loaded


def test_list_names_every_pack_with_its_days_and_what_it_amends() -> None:
    packs = {each["pack"]: each for each in data("list")["packs"]}
    assert set(packs) == set(shipped().ids())
    twenty = packs["cn-covid-9e+20"]
    assert twenty["amends"] == "cn-covid-9e"
    assert twenty["answers"] == [{"from": "2022-11-11", "to": "2022-11-21"}]
    assert twenty["version"].startswith("cn-covid-9e+20@")
    text = run("list")
    assert text.exit_code == 0
    assert all(pack in text.output for pack in packs)


def test_show_gives_every_value_with_unit_document_clause_and_tag() -> None:
    shown = data("show", "cn-covid-9e")
    values = {each["path"]: each for each in shown["values"]}
    days = values["categories.close_contact.phases.0.days"]
    assert (days["value"], days["unit"]) == (7, "day")
    assert days["source"]["document"] == "cn-plan-9e"
    assert days["source"]["tag"] == "R"
    assert days["source"]["ids"] == ["C04", "C10", "C01"]
    assert all(each["unit"] and each["source"]["document"] and each["source"]["clause"] for each in shown["values"])
    assert "time_limits.contact_isolated.within" in shown["single_source"]
    assert shown["unsourced"] == ["categories.inbound.counted_from"]
    assert shown["gaps"]


@pytest.mark.parametrize(
    ("day", "pack"),
    [
        ("2022-11-10", "cn-covid-9e"),
        ("2022-11-11", "cn-covid-9e+20"),
        ("2022-11-10T23:59:59+08:00", "cn-covid-9e"),
        ("2022-11-10T16:00:00+00:00", "cn-covid-9e+20"),
        ("2022-12-07", "cn-covid-9e+20+10"),
    ],
)
def test_show_at_a_day_gives_what_the_family_had_in_force(day: str, pack: str) -> None:
    assert data("show", "cn-covid-9e", "--at", day)["pack"] == pack


def test_show_at_a_place_adds_what_only_that_place_practised() -> None:
    def paths(*place: str) -> set[str]:
        return {each["path"] for each in data("show", "cn-covid-9e", "--at", "2022-08-15", *place)["values"]}

    assert paths("--area", "46") - paths() == {
        "time_limits.sample_to_transfer_chain.within",
        "time_limits.sample_to_transfer_chain.after",
        "time_limits.sample_to_transfer_chain.is_target",
        "cadences.dispatch.every",
        "cadences.testing_return.every",
    }


def test_show_reads_as_text_in_both_languages() -> None:
    english = run("show", "cn-covid-9e+20")
    chinese = run("show", "cn-covid-9e+20", "--lang", "zh-Hans")
    assert english.exit_code == chinese.exit_code == 0
    assert "9th edition with the Twenty Measures" in english.output
    assert "5 days" in english.output
    assert "Changeover" in english.output
    assert "5 天" in chinese.output
    assert "过渡安排" in chinese.output


def test_diff_lists_the_twenty_measures() -> None:
    found = data("diff", "cn-covid-9e", "cn-covid-9e+20")
    assert {each["source"]["measure"] for each in found["changes"]} == set(range(1, 21))
    assert [each["number"] for each in found["measures"]] == list(range(1, 21))
    high = next(each for each in found["changes"] if each["path"] == "areas.levels.high.down.clear_days")
    assert high["before"] == {"value": 7, "unit": "day"}
    assert high["after"] == {"value": 5, "unit": "day"}
    assert high["source"]["clause"] == "Measure 4"
    assert len(found["transition"]) == 5


def test_diff_of_a_pack_with_itself_says_that_nothing_changes() -> None:
    result = run("diff", "measles", "measles")
    assert (result.exit_code, result.output) == (0, "No value changes.\n")


def test_diff_compares_a_shipped_pack_with_a_draft_file(tmp_path: Path) -> None:
    draft = tmp_path / "draft.yaml"
    text = (files("dayclear.policy") / "packs" / "measles.yaml").read_text("utf-8")
    draft.write_text(text.replace("mmr_vaccine: {within: 72 hours", "mmr_vaccine: {within: 48 hours"), "utf-8")
    found = data("diff", "measles", str(draft))
    assert [(each["path"], each["before"]["value"], each["after"]["value"]) for each in found["changes"]] == [
        ("prophylaxis.mmr_vaccine.within", 72, 48)
    ]


@pytest.mark.parametrize("pack", shipped().ids())
def test_a_copy_of_every_shipped_pack_validates(pack: str, tmp_path: Path) -> None:
    copy = tmp_path / "copy.yaml"
    copy.write_text((files("dayclear.policy") / "packs" / f"{pack}.yaml").read_text("utf-8"), "utf-8")
    assert data("validate", str(copy))["version"] == shipped().resolve(pack).version
    assert run("validate", str(copy)).exit_code == 0


def test_validate_names_file_line_and_reason_and_ends_with_one() -> None:
    path = str(BROKEN / "unknown_key.yaml")
    result = run("validate", path)
    assert result.exit_code == 1
    assert result.output == f"{path}:10: unknown_key: unknown key “max_dys”\n"
    chinese = run("validate", path, "--lang", "zh")
    assert chinese.output == f"{path}:10: unknown_key: 未知的键“max_dys”\n"


def test_validate_as_json_carries_both_languages() -> None:
    path = str(BROKEN / "unknown_key.yaml")
    result = run("validate", path, "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout) == {
        "valid": False,
        "problems": [
            {
                "file": path,
                "line": 10,
                "code": "unknown_key",
                "path": "categories.close_contact.max_dys",
                "message": "unknown key “max_dys”",
                "message_zh": "未知的键“max_dys”",
            }
        ],
    }


def test_a_broken_draft_named_to_show_or_diff_is_refused_like_by_validate() -> None:
    path = str(BROKEN / "wrong_unit.yaml")
    assert run("show", path).exit_code == 1
    assert run("diff", "measles", path).exit_code == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("show", "cn-covid-10e"),
        ("show", "no-such-file.yaml"),
        ("diff", "cn-covid-9e", "cn-covid-10e"),
        ("validate", "no-such-file.yaml"),
        ("show", "cn-covid-9e", "--at", "yesterday"),
        ("show", "cn-covid-9e", "--at", "2022-11-10T23:59:59"),
        ("show", "cn-covid-9e", "--area", "460"),
    ],
    ids=[
        "show an unknown pack",
        "show a missing file",
        "diff an unknown pack",
        "validate a missing file",
        "a day that is none",
        "an instant without offset",
        "three digits of a place",
    ],
)
def test_a_command_not_understood_ends_with_two(arguments: tuple[str, ...]) -> None:
    assert run(*arguments).exit_code == 2


def test_a_file_that_is_not_utf8_ends_with_two(tmp_path: Path) -> None:
    path = tmp_path / "gb.yaml"
    path.write_bytes("pack: 麻疹".encode("gb18030"))
    assert run("validate", str(path)).exit_code == 2


def test_a_day_on_which_the_family_had_nothing_in_force_ends_with_one() -> None:
    result = run("show", "cn-covid-9e", "--at", "2023-01-08")
    assert result.exit_code == 1
    assert "no policy pack for covid-19 on 2023-01-08" in result.output
