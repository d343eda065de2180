"""The forms of laboratories. What the rules say is asked by the commands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dayclear.foundation.actors import Actor
from dayclear.foundation.decisions import Refused, refuse
from dayclear.lab.commands import LaboratoryRecord, PlateLayout
from dayclear.lab.queries import assays_in_use
from dayclear.lab.rules.cutoffs import CutOffs, Target
from dayclear.lab.rules.plates import CONTROLS, RUNS_PER_DAY, SHAPES, WELLS, Machine, control_wells, lay_out
from dayclear.places.forms import OwnPlaceField
from dayclear.policy.words import disease_choices
from dayclear.sampling.rules.numbers import parsed

_SIZES = [(wells, str(wells)) for wells in SHAPES]


class LaboratoryForm(forms.Form):
    """A laboratory to be opened."""

    key = forms.CharField(widget=forms.HiddenInput, max_length=64)
    code = forms.CharField(
        label=pgettext_lazy("thing", "Code"), max_length=24, help_text=_("Short; files and boxes name it so.")
    )
    name = forms.CharField(label=pgettext_lazy("thing", "Name"), max_length=120)
    latitude = forms.FloatField(label=_("Latitude"), required=False, min_value=-90, max_value=90)
    longitude = forms.FloatField(
        label=_("Longitude"),
        required=False,
        min_value=-180,
        max_value=180,
        help_text=_("In degrees. Without a position the dispatch sends no box here."),
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"] = OwnPlaceField(actor)

    def clean(self) -> None:
        said = self.cleaned_data
        if (said.get("latitude") is None) is not (said.get("longitude") is None):
            self.add_error("longitude", _("Give both, or neither."))

    def record(self) -> LaboratoryRecord:
        said = self.cleaned_data
        return LaboratoryRecord(said["place"], said["code"], said["name"], said["latitude"], said["longitude"])


class PositionForm(forms.Form):
    """Where a laboratory stands."""

    latitude = forms.FloatField(label=_("Latitude"), min_value=-90, max_value=90)
    longitude = forms.FloatField(label=_("Longitude"), min_value=-180, max_value=180)


def require_valid(form: forms.Form) -> None:
    """For a small form that has no page of its own to come back to. Raises: Refused (`invalid_input`)."""
    if not form.is_valid():
        field = next(iter(form.errors))
        raise Refused(refuse("invalid_input", where=str(form.fields[field].label), what=str(form.errors[field][0])))


class InstrumentForm(forms.Form):
    """A machine to be added."""

    code = forms.CharField(label=_("Name of the machine"), max_length=40)
    wells = forms.TypedChoiceField(label=_("Wells"), choices=_SIZES, coerce=int, initial=WELLS)
    controls = forms.IntegerField(label=_("Control wells"), initial=CONTROLS, min_value=2, max_value=100)
    runs_per_day = forms.IntegerField(label=_("Runs a day"), initial=RUNS_PER_DAY, min_value=1, max_value=48)

    def machine(self) -> Machine:
        said = self.cleaned_data
        return Machine(said["wells"], said["controls"], said["runs_per_day"])


class PlateForm(forms.Form):
    """A plate to be made up: its tubes as they were scanned, one after the other, into the free wells."""

    key = forms.CharField(widget=forms.HiddenInput, max_length=64)
    code = forms.CharField(label=_("Plate"), max_length=60, help_text=_("The barcode on its side."))
    wells = forms.TypedChoiceField(label=_("Wells"), choices=_SIZES, coerce=int, initial=WELLS)
    controls = forms.IntegerField(
        label=_("Control wells"),
        initial=CONTROLS,
        min_value=2,
        max_value=100,
        help_text=_("The last wells of the plate, the negative ones first."),
    )
    assay = forms.TypedChoiceField(label=_("Assay"), coerce=int)
    tubes = forms.CharField(
        label=_("Tubes"),
        widget=forms.Textarea(attrs={"rows": 12, "autofocus": True, "spellcheck": "false"}),
        help_text=_("Scan them in the order of the wells, row by row; one a line."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["assay"]
        assert isinstance(field, forms.TypedChoiceField), "declared above"
        field.choices = [(row.pk, f"{row.name} · {row.version}") for row in assays_in_use()]

    def clean_tubes(self) -> list[int]:
        return numbers_in(str(self.cleaned_data["tubes"]))

    def clean(self) -> None:
        said = self.cleaned_data
        if "tubes" in said and "wells" in said and "controls" in said:
            room = said["wells"] - said["controls"]
            if len(said["tubes"]) > room:
                self.add_error("tubes", _("%(tubes)s tubes do not fit into %(room)s wells.") % _sizes(said, room))

    def layout(self) -> PlateLayout:
        said = self.cleaned_data
        controls = control_wells(said["wells"], said["controls"])
        tubes = lay_out(said["tubes"], said["wells"], controls)
        return PlateLayout(said["code"], said["wells"], said["assay"], tubes, controls)


def _sizes(said: Mapping[str, Any], room: int) -> dict[str, int]:
    return {"tubes": len(said["tubes"]), "room": room}


def numbers_in(text: str) -> list[int]:
    """The tube numbers of a scanned list. Raises: ValidationError, which names the lines that are none."""
    labels = text.split()
    found = [parsed(label) for label in labels]
    wrong = [label for label, number in zip(labels, found, strict=True) if number is None]
    if wrong:
        raise forms.ValidationError(_("No tube number: %(labels)s") % {"labels": ", ".join(wrong[:8])})
    return [number for number in found if number is not None]


class AssayForm(forms.Form):
    """A version of an assay with its cut-offs, up to four targets."""

    key = forms.CharField(widget=forms.HiddenInput, max_length=64)
    code = forms.CharField(label=pgettext_lazy("thing", "Code"), max_length=40)
    version = forms.CharField(label=_("Version of the cut-offs"), max_length=24)
    name = forms.CharField(label=pgettext_lazy("thing", "Name"), max_length=120)
    disease = forms.ChoiceField(label=_("Disease"), choices=disease_choices)
    cycles = forms.IntegerField(label=_("Cycles"), initial=45, min_value=20, max_value=60)
    source = forms.CharField(label=_("Source"), max_length=300, help_text=_("The kit's leaflet, with its edition."))

    def cutoffs(self, rows: Sequence[Mapping[str, str]]) -> CutOffs:
        """Shape: `rows` as the table of the page sends them. Raises: Refused (`cut_off_out_of_range`)."""
        said = self.cleaned_data
        targets = tuple(_target(row) for row in rows if row.get("code", "").strip())
        return CutOffs(said["code"], said["version"], targets, said["cycles"])


def _target(row: Mapping[str, str]) -> Target:
    code = row["code"].strip()[:24]
    try:
        below = float(row.get("below", ""))
        grey = float(row.get("grey", "") or below)
    except ValueError:
        raise Refused(refuse("cut_off_out_of_range", target=code)) from None
    return Target(
        code,
        below,
        grey,
        inclusive=bool(row.get("inclusive")),
        control=bool(row.get("control")),
        loinc=row.get("loinc", "")[:12],
    )
