"""The end of a member's chain: handed over twice, or told that they are free; and taking a wrong entry back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from dayclear.foundation.actors import Actor
from dayclear.foundation.decisions import Refused, refuse, require
from dayclear.sampling.commands.chains.resampling import unbind
from dayclear.sampling.commands.chains.rows import facts_of, leave_out_of_rounds, lock_member, note, settle, write_step
from dayclear.sampling.models import HandOver
from dayclear.sampling.rules.chains.members import WRITTEN, may_take_back

_STEP = {"departure": "depart", "arrival": "arrive"}
_INSTANT = {"departure": "departed_at", "arrival": "arrived_at"}


@dataclass(frozen=True, slots=True)
class HandOverIn:
    """A hand-over as it is written down. `part`: departure (to the crew) or arrival (to the hospital)."""

    part: str
    place: str
    given_by: str
    taken_by: str
    at: datetime | None = None


def hand_over(member_id: int, said: HandOverIn, *, by: Actor, now: datetime) -> None:
    """Write down one of the two hand-overs of a positive member: point to point, signed for at both ends.

    Raises: Refused, as `write_step`; `hand_over_incomplete`.
    """
    texts = {name: getattr(said, name).strip() for name in ("place", "given_by", "taken_by")}
    if said.part not in _STEP or not all(texts.values()):
        raise Refused(refuse("hand_over_incomplete"))
    at = said.at or now
    with transaction.atomic():
        member = lock_member(member_id, by)
        write_step(member, _STEP[said.part], {_INSTANT[said.part]: at}, at=at, by=by, now=now)
        HandOver.objects.create(
            area=member.area,
            member=member,
            part=said.part,
            at=at,
            place=texts["place"][:200],
            given_by=texts["given_by"][:120],
            taken_by=texts["taken_by"][:120],
            recorded_label=by.label,
        )


def tell_cleared(member_id: int, *, by: Actor, now: datetime) -> None:
    """Write down that a cleared member was told. Raises: Refused, as `write_step`."""
    with transaction.atomic():
        member = lock_member(member_id, by)
        write_step(member, "tell", {"told_at": now}, at=now, by=by, now=now)


_EMPTIED: dict[str, dict[str, Any]] = {
    "locate": {"located_at": None, "located_how": "", "located_where": ""},
    "hold": {"held_at": None, "held_where": "", "hold_until": None},
    "resample": {"specimen": None, "collected_at": None},
    "deliver": {"delivered_at": None},
    "depart": {"departed_at": None},
    "arrive": {"arrived_at": None},
    "tell": {"told_at": None},
    "give_up": {"outcome": "", "note": ""},
}


def take_back(member_id: int, step: str, reason: str, *, by: Actor, now: datetime) -> None:
    """Take a wrong entry back: the row is as before it, and the trail holds both, with the reason.

    Raises: Refused (`right_missing`, `not_found`, `reason_missing`, `step_not_written`, `step_rested_on`,
    `laboratory_answered`).
    """
    if not reason.strip():
        raise Refused(refuse("reason_missing"))
    if step not in WRITTEN:
        raise Refused(refuse("step_not_written", step=step[:20]))
    with transaction.atomic():
        member = lock_member(member_id, by)
        require(may_take_back(step, facts_of(member)))
        was = {name: _plain(getattr(member, name)) for name in _EMPTIED[step] if name.endswith(("_at", "specimen"))}
        if step == "resample":
            unbind(member)
        if step in ("depart", "arrive"):
            HandOver.objects.filter(member=member, part=_part(step)).delete()
        for name, value in _EMPTIED[step].items():
            setattr(member, name, value)
        member.save(update_fields=list(_EMPTIED[step]))
        if step == "give_up":
            leave_out_of_rounds([member], now=now)
        payload = {"step": step, "was": was, "reason": reason.strip()[:200]}
        note("sampling.chain_entry_taken_back", member, payload, by=by, now=now)
        settle([member.chain_id], by=by, now=now)


def _part(step: str) -> str:
    return next(part for part, its in _STEP.items() if its == step)


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value
