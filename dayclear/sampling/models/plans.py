"""Plans of where the points of a round go."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class PointPlan(models.Model):
    """A question to the planner of points, and its answer once it is solved.

    `communities` are the rows of the list it was asked about ([name, people, latitude, longitude]), `candidates` the
    ids of the points to choose among. `answer` is a `rules.planning.Plan` as JSON. Kept as long as swabs are.
    """

    STATES = ("waiting", "solving", "solved", "failed")

    area = models.BigIntegerField()
    round = models.ForeignKey("sampling.Round", on_delete=models.CASCADE, related_name="plans")
    aim = models.CharField(max_length=12)
    points = models.SmallIntegerField()
    reach_m = models.IntegerField()
    hours = models.FloatField()
    communities = models.JSONField()
    candidates = models.JSONField()
    state = models.CharField(max_length=8, default="waiting")
    asked_at = models.DateTimeField()
    asked_label = models.CharField(max_length=120)
    begun_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    answer = models.JSONField(null=True)
    taken_over_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "sampling_point_plan"
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=("waiting", "solving", "solved", "failed")), name="plan_state"
            ),
            models.CheckConstraint(
                condition=Q(state="solved", answer__isnull=False) | (~Q(state="solved") & Q(answer=None)),
                name="plan_answered",
            ),
        ]
        indexes = [models.Index(fields=["round", "-asked_at"], name="plan_round")]
