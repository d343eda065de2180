"""Deadlines: what is due, by when, who is accountable."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q


class Deadline(models.Model):
    """A clock on one subject. Opened and met inside the commands that cause it; escalated by the sweeper."""

    subject = models.CharField(max_length=64)
    kind = models.CharField(max_length=64)
    area = models.BigIntegerField()
    accountable = models.BigIntegerField(help_text="number of the place whose unit is accountable")
    policy = models.CharField(max_length=80, blank=True)
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    met_at = models.DateTimeField(null=True)
    escalated_at = models.DateTimeField(null=True)
    check_failed_at = models.DateTimeField(null=True, help_text="when asking for its truth last ended in an error")

    class Meta:
        db_table = "foundation_deadline"
        constraints = [
            models.UniqueConstraint(fields=["subject", "kind"], condition=Q(met_at=None), name="deadline_open_once"),
            models.CheckConstraint(condition=Q(due_at__gte=F("opened_at")), name="deadline_due_after_opened"),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(met_at=None, escalated_at=None), name="deadline_to_sweep"),
            models.Index(fields=["area", "due_at"], condition=Q(met_at=None), name="deadline_open"),
            models.Index(
                fields=["check_failed_at"],
                condition=Q(check_failed_at__isnull=False, met_at=None, escalated_at=None),
                name="deadline_unchecked",
            ),
        ]
