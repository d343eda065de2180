"""Signing in: what allauth asks us about accounts, and what a signed-in person stands for."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.authentication import get_authentication_records
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import JSONField
from django.db.models.expressions import RawSQL
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from dayclear.foundation import clock, lockout
from dayclear.foundation.actors import Actor
from dayclear.foundation.areas import EVERYWHERE, area_of
from dayclear.foundation.encryption import decrypt, encrypt
from dayclear.foundation.models import User
from dayclear.foundation.rules import RIGHTS, Role

# One statement for the person, all grants with the names of their places, and the second factor: every page needs
# the three of them.
_STANDING = """
(SELECT jsonb_build_object(
    'totp', EXISTS (SELECT 1 FROM mfa_authenticator a WHERE a.user_id = foundation_user.id AND a.type = 'totp'),
    'grants', coalesce((
        SELECT jsonb_agg(jsonb_build_object('id', g.id, 'role', g.role, 'place', g.place::text,
            'until', extract(epoch FROM g.expires_at), 'name', p.name, 'full_name', p.full_name) ORDER BY g.id)
        FROM foundation_grant g LEFT JOIN places_place p ON p.number = g.place
        WHERE g.user_id = foundation_user.id), '[]'::jsonb)))
"""

_JUST_NOW = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Standing:
    """One grant a person may act under. `place_name` is empty for the whole installation."""

    grant_id: int
    role: Role
    place: int
    place_name: str
    place_full_name: str
    expires_at: float

    def actor(self, user: User) -> Actor:
        area = EVERYWHERE if self.place == 0 else area_of(self.place)
        return Actor(user_id=user.pk, label=user.get_username(), role=self.role, area=area)


class Backend(AuthenticationBackend):
    """Passwords and central sign-on; loads a signed-in person together with what they may do."""

    def get_user(self, user_id: int) -> User | None:
        return (
            User.objects.filter(pk=user_id, is_active=True)
            .annotate(standing=RawSQL(_STANDING, (), output_field=JSONField()))  # noqa: S611 - constant text
            .first()
        )


def has_totp(user: User) -> bool:
    return bool(getattr(user, "standing", {}).get("totp", False))


def standings(user: User, *, now: datetime) -> list[Standing]:
    """The grants that count now, the widest first; equal places by the number of rights."""
    rows = [
        Standing(
            row["id"], Role(row["role"]), int(row["place"]), row["name"] or "", row["full_name"] or "", row["until"]
        )
        for row in getattr(user, "standing", {}).get("grants", [])
        if row["until"] > now.timestamp()
    ]
    return sorted(rows, key=lambda s: (-_width(s.place), -len(RIGHTS[s.role]), s.grant_id))


def chosen(candidates: Iterable[Standing], grant_id: object) -> Standing | None:
    """The grant picked in the place switch while it lives, else the widest."""
    listed = list(candidates)
    return next((s for s in listed if s.grant_id == grant_id), listed[0] if listed else None)


def _width(place: int) -> int:
    area = EVERYWHERE if place == 0 else area_of(place)
    return area.hi - area.lo


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by administrators; there is no sign-up and no e-mail."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def set_password(self, user: Any, password: str) -> None:
        # Choosing a password of one's own ends the one-time password.
        user.must_change_password = False
        super().set_password(user, password)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count the attempt before the password is looked at, so that no burst of attempts slips past the count.

        Raises: ValidationError, saying when to try again.
        """
        lockout.take_attempt(str(credentials.get("username", "")), now=clock.now())
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            raise ValidationError(
                _("Too many attempts from this network address. Try again in one minute."),
                code="too_many_login_attempts",
            ) from None

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        user: User | None = super().authenticate(request, **credentials)
        if user is not None:
            lockout.forgive(str(credentials.get("username", "")))
        return user

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Dayclear sends no mail; what concerns an account is an event in the trail."""

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Whoever typed the password a moment ago is not asked for it again, as at the first sign-in of all."""
        request = context.request
        for one in get_authentication_records(request, request.user):
            if one["method"] == "password" and clock.now().timestamp() - one["at"] < _JUST_NOW.total_seconds():
                return False
        return bool(super().is_reauthentication_required(app=app, **kwargs))

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        """The language kept with the account comes along to a new browser."""
        response: HttpResponse = super().post_login(request, user, **kwargs)
        if user.language:
            response.set_cookie(settings.LANGUAGE_COOKIE_NAME, user.language, samesite="Lax", httponly=True)
        return response

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        messages.success(request, _("The new password holds from now on."))
        return reverse("home")

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """No "you have signed in" banners: nothing speaks unless something happened."""


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    """Whoever the centre's identity provider vouches for gets an account without any grant."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return True


class MfaAdapter(DefaultMFAAdapter):
    """Secrets of second factors are stored encrypted."""

    def encrypt(self, text: str) -> str:
        return base64.b64encode(encrypt(text.encode(), purpose="mfa")).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return decrypt(base64.b64decode(encrypted_text), purpose="mfa").decode()
