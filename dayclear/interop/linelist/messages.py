"""The sentence for every reason code: what is wrong, and how to mend it.

Placeholders are filled with the parameters of the problem, and with `row`, `column` and `value`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dayclear.interop.linelist.facts import Problem
from dayclear.interop.linelist.labels import field_list

#: Errors, warnings and skipped lines, as in `problems.py`.
PROBLEMS: Final[dict[str, Promise]] = {
    "age_contradicts_birth": _(
        "Age %(value)s does not fit the date of birth, which makes it %(implied)s. Both are kept; correct "
        "the wrong one."
    ),
    "age_out_of_range": _("“%(value)s” is no human age. The age is left out; write years, or 11m, 3天."),
    "age_unreadable": _(
        "“%(value)s” can't be read as one age. It is left out; write a number of years, or 11m, 6月龄, 3天."
    ),
    "age_zero_kept": _(
        "Age 0 is kept as an infant under one year. If 0 means “not known” in this file, choose so in the options."
    ),
    "birth_contradicts_id_number": _(
        "The identity number names another day of birth than %(born_on)s. The number is left out so that "
        "the case is not taken for another person; correct one of them."
    ),
    "blank_row": _("The row is empty and is passed over."),
    "born_after_onset": _("Born on %(value)s, after %(other)s. The date of birth is left out; correct the year."),
    "cannot_identify_case": _(
        "The row has no case number and too little else to know a case by: a name, sex or age, and at "
        "least one date. Add a case number, or delete the row."
    ),
    "case_number_digits_lost": _(
        "The case number was turned into a rounded number by a spreadsheet, and digits are lost. Format "
        "the column as text and enter the number again."
    ),
    "case_number_repeated_differently": _(
        "Case number %(value)s stands in row %(first_row)s already, with another %(fields)s. Give one of "
        "the two cases its own number, or correct the difference."
    ),
    "case_number_without_digit": _(
        "“%(value)s” in the column %(column)s is no case number: it has no digit. If the column holds "
        "names, map it to the name; else add the number."
    ),
    "contact_of_itself": _("The case names itself as its source. The link is left out; write the other case's number."),
    "contact_of_words": _("“%(value)s” names no case number. The words are kept with the case; no link is made."),
    "contact_unnamed": _(
        "“%(value)s” says that there was a source case but not which. Write its case number to make the link."
    ),
    "continues_no_case": _(
        "The row only tells of places visited, and there is no case above it for which they could stand: "
        "check that the number was not counted up by dragging the cell."
    ),
    "continues_rejected_row": _(
        "The row goes on about the case in row %(first_row)s, which is not imported. Mend that row first "
        "and import both together."
    ),
    "count_unreadable": _("“%(value)s” is no number of people. It is left out."),
    "date_before_1800": _("%(value)s is before 1800. Correct the year."),
    "date_impossible": _("%(value)s does not exist in the calendar. Correct the day or the month."),
    "date_in_future": _("%(value)s is after today, %(today)s. Correct the date."),
    "date_order_undecided": _(
        "%(value)s can be two days, and nothing in the file shows whether the day or the month comes "
        "first. Choose the order in the options."
    ),
    "date_unreadable": _("“%(value)s” can't be read as a date. Write it like 2021-12-19, or empty the cell."),
    "date_without_year": _("%(value)s has no year. Choose the year in the options, or write it like 2021-12-19."),
    "dates_years_apart": _(
        "%(value)s and %(other)s belong to one illness but are %(days)s days apart. Correct the year of one of them."
    ),
    "field_too_large": _("A cell of this row is larger than any table cell should be. Shorten it."),
    "flag_unreadable": _("“%(value)s” is neither yes nor no. It is left out; write 1 or 0, or map the value."),
    "formula_value_used": _(
        "The cell holds the formula %(formula)s; the value of its last calculation is used. Check it."
    ),
    "formula_without_value": _(
        "The cell holds the formula %(value)s without a calculated value. Open the file in a spreadsheet, "
        "replace formulas by their values, and save it."
    ),
    "header_repeated": _("The row repeats the header and is passed over."),
    "id_number_checksum_wrong": _(
        "The identity number's check digit is wrong, or its birth date does not exist. The number is left "
        "out; copy it again."
    ),
    "id_number_digits_lost": _(
        "A spreadsheet has rounded the identity number, and its last digits are lost. Format the column "
        "as text and enter the number again."
    ),
    "id_number_unreadable": _("“%(value)s” is no identity number. It is left out."),
    "nothing_but_a_number": _(
        "The row holds only the case number %(value)s: no person, no date, no place. Fill in what is "
        "known, or delete the row."
    ),
    "nul_bytes": _("Line %(line)s holds NUL bytes, as after a broken transfer. Export the file again."),
    "onset_after_death": _("Onset on %(value)s is after death on %(other)s. Correct one of them."),
    "onset_long_after_report": _(
        "Onset on %(value)s is %(days)s days after the report on %(other)s. Both are kept; check them."
    ),
    "phone_unreadable": _("“%(value)s” is no telephone number. It is left out."),
    "quote_never_closed": _("A quotation mark opened in line %(line)s is never closed. Delete it, or double it."),
    "rash_before_onset": _("Rash on %(value)s is before onset on %(other)s. Both are kept; check them."),
    "sex_contradicts_id_number": _(
        "The identity number belongs to a person of the other sex. The number is left out so that the "
        "case is not taken for another person; correct one of them."
    ),
    "sex_unreadable": _("“%(value)s” is no sex that is known here. It is left out; write 男 or 女, or map the value."),
    "spreadsheet_error_value": _(
        "The cell shows the spreadsheet error %(value)s. Replace it by the value, or empty it."
    ),
    "too_few_cells": _("The line has %(cells)s cells, the header %(expected)s. The missing ones are taken as empty."),
    "too_many_cells": _(
        "The line has %(cells)s cells, the header only %(expected)s. Mostly a text with a delimiter in it "
        "lacks its quotation marks."
    ),
    "total_row": _("The row is a total and is passed over."),
    "two_sexes": _(
        "The same person has another sex in row %(first_row)s (different: %(fields)s). Correct one of the "
        "rows, or give the cases different numbers."
    ),
    "undecodable_bytes": _(
        "Line %(line)s holds bytes that are no text in this file's encoding (%(bytes)s). Type the damaged "
        "characters again."
    ),
    "value_dropped": _("“%(value)s” can't be used in the column %(column)s and is left out."),
    "visit_ends_before_start": _(
        "The visit ends on %(value)s, before it starts on %(other)s. Both are kept; check them."
    ),
    "visit_in_future": _("The visit on %(value)s is after today, %(today)s. It is kept; check it."),
    "word_unknown": _("“%(value)s” is no word known for %(column)s. It is left out until you map it to one."),
}

#: Why a whole file or sheet is not read.
REFUSALS: Final[dict[str, Promise]] = {
    "encoding_unknown": _(
        "The file's encoding can't be recognised: byte %(byte)s in line %(line)s fits none that is known. "
        "Save the file as UTF-8."
    ),
    "file_empty": _("The file is empty."),
    "file_too_large": _("The file has %(size)s bytes; at most %(limit)s are read. Split it."),
    "has_macros": _("The workbook contains macros and is not opened. Save it as .xlsx without macros."),
    "header_row_missing": _("The sheet has no row %(row)s to take as the header."),
    "is_archive": _("The file is a compressed archive. Unpack it and import the table in it."),
    "is_database": _("The file is a database. Export its table as csv."),
    "is_document": _("The file is a text document. Copy its table into a spreadsheet and save it as .xlsx or csv."),
    "is_encrypted": _("The workbook is protected by a password. Remove the password and save it again."),
    "is_html_table": _(
        "The file is a web page, even if its name ends in .xls. Open it in a spreadsheet and save it as .xlsx."
    ),
    "is_image": _("The file is a picture. Enter its table into a spreadsheet."),
    "is_ods": _("The file is an OpenDocument spreadsheet. Save it as .xlsx or csv."),
    "is_pdf": _("The file is a PDF. Ask for the table itself, as .xlsx or csv."),
    "is_unknown_binary": _("The file is no table. Save it as .xlsx or csv."),
    "is_xls": _("The workbook is in the old .xls format, which cuts off after 65,536 rows. Save it as .xlsx."),
    "is_xlsb": _("The workbook is in the binary .xlsb format. Save it as .xlsx."),
    "is_xml": _("The file is XML. Save it as .xlsx or csv."),
    "line_too_long": _("Line %(line)s is longer than %(limit)s characters: this is no table."),
    "no_column_known": _("No column of the sheet %(sheet)s is known here: %(headers)s. Say which column is which."),
    "one_column": _(
        "Only one column was found (“%(header)s”): the delimiter is none of comma, tab, semicolon or bar. "
        "Choose it, or save the file as csv again."
    ),
    "sheet_empty": _("The sheet is empty."),
    "sheet_unknown": _("The workbook has no sheet %(sheet)s."),
    "too_many_merged_cells": _("The sheet has more than %(limit)s merged cells. Unmerge them and save it again."),
    "xlsx_broken": _(
        "The workbook is damaged and can't be read (%(detail)s). Open it in a spreadsheet and save it again."
    ),
    "xml_entities": _("The workbook contains XML entities, which no spreadsheet program writes. It is not opened."),
    "zip_bomb": _(
        "The workbook would unpack to %(unpacked)s bytes, more than the %(limit)s allowed. It is not opened."
    ),
}

#: What was noticed or mended around the header.
NOTES: Final[dict[str, Promise]] = {
    "header_missing": _(
        "The columns %(columns)s have values but no header. Map them by their letter, or leave them aside."
    ),
    "header_not_recognised": _(
        "No header in row %(row)s is known here. Say which column is which, or which row is the header."
    ),
    "header_repeated_name": _("Several columns have the same header: %(names)s. The leftmost is used."),
    "lines_above_header": _("The header was found in row %(row)s; the lines above it are passed over."),
    "merged_cells_filled": _(
        "%(count)s cells are merged over several rows; their value is taken for each of these rows."
    ),
    "sheet_hidden": _("The sheet is hidden and is read only if you choose it."),
    "sheet_passed_over": _("The sheet is passed over: %(reason)s"),
    "two_line_header": _("The header takes two lines from row %(row)s on; they were put together."),
}

#: Words for the reasons in which a filled cell means "not known".
MISSING_REASONS: Final[dict[str, Promise]] = {
    "mark": _("a mark for “not known”"),
    "masked": _("hidden with asterisks"),
    "overflow_marks": _("##### instead of a value: the column was too narrow when it was saved"),
    "sentinel_date": _("a date that programs write for “none”"),
    "sentinel_number": _("a number that programs write for “not known”"),
    "value_map": _("you mapped it to “not known”"),
    "word": _("a word for “not known”"),
    "zero_age": _("age 0, which means “not known” in this file"),
}


def problem_text(found: Problem, row: int = 0) -> str:
    """In the language that is active now."""
    params = {**found.params, "row": row, "column": found.column, "value": found.value}
    if "fields" in params:
        params["fields"] = field_list(str(params["fields"]))
    return fill(PROBLEMS[found.code], params)


def fill(template: Promise, params: Mapping[str, str | int]) -> str:
    return str(template) % params
