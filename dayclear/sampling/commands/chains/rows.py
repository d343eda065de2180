"""What every command on a chain does alike: lock a member, read the facts, bring the chain up to its members."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from dayclear.foundation.actors import Actor, system
from dayclear.foundation.areas import county_of
from dayclear.foundation.deadlines import Opening, checks, meet_each, open_many
from dayclear.foundation.decisions import Refused, refuse, require
from dayclear.foundation.events import Draft, record, record_many
from dayclear.foundation.filters import existing
from dayclear.foundation.models import Deadline
from dayclear.foundation.rules import Right
from dayclear.foundation.scope import beyond_scope
from dayclear.sampling.commands.leaving_out import exclude_people, readmit_people
from dayclear.sampling.models import Chain, ChainMember
from dayclear.sampling.rules.chains.legs import LEGS, ChainClock, Progress, is_in_time, progress_of
from dayclear.sampling.rules.chains.members import MemberFacts, is_settled, may_write
from dayclear.sampling.rules.numbers import printed

# The kinds of deadline: the whole chain, its legs, a member whom another county answers for, and a cleared one who is
# to be told.
WHOLE, MEMBER, TELL = "sampling.chain", "sampling.chain_member", "sampling.chain_tell"
LEG_KINDS = tuple(f"sampling.chain_{leg}" for leg in LEGS)
INSTANTS = ("collected_at", "delivered_at", "assayed_at", "reported_at", "transferred_at")
RECALL = "recall:"
# Whoever releases a result or gives a member up need not be one who plans rounds.
_RECALL = system("recall")
_FACTS = tuple(MemberFacts.__slots__)


def subject_of(chain_id: int) -> str:
    """What the trail calls a chain."""
    return f"sampling.chain:{chain_id}"


def member_subject(member_id: int) -> str:
    """What the trail calls a member of a chain."""
    return f"sampling.chain_member:{member_id}"


def cause_of(tube: int) -> str:
    """How the exclusion from rounds names a recall."""
    return f"{RECALL}{printed(tube)}"


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
    return existing(rows.filter(pk=member_id))


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
    if members:
        with beyond_scope():
            exclude_people(_by_cause(members), until=until, by=_RECALL, now=now)


def let_back_into_rounds(members: Sequence[ChainMember], *, now: datetime) -> None:
    """Members whose recall is over are called to the next round like everybody."""
    if members:
        with beyond_scope():
            readmit_people(_by_cause(members), by=_RECALL, now=now)


def _by_cause(members: Sequence[ChainMember]) -> dict[str, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for member in members:
        found[member.tube].append(member.person_id)
    return {cause_of(tube): people for tube, people in found.items()}


def settle(chain_ids: Iterable[int], *, by: Actor, now: datetime) -> None:
    """Bring chains up to their members: counts, instants, clocks, and whether they are over.

    Reaches past the actor's places: a chain has members in several.
    """
    with beyond_scope():
        rows = Chain.objects.select_for_update().filter(pk__in=set(chain_ids)).exclude(state="annulled")
        chains = list(rows.order_by("pk"))
        people: dict[int, list[ChainMember]] = defaultdict(list)
        for member in ChainMember.objects.filter(chain__in=chains):
            people[member.chain_id].append(member)
        before = [chain.state for chain in chains]
        clocks: dict[Opening, datetime | None] = {}
        for chain in chains:
            members = people[chain.pk]
            progress = progress_of([facts_of(member) for member in members])
            _take_progress(chain, members, progress, now)
            clocks |= _clocks(chain, members, progress, now)
        Chain.objects.bulk_update(chains, _SETTLED, batch_size=100)
        # A clock that was stopped too early (a second swab is needed) runs again.
        meet_each({(each.kind, each.subject): at for each, at in clocks.items() if at is not None})
        open_many([each for each, at in clocks.items() if at is None])
        ended = [_end(chain) for chain, was in zip(chains, before, strict=True) if chain.state != was]
        record_many(ended, by=by, at=now)


_SETTLED = (
    "state",
    "closed_at",
    *INSTANTS,
    "members",
    "located",
    "held",
    "collected",
    "delivered",
    "assayed",
    "reported",
    "positive",
    "transferred",
    "given_up",
    "elsewhere",
)


def _take_progress(chain: Chain, members: Sequence[ChainMember], progress: Progress, now: datetime) -> None:
    chain.state = "closed" if progress.over else "open"
    chain.closed_at = (chain.closed_at or now) if progress.over else None
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


def _clocks(
    chain: Chain, members: Sequence[ChainMember], progress: Progress, now: datetime
) -> dict[Opening, datetime | None]:
    """Every clock of a chain, with the instant it stopped at; None while it runs."""
    last = max((at for at in progress.instants if at is not None), default=now)
    ends = {
        kind: at or (last if progress.over else None)
        for kind, at in {**dict(zip(LEG_KINDS, progress.instants, strict=True)), WHOLE: None}.items()
    }
    settled = {member_subject(member.pk): now if is_settled(facts_of(member)) else None for member in members}
    clocks = {
        clock: settled[clock.subject] if clock.kind == MEMBER else ends[clock.kind]
        for clock in openings_of(chain, members)
    }
    # Whoever is cleared is to be told; whoever is not after all, is not.
    return clocks | {
        _telling(chain, member): member.told_at if member.outcome == "negative" else now for member in members
    }


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


def _telling(chain: Chain, member: ChainMember) -> Opening:
    """The clock of telling a member that they are cleared."""
    since = member.reported_at or chain.alarm_at
    subject, county = member_subject(member.pk), county_of(member.area)
    return Opening(TELL, subject, member.area, county, since, tell_due_at(since), chain.policy)


def tell_due_at(reported_at: datetime) -> datetime:
    """When a member must have been told that they are cleared."""
    return reported_at + timedelta(minutes=settings.DAYCLEAR_CHAIN["tell"])


def _end(chain: Chain) -> Draft:
    """That a chain is over, or that it is open once more."""
    subject = subject_of(chain.pk)
    if chain.state != "closed":
        return Draft("sampling.chain_reopened", subject, chain.area, policy=chain.policy)
    counts = {
        "members": chain.members,
        "positive": chain.positive,
        "given_up": chain.given_up,
        "in_time": is_in_time(clock_of(chain)),
    }
    return Draft("sampling.chain_closed", subject, chain.area, counts, policy=chain.policy)


def _is_done(deadline: Deadline) -> bool:
    """Whether what a clock waits for is done, by the members as they now stand."""
    key = int(deadline.subject.partition(":")[2])
    if deadline.kind in (MEMBER, TELL):
        member = ChainMember.objects.filter(pk=key).first()
        if member is None or deadline.kind == MEMBER:
            return member is None or is_settled(facts_of(member))
        return member.outcome != "negative" or member.told_at is not None
    chain = Chain.objects.filter(pk=key).first()
    if chain is None or chain.state != "open":
        return True
    progress = progress_of([facts_of(member) for member in ChainMember.objects.filter(chain=chain)])
    if deadline.kind == WHOLE:
        return progress.over
    return progress.over or progress.instants[LEG_KINDS.index(deadline.kind)] is not None


for _kind in (WHOLE, MEMBER, TELL, *LEG_KINDS):
    checks(_kind)(_is_done)
