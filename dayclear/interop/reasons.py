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
    "not_checked": _("The file was not checked the way it is set now. Check it, look at the result, then start."),
}

EVENT_NAMES = {
    "interop.file_uploaded": _("Line list uploaded"),
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
