"""What was released, version by version, and the counts that boards read."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from dayclear.lab.rules.cutoffs import WELL_STATES, State


class Result(models.Model):
    """One version of the result of a tube; the highest counts. Never changed, never overwritten.

    `area` is where the tube was taken. `cts` in the order of the assay's targets; empty for a correction. Sharded by
    tube: it is in every unique key, and nothing here refers to a table sharded otherwise.
    """

    pk = models.CompositePrimaryKey("tube", "version")
    tube = models.BigIntegerField()
    version = models.SmallIntegerField()
    area = models.BigIntegerField()
    state = models.CharField(max_length=16)
    laboratory_id = models.BigIntegerField()
    plate_id = models.BigIntegerField()
    well = models.SmallIntegerField()
    assay_id = models.BigIntegerField()
    cts = ArrayField(models.FloatField(null=True), null=True)
    reported_at = models.DateTimeField()
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "lab_result"
        constraints = [
            models.CheckConstraint(condition=Q(state__in=[state.value for state in State]), name="result_state"),
            models.CheckConstraint(condition=Q(version__gte=1), name="result_version"),
        ]
        indexes = [
            models.Index(fields=["plate_id"], name="result_plate"),
            models.Index(
                fields=["area", "-reported_at"],
                condition=~Q(state="negative"),
                name="result_not_negative",
            ),
        ]


class Correction(models.Model):
    """Somebody asks that a released result become another; a second person signs. One open for a tube."""

    area = models.BigIntegerField()
    laboratory_id = models.BigIntegerField()
    plate_id = models.BigIntegerField()
    tube = models.BigIntegerField()
    of_version = models.SmallIntegerField()
    wanted = models.CharField(max_length=16)
    reason = models.CharField(max_length=300)
    asked_at = models.DateTimeField()
    asked_by = models.BigIntegerField(null=True)
    asked_label = models.CharField(max_length=120)
    signed_at = models.DateTimeField(null=True)
    signed_by = models.BigIntegerField(null=True)
    signed_label = models.CharField(max_length=120, blank=True)

    class Meta:
        db_table = "lab_correction"
        constraints = [
            models.UniqueConstraint(fields=["tube"], condition=Q(signed_at=None), name="correction_open_once"),
            models.CheckConstraint(
                condition=Q(wanted__in=[state.value for state in WELL_STATES]), name="correction_wanted"
            ),
            models.CheckConstraint(
                condition=Q(signed_by=None) | Q(asked_by=None) | ~Q(signed_by=models.F("asked_by")),
                name="correction_signed_by_another",
            ),
        ]
        indexes = [models.Index(fields=["plate_id"], name="correction_plate")]


class LabHour(models.Model):
    """Tubes of a laboratory in an hour, kept with the tubes. `curves` are the raw curves of its plates."""

    pk = models.CompositePrimaryKey("laboratory_id", "hour")
    area = models.BigIntegerField()
    laboratory_id = models.BigIntegerField()
    hour = models.DateTimeField()
    received = models.IntegerField(default=0)
    plated = models.IntegerField(default=0)
    run = models.IntegerField(default=0)
    curves = models.IntegerField(default=0)
    reported = models.IntegerField(default=0)

    class Meta:
        db_table = "lab_hour"
        indexes = [models.Index(fields=["area", "hour"], name="lab_hour_place")]
