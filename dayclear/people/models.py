"""People: one row a human, whatever parts they play."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Mod


class Person(models.Model):
    """One human, as one county knows them.

    `area` is the place responsible, `home` the place of residence where it could be read from `residence`.
    Age is kept as stated: `age_months` on `age_on`. Identity number and phone are stored encrypted beside a keyed hash.
    `merged_into` is set on a row that turned out to be another row's human.
    """

    area = models.BigIntegerField()
    home = models.BigIntegerField(null=True)
    residence = models.CharField(max_length=400, blank=True)
    name = models.CharField(max_length=120, blank=True)
    name_pinyin = models.CharField(max_length=300, blank=True)
    sex = models.CharField(max_length=8, default="unknown")
    born_on = models.DateField(null=True)
    age_months = models.SmallIntegerField(null=True)
    age_on = models.DateField(null=True)
    id_number_sealed = models.BinaryField(null=True)
    id_number_hash = models.BinaryField(null=True, max_length=16)
    phone_sealed = models.BinaryField(null=True)
    phone_hash = models.BinaryField(null=True, max_length=16)
    retention_class = models.CharField(max_length=24)
    retain_until = models.DateField()
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    county = models.GeneratedField(
        expression=F("area") - Mod(F("area"), 10**12), output_field=models.BigIntegerField(), db_persist=True
    )

    class Meta:
        db_table = "people_person"
        constraints = [
            models.CheckConstraint(condition=Q(sex__in=("male", "female", "other", "unknown")), name="person_sex"),
            models.CheckConstraint(
                condition=Q(age_months=None) | Q(age_months__range=(0, 130 * 12)), name="person_age"
            ),
            models.CheckConstraint(
                condition=Q(id_number_hash=None, id_number_sealed=None)
                | Q(id_number_hash__isnull=False, id_number_sealed__isnull=False),
                name="person_id_number_whole",
            ),
            models.CheckConstraint(condition=~Q(merged_into=F("id")), name="person_not_merged_into_itself"),
            # One county never holds one identity number twice; two counties may until somebody who sees both merges.
            models.UniqueConstraint(
                fields=["id_number_hash", "county"], condition=Q(merged_into=None), name="person_id_number_once"
            ),
        ]
        indexes = [
            models.Index(fields=["area", "id"], name="person_area"),
            models.Index(
                fields=["name", "sex"],
                name="person_name",
                opclasses=["varchar_pattern_ops", "varchar_ops"],
                condition=~Q(name=""),
            ),
            models.Index(
                fields=["name_pinyin"], name="person_pinyin", opclasses=["varchar_pattern_ops"], condition=~Q(name="")
            ),
            # Whoever was merged is found by number too; the constraint's index leaves them out.
            models.Index(fields=["id_number_hash"], name="person_id_number", condition=Q(id_number_hash__isnull=False)),
            models.Index(fields=["phone_hash"], name="person_phone", condition=Q(phone_hash__isnull=False)),
        ]


class Match(models.Model):
    """Two rows that may be one human, waiting for a person to look. `score` is 0 to 100."""

    area = models.BigIntegerField()
    first = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    score = models.SmallIntegerField()
    reasons = models.JSONField()
    found_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    same = models.BooleanField(null=True)

    class Meta:
        db_table = "people_match"
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="match_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="match_ordered"),
            models.CheckConstraint(
                condition=Q(decided_at=None, same=None) | Q(decided_at__isnull=False, same__isnull=False),
                name="match_decided_whole",
            ),
        ]
        indexes = [models.Index(fields=["area", "-score", "id"], condition=Q(decided_at=None), name="match_waiting")]


class Merge(models.Model):
    """A merge that was made, with all that is needed to undo it.

    Shape: `moved` maps a table to the ids of its rows that followed.
    """

    area = models.BigIntegerField()
    kept = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    gone = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    moved = models.JSONField()
    merged_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "people_merge"
        constraints = [models.UniqueConstraint(fields=["gone"], condition=Q(undone_at=None), name="merged_once")]
