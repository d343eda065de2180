"""The tubes a laboratory holds, and the plates they go onto."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from dayclear.lab.models.laboratories import Assay, Instrument, Laboratory
from dayclear.lab.rules.plates import SHAPES
from dayclear.lab.rules.release import PlateState


class ReceivedTube(models.Model):
    """A tube in a laboratory: one laboratory holds it, and at most one plate that still counts.

    `tube_area` is where it was taken: its results lie there. Until the sampler's phone has sent the tube itself
    (`known`), that is the place of its box. `plate` is empty while the tube waits, at first or for another examination.
    `attempts` counts the plates it was on.
    """

    tube = models.BigIntegerField(primary_key=True)
    area = models.BigIntegerField()
    tube_area = models.BigIntegerField()
    known = models.BooleanField()
    laboratory_id = models.BigIntegerField()
    box = models.UUIDField(null=True)
    received_at = models.DateTimeField()
    condition = models.CharField(max_length=10)
    plate_id = models.BigIntegerField(null=True)
    attempts = models.SmallIntegerField(default=0)

    class Meta:
        db_table = "lab_received_tube"
        indexes = [
            models.Index(
                fields=["laboratory_id", "received_at", "tube"], condition=Q(plate_id=None), name="tube_waits"
            ),
            models.Index(fields=["plate_id"], condition=Q(plate_id__isnull=False), name="tube_plated"),
            models.Index(fields=["tube"], condition=Q(known=False), name="tube_not_sent_yet"),
        ]


class Plate(models.Model):
    """A plate from its layout to its release.

    Shape: `tubes` one entry a well, row by row, empty for controls and free wells; `controls` well → kind. Once it has
    run: `states` one entry a well; `cts` well after well, each the assay's targets in their order.
    `curves` counts the raw curves of the machine's own file. `refused` says why its controls do not bear it.
    """

    area = models.BigIntegerField()
    laboratory = models.ForeignKey(Laboratory, on_delete=models.PROTECT, related_name="plates")
    code = models.CharField(max_length=60)
    wells = models.SmallIntegerField()
    assay = models.ForeignKey(Assay, on_delete=models.PROTECT, related_name="+")
    tubes = ArrayField(models.BigIntegerField(null=True))
    controls = models.JSONField()
    samples = models.SmallIntegerField()
    state = models.CharField(max_length=8, default=PlateState.PLATED.value)
    plated_at = models.DateTimeField()
    plated_label = models.CharField(max_length=120)
    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, null=True, related_name="plates")
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    curves = models.SmallIntegerField(null=True)
    states = ArrayField(models.CharField(max_length=16, null=True), null=True)
    cts = ArrayField(models.FloatField(null=True), null=True)
    refused = models.JSONField(default=list)
    entered_at = models.DateTimeField(null=True)
    entered_by = models.BigIntegerField(null=True)
    entered_label = models.CharField(max_length=120, blank=True)
    released_at = models.DateTimeField(null=True)
    released_by = models.BigIntegerField(null=True)
    released_label = models.CharField(max_length=120, blank=True)
    rejected_at = models.DateTimeField(null=True)
    rejected_label = models.CharField(max_length=120, blank=True)
    reject_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "lab_plate"
        constraints = [
            models.UniqueConstraint(fields=["laboratory", "code"], name="plate_code_once"),
            models.CheckConstraint(condition=Q(wells__in=tuple(SHAPES)), name="plate_wells"),
            models.CheckConstraint(condition=Q(state__in=[state.value for state in PlateState]), name="plate_state"),
            models.CheckConstraint(
                condition=Q(state="plated", states=None, cts=None, entered_at=None)
                | Q(state__in=("run", "released"), states__isnull=False, cts__isnull=False, entered_at__isnull=False)
                | Q(state="rejected"),
                name="plate_run_whole",
            ),
            models.CheckConstraint(
                condition=Q(state="released", released_at__isnull=False)
                | Q(state__in=("plated", "run"), released_at=None)
                | Q(state="rejected"),
                name="plate_released_whole",
            ),
            models.CheckConstraint(
                condition=Q(state="rejected", rejected_at__isnull=False) & ~Q(reject_reason="")
                | ~Q(state="rejected") & Q(rejected_at=None),
                name="plate_rejected_whole",
            ),
            # Nobody releases what they entered themselves; the installation itself has no number.
            models.CheckConstraint(
                condition=Q(released_by=None) | Q(entered_by=None) | ~Q(released_by=models.F("entered_by")),
                name="plate_released_by_another",
            ),
        ]
        indexes = [
            models.Index(fields=["area", "-plated_at", "-id"], name="plate_place"),
            models.Index(fields=["laboratory", "state", "-plated_at"], name="plate_of_laboratory"),
            models.Index(fields=["instrument", "started_at"], name="plate_runs"),
        ]
