"""The sentences behind the reason codes of `places`, and the names of the levels."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

REASONS = {
    "no_code_tables": _("There is no code table in %(folder)s. Expected: %(expected)s."),
    "bad_code_row": _("%(file)s, line %(line)s: “%(value)s” is not a code and a name."),
}

LEVEL_NAMES = (
    _("whole installation"),
    _("province"),
    _("prefecture"),
    _("county"),
    _("township"),
    _("community"),
    _("grid"),
    _("building"),
)
EVENT_NAMES = {"places.tables_imported": _("Code tables of places read")}
