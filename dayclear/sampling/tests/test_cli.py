"""`dayclear sampling`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dayclear.sampling.cli import sampling

COMMUNITIES = "name,people,latitude,longitude\n" + "".join(f"c{n},1000,34.2,{108.9 + n / 100}\n" for n in range(6))
CANDIDATES = "code,name,latitude,longitude,lanes\n" + "".join(
    f"H{n},hall {n},34.2,{108.9 + n / 100},2\n" for n in range(6)
)


def _run(*words: str) -> Result:
    return CliRunner().invoke(sampling, words)


@pytest.fixture
def lists(tmp_path: Path) -> list[str]:
    (tmp_path / "communities.csv").write_text(COMMUNITIES, encoding="utf-8")
    (tmp_path / "candidates.csv").write_text(CANDIDATES, encoding="utf-8")
    return [str(tmp_path / "communities.csv"), str(tmp_path / "candidates.csv")]


def test_advice_for_programs() -> None:
    told = json.loads(_run("advise", "--people", "9450000", "--prevalence", "0.001", "--json").stdout)
    assert told["best"] == 20
    assert [(each["size"], round(each["recalled"])) for each in told["sizes"]] == [
        (5, 47156),
        (10, 94076),
        (20, 187215),
    ]


def test_advice_from_the_tubes_of_a_past_round() -> None:
    told = json.loads(_run("advise", "--people", "1000", "--from-tubes", "5", "100", "10", "--json").stdout)
    assert told["prevalence"] == pytest.approx(0.0051162)
    assert told["interval"]["high"] == pytest.approx(0.01190104)


def test_advice_for_people_is_a_table() -> None:
    done = _run("advise", "--people", "1000", "--prevalence", "0.01", "--size", "10")
    assert done.exit_code == 0
    assert "196" in done.stdout


@pytest.mark.parametrize(
    "words",
    [
        pytest.param([], id="no prevalence"),
        pytest.param(["--prevalence", "0.1", "--from-tubes", "1", "2", "3"], id="both"),
        pytest.param(["--from-tubes", "9", "2", "3"], id="more positive than tubes"),
    ],
)
def test_advice_called_wrongly(words: list[str]) -> None:
    assert _run("advise", "--people", "1000", *words).exit_code == 2


def test_sites_for_programs(lists: list[str]) -> None:
    told = json.loads(_run("site", *lists, "--aim", "fewest", "--json").stdout)
    assert [point["code"] for point in told["points"]] == ["H1", "H4"]
    assert (told["within_reach"], told["gap"]) == (6000, 0)


def test_sites_for_people_are_a_table(lists: list[str]) -> None:
    done = _run("site", *lists, "--aim", "widest", "--points", "1")
    assert done.exit_code == 0
    assert "3000 of 6000 people within 1000 m" in done.stdout


def test_what_cannot_be_planned_ends_with_a_sentence(lists: list[str]) -> None:
    words = ["site", *lists, "--aim", "fewest", "--reach", "1", "--json"]
    Path(lists[1]).write_text(CANDIDATES.rsplit("H5", 1)[0], encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "dayclear", "--lang", "en", "sampling", *words],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "1 of the communities have no possible point within 1 m." in done.stderr
    assert done.stdout == ""
