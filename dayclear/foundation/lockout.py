"""Locking a sign-in after wrong passwords: five within a quarter of an hour lock it until a quarter after the last.

The count is kept per user name.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import ngettext

from dayclear.foundation.attempts import add_attempt, attempts_since, forget_attempts

ATTEMPTS = 5
WINDOW = timedelta(minutes=15)


def locked_until(attempts: list[datetime], *, now: datetime) -> datetime | None:
    """The instant at which the lock ends; None when there is none. Shape: `attempts` in order."""
    recent = [at for at in attempts if at > now - WINDOW]
    return recent[-1] + WINDOW if len(recent) >= ATTEMPTS else None


def take_attempt(username: str, *, now: datetime) -> None:
    """Count one attempt; a right password forgives them all.

    Raises: ValidationError, naming the minutes left, when the sign-in is locked.
    """
    key = _key(username)
    with transaction.atomic():
        until = locked_until(attempts_since(key, now - WINDOW), now=now)
        if until is None:
            add_attempt(key, at=now)
            return
    minutes = max(1, -int(-(until - now).total_seconds() // 60))
    raise ValidationError(
        ngettext(
            "Too many wrong passwords: this sign-in is locked. Try again in %(minutes)d minute, or ask your "
            "administrator to reset the password.",
            "Too many wrong passwords: this sign-in is locked. Try again in %(minutes)d minutes, or ask your "
            "administrator to reset the password.",
            minutes,
        )
        % {"minutes": minutes},
        code="too_many_login_attempts",
    )


def forgive(username: str) -> None:
    """Forget the attempts: the password was right, or an administrator reset it."""
    forget_attempts(_key(username))


def _key(username: str) -> str:
    return "sign-in:" + username.strip().lower()
