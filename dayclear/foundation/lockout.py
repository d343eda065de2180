"""Locking a sign-in after wrong passwords: five within a quarter of an hour lock it until a quarter after the last.

The count is kept per user name, in the database, so that it holds over every process and restart.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import ngettext

ATTEMPTS = 5
WINDOW = timedelta(minutes=15)


def locked_until(attempts: list[float], *, now: datetime) -> datetime | None:
    """The instant at which the lock ends; None when there is none.

    Shape: `attempts` are POSIX seconds, in order.
    """
    recent = [at for at in attempts if at > (now - WINDOW).timestamp()]
    if len(recent) < ATTEMPTS:
        return None
    return datetime.fromtimestamp(recent[-1], tz=now.tzinfo) + WINDOW


def take_attempt(username: str, *, now: datetime) -> None:
    """Count one attempt; a right password forgives them all.

    Raises: ValidationError, naming the minutes left, when the sign-in is locked.
    """
    key = _key(username)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [key])
        attempts: list[float] = cache.get(key, [])
        until = locked_until(attempts, now=now)
        if until is None:
            cache.set(key, [*attempts, now.timestamp()][-ATTEMPTS:], WINDOW.total_seconds())
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
    cache.delete(_key(username))


def _key(username: str) -> str:
    return "attempts:" + hashlib.sha256(username.strip().lower().encode()).hexdigest()
