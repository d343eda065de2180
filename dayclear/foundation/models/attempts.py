"""Attempts that are counted: at signing in, and of links that open without signing in."""

from __future__ import annotations

from django.db import models


class Attempt(models.Model):
    """One attempt. `key` is the digest of what was tried, and by whom."""

    key = models.BinaryField(max_length=32)
    at = models.DateTimeField()

    class Meta:
        db_table = "foundation_attempt"
        indexes = [
            models.Index(fields=["key", "at"], name="attempt_of_key"),
            models.Index(fields=["at"], name="attempt_age"),
        ]
