"""Importing the official code tables."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from dayclear.foundation.actors import Actor, system
from dayclear.foundation.areas import from_code
from dayclear.foundation.decisions import Refused
from dayclear.foundation.models import Event
from dayclear.foundation.scope import acting
from dayclear.places.commands import import_code_tables
from dayclear.places.models import Place
from dayclear.places.queries import children_of, gazetteer, search_places

US = system("tests")
DATA = Path(__file__).resolve().parents[4] / "shared" / "data" / "places"


@pytest.mark.skipif(not DATA.exists(), reason="../shared/data/places is not on this machine")
def test_the_whole_country_comes_in_by_one_command(db: None, now: datetime) -> None:
    with acting(US):
        outcome = import_code_tables(DATA, by=US, now=now)
        again = import_code_tables(DATA, by=US, now=now)
    assert (outcome.places, outcome.created) == (44_699, 44_699)
    assert outcome.by_level == {1: 31, 2: 342, 3: 2_975, 4: 41_351}
    assert (again.created, again.renamed) == (0, 0)
    hainan = [place.name for place in children_of(from_code("46"))]
    assert len(hainan) == 19
    assert {"海口市", "儋州市", "五指山市", "琼中黎族苗族自治县"} <= set(hainan)
    assert "那大镇" in [place.name for place in children_of(from_code("4604"))]
    assert Place.objects.get(code="610113001").full_name == "陕西省西安市雁塔区小寨路街道"


def test_an_import_is_an_event(places: None) -> None:
    with acting(US):
        assert Event.objects.get(kind="places.tables_imported").payload["created"] == 20


@pytest.mark.parametrize(
    "words", ["雁塔", "yanta", "YanTa", "ytq", "610113"], ids=["Chinese", "pinyin", "capitals", "initials", "code"]
)
def test_a_place_is_found_by_name_pinyin_initials_and_code(places: None, words: str) -> None:
    assert search_places(US, words)[0].code == "610113"


def test_a_search_stays_within_scope(county_officer: Actor) -> None:
    assert search_places(county_officer, "秀英") == []


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param("code,name\n46x,某省\n", "bad_code_row", id="a code that is none"),
        pytest.param("code,name\n46,\n", "bad_code_row", id="no name"),
        pytest.param("number;title\n46;某省\n", "bad_code_row", id="other columns"),
    ],
)
def test_a_broken_table_is_refused_with_its_line_and_nothing_is_kept(
    db: None, now: datetime, tmp_path: Path, content: str, code: str
) -> None:
    (tmp_path / "provinces.csv").write_text(content, encoding="utf-8")
    with pytest.raises(Refused) as refused, acting(US):
        import_code_tables(tmp_path, by=US, now=now)
    assert refused.value.decision.codes == (code,)
    assert not Place.objects.exists()


def test_a_folder_without_tables_is_refused(db: None, now: datetime, tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused, acting(US):
        import_code_tables(tmp_path, by=US, now=now)
    assert refused.value.decision.codes == ("no_code_tables",)


def test_an_officer_may_not_change_the_register(county_officer: Actor, now: datetime, tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused, acting(county_officer):
        import_code_tables(tmp_path, by=county_officer, now=now)
    assert refused.value.decision.codes == ("right_missing",)


def test_a_place_that_is_renamed_is_found_by_its_new_name_at_once(places: None, tmp_path: Path, now: datetime) -> None:
    assert gazetteer().locate("陕西省西安市雁塔区").number == 610113 * 10**12
    table = tmp_path / "areas.csv"
    table.write_text(table.read_text(encoding="utf-8").replace("雁塔区", "慈恩区"), encoding="utf-8")
    with acting(US):
        import_code_tables(tmp_path, by=US, now=now)
    assert gazetteer().locate("陕西省西安市慈恩区").number == 610113 * 10**12
