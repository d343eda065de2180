"""Opening chains: the tube's members, their squad, their clocks, and that no round calls them meanwhile."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from django.conf import settings
from django.db import connection
from django.db.models import Count, Q

from dayclear.foundation.actors import Actor
from dayclear.foundation.areas import ancestor, county_of
from dayclear.foundation.database import next_ids
from dayclear.foundation.deadlines import open_many
from dayclear.foundation.events import Draft, record_many
from dayclear.policy.calendar import NoPolicyInForce, policy_at
from dayclear.sampling.commands.chains.rows import (
    leave_out_of_rounds,
    member_subject,
    openings_of,
    subject_of,
)
from dayclear.sampling.models import Chain, ChainMember, Round, Squad, Tube
from dayclear.sampling.rules.chains.legs import LEGS, due_instants
from dayclear.sampling.rules.chains.members import opens_chain
from dayclear.sampling.rules.chains.squads import SquadFacts, squad_for

LIMIT = "sample_to_transfer_chain"


@dataclass(frozen=True, slots=True)
class Alarm:
    """That a tube came out positive or grey, as its laboratory released it."""

    tube: int
    state: str
    laboratory: str = ""


def open_chains(alarms: Sequence[Alarm], *, by: Actor, now: datetime) -> list[int]:
    """Open a chain for each tube that has none; returns their ids. The scope is the caller's to widen.

    Tubes that are unknown, or hold no swabs of people, are passed over. Once is enough, however often it is called.
    """
    tubes = {tube.number: tube for tube in Tube.objects.filter(number__in=[alarm.tube for alarm in alarms])}
    known = set(Chain.objects.filter(tube__in=tubes).exclude(state="annulled").values_list("tube", flat=True))
    fresh = {
        alarm.tube: alarm
        for alarm in sorted(alarms, key=lambda alarm: alarm.tube)
        if alarm.tube in tubes and alarm.tube not in known and opens_chain(alarm.state, tubes[alarm.tube].kind)
    }
    if not fresh:
        return []
    chains = _new_chains(fresh.values(), tubes, now)
    members = _new_members(chains, _people_in(list(fresh)))
    chains, members = _write(chains, members)
    leave_out_of_rounds(members, now=now)
    by_chain = defaultdict(list)
    for member in members:
        by_chain[member.chain_id].append(member)
    open_many([opening for chain in chains for opening in openings_of(chain, by_chain[chain.pk])])
    record_many([draft for chain in chains for draft in _told(chain, by_chain[chain.pk])], by=by, at=now)
    return [chain.pk for chain in chains]


def _new_chains(alarms: Collection[Alarm], tubes: Mapping[int, Tube], now: datetime) -> list[Chain]:
    rounds = Round.objects.filter(pk__in={tubes[alarm.tube].round_id for alarm in alarms})
    diseases = dict(rounds.values_list("pk", "disease"))
    limit = cache(lambda county, disease: limit_at(now, county, disease))
    shares = {leg: settings.DAYCLEAR_CHAIN[leg] for leg in LEGS}
    chains = []
    for key, alarm in zip(next_ids("sampling_chain_id_seq", len(alarms)), alarms, strict=True):
        tube = tubes[alarm.tube]
        disease = diseases.get(tube.round_id, "")
        total, policy = limit(county_of(tube.area), disease)
        due = due_instants(now, total, shares)
        chains.append(
            Chain(
                id=key,
                area=tube.area,
                tube=tube.number,
                disease=disease,
                laboratory=alarm.laboratory[:120],
                alarm=alarm.state,
                alarm_at=now,
                due_at=due[-1],
                legs_due=list(due),
                policy=policy,
            )
        )
    return chains


def limit_at(instant: datetime, area: int, disease: str) -> tuple[timedelta, str]:
    """The limit of a chain, and the pack that gives it; without one the installation's own, and no pack."""
    own = timedelta(minutes=settings.DAYCLEAR_CHAIN["total"])
    try:
        policy = policy_at(instant, county_of(area), disease)
    except NoPolicyInForce:
        return own, ""
    limit = policy.time_limit(LIMIT)
    return (limit.within, policy.version) if limit is not None else (own, "")


def _people_in(tubes: Sequence[int]) -> dict[int, list[tuple[int, int]]]:
    """Who is in the tubes. Shape: tube → (person, place of the person); whoever was merged is in there as the other."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT t.number, p.id, p.area FROM sampling_tube t
            JOIN sampling_swab s ON s.tube = t.number AND s.day = t.day
            JOIN people_person p ON p.id = s.person AND p.merged_into_id IS NULL
            WHERE t.number = ANY(%s) ORDER BY 1, 2
            """,
            [list(tubes)],
        )
        found: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for tube, person, area in cursor.fetchall():
            found[tube].append((person, area))
    return found


def _new_members(chains: Sequence[Chain], people: Mapping[int, Sequence[tuple[int, int]]]) -> list[ChainMember]:
    """The members of chains, each with a squad; the chains are told how many they have."""
    squads = _Squads([chain.area for chain in chains] + [area for each in people.values() for _person, area in each])
    members = []
    for chain in chains:
        inside = people.get(chain.tube, ())
        chain.squad_id = squads.take(chain.area)
        chain.members = len(inside)
        chain.elsewhere = sum(county_of(area) != county_of(chain.area) for _person, area in inside)
        for person, area in inside:
            here = county_of(area) == county_of(chain.area)
            members.append(
                ChainMember(
                    area=area,
                    chain=chain,
                    person_id=person,
                    tube=chain.tube,
                    alarm_at=chain.alarm_at,
                    due_at=chain.due_at,
                    squad_id=squads.give(chain.squad_id) if here else squads.give(squads.take(area)),
                )
            )
    return members


def _write(chains: Sequence[Chain], members: Sequence[ChainMember]) -> tuple[list[Chain], list[ChainMember]]:
    """Write those whose tube nobody opened a moment ago; returns them."""
    Chain.objects.bulk_create(chains, ignore_conflicts=True)
    written = set(Chain.objects.filter(pk__in=[chain.pk for chain in chains]).values_list("pk", flat=True))
    mine = [member for member in members if member.chain_id in written]
    return [chain for chain in chains if chain.pk in written], ChainMember.objects.bulk_create(mine, batch_size=1000)


class _Squads:
    """The squads that may take tubes of these places, and how long their lists have grown."""

    def __init__(self, places: Iterable[int]) -> None:
        above = {ancestor(place, level) for place in set(places) for level in range(1, 8)}
        rows = Squad.objects.filter(ended_at=None, area__in=above).annotate(
            load=Count("members", filter=Q(members__outcome=""))
        )
        self._areas = {squad.pk: squad.area for squad in rows}
        self._load = {squad.pk: squad.load for squad in rows}

    def take(self, place: int) -> int | None:
        return squad_for(place, [SquadFacts(key, area, self._load[key]) for key, area in self._areas.items()])

    def give(self, squad: int | None) -> int | None:
        if squad is not None:
            self._load[squad] += 1
        return squad


def _told(chain: Chain, members: Sequence[ChainMember]) -> list[Draft]:
    """The chain's event, and one for each member handed to another county."""
    said = {
        "tube": chain.tube,
        "alarm": chain.alarm,
        "members": len(members),
        "due_at": chain.due_at.isoformat(),
        "squad": chain.squad_id,
    }
    away = [member for member in members if county_of(member.area) != county_of(chain.area)]
    return [
        Draft("sampling.chain_opened", subject_of(chain.pk), chain.area, said, policy=chain.policy),
        *(
            Draft(
                "sampling.chain_member_handed_on",
                member_subject(member.pk),
                member.area,
                {"tube": chain.tube, "due_at": chain.due_at.isoformat()},
                policy=chain.policy,
            )
            for member in away
        ),
    ]
