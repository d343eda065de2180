"""The last looks at the whole trail, asked for on the health page and done by the worker."""

from __future__ import annotations

from django.db import models


class TrailCheck(models.Model):
    """One look at the whole trail. Shape: `faults` are pairs of kind and what, in the order of the trail."""

    asked_at = models.DateTimeField()
    asked_label = models.CharField(max_length=120)
    done_at = models.DateTimeField(null=True)
    events = models.BigIntegerField(default=0)
    seals = models.IntegerField(default=0)
    unsealed = models.BigIntegerField(default=0)
    faults = models.JSONField(default=list)

    class Meta:
        db_table = "foundation_trail_check"
