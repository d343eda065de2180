"""Laboratories, their instruments, the assays with their cut-offs, and what every laboratory owes every few hours."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from dayclear.lab.rules.plates import CONTROLS, RUNS_PER_DAY, SHAPES, WELLS


class Laboratory(models.Model):
    """A laboratory. `code` is how files and boxes name it; `ended_at`: it takes nothing any more."""

    area = models.BigIntegerField()
    code = models.CharField(max_length=24, unique=True)
    name = models.CharField(max_length=120)
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)
    opened_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "lab_laboratory"
        constraints = [
            models.CheckConstraint(
                condition=Q(latitude=None, longitude=None) | Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
                name="laboratory_on_earth",
            ),
            models.CheckConstraint(condition=~Q(code="") & ~Q(name=""), name="laboratory_named"),
        ]
        indexes = [models.Index(fields=["area", "name", "id"], name="laboratory_place")]


class Instrument(models.Model):
    """A machine: how many wells a run has, how many of them are controls, how many runs a day."""

    area = models.BigIntegerField()
    laboratory = models.ForeignKey(Laboratory, on_delete=models.PROTECT, related_name="instruments")
    code = models.CharField(max_length=40)
    wells = models.SmallIntegerField(default=WELLS)
    controls = models.SmallIntegerField(default=CONTROLS)
    runs_per_day = models.SmallIntegerField(default=RUNS_PER_DAY)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "lab_instrument"
        constraints = [
            models.UniqueConstraint(
                fields=["laboratory", "code"], condition=Q(ended_at=None), name="instrument_code_once"
            ),
            models.CheckConstraint(condition=Q(wells__in=tuple(SHAPES)), name="instrument_wells"),
            # One control that must show and one that must not.
            models.CheckConstraint(condition=Q(controls__gte=2, controls__lt=F("wells")), name="instrument_controls"),
            models.CheckConstraint(condition=Q(runs_per_day__range=(1, 48)), name="instrument_runs"),
        ]


class Assay(models.Model):
    """One version of an assay and its cut-offs: never changed, only followed by another. The same everywhere.

    `source` says where its numbers come from; a version without one is not taken.
    """

    code = models.CharField(max_length=40)
    version = models.CharField(max_length=24)
    name = models.CharField(max_length=120)
    disease = models.CharField(max_length=32)
    cycles = models.SmallIntegerField()
    source = models.CharField(max_length=300)
    entered_at = models.DateTimeField()
    entered_label = models.CharField(max_length=120)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "lab_assay"
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="assay_version_once"),
            models.CheckConstraint(condition=~Q(source=""), name="assay_sourced"),
            models.CheckConstraint(condition=Q(cycles__range=(20, 60)), name="assay_cycles"),
        ]


class AssayTarget(models.Model):
    """One target of an assay and its cut-offs (rules/cutoffs.py). `position` is its place in every list of Cts."""

    assay = models.ForeignKey(Assay, on_delete=models.CASCADE, related_name="targets")
    position = models.SmallIntegerField()
    code = models.CharField(max_length=24)
    positive_below = models.FloatField()
    grey_to = models.FloatField()
    inclusive = models.BooleanField(default=False)
    control = models.BooleanField(default=False)
    loinc = models.CharField(max_length=12, blank=True)

    class Meta:
        db_table = "lab_assay_target"
        constraints = [
            models.UniqueConstraint(fields=["assay", "position"], name="assay_target_position"),
            models.UniqueConstraint(fields=["assay", "code"], name="assay_target_once"),
            models.CheckConstraint(
                condition=Q(positive_below__gt=0, grey_to__gte=F("positive_below")), name="assay_target_grey"
            ),
        ]


class LabReturn(models.Model):
    """What a laboratory says of one period, beside what the record of its tubes says. Sent once.

    Units: tubes; `said_free` wells it can still take in the next period.
    """

    area = models.BigIntegerField()
    laboratory = models.ForeignKey(Laboratory, on_delete=models.PROTECT, related_name="returns")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    due_at = models.DateTimeField()
    received = models.IntegerField()
    plated = models.IntegerField()
    reported = models.IntegerField()
    said_received = models.IntegerField(null=True)
    said_plated = models.IntegerField(null=True)
    said_reported = models.IntegerField(null=True)
    said_free = models.IntegerField(null=True)
    note = models.CharField(max_length=300, blank=True)
    sent_at = models.DateTimeField(null=True)
    sent_label = models.CharField(max_length=120, blank=True)

    class Meta:
        db_table = "lab_return"
        constraints = [
            models.UniqueConstraint(fields=["laboratory", "ended_at"], name="return_once"),
            models.CheckConstraint(condition=Q(ended_at__gt=F("started_at")), name="return_period"),
            models.CheckConstraint(
                condition=Q(sent_at=None, said_received=None, said_plated=None, said_reported=None, said_free=None)
                | Q(
                    sent_at__isnull=False,
                    said_received__gte=0,
                    said_plated__gte=0,
                    said_reported__gte=0,
                    said_free__gte=0,
                ),
                name="return_sent_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["area", "-ended_at", "-id"], name="return_place"),
            models.Index(fields=["due_at"], condition=Q(sent_at=None), name="return_owed"),
        ]
