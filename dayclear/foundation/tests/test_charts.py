"""Charts as a program for the page, as pictures, and as rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import RequestFactory

from dayclear.foundation.charts import (
    Chart,
    Heading,
    answer,
    build_chart_bundle,
    bundle_path,
    chinese_is_drawn,
    picture,
)

SPECIFICATION: dict[str, Any] = {
    "$schema": "https://vega.github.io/schema/vega-lite/v6.4.1.json",
    "config": {"view": {"continuousWidth": 300}},
    "data": {"values": [{"day": "2021-12-28", "cases": 175}]},
    "encoding": {"x": {"field": "day", "type": "ordinal"}, "y": {"field": "cases", "type": "quantitative"}},
    "mark": "bar",
    "width": "container",
}
CHART = Chart("cases", SPECIFICATION, ("Day", "Place"), [("2021-12-28", "=1+1"), (None, "雁塔区")])
HEADING = Heading("每日新增病例", ("西安市 · 2021年12月21日–28日", "As of 2021-12-29 12:00"))


def test_the_bundle_is_one_module_named_by_its_versions_and_built_once(tmp_path: Path) -> None:
    made = build_chart_bundle(tmp_path)
    assert made == tmp_path / bundle_path()
    assert made.read_text(encoding="utf-8").rstrip().endswith("as vegaEmbed};")
    before = made.stat().st_mtime_ns
    assert build_chart_bundle(tmp_path).stat().st_mtime_ns == before
    assert [file.name for file in made.parent.iterdir()] == [made.name]


def test_a_picture_carries_its_heading_and_none_of_altair_s_own_configuration() -> None:
    drawn = picture(CHART.for_picture(HEADING), "svg").decode()
    for said in (HEADING.title, *HEADING.lines):
        assert said in drawn
    assert "continuousWidth" not in CHART.for_picture(HEADING)
    assert "continuousWidth" not in CHART.for_page()


def test_equal_charts_are_drawn_once() -> None:
    first = picture(CHART.for_picture(HEADING), "svg")
    assert picture(CHART.for_picture(Heading(HEADING.title, HEADING.lines)), "svg") is first


def test_nothing_is_fetched_for_a_picture() -> None:
    outside = {**SPECIFICATION, "data": {"url": "https://example.org/data.json"}}
    with pytest.raises(ValueError, match=r"(?i)not allowed|denied|base url"):
        picture(Chart("outside", outside, (), []).for_picture(HEADING), "svg")


def test_a_cell_is_never_a_formula_and_excel_reads_the_chinese() -> None:
    body = answer(RequestFactory().get("/"), CHART, HEADING, "csv").content
    assert body.decode("utf-8-sig").splitlines() == ["Day,Place", "2021-12-28,'=1+1", ",雁塔区"]
    assert body.startswith(b"\xef\xbb\xbf")


def test_what_the_reader_has_is_not_sent_again() -> None:
    first = answer(RequestFactory().get("/"), CHART, HEADING, "json")
    again = answer(RequestFactory().get("/", headers={"If-None-Match": first.headers["ETag"]}), CHART, HEADING, "json")
    assert (again.status_code, again.content) == (304, b"")


def test_it_is_known_whether_chinese_can_be_drawn() -> None:
    assert chinese_is_drawn() in (True, False)
