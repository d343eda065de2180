"""The forms of areas and measures, and what they say about bad input. What the rules say is asked by the commands."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from dayclear.areas.commands import AreaProposal, MeasureOrder, Member
from dayclear.areas.reasons import ASKED_NAMES, EXIT_NAMES, KIND_NAMES, SITE_NAMES, UNIT_NAMES
from dayclear.areas.rules.clearing import follows_the_others
from dayclear.cases.forms import DayField
from dayclear.foundation import clock
from dayclear.foundation.actors import Actor
from dayclear.places.forms import OwnPlaceField
from dayclear.policy.calendar import Policy
from dayclear.policy.words import disease_choices, word


class _PlaceForm(forms.Form):
    """A form about one place of the actor's, sent once."""

    key = forms.CharField(widget=forms.HiddenInput, max_length=64)
    disease = forms.ChoiceField(label=_("Disease"), choices=disease_choices)

    def __init__(self, *args: Any, actor: Actor, policy: Policy | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"] = OwnPlaceField(actor)
        self.policy = policy

    def offer(self, name: str, codes: Any, *, empty: bool = False) -> None:
        """Offer the pack's own codes, in the reader's words."""
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField), name
        choices = [(code, SITE_NAMES.get(code) or word(code)) for code in dict.fromkeys(codes)]
        field.choices = [("", "—"), *choices] if empty else choices


class AreaForm(_PlaceForm):
    """An area to be drawn."""

    name = forms.CharField(label=_("Name"), max_length=200, help_text=_("As the notice calls it."))
    level = forms.ChoiceField(label=_("Level"))
    unit = forms.ChoiceField(label=_("Drawn by"), choices=list(UNIT_NAMES.items()), initial="building")
    members = forms.CharField(
        label=_("What it consists of"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One building, unit or household a line. Empty: the whole place."),
    )
    designation = forms.ChoiceField(label=_("Ground of the rules"))
    ground = forms.CharField(
        label=_("Why"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The people who live there read this."),
    )
    enlarging = forms.CharField(label=_("Ground for a larger unit"), required=False, max_length=400)
    anchored_on = DayField(label=_("Day of the last infection"), required=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        areas = self.policy.rules.areas if self.policy else None
        drawn = (
            {code: level for code, level in areas.levels.items() if not follows_the_others(areas, code)}
            if areas
            else {}
        )
        self.offer("level", drawn)
        self.offer("designation", [code for level in drawn.values() for code in level.designation])
        if areas and areas.may_enlarge_when:
            self.fields["enlarging"] = forms.ChoiceField(label=_("Ground for a larger unit"), required=False)
            self.offer("enlarging", areas.may_enlarge_when, empty=True)

    def proposal(self) -> AreaProposal:
        said = self.cleaned_data
        lines = [line.strip() for line in said["members"].splitlines() if line.strip()]
        return AreaProposal(
            place=said["place"],
            disease=said["disease"],
            name=said["name"],
            level=said["level"],
            unit=said["unit"],
            designation=said["designation"],
            ground=said["ground"],
            anchored_on=said["anchored_on"],
            members=tuple(Member(text=line) for line in dict.fromkeys(lines)),
            enlarging=said["enlarging"],
        )


class MeasureForm(_PlaceForm):
    """A measure to be imposed."""

    kind = forms.ChoiceField(label=_("Kind"), choices=list(KIND_NAMES.items()), initial="checkpoint_regime")
    code = forms.ChoiceField(
        label=_("Measure of the rules"), required=False, help_text=_("Only for a measure of the area's level.")
    )
    at_exit = forms.ChoiceField(
        label=_("Stands at"),
        required=False,
        choices=[("", "—"), *EXIT_NAMES.items()],
        help_text=_("Only for a barrier."),
    )
    site = forms.ChoiceField(label=_("Kind of place"), required=False)
    asks_for = forms.ChoiceField(
        label=_("Asks for"),
        required=False,
        choices=[("", "—"), *ASKED_NAMES.items()],
        help_text=_("What one must show."),
    )
    stops_all = forms.BooleanField(label=_("Stops everybody, whoever they are"), required=False)
    scope = forms.CharField(label=_("Whom and what it covers"), max_length=400)
    basis = forms.CharField(
        label=_("Basis"), max_length=400, help_text=_("The rule it rests on, by document and clause.")
    )
    starts_on = DayField(label=_("First day"), required=True)
    ends_on = DayField(label=_("Last day"))
    review_on = DayField(label=_("Reviewed on"))
    area_id = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1, max_value=2**62)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        areas = self.policy.rules.areas if self.policy else None
        codes = [code for level in areas.levels.values() for code in level.measures] if areas else []
        self.offer("code", codes, empty=True)
        testing = self.policy.rules.testing if self.policy else None
        listed = testing.checked_places.places if testing and testing.checked_places else ()
        self.offer("site", [*listed, *SITE_NAMES], empty=True)

    def order(self, now: datetime) -> MeasureOrder:
        said = self.cleaned_data
        starts = _start_of(said["starts_on"])
        return MeasureOrder(
            place=said["place"],
            disease=said["disease"],
            kind=said["kind"],
            scope=said["scope"],
            basis=said["basis"],
            # From now on, where it begins today: nothing is imposed on the past.
            starts_at=max(starts, now),
            ends_at=_start_of(said["ends_on"] + timedelta(days=1)) if said["ends_on"] else None,
            review_on=said["review_on"],
            code=said["code"],
            at_exit=said["at_exit"],
            area_id=said["area_id"],
            site=said["site"],
            asks_for=said["asks_for"],
            stops_all=said["stops_all"],
        )


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=clock.local_zone())
