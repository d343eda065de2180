"""What plates say of the laboratory that ran them, day by day, and the alarms."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from dayclear.lab.rules.quality import Alarm, Chart

KINDS = (*(chart.value for chart in Chart), *(alarm.value for alarm in Alarm))
ALARM_STATES = ("open", "explained", "confirmed")


class PlateQualityRow(models.Model):
    """One plate in the figures that quality is judged by (rules/quality.py). `day` is the local day of its entry.

    Units: wells with tubes; sums of Cts and of their squares, of the positives' targets and of the internal control.
    """

    plate = models.OneToOneField("lab.Plate", on_delete=models.CASCADE, primary_key=True, related_name="quality")
    area = models.BigIntegerField()
    laboratory_id = models.BigIntegerField()
    instrument_id = models.BigIntegerField()
    assay_id = models.BigIntegerField()
    day = models.DateField()
    wells = models.SmallIntegerField()
    positive = models.SmallIntegerField()
    invalid = models.SmallIntegerField()
    disagreeing = models.SmallIntegerField()
    shared_pairs = models.IntegerField()
    ct_count = models.IntegerField()
    ct_total = models.FloatField()
    ct_squares = models.FloatField()
    control_count = models.IntegerField()
    control_total = models.FloatField()
    control_squares = models.FloatField()

    class Meta:
        db_table = "lab_plate_quality"
        indexes = [models.Index(fields=["day", "assay_id", "laboratory_id"], name="plate_quality_day")]


class QualityPoint(models.Model):
    """One point of one chart: a laboratory, or one of its instruments (0: all), on a day, and what was usual.

    Units: on the chart's own scale (`rules.quality`); `score` in standard deviations.
    """

    pk = models.CompositePrimaryKey("laboratory_id", "instrument_id", "assay_id", "chart", "day")
    area = models.BigIntegerField()
    laboratory_id = models.BigIntegerField()
    instrument_id = models.BigIntegerField()
    assay_id = models.BigIntegerField()
    chart = models.CharField(max_length=16)
    day = models.DateField()
    value = models.FloatField()
    expected = models.FloatField()
    low = models.FloatField()
    high = models.FloatField()
    score = models.FloatField()
    measured_at = models.DateTimeField()

    class Meta:
        db_table = "lab_quality_point"
        constraints = [
            models.CheckConstraint(condition=Q(chart__in=[chart.value for chart in Chart]), name="quality_chart")
        ]


class QualityAlarm(models.Model):
    """Something about a laboratory's figures that somebody must look into. One of a kind, instrument and day."""

    area = models.BigIntegerField()
    laboratory = models.ForeignKey("lab.Laboratory", on_delete=models.PROTECT, related_name="alarms")
    instrument_id = models.BigIntegerField(default=0)
    assay_id = models.BigIntegerField(default=0)
    day = models.DateField()
    kind = models.CharField(max_length=20)
    plate_id = models.BigIntegerField(null=True)
    facts = models.JSONField()
    raised_at = models.DateTimeField()
    state = models.CharField(max_length=10, default="open")
    answer = models.CharField(max_length=400, blank=True)
    closed_at = models.DateTimeField(null=True)
    closed_label = models.CharField(max_length=120, blank=True)

    class Meta:
        db_table = "lab_quality_alarm"
        constraints = [
            models.UniqueConstraint(
                fields=["laboratory", "instrument_id", "assay_id", "kind", "day"], name="quality_alarm_once"
            ),
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="quality_alarm_kind"),
            models.CheckConstraint(
                condition=Q(state="open", closed_at=None)
                | Q(state__in=("explained", "confirmed"), closed_at__isnull=False) & ~Q(answer=""),
                name="quality_alarm_closed_whole",
            ),
        ]
        indexes = [models.Index(fields=["area", "-day", "-id"], name="quality_alarm_place")]
