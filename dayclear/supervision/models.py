"""Findings of the guard, of both kinds, and the complaints tied to them."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from dayclear.supervision.rules import CLOSE_CAUSES, ORIGINS, SIDES, STATES


class Finding(models.Model):
    """Something stricter than the pack, or owed by it and not done: a case of its own, with an owner and a clock.

    `subject` is what it was found on, as the trail calls it; where one cause reaches many orders of a county it is
    `isolation.orders:<county>`, with the category in the facts. `predicate` is an id of the guard, R01 for what no rule
    gives, or the kind of duty left undone. `owner` is the place whose unit answers. `seen_at` is when it was last found
    to be so. `review` marks what may be right and needs a second look.
    """

    area = models.BigIntegerField()
    subject = models.CharField(max_length=64)
    about = models.CharField(max_length=48, blank=True)
    predicate = models.CharField(max_length=48)
    side = models.CharField(max_length=8)
    origin = models.CharField(max_length=12)
    disease = models.CharField(max_length=32, blank=True)
    facts = models.JSONField(default=dict)
    limit = models.CharField(max_length=400, blank=True)
    source = models.CharField(max_length=300, blank=True)
    policy = models.CharField(max_length=80, blank=True)
    review = models.BooleanField(default=False)
    owner = models.BigIntegerField()
    state = models.CharField(max_length=12, default="open")
    found_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    due_at = models.DateTimeField()
    answer = models.CharField(max_length=1000, blank=True)
    contested = models.BooleanField(default=False)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.BigIntegerField(null=True)
    answered_label = models.CharField(max_length=120, blank=True)
    remedy = models.CharField(max_length=1000, blank=True)
    rectified_at = models.DateTimeField(null=True)
    rectified_by = models.BigIntegerField(null=True)
    rechecked_at = models.DateTimeField(null=True)
    rechecked_label = models.CharField(max_length=120, blank=True)
    closed_at = models.DateTimeField(null=True)
    close_cause = models.CharField(max_length=12, blank=True)
    close_reason = models.CharField(max_length=400, blank=True)

    class Meta:
        db_table = "supervision_finding"
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "about", "predicate"], condition=~Q(state="closed"), name="finding_open_once"
            ),
            models.CheckConstraint(condition=Q(state__in=STATES), name="finding_state"),
            models.CheckConstraint(condition=Q(side__in=SIDES), name="finding_side"),
            models.CheckConstraint(condition=Q(origin__in=ORIGINS), name="finding_origin"),
            models.CheckConstraint(
                condition=Q(state="closed", closed_at__isnull=False, close_cause__in=CLOSE_CAUSES)
                | (~Q(state="closed") & Q(closed_at=None, close_cause="")),
                name="finding_closed_whole",
            ),
            models.CheckConstraint(condition=Q(due_at__gte=F("found_at")), name="finding_due_after_found"),
        ]
        indexes = [
            models.Index(fields=["area", "due_at", "id"], condition=~Q(state="closed"), name="finding_open"),
            models.Index(fields=["area", "-found_at", "-id"], name="finding_place"),
            models.Index(fields=["seen_at"], condition=~Q(state="closed"), name="finding_seen"),
        ]


class Complaint(models.Model):
    """What somebody said was done to them, tied to the prohibition it would break.

    The contact is sealed, the follow-up code known only to whoever complained (`code_hash`).
    """

    area = models.BigIntegerField()
    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="complaints")
    predicate = models.CharField(max_length=48)
    text = models.TextField()
    means = models.CharField(max_length=12)
    contact_sealed = models.BinaryField(null=True)
    code_hash = models.BinaryField(max_length=16, unique=True)
    received_at = models.DateTimeField()
    taken_label = models.CharField(max_length=120)
    retain_until = models.DateField()

    class Meta:
        db_table = "supervision_complaint"
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="complaint_said")]
        indexes = [models.Index(fields=["area", "-received_at"], name="complaint_place")]
