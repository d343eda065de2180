"""The chains of positive tubes: the tube's clock, its members, and the squads that take them."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

STATES = ("open", "closed", "annulled")
ALARMS = ("positive", "single_target")
FOUND_HOW = ("call", "visit", "message", "register", "came")
ATTEMPT_KINDS = ("call", "visit")
ATTEMPT_OUTCOMES = ("reached", "no_answer", "number_wrong", "not_there", "refused")
PARTS = ("departure", "arrival")


class Squad(models.Model):
    """People who go after the positive tubes of a place."""

    area = models.BigIntegerField()
    name = models.CharField(max_length=80)
    made_at = models.DateTimeField()
    made_label = models.CharField(max_length=120)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "sampling_squad"
        constraints = [
            models.UniqueConstraint(fields=["area", "name"], condition=Q(ended_at=None), name="squad_name_once")
        ]


class SquadMember(models.Model):
    """That an account belongs to a squad. Its list is theirs."""

    area = models.BigIntegerField()
    squad = models.ForeignKey(Squad, on_delete=models.CASCADE, related_name="people")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    joined_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "sampling_squad_member"
        constraints = [
            models.UniqueConstraint(fields=["squad", "user"], condition=Q(left_at=None), name="squad_member_once")
        ]


class Chain(models.Model):
    """The chain of one positive or grey tube, in the place where the tube was closed.

    `legs_due` has one instant for each leg (rules/chains/legs.py), `due_at` is the last of them; `policy` is the pack
    that gave the limit (empty: the installation's own). The counts and the instants follow from the members: kept here
    so that boards read no member, and so that a county knows how far its chain is where another answers for a member.
    """

    area = models.BigIntegerField()
    tube = models.BigIntegerField()
    disease = models.CharField(max_length=32)
    laboratory = models.CharField(max_length=120, blank=True)
    alarm = models.CharField(max_length=16)
    alarm_at = models.DateTimeField()
    due_at = models.DateTimeField()
    legs_due = ArrayField(models.DateTimeField(), size=5)
    policy = models.CharField(max_length=80, blank=True)
    state = models.CharField(max_length=10, default="open")
    squad = models.ForeignKey(Squad, on_delete=models.PROTECT, null=True, related_name="chains")
    members = models.SmallIntegerField(default=0)
    located = models.SmallIntegerField(default=0)
    held = models.SmallIntegerField(default=0)
    collected = models.SmallIntegerField(default=0)
    delivered = models.SmallIntegerField(default=0)
    assayed = models.SmallIntegerField(default=0)
    reported = models.SmallIntegerField(default=0)
    positive = models.SmallIntegerField(default=0)
    transferred = models.SmallIntegerField(default=0)
    given_up = models.SmallIntegerField(default=0)
    elsewhere = models.SmallIntegerField(default=0)
    collected_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    assayed_at = models.DateTimeField(null=True)
    reported_at = models.DateTimeField(null=True)
    transferred_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "sampling_chain"
        constraints = [
            # However many plates release a tube, and however often: one chain, unless its alarm was withdrawn.
            models.UniqueConstraint(fields=["tube"], condition=~Q(state="annulled"), name="chain_once"),
            models.CheckConstraint(condition=Q(state__in=STATES), name="chain_state"),
            models.CheckConstraint(condition=Q(alarm__in=ALARMS), name="chain_alarm"),
            models.CheckConstraint(condition=Q(due_at__gt=F("alarm_at")), name="chain_due"),
            models.CheckConstraint(
                condition=Q(state="open", closed_at=None) | (~Q(state="open") & Q(closed_at__isnull=False)),
                name="chain_closed",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at", "id"], condition=Q(state="open"), name="chain_open"),
            models.Index(fields=["-closed_at", "-id"], condition=~Q(state="open"), name="chain_finished"),
        ]


class ChainMember(models.Model):
    """A person whose swab is in the tube, in the place that is responsible for the person.

    Where that is another county, it has the member and the clock, and the county of the tube sees how far it is by its
    chain alone; `tube`, `alarm_at` and `due_at` are copied for it. `specimen` is the latest single swab's tube.
    Nobody is held apart longer than `hold_until`.
    """

    area = models.BigIntegerField()
    chain = models.ForeignKey(Chain, on_delete=models.CASCADE, related_name="people")
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    tube = models.BigIntegerField()
    alarm_at = models.DateTimeField()
    due_at = models.DateTimeField()
    squad = models.ForeignKey(Squad, on_delete=models.PROTECT, null=True, related_name="members")
    attempts = models.SmallIntegerField(default=0)
    tried_at = models.DateTimeField(null=True)
    located_at = models.DateTimeField(null=True)
    located_how = models.CharField(max_length=10, blank=True)
    located_where = models.CharField(max_length=200, blank=True)
    held_at = models.DateTimeField(null=True)
    held_where = models.CharField(max_length=200, blank=True)
    hold_until = models.DateTimeField(null=True)
    specimen = models.BigIntegerField(null=True)
    collected_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    assayed_at = models.DateTimeField(null=True)
    reported_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, blank=True)
    departed_at = models.DateTimeField(null=True)
    arrived_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "sampling_chain_member"
        constraints = [
            models.UniqueConstraint(fields=["chain", "person"], name="chain_member_once"),
            models.CheckConstraint(
                condition=Q(outcome__in=("", "positive", "negative", "given_up")), name="chain_member_outcome"
            ),
            models.CheckConstraint(
                condition=~Q(outcome__in=("positive", "negative")) | Q(reported_at__isnull=False),
                name="chain_member_reported",
            ),
            models.CheckConstraint(
                condition=Q(held_at=None, hold_until=None) | Q(hold_until__gt=F("held_at")),
                name="chain_member_hold_ends",
            ),
            models.CheckConstraint(
                condition=Q(arrived_at=None) | Q(departed_at__isnull=False), name="chain_member_handed_over"
            ),
        ]
        indexes = [
            models.Index(fields=["area", "due_at", "id"], condition=Q(outcome=""), name="chain_member_open"),
            models.Index(fields=["squad", "due_at", "id"], name="chain_member_squad"),
            models.Index(fields=["person"], name="chain_member_person"),
            models.Index(fields=["area"], condition=Q(outcome="negative", told_at=None), name="chain_member_untold"),
        ]


class Resample(models.Model):
    """A single swab of a member: the number of its tube, and what it came to. A tube is one member's."""

    tube = models.BigIntegerField(primary_key=True)
    area = models.BigIntegerField()
    member = models.ForeignKey(ChainMember, on_delete=models.CASCADE, related_name="resamples")
    bound_at = models.DateTimeField()
    result = models.CharField(max_length=16, blank=True)
    reported_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "sampling_resample"


class ContactAttempt(models.Model):
    """A call or a visit to a member, and what came of it."""

    area = models.BigIntegerField()
    member = models.ForeignKey(ChainMember, on_delete=models.CASCADE, related_name="tries")
    kind = models.CharField(max_length=8)
    outcome = models.CharField(max_length=16)
    note = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()
    by_label = models.CharField(max_length=120)

    class Meta:
        db_table = "sampling_contact_attempt"
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=ATTEMPT_KINDS), name="contact_attempt_kind"),
            models.CheckConstraint(condition=Q(outcome__in=ATTEMPT_OUTCOMES), name="contact_attempt_outcome"),
        ]
        indexes = [models.Index(fields=["member", "-at"], name="contact_attempt_member")]


class HandOver(models.Model):
    """One of the two hand-overs of a transfer: where, when, who gave and who took, as whoever was there says."""

    area = models.BigIntegerField()
    member = models.ForeignKey(ChainMember, on_delete=models.CASCADE, related_name="hand_overs")
    part = models.CharField(max_length=10)
    at = models.DateTimeField()
    place = models.CharField(max_length=200)
    given_by = models.CharField(max_length=120)
    taken_by = models.CharField(max_length=120)
    recorded_label = models.CharField(max_length=120)

    class Meta:
        db_table = "sampling_hand_over"
        constraints = [
            models.UniqueConstraint(fields=["member", "part"], name="hand_over_once"),
            models.CheckConstraint(condition=Q(part__in=PARTS), name="hand_over_part"),
        ]
