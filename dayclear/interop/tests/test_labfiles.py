"""Result files: what is written comes back the same in every form, what is broken is said with its row."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from openpyxl import Workbook

from dayclear.foundation.decisions import Refused
from dayclear.interop.labfiles import tables
from dayclear.interop.labfiles.content import LabFile, Specimen
from dayclear.interop.labfiles.hl7v2 import read_hl7, write_hl7
from dayclear.interop.labfiles.jsonfile import read_json, write_json
from dayclear.interop.labfiles.reading import read_lab_file
from dayclear.interop.labfiles.tables import write_csv, write_xlsx
from dayclear.lab.rules.cutoffs import State
from dayclear.lab.rules.intake import PlateReadings, Reading

BEIJING = timezone(timedelta(hours=8))
START = datetime(2022, 8, 14, 12, 0, tzinfo=BEIJING)
TUBES = tuple(f"DC{n:010}X" for n in (11, 12))
POOLS = {tube: Specimen(tube, "L", tuple(f"{tube}-{n}" for n in range(1, 11)), 10) for tube in TUBES}
PLATES = (
    PlateReadings(
        "P1",
        "ORF/N kit",
        "2",
        "Q5-1",
        START,
        START + timedelta(hours=2),
        (
            Reading("A1", TUBES[0], {"ORF1ab": 25.31, "N": 38.5, "RNP": 24.0}, frozenset({"N"}), State.POSITIVE),
            Reading("A2", TUBES[1], {"ORF1ab": None, "N": None, "RNP": 24.7}, call=State.NEGATIVE),
            Reading("H11", "", {"ORF1ab": None, "N": None, "RNP": None}),
            Reading("H12", "", {"ORF1ab": 27.0, "N": 28.0, "RNP": None}),
        ),
        curves=4,
        stated=4,
    ),
    PlateReadings("P2", "ORF/N kit", "2", "Q5-1", START, START + timedelta(hours=1), (), stated=0),
)


def as_hl7(plates: tuple[PlateReadings, ...]) -> bytes:
    return write_hl7(plates, disease="covid-19", sender="海口 lab & co", at=START, pools=POOLS)


WRITERS: dict[str, Callable[[tuple[PlateReadings, ...]], bytes]] = {
    "csv": write_csv,
    "xlsx": write_xlsx,
    "json": write_json,
    "hl7": as_hl7,
}


def read(tmp_path: Path, data: bytes) -> LabFile:
    path = tmp_path / ("results.xlsx" if data[:2] == b"PK" else "results.txt")
    path.write_bytes(data)
    return read_lab_file(path, zone=BEIJING)


def bare(plates: tuple[PlateReadings, ...]) -> list[PlateReadings]:
    return [replace(plate, readings=tuple(replace(each, row=0) for each in plate.readings)) for plate in plates]


@pytest.mark.parametrize("form", WRITERS)
def test_what_is_written_comes_back_the_same(tmp_path: Path, form: str) -> None:
    file = read(tmp_path, WRITERS[form](PLATES[:1]))
    assert file.form == form
    assert bare(file.plates) == list(PLATES[:1])
    assert not file.problems
    assert file.rows == file.used


def test_an_hl7_pool_has_its_role_and_its_members() -> None:
    written = as_hl7(PLATES[:1]).decode()
    line = next(line for line in written.split("\r") if line.startswith(f"SPM|1|{TUBES[0]}"))
    fields = line.split("|")
    assert (len(fields[3].split("~")), fields[11], fields[13]) == (10, "L", "10")
    assert "895231008" in next(line for line in written.split("\r") if "|CWE|" in line and "Not detected" in line)
    file = read_hl7(written.encode())
    assert {each.tube: (each.role, each.count, each.parents) for each in file.specimens} == {
        tube: ("L", 10, POOLS[tube].parents) for tube in TUBES
    }


def test_an_hl7_message_whose_pool_is_not_called_one_is_not_taken() -> None:
    file = read_hl7(as_hl7(PLATES[:1]).replace(b"|L||10", b"|P||10"))
    assert [problem.reason.code for problem in file.problems] == ["pool_role_missing"] * 2
    assert (file.rows, file.used, len(file.plates[0].readings)) == (4, 2, 2)


def test_an_hl7_message_of_another_kind_or_plate_is_refused() -> None:
    for old, new, code in (
        (b"ORU^R01", b"ADT^A01", "message_not_a_result"),
        (b"A2^P1", b"A2^P9", "file_not_as_described"),
        (b"20220814140000+0800", b"20220814140000", "file_not_as_described"),
    ):
        with pytest.raises(Refused) as refused:
            read_hl7(as_hl7(PLATES[:1]).replace(old, new))
        assert refused.value.decision.codes == (code,)


LONG = "plate,well,tube,target,ct,call\n"


@pytest.mark.parametrize(
    ("line", "code"),
    [
        pytest.param("P1,A1,T1,N,high,", "ct_unreadable", id="a Ct in words"),
        pytest.param("P1,A1,T1,N,25,maybe", "call_unknown", id="a result nobody knows"),
        pytest.param(",A1,T1,N,25,", "plate_or_well_missing", id="no plate"),
        pytest.param("P1,,T1,N,25,", "plate_or_well_missing", id="no well"),
        pytest.param("P1,A1,T1,,25,", "target_not_named", id="no target"),
        pytest.param("P1,B1,T2,N,30,", "target_twice", id="a target twice"),
        pytest.param("P1,B1,T9,ORF1ab,30,", "two_tubes_in_one_well", id="two tubes in a well"),
    ],
)
def test_a_line_that_is_wrong_is_named_and_counted(tmp_path: Path, line: str, code: str) -> None:
    file = read(tmp_path, f"{LONG}P1,B1,T2,N,25.5,\n{line}\n".encode())
    assert [(problem.row, problem.reason.code) for problem in file.problems] == [(3, code)]
    assert (file.rows, file.used) == (2, 1)


@pytest.mark.parametrize("word", ["", "Undetermined", "NoCt", "N/A", "-", "未检出"])
def test_the_words_for_no_curve(tmp_path: Path, word: str) -> None:
    file = read(tmp_path, f"{LONG}P1,B1,T2,N,{word},\n".encode())
    assert file.plates[0].readings[0].cts == {"N": None}


def test_a_ct_of_99_is_not_taken_for_no_curve(tmp_path: Path) -> None:
    """It stays as it is: the cut-offs know how many cycles were run, and refuse it."""
    file = read(tmp_path, f"{LONG}P1,B1,T2,N,99,\n".encode())
    assert file.plates[0].readings[0].cts == {"N": 99.0}


def test_chinese_headings_and_a_column_for_each_target(tmp_path: Path) -> None:
    text = "仪器导出 2022-08-14\n板号,孔位,管号,ORF1ab Ct值,N Ct,Ct(RNP),结果\n12,a01,T1,24.1,25.2,26.3,阳性\n"
    file = read(tmp_path, text.encode("gb18030"))
    (reading,) = file.plates[0].readings
    assert (file.plates[0].plate, reading.well, reading.call) == ("12", "A01", State.POSITIVE)
    assert reading.cts == {"ORF1ab": 24.1, "N": 25.2, "RNP": 26.3}


def test_lines_of_one_plate_that_say_different_things_of_it(tmp_path: Path) -> None:
    text = "plate,well,tube,target,ct,version\nP1,A1,T1,N,25,1\nP1,A2,T2,N,26,2\nP1,A3,T3,N,27,2\nP1,A4,T4,N,28,1\n"
    file = read(tmp_path, text.encode())
    assert [(problem.row, problem.reason.code) for problem in file.problems] == [
        (3, "plate_lines_disagree"),
        (4, "plate_lines_disagree"),
    ]


def test_a_table_without_its_columns_names_them(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        read(tmp_path, b"plate,sample,ct\nP1,T1,25\n")
    assert refused.value.decision.reasons[0].params == {"columns": "well, target"}


@pytest.mark.parametrize(
    ("lines", "is_cut"), [(8, False), (9, True), (10, False)], ids=["one less", "full", "one more"]
)
def test_only_a_file_that_ends_on_the_last_line_of_a_sheet_was_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lines: int, is_cut: bool
) -> None:
    monkeypatch.setattr(tables, "FULL_SHEETS", (9,))
    text = LONG + "".join(f"P1,A{n},T{n},N,25,\n" for n in range(1, lines))
    if not is_cut:
        assert read(tmp_path, text.encode()).used == lines - 1
        return
    with pytest.raises(Refused, match="file_truncated"):
        read(tmp_path, text.encode())


def test_a_file_that_ends_where_a_spreadsheet_ends_was_cut_there(tmp_path: Path) -> None:
    """PHE, October 2020: 15,841 positives lost in a sheet of 65,536 rows."""
    rows = "".join(f"P{n // 88},{chr(65 + n % 88 // 11)}{n % 11 + 1},T{n},N,25,\n" for n in range(65_535))
    with pytest.raises(Refused) as refused:
        read(tmp_path, (LONG + rows).encode())
    assert refused.value.decision.reasons[0].params == {"rows": 65_536}


def test_numbers_and_instants_of_a_workbook(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["plate", "well", "tube", "target", "ct", "started_at", "curves", "wells"])
    sheet.append([12, "A1", "T1", "N", 25.5, START.replace(tzinfo=None), 1, 1])
    book.save(tmp_path / "plate.xlsx")
    (plate,) = read_lab_file(tmp_path / "plate.xlsx", zone=BEIJING).plates
    assert (plate.plate, plate.started_at, plate.curves, plate.stated) == ("12", START, 1, 1)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(b'{"plates": [{"plate": "P1"}]}', "file_not_as_described", id="a field short"),
        pytest.param(b'{"plates": [], "extra": 1}', "file_not_as_described", id="a field too many"),
        pytest.param(b'{"plates": [', "file_not_as_described", id="cut in the middle"),
    ],
)
def test_a_json_file_that_is_not_as_described(data: bytes, code: str) -> None:
    with pytest.raises(Refused) as refused:
        read_json(data)
    assert refused.value.decision.codes == (code,)


def test_an_instant_without_an_offset_is_refused_in_json() -> None:
    data = re.sub(rb'"started_at":"[^"]+"', b'"started_at":"2022-08-14T12:00:00"', write_json(PLATES[:1]))
    with pytest.raises(Refused) as refused:
        read_json(data)
    assert refused.value.decision.codes == ("time_without_offset",)


def test_instants_keep_their_offset_in_every_form(tmp_path: Path) -> None:
    plate = replace(PLATES[0], started_at=datetime(2022, 8, 14, 4, tzinfo=UTC))
    for name, write in WRITERS.items():
        (found,) = read(tmp_path, write((plate,))).plates
        assert found.started_at == START, name
