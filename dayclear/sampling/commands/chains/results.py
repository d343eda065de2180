"""What a released result does: it opens a chain, answers a member, or withdraws an alarm."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from typing import Any

from django.db import connection, transaction
from django.db.models import Q

from dayclear.foundation.actors import Actor
from dayclear.foundation.deadlines import meet_deadline
from dayclear.foundation.events import Draft, record, record_many
from dayclear.foundation.scope import beyond_scope
from dayclear.sampling.commands.chains.items import open_item_alarms, withdraw_item_alarms
from dayclear.sampling.commands.chains.opening import Alarm, open_chains
from dayclear.sampling.commands.chains.rows import (
    LEG_KINDS,
    MEMBER,
    TELL,
    WHOLE,
    leave_out_of_rounds,
    let_back_into_rounds,
    member_subject,
    settle,
    subject_of,
)
from dayclear.sampling.models import Chain, ChainMember, Resample, Tube
from dayclear.sampling.models.chains import ALARMS
from dayclear.sampling.rules.chains.members import after_result

POSITIVE, CLEARED = "sampling.chain_member_positive", "sampling.chain_members_cleared"


@dataclass(frozen=True, slots=True)
class TubeResult:
    """The result of a tube as its laboratory releases or corrects it.

    `state`: positive, negative, single_target, invalid or plate_rejected. `corrected`: signed in place of another.
    """

    tube: int
    state: str
    received_at: datetime | None = None
    assayed_at: datetime | None = None
    laboratory: str = ""
    corrected: bool = False


@dataclass(frozen=True, slots=True)
class Followed:
    """What came of released results: the chains opened, the members answered, the chains annulled."""

    opened: list[int]
    reported: list[int]
    annulled: list[int]


def single_swabs_among(tubes: Collection[int]) -> frozenset[int]:
    """Which tubes are single swabs of members, wherever they were taken."""
    with beyond_scope(), connection.cursor() as cursor:
        # One array: half a million parameters are more than a statement takes.
        cursor.execute("SELECT tube FROM sampling_resample WHERE tube = ANY(%s)", [list(tubes)])
        return frozenset(tube for (tube,) in cursor.fetchall())


def follow_results(results: Sequence[TubeResult], *, by: Actor, now: datetime) -> Followed:
    """Take up released results, of one tube or of a plate, in the transaction that releases them. `now`: the alarm.

    A tube that is a member's single swab answers the member; any other that is positive or grey opens its chain, or
    raises its alarm where goods or a surface were wiped. An
    alarm is withdrawn by a correction only: a grey tube examined again and negative leaves it to the single swabs.
    The same results again change nothing.
    Reaches past the actor's places: a laboratory receives tubes of many counties.
    """
    with transaction.atomic(), beyond_scope():
        singles = dict(
            Resample.objects.filter(tube__in=[result.tube for result in results]).values_list("tube", "member_id")
        )
        reported = _answer([result for result in results if result.tube in singles], singles, by=by, now=now)
        pools = [result for result in results if result.tube not in singles]
        wrong = [result.tube for result in pools if result.corrected and result.state == "negative"]
        annulled = _withdraw(wrong, by=by, now=now) if wrong else []
        alarms = [Alarm(result.tube, result.state, result.laboratory) for result in pools if result.state in ALARMS]
        opened = open_chains(alarms, by=by, now=now) if alarms else []
        if wrong:
            withdraw_item_alarms(wrong, by=by, now=now)
        if alarms:
            open_item_alarms(alarms, by=by, now=now)
    return Followed(opened, reported, annulled)


def _answer(results: Sequence[TubeResult], members: dict[int, int], *, by: Actor, now: datetime) -> list[int]:
    """Answer members by their single swabs; returns those whose outcome changed."""
    if not results:
        return []
    ids = {members[result.tube] for result in results}
    held = {row.pk: row for row in ChainMember.objects.select_for_update().filter(pk__in=ids).order_by("pk")}
    chains = {member.chain_id for member in held.values()}
    areas = dict(Chain.objects.select_for_update().filter(pk__in=chains).order_by("pk").values_list("pk", "area"))
    answers = _Answers(held, [result.tube for result in results], now)
    for result in results:
        answers.take_in(result, held[members[result.tube]])
    answers.write()
    cleared = [member for member in answers.changed if member.outcome == "negative"]
    leave_out_of_rounds(answers.recalled, now=now)
    let_back_into_rounds(cleared, now=now)
    cleared_in: dict[int, list[int]] = defaultdict(list)
    for member in cleared:
        cleared_in[member.chain_id].append(member.pk)
    told = [
        Draft(CLEARED, subject_of(chain), areas[chain], {"members": sorted(people)})
        for chain, people in sorted(cleared_in.items())
    ]
    record_many([*answers.told, *told], by=by, at=now)
    settle(chains, by=by, now=now)
    return [member.pk for member in answers.changed]


class _Answers:
    """What single swabs come to for members whose rows are held."""

    def __init__(self, held: Mapping[int, ChainMember], tubes: Collection[int], now: datetime) -> None:
        self._now = now
        self._touched: dict[int, ChainMember] = {}
        self._singles = {row.tube: row for row in Resample.objects.filter(member__in=held)}
        self._of_member: dict[int, list[Resample]] = defaultdict(list)
        for row in self._singles.values():
            self._of_member[row.member_id].append(row)
        self._closed = dict(Tube.objects.filter(pk__in=tubes).values_list("pk", "closed_at"))
        self._answered: list[Resample] = []
        self.changed: list[ChainMember] = []
        self.recalled: list[ChainMember] = []
        self.told: list[Draft] = []

    def take_in(self, result: TubeResult, member: ChainMember) -> None:
        """Take up what a single swab came to. The same result again changes nothing."""
        single = self._singles[result.tube]
        if single.result == result.state:
            return
        before, single.result, single.reported_at = single.result, result.state, self._now
        self._answered.append(single)
        means = after_result(result.state, earlier=self._earlier(single))
        # An older swab settles nothing but that somebody is positive, unless it lacked a control and nobody took
        # another.
        counts = member.specimen == result.tube or (member.specimen is None and before == "invalid")
        if not counts and means != "positive":
            return
        was = member.outcome
        self._answer(member, result, means)
        if was == "negative":
            self.recalled.append(member)
        if member.outcome != was:
            self.changed.append(member)
        said = {"tube": result.tube, "result": result.state, "outcome": [was, member.outcome]}
        if before:
            self._tell("sampling.chain_member_corrected", member, {**said, "before": before})
        elif means == "again":
            self._tell("sampling.chain_member_inconclusive", member, said)
        if member.outcome == "positive" and was != "positive":
            self._tell(POSITIVE, member, {**said, "person": member.person_id, "chain": member.chain_id})

    def write(self) -> None:
        """Write down what was taken up."""
        Resample.objects.bulk_update(self._answered, ["result", "reported_at"], batch_size=500)
        ChainMember.objects.bulk_update(self._touched.values(), _ANSWERED, batch_size=100)

    def _earlier(self, single: Resample) -> list[str]:
        return [row.result for row in self._of_member[single.member_id] if row.bound_at < single.bound_at]

    def _answer(self, member: ChainMember, result: TubeResult, means: str) -> None:
        self._touched[member.pk] = member
        if member.specimen != result.tube:
            member.specimen, member.delivered_at = result.tube, None
            member.collected_at = self._closed[result.tube]
        if means in ("again", "wait"):
            member.outcome, member.reported_at, member.assayed_at = "", None, None
            if means == "again":
                member.specimen = member.collected_at = member.delivered_at = None
            return
        member.outcome, member.reported_at = means, self._now
        member.assayed_at = result.assayed_at or member.assayed_at
        member.delivered_at = member.delivered_at or result.received_at
        if means == "negative" and member.held_at is not None and member.held_at < self._now:
            member.hold_until = self._now

    def _tell(self, kind: str, member: ChainMember, payload: Mapping[str, Any]) -> None:
        self.told.append(Draft(kind, member_subject(member.pk), member.area, payload))


_ANSWERED = ("specimen", "collected_at", "delivered_at", "assayed_at", "reported_at", "outcome", "hold_until")


def _withdraw(tubes: Sequence[int], *, by: Actor, now: datetime) -> list[int]:
    """Annul the chains of tubes that are negative after all, unless a member has been found positive since."""
    # Members before their chain, as whoever writes a step down holds them.
    held = ChainMember.objects.select_for_update(of=("self",)).filter(tube__in=tubes).order_by("pk")
    people: dict[int, list[ChainMember]] = defaultdict(list)
    for member in held:
        people[member.chain_id].append(member)
    wrong = Chain.objects.select_for_update().filter(tube__in=tubes, state="open", positive=0).order_by("pk")
    for chain in wrong:
        chain.state, chain.closed_at = "annulled", now
        chain.save(update_fields=["state", "closed_at"])
        members = people[chain.pk]
        let_back_into_rounds(members, now=now)
        ChainMember.objects.filter(Q(chain=chain), held_at__lt=now, hold_until__gt=now).update(hold_until=now)
        for kind in (WHOLE, *LEG_KINDS):
            meet_deadline(kind, subject_of(chain.pk), at=now)
        for member, kind in product(members, (MEMBER, TELL)):
            meet_deadline(kind, member_subject(member.pk), at=now)
        payload = {"tube": chain.tube, "members": len(members)}
        record("sampling.chain_annulled", subject_of(chain.pk), by=by, at=now, area=chain.area, payload=payload)
    return [chain.pk for chain in wrong]
