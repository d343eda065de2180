"""The sentences behind the reason codes of `interop`, and the words for its states."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

REASONS = {
    "file_missing": _("No file was chosen. Choose a csv or xlsx file, or drop it on the page."),
    "file_too_large": _("The file has %(size)s bytes; at most %(limit)s are read. Split it into several files."),
    "file_empty": _("The file is empty."),
    "already_started": _("This import has been started. Upload the file again to read it in another way."),
    "already_finished": _("This import has ended already; there is nothing left to stop."),
    "file_disposed": _(
        "The uploaded file was destroyed on %(on)s, when its time was over. Upload it again to get its rows."
    ),
    "ct_unreadable": _("%(value)s is no Ct. Write a number, or “Undetermined” where no curve rose."),
    "call_unknown": _("%(value)s is no result. Write positive, negative, single_target or invalid, or leave it empty."),
    "curve_unknown": _("%(value)s says nothing of a curve. Write clear, or leave it empty."),
    "time_unreadable": _("%(value)s is no instant. Write it as 2022-08-14T12:00+08:00."),
    "number_unreadable": _("%(value)s is no whole number."),
    "line_unreadable": _("The line cannot be read (%(value)s)."),
    "plate_or_well_missing": _("The line names no plate or no well."),
    "plate_lines_disagree": _("Lines of one plate say different things of it: %(value)s."),
    "two_tubes_in_one_well": _("One well has two tubes: %(value)s."),
    "calls_differ": _("One well has two results, one of them %(value)s."),
    "pool_role_missing": _(
        "The specimen has several parents but is not called a pool: SPM-11 must be L, not %(value)s."
    ),
    "columns_missing": _("The table has no column for: %(columns)s. Name the columns as in the guide."),
    "file_truncated": _(
        "The file ends on line %(rows)s, the last one a spreadsheet can hold: it was cut there, and nobody knows what "
        "is missing. Export it again as csv or JSON."
    ),
    "file_not_as_described": _("The file is not as its form says: %(detail)s"),
    "message_not_a_result": _("The message is %(kind)s, not a result (ORU^R01)."),
    "time_without_offset": _("An instant of plate %(plate)s has no offset from UTC: nobody can say whose clock it is."),
    "disease_without_code": _("No code is known for the test of %(disease)s: it cannot be exported."),
    "file_has_problems": _("%(n)s lines of the file cannot be read. Mend them and send the file again."),
    "plate_not_released": _("The plate is not released: its results are not for others yet."),
    "results_taken_in": _("This file was taken in already."),
    "not_checked": _("The file was not checked the way it is set now. Check it, look at the result, then start."),
}

EVENT_NAMES = {
    "interop.file_uploaded": _("Line list uploaded"),
    "interop.result_file_uploaded": _("Result file uploaded"),
    "interop.result_file_taken_in": _("Result file taken in"),
    "interop.upload_dropped": _("Upload thrown away"),
    "interop.upload_disposed": _("Uploaded file destroyed"),
    "interop.import_queued": _("Import started"),
    "interop.import_cancelled": _("Import stopped"),
    "interop.import_finished": _("Import finished"),
    "interop.import_failed": _("Import failed"),
}

STATE_NAMES = {
    "draft": _("not started"),
    "queued": _("waiting"),
    "running": _("running"),
    "done": _("done"),
    "cancelled": _("stopped"),
    "failed": _("failed"),
}
