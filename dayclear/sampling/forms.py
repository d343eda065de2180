"""The forms of rounds and schedules, and what they say about bad input. What the rules say is asked by the commands."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from dayclear.foundation import clock
from dayclear.foundation.actors import Actor
from dayclear.places.forms import OwnPlaceField
from dayclear.policy.words import disease_choices, word
from dayclear.sampling.commands.duties import groups_at
from dayclear.sampling.rules.rounds import MOST_PER_TUBE, RoundPlan

_EVERYBODY = _("everybody")
_SIZES = (1, 5, 10, MOST_PER_TUBE)


def groups(actor: Actor, disease: str, at: datetime) -> list[tuple[str, str]]:
    """The groups that the pack in force tests by routine, in the reader's words."""
    return [(code, word(code)) for code in groups_at(actor.area.lo, disease, at)]


class InstantField(forms.DateTimeField):
    """An instant by the local clock, picked or typed."""

    def __init__(self, *, label: Any) -> None:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        super().__init__(label=label, widget=widget, input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"])


class RoundForm(forms.Form):
    """A round to be planned."""

    key = forms.CharField(widget=forms.HiddenInput, max_length=64)
    name = forms.CharField(label=_("Name"), max_length=120)
    disease = forms.ChoiceField(label=_("Disease"), choices=disease_choices)
    group = forms.ChoiceField(
        label=_("For whom"),
        required=False,
        help_text=_("A round for several groups is several rounds, each with its own people per tube."),
    )
    starts_at = InstantField(label=_("Begins"))
    ends_at = InstantField(label=_("Ends"))
    people_per_tube = forms.TypedChoiceField(
        label=_("People per tube"), coerce=int, choices=[(size, size) for size in _SIZES], initial=10
    )
    by_household = forms.BooleanField(label=_("One household, one tube"), required=False)
    expected = forms.IntegerField(
        label=_("People expected"), required=False, min_value=0, max_value=2_000_000_000, help_text=_("Where known.")
    )

    def __init__(self, *args: Any, actor: Actor, disease: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"] = OwnPlaceField(actor)
        field = self.fields["group"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _EVERYBODY), *groups(actor, disease, clock.now())]

    def plan(self) -> RoundPlan:
        said = self.cleaned_data
        return RoundPlan(
            area=said["place"],
            name=said["name"],
            disease=said["disease"],
            starts_at=said["starts_at"],
            ends_at=said["ends_at"],
            people_per_tube=said["people_per_tube"],
            group=said["group"],
            by_household=said["by_household"],
            expected=said["expected"],
        )
