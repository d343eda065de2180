"""Cases, and the counts that boards read."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from dayclear.cases.rules import CLASSIFICATIONS, FOUND_BY, OUTCOMES, SEVERITIES, UNDER_ORDER
from dayclear.people.models import Person


class Case(models.Model):
    """One person's illness with one disease.

    `area` is the place responsible. Days (`_on`) are local calendar days; instants (`_at`) are kept beside them when
    the source gives a time of day. `number_key` is a looser spelling of `number`, for references. What is known of the
    person is noted here too, so that the counts depend on this row alone. `numbering` says whose numbers `number`
    belongs to. `counted_on` is the day the case counts for: reported, else positive, diagnosed, sampled, onset; null
    when it has no day at all.
    """

    area = models.BigIntegerField()
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    disease = models.CharField(max_length=32)
    numbering = models.CharField(max_length=64, blank=True)
    number = models.CharField(max_length=64)
    number_key = models.CharField(max_length=64)
    classification = models.CharField(max_length=24)
    severity = models.CharField(max_length=16)
    onset_on = models.DateField(null=True)
    sampled_on = models.DateField(null=True)
    positive_on = models.DateField(null=True)
    diagnosed_on = models.DateField(null=True)
    reported_on = models.DateField(null=True)
    onset_at = models.DateTimeField(null=True)
    sampled_at = models.DateTimeField(null=True)
    reported_at = models.DateTimeField(null=True)
    isolated_on = models.DateField(null=True)
    counted_on = models.DateField(null=True)
    found_by = models.CharField(max_length=16)
    under_order = models.CharField(max_length=8)
    source_known = models.BooleanField(default=False)
    sex_known = models.BooleanField()
    age_known = models.BooleanField()
    home_known = models.BooleanField()
    outcome = models.CharField(max_length=16)
    outcome_on = models.DateField(null=True)
    notice = models.TextField(blank=True)
    details = models.JSONField(default=dict)
    retention_class = models.CharField(max_length=24)
    retain_until = models.DateField()
    registered_at = models.DateTimeField()

    class Meta:
        db_table = "cases_case"
        constraints = [
            models.UniqueConstraint(fields=["disease", "numbering", "number"], name="case_number_once"),
            models.CheckConstraint(condition=Q(classification__in=CLASSIFICATIONS), name="case_classification"),
            models.CheckConstraint(condition=Q(severity__in=SEVERITIES), name="case_severity"),
            models.CheckConstraint(condition=Q(found_by__in=FOUND_BY), name="case_found_by"),
            models.CheckConstraint(condition=Q(under_order__in=UNDER_ORDER), name="case_under_order"),
            models.CheckConstraint(condition=Q(outcome__in=OUTCOMES), name="case_outcome"),
            models.CheckConstraint(
                condition=~Q(outcome="died") | Q(outcome_on=None) | Q(onset_on=None) | Q(outcome_on__gte=F("onset_on")),
                name="case_death_after_onset",
            ),
        ]
        indexes = [
            models.Index(fields=["area", "-counted_on", "-id"], name="case_area_day"),
            models.Index(fields=["disease", "-counted_on", "-id"], name="case_disease_day"),
            models.Index(fields=["-counted_on", "-id"], name="case_day"),
            models.Index(fields=["number"], name="case_number", opclasses=["varchar_pattern_ops"]),
            models.Index(fields=["disease", "numbering", "number_key"], name="case_number_key"),
        ]


class Classification(models.Model):
    """One step in how sure we were, and why."""

    area = models.BigIntegerField()
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="classifications")
    value = models.CharField(max_length=24)
    reason = models.CharField(max_length=200)
    since = models.DateTimeField()
    by_label = models.CharField(max_length=120)

    class Meta:
        db_table = "cases_classification"
        indexes = [models.Index(fields=["case", "since"], name="classification_case")]


class CaseCount(models.Model):
    """How many cases count for a day at a place, kept in the transaction of every change.

    One row a place at each level from the whole installation (0) to the community (5), so that a board reads its place
    in one row a day and its parts in one row a part. A case whose place is known only to a coarser level is counted at
    the finer levels under its own coarse number: every level adds up to the same total. `day` is null for cases
    without any day.
    """

    level = models.SmallIntegerField()
    area = models.BigIntegerField()
    disease = models.CharField(max_length=32)
    day = models.DateField(null=True)
    cases = models.IntegerField(default=0)
    community = models.IntegerField(default=0)
    under_order = models.IntegerField(default=0)
    source_unknown = models.IntegerField(default=0)
    without_sex = models.IntegerField(default=0)
    without_age = models.IntegerField(default=0)
    without_onset = models.IntegerField(default=0)
    without_sampling = models.IntegerField(default=0)
    without_order_status = models.IntegerField(default=0)
    without_home = models.IntegerField(default=0)
    died = models.IntegerField(default=0)

    class Meta:
        db_table = "cases_count"
        constraints = [
            models.UniqueConstraint(
                fields=["area", "level", "disease", "day"], name="case_count_once", nulls_distinct=False
            ),
            models.CheckConstraint(condition=Q(cases__gte=0), name="case_count_not_negative"),
        ]
        indexes = [models.Index(fields=["level", "disease", "area", "day"], name="case_count_parts")]
