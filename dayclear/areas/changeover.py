"""From one pack to the next: which open areas are cancelled or lowered, which measures end with them.

`dry_run` counts what `apply` will do, from the same plan; `listed` gives the list behind a number. `apply` may be
run again after a crash: what is done is not open any more, so it is not planned again. `undo` is a new signed decision
on each area that has not changed since, by somebody who may draw it under the pack then in force.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from dayclear.areas.commands.measures import outbreak_window
from dayclear.areas.commands.proposal import publish_notice
from dayclear.areas.commands.record import (
    close_episode,
    end_area,
    end_measures,
    end_what_follows,
    hold_counties,
    keep_clock,
    open_episode,
    tell,
)
from dayclear.areas.commands.stepping import lower_level
from dayclear.areas.models import ChangeoverStep, Measure, RiskArea
from dayclear.areas.queries import areas_of, facts_of, has_outbreak, measures_of, policy_for
from dayclear.areas.rules.changing import disposition_of, keeps_measure
from dayclear.areas.rules.clearing import completed_clear_days
from dayclear.areas.rules.designation import may_decide
from dayclear.foundation.actors import Actor
from dayclear.foundation.clock import local_day
from dayclear.foundation.rules import Right
from dayclear.policy.calendar import Policy
from dayclear.policy.changeover import Effect, transitions_for

CANCELLED, LOWERED = "area.cancelled", "area.lowered"
MEASURE_ENDED, DUTY_STOPPED = "measure.ended", "duty.stopped"
RESTORED, NOT_RESTORED = "area.restored", "area.not_restored"
_ORDER = (CANCELLED, LOWERED, MEASURE_ENDED, DUTY_STOPPED)


@dataclass(frozen=True, slots=True)
class Planned:
    """One area or measure a changeover touches: the row behind a number."""

    kind: str
    name: str
    place: int
    area_id: int | None
    measure_id: int | None
    level_before: str = ""
    level_after: str = ""
    clear_days: int | None = None


def dry_run(before: Policy, after: Policy, at: datetime, *, by: Actor) -> list[Effect]:
    """What a change of pack would do to areas and measures, without doing it. Shape: one figure a kind, noughts too."""
    return _counted(_plan(before, after, at, by=by), _ORDER)


def listed(before: Policy, after: Policy, at: datetime, kind: str, *, by: Actor) -> list[Planned]:
    """The list behind a number of the dry run."""
    return [each for each in _plan(before, after, at, by=by) if each.kind == kind]


def done(after: Policy, at: datetime, *, by: Actor) -> list[ChangeoverStep]:
    """What an applied changeover did in the actor's places, whichever text the pack had then."""
    rows = ChangeoverStep.objects.filter(
        after__startswith=f"{after.pack}@", at=at, area__range=(by.area.lo, by.area.hi)
    )
    return list(rows.select_related("risk_area", "measure").order_by("kind", "id"))


def apply(before: Policy, after: Policy, at: datetime, *, by: Actor, now: datetime) -> list[Effect]:
    """Carry a change of pack out over every open area and measure; returns what this run did.

    Raises: Refused (`right_missing`).
    """
    by.require(Right.DECIDE_AREAS)
    with transaction.atomic():
        live = areas_of(by).filter(state="in_force", disease=after.disease)
        hold_counties(live.values_list("area", "disease").distinct())
        plan = _plan(before, after, at, by=by)
        for each in plan:
            _carry_out(each, before, after, at, by=by, now=now)
        for place in sorted({each.place for each in plan if each.area_id}):
            end_what_follows(place, after.disease, by=by, now=now)
    return _counted(plan, _ORDER)


def undo(before: Policy, after: Policy, at: datetime, *, by: Actor, now: datetime) -> list[Effect]:
    """Answer an applied changeover by a new decision: each area it changed stands again, if nothing changed it since.

    An area is drawn again only as the pack in force now allows: a level it does not know, or that the actor may not
    decide, is left to a person. Measures are not imposed again by themselves.
    Raises: Refused (`right_missing`).
    """
    by.require(Right.DECIDE_AREAS)
    found: Counter[str] = Counter()
    with transaction.atomic():
        steps = ChangeoverStep.objects.select_for_update().filter(
            after__startswith=f"{after.pack}@", at=at, undone_at=None, area__range=(by.area.lo, by.area.hi)
        )
        for step in list(steps.order_by("pk")):
            if step.risk_area_id is not None:
                found[_restore(step, step.risk_area_id, by=by, now=now)] += 1
            step.undone_at, step.undone_label = now, by.label
            step.save(update_fields=["undone_at", "undone_label"])
    return [Effect(RESTORED, found[RESTORED]), Effect(NOT_RESTORED, found[NOT_RESTORED], needs_human=True)]


def _plan(before: Policy, after: Policy, at: datetime, *, by: Actor) -> list[Planned]:
    return [*_areas(after, at, by), *_duties(before, after, at, by)]


def _areas(after: Policy, at: datetime, by: Actor) -> Iterable[Planned]:
    lines = transitions_for(after.rules.transition, ("area",))
    live = areas_of(by).filter(state="in_force", disease=after.disease, published_at__lte=at)
    rows = live.prefetch_related("infections", "rounds", "measures").order_by("pk")
    for area in rows if lines else ():
        days = completed_clear_days(facts_of(area), today=local_day(at))
        found = disposition_of(area.level, days, lines)
        if found is None:
            continue
        kind = CANCELLED if found.action == "cancel" else LOWERED
        yield Planned(kind, area.name, area.area, area.pk, None, area.level, found.level, days)
        for measure in area.measures.all():
            if measure.ended_at is None and not keeps_measure(
                measure.kind, measure.code, found.level, after.rules.areas
            ):
                yield Planned(MEASURE_ENDED, measure.scope, measure.area, None, measure.pk, area.level, found.level)


def _duties(before: Policy, after: Policy, at: datetime, by: Actor) -> Iterable[Planned]:
    lines = transitions_for(after.rules.transition, ("duty",))
    if not any(line.when.duty == "mass_test" and line.do.action == "stop" for line in lines):
        return
    rounds = measures_of(by).filter(kind="mass_test_round", disease=after.disease, ended_at=None, risk_area=None)
    for measure in rounds.order_by("pk"):
        if not has_outbreak(measure.area, after.disease, today=local_day(at), within=outbreak_window(before)):
            yield Planned(DUTY_STOPPED, measure.scope, measure.area, None, measure.pk)


def _counted(plan: Iterable[Planned], kinds: Sequence[str]) -> list[Effect]:
    counts = Counter(each.kind for each in plan)
    return [Effect(kind, counts[kind]) for kind in kinds]


def _carry_out(each: Planned, before: Policy, after: Policy, at: datetime, *, by: Actor, now: datetime) -> None:
    if each.area_id is not None:
        area = RiskArea.objects.select_for_update().get(pk=each.area_id)
        if each.kind == CANCELLED:
            end_area(area, cause="changeover", by=by, now=now)
        else:
            close_episode(area, cause="changeover", now=now)
            lower_level(area, each.level_after, by=by, now=now, policy=after, ground=area.ground)
        payload = {
            "level": [each.level_before, each.level_after],
            "clear_days": each.clear_days,
            "from": before.version,
        }
        tell("area_changed_over", area, payload, by=by, now=now, policy=after)
    elif each.measure_id is not None:
        # Those of an area have ended with its level; what is left are duties that stood by themselves.
        rows = Measure.objects.filter(pk=each.measure_id, ended_at=None)
        end_measures(rows, cause="changeover", by=by, now=now)
    ChangeoverStep.objects.create(
        area=each.place,
        before=before.version,
        after=after.version,
        at=at,
        kind=each.kind,
        risk_area_id=each.area_id,
        measure_id=each.measure_id,
        level_before=each.level_before,
        level_after=each.level_after,
        signed_label=by.label,
        done_at=now,
    )


def _restore(step: ChangeoverStep, area_id: int, *, by: Actor, now: datetime) -> str:
    area = RiskArea.objects.select_for_update().get(pk=area_id)
    policy = policy_for(area.area, area.disease, now)
    areas = policy.rules.areas if policy else None
    last = area.episodes.order_by("-from_at", "-pk").first()
    untouched = last is not None and step.done_at in (last.from_at, last.to_at) and last.to_at in (None, step.done_at)
    if policy is None or areas is None or step.level_before not in areas.levels or not untouched:
        return NOT_RESTORED
    if not may_decide(by.level, areas).allowed:
        return NOT_RESTORED
    if area.state == "in_force":
        close_episode(area, cause="changeover_undone", now=now)
    area.state, area.level, area.ended_at, area.end_cause = "in_force", step.level_before, None, ""
    area.decided_by, area.decided_label, area.decided_level, area.decided_at = by.user_id, by.label, by.level, now
    area.save()
    open_episode(area, step.level_before, by=by, now=now, ground=area.ground, policy=policy)
    keep_clock(area, by=by, now=now)
    publish_notice(area, policy, by=by, now=now)
    payload = {"level": [step.level_after, step.level_before]}
    tell("changeover_undone", area, payload, by=by, now=now, policy=policy)
    return RESTORED
