"""Squads: who is in them, and which tubes and members are theirs."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from dayclear.foundation.actors import Actor
from dayclear.foundation.areas import EVERYWHERE, area_of
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.events import record
from dayclear.foundation.filters import existing
from dayclear.foundation.models import Grant, User
from dayclear.foundation.rules import Right
from dayclear.sampling.commands.chains.rows import lock_member, note, subject_of
from dayclear.sampling.models import Chain, ChainMember, Squad, SquadMember


def squad_subject(squad_id: int) -> str:
    return f"sampling.squad:{squad_id}"


def make_squad(area: int, name: str, *, by: Actor, now: datetime) -> int:
    """Set up a squad for a place; it is given that place's tubes by itself.

    Raises: Refused (`right_missing`, `outside_area`, `squad_name_missing`, `squad_exists`).
    """
    by.require(Right.RUN_SAMPLING)
    if area not in EVERYWHERE or area not in by.area:
        raise Refused(refuse("outside_area"))
    if not name.strip():
        raise Refused(refuse("squad_name_missing"))
    try:
        with transaction.atomic():
            squad = Squad.objects.create(area=area, name=name.strip()[:80], made_at=now, made_label=by.label)
            record("sampling.squad_made", squad_subject(squad.pk), by=by, at=now, area=area)
    except IntegrityError:
        raise Refused(refuse("squad_exists")) from None
    return squad.pk


def join_squad(squad_id: int, username: str, *, by: Actor, now: datetime) -> None:
    """Put an account into a squad; it must hold a grant that reaches the squad's place.

    Raises: Refused (`right_missing`, `not_found`, `user_unknown`, `user_without_grant`, `squad_member_known`).
    """
    by.require(Right.RUN_SAMPLING)
    with transaction.atomic():
        squad = _lock(squad_id, by)
        user = User.objects.filter(username=username.strip(), is_active=True).first()
        if user is None:
            raise Refused(refuse("user_unknown", username=username.strip()[:60]))
        grants = Grant.objects.filter(user=user, expires_at__gt=now)
        if not any(_reaches(grant, squad.area) for grant in grants):
            raise Refused(refuse("user_without_grant", username=user.username))
        try:
            with transaction.atomic():
                SquadMember.objects.create(area=squad.area, squad=squad, user=user, joined_at=now)
        except IntegrityError:
            raise Refused(refuse("squad_member_known", username=user.username)) from None
        payload = {"user": user.pk}
        record("sampling.squad_joined", squad_subject(squad.pk), by=by, at=now, area=squad.area, payload=payload)


def leave_squad(squad_id: int, user_id: int, *, by: Actor, now: datetime) -> None:
    """Take an account out of a squad. Raises: Refused (`right_missing`, `not_found`)."""
    by.require(Right.RUN_SAMPLING)
    with transaction.atomic():
        squad = _lock(squad_id, by)
        if not SquadMember.objects.filter(squad=squad, user=user_id, left_at=None).update(left_at=now):
            raise Refused(refuse("not_found"))
        payload = {"user": user_id}
        record("sampling.squad_left", squad_subject(squad.pk), by=by, at=now, area=squad.area, payload=payload)


def end_squad(squad_id: int, *, by: Actor, now: datetime) -> None:
    """End a squad that has nobody on its list. Raises: Refused (`right_missing`, `not_found`, `squad_has_members`)."""
    by.require(Right.RUN_SAMPLING)
    with transaction.atomic():
        squad = _lock(squad_id, by)
        if ChainMember.objects.filter(squad=squad, outcome="").exists():
            raise Refused(refuse("squad_has_members"))
        squad.ended_at = now
        squad.save(update_fields=["ended_at"])
        squad.people.filter(left_at=None).update(left_at=now)
        record("sampling.squad_ended", squad_subject(squad.pk), by=by, at=now, area=squad.area)


def assign_chain(chain_id: int, squad_id: int, *, by: Actor, now: datetime) -> None:
    """Give a tube, with those of its members whom the actor's place answers for, to a squad.

    Raises: Refused (`right_missing`, `not_found`, `chain_state`).
    """
    by.require(Right.TRACE_TUBES)
    inside = (by.area.lo, by.area.hi)
    with transaction.atomic():
        squad = _lock(squad_id, by)
        members = ChainMember.objects.select_for_update(of=("self",)).filter(chain=chain_id, area__range=inside)
        held = [member.pk for member in members.order_by("pk")]
        chain = existing(Chain.objects.select_for_update(of=("self",)).filter(pk=chain_id, area__range=inside))
        if chain.state != "open":
            raise Refused(refuse("chain_state", state=chain.state))
        was, chain.squad = chain.squad_id, squad
        chain.save(update_fields=["squad"])
        ChainMember.objects.filter(pk__in=held).update(squad=squad)
        payload = {"squad": [was, squad.pk]}
        record("sampling.chain_assigned", subject_of(chain.pk), by=by, at=now, area=chain.area, payload=payload)


def assign_member(member_id: int, squad_id: int, *, by: Actor, now: datetime) -> None:
    """Give one member to a squad. Raises: Refused (`right_missing`, `not_found`)."""
    with transaction.atomic():
        member = lock_member(member_id, by)
        squad = _lock(squad_id, by)
        was, member.squad = member.squad_id, squad
        member.save(update_fields=["squad"])
        note("sampling.chain_member_assigned", member, {"squad": [was, squad.pk]}, by=by, now=now)


def _lock(squad_id: int, by: Actor) -> Squad:
    rows = Squad.objects.select_for_update().filter(area__range=(by.area.lo, by.area.hi), ended_at=None)
    return existing(rows.filter(pk=squad_id))


def _reaches(grant: Grant, area: int) -> bool:
    """Whether a grant and a place share ground: the squad of a county takes in somebody of one of its townships."""
    return not grant.place or area in area_of(grant.place) or grant.place in area_of(area)
