"""Going down a level: proposed by the clock the moment both conditions hold, signed by a person."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from dayclear.areas.commands.proposal import publish_notice
from dayclear.areas.commands.record import (
    close_episode,
    end_area,
    end_measures,
    end_what_follows,
    keep_clock,
    lock_area,
    open_episode,
    subject_of,
    tell,
)
from dayclear.areas.models import Measure, RiskArea
from dayclear.areas.queries import outlook_of, policy_for
from dayclear.areas.rules.clearing import ENDED, Outlook, step_of
from dayclear.areas.rules.designation import may_step_down
from dayclear.foundation.actors import Actor
from dayclear.foundation.clock import local_day
from dayclear.foundation.decisions import require
from dayclear.foundation.events import Draft, record_many
from dayclear.foundation.rules import Right
from dayclear.foundation.scope import acting
from dayclear.policy.calendar import Policy

_BATCH = 200


def propose_steps(*, by: Actor, now: datetime) -> int:
    """Propose to go down a level wherever both conditions have come to hold; returns how many. Played twice, once done.

    From this moment each minute until somebody signs is time over eligibility.
    """
    with transaction.atomic():
        due = list(
            RiskArea.objects.select_for_update(skip_locked=True)
            .filter(state="in_force", eligible_at__lte=now, step_proposed_at=None)
            .order_by("eligible_at")[:500]
        )
        RiskArea.objects.filter(pk__in=[area.pk for area in due]).update(step_proposed_at=now)
        record_many(
            [
                Draft(
                    "areas.step_proposed",
                    subject_of(area.pk),
                    area.area,
                    {
                        "level": [area.level, area.step_to],
                        "eligible_at": area.eligible_at.isoformat() if area.eligible_at else "",
                    },
                    policy=area.policy,
                )
                for area in due
            ],
            by=by,
            at=now,
        )
        return len(due)


def step_down(area_id: int, *, by: Actor, now: datetime, seen: int | None = None) -> int:
    """Sign that an area goes down a level, or ends; returns the minutes it was held over eligibility.

    Raises: Refused (`area_state`, `changed_meanwhile`, and what `rules.designation.may_step_down` says).
    """
    by.require(Right.DECIDE_AREAS)
    with transaction.atomic():
        area = lock_area(area_id, states=("in_force",), seen=seen, whole_county=True)
        policy = policy_for(area.area, area.disease, now)
        areas = policy.rules.areas if policy else None
        view = outlook_of(area, policy)
        step = step_of(areas, area.level, came_down=area.stepped_on is not None)
        require(
            may_step_down(
                view,
                undecided=area.infections.filter(counts=None).count(),
                round_within=step.round_within if step else None,
                today=local_day(now),
                now=now,
            )
        )
        before = area.level
        if view is None or view.to == ENDED or areas is None or view.to not in areas.levels:
            gone = view is not None and view.basis_gone
            over = end_area(area, cause="basis_gone" if gone else "conditions_met", by=by, now=now)
        else:
            over = _go_down(area, view, by=by, now=now, policy=policy)
        payload = {"level": [before, area.level], "over_minutes": over}
        tell("area_stepped_down", area, payload, by=by, now=now, policy=policy)
        end_what_follows(area.area, area.disease, by=by, now=now)
        return over


def _go_down(area: RiskArea, view: Outlook, *, by: Actor, now: datetime, policy: Policy | None) -> int:
    over = close_episode(area, cause="conditions_met", now=now)
    # The next level's days begin on the day the conditions were met, however late this signature comes.
    area.stepped_on = max(view.last_on, view.round_on) if view.round_on else view.last_on
    lower_level(area, view.to, by=by, now=now, policy=policy, ground=area.ground)
    return over


def lower_level(area: RiskArea, level: str, *, by: Actor, now: datetime, policy: Policy | None, ground: str) -> None:
    """Put a lower level in force: measures the new level does not know end with the old one."""
    area.level, area.step_proposed_at = level, None
    area.save(update_fields=["level", "step_proposed_at", "stepped_on"])
    open_episode(area, level, by=by, now=now, ground=ground, policy=policy)
    areas = policy.rules.areas if policy else None
    kept = areas.levels[level].measures if areas and level in areas.levels else ()
    gone = Measure.objects.filter(risk_area=area, ended_at=None).exclude(kind="area_measure", code__in=kept)
    end_measures(gone, cause="level_lowered", by=by, now=now)
    keep_clock(area, by=by, now=now)
    if policy is not None:
        publish_notice(area, policy, by=by, now=now)


def refresh_clocks(*, by: Actor, now: datetime) -> int:
    """Work out the outlook of every area in force anew, under the pack in force now; returns how many moved.

    In small transactions, and past the areas that somebody is at work on: whoever changes one works it out as well.
    """
    moved, reached = 0, 0
    while True:
        with acting(by):
            live = RiskArea.objects.filter(state="in_force", pk__gt=reached).order_by("pk")
            batch = list(live.values_list("pk", flat=True)[:_BATCH])
            if not batch:
                return moved
            rows = RiskArea.objects.select_for_update(skip_locked=True).filter(pk__in=batch, state="in_force")
            for area in rows.prefetch_related("infections", "rounds").order_by("pk"):
                before = (area.earliest_at, area.eligible_at, area.step_to)
                keep_clock(area, by=by, now=now)
                moved += before != (area.earliest_at, area.eligible_at, area.step_to)
            reached = batch[-1]
