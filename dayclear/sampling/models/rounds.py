"""Rounds of testing and the points where swabs are taken."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q


class Round(models.Model):
    """One round of testing of a place.

    `group` is the pack's code of the posts it is for (empty: everybody); a round for several groups is several rounds,
    each with its own people per tube. `by_household`: one household, one tube.
    """

    STATES = ("planned", "open", "closed", "cancelled")

    area = models.BigIntegerField()
    name = models.CharField(max_length=120)
    disease = models.CharField(max_length=32)
    group = models.CharField(max_length=48, blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    people_per_tube = models.SmallIntegerField()
    by_household = models.BooleanField(default=False)
    expected = models.IntegerField(null=True)
    state = models.CharField(max_length=12, default="planned")
    planned_label = models.CharField(max_length=120)
    opened_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "sampling_round"
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=("planned", "open", "closed", "cancelled")), name="round_state"
            ),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="round_ends_after_start"),
            models.CheckConstraint(condition=Q(people_per_tube__range=(1, 20)), name="round_people_per_tube"),
            models.CheckConstraint(
                condition=Q(state__in=("planned", "cancelled")) | Q(opened_at__isnull=False), name="round_opened"
            ),
        ]
        indexes = [models.Index(fields=["area", "-starts_at", "-id"], name="round_place")]


class Point(models.Model):
    """A place where swabs are taken. `opens` to `closes` by the local clock, every day; `ended_at`: given up."""

    area = models.BigIntegerField()
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=120)
    address = models.CharField(max_length=300, blank=True)
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)
    lanes = models.SmallIntegerField(default=1)
    opens = models.TimeField(null=True)
    closes = models.TimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "sampling_point"
        constraints = [
            models.UniqueConstraint(fields=["area", "code"], condition=Q(ended_at=None), name="point_code_once"),
            models.CheckConstraint(condition=Q(lanes__range=(1, 200)), name="point_lanes"),
            models.CheckConstraint(
                condition=Q(latitude=None, longitude=None) | Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
                name="point_on_earth",
            ),
        ]
        indexes = [models.Index(fields=["area", "code", "id"], name="point_place")]


class RoundPoint(models.Model):
    """A point that serves a round. A round without any is served by every point of its place."""

    area = models.BigIntegerField()
    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="points")
    point = models.ForeignKey(Point, on_delete=models.PROTECT, related_name="+")

    class Meta:
        db_table = "sampling_round_point"
        constraints = [models.UniqueConstraint(fields=["round", "point"], name="round_point_once")]
