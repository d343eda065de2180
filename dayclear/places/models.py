"""The register of places: public reference data, the same for every reader."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q


class Place(models.Model):
    """A place of the official hierarchy, or a grid or building under it.

    `number` is its 18-digit number and `last` the last number under it; `code` the code as published. `pinyin` is the
    name without tones or spaces, `initials` the first letters.
    """

    number = models.BigIntegerField(primary_key=True)
    last = models.BigIntegerField()
    level = models.SmallIntegerField()
    code = models.CharField(max_length=18)
    name = models.CharField(max_length=120)
    full_name = models.CharField(max_length=400)
    pinyin = models.CharField(max_length=300)
    initials = models.CharField(max_length=60)

    class Meta:
        db_table = "places_place"
        constraints = [
            models.CheckConstraint(condition=Q(last__gte=F("number")), name="place_range_forward"),
            models.CheckConstraint(condition=Q(level__range=(0, 7)), name="place_level"),
        ]
        indexes = [
            models.Index(fields=["level", "number"], name="place_level_number"),
            models.Index(fields=["name"], name="place_name", opclasses=["varchar_pattern_ops"]),
            models.Index(fields=["pinyin"], name="place_pinyin", opclasses=["varchar_pattern_ops"]),
            models.Index(fields=["initials"], name="place_initials", opclasses=["varchar_pattern_ops"]),
        ]

    def __str__(self) -> str:
        return self.name
