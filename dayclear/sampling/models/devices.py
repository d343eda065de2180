"""The samplers' devices: their keys, the tube numbers they hold, what they sent."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q


class EnrolmentCode(models.Model):
    """A code by which one device enrols once. The database keeps its digest."""

    area = models.BigIntegerField()
    digest = models.BinaryField(max_length=32, unique=True)
    made_label = models.CharField(max_length=120)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "sampling_enrolment_code"
        constraints = [models.CheckConstraint(condition=Q(expires_at__gt=F("made_at")), name="enrolment_code_ends")]


class Device(models.Model):
    """A sampler's device. `public_key` is its P-256 key as an uncompressed point (65 bytes); it never changes.

    `last_counter` is the highest upload counter received and `received` how many were: what lies between is missing.
    `clock_offset_s` is what its clock was off at the last upload, in seconds (positive: it runs behind).
    """

    STATES = ("active", "lost", "revoked")

    area = models.BigIntegerField()
    name = models.CharField(max_length=80)
    public_key = models.BinaryField(max_length=65, unique=True)
    state = models.CharField(max_length=8, default="active")
    enrolled_at = models.DateTimeField()
    enrolled_label = models.CharField(max_length=120)
    last_counter = models.IntegerField(default=0)
    received = models.IntegerField(default=0)
    last_seen_at = models.DateTimeField(null=True)
    clock_offset_s = models.IntegerField(default=0)
    ended_at = models.DateTimeField(null=True)
    ended_label = models.CharField(max_length=120, blank=True)
    end_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        db_table = "sampling_device"
        constraints = [
            models.CheckConstraint(condition=Q(state__in=("active", "lost", "revoked")), name="device_state"),
            models.CheckConstraint(
                condition=Q(state="active", ended_at=None) | Q(state__in=("lost", "revoked"), ended_at__isnull=False),
                name="device_ended",
            ),
            models.CheckConstraint(condition=Q(received__lte=F("last_counter")), name="device_counts"),
        ]
        indexes = [models.Index(fields=["area", "id"], name="device_place")]


class NumberBlock(models.Model):
    """Tube numbers `first` to `last`, held by one device. A pre-printed roll is a block; until handed out it has none.

    Blocks never overlap, revoked ones included (an exclusion constraint of the migration): no number is given twice.
    """

    area = models.BigIntegerField()
    device = models.ForeignKey(Device, on_delete=models.PROTECT, null=True, related_name="blocks")
    first = models.BigIntegerField()
    last = models.BigIntegerField()
    is_roll = models.BooleanField(default=False)
    made_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "sampling_number_block"
        constraints = [
            models.CheckConstraint(condition=Q(first__gte=1, last__gte=F("first"), last__lt=10**10), name="block_range")
        ]
        indexes = [
            models.Index(fields=["device"], condition=Q(revoked_at=None), name="block_device"),
            models.Index(fields=["last"], name="block_last"),
        ]


class Upload(models.Model):
    """One upload of a device, by its counter. `digest` is the SHA-256 of its body; `answer` what it was told."""

    pk = models.CompositePrimaryKey("device_id", "counter")
    area = models.BigIntegerField()
    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="uploads")
    counter = models.IntegerField()
    digest = models.BinaryField(max_length=32)
    sent_at = models.DateTimeField()
    received_at = models.DateTimeField()
    shift_s = models.IntegerField(default=0)
    answer = models.JSONField()

    class Meta:
        db_table = "sampling_upload"
        indexes = [models.Index(fields=["received_at"], name="upload_received")]
