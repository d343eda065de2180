"""What every command on an area does alike: lock it, name it in the trail, keep its clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from dayclear.areas.models import AreaEpisode, InfectionInArea, Measure, RiskArea
from dayclear.areas.queries import outlook_of, policy_for
from dayclear.areas.rules.clearing import Outlook, follows_the_others
from dayclear.foundation.actors import Actor
from dayclear.foundation.areas import PREFECTURE, ancestor, area_of, county_of
from dayclear.foundation.database import hold_key
from dayclear.foundation.deadlines import Opening, keep_deadline, meet_deadline, meet_many
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.events import Draft, record, record_many, require_unchanged
from dayclear.foundation.filters import existing
from dayclear.foundation.scope import beyond_scope
from dayclear.policy.calendar import Policy

STEP = "areas.step_down"
ASSESSMENT = "areas.assessment"
REVIEW = "areas.measure_review"


def subject_of(area_id: int) -> str:
    """What the trail calls an area."""
    return f"areas.area:{area_id}"


def measure_subject(measure_id: int) -> str:
    """What the trail calls a measure."""
    return f"areas.measure:{measure_id}"


def infection_subject(infection_id: int) -> str:
    """What the clock calls an infection that waits for its decision."""
    return f"areas.infection:{infection_id}"


def hold_counties(places: Iterable[tuple[int, str]]) -> None:
    """Hold the counties of places with a disease until commit, before any row: the low-risk areas of a county end with
    its last higher one, so that whoever ends one may come to hold them all.

    Shape: `places` are pairs of a place and a disease.
    """
    for county, disease in sorted({(county_of(place), disease) for place, disease in places}):
        hold_key(f"areas.county:{county}:{disease}")


def lock_area(
    area_id: int, *, states: tuple[str, ...], seen: int | None = None, whole_county: bool = False
) -> RiskArea:
    """Hold an area until commit, unchanged since it was `seen`; first its `whole_county` where it may end.

    Raises: Refused (`not_found`, `changed_meanwhile`, `area_state`).
    """
    if whole_county:
        hold_counties(RiskArea.objects.filter(pk=area_id).values_list("area", "disease"))
    area = existing(RiskArea.objects.select_for_update().filter(pk=area_id))
    require_unchanged(subject_of(area_id), seen)
    if area.state not in states:
        raise Refused(refuse("area_state", state=area.state))
    return area


def tell(
    kind: str, area: RiskArea, payload: Mapping[str, Any], *, by: Actor, now: datetime, policy: Policy | None
) -> None:
    """Record an event of an area, with the facts its clock stood on."""
    record(
        f"areas.{kind}",
        subject_of(area.pk),
        by=by,
        at=now,
        area=area.area,
        payload=payload,
        facts={"day_0": area.anchored_on.isoformat(), "level": area.level},
        policy=policy.version if policy else area.policy,
    )


def keep_clock(area: RiskArea, *, by: Actor, now: datetime) -> Outlook | None:
    """Work out when the area may go down, note it on the row, and move the deadline with it."""
    policy = policy_for(area.area, area.disease, now)
    view = outlook_of(area, policy)
    area.earliest_at = view.earliest_at if view and not view.basis_gone else None
    area.eligible_at = view.eligible_at if view else None
    area.step_to = view.to if view else ""
    if area.eligible_at is None or area.eligible_at > now:
        # A restarted clock takes back what was proposed before.
        area.step_proposed_at = None
    area.save(update_fields=["earliest_at", "eligible_at", "step_to", "step_proposed_at"])
    _keep_deadline(area, now=now, policy=policy)
    return view


def _keep_deadline(area: RiskArea, *, now: datetime, policy: Policy | None) -> None:
    subject = subject_of(area.pk)
    due = area.earliest_at if area.state == "in_force" else None
    if due is None:
        meet_deadline(STEP, subject, at=now)
        return
    keep_deadline(
        Opening(
            STEP,
            subject,
            area=area.area,
            accountable=ancestor(area.area, PREFECTURE),
            opened_at=min(now, due),
            due_at=due,
            policy=policy.version if policy else "",
        )
    )


def open_episode(
    area: RiskArea, level: str, *, by: Actor, now: datetime, ground: str, policy: Policy | None
) -> AreaEpisode:
    """Begin a time at a level; the database allows one at a time."""
    return AreaEpisode.objects.create(
        area=area.area,
        risk_area=area,
        level=level,
        from_at=now,
        decided_label=by.label,
        decided_level=by.level,
        ground=ground[:1000],
        policy=policy.version if policy else "",
    )


def close_episode(area: RiskArea, *, cause: str, now: datetime) -> int:
    """End the running time at a level; returns how many minutes it outlasted the pack's conditions."""
    over = 0
    if area.eligible_at is not None and area.eligible_at < now:
        over = int((now - area.eligible_at).total_seconds() // 60)
    AreaEpisode.objects.filter(risk_area=area, to_at=None).update(to_at=now, end_cause=cause, over_minutes=over)
    return over


def end_area(area: RiskArea, *, cause: str, by: Actor, now: datetime) -> int:
    """End an area and every measure that rests on it; returns the minutes over eligibility."""
    over = close_episode(area, cause=cause, now=now)
    RiskArea.objects.filter(pk=area.pk).update(
        state="ended", level="", ended_at=now, end_cause=cause, eligible_at=None, earliest_at=None, step_to=""
    )
    meet_deadline(STEP, subject_of(area.pk), at=now)
    undecided = InfectionInArea.objects.filter(risk_area=area, counts=None).values_list("pk", flat=True)
    meet_many(ASSESSMENT, [infection_subject(each) for each in undecided], at=now)
    end_measures(Measure.objects.filter(risk_area=area, ended_at=None), cause=cause, by=by, now=now)
    area.refresh_from_db()
    return over


def end_measures(rows: Any, *, cause: str, by: Actor, now: datetime) -> int:
    """End measures, one event each, and what is owed for them: nobody reviews what is over. Returns how many."""
    found = list(rows.select_for_update().order_by("pk"))
    Measure.objects.filter(pk__in=[row.pk for row in found]).update(ended_at=now, end_cause=cause)
    meet_many(REVIEW, [measure_subject(row.pk) for row in found], at=now)
    record_many(
        [
            Draft(
                "areas.measure_ended",
                measure_subject(row.pk),
                row.area,
                {"cause": cause, "ends_at": row.ends_at.isoformat()},
                policy=row.policy,
            )
            for row in found
        ],
        by=by,
        at=now,
    )
    return len(found)


def end_what_follows(place: int, disease: str, *, by: Actor, now: datetime) -> int:
    """End the low-risk areas of a place's county whose higher ones are all lifted; returns how many.

    Low risk exists only beside a higher level (C95): nobody need sign that it ends. Whoever calls holds the county
    (`hold_counties`).
    """
    county = area_of(county_of(place))
    policy = policy_for(county.lo, disease, now)
    areas = policy.rules.areas if policy else None
    # Whoever lifts the last area of a township may not see the others of the county; the county is what counts.
    with beyond_scope():
        live = list(
            RiskArea.objects.select_for_update()
            .filter(area__range=(county.lo, county.hi), disease=disease, state="in_force")
            .order_by("pk")
        )
        if any(not follows_the_others(areas, area.level) for area in live):
            return 0
        for area in live:
            end_area(area, cause="all_higher_lifted", by=by, now=now)
            tell("area_ended", area, {"cause": "all_higher_lifted"}, by=by, now=now, policy=policy)
    return len(live)
