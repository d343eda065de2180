"""Orders, their phases and their tests."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from dayclear.isolation.rules.course import RESULTS
from dayclear.people.models import Person

STATES = ("proposed", "signed", "declined", "ended")
END_CAUSES = (
    "term",
    "shortened",
    "evidence_withdrawn",
    "appeal_upheld",
    "renewed",
    "became_case",
    "died",
    "policy_change",
    "merged",
    "officer",
)


class Order(models.Model):
    """A restriction of one person: proposed by a rule, signed by an officer, ended by itself.

    A proposal restricts nobody. `category` and `rule` (a path of the pack) are the pack's own words, `policy` is the
    version by which it was last decided. `anchor_on` is the day of `anchor` (last exposure, departure…), day 0.
    `ends_on` is the last day, `ends_at` the instant at which the order ends with nobody acting; the sweep that notes it
    may come later, the person is free all the same. `released_at` is when the person was told and let go.
    `open_key` tells a merge which rows two people cannot both bring.
    `renews` is the order that signing this one ends: the only way to a later end. `to_confirm` marks an end that a
    changeover set and a person has yet to look at.
    """

    area = models.BigIntegerField()
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    disease = models.CharField(max_length=32)
    category = models.CharField(max_length=32)
    cause = models.CharField(max_length=32, blank=True)
    rule = models.CharField(max_length=64)
    policy = models.CharField(max_length=80)
    evidence = models.JSONField()
    # The number of the order of the contact by whom a contact of a contact is tied to the case.
    index_order = models.GeneratedField(
        expression=Cast(KT("evidence__index"), models.BigIntegerField()),
        output_field=models.BigIntegerField(null=True),
        db_persist=True,
    )
    groups = models.JSONField(default=list)
    anchor = models.CharField(max_length=32)
    anchor_on = models.DateField()
    first_exposed_on = models.DateField(null=True)
    known_on = models.DateField()
    latest_on = models.DateField()
    state = models.CharField(max_length=8, default="proposed")
    proposed_at = models.DateTimeField()
    proposed_label = models.CharField(max_length=120)
    stricter_reason = models.CharField(max_length=24, blank=True)
    stricter_by = models.BigIntegerField(null=True)
    stricter_mode = models.CharField(max_length=24, blank=True)
    authority = models.BigIntegerField(null=True)
    authority_level = models.SmallIntegerField(null=True)
    signed_at = models.DateTimeField(null=True)
    signed_by = models.BigIntegerField(null=True)
    signed_label = models.CharField(max_length=120, blank=True)
    starts_at = models.DateTimeField(null=True)
    ends_on = models.DateField(null=True)
    ends_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    end_cause = models.CharField(max_length=20, blank=True)
    released_at = models.DateTimeField(null=True)
    decline_reason = models.CharField(max_length=24, blank=True)
    renews = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="renewals")
    to_confirm = models.BooleanField(default=False)
    last_check_at = models.DateTimeField(null=True)
    retain_until = models.DateField()
    open_key = models.GeneratedField(
        expression=Case(When(state="signed", then=Value("signed")), When(state="proposed", then=F("category"))),
        output_field=models.CharField(max_length=32, null=True),
        db_persist=True,
    )

    class Meta:
        db_table = "isolation_order"
        constraints = [
            models.UniqueConstraint(fields=["person"], condition=Q(state="signed"), name="order_open_once"),
            models.UniqueConstraint(
                fields=["person", "disease", "category", "cause"],
                condition=Q(state="proposed"),
                name="order_proposed_once",
            ),
            models.CheckConstraint(condition=Q(state__in=STATES), name="order_state"),
            # R01, R02 and R10, in the last instance: nothing binds without rule, evidence, authority, start and end.
            models.CheckConstraint(
                condition=~Q(state="signed")
                | (
                    ~Q(rule="")
                    & ~Q(evidence={})
                    & Q(authority__isnull=False, signed_by__isnull=False, signed_at__isnull=False)
                    & Q(starts_at__isnull=False, ends_on__isnull=False, ends_at__isnull=False)
                ),
                name="order_signed_whole",
            ),
            models.CheckConstraint(
                condition=~Q(state="signed") | Q(ends_on__lte=F("latest_on")), name="order_within_the_pack"
            ),
            models.CheckConstraint(
                condition=Q(state="ended", ended_at__isnull=False, end_cause__in=END_CAUSES)
                | (~Q(state="ended") & Q(ended_at=None, end_cause="")),
                name="order_ended_whole",
            ),
            models.CheckConstraint(
                condition=Q(stricter_reason="", stricter_by=None)
                | (~Q(stricter_reason="") & Q(stricter_by__isnull=False)),
                name="order_stricter_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["area", "-id"], name="order_area"),
            models.Index(fields=["ends_at"], condition=Q(state="signed"), name="order_to_end"),
            models.Index(fields=["area", "ends_at"], condition=Q(state="signed"), name="order_in_force"),
            models.Index(fields=["area", "proposed_at"], condition=Q(state="proposed"), name="order_to_sign"),
            models.Index(
                fields=["area", "ended_at"], condition=Q(state="ended", released_at=None), name="order_to_release"
            ),
            models.Index(
                fields=["index_order"], condition=Q(state="signed", index_order__isnull=False), name="order_of_index"
            ),
        ]


class Phase(models.Model):
    """One stretch of an order, both days included. It begins and ends by its days, without anybody's doing.

    Shape: `offered` the modes the pack allows, the least restrictive first; `tests_on` the days with a sample due.
    """

    area = models.BigIntegerField()
    # The unique constraint serves the look-up by order.
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="phases", db_index=False)
    number = models.SmallIntegerField()
    mode = models.CharField(max_length=24)
    offered = ArrayField(models.CharField(max_length=24))
    starts_on = models.DateField()
    ends_on = models.DateField()
    tests_on = ArrayField(models.DateField(), default=list)

    class Meta:
        db_table = "isolation_phase"
        constraints = [
            models.UniqueConstraint(fields=["order", "number"], name="phase_once"),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="phase_forward"),
        ]


class TestDay(models.Model):
    """A sample taken under an order, and its result; empty while the laboratory has it."""

    area = models.BigIntegerField()
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="tests")
    on = models.DateField()
    sampled_at = models.DateTimeField()
    result = models.CharField(max_length=12, blank=True)
    result_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "isolation_test_day"
        constraints = [
            models.UniqueConstraint(fields=["order", "on"], name="test_day_once"),
            models.CheckConstraint(condition=Q(result__in=("", *RESULTS)), name="test_day_result"),
            models.CheckConstraint(
                condition=Q(result="", result_at=None) | (~Q(result="") & Q(result_at__gte=F("sampled_at"))),
                name="test_day_result_whole",
            ),
        ]


class Change(models.Model):
    """A stricter mode that one officer asked for; it binds when another has signed it (R05)."""

    area = models.BigIntegerField()
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="changes")
    mode = models.CharField(max_length=24)
    reason = models.CharField(max_length=24)
    asked_by = models.BigIntegerField()
    asked_label = models.CharField(max_length=120)
    asked_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    signed = models.BooleanField(null=True)

    class Meta:
        db_table = "isolation_change"
        constraints = [
            models.UniqueConstraint(fields=["order"], condition=Q(decided_at=None), name="change_open_once"),
        ]
