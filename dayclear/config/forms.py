"""The forms of signing in and of accounts."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from allauth.account.forms import ChangePasswordForm as AllauthChangePasswordForm
from allauth.account.forms import LoginForm as AllauthLoginForm
from django import forms
from django.utils.translation import gettext_lazy as _

from dayclear.foundation import clock
from dayclear.foundation.reasons import ROLE_NAMES
from dayclear.foundation.rules import GRANT_LASTS, TOKEN_LASTS, Role


class LoginForm(AllauthLoginForm):
    """User name and password, without the placeholder that repeats the label and the reset that does not exist."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.help_text = ""
            field.widget.attrs.pop("placeholder", None)
        self.fields["login"].widget.attrs["autofocus"] = True


class ChangePasswordForm(AllauthChangePasswordForm):
    """Without the placeholders, and without the link to a reset by mail that does not exist."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["oldpassword"].help_text = ""
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)


def end_of_day(day: date) -> datetime:
    """The instant at which a last day is over here."""
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=clock.local_zone())


class _LastDay(forms.DateField):
    """A last day, offered from tomorrow on and at most so far ahead."""

    def __init__(self, at_most: timedelta, **kwargs: Any) -> None:
        self.at_most = at_most
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        super().__init__(widget=widget, input_formats=["%Y-%m-%d"], **kwargs)

    def bound_to(self, today: date) -> None:
        self.widget.attrs |= {
            "min": (today + timedelta(days=1)).isoformat(),
            "max": (today + self.at_most - timedelta(days=1)).isoformat(),
        }


class UserForm(forms.Form):
    """A new account."""

    username = forms.CharField(
        label=_("User name"),
        max_length=60,
        help_text=_("3 to 60 letters, digits, dots, dashes or underscores; used to sign in."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )
    display_name = forms.CharField(
        label=_("Name shown"),
        max_length=80,
        required=False,
        help_text=_("How colleagues know this person."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class GrantForm(forms.Form):
    """A role for a place until a day. The place itself is picked beside the form's own fields."""

    role = forms.ChoiceField(label=_("Role"), choices=[(role.value, name) for role, name in ROLE_NAMES.items()])
    until = _LastDay(GRANT_LASTS, label=_("Last day"), help_text=_("At most one year; then it is asked again."))

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _bind(self, today)

    def role_chosen(self) -> Role:
        return Role(self.cleaned_data["role"])


class TokenForm(forms.Form):
    """A token for a program."""

    name = forms.CharField(
        label=_("Which program"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    grant = forms.TypedChoiceField(label=_("Acts as"), coerce=int)
    may_write = forms.BooleanField(label=_("May write, not only read"), required=False)
    until = _LastDay(TOKEN_LASTS, label=_("Last day"), help_text=_("At most 90 days."))

    def __init__(self, *args: Any, today: date, grants: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _bind(self, today)
        field = self.fields["grant"]
        if isinstance(field, forms.ChoiceField):
            field.choices = grants


def _bind(form: forms.Form, today: date) -> None:
    until = form.fields["until"]
    if isinstance(until, _LastDay):
        until.bound_to(today)
