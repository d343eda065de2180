"""Where the points of a round go: asked, solved by the worker, taken over by a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, astuple
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from procrastinate.contrib.django import app

from dayclear.foundation.actors import Actor, system
from dayclear.foundation.decisions import Refused, refuse, require
from dayclear.foundation.events import record
from dayclear.foundation.filters import existing
from dayclear.foundation.rules import Right
from dayclear.foundation.scope import acting
from dayclear.sampling.commands.rounds import round_subject, use_points
from dayclear.sampling.models import Point, PointPlan, Round
from dayclear.sampling.queries.planning import candidates_for
from dayclear.sampling.rules.planning import Aim, Candidate, Community, Question, may_plan, plan_points
from dayclear.sampling.rules.staffing import Norms

PLAN_TASK = "dayclear.sampling.jobs.solve_point_plan"


def ask_for_plan(
    round_id: int, question: Question, communities: Sequence[Community], *, by: Actor, now: datetime
) -> int:
    """Ask where the points of a round should go, among the points of its place. Returns the id of the plan.

    Raises: Refused (`not_found`, `round_state`, and what `rules.planning.may_plan` says).
    """
    by.require(Right.RUN_SAMPLING)
    with transaction.atomic():
        row = _open_round(round_id, by)
        points = candidates_for(by, row)
        require(may_plan(communities, [_candidate(point) for point in points], question, Norms()))
        plan = PointPlan.objects.create(
            area=row.area,
            round=row,
            aim=question.aim.value,
            points=question.points,
            reach_m=question.reach_m,
            hours=question.hours,
            communities=[astuple(each) for each in communities],
            candidates=[point.pk for point in points],
            asked_at=now,
            asked_label=by.label,
        )
        payload = {"plan": plan.pk, "aim": plan.aim, "communities": len(communities), "candidates": len(points)}
        record("sampling.point_plan_asked", round_subject(row.pk), by=by, at=now, area=row.area, payload=payload)
        app.configure_task(PLAN_TASK, queue="plans", lock=f"point_plan:{plan.pk}").defer(plan_id=plan.pk)
    return plan.pk


def solve_plan(plan_id: int, *, now: datetime) -> None:
    """Solve what was asked, within the time limit. Run again after a crash, it begins anew."""
    by = system("planner")
    with acting(by):
        plan = PointPlan.objects.filter(pk=plan_id, state__in=("waiting", "solving")).first()
        if plan is None:
            return
        PointPlan.objects.filter(pk=plan_id).update(state="solving", begun_at=now)
        found = Point.objects.in_bulk(plan.candidates)
    question = Question(Aim(plan.aim), plan.points, plan.reach_m, plan.hours)
    candidates = [_candidate(found[pk]) for pk in plan.candidates]
    communities = [Community(*row) for row in plan.communities]
    limit = timedelta(minutes=settings.DAYCLEAR_SAMPLING["plan_limit"])
    try:
        answer = asdict(plan_points(communities, candidates, question, Norms(), limit=limit))
    except TimeoutError:
        answer = None
    with acting(by):
        state = "failed" if answer is None else "solved"
        changed = PointPlan.objects.filter(pk=plan_id, state="solving").update(state=state, answer=answer, done_at=now)
        if changed:
            payload = {"plan": plan_id, "state": state}
            subject = round_subject(plan.round_id)
            record("sampling.point_plan_solved", subject, by=by, at=now, area=plan.area, payload=payload)


def take_over_plan(plan_id: int, *, by: Actor, now: datetime) -> int:
    """Let the points of a plan serve its round, and no others. Returns the round's id.

    Raises: Refused (`not_found`, `point_plan_state`, `round_state`).
    """
    by.require(Right.RUN_SAMPLING)
    with transaction.atomic():
        rows = PointPlan.objects.select_for_update().filter(area__range=(by.area.lo, by.area.hi), pk=plan_id)
        plan = existing(rows)
        _open_round(plan.round_id, by)
        if plan.answer is None:
            raise Refused(refuse("point_plan_state"))
        points = [plan.candidates[point["candidate"]] for point in plan.answer["points"]]
        use_points(plan.round_id, points, by=by, now=now)
        plan.taken_over_at = now
        plan.save(update_fields=["taken_over_at"])
        payload = {"plan": plan_id, "points": points}
        subject = round_subject(plan.round_id)
        record("sampling.point_plan_taken_over", subject, by=by, at=now, area=plan.area, payload=payload)
    return plan.round_id


def _open_round(round_id: int, by: Actor) -> Round:
    row = existing(Round.objects.select_for_update().filter(area__range=(by.area.lo, by.area.hi), pk=round_id))
    if row.state not in ("planned", "open"):
        raise Refused(refuse("round_state", state=row.state))
    return row


def _candidate(point: Point) -> Candidate:
    assert point.latitude is not None, "candidates have a position"
    assert point.longitude is not None, "candidates have a position"
    return Candidate(point.code, point.name, point.latitude, point.longitude, point.lanes)
