"""Who caught it from whom, who was exposed, and where a case had been."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from dayclear.cases.models import Case
from dayclear.people.models import Person
from dayclear.tracing.rules import CERTAINTIES, RELATIONS


class Exposure(models.Model):
    """A link of the chain of transmission: `case` was exposed to `source`.

    A reference that names a case not in the system is kept by its number (`source` null) and becomes a link by itself
    when that case arrives. `source_key` is the loose spelling of that number.
    """

    area = models.BigIntegerField()
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="sources")
    source = models.ForeignKey(Case, on_delete=models.CASCADE, null=True, related_name="offspring")
    disease = models.CharField(max_length=32)
    numbering = models.CharField(max_length=64, blank=True)
    source_number = models.CharField(max_length=64)
    source_key = models.CharField(max_length=64)
    relation = models.CharField(max_length=16)
    certainty = models.CharField(max_length=12)
    exposed_on = models.DateField(null=True)
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "tracing_exposure"
        constraints = [
            models.UniqueConstraint(fields=["case", "numbering", "source_number"], name="exposure_once"),
            models.UniqueConstraint(fields=["case", "source"], name="exposure_pair_once"),
            models.CheckConstraint(condition=Q(source=None) | ~Q(source=F("case")), name="exposure_not_to_oneself"),
            models.CheckConstraint(condition=Q(relation__in=RELATIONS), name="exposure_relation"),
            models.CheckConstraint(condition=Q(certainty__in=CERTAINTIES), name="exposure_certainty"),
        ]
        indexes = [
            models.Index(fields=["source"], name="exposure_source"),
            models.Index(
                fields=["disease", "numbering", "source_number"], condition=Q(source=None), name="exposure_unresolved"
            ),
            models.Index(fields=["disease", "source_key"], condition=Q(source=None), name="exposure_key_unresolved"),
            models.Index(fields=["area", "id"], name="exposure_area"),
        ]


class Contact(models.Model):
    """A person exposed to a case. `category` is a code of the pack in force, never an enum of ours."""

    area = models.BigIntegerField()
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="contacts")
    category = models.CharField(max_length=32, blank=True)
    policy = models.CharField(max_length=80, blank=True)
    relation = models.CharField(max_length=16)
    last_exposed_on = models.DateField(null=True)
    became_case = models.ForeignKey(Case, on_delete=models.SET_NULL, null=True, related_name="+")
    retain_until = models.DateField()
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "tracing_contact"
        constraints = [
            models.UniqueConstraint(fields=["person", "case"], name="contact_once"),
            models.CheckConstraint(condition=Q(relation__in=RELATIONS), name="contact_relation"),
        ]
        indexes = [
            models.Index(fields=["case"], name="contact_case"),
            models.Index(fields=["area", "-last_exposed_on", "-id"], name="contact_area_day"),
        ]


class Visit(models.Model):
    """A place where a case was while infectious. Days outside that window are never stored.

    `window_from` and `window_to` are the bounds in force when it was recorded.
    Source: policy reference R15.
    """

    area = models.BigIntegerField()
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="visits")
    place = models.BigIntegerField(null=True)
    description = models.CharField(max_length=400)
    transport = models.CharField(max_length=120, blank=True)
    from_on = models.DateField(null=True)
    to_on = models.DateField(null=True)
    window_from = models.DateField(null=True)
    window_to = models.DateField(null=True)
    retain_until = models.DateField()
    digest = models.BinaryField(max_length=16)

    class Meta:
        db_table = "tracing_visit"
        constraints = [
            models.UniqueConstraint(fields=["case", "digest"], name="visit_once"),
            models.CheckConstraint(
                condition=Q(from_on=None) | Q(to_on=None) | Q(to_on__gte=F("from_on")), name="visit_forward"
            ),
        ]


class ChainMember(models.Model):
    """A case's place in its chain of transmission. `chain` is the id of the chain's first case.

    `generation` counts links from a first case of the chain; `offspring` the cases that name it as their source.
    """

    case = models.OneToOneField(Case, on_delete=models.CASCADE, primary_key=True, related_name="+")
    chain = models.BigIntegerField()
    area = models.BigIntegerField()
    generation = models.SmallIntegerField()
    offspring = models.IntegerField()

    class Meta:
        db_table = "tracing_chain_member"
        indexes = [
            models.Index(fields=["chain", "generation"], name="chain_member_chain"),
            models.Index(fields=["area", "chain"], name="chain_member_area"),
        ]


class ChainCount(models.Model):
    """The size of a chain as seen from a place: one row a place at each level, like the counts of cases.

    `longest` (links on the longest path), `largest` (most offspring of one case) and `unknown_sources` (members with
    no source) describe the whole chain.
    """

    level = models.SmallIntegerField()
    area = models.BigIntegerField()
    disease = models.CharField(max_length=32)
    chain = models.BigIntegerField()
    members = models.IntegerField()
    size = models.IntegerField()
    longest = models.SmallIntegerField()
    largest = models.IntegerField()
    unknown_sources = models.IntegerField()
    flaws = models.IntegerField()
    first_on = models.DateField(null=True)
    last_on = models.DateField(null=True)

    class Meta:
        db_table = "tracing_chain_count"
        constraints = [models.UniqueConstraint(fields=["area", "level", "chain"], name="chain_count_once")]
        indexes = [
            models.Index(fields=["area", "level", "disease", "-size", "chain"], name="chain_count_largest"),
            models.Index(fields=["chain"], name="chain_count_chain"),
        ]
