"""What is owed to a person under an order, and what stands beside it."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from dayclear.isolation.models.orders import Order
from dayclear.people.models import Person

MEANS = ("paper", "phone", "link", "loudspeaker", "visit")
CHECK_MEANS = ("link", "phone", "visit", "site")
NEEDS = ("food", "medicine", "care", "wages_letter", "child", "pet", "psychological", "waste", "other")


class Check(models.Model):
    """One of the checks of a day: by the person through a link, or by a worker. Units: `temperature_c` Celsius."""

    area = models.BigIntegerField()
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="checks")
    checked_at = models.DateTimeField()
    means = models.CharField(max_length=8)
    temperature_c = models.DecimalField(max_digits=3, decimal_places=1, null=True)
    symptoms = models.JSONField(default=list)
    by_label = models.CharField(max_length=120)

    class Meta:
        db_table = "isolation_check"
        constraints = [
            models.UniqueConstraint(fields=["order", "checked_at"], name="check_once"),
            models.CheckConstraint(condition=Q(means__in=CHECK_MEANS), name="check_means"),
            models.CheckConstraint(
                condition=Q(temperature_c=None) | Q(temperature_c__range=(30, 45)), name="check_temperature"
            ),
        ]


class Delivery(models.Model):
    """A notice handed over: which, when, by what means, in which language (R08)."""

    area = models.BigIntegerField()
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="deliveries")
    notice = models.CharField(max_length=12)
    means = models.CharField(max_length=12)
    language = models.CharField(max_length=8)
    delivered_at = models.DateTimeField()
    by_label = models.CharField(max_length=120)

    class Meta:
        db_table = "isolation_delivery"
        constraints = [
            models.CheckConstraint(condition=Q(means__in=MEANS), name="delivery_means"),
            models.CheckConstraint(condition=Q(notice__in=("order", "change", "release")), name="delivery_notice"),
        ]


class Appeal(models.Model):
    """Somebody asks for an order to be looked at again, by another officer than the one who signed it (R09)."""

    area = models.BigIntegerField()
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="appeals")
    ground = models.TextField()
    means = models.CharField(max_length=12)
    filed_at = models.DateTimeField()
    filed_label = models.CharField(max_length=120)
    due_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.BigIntegerField(null=True)
    upheld = models.BooleanField(null=True)
    reason = models.CharField(max_length=400, blank=True)

    class Meta:
        db_table = "isolation_appeal"
        constraints = [
            models.UniqueConstraint(fields=["order"], condition=Q(decided_at=None), name="appeal_open_once"),
            models.CheckConstraint(
                condition=Q(decided_at=None, decided_by=None, upheld=None, reason="")
                | (Q(decided_at__isnull=False, decided_by__isnull=False, upheld__isnull=False) & ~Q(reason="")),
                name="appeal_decided_whole",
            ),
        ]


class Need(models.Model):
    """Something a person under an order needs brought or arranged: the support that restriction owes (R30)."""

    area = models.BigIntegerField()
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="needs")
    kind = models.CharField(max_length=16)
    note = models.CharField(max_length=200, blank=True)
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    met_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "isolation_need"
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=NEEDS), name="need_kind"),
            models.UniqueConstraint(fields=["order", "kind"], condition=Q(met_at=None), name="need_open_once"),
        ]


class Emergency(models.Model):
    """Somebody went out for care or out of danger. It is let happen first and written down after (R31)."""

    area = models.BigIntegerField()
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    ground = models.CharField(max_length=200)
    granted_at = models.DateTimeField()
    by_label = models.CharField(max_length=120)
    record = models.TextField(blank=True)
    recorded_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "isolation_emergency"
        indexes = [models.Index(fields=["person", "-granted_at"], name="emergency_person")]


class HeldList(models.Model):
    """A list that was refused or held back: what it was for, how many it named, why it stands (R12, R13).

    The names on it are not kept.
    """

    area = models.BigIntegerField()
    purpose = models.CharField(max_length=60)
    title = models.CharField(max_length=200)
    people = models.IntegerField()
    without_exposure = models.IntegerField()
    codes = models.JSONField()
    held_at = models.DateTimeField()
    by_label = models.CharField(max_length=120)

    class Meta:
        db_table = "isolation_held_list"


class Override(models.Model):
    """A status that for a while differs from what the orders say (R12). It ends by itself within a day."""

    area = models.BigIntegerField()
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    colour = models.CharField(max_length=8)
    reason = models.CharField(max_length=24)
    evidence = models.CharField(max_length=120)
    set_at = models.DateTimeField()
    set_by = models.BigIntegerField()
    second_by = models.BigIntegerField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "isolation_override"
        constraints = [
            models.CheckConstraint(condition=~Q(second_by=F("set_by")), name="override_two_persons"),
            models.CheckConstraint(condition=~Q(evidence=""), name="override_evidence"),
        ]
        indexes = [models.Index(fields=["person", "-set_at"], name="override_person")]
