"""A change of pack, carried out over everything open."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from dayclear.isolation.models.orders import Order


class Changeover(models.Model):
    """One signed change from a pack to another. `reached` is the last order done: a crash goes on from there.

    `undoes` is the changeover that this one answers: undoing is a change of its own, never a rewind.
    """

    area = models.BigIntegerField()
    disease = models.CharField(max_length=32)
    before = models.CharField(max_length=80)
    after = models.CharField(max_length=80)
    at = models.DateTimeField()
    signed_by = models.BigIntegerField(null=True)
    signed_label = models.CharField(max_length=120)
    started_at = models.DateTimeField()
    reached = models.BigIntegerField(default=0)
    done_at = models.DateTimeField(null=True)
    counts = models.JSONField(default=dict)
    undoes = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="undone_by")

    class Meta:
        db_table = "isolation_changeover"
        constraints = [
            models.UniqueConstraint(fields=["area", "after", "at"], condition=Q(undoes=None), name="changeover_once"),
            models.UniqueConstraint(fields=["undoes"], name="changeover_undone_once"),
        ]


class ChangeoverStep(models.Model):
    """What a changeover did to one order: from which mode and end to which."""

    area = models.BigIntegerField()
    # The unique constraint serves the look-up by changeover; nobody looks a step up by its order.
    changeover = models.ForeignKey(Changeover, on_delete=models.CASCADE, related_name="steps", db_index=False)
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="+", db_index=False)
    action = models.CharField(max_length=12)
    rule = models.CharField(max_length=64)
    mode_before = models.CharField(max_length=24)
    mode_after = models.CharField(max_length=24, blank=True)
    ends_on_before = models.DateField()
    ends_on_after = models.DateField()
    needs_human = models.BooleanField()

    class Meta:
        db_table = "isolation_changeover_step"
        constraints = [models.UniqueConstraint(fields=["changeover", "order"], name="changeover_step_once")]
        indexes = [models.Index(fields=["changeover", "action", "id"], name="changeover_step_action")]
