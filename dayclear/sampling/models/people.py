"""What sampling knows of people besides their swabs: codes, slips, who is left out, who is due."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q


class ResidentCode(models.Model):
    """A signed code given to a person. `serial` is inside its token; a revoked code is on the devices' list."""

    serial = models.BigAutoField(primary_key=True)
    area = models.BigIntegerField()
    person_id = models.BigIntegerField()
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "sampling_resident_code"
        constraints = [models.CheckConstraint(condition=Q(expires_at__gt=F("issued_at")), name="resident_code_ends")]
        indexes = [
            models.Index(fields=["person_id", "expires_at"], name="resident_code_person"),
            models.Index(
                fields=["area", "expires_at"], condition=Q(revoked_at__isnull=False), name="resident_code_revoked"
            ),
        ]


class Slip(models.Model):
    """A numbered paper slip and the person it stands for. One county gives a number once."""

    area = models.BigIntegerField()
    county = models.BigIntegerField()
    number = models.CharField(max_length=24)
    person_id = models.BigIntegerField()
    first_seen_at = models.DateTimeField()

    class Meta:
        db_table = "sampling_slip"
        constraints = [models.UniqueConstraint(fields=["county", "number"], name="slip_once")]
        indexes = [models.Index(fields=["person_id"], name="slip_person")]


class Exclusion(models.Model):
    """A person left out of rounds for a while: a member of a positive tube until the single test has answered.

    `cause` names what holds them (`recall:DC…`); it ends by itself at `ends_at`.
    """

    area = models.BigIntegerField()
    person_id = models.BigIntegerField()
    cause = models.CharField(max_length=64)
    begun_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "sampling_exclusion"
        constraints = [
            models.UniqueConstraint(
                fields=["person_id", "cause"], condition=Q(ended_at=None), name="exclusion_open_once"
            ),
            models.CheckConstraint(condition=Q(ends_at__gt=F("begun_at")), name="exclusion_ends"),
        ]
        indexes = [models.Index(fields=["area", "ends_at"], condition=Q(ended_at=None), name="exclusion_open")]


class TestDuty(models.Model):
    """That a person of a priority group is tested by schedule, from `starts_on` to `ends_on`.

    `group` is the pack's code of the posts (testing.occupations). `due_on` is the next day a swab is owed.
    """

    __test__ = False

    area = models.BigIntegerField()
    person_id = models.BigIntegerField()
    disease = models.CharField(max_length=32)
    group = models.CharField(max_length=48)
    post = models.CharField(max_length=120, blank=True)
    starts_on = models.DateField()
    ends_on = models.DateField()
    ended_on = models.DateField(null=True)
    last_swab_on = models.DateField(null=True)
    due_on = models.DateField()

    class Meta:
        db_table = "sampling_test_duty"
        constraints = [
            models.UniqueConstraint(
                fields=["person_id", "disease", "group"], condition=Q(ended_on=None), name="test_duty_open_once"
            ),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="test_duty_ends"),
        ]
        indexes = [
            models.Index(fields=["area", "due_on", "id"], condition=Q(ended_on=None), name="test_duty_due"),
        ]
