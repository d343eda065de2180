"""What every command on a chain does alike: lock a member, read the facts, bring the chain up to its members."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from dayclear.foundation.actors import Actor, system
from dayclear.foundation.areas import ancestor
from dayclear.foundation.deadlines import Opening, checks, meet_deadline, open_many
from dayclear.foundation.decisions import Refused, refuse, require
from dayclear.foundation.events import record
from dayclear.foundation.models import Deadline
from dayclear.foundation.rules import Right
from dayclear.foundation.scope import beyond_scope
from dayclear.sampling.commands.leaving_out import exclude_people, readmit_people
from dayclear.sampling.models import Chain, ChainMember
from dayclear.sampling.rules.chains.legs import LEGS, ChainClock, Progress, is_in_time, progress_of
from dayclear.sampling.rules.chains.members import MemberFacts, is_settled, may_write
from dayclear.sampling.rules.numbers import printed

COUNTY = 3
# The kinds of deadline: the whole chain, its legs, and a member whom another county answers for.
WHOLE, MEMBER = "sampling.chain", "sampling.chain_member"
LEG_KINDS = tuple(f"sampling.chain_{leg}" for leg in LEGS)
INSTANTS = ("collected_at", "delivered_at", "assayed_at", "reported_at", "transferred_at")
# Whoever releases a result or gives a member up need not be one who plans rounds.
_RECALL = system("recall")
_FACTS = tuple(MemberFacts.__slots__)


def subject_of(chain_id: int) -> str:
    """What the trail calls a chain."""
    return f"sampling.chain:{chain_id}"


def member_subject(member_id: int) -> str:
    """What the trail calls a member of a chain."""
    return f"sampling.chain_member:{member_id}"


def county_of(area: int) -> int:
    return ancestor(area, COUNTY)


def cause_of(tube: int) -> str:
    """How the exclusion from rounds names a recall."""
    return f"recall:{printed(tube)}"


def facts_of(member: ChainMember) -> MemberFacts:
    return MemberFacts(**{name: getattr(member, name) for name in _FACTS})


def clock_of(chain: Chain) -> ChainClock:
    return ChainClock(
        chain.alarm_at,
        tuple(chain.legs_due),
        tuple(getattr(chain, name) for name in INSTANTS),
        over=chain.state != "open",
    )


def lock_member(member_id: int, by: Actor) -> ChainMember:
    """A member in the actor's places, held until commit. Raises: Refused (`right_missing`, `not_found`)."""
    by.require(Right.TRACE_TUBES)
    rows = ChainMember.objects.select_for_update(of=("self",)).filter(area__range=(by.area.lo, by.area.hi))
    member = rows.filter(pk=member_id).first()
    if member is None:
        raise Refused(refuse("not_found"))
    return member


def write_step(
    member: ChainMember,
    step: str,
    changes: Mapping[str, Any],
    *,
    at: datetime,
    by: Actor,
    now: datetime,
    said: Mapping[str, Any] | None = None,
) -> None:
    """Write down a step of a member whose row is held: ask the rule, write, record, bring the chain up to it.

    Raises: Refused, as `may_write` and for an annulled chain (`chain_annulled`).
    """
    if is_annulled(member):
        raise Refused(refuse("chain_annulled"))
    require(may_write(step, facts_of(member), at=at, alarm_at=member.alarm_at, now=now))
    for name, value in changes.items():
        setattr(member, name, value)
    member.save(update_fields=list(changes))
    note(f"sampling.chain_member_{_PAST[step]}", member, {"at": at.isoformat(), **(said or {})}, by=by, now=now)
    settle([member.chain_id], by=by, now=now)


_PAST = {
    "locate": "located",
    "hold": "held",
    "resample": "resampled",
    "deliver": "delivered",
    "depart": "departed",
    "arrive": "arrived",
    "tell": "told",
    "give_up": "given_up",
}


def note(kind: str, member: ChainMember, payload: Mapping[str, Any], *, by: Actor, now: datetime) -> None:
    """Record what happened to a member, in the place that answers for the member."""
    record(kind, member_subject(member.pk), by=by, at=now, area=member.area, payload=payload)


def is_annulled(member: ChainMember) -> bool:
    with beyond_scope():
        return Chain.objects.filter(pk=member.chain_id, state="annulled").exists()


def leave_out_of_rounds(members: Sequence[ChainMember], *, now: datetime) -> None:
    """Nobody is called to a round while their recall is open; it ends by itself."""
    until = now + timedelta(hours=settings.DAYCLEAR_CHAIN["recall_lasts"])
    with beyond_scope():
        for tube, people in _by_tube(members).items():
            exclude_people(people, cause=cause_of(tube), until=until, by=_RECALL, now=now)


def let_back_into_rounds(members: Sequence[ChainMember], *, now: datetime) -> None:
    """Members whose recall is over are called to the next round like everybody."""
    with beyond_scope():
        for tube, people in _by_tube(members).items():
            readmit_people(people, cause=cause_of(tube), by=_RECALL, now=now)


def _by_tube(members: Sequence[ChainMember]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for member in members:
        found.setdefault(member.tube, []).append(member.person_id)
    return found


def settle(chain_ids: Iterable[int], *, by: Actor, now: datetime) -> None:
    """Bring chains up to their members: counts, instants, clocks, and whether they are over.

    Reaches past the actor's places: a chain has members in several.
    """
    with beyond_scope():
        rows = Chain.objects.select_for_update().filter(pk__in=set(chain_ids)).exclude(state="annulled")
        for chain in rows.order_by("pk"):
            members = list(ChainMember.objects.filter(chain=chain))
            progress = progress_of([facts_of(member) for member in members])
            was, chain.state = chain.state, "closed" if progress.over else "open"
            chain.closed_at = (chain.closed_at or now) if progress.over else None
            _write_progress(chain, members, progress)
            _keep_clocks(chain, members, progress, now)
            if chain.state != was:
                _tell_end(chain, by=by, now=now)


def _write_progress(chain: Chain, members: Sequence[ChainMember], progress: Progress) -> None:
    for name, at in zip(INSTANTS, progress.instants, strict=True):
        setattr(chain, name, at)
    chain.collected, chain.delivered, chain.assayed, chain.reported, chain.transferred = progress.done
    facts = [facts_of(member) for member in members]
    chain.members = len(members)
    chain.located = sum(each.done_at("locate") is not None for each in facts)
    chain.held = sum(each.held_at is not None for each in facts)
    chain.positive = sum(each.outcome == "positive" for each in facts)
    chain.given_up = sum(each.outcome == "given_up" for each in facts)
    chain.elsewhere = sum(county_of(member.area) != county_of(chain.area) for member in members)
    chain.save()


def _keep_clocks(chain: Chain, members: Sequence[ChainMember], progress: Progress, now: datetime) -> None:
    """Stop the clocks of what is done; a clock stopped too early (a second swab is needed) runs again."""
    ends = dict(zip(LEG_KINDS, progress.instants, strict=True))
    last = max((at for at in progress.instants if at is not None), default=now)
    wanted = {
        (subject_of(chain.pk), kind): at or (last if progress.over else None)
        for kind, at in {**ends, WHOLE: last if progress.over else None}.items()
    }
    wanted |= {
        (member_subject(member.pk), MEMBER): now if is_settled(facts_of(member)) else None
        for member in members
        if county_of(member.area) != county_of(chain.area)
    }
    running = set(
        Deadline.objects.filter(subject__in={subject for subject, _ in wanted}, met_at=None).values_list(
            "subject", "kind"
        )
    )
    for (subject, kind), at in wanted.items():
        if at is not None and (subject, kind) in running:
            meet_deadline(kind, subject, at=at)
    missing = {key for key, at in wanted.items() if at is None and key not in running}
    open_many([each for each in openings_of(chain, members) if (each.subject, each.kind) in missing])


def openings_of(chain: Chain, members: Iterable[ChainMember]) -> list[Opening]:
    """All clocks of a chain: the whole, its legs, and one for each member whom another county answers for."""
    dues = [*zip(LEG_KINDS, chain.legs_due, strict=True), (WHOLE, chain.due_at)]
    own = [
        Opening(kind, subject_of(chain.pk), chain.area, county_of(chain.area), chain.alarm_at, due, chain.policy)
        for kind, due in dues
    ]
    away = [
        Opening(
            MEMBER,
            member_subject(member.pk),
            member.area,
            county_of(member.area),
            chain.alarm_at,
            chain.due_at,
            chain.policy,
        )
        for member in members
        if county_of(member.area) != county_of(chain.area)
    ]
    return [*own, *away]


def _tell_end(chain: Chain, *, by: Actor, now: datetime) -> None:
    closed = chain.state == "closed"
    counts = {
        "members": chain.members,
        "positive": chain.positive,
        "given_up": chain.given_up,
        "in_time": is_in_time(clock_of(chain)),
    }
    record(
        "sampling.chain_closed" if closed else "sampling.chain_reopened",
        subject_of(chain.pk),
        by=by,
        at=now,
        area=chain.area,
        payload=counts if closed else {},
        policy=chain.policy,
    )


def _is_done(deadline: Deadline) -> bool:
    """Whether what a clock waits for is done, by the members as they now stand."""
    key = int(deadline.subject.partition(":")[2])
    if deadline.kind == MEMBER:
        member = ChainMember.objects.filter(pk=key).first()
        return member is None or is_settled(facts_of(member))
    chain = Chain.objects.filter(pk=key).first()
    if chain is None or chain.state != "open":
        return True
    progress = progress_of([facts_of(member) for member in ChainMember.objects.filter(chain=chain)])
    if deadline.kind == WHOLE:
        return progress.over
    return progress.over or progress.instants[LEG_KINDS.index(deadline.kind)] is not None


for _kind in (WHOLE, MEMBER, *LEG_KINDS):
    checks(_kind)(_is_done)
