"""Every reason code of line-list reading and what it does: keep a row out, drop or keep a value, refuse a file.

The sentence for each code stands in `messages.py`; a test holds the two lists equal.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from dayclear.interop.linelist.facts import Problem, Severity

#: The row is kept out of the import and written to the error file.
ERRORS: Final = frozenset(
    {
        "dates_years_apart",
        "case_number_digits_lost",
        "case_number_repeated_differently",
        "case_number_without_digit",
        "cannot_identify_case",
        "continues_no_case",
        "continues_rejected_row",
        "date_before_1800",
        "date_impossible",
        "date_in_future",
        "date_order_undecided",
        "date_unreadable",
        "date_without_year",
        "field_too_large",
        "formula_without_value",
        "nothing_but_a_number",
        "onset_after_death",
        "too_many_cells",
        "two_sexes",
        "undecodable_bytes",
        "nul_bytes",
        "quote_never_closed",
        "spreadsheet_error_value",
    }
)

#: The row is imported; the value is dropped or kept as the message says.
WARNINGS: Final = frozenset(
    {
        "age_contradicts_birth",
        "age_out_of_range",
        "age_unreadable",
        "age_zero_kept",
        "birth_contradicts_id_number",
        "born_after_onset",
        "contact_of_itself",
        "contact_of_words",
        "contact_unnamed",
        "count_unreadable",
        "flag_unreadable",
        "formula_value_used",
        "id_number_checksum_wrong",
        "id_number_digits_lost",
        "id_number_unreadable",
        "onset_long_after_report",
        "phone_unreadable",
        "rash_before_onset",
        "sex_contradicts_id_number",
        "sex_unreadable",
        "too_few_cells",
        "value_dropped",
        "visit_ends_before_start",
        "visit_in_future",
        "word_unknown",
    }
)

#: The row is no case at all.
SKIPS: Final = frozenset({"blank_row", "header_repeated", "total_row"})


def severity_of(code: str) -> Severity:
    """Raises: KeyError for a code that is in no list."""
    if code in ERRORS:
        return "error"
    if code in WARNINGS or code in SKIPS:
        return "warning"
    raise KeyError(code)


def problem(
    code: str, field: str = "", column: str = "", value: object = "", params: Mapping[str, str | int] | None = None
) -> Problem:
    shown = value if isinstance(value, str) else str(value)
    return Problem(
        code=code,
        severity=severity_of(code),
        field=field,
        column=column,
        value=shown if len(shown) <= 120 else shown[:119] + "…",
        params=dict(params) if params else {},
    )
