"""Attempts are counted each by its own key, and forgotten by their age alone."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.core.exceptions import ValidationError

from dayclear.foundation import lockout
from dayclear.foundation.attempts import add_attempt, attempts_since, forget_old_attempts
from dayclear.foundation.models import Attempt


def test_a_locked_sign_in_stays_locked_however_many_other_names_are_tried(db: None, now: datetime) -> None:
    for _ in range(lockout.ATTEMPTS):
        lockout.take_attempt("somebody", now=now)
    Attempt.objects.bulk_create([Attempt(key=f"{n:032d}".encode(), at=now) for n in range(1_000)])
    for n in range(310):
        lockout.take_attempt(f"made-up-{n}", now=now)
    with pytest.raises(ValidationError, match="15"):
        lockout.take_attempt(" Somebody", now=now)


def test_a_right_password_forgives_the_wrong_ones(db: None, now: datetime) -> None:
    for _ in range(lockout.ATTEMPTS):
        lockout.take_attempt("somebody", now=now)
    lockout.forgive("SOMEBODY")
    lockout.take_attempt("somebody", now=now)
    assert Attempt.objects.count() == 1


def test_attempts_that_no_longer_count_are_removed(db: None, now: datetime) -> None:
    add_attempt("a", at=now - timedelta(minutes=61))
    add_attempt("a", at=now - timedelta(minutes=59))
    assert forget_old_attempts(now=now) == 1
    assert attempts_since("a", now - timedelta(hours=9)) == [now - timedelta(minutes=59)]
