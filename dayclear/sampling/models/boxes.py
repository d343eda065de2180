"""Boxes: the tubes that travel together, from the table to the laboratory."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

STATES = (
    "draft",
    "ready",
    "sent",
    "in_transit",
    "partly_received",
    "received",
    "reconciled",
    "lost",
    "cancelled",
)
UNUSABLE = ("damaged", "leaked", "missing", "rejected")
CONDITIONS = ("pending", "good", *UNUSABLE)


class Box(models.Model):
    """A box of tubes. `counted` is what a hand counted at closing, `tubes` what the records hold.

    `oldest_at` is the first swab of its oldest tube: the age limit runs from there to its reception. `destination` is
    the receiver's own key (`lab:7`), `destination_name` what people call it.
    """

    id = models.UUIDField(primary_key=True)
    area = models.BigIntegerField()
    device = models.ForeignKey("sampling.Device", on_delete=models.PROTECT, null=True, related_name="boxes")
    state = models.CharField(max_length=16)
    tubes = models.IntegerField()
    counted = models.IntegerField()
    oldest_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(null=True)
    reconciled_at = models.DateTimeField(null=True)
    destination = models.CharField(max_length=48, blank=True)
    destination_name = models.CharField(max_length=120, blank=True)
    received_count = models.IntegerField(null=True)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "sampling_box"
        constraints = [
            models.CheckConstraint(condition=Q(state__in=STATES), name="box_state"),
            models.CheckConstraint(condition=Q(tubes__gte=0, counted__gte=0), name="box_counts"),
            models.CheckConstraint(
                condition=~Q(state__in=("sent", "in_transit")) | Q(sent_at__isnull=False), name="box_sent"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("partly_received", "received", "reconciled")) | Q(received_at__isnull=False),
                name="box_received",
            ),
        ]
        indexes = [
            models.Index(fields=["area", "-closed_at", "-id"], name="box_place"),
            models.Index(
                fields=["due_at"],
                condition=Q(state__in=("draft", "ready", "sent", "in_transit")),
                name="box_under_way",
            ),
            models.Index(fields=["closed_at"], condition=Q(state="lost"), name="box_lost"),
            models.Index(fields=["destination", "state"], condition=~Q(destination=""), name="box_destination"),
        ]

    @property
    def discrepancy(self) -> int:
        """How many more were counted by hand than stand in the records."""
        return self.counted - self.tubes


class BoxedTube(models.Model):
    """A tube in a box, and how it arrived. A tube is in one box. `extra`: found at reception, in nobody's records."""

    tube = models.BigIntegerField(primary_key=True)
    area = models.BigIntegerField()
    box = models.ForeignKey(Box, on_delete=models.CASCADE, related_name="boxed")
    condition = models.CharField(max_length=10, default="pending")
    received_at = models.DateTimeField(null=True)
    extra = models.BooleanField(default=False)

    class Meta:
        db_table = "sampling_boxed_tube"
        constraints = [models.CheckConstraint(condition=Q(condition__in=CONDITIONS), name="boxed_tube_condition")]
        indexes = [models.Index(fields=["tube"], condition=Q(condition__in=UNUSABLE), name="boxed_tube_unusable")]


class BoxSignature(models.Model):
    """Who handed a box over, who took it, when and how many they counted."""

    area = models.BigIntegerField()
    box = models.ForeignKey(Box, on_delete=models.CASCADE, related_name="signatures")
    part = models.CharField(max_length=8)
    signed_by = models.BigIntegerField(null=True)
    signed_label = models.CharField(max_length=120)
    signed_at = models.DateTimeField()
    counted = models.IntegerField()

    class Meta:
        db_table = "sampling_box_signature"
        constraints = [
            models.UniqueConstraint(fields=["box", "part"], name="box_signed_once"),
            models.CheckConstraint(condition=Q(part__in=("sender", "receiver")), name="box_signature_part"),
            models.CheckConstraint(condition=Q(counted__gte=0), name="box_signature_count"),
        ]
