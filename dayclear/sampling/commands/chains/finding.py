"""Finding members and holding them apart: calls, visits, where they are, or that they cannot be found."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from dayclear.foundation.actors import Actor
from dayclear.foundation.decisions import Refused, refuse
from dayclear.sampling.commands.chains.rows import let_back_into_rounds, lock_member, note, write_step
from dayclear.sampling.models import ContactAttempt
from dayclear.sampling.models.chains import ATTEMPT_KINDS, ATTEMPT_OUTCOMES, FOUND_HOW


def record_attempt(member_id: int, kind: str, outcome: str, *, remark: str = "", by: Actor, now: datetime) -> None:
    """Write down a call or a visit and what came of it.

    Raises: Refused (`right_missing`, `not_found`, `attempt_bad`).
    """
    if kind not in ATTEMPT_KINDS or outcome not in ATTEMPT_OUTCOMES:
        raise Refused(refuse("attempt_bad"))
    with transaction.atomic():
        member = lock_member(member_id, by)
        ContactAttempt.objects.create(
            area=member.area,
            member=member,
            kind=kind,
            outcome=outcome,
            note=remark.strip()[:200],
            at=now,
            by_label=by.label,
        )
        member.attempts, member.tried_at = member.attempts + 1, now
        member.save(update_fields=["attempts", "tried_at"])
        note("sampling.chain_member_tried", member, {"by": kind, "outcome": outcome}, by=by, now=now)


def locate_member(
    member_id: int, how: str, where: str, *, at: datetime | None = None, by: Actor, now: datetime
) -> None:
    """Write down where a member is and how that was found. Raises: Refused, as `write_step`; `place_missing`."""
    if how not in FOUND_HOW or not where.strip():
        raise Refused(refuse("place_missing"))
    with transaction.atomic():
        member = lock_member(member_id, by)
        changes = {"located_at": at or now, "located_how": how, "located_where": where.strip()[:200]}
        write_step(member, "locate", changes, at=at or now, by=by, now=now, said={"how": how})


def hold_member(member_id: int, where: str, *, at: datetime | None = None, by: Actor, now: datetime) -> datetime:
    """Write down that a member is held apart, and where; returns when that ends by itself.

    It ends with the recall, at the latest so many hours after the alarm, whatever has become of the swab.
    Raises: Refused, as `write_step`; `place_missing`, `recall_over`.
    """
    if not where.strip():
        raise Refused(refuse("place_missing"))
    begun = at or now
    with transaction.atomic():
        member = lock_member(member_id, by)
        until = member.alarm_at + timedelta(hours=settings.DAYCLEAR_CHAIN["recall_lasts"])
        if until <= begun:
            raise Refused(refuse("recall_over"))
        changes = {"held_at": begun, "held_where": where.strip()[:200], "hold_until": until}
        write_step(member, "hold", changes, at=begun, by=by, now=now, said={"until": until.isoformat()})
    return until


def give_up_member(member_id: int, reason: str, *, by: Actor, now: datetime) -> None:
    """Write down that a member cannot be found or swabbed: the chain waits for them no more.

    Neither cleared nor positive; the rounds take them again. Raises: Refused, as `write_step`; `reason_missing`.
    """
    if not reason.strip():
        raise Refused(refuse("reason_missing"))
    with transaction.atomic():
        member = lock_member(member_id, by)
        let_back_into_rounds([member], now=now)
        write_step(member, "give_up", {"outcome": "given_up", "note": reason.strip()[:300]}, at=now, by=by, now=now)
