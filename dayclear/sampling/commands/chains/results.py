"""What a released result does: it opens a chain, answers a member, or withdraws an alarm."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from dayclear.foundation.actors import Actor
from dayclear.foundation.deadlines import meet_deadline
from dayclear.foundation.events import record
from dayclear.foundation.scope import beyond_scope
from dayclear.sampling.commands.chains.items import open_item_alarms, withdraw_item_alarms
from dayclear.sampling.commands.chains.opening import Alarm, open_chains
from dayclear.sampling.commands.chains.rows import (
    LEG_KINDS,
    MEMBER,
    WHOLE,
    leave_out_of_rounds,
    let_back_into_rounds,
    member_subject,
    note,
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
    with beyond_scope():
        return frozenset(Resample.objects.filter(tube__in=tubes).values_list("tube", flat=True))


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
    held = {
        member.pk: member
        for member in ChainMember.objects.select_for_update()
        .filter(pk__in={members[result.tube] for result in results})
        .order_by("pk")
    }
    changed = [
        member
        for result in results
        if (member := held[members[result.tube]]) and _take_in(result, member, by=by, now=now)
    ]
    cleared = [member for member in changed if member.outcome == "negative"]
    let_back_into_rounds(cleared, now=now)
    for chain in sorted({member.chain_id for member in cleared}):
        area = Chain.objects.values_list("area", flat=True).get(pk=chain)
        payload = {"members": sorted(member.pk for member in cleared if member.chain_id == chain)}
        record(CLEARED, subject_of(chain), by=by, at=now, area=area, payload=payload)
    settle({member.chain_id for member in held.values()}, by=by, now=now)
    return [member.pk for member in changed]


def _take_in(result: TubeResult, member: ChainMember, *, by: Actor, now: datetime) -> bool:
    """Write down what a single swab came to; whether the member's outcome changed by it."""
    single = Resample.objects.get(tube=result.tube)
    if single.result == result.state:
        return False
    before, single.result, single.reported_at = single.result, result.state, now
    single.save(update_fields=["result", "reported_at"])
    earlier = Resample.objects.filter(member=member, bound_at__lt=single.bound_at).values_list("result", flat=True)
    means = after_result(result.state, earlier=earlier)
    # An older swab settles nothing but that somebody is positive, unless it lacked a control and nobody took another.
    counts = member.specimen == result.tube or (member.specimen is None and before == "invalid")
    if not counts and means != "positive":
        return False
    was = member.outcome
    if member.specimen != result.tube:
        member.specimen, member.delivered_at = result.tube, None
        member.collected_at = Tube.objects.values_list("closed_at", flat=True).get(pk=result.tube)
    if means in ("again", "wait"):
        member.outcome, member.reported_at, member.assayed_at = "", None, None
        if means == "again":
            member.specimen = member.collected_at = member.delivered_at = None
    else:
        member.outcome, member.reported_at = means, now
        member.assayed_at = result.assayed_at or member.assayed_at
        member.delivered_at = member.delivered_at or result.received_at
        if means == "negative" and member.held_at is not None and member.held_at < now:
            member.hold_until = now
    member.save()
    said = {"tube": result.tube, "result": result.state, "outcome": [was, member.outcome]}
    if was == "negative":
        leave_out_of_rounds([member], now=now)
    if before:
        note("sampling.chain_member_corrected", member, {**said, "before": before}, by=by, now=now)
    elif means == "again":
        note("sampling.chain_member_inconclusive", member, said, by=by, now=now)
    if member.outcome == "positive" and was != "positive":
        note(POSITIVE, member, {**said, "person": member.person_id, "chain": member.chain_id}, by=by, now=now)
    return member.outcome != was


def _withdraw(tubes: Sequence[int], *, by: Actor, now: datetime) -> list[int]:
    """Annul the chains of tubes that are negative after all, unless a member has been found positive since."""
    wrong = Chain.objects.select_for_update().filter(tube__in=tubes, state="open", positive=0).order_by("pk")
    for chain in wrong:
        chain.state, chain.closed_at = "annulled", now
        chain.save(update_fields=["state", "closed_at"])
        members = list(ChainMember.objects.filter(chain=chain))
        let_back_into_rounds(members, now=now)
        ChainMember.objects.filter(Q(chain=chain), held_at__lt=now, hold_until__gt=now).update(hold_until=now)
        for kind in (WHOLE, *LEG_KINDS):
            meet_deadline(kind, subject_of(chain.pk), at=now)
        for member in members:
            meet_deadline(MEMBER, member_subject(member.pk), at=now)
        payload = {"tube": chain.tube, "members": len(members)}
        record("sampling.chain_annulled", subject_of(chain.pk), by=by, at=now, area=chain.area, payload=payload)
    return [chain.pk for chain in wrong]
