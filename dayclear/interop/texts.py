"""Sentences and words about line lists: what is wrong with a row or a file, what a column means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dayclear.cases.reasons import (
    CLASSIFICATION_NAMES,
    FOUND_BY_NAMES,
    OUTCOME_NAMES,
    SEVERITY_NAMES,
)
from dayclear.interop.linelist.labels import FIELD_LABELS
from dayclear.interop.linelist.messages import NOTES, PROBLEMS, REFUSALS
from dayclear.interop.linelist.table import HeaderNote
from dayclear.interop.models import Import, ImportProblem
from dayclear.people.reasons import SEX_NAMES
from dayclear.policy.words import DISEASE_NAMES

#: Problems that only show when a row meets what is in the system already.
OWN_PROBLEMS: Final[dict[str, Promise]] = {
    "number_taken_elsewhere": _(
        "Another case outside your places bears this number. Give the case its own number, or say under Options whose "
        "numbers these are."
    ),
    "id_number_of_another_record": _(
        "Another record of the county bears this identity number; the number was left out. If the two are one person, "
        "merge them."
    ),
    "number_of_somebody_else": _(
        "The case with this number in the system is another person (%(why)s). Correct the number or the person."
    ),
    "continues_unknown_case": _(
        "The row goes on about a case that is not in the system. Import the row of that case first, or with it."
    ),
    "death_before_known_onset": _(
        "The day of death (%(died)s) is before the day of onset (%(onset)s) that is known of this case. Correct one of "
        "them."
    ),
    "day_after_import": _("The %(field)s (%(date)s) is after the day of the import. Correct the date."),
}

_OWN_FAILURES: Final[dict[str, Promise]] = {
    "field_unknown": _("The mapping names %(name)s, which is neither a column of this file nor a field."),
    "file_gone": _("The uploaded file is no longer kept. Upload it again."),
    "standing_ended": _(
        "Whoever started this import no longer holds the grant for it, or the account was closed. What is in stays in."
    ),
    "unexpected": _(
        "A fault of the program stopped the import after several tries. What is in stays in; the health page and the "
        "program's log say more. Importing the same file again goes on without doubling anything."
    ),
}

_WHY: Final[dict[str, Promise]] = {
    "other_sex": _("another sex"),
    "other_name": _("another name"),
    "other_age": _("another age"),
    "other_birthday": _("another birthday"),
}

#: What a value of a field can be mapped to, in words. Shape: field → code → word.
VALUE_NAMES: Final[Mapping[str, Mapping[str, Any]]] = {
    "sex": SEX_NAMES,
    "severity": SEVERITY_NAMES,
    "classification": CLASSIFICATION_NAMES,
    "how_found": FOUND_BY_NAMES,
    "outcome": OUTCOME_NAMES,
    "disease": DISEASE_NAMES,
    "quarantine_type": {"centralised": _("central site"), "home": _("at home"), "hospital": _("hospital")},
    "": {"yes": _("yes"), "no": _("no")},
}

KIND_NAMES: Final[dict[str, Promise]] = {
    "case": _("cases"),
    "continuation": _("go on about a case above"),
    "duplicate": _("say the same again"),
    "rejected": _("not imported"),
    "skipped": _("headings, totals, empty rows"),
}


class _Params(dict[str, Any]):
    """A place in a sentence for which nothing was kept (a person's own value) shows as an ellipsis."""

    def __missing__(self, key: str) -> str:
        return "…"


def value_word(field: str, code: str) -> Any:
    """A code of a field in words."""
    return VALUE_NAMES.get(field, VALUE_NAMES[""]).get(code, code)


def problem_sentence(problem: ImportProblem) -> str:
    """What is wrong with a row and how to mend it, in the language that is active."""
    template = OWN_PROBLEMS.get(problem.code) or PROBLEMS[problem.code]
    params = _Params(problem.params)
    params.update(row=problem.row, column=problem.column)
    if problem.value:
        params["value"] = problem.value
    if isinstance(fields := params.get("fields"), str):
        params["fields"] = ", ".join(str(FIELD_LABELS.get(name.strip(), name.strip())) for name in fields.split(","))
    if "why" in params:
        params["why"] = str(_WHY.get(params["why"], params["why"]))
    if "field" in params:
        params["field"] = str(FIELD_LABELS.get(params["field"], params["field"]))
    return str(template) % params


def refusal_sentence(code: str, params: Mapping[str, Any]) -> str:
    """Why a file or sheet is not read."""
    template = _OWN_FAILURES.get(code) or REFUSALS.get(code)
    return code if template is None else str(template) % _Params(params)


def note_sentence(note: HeaderNote) -> str:
    """What was noticed or mended around a header."""
    return str(NOTES[note.code]) % _Params(note.params)


def failure_sentence(upload: Import) -> str:
    """Why an import failed as a whole."""
    return refusal_sentence(upload.failure, upload.failure_params)
