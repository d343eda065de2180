"""The field of forms for a place found by name and chosen (`places/picker.html`)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from dayclear.foundation.actors import Actor
from dayclear.foundation.sent import whole_number
from dayclear.places.queries import PlaceName, names_of

_PLACE = _("Place")
_CHOOSE = _("Search for the place by name or pinyin and choose it.")


class OwnPlaceField(forms.CharField):
    """A place of the actor's own. Cleaned: its number; 0 where none is needed and none was chosen."""

    default_error_messages = {
        "required": _CHOOSE,
        "invalid": _CHOOSE,
        "outside": _("The place lies outside your own. Choose a place of yours."),
    }

    def __init__(self, actor: Actor, *, label: Any = _PLACE, required: bool = True) -> None:
        super().__init__(label=label, required=required)
        self.actor = actor

    def clean(self, value: Any) -> int:
        text = super().clean(value)
        if not text:
            return 0
        number = whole_number(text)
        if not number:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        if number not in self.actor.area:
            raise forms.ValidationError(self.error_messages["outside"], code="outside")
        return number


def chosen_place(form: forms.Form) -> PlaceName | None:
    """What the picker of a form's `place` shows as chosen, the actor's own or not; None for nothing or nonsense."""
    number = whole_number(str(form["place"].value() or ""))
    return names_of({number}).get(number) if number else None
