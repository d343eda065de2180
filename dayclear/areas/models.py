"""Risk areas with their history, what was found and tested in them, the register of measures, published lists."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from dayclear.areas.rules.measures import KINDS
from dayclear.cases.models import Case
from dayclear.policy.overreach import UNITS

STATES = ("proposed", "declined", "approved", "in_force", "ended", "void")


class RiskArea(models.Model):
    """A set of places under one level, from its proposal to its end.

    `area` is the smallest registered place that holds all of it. `level` is the one proposed, then the one in force;
    empty once ended. `anchored_on` is day 0 of its clock (rules/clearing.py); `stepped_on` the last day of the step
    before. `eligible_at` is when both conditions of the next step hold (null: something besides time is missing),
    `earliest_at` when its days are over; both are kept by every command that can move them. `split_from` is the area
    it was cut out of when a new infection restarted the clock of a part.
    """

    area = models.BigIntegerField()
    disease = models.CharField(max_length=32)
    name = models.CharField(max_length=200)
    level = models.CharField(max_length=24, blank=True)
    unit = models.CharField(max_length=16)
    designation = models.CharField(max_length=100)
    ground = models.CharField(max_length=1000)
    enlarging = models.CharField(max_length=400, blank=True)
    state = models.CharField(max_length=12)
    anchored_on = models.DateField()
    stepped_on = models.DateField(null=True)
    last_contact_on = models.DateField(null=True)
    contacts_negative = models.BooleanField(default=False)
    policy = models.CharField(max_length=80)
    proposed_by = models.BigIntegerField(null=True)
    proposed_at = models.DateTimeField()
    decided_by = models.BigIntegerField(null=True)
    decided_label = models.CharField(max_length=120, blank=True)
    decided_level = models.SmallIntegerField(null=True)
    decided_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    end_cause = models.CharField(max_length=32, blank=True)
    earliest_at = models.DateTimeField(null=True)
    eligible_at = models.DateTimeField(null=True)
    step_to = models.CharField(max_length=24, blank=True)
    step_proposed_at = models.DateTimeField(null=True)
    split_from = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="parts")

    class Meta:
        db_table = "areas_risk_area"
        constraints = [
            models.CheckConstraint(condition=Q(state__in=STATES), name="risk_area_state"),
            models.CheckConstraint(condition=Q(unit__in=UNITS), name="risk_area_unit"),
            # Nothing is in force that nobody decided, and nothing is over that has no end.
            models.CheckConstraint(
                condition=~Q(state__in=("approved", "in_force"))
                | Q(decided_at__isnull=False, decided_level__isnull=False),
                name="risk_area_decided",
            ),
            models.CheckConstraint(
                condition=Q(state="ended", ended_at__isnull=False, level="")
                | Q(state="void", level="")
                | ~Q(state__in=("ended", "void")),
                name="risk_area_ended",
            ),
        ]
        indexes = [
            models.Index(fields=["area", "state", "eligible_at"], name="risk_area_place"),
            models.Index(fields=["disease", "eligible_at"], condition=Q(state="in_force"), name="risk_area_live"),
        ]


class AreaMember(models.Model):
    """One place of an area: its number in the register, or in words where it lies below the register."""

    area = models.BigIntegerField()
    risk_area = models.ForeignKey(RiskArea, on_delete=models.CASCADE, related_name="members")
    place = models.BigIntegerField(null=True)
    text = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "areas_member"
        constraints = [
            models.UniqueConstraint(fields=["risk_area", "place", "text"], name="member_once", nulls_distinct=False),
            models.CheckConstraint(condition=Q(place__isnull=False) | ~Q(text=""), name="member_named"),
        ]
        indexes = [models.Index(fields=["place"], name="member_place")]


class AreaEpisode(models.Model):
    """A time at one level, decided by somebody. `over_minutes`: how long the level outlasted the pack's conditions."""

    area = models.BigIntegerField()
    risk_area = models.ForeignKey(RiskArea, on_delete=models.CASCADE, related_name="episodes")
    level = models.CharField(max_length=24)
    from_at = models.DateTimeField()
    to_at = models.DateTimeField(null=True)
    decided_label = models.CharField(max_length=120)
    decided_level = models.SmallIntegerField()
    ground = models.CharField(max_length=1000)
    policy = models.CharField(max_length=80)
    end_cause = models.CharField(max_length=32, blank=True)
    over_minutes = models.IntegerField(null=True)

    class Meta:
        db_table = "areas_episode"
        constraints = [
            models.UniqueConstraint(fields=["risk_area"], condition=Q(to_at=None), name="episode_open_once"),
            models.CheckConstraint(condition=Q(to_at=None) | Q(to_at__gte=F("from_at")), name="episode_forward"),
        ]
        indexes = [models.Index(fields=["risk_area", "from_at"], name="episode_area")]


class InfectionInArea(models.Model):
    """An infection found in an area, and whether it restarts the clock. `counts` is null until somebody decided."""

    area = models.BigIntegerField()
    risk_area = models.ForeignKey(RiskArea, on_delete=models.CASCADE, related_name="infections")
    case = models.ForeignKey(Case, on_delete=models.SET_NULL, null=True, related_name="+")
    found_on = models.DateField()
    counts = models.BooleanField(null=True)
    not_counted_as = models.CharField(max_length=48, blank=True)
    assessment = models.CharField(max_length=400, blank=True)
    decided_label = models.CharField(max_length=120, blank=True)
    decided_at = models.DateTimeField(null=True)
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "areas_infection"
        constraints = [
            models.UniqueConstraint(
                fields=["risk_area", "case"], condition=Q(case__isnull=False), name="infection_case_once"
            ),
            # Not counting is an assessment of its own kind; counting needs none.
            models.CheckConstraint(condition=~Q(counts=False) | ~Q(not_counted_as=""), name="infection_kind_given"),
            models.CheckConstraint(condition=Q(counts=None) | Q(decided_at__isnull=False), name="infection_decided"),
        ]
        indexes = [models.Index(fields=["risk_area", "found_on"], name="infection_area")]


class WholeRound(models.Model):
    """One round of tests of everybody in an area. `result_at` is null until every result is in."""

    area = models.BigIntegerField()
    risk_area = models.ForeignKey(RiskArea, on_delete=models.CASCADE, related_name="rounds")
    held_on = models.DateField()
    due = models.IntegerField()
    tested = models.IntegerField()
    positive = models.IntegerField()
    result_at = models.DateTimeField()
    recorded_label = models.CharField(max_length=120)

    class Meta:
        db_table = "areas_round"
        constraints = [
            models.UniqueConstraint(fields=["risk_area", "held_on"], name="round_once_a_day"),
            models.CheckConstraint(
                condition=Q(due__gte=0, tested__gte=0, positive__gte=0, positive__lte=F("tested")), name="round_counts"
            ),
        ]


class AreaNotice(models.Model):
    """What was published of an area, version by version: what, why, the rule, what ends it (R35)."""

    area = models.BigIntegerField()
    risk_area = models.ForeignKey(RiskArea, on_delete=models.CASCADE, related_name="notices")
    version = models.SmallIntegerField()
    text_en = models.TextField()
    text_zh = models.TextField()
    published_at = models.DateTimeField()
    published_label = models.CharField(max_length=120)

    class Meta:
        db_table = "areas_notice"
        constraints = [models.UniqueConstraint(fields=["risk_area", "version"], name="notice_version_once")]


class Measure(models.Model):
    """A measure imposed on a place: it has a basis, a scope, an approver, a start, an end and a review day.

    `site` is the kind of place it is at (a pharmacy, a school), `asks_for` what is demanded there (a code, a negative
    result), `stops_all` whether everybody is stopped whoever they are.
    """

    area = models.BigIntegerField()
    disease = models.CharField(max_length=32)
    risk_area = models.ForeignKey(RiskArea, on_delete=models.PROTECT, null=True, related_name="measures")
    kind = models.CharField(max_length=24)
    code = models.CharField(max_length=48, blank=True)
    at_exit = models.CharField(max_length=16, blank=True)
    site = models.CharField(max_length=24, blank=True)
    asks_for = models.CharField(max_length=24, blank=True)
    stops_all = models.BooleanField(default=False)
    scope = models.CharField(max_length=400)
    basis = models.CharField(max_length=400)
    approver_label = models.CharField(max_length=120)
    approver_level = models.SmallIntegerField()
    approved_by = models.BigIntegerField(null=True)
    approved_at = models.DateTimeField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    review_on = models.DateField()
    policy = models.CharField(max_length=80)
    ended_at = models.DateTimeField(null=True)
    end_cause = models.CharField(max_length=32, blank=True)

    class Meta:
        db_table = "areas_measure"
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="measure_kind"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="measure_ends_after_start"),
            models.CheckConstraint(condition=~Q(basis="") & ~Q(scope=""), name="measure_founded"),
        ]
        indexes = [
            models.Index(fields=["area", "ends_at"], condition=Q(ended_at=None), name="measure_live"),
            models.Index(fields=["ends_at"], condition=Q(ended_at=None), name="measure_to_end"),
        ]


class ChangeoverStep(models.Model):
    """What a change of pack did to one area or measure: the list behind its numbers, and what undoing answers.

    `before` and `after` are versions of packs; `at` the instant from which the new one rules.
    """

    area = models.BigIntegerField()
    before = models.CharField(max_length=80)
    after = models.CharField(max_length=80)
    at = models.DateTimeField()
    kind = models.CharField(max_length=24)
    risk_area = models.ForeignKey(RiskArea, on_delete=models.PROTECT, null=True, related_name="+")
    measure = models.ForeignKey(Measure, on_delete=models.PROTECT, null=True, related_name="+")
    level_before = models.CharField(max_length=24, blank=True)
    level_after = models.CharField(max_length=24, blank=True)
    signed_label = models.CharField(max_length=120)
    done_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)
    undone_label = models.CharField(max_length=120, blank=True)

    class Meta:
        db_table = "areas_changeover_step"
        constraints = [
            models.UniqueConstraint(
                fields=["after", "at", "risk_area", "measure"],
                condition=Q(undone_at=None),
                name="areas_changeover_once",
                nulls_distinct=False,
            ),
        ]
        indexes = [models.Index(fields=["after", "at", "kind"], name="areas_changeover_list")]


class PublishedArea(models.Model):
    """An area as published lists showed it: a history read from outside, under which nobody here is restricted.

    `name_digest` stands for the name in the key, names being long. The audit columns are those of its worst spell.
    """

    area = models.BigIntegerField()
    disease = models.CharField(max_length=32)
    name = models.CharField(max_length=400)
    county_name = models.CharField(max_length=120)
    name_digest = models.BinaryField(max_length=16)
    number = models.SmallIntegerField()
    opened_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True)
    verdict = models.CharField(max_length=12)
    held_days = models.IntegerField()
    beyond_days = models.IntegerField()
    earliest_on = models.DateField(null=True)

    class Meta:
        db_table = "areas_published"
        constraints = [
            models.UniqueConstraint(fields=["disease", "area", "name_digest", "number"], name="published_once")
        ]
        indexes = [models.Index(fields=["area", "-beyond_days", "id"], name="published_worst")]


class PublishedSpell(models.Model):
    """A time at one level as the lists bound it, held against the pack then in force (`rules.published.Spell`)."""

    area = models.BigIntegerField()
    published = models.ForeignKey(PublishedArea, on_delete=models.CASCADE, related_name="spells")
    position = models.SmallIntegerField()
    level = models.CharField(max_length=24)
    not_before_at = models.DateTimeField(null=True)
    seen_from_at = models.DateTimeField()
    seen_to_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=16)
    holes = models.SmallIntegerField()
    policy = models.CharField(max_length=80, blank=True)
    verdict = models.CharField(max_length=12)
    clear_days = models.SmallIntegerField(null=True)
    earliest_on = models.DateField(null=True)
    held_days = models.IntegerField()
    beyond_days = models.IntegerField()

    class Meta:
        db_table = "areas_published_spell"
        constraints = [models.UniqueConstraint(fields=["published", "position"], name="published_spell_once")]
