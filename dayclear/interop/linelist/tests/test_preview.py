"""The preview's counts, the error file and its way back, and the sentences."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from dayclear.interop.linelist.errors import ENCODING, ErrorFile
from dayclear.interop.linelist.facts import CaseFacts
from dayclear.interop.linelist.fields import FIELDS, map_columns
from dayclear.interop.linelist.headers import HEADERS
from dayclear.interop.linelist.labels import FIELD_LABELS
from dayclear.interop.linelist.messages import NOTES, PROBLEMS, REFUSALS, fill, problem_text
from dayclear.interop.linelist.preview import preview
from dayclear.interop.linelist.problems import ERRORS, SKIPS, WARNINGS
from dayclear.interop.linelist.reading import ReadPlan, open_line_list, read_line_list
from dayclear.interop.linelist.tests.samples import OPTIONS, PLAN, TODAY, codes, read, read_file, write_csv, write_xlsx

LIST = """病例编号,性别,年龄,发病日期,临床分型,密切患者,感想
A1,男,30,2022-05-01,轻型,-2147483648,
A2,女,40,2031-05-01,轻型,A1,
A3,男,不详,2022-05-02,中等,9999,
A4,女,41,2022-05-02,中等,A1,好
,,,,,,
"""


def test_the_preview_counts_every_row_problem_and_missing_value(tmp_path: Path) -> None:
    shown = preview(open_line_list(write_csv(tmp_path / "a.csv", LIST)), PLAN, TODAY)
    assert shown.kinds == {"case": 3, "rejected": 1, "skipped": 1}
    assert shown.rows == 5
    assert {one.code: one.rows for one in shown.problems} == {"date_in_future": 1, "word_unknown": 2, "blank_row": 1}
    sentinels = {(one.field, one.raw, one.reason, one.cells, one.first_row) for one in shown.missing}
    assert sentinels == {
        ("contact_of", "-2147483648", "sentinel_number", 1, 2),
        ("contact_of", "9999", "sentinel_number", 1, 4),
        ("age", "不详", "word", 1, 4),
    }
    assert shown.sheets[0].mapping.unmapped() == ("感想",)
    assert {one.field: one.stated for one in shown.fills} == {
        "case_number": 3, "sex": 3, "age": 2, "onset_on": 3, "severity": 1, "contact_of": 1,
    }  # fmt: skip


def test_words_to_map_are_listed_with_their_count_and_their_choices(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", LIST)
    (word,) = preview(open_line_list(path), PLAN, TODAY).unknown_words
    assert (word.field, word.raw, word.cells) == ("severity", "中等", 2)
    assert word.codes == ("asymptomatic", "critical", "mild", "moderate", "severe")
    mapped = ReadPlan(options=type(OPTIONS)(zone=OPTIONS.zone, value_map={"severity": {"中等": "moderate"}}))
    assert preview(open_line_list(path), mapped, TODAY).unknown_words == ()


def test_sheets_that_cannot_be_read_are_shown_with_the_reason(tmp_path: Path) -> None:
    sheets: dict[str, Iterable[Sequence[object]]] = {
        "病例": [("病例编号", "年龄"), ("A1", 30)],
        "空": [],
        "说明": [("见附件", "x")],
    }
    path = write_xlsx(tmp_path / "a.xlsx", sheets)
    shown = preview(open_line_list(path), PLAN, TODAY)
    assert [(one.name, one.refused, len(one.mapping.fields())) for one in shown.sheets] == [
        ("病例", "", 2),
        ("空", "sheet_empty", 0),
        ("说明", "", 0),
    ]


def error_file_of(path: Path, mended: Path, plan: ReadPlan = PLAN) -> int:
    file = open_line_list(path)
    with mended.open("w", encoding=ENCODING, newline="") as out:
        errors = ErrorFile(out, file.table("").headers, _zh, _en)
        return errors.write_all(read_line_list(file, plan, TODAY))


def _zh(found: object, row: int) -> str:
    return f"第{row}行"


def _en(found: object, row: int) -> str:
    return f"row {row}"


def test_a_mended_error_file_is_read_like_any_other(tmp_path: Path) -> None:
    path, errors = write_csv(tmp_path / "a.csv", LIST), tmp_path / "errors.csv"
    assert error_file_of(path, errors) == 1
    assert errors.read_bytes().startswith(b"\xef\xbb\xbf")
    text = errors.read_text(encoding=ENCODING)
    assert text.splitlines()[0].endswith("dayclear 工作表/sheet,dayclear 行号/row,dayclear 问题,dayclear problem")
    (again,) = read_file(errors)
    assert codes(again) == ["date_in_future"]
    (mended,) = read_file(write_csv(tmp_path / "b.csv", text.replace("2031", "2022")))
    assert (mended.kind, mended.facts.contact_of) == ("case", ("A1",))


def test_the_error_file_never_holds_a_formula(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", "病例编号,年龄,备注\nA1,,=HYPERLINK(1)\n")
    error_file_of(path, tmp_path / "errors.csv")
    assert ",'=HYPERLINK(1)," in (tmp_path / "errors.csv").read_text(encoding=ENCODING)


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r\n"), max_size=15)


@given(rows=st.lists(st.tuples(CELLS, CELLS, CELLS, CELLS), min_size=1, max_size=6))
@settings(max_examples=60, deadline=None)
def test_what_is_rejected_is_rejected_again_from_the_error_file(rows: list[tuple[str, str, str, str]]) -> None:
    stream = io.StringIO()
    headers = "病例编号 发病日期 性别 备注"
    found = [row for row in read(headers, *rows) if row.kind == "rejected"]
    ErrorFile(stream, headers.split(" "), _zh, _en).write_all(found)
    stream.seek(0)
    again = read(headers, *[line[:4] for line in list(csv.reader(stream))[1:]])
    assert len(again) == len(found)
    for before, after in zip(found, again, strict=True):
        assert after.facts.onset_on == before.facts.onset_on
        assert after.facts.case_number == before.facts.case_number


def test_visits_of_a_known_case_are_taken_from_a_mended_file_only(tmp_path: Path) -> None:
    head, line = "病例编号,地点,开始时间", "A9,医院,2022-05-01"
    first = write_csv(tmp_path / "a.csv", f"{head}\n{line}\n")
    mended = write_csv(tmp_path / "b.csv", f"{head},dayclear problem\n{line},x\n")
    kinds = [
        [row.kind for row in read_line_list(open_line_list(path), PLAN, TODAY, knows_case=lambda number: True)]
        for path in (first, mended)
    ]
    assert kinds == [["rejected"], ["continuation"]]


def test_every_code_has_its_sentence_and_every_sentence_its_code() -> None:
    assert set(PROBLEMS) == ERRORS | WARNINGS | SKIPS
    assert not ERRORS & WARNINGS


def test_every_sentence_can_be_filled(tmp_path: Path) -> None:
    names = (
        "implied born_on other first_row fields today days formula line cells expected bytes row column value byte"
        " size limit sheet headers header unpacked detail columns names count reason"
    )
    params: dict[str, str | int] = dict.fromkeys(names.split(), "x")
    for templates in (PROBLEMS, REFUSALS, NOTES):
        for template in templates.values():
            assert "%(" not in fill(template, params)
    with translation.override("en"):
        rejected = read_file(write_csv(tmp_path / "a.csv", LIST))[1]
        expected = "2031-05-01 is after today, 2022-06-01. Correct the date."
        assert problem_text(rejected.problems[0], rejected.row_number) == expected


def test_the_fields_are_those_of_the_facts_and_have_headers() -> None:
    case_fields = {name for name, field in FIELDS.items() if not field.visit}
    assert case_fields == set(CaseFacts.__struct_fields__) - {"name_masked", "contact_words"}
    assert set(HEADERS) == set(FIELDS) == set(FIELD_LABELS)


def test_the_users_mapping_goes_before_the_proposal() -> None:
    proposal = map_columns(["编号", "case_id", "姓名"])
    assert proposal.fields() == {"case_number": (1,), "person_name": (2,)}
    chosen = map_columns(["编号", "case_id", "姓名"], {"编号": "case_number", "姓名": None})
    assert chosen.fields() == {"case_number": (0,)}
    assert chosen.unmapped() == ("case_id", "姓名")
