"""Where tubes are between the table and the report, and the counts of it that reconciliation reads."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from dayclear.lab.rules.reconciliation import PLACES


class TubeStage(models.Model):
    """How far a tube has come since it was put into a box: `stage` is its place in `rules.reconciliation.PLACES`.

    `hour` is the one it was closed in, `laboratory_id` where it is or is sent to (0: not known). `measured`: its plate
    gave a curve for it.
    """

    tube = models.BigIntegerField(primary_key=True)
    area = models.BigIntegerField()
    hour = models.DateTimeField()
    point_id = models.BigIntegerField()
    device_id = models.BigIntegerField()
    laboratory_id = models.BigIntegerField()
    box = models.UUIDField(null=True)
    stage = models.SmallIntegerField()
    measured = models.BooleanField()

    class Meta:
        db_table = "lab_tube_stage"
        constraints = [models.CheckConstraint(condition=Q(stage__range=(0, len(PLACES) - 1)), name="tube_stage_known")]
        indexes = [
            models.Index(fields=["stage", "hour", "tube"], name="tube_stage_waiting"),
            models.Index(fields=["box"], condition=Q(box__isnull=False), name="tube_stage_box"),
        ]


UNDER_WAY = Q(stage__lt=PLACES.index("reported"), tubes__gt=0)


class TubeFlow(models.Model):
    """How many tubes of a device, hour, point and laboratory stand at a stage, changed with their `TubeStage`."""

    pk = models.CompositePrimaryKey("device_id", "hour", "point_id", "laboratory_id", "stage")
    area = models.BigIntegerField()
    device_id = models.BigIntegerField()
    hour = models.DateTimeField()
    point_id = models.BigIntegerField()
    laboratory_id = models.BigIntegerField()
    stage = models.SmallIntegerField()
    tubes = models.IntegerField()
    measured = models.IntegerField()

    class Meta:
        db_table = "lab_tube_flow"
        indexes = [
            models.Index(fields=["area", "hour"], name="tube_flow_place"),
            # Few beside those that are reported: what was left behind is found without adding a month up.
            models.Index(fields=["area", "hour"], condition=UNDER_WAY, name="tube_flow_under_way"),
        ]
