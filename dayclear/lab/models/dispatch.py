"""Where the boxes of an hour go."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

WHY = ("", "too_far", "no_wells", "no_position")


class Dispatch(models.Model):
    """One round of dispatch for a place. Units: tubes; `placed` of them have a laboratory, the others are short.

    Accepted, its laboratories stand on its boxes until their senders sign.
    """

    area = models.BigIntegerField()
    made_at = models.DateTimeField()
    made_label = models.CharField(max_length=120)
    boxes = models.IntegerField()
    tubes = models.IntegerField()
    placed = models.IntegerField()
    tube_minutes = models.BigIntegerField()
    accepted_at = models.DateTimeField(null=True)
    accepted_label = models.CharField(max_length=120, blank=True)

    class Meta:
        db_table = "lab_dispatch"
        constraints = [
            models.CheckConstraint(condition=Q(placed__gte=0, placed__lte=models.F("tubes")), name="dispatch_placed"),
            models.CheckConstraint(
                condition=Q(accepted_at=None, accepted_label="") | Q(accepted_at__isnull=False) & ~Q(accepted_label=""),
                name="dispatch_accepted_whole",
            ),
        ]
        indexes = [models.Index(fields=["area", "-made_at", "-id"], name="dispatch_place")]


class DispatchedBox(models.Model):
    """A box of a round: to which laboratory, or why to none."""

    area = models.BigIntegerField()
    dispatch = models.ForeignKey(Dispatch, on_delete=models.CASCADE, related_name="lines")
    box = models.UUIDField()
    tubes = models.IntegerField()
    laboratory_id = models.BigIntegerField(null=True)
    why = models.CharField(max_length=12, blank=True)

    class Meta:
        db_table = "lab_dispatched_box"
        constraints = [
            models.UniqueConstraint(fields=["dispatch", "box"], name="dispatched_box_once"),
            models.CheckConstraint(
                condition=Q(laboratory_id__isnull=False, why="") | Q(laboratory_id=None) & ~Q(why=""),
                name="dispatched_box_whole",
            ),
            models.CheckConstraint(condition=Q(why__in=WHY), name="dispatched_box_why"),
        ]
