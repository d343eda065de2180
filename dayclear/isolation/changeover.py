"""From one pack to the next, for every open order: what would happen, doing it, answering it.

`dry_run` and `apply` ask the same query (`disposition`). `apply` goes in batches, each with its events in one
transaction, and goes on where a crash left it. `undo` is another decision under the rules then in force: it proposes
anew and restricts nobody.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, QuerySet

from dayclear.foundation.actors import Actor
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.events import record
from dayclear.foundation.rules import Right
from dayclear.foundation.scope import acting
from dayclear.isolation.commands.converting import convert_batch
from dayclear.isolation.commands.proposing import Proposal, propose_orders
from dayclear.isolation.commands.rows import policy_for
from dayclear.isolation.disposition import dispositions
from dayclear.isolation.models import Changeover, ChangeoverStep
from dayclear.isolation.rules.modes import AT_A_SITE
from dayclear.isolation.rules.plan import day_of
from dayclear.policy.calendar import Policy, policy_at_or_none
from dayclear.policy.changeover import Effect

KINDS = {
    "release": "order.released",
    "convert": "order.converted",
    "change_mode": "order.mode_changed",
    "shorten": "order.shortened",
}
ROOMS, TESTS, PROPOSED = "room.freed", "test.no_longer_due", "order.proposed_anew"
BATCH = 25_000


@dataclass(frozen=True, slots=True)
class Planned:
    """One order a changeover touches: the row behind a number."""

    order_id: int
    area: int
    category: str
    action: str
    mode_before: str
    mode_after: str
    ends_on_before: date
    ends_on_after: date
    rule: str
    needs_human: bool


@dataclass(frozen=True, slots=True)
class DryRun:
    """What a changeover would do. Shape: `rooms` is the number of places at sites freed, by day, ascending."""

    effects: tuple[Effect, ...]
    rooms: tuple[tuple[date, int], ...]


def dry_run(before: Policy, after: Policy, at: datetime, *, by: Actor) -> list[Effect]:
    """The figures of a changeover, without doing it. Shape: one figure a kind, noughts too."""
    return list(rehearse(before, after, at, by=by).effects)


def rehearse(before: Policy, after: Policy, at: datetime, *, by: Actor) -> DryRun:
    """As `dry_run`, with the rooms that become free. Reads only. Raises: Refused (`right_missing`)."""
    by.require(Right.SEE_ORDERS)
    on = day_of(at)
    query = dispositions(after, at, on, where=_inside(by))
    with transaction.atomic(), connection.cursor() as cursor:
        # Whole tables meet here: hashed in memory, never one row at a time, whatever the planner expects.
        cursor.execute("SET LOCAL work_mem = '256MB'; SET LOCAL enable_nestloop = off")
        cursor.execute(
            "CREATE TEMPORARY TABLE rehearsal ON COMMIT DROP AS "  # noqa: S608 - composed of quoted codes
            f"SELECT id, phase, action, needs_human, mode, mode_after, ends_on_after FROM ({query}) AS d "
            "WHERE action <> 'keep'"
        )
        cursor.execute("SELECT action, needs_human, count(*) FROM rehearsal GROUP BY 1, 2")
        counted: Counter[tuple[str, bool]] = Counter()
        for action, human, count in cursor.fetchall():
            counted[action, human] = count
        cursor.execute(_ROOMS, {"sites": list(AT_A_SITE), "on": on})
        rooms = tuple((day, count) for day, count in cursor.fetchall())
        cursor.execute(_TESTS, {"on": on})
        tests = cursor.fetchone()[0]
        cursor.execute("DROP TABLE rehearsal; SET LOCAL work_mem = DEFAULT; SET LOCAL enable_nestloop = DEFAULT")
    effects = [
        Effect(kind, counted[action, human], human)
        for action, kind in KINDS.items()
        for human in (False, True)
        if not human or counted[action, True]
    ]
    effects += [Effect(ROOMS, sum(count for _, count in rooms)), Effect(TESTS, tests)]
    return DryRun(tuple(effects), rooms)


# A place at a site is free from the day after somebody leaves it: today for those who go at once.
_ROOMS = """
SELECT CASE WHEN r.action = 'release' OR NOT (r.mode_after = ANY(%(sites)s)) THEN %(on)s::date
            ELSE least(p.ends_on, r.ends_on_after) + 1 END AS free_on, count(*)
FROM rehearsal r JOIN isolation_phase p ON p.order_id = r.id AND p.number = r.phase
WHERE r.action <> 'keep' AND r.mode = ANY(%(sites)s)
GROUP BY 1 ORDER BY 1
"""
_TESTS = """
SELECT coalesce(sum((SELECT count(*) FROM unnest(p.tests_on) AS due
    WHERE due > CASE WHEN r.action = 'release' THEN %(on)s::date - 1 ELSE r.ends_on_after END)), 0)::bigint
FROM rehearsal r JOIN isolation_phase p ON p.order_id = r.id
WHERE r.action <> 'keep' AND p.ends_on >= %(on)s AND p.tests_on <> '{}'
"""


def listed(
    before: Policy, after: Policy, at: datetime, kind: str, *, by: Actor, after_id: int = 0, limit: int = 50
) -> list[Planned]:
    """The list behind a number of the dry run, by order, from `after_id` on. Raises: Refused (`right_missing`)."""
    by.require(Right.SEE_ORDERS)
    action = next(name for name, known in KINDS.items() if known == kind)
    query = dispositions(after, at, day_of(at), where=f"{_inside(by)} AND o.id > {int(after_id)}")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, area, category, action, mode, mode_after, ends_on, ends_on_after, rule, needs_human "  # noqa: S608 - composed of quoted codes
            f"FROM ({query}) AS d WHERE action = %s ORDER BY id LIMIT %s",
            [action, limit],
        )
        return [Planned(*row) for row in cursor.fetchall()]


def apply(before: Policy, after: Policy, at: datetime, *, by: Actor, now: datetime, batch: int = BATCH) -> list[Effect]:
    """Carry a change of pack out over every open order in the actor's places; returns what it did in all.

    One signed act, many transactions: call it outside of one. Run again after a crash, it goes on where it stood; run
    again after its end, it does nothing and says the same. Raises: Refused (`right_missing`, `pack_not_in_force`).
    """
    by.require(Right.SIGN_ORDERS)
    with acting(by):
        change = begin(before, after, at, by=by, now=now)
    while change.done_at is None:
        with acting(by):
            change = Changeover.objects.select_for_update().get(pk=change.pk)
            if change.done_at is None and not convert_batch(change, after, _inside(by), batch, by=by, now=now):
                _finish(change, by=by, now=now)
    with acting(by):
        return effects_of(change)


def effects_of(change: Changeover) -> list[Effect]:
    """What a changeover did. Shape: one figure a kind, noughts too."""
    rows = ChangeoverStep.objects.filter(changeover=change).values_list("action", "needs_human").annotate(n=Count("pk"))
    counted = {(action, human): count for action, human, count in rows}
    return [
        Effect(kind, counted.get((action, human), 0), human)
        for action, kind in KINDS.items()
        for human in (False, True)
        if not human or (action, True) in counted
    ]


def steps_of(actor: Actor, change: Changeover, action: str = "") -> QuerySet[ChangeoverStep]:
    """The list behind the numbers of a changeover that was carried out."""
    actor.require(Right.SEE_ORDERS)
    rows = ChangeoverStep.objects.filter(changeover=change, area__range=(actor.area.lo, actor.area.hi))
    return (rows.filter(action=action) if action else rows).select_related("order").order_by("id")


def undo(before: Policy, after: Policy, at: datetime, *, by: Actor, now: datetime, batch: int = 5_000) -> list[Effect]:
    """Answer a changeover by another signed decision: whoever the rules now in force would still hold is proposed anew.

    Nobody is restricted by it: each proposal waits for an officer (R06, R10). It brings back who is held under the
    earlier rules where those rule again; while the new ones rule it brings back nobody.
    Raises: Refused (`right_missing`, `changeover_unknown`, `changeover_not_done`, `changeover_undone`, `no_policy`).
    """
    by.require(Right.SIGN_ORDERS)
    with acting(by):
        # By the pack's name: its text may have been corrected since, which is one reason for answering.
        change = Changeover.objects.filter(
            area=by.area.lo, after__startswith=f"{after.pack}@", at=at, undoes=None
        ).first()
        change = may_undo(change)
        ruling = policy_for(after.disease, by.area.lo, now)
        answer = Changeover.objects.create(
            area=by.area.lo,
            disease=after.disease,
            before=change.after,
            after=ruling.version,
            at=now,
            signed_by=by.user_id,
            signed_label=by.label,
            started_at=now,
            undoes=change,
        )
        proposed = _propose_anew(change, by=by, now=now, batch=batch)
        answer.done_at, answer.counts = now, {PROPOSED: proposed}
        answer.save(update_fields=["done_at", "counts"])
        record(
            "isolation.changeover_answered",
            f"isolation.changeover:{change.pk}",
            by=by,
            at=now,
            area=by.area.lo,
            payload={"answer": answer.pk, "proposed": proposed},
            policy=ruling.version,
        )
    return [Effect(PROPOSED, proposed, needs_human=True)]


def begin(before: Policy, after: Policy, at: datetime, *, by: Actor, now: datetime) -> Changeover:
    """Sign a changeover; signed already, it is the same one. Nothing is carried out yet.

    Raises: Refused (`right_missing`, `pack_not_in_force`).
    """
    by.require(Right.SIGN_ORDERS)
    in_force = policy_at_or_none(at, by.area.lo, after.disease)
    if in_force is None or in_force.version != after.version or at > now:
        raise Refused(refuse("pack_not_in_force", pack=after.pack))
    change, fresh = Changeover.objects.get_or_create(
        area=by.area.lo,
        after=after.version,
        at=at,
        undoes=None,
        defaults={
            "disease": after.disease,
            "before": before.version,
            "signed_by": by.user_id,
            "signed_label": by.label,
            "started_at": now,
        },
    )
    if fresh:
        record(
            "isolation.changeover_started",
            f"isolation.changeover:{change.pk}",
            by=by,
            at=now,
            area=by.area.lo,
            payload={"before": before.version, "after": after.version, "at": at.isoformat()},
            policy=after.version,
        )
    return change


def _finish(change: Changeover, *, by: Actor, now: datetime) -> None:
    counts = {effect.kind: effect.count for effect in effects_of(change)}
    change.done_at, change.counts = now, counts
    change.save(update_fields=["done_at", "counts"])
    record(
        "isolation.changeover_done",
        f"isolation.changeover:{change.pk}",
        by=by,
        at=now,
        area=change.area,
        payload=counts,
        policy=change.after,
    )


def may_undo(change: Changeover | None) -> Changeover:
    """A changeover that may be answered. Raises: Refused (`changeover_unknown`, `changeover_not_done`,
    `changeover_undone`)."""
    if change is None:
        raise Refused(refuse("changeover_unknown"))
    if change.done_at is None:
        raise Refused(refuse("changeover_not_done"))
    if Changeover.objects.filter(undoes=change).exists():
        raise Refused(refuse("changeover_undone"))
    return change


def _propose_anew(change: Changeover, *, by: Actor, now: datetime, batch: int) -> int:
    proposed, reached = 0, 0
    while True:
        steps = list(
            ChangeoverStep.objects.filter(changeover=change, pk__gt=reached)
            .select_related("order")
            .order_by("pk")[:batch]
        )
        if not steps:
            return proposed
        made = propose_orders([_again(step) for step in steps], by=by, now=now)
        proposed += sum(order_id is not None for order_id in made.ids)
        reached = steps[-1].pk


def _again(step: ChangeoverStep) -> Proposal:
    order = step.order
    evidence: dict[str, Any] = order.evidence
    return Proposal(
        order.person_id,
        order.disease,
        order.category,
        order.anchor_on,
        evidence,
        order.first_exposed_on,
        tuple(order.groups),
        order.cause,
        known_at=order.signed_at,
    )


def _inside(by: Actor) -> str:
    return "" if by.everywhere else f" AND o.area BETWEEN {by.area.lo} AND {by.area.hi}"
