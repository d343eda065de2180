"""Four real lists, as dirty as they came. Skipped where ../shared/data is absent."""

from __future__ import annotations

from collections import Counter
from datetime import date

from dayclear.interop.linelist.facts import CaseRow
from dayclear.interop.linelist.identity import case_number_key
from dayclear.interop.linelist.reading import read_line_list
from dayclear.interop.linelist.tests.samples import PLAN, TODAY, real_file


def rows_of(name: str) -> list[CaseRow]:
    return list(read_line_list(real_file(name), PLAN, TODAY))


def test_xian_gives_777_cases_without_a_problem() -> None:
    rows = rows_of("xian_2021/cases_to_2021-12-28.csv")
    assert len(rows) == 777
    assert all(row.kind == "case" and not row.problems for row in rows)
    assert Counter(row.facts.under_order_when_found for row in rows) == {True: 596, False: 181}
    references = [number for row in rows for number in row.facts.contact_of]
    own = {row.facts.case_number for row in rows}
    assert (len(references), sum(number in own for number in references)) == (197, 163)
    assert {row.facts.reported_on for row in rows} == {date(2021, 12, day) for day in range(21, 29)}
    infants = [row.facts.age for row in rows if row.facts.age is not None and row.facts.age.unit == "months"]
    assert sorted(age.number for age in infants) == [6, 6, 10, 11]
    assert all(row.facts.text for row in rows)


def test_hagelloch_gives_188_cases_184_links_and_four_unknown_sources() -> None:
    rows = rows_of("measles_1861/hagelloch.csv")
    assert len(rows) == 188
    assert all(row.kind == "case" for row in rows)
    sources = Counter(number for row in rows for number in row.facts.contact_of)
    assert (sources.total(), sources["45"]) == (184, 30)
    unknown = [row for row in rows if any(note.raw == "-2147483648" for note in row.missing)]
    assert len(unknown) == 4
    assert not any(row.facts.contact_of for row in unknown)
    died = [row.facts.died_on for row in rows if row.facts.died_on]
    assert (len(died), min(row.facts.onset_on for row in rows if row.facts.onset_on)) == (12, date(1861, 10, 30))
    assert sum(1 for row in rows if row.facts.age is not None and row.facts.age.number == 0) == 9


def test_tianjin_days_come_before_months_in_every_column() -> None:
    rows = rows_of("tianjin_2020/cases.csv")
    assert len(rows) == 135
    assert all(row.kind == "case" for row in rows)
    first = rows[0].facts
    assert (first.case_number, first.sex, first.onset_on) == ("TJ1", "female", date(2020, 1, 14))
    assert sorted(row.facts.died_on for row in rows if row.facts.died_on) == [
        date(2020, 2, 5),
        date(2020, 2, 10),
        date(2020, 2, 12),
    ]
    assert rows[13].facts.contact_words is not None
    assert sum(len(row.facts.contact_of) for row in rows) == 91


def test_wuhan_accounts_for_each_of_its_5819_rows() -> None:
    rows = rows_of("wuhan_2020/patient_detail_zh.xlsx")
    kinds = Counter(row.kind for row in rows)
    assert sum(kinds.values()) == 5819
    assert kinds == {"case": 3604, "continuation": 1999, "duplicate": 44, "rejected": 172}
    reasons = Counter(
        found.code for row in rows if row.kind == "rejected" for found in row.problems if found.severity == "error"
    )
    assert reasons == {
        "nothing_but_a_number": 41,
        "continues_no_case": 35,
        "cannot_identify_case": 25,
        "case_number_repeated_differently": 24,
        "continues_rejected_row": 18,
        "two_sexes": 16,
        "case_number_without_digit": 12,
        "dates_years_apart": 1,
    }  # fmt: skip


def test_wuhan_days_ages_and_contacts_are_what_they_mean() -> None:
    rows = rows_of("wuhan_2020/patient_detail_zh.xlsx")
    first = rows[0].facts
    assert (first.onset_on, first.confirmed_on) == (date(2020, 1, 17), date(2020, 1, 21))
    assert first.person_name is None
    assert not any(row.facts.age is not None and row.facts.age.number == 0 for row in rows)
    assert sum(1 for row in rows for note in row.missing if note.reason == "zero_age") == 2295
    unnamed = sum(1 for row in rows for found in row.problems if found.code == "contact_unnamed")
    assert unnamed == 551
    own = {row.case_key for row in rows if row.kind == "case"}
    links = [number for row in rows if row.kind == "case" for number in row.facts.contact_of]
    resolved = sum(case_number_key(number) in own for number in links)
    assert resolved > 0.9 * len(links)
