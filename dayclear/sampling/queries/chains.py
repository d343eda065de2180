"""Reading the chains of positive tubes, within scope: the tubes and their clocks, the members, the squads' lists."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Count, Min, Q, QuerySet

from dayclear.foundation.actors import Actor
from dayclear.foundation.areas import ancestor, county_of
from dayclear.foundation.events import Draft, record_many
from dayclear.foundation.filters import existing
from dayclear.foundation.rules import Right
from dayclear.people.models import Person
from dayclear.sampling.commands.chains.rows import INSTANTS, clock_of, facts_of, member_subject
from dayclear.sampling.models import Chain, ChainMember, Squad
from dayclear.sampling.rules.chains.burn_down import Life
from dayclear.sampling.rules.chains.legs import LAST, ChainClock, Forecast, Pace, forecast, pace_of
from dayclear.sampling.rules.chains.members import Turn, in_turn, next_step
from dayclear.sampling.rules.numbers import printed

# A board says "more than" beyond this many open chains.
MOST = 2_000
_LATELY = timedelta(days=7)
_NOT_DONE = Q(outcome="") | Q(outcome="positive", arrived_at__isnull=True) | Q(outcome="negative", told_at__isnull=True)


def chains_of(actor: Actor) -> QuerySet[Chain]:
    """The positive tubes of the actor's places. Raises: Refused (`right_missing`)."""
    actor.require(Right.SEE_SAMPLING)
    return Chain.objects.filter(area__range=(actor.area.lo, actor.area.hi)).select_related("squad")


def lives_of(chains: QuerySet[Chain], *, since: datetime) -> list[Life]:
    """The chains that were open at some time since then; an alarm that was withdrawn counts nowhere."""
    alive = chains.filter(Q(state="open") | Q(state="closed", closed_at__gte=since))
    return [Life(*row) for row in alive.values_list("alarm_at", "due_at", "closed_at")]


def chain_in_scope(actor: Actor, chain_id: int) -> Chain:
    """Raises: Refused (`right_missing`, `not_found`)."""
    return existing(chains_of(actor).filter(pk=chain_id))


def paces_of(actor: Actor, counties: Collection[int], *, now: datetime) -> Mapping[int, Pace]:
    """How long the legs take in each county at present, by its last finished chains of a week in the actor's places."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT county, alarm_at, legs_due, {", ".join(INSTANTS)} FROM (
                SELECT *, area - area %% 1000000000000 AS county,
                    row_number() OVER (PARTITION BY area - area %% 1000000000000 ORDER BY closed_at DESC, id DESC) AS n
                FROM sampling_chain
                WHERE state = 'closed' AND closed_at >= %s AND area BETWEEN %s AND %s) AS finished
            WHERE n <= %s AND county = ANY(%s) ORDER BY county, n
            """,  # noqa: S608 - names from code
            [now - _LATELY, actor.area.lo, actor.area.hi, LAST, list(counties)],
        )
        found: dict[int, list[ChainClock]] = defaultdict(list)
        for county, alarm_at, due, *instants in cursor.fetchall():
            found[county].append(ChainClock(alarm_at, tuple(due), tuple(instants), over=True))
    return {county: pace_of(found[county]) for county in counties}


@dataclass(frozen=True, slots=True)
class Standing:
    """The open chains of a place. Shape: `late` those past their limit, the oldest first; `predicted` the ids of those
    that will be; `unsaid` counts those for which nothing can be predicted."""

    open: int
    late: tuple[Chain, ...]
    predicted: frozenset[int]
    unsaid: int
    forecasts: Mapping[int, Forecast | None]


def standing_of(actor: Actor, chains: QuerySet[Chain], *, now: datetime) -> Standing:
    """Every open chain against its clock, and which of them the present pace makes late."""
    rows = list(chains.filter(state="open").order_by("due_at", "id")[:MOST])
    paces = paces_of(actor, {county_of(chain.area) for chain in rows}, now=now)
    forecasts = {chain.pk: forecast(clock_of(chain), paces[county_of(chain.area)], now=now) for chain in rows}
    late = tuple(chain for chain in rows if chain.due_at <= now)
    running = {chain.pk: forecasts[chain.pk] for chain in rows if chain.due_at > now}
    predicted = frozenset(key for key, each in running.items() if each is not None and each.late_by > timedelta())
    unsaid = sum(each is None for each in running.values())
    return Standing(len(rows), late, predicted, unsaid, forecasts)


# ---------------------------------------------------------------------------------------------- members


@dataclass(frozen=True, slots=True)
class MemberLine:
    """A member as a list shows them, with what is to be done for them next."""

    member: ChainMember
    person: Person | None
    step: str


def members_in(actor: Actor) -> QuerySet[ChainMember]:
    """The members whom the actor's places answer for. Raises: Refused (`right_missing`)."""
    actor.require(Right.SEE_MEMBERS)
    return ChainMember.objects.filter(area__range=(actor.area.lo, actor.area.hi))


def member_in_scope(actor: Actor, member_id: int) -> ChainMember:
    """Raises: Refused (`right_missing`, `not_found`)."""
    return existing(members_in(actor).filter(pk=member_id))


def to_be_done(actor: Actor) -> QuerySet[ChainMember]:
    """The members for whom something is left to be done, by whomever."""
    return members_in(actor).filter(_NOT_DONE)


def untold(actor: Actor) -> int:
    """How many are cleared and do not know it yet. Raises: Refused (`right_missing`)."""
    return members_in(actor).filter(outcome="negative", told_at=None).count()


def lines_of(members: Iterable[ChainMember]) -> list[MemberLine]:
    """Members with their persons, in the order in which to take them."""
    rows = {member.pk: member for member in members}
    people = Person.objects.in_bulk({member.person_id for member in rows.values()})
    steps = {key: next_step(facts_of(member)) for key, member in rows.items()}
    order = in_turn(Turn(key, steps[key], member.tried_at) for key, member in rows.items())
    return [MemberLine(rows[turn.id], people.get(rows[turn.id].person_id), turn.step) for turn in order]


def note_reading(actor: Actor, members: Iterable[ChainMember], *, purpose: str, now: datetime) -> None:
    """Record that somebody read who the members of a positive tube are."""
    drafts = [
        Draft("sampling.chain_member_read", member_subject(member.pk), member.area, {"purpose": purpose})
        for member in members
    ]
    record_many(drafts, by=actor, at=now)


# ---------------------------------------------------------------------------------------------- squads


@dataclass(frozen=True, slots=True)
class SquadLine:
    """A squad with what is on its list. `next_due_at`: the first clock among them."""

    squad: Squad
    people: int
    members: int
    next_due_at: datetime | None


def squads_of(actor: Actor) -> QuerySet[Squad]:
    """The squads of the actor's places. Raises: Refused (`right_missing`)."""
    actor.require(Right.SEE_SAMPLING)
    return Squad.objects.filter(area__range=(actor.area.lo, actor.area.hi), ended_at=None).order_by("area", "name")


def squad_in_scope(actor: Actor, squad_id: int) -> Squad:
    """Raises: Refused (`right_missing`, `not_found`)."""
    return existing(squads_of(actor).filter(pk=squad_id))


def squad_lines(actor: Actor) -> list[SquadLine]:
    rows = squads_of(actor).annotate(
        load=Count("members", filter=Q(members__outcome=""), distinct=True),
        first=Min("members__due_at", filter=Q(members__outcome="")),
        size=Count("people", filter=Q(people__left_at=None), distinct=True),
    )
    return [SquadLine(row, row.size, row.load, row.first) for row in rows]


def own_squads(actor: Actor) -> QuerySet[Squad]:
    """The squads the actor is in, as far as they lie in the actor's places."""
    return squads_of(actor).filter(people__user=actor.user_id, people__left_at=None)


def squads_for(actor: Actor, area: int) -> QuerySet[Squad]:
    """The squads that may take a tube of a place: those of the places above it, and of its own county."""
    above = [ancestor(area, level) for level in range(1, 8)]
    county = county_of(area)
    return squads_of(actor).filter(Q(area__in=above) | Q(area__range=(county, county + 10**12 - 1)))


# ------------------------------------------------------------------------------ for the packages above


@dataclass(frozen=True, slots=True)
class PositiveMember:
    """A member found positive, as the case that follows needs it. `number` is the label of the single swab's tube."""

    person: int
    disease: str
    number: str
    collected_at: datetime
    reported_at: datetime


def positive_member(member_id: int) -> PositiveMember | None:
    """For the packages above, which act for the installation; None unless the member is positive still."""
    member = ChainMember.objects.filter(pk=member_id, outcome="positive").first()
    if member is None or member.specimen is None or member.collected_at is None or member.reported_at is None:
        return None
    chain = Chain.objects.get(pk=member.chain_id)
    number = printed(member.specimen)
    return PositiveMember(member.person_id, chain.disease, number, member.collected_at, member.reported_at)
