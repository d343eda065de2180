"""Events: audit trail and outbox in one append-only table, and the seals over it."""

from __future__ import annotations

from django.db import models


class Subject(models.Model):
    """The last event number of a subject.

    Apart from the events because a subject may move out of the writer's places: its number must still go on.
    The row's lock also orders the events of one subject.
    """

    subject = models.CharField(primary_key=True, max_length=64)
    last_number = models.IntegerField()

    class Meta:
        db_table = "foundation_subject"


class Event(models.Model):
    """Something that happened, once and for ever. Written only by `foundation.events`.

    `ordinal` is the order of recording across subjects (the order of the seals); `digest` is keyed, so that a row
    altered in the database no longer matches itself.
    """

    pk = models.CompositePrimaryKey("subject", "number")
    subject = models.CharField(max_length=64)
    number = models.IntegerField()
    ordinal = models.BigIntegerField()
    kind = models.CharField(max_length=64)
    at = models.DateTimeField()
    actor_id = models.BigIntegerField(null=True)
    actor_label = models.CharField(max_length=120)
    area = models.BigIntegerField()
    payload = models.JSONField()
    facts = models.JSONField()
    policy = models.CharField(max_length=80, blank=True)
    digest = models.BinaryField(max_length=32)

    class Meta:
        db_table = "foundation_event"
        indexes = [
            models.Index(fields=["ordinal"], name="event_ordinal"),
            models.Index(fields=["area", "-ordinal"], name="event_area"),
        ]


class Seal(models.Model):
    """One link of the hash chain: the events recorded since the seal before it.

    `leaves` holds, for each sealed event in order, its ordinal (8 bytes, big-endian) and the first 8 bytes of its
    digest: enough to name the one that changed, went missing or slipped in.
    """

    number = models.IntegerField(primary_key=True)
    sealed_at = models.DateTimeField()
    after_ordinal = models.BigIntegerField()
    up_to_ordinal = models.BigIntegerField()
    count = models.IntegerField()
    leaves = models.BinaryField()
    hash = models.BinaryField(max_length=32)

    class Meta:
        db_table = "foundation_seal"
