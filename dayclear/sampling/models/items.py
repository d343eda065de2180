"""What was found in tubes of goods and surfaces, and what was done about it."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from dayclear.sampling.models.chains import ALARMS, STATES
from dayclear.sampling.rules.items import STEPS


class ItemAlarm(models.Model):
    """A tube of goods or of an environment that came out positive or grey, in the place where it was taken.

    Nobody is called back for it: it is over once every step of `rules.items` is written down.
    """

    area = models.BigIntegerField()
    tube = models.BigIntegerField()
    disease = models.CharField(max_length=32)
    laboratory = models.CharField(max_length=120, blank=True)
    alarm = models.CharField(max_length=16)
    alarm_at = models.DateTimeField()
    due_at = models.DateTimeField()
    state = models.CharField(max_length=10, default="open")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "sampling_item_alarm"
        constraints = [
            models.UniqueConstraint(fields=["tube"], condition=~Q(state="annulled"), name="item_alarm_once"),
            models.CheckConstraint(condition=Q(state__in=STATES), name="item_alarm_state"),
            models.CheckConstraint(condition=Q(alarm__in=ALARMS), name="item_alarm_alarm"),
            models.CheckConstraint(condition=Q(due_at__gt=F("alarm_at")), name="item_alarm_due"),
            models.CheckConstraint(
                condition=Q(state="open", closed_at=None) | (~Q(state="open") & Q(closed_at__isnull=False)),
                name="item_alarm_closed",
            ),
        ]
        indexes = [models.Index(fields=["due_at", "id"], condition=Q(state="open"), name="item_alarm_open")]


class ItemStep(models.Model):
    """One thing that was done about it. `people`: how many handled what was wiped, of the step `trace` alone."""

    area = models.BigIntegerField()
    alarm = models.ForeignKey(ItemAlarm, on_delete=models.CASCADE, related_name="steps")
    step = models.CharField(max_length=10)
    at = models.DateTimeField()
    people = models.IntegerField(null=True)
    note = models.CharField(max_length=300)
    by_label = models.CharField(max_length=120)

    class Meta:
        db_table = "sampling_item_step"
        constraints = [
            models.UniqueConstraint(fields=["alarm", "step"], name="item_step_once"),
            models.CheckConstraint(condition=Q(step__in=STEPS), name="item_step_known"),
            models.CheckConstraint(
                condition=(Q(step="trace") & Q(people__gte=0)) | (~Q(step="trace") & Q(people=None)),
                name="item_step_people",
            ),
        ]
