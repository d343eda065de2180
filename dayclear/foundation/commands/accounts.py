"""Making accounts, giving and taking grants, one-time passwords, tokens for programs."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.mfa.models import Authenticator
from django.db import IntegrityError, transaction

from dayclear.foundation import clock, lockout
from dayclear.foundation.actors import Actor
from dayclear.foundation.areas import EVERYWHERE, area_of
from dayclear.foundation.decisions import Refused, refuse, require
from dayclear.foundation.events import record
from dayclear.foundation.filters import existing
from dayclear.foundation.models import ApiToken, Grant, User
from dayclear.foundation.queries import grants_within, holds_only_within, users_of
from dayclear.foundation.rules import GrantFacts, Right, Role, may_give_grant, may_make_token

_USERNAME = re.compile(r"[\w.\-@]{3,60}")
# Without the letters and digits that are mistaken for one another when a password is read aloud.
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS, _GROUP_LENGTH = 4, 5


@dataclass(frozen=True, slots=True)
class OneTimePassword:
    """A password shown once; its owner must choose another at the first sign-in."""

    user_id: int
    username: str
    password: str


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token's secret, shown once; only its digest is stored."""

    token_id: int
    secret: str
    expires_at: datetime


def create_user(username: str, display_name: str, *, by: Actor, now: datetime) -> OneTimePassword:
    """Make an account without any grant.

    Raises: Refused (`right_missing`, `username_bad`, `username_taken`).
    """
    by.require(Right.MANAGE_ACCOUNTS)
    name = username.strip()
    if not _USERNAME.fullmatch(name):
        raise Refused(refuse("username_bad"))
    password = _one_time_password()
    user = User(username=name, display_name=display_name.strip()[:80], must_change_password=True, date_joined=now)
    user.made_in = by.area.lo
    user.set_password(password)
    try:
        with transaction.atomic():
            if User.objects.filter(username__iexact=name).exists():
                raise Refused(refuse("username_taken", username=name))
            user.save(force_insert=True)
    except IntegrityError:
        raise Refused(refuse("username_taken", username=name)) from None
    _record("foundation.user_created", user, by=by, now=now)
    return OneTimePassword(user.pk, name, password)


def reset_password(user_id: int, *, by: Actor, now: datetime) -> OneTimePassword:
    """Give a person a one-time password: their old one, their sessions, their tokens and a lock on their sign-in end.

    Raises: Refused (`right_missing`, `not_found`, `user_outside_area`).
    """
    user = _managed(user_id, by)
    password = _one_time_password()
    user.set_password(password)
    user.must_change_password = True
    user.save(update_fields=["password", "must_change_password"])
    lockout.forgive(user.username)
    _record("foundation.password_reset", user, by=by, now=now, tokens=_end_tokens(user, now))
    return OneTimePassword(user.pk, user.username, password)


def reset_second_factor(user_id: int, *, by: Actor, now: datetime) -> None:
    """Take the second factor off an account whose phone is lost, and end its tokens.

    Roles that owe a second factor ask for a new one.

    Raises: Refused (`right_missing`, `not_found`, `user_outside_area`).
    """
    user = _managed(user_id, by)
    Authenticator.objects.filter(user=user).delete()
    _record("foundation.second_factor_reset", user, by=by, now=now, tokens=_end_tokens(user, now))


def set_account_open(user_id: int, is_open: bool, *, by: Actor, now: datetime) -> None:
    """Close an account (nobody signs in with it, its tokens stop), or open it again.

    Raises: Refused (`right_missing`, `not_found`, `user_outside_area`, `own_grant`).
    """
    user = _managed(user_id, by)
    if user.pk == by.user_id:
        raise Refused(refuse("own_grant"))
    if user.is_active == is_open:
        return
    user.is_active = is_open
    user.save(update_fields=["is_active"])
    _record("foundation.account_opened" if is_open else "foundation.account_closed", user, by=by, now=now)


def give_grant(user_id: int, role: Role, place: int, expires_at: datetime, *, by: Actor, now: datetime) -> int:
    """Give a person a role for a place until an instant; returns the grant's id.

    Raises: Refused (`right_missing`, `not_found`, and the reasons of `may_give_grant`).
    """
    by.require(Right.MANAGE_ACCOUNTS)
    user = _locked(user_id, by)
    grant = Grant.objects.filter(user=user, role=role.value, place=place).first()
    facts = GrantFacts(
        to_oneself=user.pk == by.user_id,
        inside_givers_area=by.area.covers(EVERYWHERE if place == 0 else area_of(place)),
        held_until=_last_moment(grant.expires_at) if grant is not None and grant.expires_at > now else None,
        expires_at=expires_at,
    )
    require(may_give_grant(facts, now=now))
    if grant is None:
        grant = Grant(user=user, role=role.value, place=place)
    grant.granted_by_id, grant.granted_at, grant.expires_at = by.user_id, now, expires_at
    grant.save()
    record(
        "foundation.grant_given",
        f"foundation.user:{user.pk}",
        by=by,
        at=now,
        area=place,
        payload={"grant": grant.pk, "role": role.value, "place": place, "until": expires_at.isoformat()},
    )
    return grant.pk


def revoke_grant(grant_id: int, *, by: Actor, now: datetime) -> int:
    """End a grant now, with every token that acts under it. The row stays: who could do what is history.

    Returns whose it was. Raises: Refused (`right_missing`, `not_found`, `own_grant`).
    """
    by.require(Right.MANAGE_ACCOUNTS)
    grant = existing(grants_within(by).select_for_update().filter(pk=grant_id, expires_at__gt=now))
    if grant.user_id == by.user_id:
        raise Refused(refuse("own_grant"))
    until = grant.expires_at
    grant.expires_at = max(now, grant.granted_at + timedelta(microseconds=1))
    grant.save(update_fields=["expires_at"])
    grant.tokens.filter(revoked_at=None).update(revoked_at=now)
    record(
        "foundation.grant_revoked",
        f"foundation.user:{grant.user_id}",
        by=by,
        at=now,
        area=grant.place,
        payload={"grant": grant.pk, "role": grant.role, "place": grant.place, "was_until": until.isoformat()},
    )
    return grant.user_id


def make_token(
    grant_id: int, name: str, *, may_write: bool, expires_at: datetime, by: Actor, now: datetime
) -> NewToken:
    """Make a secret for a program that acts under a grant, never longer than the grant.

    Raises: Refused (`not_found`, and the reasons of `may_make_token`).
    """
    grant = Grant.objects.select_for_update(of=("self",)).select_related("user").filter(pk=grant_id).first()
    if grant is None or grant.expires_at <= now:
        raise Refused(refuse("not_found"))
    manages = (
        by.may(Right.MANAGE_ACCOUNTS)
        and grants_within(by).filter(pk=grant_id).exists()
        and holds_only_within(by, grant.user)
    )
    ends = min(expires_at, grant.expires_at)
    own = grant.user_id == by.user_id
    require(may_make_token(own=own, manages_owner=manages, name=name, expires_at=ends, now=now))
    secret = "dc_" + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        grant=grant,
        name=name.strip()[:80],
        digest=hashlib.sha256(secret.encode()).digest(),
        may_write=may_write,
        created_at=now,
        expires_at=ends,
    )
    record(
        "foundation.token_made",
        f"foundation.user:{grant.user_id}",
        by=by,
        at=now,
        area=grant.place if grant.place in by.area else by.area.lo,
        payload={"token": token.pk, "grant": grant.pk, "may_write": may_write, "until": ends.isoformat()},
    )
    return NewToken(token.pk, secret, ends)


def revoke_token(token_id: int, *, by: Actor, now: datetime) -> None:
    """End a token: one's own, or one of a person in the administrator's place.

    Raises: Refused (`not_found`).
    """
    token = ApiToken.objects.select_for_update(of=("self",)).select_related("grant").filter(pk=token_id).first()
    visible = token is not None and (
        token.grant.user_id == by.user_id
        or (by.may(Right.MANAGE_ACCOUNTS) and grants_within(by).filter(pk=token.grant_id).exists())
    )
    if token is None or not visible:
        raise Refused(refuse("not_found"))
    if token.revoked_at is not None:
        return
    token.revoked_at = now
    token.save(update_fields=["revoked_at"])
    record(
        "foundation.token_revoked",
        f"foundation.user:{token.grant.user_id}",
        by=by,
        at=now,
        area=token.grant.place if token.grant.place in by.area else by.area.lo,
        payload={"token": token.pk, "grant": token.grant_id},
    )


def _last_moment(ends_at: datetime) -> datetime:
    """The last local moment of a grant: one that ends at midnight is held until the day before."""
    return ends_at.astimezone(clock.local_zone()) - timedelta(microseconds=1)


def _locked(user_id: int, by: Actor) -> User:
    return existing(users_of(by).select_for_update(of=("self",)).filter(pk=user_id))


def _managed(user_id: int, by: Actor) -> User:
    """Whoever resets a password becomes that person: only over those who can do nothing outside the own place."""
    by.require(Right.MANAGE_ACCOUNTS)
    user = _locked(user_id, by)
    if not holds_only_within(by, user):
        raise Refused(refuse("user_outside_area"))
    return user


def _end_tokens(user: User, now: datetime) -> list[int]:
    """End every token of a person: making one is what somebody does first who got hold of a password."""
    live = ApiToken.objects.select_for_update(of=("self",)).filter(
        grant__user=user, revoked_at=None, expires_at__gt=now
    )
    ended = list(live.order_by("pk").values_list("pk", flat=True))
    ApiToken.objects.filter(pk__in=ended).update(revoked_at=now)
    return ended


def _record(kind: str, user: User, *, by: Actor, now: datetime, tokens: Sequence[int] = ()) -> None:
    payload = {"tokens_ended": list(tokens)} if tokens else {}
    record(kind, f"foundation.user:{user.pk}", by=by, at=now, area=by.area.lo, payload=payload)


def _one_time_password() -> str:
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP_LENGTH)) for _ in range(_GROUPS))
