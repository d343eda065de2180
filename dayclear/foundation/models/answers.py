"""Answers kept for a day, so that the same request sent twice has one effect."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q


class KeptAnswer(models.Model):
    """What a write answered. `request_digest` tells a repetition from another request under the same key.

    `status` is null while the first request is still at work: it holds the row's lock until it commits. `answer` never
    holds personal data: ids, states and reason codes only.
    """

    user_id = models.BigIntegerField()
    key = models.CharField(max_length=128)
    request_digest = models.BinaryField(max_length=32)
    status = models.SmallIntegerField(null=True)
    answer = models.JSONField(null=True)
    answer_digest = models.BinaryField(max_length=32, null=True)
    kept_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        db_table = "foundation_kept_answer"
        constraints = [
            models.UniqueConstraint(fields=["user_id", "key"], name="answer_once"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("kept_at")), name="answer_ends_after_kept"),
        ]
        indexes = [models.Index(fields=["ends_at"], name="answer_ends")]
