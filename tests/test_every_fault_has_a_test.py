"""Every bad input and fault of the way from swab to result that was asked for has the test that proves it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import dayclear

PACKAGES = Path(dayclear.__file__).parent
# How each is said to whoever did it, in both languages.
_SAID = "config/tests/test_bad_samples.py::test_an_upload_that_cannot_be_is_answered_in_both_languages"
_FILE = "config/tests/test_bad_samples.py::test_a_result_file_that_cannot_be_is_answered_in_both_languages"
_BOX = "config/tests/test_bad_samples.py::test_a_box_that_cannot_be_is_answered_in_both_languages"
_UPLOADS = "sampling/tests/test_uploads.py"
_LAB = "lab/tests/test_commands.py"
_PROVED = {
    "duplicate tube": (
        _SAID,
        f"{_UPLOADS}::test_a_tube_number_that_comes_again_is_disputed",
        f"{_UPLOADS}::test_of_two_tubes_with_one_number_in_a_batch_the_second_is_disputed",
    ),
    "tube opened at two desks": (_SAID, f"{_UPLOADS}::test_a_tube_opened_at_two_desks_counts_where_it_belongs"),
    "person twice in a tube": (
        f"{_UPLOADS}::test_a_person_twice_in_a_tube_is_held_once_and_said",
        "tests/test_desk_in_browser.py::test_what_may_not_be_is_said_at_once",
    ),
    "person twice in a round": (
        "sampling/tests/test_pages.py::test_a_round_shows_how_far_it_is_and_who_came_twice",
        "tests/test_desk_in_browser.py::test_what_may_not_be_is_said_at_once",
    ),
    "tube of 11": (
        _SAID,
        f"{_UPLOADS}::test_a_tube_that_cannot_be_is_kept_and_disputed",
        "sampling/tests/test_disputes.py::test_a_tube_of_eleven_is_taken_in_once_somebody_has_looked",
    ),
    "box count off by one": (
        _BOX,
        f"{_UPLOADS}::test_a_box_whose_count_is_off_by_one_is_taken_in_with_its_discrepancy",
        "sampling/tests/test_boxes.py::test_a_box_off_by_one_is_reconciled_only_with_an_explanation",
    ),
    "box to the wrong lab": (
        _BOX,
        "lab/tests/test_pages.py::test_a_box_for_another_laboratory_and_a_code_that_is_no_box",
    ),
    "result for an unknown tube": (_FILE, f"{_LAB}::test_results_of_tubes_that_are_not_on_the_plate"),
    "result before reception": (_FILE, f"{_LAB}::test_results_of_tubes_that_are_not_on_the_plate"),
    "result file truncated at 65,536 rows": (
        _FILE,
        "interop/tests/test_labfiles.py::test_a_file_that_ends_where_a_spreadsheet_ends_was_cut_there",
    ),
    "two files with one plate": (
        _FILE,
        f"{_LAB}::test_a_plate_that_is_in_stays_and_two_of_one_name_in_a_file_are_not_taken",
    ),
    "Ct of 99": (
        _FILE,
        "lab/tests/test_rules.py::test_a_ct_of_99_is_no_reading",
        "interop/tests/test_labfiles.py::test_a_ct_of_99_is_not_taken_for_no_curve",
    ),
    "wrong cut-off version": (_FILE, f"{_LAB}::test_another_version_of_the_cut_offs_is_not_taken"),
    "device clock wrong by a day or a year": (
        f"{_UPLOADS}::test_a_device_clock_far_off_is_corrected_and_both_instants_are_kept",
        "sampling/tests/test_device_api.py::test_a_device_with_a_wrong_clock_is_told_the_time",
        "tests/test_desk_in_browser.py::test_a_phone_whose_clock_is_a_year_behind_says_so_and_its_tubes_are_taken_in",
    ),
    "a replayed or forged batch": (
        _SAID,
        f"{_UPLOADS}::test_the_same_batch_again_gives_the_same_answer_and_writes_nothing",
        f"{_UPLOADS}::test_another_batch_under_a_used_counter_is_refused",
        f"{_UPLOADS}::test_a_batch_signed_by_another_device_is_refused",
        "sampling/tests/test_desk.py::test_a_forged_batch_holds_up_no_other",
    ),
    "a lost device (its blocks revoked)": (
        _SAID,
        f"{_UPLOADS}::test_what_a_lost_device_sends_is_kept_and_disputed",
        "sampling/tests/test_device_api.py::test_a_lost_device_gets_no_bundle",
    ),
    "upload cut in the middle": (
        _SAID,
        f"{_UPLOADS}::test_an_upload_cut_in_the_middle_is_refused_and_comes_whole_later",
        "tests/test_desk_in_browser.py::test_a_connection_cut_fifty_times_at_random_loses_and_doubles_nothing",
    ),
    "kill -9 of web, worker and PostgreSQL at random during load": (
        "tests/test_kills.py::test_kills_at_random_lose_nothing_acknowledged_and_double_nothing",
    ),
}


@pytest.mark.parametrize("fault", _PROVED)
def test_it_has_its_tests(fault: str) -> None:
    for proof in _PROVED[fault]:
        path, _, name = proof.partition("::")
        file = (PACKAGES.parent if path.startswith("tests/") else PACKAGES) / path
        tree = ast.parse(file.read_text(encoding="utf-8"))
        assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, proof
