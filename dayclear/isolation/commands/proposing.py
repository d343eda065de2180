"""Proposing orders. A proposal restricts nobody; an officer signs it or does not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from dayclear.cases.models import Case
from dayclear.foundation.actors import Actor
from dayclear.foundation.areas import COMMUNITY, ancestor, county_of
from dayclear.foundation.database import copy_rows, next_ids
from dayclear.foundation.deadlines import Opening, meet_many, open_many
from dayclear.foundation.decisions import Decision, Refused, refuse
from dayclear.foundation.events import Draft, canonical, record, record_many
from dayclear.foundation.retention import RetentionClass, retain_until
from dayclear.foundation.rules import Right
from dayclear.isolation.commands.rows import (
    ISOLATE,
    lapse_of,
    plain,
    policy_for,
    prohibition_of,
    subject_of,
    write_phases,
)
from dayclear.isolation.limits import bulk_most, hours
from dayclear.isolation.models import HeldList, Order
from dayclear.isolation.rules.guard import facts_of, guarded
from dayclear.isolation.rules.lists import ListFacts, may_propose_list
from dayclear.isolation.rules.plan import Exposed, Plan, day_of, plan_order, still_to_serve
from dayclear.isolation.rules.signing import is_individual
from dayclear.people.models import Person
from dayclear.people.queries import age_on, people_of
from dayclear.policy.calendar import Policy
from dayclear.policy.overreach import Books, books_of

_COLUMNS = (
    "id",
    "area",
    "person_id",
    "disease",
    "category",
    "cause",
    "rule",
    "policy",
    "evidence",
    "groups",
    "anchor",
    "anchor_on",
    "first_exposed_on",
    "known_on",
    "latest_on",
    "state",
    "proposed_at",
    "proposed_label",
    "stricter_reason",
    "stricter_mode",
    "signed_label",
    "end_cause",
    "decline_reason",
    "renews_id",
    "to_confirm",
    "retain_until",
)
_MINOR_YEARS, _ADULT_YEARS = 14, 18


@dataclass(frozen=True, slots=True)
class Proposal:
    """Why somebody may have to be put under an order.

    `evidence` has `kind`, `on` (the day of exposure) and the field that the kind needs (`rules.signing`). `known_at` is
    when the person became known, which starts the clock on acting; None: now.
    """

    person_id: int
    disease: str
    category: str
    anchor_on: date
    evidence: Mapping[str, Any]
    first_exposed_on: date | None = None
    groups: tuple[str, ...] = ()
    cause: str = ""
    known_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Proposed:
    """What became of a batch. Shape: `ids` in the order of the batch, None where refused; `refused` by position."""

    ids: tuple[int | None, ...]
    refused: Mapping[int, Decision]


@dataclass
class _Facts:
    """What a batch is judged by."""

    people: Mapping[int, Person]
    dead: set[int]
    in_force: Mapping[int, Order]
    waiting: Mapping[tuple[int, str, str, str], Order]
    policies: dict[tuple[str, int], Policy | Decision] = field(default_factory=dict)
    books: dict[tuple[str, int], Books] = field(default_factory=dict)
    plans: dict[tuple[str, str, str, Exposed, frozenset[str]], Plan | Decision] = field(default_factory=dict)


def propose_orders(proposals: Sequence[Proposal], *, by: Actor, now: datetime) -> Proposed:
    """Propose orders for a batch; each one stands or falls by itself.

    Refusals by position: `not_found`, `person_died`, `person_merged`, `evidence_missing`, `exposure_in_future`,
    `category_not_in_pack`, `pack_names_no_end`, `term_served`, `already_covered`, `already_proposed`, `no_policy`, and
    what the over-reach guard says (`rules.guard`).
    """
    by.require(Right.PROPOSE_ORDERS)
    with transaction.atomic():
        facts = _gather(by, proposals)
        refused: dict[int, Decision] = {}
        kept: list[tuple[int, Proposal, Plan, Policy]] = []
        taken: set[tuple[int, str, str, str]] = set()
        for position, proposal in enumerate(proposals):
            judged = _judge(proposal, facts, now)
            key = _key(proposal)
            if isinstance(judged, Decision):
                refused[position] = judged
            elif key in taken:
                refused[position] = refuse("already_proposed")
            else:
                taken.add(key)
                kept.append((position, proposal, *judged))
        ids: list[int | None] = [None] * len(proposals)
        new = next_ids("isolation_order_id_seq", len(kept)) if kept else []
        written = [(order_id, made, plan, policy) for order_id, (_, made, plan, policy) in zip(new, kept, strict=True)]
        accepted = _write(written, facts, by=by, now=now)
        for order_id, (position, *_) in zip(new, kept, strict=True):
            if order_id in accepted:
                ids[position] = order_id
            else:
                # Somebody else proposed the same a moment ago.
                refused[position] = refuse("already_proposed")
    return Proposed(tuple(ids), refused)


def propose_order(proposal: Proposal, *, by: Actor, now: datetime) -> int:
    """Propose one order and return its id. Raises: Refused, as `propose_orders`."""
    made = propose_orders([proposal], by=by, now=now)
    if made.ids[0] is None:
        raise Refused(made.refused[0])
    return made.ids[0]


@dataclass(frozen=True, slots=True)
class ListOutcome:
    """A list that came in: proposals, or the reasons for which it is held (`held` is its row)."""

    decision: Decision
    proposed: Proposed | None = None
    held: int | None = None


def propose_list(proposals: Sequence[Proposal], *, purpose: str, title: str, by: Actor, now: datetime) -> ListOutcome:
    """Propose orders from a list that somebody brings, if its purpose is one of an epidemic and its people were
    exposed themselves; else hold it, keep no name of it, and tell those above (R12, R13)."""
    by.require(Right.PROPOSE_ORDERS)
    with transaction.atomic():
        areas = dict(people_of(by).filter(pk__in=[each.person_id for each in proposals]).values_list("pk", "area"))
        bare = [each for each in proposals if not is_individual(each.evidence)]
        listed = Counter(ancestor(areas[each.person_id], COMMUNITY) for each in bare if each.person_id in areas)
        facts = ListFacts(
            purpose,
            len(proposals),
            len(bare),
            {place: (count, _registered(by, place)) for place, count in listed.items()},
        )
        decision = may_propose_list(facts, most=bulk_most())
        if decision.allowed:
            return ListOutcome(decision, propose_orders(proposals, by=by, now=now))
        return ListOutcome(decision, held=_hold(facts, decision, title, by=by, now=now))


def _registered(by: Actor, community: int) -> int:
    return people_of(by).filter(area__range=(community, community + 10**6 - 1)).count()


def _hold(facts: ListFacts, decision: Decision, title: str, *, by: Actor, now: datetime) -> int:
    row = HeldList.objects.create(
        area=by.area.lo,
        purpose=facts.purpose[:60],
        title=title[:200],
        people=facts.people,
        without_exposure=facts.without_exposure,
        codes=list(decision.codes),
        held_at=now,
        by_label=by.label,
    )
    record(
        "isolation.list_held",
        f"isolation.list:{row.pk}",
        by=by,
        at=now,
        area=by.area.lo,
        payload={"purpose": row.purpose, "people": facts.people, "codes": list(decision.codes)},
    )
    return row.pk


def _gather(by: Actor, proposals: Sequence[Proposal]) -> _Facts:
    wanted = sorted({each.person_id for each in proposals})
    people = {row.pk: row for row in Person.objects.filter(pk__in=wanted, area__range=(by.area.lo, by.area.hi))}
    found = Order.objects.filter(person__in=wanted)
    return _Facts(
        people=people,
        dead=set(Case.objects.filter(person__in=wanted, outcome="died").values_list("person_id", flat=True)),
        in_force={order.person_id: order for order in found.filter(state="signed")},
        waiting={
            (order.person_id, order.disease, order.category, order.cause): order
            for order in found.filter(state="proposed").select_for_update()
        },
    )


def _judge(proposal: Proposal, facts: _Facts, now: datetime) -> tuple[Plan, Policy] | Decision:
    """The plan and its pack, or why there is none."""
    person = facts.people.get(proposal.person_id)
    if person is None:
        return refuse("not_found")
    if person.merged_into_id is not None:
        return refuse("person_merged")
    if person.pk in facts.dead:
        return refuse("person_died")
    if not is_individual(proposal.evidence):
        return refuse("evidence_missing")
    today = day_of(now)
    if proposal.anchor_on > today:
        return refuse("exposure_in_future", on=proposal.anchor_on.isoformat())
    policy = _policy(proposal.disease, person.area, facts, now)
    if isinstance(policy, Decision):
        return policy
    exposed = Exposed(proposal.anchor_on, proposal.first_exposed_on, day_of(proposal.known_at or now))
    groups = (*proposal.groups, *groups_by_age(person, today))
    plan = _plan(proposal, exposed, frozenset(groups), policy, facts)
    if isinstance(plan, Decision):
        if "category_not_in_pack" in plan.codes:
            prohibition = prohibition_of(proposal.category, policy)
            return refuse("category_not_in_pack", category=proposal.category, prohibition=prohibition)
        return plan
    served = still_to_serve(plan, today)
    if not served.allowed:
        return served
    asked = facts_of(plan, proposal.evidence, cause=proposal.cause)
    passed = guarded(asked, _books(policy, person.area, facts), lapse_of(policy, now))
    if not passed.allowed:
        return passed
    return _not_yet_covered(proposal, plan, facts, now) or (plan, policy)


def _plan(
    proposal: Proposal, exposed: Exposed, groups: frozenset[str], policy: Policy, facts: _Facts
) -> Plan | Decision:
    """A batch has few different plans: whoever was exposed on one day and found on one day shares one."""
    key = (policy.version, proposal.category, proposal.cause, exposed, groups)
    if key not in facts.plans:
        facts.plans[key] = plan_order(policy.rules, proposal.category, exposed, groups=groups, cause=proposal.cause)
    return facts.plans[key]


def _not_yet_covered(proposal: Proposal, plan: Plan, facts: _Facts, now: datetime) -> Decision | None:
    under = facts.in_force.get(proposal.person_id)
    if under is not None and under.ends_at is not None and under.ends_at > now:
        assert under.ends_on is not None, "the database holds no signed order without an end"
        if plan.ends_on <= under.ends_on:
            return refuse("already_covered", order=under.pk)
    waiting = facts.waiting.get(_key(proposal))
    if waiting is not None and waiting.anchor_on >= proposal.anchor_on:
        return refuse("already_proposed")
    return None


def groups_by_age(person: Person, today: date) -> tuple[str, ...]:
    """The special groups that follow from somebody's age, by the words of every pack that counts years."""
    months = age_on(person, today)
    if months is None or months >= _ADULT_YEARS * 12:
        return ()
    return ("minors", "minors_up_to_14") if months < (_MINOR_YEARS + 1) * 12 else ("minors",)


def _policy(disease: str, area: int, facts: _Facts, now: datetime) -> Policy | Decision:
    key = (disease, county_of(area))
    if key not in facts.policies:
        try:
            facts.policies[key] = policy_for(disease, area, now)
        except Refused as none:
            facts.policies[key] = none.decision
    return facts.policies[key]


def _books(policy: Policy, area: int, facts: _Facts) -> Books:
    key = (policy.disease, county_of(area))
    if key not in facts.books:
        facts.books[key] = books_of(policy)
    return facts.books[key]


def _key(proposal: Proposal) -> tuple[int, str, str, str]:
    return proposal.person_id, proposal.disease, proposal.category, proposal.cause


def _write(kept: Sequence[tuple[int, Proposal, Plan, Policy]], facts: _Facts, *, by: Actor, now: datetime) -> set[int]:
    """Write proposals; returns the ids of those that nobody else had proposed meanwhile."""
    overtaken = [facts.waiting[_key(proposal)].pk for _, proposal, *_ in kept if _key(proposal) in facts.waiting]
    Order.objects.filter(pk__in=overtaken).update(state="declined", decline_reason="overtaken")
    meet_many(ISOLATE, [subject_of(order_id) for order_id in overtaken], at=now)
    rows = [_row(*each, facts, by, now) for each in kept]
    if copy_rows("isolation_order", _COLUMNS, rows, conflict="ON CONFLICT DO NOTHING") != len(rows):
        accepted = set(Order.objects.filter(pk__in=[row[0] for row in rows]).values_list("pk", flat=True))
        kept = [each for each in kept if each[0] in accepted]
    write_phases((order_id, facts.people[p.person_id].area, plan.phases) for order_id, p, plan, _ in kept)
    open_many([_signing_clock(*each, facts, now) for each in kept])
    record_many(
        [
            Draft(
                "isolation.order_proposed",
                subject_of(order_id),
                facts.people[proposal.person_id].area,
                {"person": proposal.person_id, "category": plan.category, "phases": plain(plan.phases)},
                {"anchor": plan.anchor, "anchor_on": plan.anchor_on.isoformat(), **proposal.evidence},
                policy.version,
            )
            for order_id, proposal, plan, policy in kept
        ],
        by=by,
        at=now,
    )
    return {order_id for order_id, *_ in kept}


def _row(
    order_id: int, proposal: Proposal, plan: Plan, policy: Policy, facts: _Facts, by: Actor, now: datetime
) -> tuple[Any, ...]:
    person = facts.people[proposal.person_id]
    under = facts.in_force.get(person.pk)
    known_on = day_of(proposal.known_at or now)
    return (
        order_id,
        person.area,
        person.pk,
        proposal.disease,
        proposal.category,
        proposal.cause,
        plan.rule,
        policy.version,
        canonical(proposal.evidence),
        canonical(sorted({*proposal.groups, *groups_by_age(person, day_of(now))})),
        plan.anchor,
        plan.anchor_on,
        proposal.first_exposed_on,
        known_on,
        plan.latest_on,
        "proposed",
        now,
        by.label,
        "",
        "",
        "",
        "",
        "",
        under.pk if under is not None else None,
        False,
        retain_until(RetentionClass.CONTACT, plan.ends_on),
    )


def _signing_clock(
    order_id: int, proposal: Proposal, plan: Plan, policy: Policy, facts: _Facts, now: datetime
) -> Opening:
    """From the moment the person was known: the pack's limit for contacts, this installation's for the others."""
    area = facts.people[proposal.person_id].area
    limit = policy.time_limit(ISOLATE)
    known = min(proposal.known_at or now, now)
    within: timedelta = limit.within if limit is not None else hours("order_due")
    return Opening(ISOLATE, subject_of(order_id), area, county_of(area), known, known + within, policy.version)
