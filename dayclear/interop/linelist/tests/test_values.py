"""Single cells: dates, ages, sexes, flags, identity numbers, and every way to write "not known"."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dayclear.interop.linelist.dates import DateContext, order_evidence, read_date
from dayclear.interop.linelist.facts import Age, Moment
from dayclear.interop.linelist.fields import FIELDS
from dayclear.interop.linelist.identity import CaseReferences, check_sign, read_references, resident_number
from dayclear.interop.linelist.outcomes import BLANK, Cell, Flaw, FormulaCell, Missing, Outcome, Parsed
from dayclear.interop.linelist.tests.samples import SHANGHAI
from dayclear.interop.linelist.values import ColumnContext, is_masked_name, parser_for

DATES = DateContext(zone=SHANGHAI)
DAY = date(2021, 12, 19)


def parse(field: str, cell: Cell, context: ColumnContext | None = None) -> Outcome:
    return parser_for(FIELDS[field], context or ColumnContext(dates=DATES))(cell)


@pytest.mark.parametrize(
    "cell",
    [
        pytest.param("2021-12-19", id="iso"),
        pytest.param("2021/12/19", id="slashes"),
        pytest.param("2021.12.19", id="dots"),
        pytest.param("20211219", id="eight digits as text"),
        pytest.param(20211219, id="eight digits as number"),
        pytest.param("2021年12月19日", id="chinese"),
        pytest.param("21年12月19号", id="chinese, short year, 号"),
        pytest.param("19 Dec 2021", id="english month"),
        pytest.param("December 19, 2021", id="american month"),
        pytest.param("44549", id="serial number as text"),
        pytest.param(44549, id="serial number"),
        pytest.param(44549.75, id="serial number with time"),
        pytest.param(datetime(2021, 12, 19, 8, 30), id="date cell with time"),  # noqa: DTZ001  cells have no zone
        pytest.param(date(2021, 12, 19), id="date cell"),
        pytest.param("2021-12-18T16:00:00.000Z", id="UTC that means the next local day"),
        pytest.param("2021-12-18T15:59:59Z", id="UTC one second before the next local day"),
        pytest.param("2021-12-19 08:30", id="with local time"),
        pytest.param("19/12/2021", id="day first, provable alone"),
        pytest.param("12/19/2021", id="month first, provable alone"),
        pytest.param("２０２１-１２-１９", id="full-width digits"),
    ],
)
def test_a_day_is_read_in_every_form_offices_write(cell: Cell) -> None:
    expected = date(2021, 12, 18) if cell == "2021-12-18T15:59:59Z" else DAY
    assert parse("onset_on", cell) == Parsed(expected)


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        pytest.param("2021-02-29", "date_impossible", id="29 February of a common year"),
        pytest.param("2021-13-01", "date_impossible", id="month 13"),
        pytest.param("03/04/2020", "date_order_undecided", id="two readings"),
        pytest.param("12月19日", "date_without_year", id="no year"),
        pytest.param("12-19", "date_without_year", id="no year, dashes"),
        pytest.param("上周", "date_unreadable", id="words"),
        pytest.param("37", "date_unreadable", id="small number is no serial"),
        pytest.param("0202-12-19", "date_before_1800", id="mistyped year"),
    ],
)
def test_a_day_that_cannot_be_known_says_why(cell: str, code: str) -> None:
    outcome = parse("onset_on", cell)
    assert isinstance(outcome, Flaw)
    assert outcome.code == code


def test_the_day_after_a_given_order_and_a_given_year_are_used() -> None:
    day_first = ColumnContext(dates=DateContext(zone=SHANGHAI, order="day_first", year=2021))
    month_first = ColumnContext(dates=DateContext(zone=SHANGHAI, order="month_first"))
    assert parse("onset_on", "03/04/2020", day_first) == Parsed(date(2020, 4, 3))
    assert parse("onset_on", "03/04/2020", month_first) == Parsed(date(2020, 3, 4))
    assert parse("onset_on", "12月19日", day_first) == Parsed(DAY)


def test_the_1904_calendar_of_old_macs_is_four_years_ahead() -> None:
    assert read_date(43087, DateContext(zone=SHANGHAI, epoch_1904=True)) == Parsed(DAY)


@pytest.mark.parametrize(
    ("cells", "evidence"),
    [
        pytest.param(["14/01/2020", "03/02/2020"], "day_first", id="a 14th"),
        pytest.param(["01/14/2020", "02/03/2020"], "month_first", id="a 14th in second place"),
        pytest.param(["03/02/2020", "04/02/2020"], "undecidable", id="all up to 12"),
        pytest.param(["14/01/2020", "01/14/2020"], "contradictory", id="both"),
        pytest.param(["2020-01-14", "05/05/2020"], "not_needed", id="nothing open"),
    ],
)
def test_a_column_proves_whether_day_or_month_comes_first(cells: list[Cell], evidence: str) -> None:
    assert order_evidence(cells) == evidence


@given(st.dates(min_value=date(1930, 1, 1), max_value=date(2098, 12, 31)))
def test_every_day_is_the_same_in_every_writing(day: date) -> None:
    if day == date(1970, 1, 1):
        return
    serial = (day - date(1899, 12, 30)).days
    local_midnight = datetime(day.year, day.month, day.day, tzinfo=SHANGHAI).astimezone(UTC)
    for cell in (day.isoformat(), f"{day:%Y%m%d}", f"{day.year}年{day.month}月{day.day}日", serial, local_midnight):
        assert parse("confirmed_on", cell) == Parsed(day)


def test_a_visit_keeps_its_time_of_day_and_a_midnight_is_only_a_day() -> None:
    at = parse("visit_started", "2020-01-15T01:00:00.000Z")
    assert at == Parsed(Moment(date(2020, 1, 15), datetime(2020, 1, 15, 9, 0, tzinfo=SHANGHAI)))
    assert parse("visit_started", "2020-01-14T16:00:00.000Z") == Parsed(Moment(date(2020, 1, 15)))


@pytest.mark.parametrize(
    ("field", "cell", "reason"),
    [
        pytest.param("contact_of", "-2147483648", "sentinel_number", id="smallest integer"),
        pytest.param("contact_of", 9999, "sentinel_number", id="9999 as source case"),
        pytest.param("age", "999", "sentinel_number", id="age 999"),
        pytest.param("onset_on", "1900-01-01", "sentinel_date", id="1900-01-01"),
        pytest.param("onset_on", "1899-12-30T09:28:17.000Z", "sentinel_date", id="zero of Excel in UTC"),
        pytest.param("onset_on", "9999", "sentinel_number", id="9999 as date"),
        pytest.param("onset_on", "1970-01-01", "sentinel_date", id="zero of Unix"),
        pytest.param("onset_on", "NA", "word", id="NA"),
        pytest.param("severity", "N/A", "word", id="N/A"),
        pytest.param("residence", "不详", "word", id="不详"),
        pytest.param("residence", "未知", "word", id="未知"),
        pytest.param("person_name", "无", "word", id="无 as name"),
        pytest.param("person_name", "xxx", "mark", id="xxx as name"),
        pytest.param("hospital", "-", "mark", id="dash"),
        pytest.param("hospital", "／", "mark", id="full-width slash"),
        pytest.param("contact_of", "########", "overflow_marks", id="column was too narrow"),
        pytest.param("id_number", "4601**********1234", "masked", id="hidden digits"),
        pytest.param("person_name", "\u3000", "blank", id="ideographic space"),
        pytest.param("person_name", "\u200b", "blank", id="zero-width space"),
    ],
)
def test_what_means_not_known_is_never_a_fact(field: str, cell: Cell, reason: str) -> None:
    assert parse(field, cell) == Missing(reason)


def test_a_birthday_may_be_the_first_of_january_1970() -> None:
    assert parse("born_on", "1970-01-01") == Parsed(date(1970, 1, 1))


@pytest.mark.parametrize(
    ("cell", "age"),
    [
        pytest.param("45", Age(45), id="bare"),
        pytest.param(45.0, Age(45), id="spreadsheet number"),
        pytest.param("45岁", Age(45), id="岁"),
        pytest.param("４５周岁", Age(45), id="full-width"),
        pytest.param("45 years", Age(45), id="years"),
        pytest.param("11m", Age(11, "months"), id="11m"),
        pytest.param("6月龄", Age(6, "months"), id="月龄"),
        pytest.param("11个月", Age(11, "months"), id="个月"),
        pytest.param("3天", Age(3, "days"), id="days"),
        pytest.param("2周", Age(2, "weeks"), id="weeks"),
        pytest.param("1岁6个月", Age(18, "months"), id="years and months"),
        pytest.param("0.5", Age(6, "months"), id="half a year"),
        pytest.param("120", Age(120), id="oldest"),
        pytest.param("0天", Age(0, "days"), id="newborn, unit written"),
    ],
)
def test_ages_are_read_in_years_months_weeks_and_days(cell: Cell, age: Age) -> None:
    assert parse("age", cell) == Parsed(age)


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        pytest.param("121", "age_out_of_range", id="one too many"),
        pytest.param("-3", "age_out_of_range", id="negative"),
        pytest.param("30-39", "age_unreadable", id="band"),
        pytest.param("四十", "age_unreadable", id="words"),
    ],
)
def test_what_is_no_age_is_left_out_with_the_reason(cell: str, code: str) -> None:
    outcome = parse("age", cell)
    assert isinstance(outcome, Flaw)
    assert outcome.code == code


def test_age_zero_is_kept_or_unknown_as_the_column_shows() -> None:
    assert parse("age", 0) == Parsed(Age(0), (Flaw("age_zero_kept"),))
    assert parse("age", 0, ColumnContext(dates=DATES, zero_age_unknown=True)) == Missing("zero_age")


@pytest.mark.parametrize(
    ("field", "cell", "value"),
    [
        pytest.param("sex", "男 ", "male", id="trailing space"),
        pytest.param("sex", "M", "male", id="M"),
        pytest.param("sex", "F", "female", id="F"),
        pytest.param("sex", 2, "female", id="standard code 2"),
        pytest.param("severity", "普通型", "moderate", id="普通型"),
        pytest.param("severity", "危重型", "critical", id="危重型"),
        pytest.param("severity", "无症状感染者", "asymptomatic", id="无症状"),
        pytest.param("classification", "确诊病例", "confirmed", id="确诊病例"),
        pytest.param("quarantine_type", "集中", "centralised", id="集中"),
        pytest.param("how_found", "密接排查", "contact", id="密接排查"),
        pytest.param("under_order_when_found", "1", True, id="1"),
        pytest.param("under_order_when_found", "否", False, id="否"),
        pytest.param("under_order_when_found", "无", False, id="无 is no where yes or no is asked"),
        pytest.param("contacts_count", "共172人", 172, id="count with words"),
        pytest.param("phone", "0898-66221234", "089866221234", id="landline"),
    ],
)
def test_words_become_codes(field: str, cell: Cell, value: object) -> None:
    assert parse(field, cell) == Parsed(value)


def test_an_unknown_word_is_never_guessed_and_can_be_mapped() -> None:
    assert parse("severity", "unclassfied") == Flaw("word_unknown", {"vocabulary": "severity"})
    mapped = ColumnContext(dates=DATES, words={"unclassfied": None, "bad": "severe"})
    assert parse("severity", "unclassfied", mapped) == Missing("value_map")
    assert parse("severity", "Bad", mapped) == Parsed("severe")


def test_sexes_written_0_and_1_must_be_mapped() -> None:
    context = ColumnContext(dates=DATES, sex_digits="zero_one")
    assert parse("sex", "1", context) == Flaw("sex_unreadable")
    assert parse("sex", "0") == Missing("sentinel_number")


@pytest.mark.parametrize(
    ("cell", "numbers", "words"),
    [
        pytest.param("20211219-7", ("20211219-7",), None, id="one"),
        pytest.param(532000009, ("532000009",), None, id="spreadsheet number"),
        pytest.param(
            "0532000009/0532000010、0532000026", ("0532000009", "0532000010", "0532000026"), None, id="several"
        ),
        pytest.param("0319000004/\n0319000004", ("0319000004",), None, id="twice the same"),
        pytest.param("0759000006的妻子", ("0759000006",), "0759000006的妻子", id="number in words"),
        pytest.param(
            "已确诊病例的家属/\n0756000053", ("0756000053",), "已确诊病例的家属/\n0756000053", id="words and number"
        ),
        pytest.param("case TJ5 (family)", ("TJ5",), "case TJ5 (family)", id="number of this file in a sentence"),
        pytest.param("train D7318", (), "train D7318", id="train number is no case"),
        pytest.param("2020年20200130到达", (), "2020年20200130到达", id="a day is no case"),
        pytest.param("2月1日通报的患者5", (), "2月1日通报的患者5", id="small numbers in words are no cases"),
    ],
)
def test_a_contact_cell_yields_its_case_numbers_and_keeps_its_words(
    cell: Cell, numbers: tuple[str, ...], words: str | None
) -> None:
    outcome = read_references(cell, frozenset({"TJ"}))
    assert isinstance(outcome, Parsed)
    assert outcome.value == CaseReferences(numbers, words)


def test_yes_in_a_contact_column_is_a_source_that_nobody_named() -> None:
    assert parse("contact_of", "有") == Parsed(CaseReferences(unnamed=True), (Flaw("contact_unnamed"),))


@pytest.mark.parametrize(
    ("cell", "outcome"),
    [
        pytest.param("有", Flaw("case_number_without_digit"), id="有 in an id column"),
        pytest.param("陈某", Flaw("case_number_without_digit"), id="name in an id column"),
        pytest.param("5.00101E+11", Flaw("case_number_digits_lost"), id="scientific notation"),
        pytest.param(500101000001.0, Parsed("500101000001"), id="spreadsheet float"),
        pytest.param("0351", Parsed("0351"), id="leading zero kept"),
    ],
)
def test_case_numbers_keep_their_writing_or_are_refused(cell: Cell, outcome: Outcome) -> None:
    assert parse("case_number", cell) == outcome


def test_identity_numbers_are_checked_to_the_last_sign() -> None:
    number = "11010519491231002X"
    assert parse("id_number", number.lower()) == Parsed(number)
    assert parse("id_number", "110105194912310021") == Flaw("id_number_checksum_wrong")
    assert parse("id_number", "6.10103E+17") == Flaw("id_number_digits_lost")
    assert parse("id_number", 610103199001011000) == Flaw("id_number_digits_lost")
    assert parse("id_number", "E12345678") == Parsed("E12345678")
    assert parse("id_number", "110105491231002") == Parsed("110105491231002")
    resident = resident_number(number)
    assert resident is not None
    assert (resident.born_on, resident.sex) == (date(1949, 12, 31), "female")


@given(st.integers(min_value=0, max_value=10**17 - 1))
def test_a_single_wrong_digit_never_passes_the_check(number: int) -> None:
    first = f"{number:017d}"
    changed = f"{(int(first[0]) + 1) % 10}{first[1:]}"
    assert check_sign(first) != check_sign(changed)


def test_formula_cells_give_their_last_value_with_a_mark_or_nothing() -> None:
    assert parse("age", FormulaCell("=B2+1", 45)) == Parsed(
        Age(45), (Flaw("formula_value_used", {"formula": "=B2+1"}),)
    )
    assert parse("age", FormulaCell("=B2+1", None)) == Flaw("formula_without_value")
    assert parse("age", "#REF!") == Flaw("spreadsheet_error_value")
    assert parse("notes", timedelta(hours=2)) == Parsed("2:00:00")


@pytest.mark.parametrize(
    ("name", "masked"),
    [("张某", True), ("郑XX", True), ("刘先生", True), ("苏×娇", True), ("张三", False), ("Alex Xu", False)],
)
def test_a_name_that_hides_the_person_is_known_as_such(name: str, masked: bool) -> None:
    assert is_masked_name(name) is masked


@given(st.text(max_size=40))
def test_no_text_breaks_any_parser(text: str) -> None:
    for field in FIELDS.values():
        outcome = parse(field.name, text)
        assert isinstance(outcome, (Parsed, Missing, Flaw))
    assert parse("notes", None) is BLANK
