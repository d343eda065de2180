"""Published lists of risk areas: the real file of Hainan, and files with something wrong."""

from __future__ import annotations

import gzip
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest

from dayclear.areas.models import PublishedArea, PublishedSpell
from dayclear.foundation.actors import Actor, system
from dayclear.foundation.decisions import Refused
from dayclear.foundation.models import Event
from dayclear.foundation.scope import acting
from dayclear.interop.risk_areas import import_risk_areas, read_lists
from dayclear.places.commands import import_code_tables

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
HAINAN = DATA / "hainan_2022" / "risk_areas_to_2022-08-31.csv.gz"
COLUMNS = "snapshot_hour,level,province,city,county,area_name,community"
BY = system("tests")


def written(folder: Path, *rows: str) -> Path:
    file = folder / "lists.csv"
    file.write_text("\n".join([COLUMNS, *rows]), encoding="utf-8")
    return file


def row(hour: str, level: str, name: str, county: str = "海口市,秀英区") -> str:
    return f"{hour},{level},海南省,{county},-,{name}"


@pytest.mark.usefixtures("places")
def test_a_file_of_lists_becomes_lives_and_the_same_file_again_changes_nothing(tmp_path: Path, now: datetime) -> None:
    file = written(
        tmp_path,
        row("2022-08-01T08:00", "high", "一村"),
        row("2022-08-01T08:00", "medium", "二村"),
        row("2022-08-10T08:00", "medium", "一村"),
        row("2022-08-15T08:00", "medium", "三村"),
    )
    with acting(BY):
        first = import_risk_areas(file, "covid-19", by=BY, now=now)
        again = import_risk_areas(file, "covid-19", by=BY, now=now)
        assert (first.stored.created, first.stored.spells) == (3, 4)
        assert (again.stored.created, again.stored.updated, again.stored.unchanged) == (0, 0, 3)
        assert Event.objects.filter(kind="areas.lists_imported").count() == 1
        life = PublishedArea.objects.get(name="一村")
        assert (life.area, life.verdict, str(life.earliest_on)) == (460105 * 10**12, "longer", "2022-08-11")
        assert [spell.outcome for spell in life.spells.order_by("position")] == ["lowered", "lifted"]


@pytest.mark.usefixtures("places")
def test_a_longer_file_carries_lives_on_and_a_shorter_one_is_refused(tmp_path: Path, now: datetime) -> None:
    short = [row("2022-08-01T08:00", "high", "一村"), row("2022-08-04T08:00", "high", "一村")]
    with acting(BY):
        import_risk_areas(written(tmp_path, *short), "covid-19", by=BY, now=now)
        longer = written(tmp_path, *short, row("2022-08-09T08:00", "medium", "一村"))
        assert import_risk_areas(longer, "covid-19", by=BY, now=now).stored.updated == 1
        with pytest.raises(Refused, match="snapshots_narrower"):
            import_risk_areas(written(tmp_path, *short), "covid-19", by=BY, now=now)
        assert PublishedSpell.objects.count() == 2


@pytest.mark.usefixtures("places")
@pytest.mark.parametrize(
    ("lines", "code"),
    [
        pytest.param([], "no_snapshot_rows", id="no rows"),
        pytest.param([row("yesterday", "high", "一村")], "bad_snapshot_row", id="an hour that is none"),
        pytest.param([row("2022-08-01T08:00", "purple", "一村")], "bad_snapshot_row", id="a level nobody knows"),
        pytest.param([row("2022-08-01T08:00", "high", "")], "bad_snapshot_row", id="an area without a name"),
        pytest.param(
            ["2022-08-01T08:00,high,某省,某市,某县,-,一村"], "places_missing", id="a province not in the register"
        ),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_and_nothing_is_kept(
    tmp_path: Path, now: datetime, lines: list[str], code: str
) -> None:
    with acting(BY):
        with pytest.raises(Refused, match=code):
            import_risk_areas(written(tmp_path, *lines), "covid-19", by=BY, now=now)
        assert not PublishedArea.objects.exists()


@pytest.mark.usefixtures("places")
def test_an_area_under_both_levels_at_once_counts_under_the_stricter(tmp_path: Path) -> None:
    file = written(tmp_path, row("2022-08-01T08:00", "medium", "一村"), row("2022-08-01T08:00", "high", "一村"))
    with acting(BY):
        lists = read_lists(file)
    assert lists.twice == 1
    assert set(lists.snapshots[0][1].values()) == {"high"}


@pytest.mark.usefixtures("places")
def test_a_county_officer_sees_the_published_areas_of_the_own_county(
    tmp_path: Path, now: datetime, county_officer: Actor
) -> None:
    with acting(BY):
        import_risk_areas(written(tmp_path, row("2022-08-01T08:00", "high", "一村")), "covid-19", by=BY, now=now)
    with acting(county_officer):
        assert not PublishedArea.objects.exists()


@pytest.mark.skipif(not HAINAN.exists(), reason=f"the lists of Hainan are not here: {HAINAN.name}")
def test_the_lists_of_hainan_of_august_2022(db: None, tmp_path: Path, now: datetime) -> None:
    """270 snapshots, 56,803 rows: every area's life, held against the ninth edition."""
    for table in ("provinces", "cities", "areas"):
        text = (DATA / "places" / f"{table}.csv").read_text(encoding="utf-8-sig")
        (tmp_path / f"{table}.csv").write_text(text, encoding="utf-8")
    with acting(BY):
        import_code_tables(tmp_path, by=BY, now=now)
        done = import_risk_areas(HAINAN, "covid-19", by=BY, now=now)
        assert (done.rows, done.stored.snapshots) == (56_803, 270)
        assert done.coarse == ("海南省 三亚市 育才生态区",)
        assert [f"{start:%m-%d} {end:%m-%d}" for start, end in done.silences] == ["07-27 08-02"]
        names = {
            (area, county, name)
            for area, county, name in PublishedArea.objects.values_list("area", "county_name", "name")
        }
        # One name of the 1,825 differs from another by a blank alone.
        assert len(names) == 1_824
        assert PublishedArea.objects.count() == done.stored.areas == sum(done.stored.verdicts.values())
        assert PublishedSpell.objects.count() == done.stored.spells
        # Every spell was judged under the ninth edition, in force since 28 June 2022.
        editions = {policy.partition("@")[0] for policy in PublishedSpell.objects.values_list("policy", flat=True)}
        assert editions == {"cn-covid-9e"}
        again = import_risk_areas(HAINAN, "covid-19", by=BY, now=now)
        assert again.stored.unchanged == done.stored.areas
        assert Counter(PublishedArea.objects.values_list("verdict", flat=True)) == done.stored.verdicts
    with gzip.open(HAINAN, "rt", encoding="utf-8-sig") as lines:
        last_hour = str(lines.readlines()[-1]).split(",")[0]
    with acting(BY):
        still = PublishedArea.objects.filter(gone_at=None).count()
        assert last_hour == "2022-08-31T21:00"
        assert still == len(read_lists(HAINAN).snapshots[-1][1])
