"""What moves the clock of an area: infections and the decision on each, whole rounds, contacts; and going down."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta

from django.db import transaction

from dayclear.areas.commands.record import (
    ASSESSMENT,
    infection_subject,
    keep_clock,
    lock_area,
    open_episode,
    tell,
)
from dayclear.areas.models import AreaMember, InfectionInArea, RiskArea, WholeRound
from dayclear.areas.queries import policy_for
from dayclear.areas.rules.designation import may_discount
from dayclear.cases.queries import case_in_scope
from dayclear.foundation.actors import Actor
from dayclear.foundation.areas import PREFECTURE, ancestor
from dayclear.foundation.clock import local_day
from dayclear.foundation.deadlines import meet_deadline, open_deadline
from dayclear.foundation.decisions import Refused, refuse, require
from dayclear.foundation.filters import existing
from dayclear.foundation.rules import Right
from dayclear.policy.calendar import Policy

# No text says how soon experts must assess a new infection; a day keeps the clock honest (derived, not a quoted rule).
ASSESSED_WITHIN = timedelta(hours=24)


def record_infection(
    area_id: int, found_on: date, *, by: Actor, now: datetime, case_id: int | None = None
) -> int | None:
    """Note an infection found in an area. The clock runs on until somebody decides what it means (DC6).

    Returns the id of the note; None when this case is noted already.
    Raises: Refused (`area_state`, `not_found`, `anchor_in_future`).
    """
    by.require(Right.PROPOSE_AREAS)
    if case_id is not None and case_in_scope(by, case_id) is None:
        raise Refused(refuse("not_found"))
    if found_on > local_day(now):
        raise Refused(refuse("anchor_in_future", day=found_on.isoformat()))
    with transaction.atomic():
        area = lock_area(area_id, states=("in_force",))
        if case_id is not None and area.infections.filter(case=case_id).exists():
            return None
        row = InfectionInArea.objects.create(
            area=area.area, risk_area=area, case_id=case_id, found_on=found_on, recorded_at=now
        )
        policy = policy_for(area.area, area.disease, now)
        open_deadline(
            ASSESSMENT,
            infection_subject(row.pk),
            area=area.area,
            accountable=ancestor(area.area, PREFECTURE),
            opened_at=now,
            due_at=now + ASSESSED_WITHIN,
            policy=policy.version if policy else "",
        )
        tell("infection_found", area, {"on": found_on.isoformat(), "infection": row.pk}, by=by, now=now, policy=policy)
        return row.pk


def decide_infection(
    infection_id: int,
    *,
    counts: bool,
    by: Actor,
    now: datetime,
    kind: str = "",
    assessment: str = "",
    part: Collection[int] = (),
) -> int:
    """Decide whether an infection restarts the clock: for the whole area, for a `part` of its members, or not at all.

    A part that restarts becomes an area of its own, so that the rest keeps its days (DC6). Returns the id of the area
    whose clock the decision concerns.
    Shape: `part` are ids of members; `kind` one of the pack's kinds that do not count, with its assessment.
    Raises: Refused (`not_found`, `infection_decided`, `kind_not_in_pack`, `assessment_missing`, `part_is_all`).
    """
    by.require(Right.DECIDE_AREAS)
    with transaction.atomic():
        row = existing(InfectionInArea.objects.select_for_update().filter(pk=infection_id))
        area = lock_area(row.risk_area_id, states=("in_force",))
        if row.counts is not None:
            raise Refused(refuse("infection_decided", by=row.decided_label))
        policy = policy_for(area.area, area.disease, now)
        if not counts:
            require(may_discount(kind, assessment, policy.rules.areas if policy else None))
        concerned = _split(area, part, by=by, now=now, policy=policy) if counts and part else area
        row.risk_area, row.counts, row.not_counted_as = concerned, counts, "" if counts else kind
        row.assessment, row.decided_label, row.decided_at = assessment.strip()[:400], by.label, now
        row.save()
        for each in {area.pk: area, concerned.pk: concerned}.values():
            keep_clock(each, by=by, now=now)
        meet_deadline(ASSESSMENT, infection_subject(row.pk), at=now)
        payload = {
            "infection": row.pk,
            "on": row.found_on.isoformat(),
            "counts": counts,
            "kind": kind,
            "reason": row.assessment,
            "area": concerned.pk,
        }
        tell("infection_decided", area, payload, by=by, now=now, policy=policy)
        return concerned.pk


def _split(area: RiskArea, part: Collection[int], *, by: Actor, now: datetime, policy: Policy | None) -> RiskArea:
    """Cut some members out into an area of their own, at the same level and with the same days behind it."""
    members = list(area.members.all())
    chosen = [member for member in members if member.pk in set(part)]
    if not chosen or len(chosen) == len(members):
        raise Refused(refuse("part_is_all"))
    cut = RiskArea.objects.get(pk=area.pk)
    cut.pk, cut._state.adding, cut.split_from = None, True, area
    cut.step_proposed_at = None
    cut.save()
    AreaMember.objects.filter(pk__in=[member.pk for member in chosen]).update(risk_area=cut)
    for held in area.rounds.all():
        held.pk, held._state.adding, held.risk_area = None, True, cut
        held.save()
    open_episode(cut, cut.level, by=by, now=now, ground=area.ground, policy=policy)
    tell("area_split", area, {"part": cut.pk, "members": len(chosen)}, by=by, now=now, policy=policy)
    tell("area_split_off", cut, {"from": area.pk, "members": len(chosen)}, by=by, now=now, policy=policy)
    return cut


def record_round(
    area_id: int, held_on: date, *, due: int, tested: int, positive: int, by: Actor, now: datetime
) -> None:
    """Record a whole round of tests with its results. A round of the same day is corrected, its first result time kept.

    Raises: Refused (`area_state`, `anchor_in_future`, `round_counts`).
    """
    by.require(Right.PROPOSE_AREAS)
    if held_on > local_day(now):
        raise Refused(refuse("anchor_in_future", day=held_on.isoformat()))
    if min(due, tested, positive) < 0 or positive > tested:
        raise Refused(refuse("round_counts"))
    with transaction.atomic():
        area = lock_area(area_id, states=("in_force",))
        said = {"due": due, "tested": tested, "positive": positive}
        WholeRound.objects.update_or_create(
            risk_area=area,
            held_on=held_on,
            defaults={**said, "recorded_label": by.label, "result_at": now},
            create_defaults={**said, "recorded_label": by.label, "result_at": now, "area": area.area},
        )
        keep_clock(area, by=by, now=now)
        policy = policy_for(area.area, area.disease, now)
        tell("round_recorded", area, {"on": held_on.isoformat(), **said}, by=by, now=now, policy=policy)


def record_contacts(area_id: int, last_exposed_on: date, *, negative: bool, by: Actor, now: datetime) -> None:
    """Note the last exposure of the last contact who lives in an area, and whether all of them tested negative.

    Source: eighth edition, second condition for lifting.
    """
    by.require(Right.PROPOSE_AREAS)
    if last_exposed_on > local_day(now):
        raise Refused(refuse("anchor_in_future", day=last_exposed_on.isoformat()))
    with transaction.atomic():
        area = lock_area(area_id, states=("in_force",))
        area.last_contact_on, area.contacts_negative = last_exposed_on, negative
        area.save(update_fields=["last_contact_on", "contacts_negative"])
        keep_clock(area, by=by, now=now)
        payload = {"last_exposed_on": last_exposed_on.isoformat(), "negative": negative}
        tell("contacts_recorded", area, payload, by=by, now=now, policy=policy_for(area.area, area.disease, now))
