"""Rows: what becomes of each line, and what a row must not say."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dayclear.interop.linelist.columns import ReadOptions
from dayclear.interop.linelist.facts import Age
from dayclear.interop.linelist.identity import case_number_key
from dayclear.interop.linelist.outcomes import Cell
from dayclear.interop.linelist.tests.samples import OPTIONS, SHANGHAI, codes, read, read_one

HEAD = "病例编号 姓名 性别 年龄 发病日期 报告日期"
ONE = ("A1", "张三", "男", 30, "2022-05-01", "2022-05-03")


def test_a_plain_row_becomes_typed_facts() -> None:
    row = read_one(HEAD, *ONE)
    assert (row.kind, row.row_number, row.problems) == ("case", 2, ())
    facts = row.facts
    assert (facts.case_number, facts.person_name, facts.sex, facts.age) == ("A1", "张三", "male", Age(30))
    assert (facts.onset_on, facts.reported_on) == (date(2022, 5, 1), date(2022, 5, 3))


@pytest.mark.parametrize(
    ("headers", "cells", "kind", "code"),
    [
        pytest.param("病例编号 发病日期", ("A1", "2022-06-02"), "rejected", "date_in_future", id="onset tomorrow"),
        pytest.param("病例编号 发病日期", ("A1", "2022-06-01"), "case", None, id="onset today"),
        pytest.param(
            "病例编号 发病日期 死亡日期",
            ("A1", "2022-05-03", "2022-05-02"),
            "rejected",
            "onset_after_death",
            id="dead first",
        ),
        pytest.param(
            "病例编号 发病日期 死亡日期", ("A1", "2022-05-02", "2022-05-02"), "case", None, id="died that day"
        ),
        pytest.param(
            "病例编号 发病日期 报告日期",
            ("A1", "2022-05-16", "2022-05-01"),
            "case",
            "onset_long_after_report",
            id="day 15",
        ),
        pytest.param("病例编号 发病日期 报告日期", ("A1", "2022-05-15", "2022-05-01"), "case", None, id="day 14"),
        pytest.param(
            "病例编号 发病日期 确诊日期",
            ("A1", "2020-01-26", "2002-01-27"),
            "rejected",
            "dates_years_apart",
            id="wrong year",
        ),
        pytest.param(
            "病例编号 发病日期 出疹日期",
            ("A1", "2022-05-03", "2022-05-02"),
            "case",
            "rash_before_onset",
            id="rash first",
        ),
        pytest.param("病例编号 年龄 密切患者", ("A1", 5, "a1"), "case", "contact_of_itself", id="own source"),
        pytest.param("病例编号 年龄 密切患者", ("A1", 5, "有"), "case", "contact_unnamed", id="有 as source"),
        pytest.param("病例编号 年龄", ("有", 5), "rejected", "case_number_without_digit", id="有 as case number"),
        pytest.param("病例编号 性别 年龄", ("A1", "男", "四十"), "case", "age_unreadable", id="age dropped, row kept"),
        pytest.param("病例编号 发病日期", ("A1", "上周"), "rejected", "date_unreadable", id="unreadable onset"),
        pytest.param("病例编号 年龄 出院日期", ("A1", 5, "上周"), "case", "value_dropped", id="unreadable discharge"),
        pytest.param("病例编号 发病日期", ("A1", "#REF!"), "rejected", "spreadsheet_error_value", id="error value"),
        pytest.param(
            "病例编号 年龄 出生日期", ("A1", 30, "2012-05-01"), "case", "age_contradicts_birth", id="age 30 of 10"
        ),
        pytest.param(
            "病例编号 发病日期 出生日期", ("A1", "2022-05-01", "2022-05-02"), "case", "born_after_onset", id="unborn"
        ),
        pytest.param(
            "病例编号 性别 身份证号",
            ("A1", "男", "11010519491231002X"),
            "case",
            "sex_contradicts_id_number",
            id="other sex",
        ),
        pytest.param(
            "病例编号 出生日期 身份证号",
            ("A1", "1950-01-01", "11010519491231002X"),
            "case",
            "birth_contradicts_id_number",
            id="other birth",
        ),
        pytest.param("病例编号 年龄", ("A1", ""), "rejected", "nothing_but_a_number", id="number alone"),
        pytest.param("病例编号 年龄 性别", ("", 5, "男"), "rejected", "cannot_identify_case", id="no number, no day"),
        pytest.param(
            "病例编号 性别 发病日期", ("", "男", "2022-05-01"), "case", None, id="no number, someone some day"
        ),
    ],
)
def test_a_row_is_taken_or_kept_out_with_its_reason(
    headers: str, cells: tuple[Cell, ...], kind: str, code: str | None
) -> None:
    row = read_one(headers, *cells)
    assert row.kind == kind
    assert codes(row) == ([code] if code else [])


def test_a_foreign_identity_number_is_dropped_and_the_case_kept() -> None:
    row = read_one("病例编号 性别 身份证号", "A1", "男", "11010519491231002X")
    assert (row.facts.sex, row.facts.id_number, row.facts.born_on) == ("male", None, None)


def test_an_identity_number_tells_birth_and_sex() -> None:
    row = read_one("病例编号 身份证号", "A1", "11010519491231002X")
    assert (row.facts.sex, row.facts.born_on) == ("female", date(1949, 12, 31))


def test_one_bad_row_never_stops_the_others() -> None:
    rows = read(HEAD, ONE, ("A2", "李四", "女", 40, "2031-01-01", ""), ("A3", "王五", "女", 40, "2022-05-02", ""))
    assert [row.kind for row in rows] == ["case", "rejected", "case"]


@pytest.mark.parametrize(
    ("second", "kind", "code"),
    [
        pytest.param(ONE, "duplicate", None, id="the same again"),
        pytest.param(("A1", "", "", "", "", ""), "duplicate", None, id="number alone again"),
        pytest.param(("a1 ", "张三", "男", 30, "2022-05-01", ""), "duplicate", None, id="other case, trailing space"),
        pytest.param(
            ("A1", "张三", "男", 31, "2022-05-01", ""), "rejected", "case_number_repeated_differently", id="age"
        ),
        pytest.param(("A1", "张三", "女", 30, "2022-05-01", ""), "rejected", "two_sexes", id="a person with two sexes"),
    ],
)
def test_a_repeated_case_number_is_compared_with_its_first_row(
    second: tuple[Cell, ...], kind: str, code: str | None
) -> None:
    row = read(HEAD, ONE, second)[1]
    assert row.kind == kind
    assert codes(row) == ([code] if code else [])
    if code:
        assert row.problems[0].params["first_row"] == 2


def test_one_identity_number_with_two_sexes_is_found_across_case_numbers() -> None:
    head = "病例编号 性别 护照号"
    rows = read(head, ("A1", "男", "E12345678"), ("A2", "女", "E12345678"), ("A3", "男", "E12345678"))
    assert [row.kind for row in rows] == ["case", "rejected", "case"]
    assert codes(rows[1]) == ["two_sexes"]


TRAVEL = "患者编号 年龄 性别 确诊日期 时间 地点"


def test_lines_of_travel_go_on_about_the_case_above_or_the_number_they_name() -> None:
    rows = read(
        TRAVEL,
        ("1", 40, "男", "2022-05-03", "2022-05-01", "车站"),
        ("", 0, "", "", "2022-05-02", "医院"),
        ("2", 41, "男", "2022-05-03", "", ""),
        ("0001", 0, "", "", "2022-05-03", "药店"),
        options=ReadOptions(zone=SHANGHAI, zero_age="unknown"),
    )
    assert [row.kind for row in rows] == ["case", "continuation", "case", "continuation"]
    assert [row.first_row for row in rows] == [0, 2, 0, 2]
    assert [visit.place for row in rows for visit in row.visits] == ["车站", "医院", "药店"]
    assert rows[1].case_key == rows[0].case_key == rows[3].case_key


def test_lines_after_a_rejected_case_fall_with_it_and_not_to_the_case_before() -> None:
    rows = read(
        TRAVEL,
        ("1", 40, "男", "2022-05-03", "", ""),
        ("2", 41, "男", "2031-05-03", "", ""),
        ("", "", "", "", "2022-05-02", "医院"),
    )
    assert [row.kind for row in rows] == ["case", "rejected", "rejected"]
    assert codes(rows[2]) == ["continues_rejected_row"]


def test_a_number_counted_up_by_dragging_is_not_taken_for_a_case() -> None:
    rows = read(TRAVEL, ("262", 71, "男", "2022-05-03", "", ""), ("263", "", "", "", "2022-05-02", "深圳"))
    assert codes(rows[1]) == ["continues_no_case"]


def test_blank_total_and_repeated_header_lines_are_passed_over_and_counted() -> None:
    rows = read(HEAD, ("", None, "\u3000"), tuple(HEAD.split(" ")), ("合计", "", "", "2例"), ONE)
    assert [row.kind for row in rows] == ["skipped", "skipped", "skipped", "case"]
    assert [codes(row) for row in rows[:3]] == [["blank_row"], ["header_repeated"], ["total_row"]]


def test_a_row_without_number_keeps_its_key_wherever_it_stands() -> None:
    head = "姓名 性别 发病日期"
    one, two = ("张三", "男", "2022-05-01"), ("李四", "女", "2022-05-01")
    assert {row.case_key for row in read(head, one, two)} == {row.case_key for row in read(head, two, one)}
    assert [row.kind for row in read(head, one, one)] == ["case", "duplicate"]


@pytest.mark.parametrize(
    ("ages", "kept"),
    [
        pytest.param([0, 1, 2, 5, 8, 13, 20, 31, 44, 60], True, id="one infant among ten"),
        pytest.param([0, 0, 0, 34, 45, 56, 67, 71], False, id="zeros and no toddlers"),
        pytest.param([0, 0, 0, 0, 1, 2, 5, 8], False, id="half of all"),
    ],
)
def test_age_zero_is_an_infant_only_where_the_column_makes_it_plausible(ages: list[int], kept: bool) -> None:
    rows = read("病例编号 年龄 性别", *[(f"A{number}", age, "男") for number, age in enumerate(ages)])
    assert (rows[0].facts.age is not None) is kept
    assert [note.reason for note in rows[0].missing] == ([] if kept else ["zero_age"])


def test_the_order_of_day_and_month_is_taken_from_a_column_that_proves_it() -> None:
    rows = read("病例编号 发病日期 确诊日期", ("A1", "03/04/2022", "14/04/2022"), ("A2", "05/04/2022", ""))
    assert [row.facts.onset_on for row in rows] == [date(2022, 4, 3), date(2022, 4, 5)]


def test_an_order_that_nothing_proves_is_asked_for() -> None:
    head, cells = "病例编号 发病日期", ("A1", "03/04/2022")
    assert codes(read_one(head, *cells)) == ["date_order_undecided"]
    chosen = ReadOptions(zone=SHANGHAI, date_order="month_first")
    assert read_one(head, *cells, options=chosen).facts.onset_on == date(2022, 3, 4)


def test_mapped_words_are_used() -> None:
    options = ReadOptions(zone=SHANGHAI, value_map={"severity": {"Bad": "severe", "odd": ""}})
    rows = read("病例编号 年龄 临床分型", ("A1", 5, "bad"), ("A2", 5, "odd"), options=options)
    assert [row.facts.severity for row in rows] == ["severe", None]
    assert rows[1].missing[0].reason == "value_map"


def test_screening_and_order_flags_become_facts() -> None:
    row = read_one("case_id age found_by_screening isolated_before_positive", "X-1", 30, "1", "0")
    assert (row.facts.how_found, row.facts.under_order_when_found) == ("screening", False)


@given(st.lists(st.lists(st.one_of(st.none(), st.integers(), st.text(max_size=12)), max_size=7), max_size=12))
def test_every_line_is_accounted_for_whatever_it_holds(lines: list[list[Cell]]) -> None:
    rows = read(HEAD, *lines, options=OPTIONS)
    assert [row.row_number for row in rows] == list(range(2, len(lines) + 2))
    for row in rows:
        assert (row.kind == "rejected") == any(found.severity == "error" for found in row.problems)


@given(st.integers(min_value=1, max_value=10**12), st.integers(min_value=0, max_value=4))
def test_leading_zeros_do_not_change_which_case_a_number_names(number: int, zeros: int) -> None:
    assert case_number_key("0" * zeros + str(number)) == case_number_key(str(number))
