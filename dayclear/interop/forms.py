"""The settings of an import as forms, and what they say about bad input."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from dayclear.cases.reasons import CLASSIFICATION_NAMES
from dayclear.foundation.actors import Actor
from dayclear.interop.linelist.fields import FIELDS
from dayclear.interop.plan import ImportPlan
from dayclear.interop.wizard import FileLook
from dayclear.places.forms import OwnPlaceField
from dayclear.policy.words import DISEASE_NAMES

_ENCODINGS = ("utf-8", "gb18030", "utf-16", "big5", "shift_jis", "euc_kr", "cp1252", "cp1251")
_DELIMITERS = {
    ",": _("comma"),
    "\t": _("tab"),
    ";": _("semicolon"),
    "|": _("bar"),
    "，": _("Chinese comma"),
    "；": _("Chinese semicolon"),
}
_AUTOMATIC = ("", _("as found"))


class OptionsForm(forms.Form):
    """What holds for the whole file."""

    disease = forms.ChoiceField(label=_("Disease"), choices=list(DISEASE_NAMES.items()))
    classification = forms.ChoiceField(
        label=_("Classification"),
        choices=[(code, name) for code, name in CLASSIFICATION_NAMES.items() if code != "excluded"],
        help_text=_("For rows that do not say how sure it is."),
    )
    numbering = forms.CharField(
        label=_("Whose numbers"),
        required=False,
        max_length=64,
        help_text=_("Leave empty if these case numbers are unique with you; else name the office that gave them."),
    )
    date_order = forms.ChoiceField(
        label=_("03/04/2020 is"),
        required=False,
        choices=[("", _("what the file proves")), ("day_first", _("3 April")), ("month_first", _("4 March"))],
    )
    year = forms.IntegerField(
        label=_("Year"),
        required=False,
        min_value=1800,
        max_value=2200,
        help_text=_("For dates written without a year."),
    )
    zero_age = forms.ChoiceField(
        label=_("Age 0 is"),
        required=False,
        choices=[("auto", _("what the file suggests")), ("unknown", _("not known")), ("infant", _("an infant"))],
    )
    encoding = forms.ChoiceField(
        label=_("Encoding"), required=False, choices=[_AUTOMATIC, *((name, name) for name in _ENCODINGS)]
    )
    delimiter = forms.ChoiceField(label=_("Delimiter"), required=False, choices=[_AUTOMATIC, *_DELIMITERS.items()])

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # None chosen: the importer's place itself.
        self.fields["place"] = OwnPlaceField(actor, label=_("Place that answers"), required=False)

    @classmethod
    def showing(cls, plan: ImportPlan, actor: Actor) -> OptionsForm:
        names = ("disease", "classification", "numbering", "date_order", "year", "zero_age", "encoding", "delimiter")
        shown = {name: getattr(plan, name) for name in names}
        return cls(initial={**shown, "place": plan.place or None}, actor=actor)

    def upon(self, plan: ImportPlan) -> ImportPlan:
        """The plan with these settings; only of a valid form."""
        said = self.cleaned_data
        return msgspec.structs.replace(
            plan,
            disease=said["disease"],
            classification=said["classification"],
            numbering=said["numbering"].strip(),
            date_order=said["date_order"] or None,
            year=said["year"],
            zero_age=said["zero_age"] or "auto",
            encoding=said["encoding"] or None,
            delimiter=said["delimiter"] or None,
            place=said["place"],
        )


def chosen_columns(sent: QueryDict, look: FileLook) -> dict[str, str]:
    """What was chosen for each header. Shape: header → field, empty for "leave aside"."""
    chosen = {}
    for position, column in enumerate(look.columns):
        field = sent.get(f"field:{position}", column.field)
        # The file's first look decides the positions; another header there means another look was shown.
        same = sent.get(f"header:{position}", column.header) == column.header
        chosen[column.header] = field if same and (field in FIELDS or not field) else column.field
    return chosen


def departures(look: FileLook, chosen: Mapping[str, str]) -> dict[str, str]:
    """Only what differs from what the headers say by themselves: each sheet keeps its own best column for the rest."""
    return {column.header: chosen[column.header] for column in look.columns if chosen[column.header] != column.proposed}


def chosen_sheets(sent: QueryDict, look: FileLook, plan: ImportPlan) -> ImportPlan:
    """The plan with the sheets and header rows of a form; what was not changed stays as it was."""
    names = [sheet.name for sheet in look.sheets]
    shown = tuple(sheet.name for sheet in look.sheets if sheet.chosen)
    indexes = [int(index) for index in sent.getlist("sheet") if index.isdecimal()]
    wanted = tuple(names[index] for index in indexes if index < len(names))
    rows = dict(plan.header_rows)
    for index, sheet in enumerate(look.sheets):
        said = sent.get(f"header_row:{index}", "").strip()
        if said.isdecimal() and 0 < int(said) < 1_000_000 and int(said) != sheet.header_row:
            rows[sheet.name] = int(said)
    sheets = plan.sheets if not wanted or wanted == shown else wanted
    return msgspec.structs.replace(plan, sheets=sheets, header_rows=rows)


def mapped_words(sent: QueryDict, known: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """The value map after a form. Shape: field → word → code; "" is "not known"; "-" leaves the word without one."""
    forgotten = set(sent.getlist("forget"))
    words = {
        field: {raw: code for raw, code in codes.items() if f"{field}:{raw}" not in forgotten}
        for field, codes in known.items()
    }
    for field, raw, code in zip(sent.getlist("word_field"), sent.getlist("word"), sent.getlist("code"), strict=False):
        if field in FIELDS and code != "-":
            words.setdefault(field, {})[raw] = "" if code == "unknown" else code
    return {field: codes for field, codes in words.items() if codes}


def field_choices(labels: Mapping[str, Any]) -> Sequence[tuple[str, Any]]:
    """Every field a column may feed, in the order of the catalogue."""
    return [(name, labels[name]) for name in FIELDS]
