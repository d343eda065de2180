"""The form for one case by hand, and what it says about bad input."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from dayclear.cases.commands import CaseRecord
from dayclear.cases.reasons import (
    CLASSIFICATION_NAMES,
    FOUND_BY_NAMES,
    SEVERITY_NAMES,
    UNDER_ORDER_NAMES,
)
from dayclear.cases.rules import CaseDays, may_register
from dayclear.foundation.actors import Actor
from dayclear.foundation.identifiers import is_misspelt_id_number, normal_id_number, normal_phone
from dayclear.people.commands import PersonRecord
from dayclear.people.reasons import SEX_NAMES
from dayclear.places.forms import OwnPlaceField
from dayclear.policy.words import disease_choices

_OLDEST_YEARS = 130
_DAYS = (
    ("onset_on", _("Onset of symptoms")),
    ("isolated_on", _("Isolated")),
    ("sampled_on", _("Sampled")),
    ("positive_on", _("Positive result")),
    ("diagnosed_on", _("Diagnosed")),
    ("reported_on", _("Reported")),
)


class DayField(forms.DateField):
    """A calendar day, picked or typed as 2021-12-29."""

    def __init__(self, *, label: Any, required: bool = False) -> None:
        super().__init__(
            label=label,
            required=required,
            input_formats=["%Y-%m-%d", "%Y/%m/%d", "%Y年%m月%d日"],
            widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            error_messages={"invalid": _("Write the day as 2021-12-29.")},
        )


class CaseForm(forms.Form):
    """One case: the person, how sure, the days, how found."""

    key = forms.CharField(widget=forms.HiddenInput, max_length=64)
    disease = forms.ChoiceField(label=_("Disease"), choices=disease_choices)
    number = forms.CharField(
        label=_("Case number"), required=False, max_length=64, help_text=_("Leave empty to get one of your county.")
    )
    name = forms.CharField(label=_("Name"), max_length=120)
    sex = forms.ChoiceField(label=_("Sex"), choices=list(SEX_NAMES.items()), initial="unknown")
    born_on = DayField(label=_("Born"))
    age = forms.IntegerField(
        label=_("Age in years"),
        required=False,
        min_value=0,
        max_value=_OLDEST_YEARS,
        help_text=_("Only if the day of birth is not known."),
    )
    id_number = forms.CharField(label=_("Identity number"), required=False, max_length=24)
    phone = forms.CharField(label=_("Phone"), required=False, max_length=24)
    residence = forms.CharField(label=_("Residence"), required=False, max_length=400)
    classification = forms.ChoiceField(
        label=_("Classification"),
        choices=[(code, name) for code, name in CLASSIFICATION_NAMES.items() if code != "excluded"],
        initial="confirmed",
    )
    severity = forms.ChoiceField(label=_("Severity"), choices=list(SEVERITY_NAMES.items()), initial="unknown")
    found_by = forms.ChoiceField(label=_("How found"), choices=list(FOUND_BY_NAMES.items()), initial="unknown")
    under_order = forms.ChoiceField(label=_("When found"), choices=list(UNDER_ORDER_NAMES.items()), initial="unknown")
    notice = forms.CharField(
        label=_("Notice"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea,
        help_text=_("The text as received."),
    )

    def __init__(self, *args: Any, actor: Actor, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["place"] = OwnPlaceField(actor, label=_("Place responsible"))
        for name, label in _DAYS:
            self.fields[name] = DayField(label=label)

    def clean_id_number(self) -> str:
        number = normal_id_number(self.cleaned_data["id_number"])
        if number and number.isdecimal() and len(number) == 17:
            raise forms.ValidationError(_("A resident identity number has 18 characters; one is missing."))
        if is_misspelt_id_number(number):
            raise forms.ValidationError(_("The check character does not fit: one of the 18 characters is wrong."))
        if number and not any(character.isdigit() for character in number):
            raise forms.ValidationError(_("This is not an identity number. Leave the field empty if it is not known."))
        return number

    def clean_phone(self) -> str:
        phone = normal_phone(self.cleaned_data["phone"])
        if self.cleaned_data["phone"].strip() and not 5 <= len(phone) <= 15:
            raise forms.ValidationError(_("A phone number has 5 to 15 digits."))
        return phone

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        born, number = said.get("born_on"), said.get("id_number") or ""
        if born and born > self.today:
            self.add_error("born_on", _("The day of birth lies in the future."))
        if born and said.get("age") is not None and abs((self.today - born).days / 365.25 - said["age"]) > 2:
            self.add_error("age", _("The age does not fit the day of birth."))
        if len(number) == 18:
            self._check_against_number(number)
        self._check_days()
        return said

    def _check_against_number(self, number: str) -> None:
        said = self.cleaned_data
        born, stated = said.get("born_on"), f"{number[6:10]}-{number[10:12]}-{number[12:14]}"
        if born and born.isoformat() != stated:
            self.add_error("born_on", _("The identity number says born %(day)s.") % {"day": stated})
        sex = "male" if int(number[16]) % 2 else "female"
        if said.get("sex") in ("male", "female") and said["sex"] != sex:
            self.add_error("sex", _("The identity number says %(sex)s.") % {"sex": SEX_NAMES[sex]})

    def _check_days(self) -> None:
        for reason in may_register(self.days(), died=False, today=self.today).reasons:
            self.add_error(str(reason.params.get("field")), _("This day lies in the future."))
        onset, reported = self.cleaned_data.get("onset_on"), self.cleaned_data.get("reported_on")
        born = self.cleaned_data.get("born_on")
        for name, _label in _DAYS:
            day = self.cleaned_data.get(name)
            if born and day and day < born:
                self.add_error(name, _("This day lies before the day of birth."))
        if onset and reported and (onset - reported).days > 60:
            self.add_error("onset_on", _("The onset lies more than 60 days after the report."))

    def days(self) -> CaseDays:
        return CaseDays(**{name: self.cleaned_data.get(name) for name, _label in _DAYS})

    def person(self) -> PersonRecord:
        said = self.cleaned_data
        stated_age = said["age"] is not None and said["born_on"] is None
        return PersonRecord(
            area=said["place"],
            home=said["place"],
            name=said["name"].strip(),
            sex=said["sex"],
            born_on=said["born_on"],
            age_months=said["age"] * 12 if stated_age else None,
            age_on=self.today if stated_age else None,
            residence=said["residence"].strip(),
            id_number=said["id_number"],
            phone=said["phone"],
        )

    def case(self) -> CaseRecord:
        said = self.cleaned_data
        return CaseRecord(
            area=said["place"],
            person_id=0,
            disease=said["disease"],
            number=said["number"].strip(),
            days=self.days(),
            classification=said["classification"],
            severity=said["severity"],
            found_by=said["found_by"],
            under_order=said["under_order"],
            notice=said["notice"],
        )
