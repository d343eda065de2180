"""Settling disputed tubes: taken in after all, under another label if need be, or set aside."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from dayclear.foundation.actors import Actor, system
from dayclear.foundation.clock import local_day
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.events import record
from dayclear.foundation.filters import existing
from dayclear.foundation.rules import Right
from dayclear.foundation.scope import beyond_scope
from dayclear.people.queries import kept_in_the_end
from dayclear.sampling.commands.devices import subject_of
from dayclear.sampling.commands.intake import TubeRow, UploadRow, make_days, write_late_tube
from dayclear.sampling.commands.people import find_people
from dayclear.sampling.models import DisputedTube, Point, PooledItem, Round
from dayclear.sampling.rules.numbers import parsed, printed
from dayclear.sampling.tokens import people_of_tokens
from dayclear.sampling.wire import TubeSent, open_tube


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of a disputed tube. `left_out`: swabs whose person nobody could name."""

    label: str
    persons: int
    left_out: int


def take_in_after_all(
    dispute_id: int, *, label: str = "", round_id: int = 0, point_id: int = 0, note: str, by: Actor, now: datetime
) -> Settled:
    """Take a disputed tube in: an officer has looked at it and says what is right about it.

    `label`, `round_id` and `point_id` stand in for what the device sent, where given. A label must be new.
    Raises: Refused (`not_found`, `dispute_settled`, `note_missing`, `tube_number_bad`, `tube_already_closed`,
    `round_unknown`, `point_unknown`, `tube_times_bad`, `tube_empty`).
    """
    by.require(Right.RUN_SAMPLING)
    with transaction.atomic():
        row = _lock(dispute_id, note, by)
        sent = _sent(row)
        tube = _tube(row, sent, label, round_id, point_id, by)
        tube.people, left_out = _people(row, sent, tube.area, by=by, now=now)
        if not tube.people and not sent.items:
            raise Refused(refuse("tube_empty", tube=sent.number))
        make_days([tube.day])
        with beyond_scope():
            written = write_late_tube(_upload(row), tube)
        if not written.tubes:
            raise Refused(refuse("tube_already_closed", tube=printed(tube.number)))
        PooledItem.objects.bulk_create(
            PooledItem(area=tube.area, tube=tube.number, position=at, what=item.what, where=item.where)
            for at, item in enumerate(sent.items)
        )
        settled = Settled(printed(tube.number), written.swabs, left_out)
        _settle(row, "taken_in", note, by=by, now=now, payload={"tube": settled.label, "left_out": left_out})
    return settled


def set_aside(dispute_id: int, *, note: str, by: Actor, now: datetime) -> int:
    """Set a disputed tube aside; its people have to be swabbed again. Returns how many swabs it held.

    Raises: Refused (`not_found`, `dispute_settled`, `note_missing`).
    """
    by.require(Right.RUN_SAMPLING)
    with transaction.atomic():
        row = _lock(dispute_id, note, by)
        _settle(row, "set_aside", note, by=by, now=now, payload={"tube": row.label, "persons": row.persons})
    return row.persons


def _lock(dispute_id: int, note: str, by: Actor) -> DisputedTube:
    rows = DisputedTube.objects.select_for_update().filter(area__range=(by.area.lo, by.area.hi), pk=dispute_id)
    row = existing(rows)
    if row.settled_at is not None:
        raise Refused(refuse("dispute_settled"))
    if not note.strip():
        raise Refused(refuse("note_missing"))
    return row


def _sent(row: DisputedTube) -> TubeSent:
    assert row.content_sealed is not None, "a constraint keeps the content until the dispute is settled"
    return open_tube(row.content_sealed)


def _tube(row: DisputedTube, sent: TubeSent, label: str, round_id: int, point_id: int, by: Actor) -> TubeRow:
    number = parsed(label or sent.number)
    if number is None:
        raise Refused(refuse("tube_number_bad", tube=(label or sent.number)[:40]))
    point = Point.objects.filter(area__range=(by.area.lo, by.area.hi), pk=point_id or sent.point).first()
    if point is None:
        raise Refused(refuse("point_unknown", tube=sent.number))
    if not Round.objects.filter(pk=round_id or sent.round).exclude(state="cancelled").exists():
        raise Refused(refuse("round_unknown", tube=sent.number))
    shift = timedelta(seconds=row.shift_s)
    opened_at, closed_at = sent.opened_at + shift, sent.closed_at + shift
    if closed_at < opened_at or abs(row.received_at - closed_at) > timedelta(days=14):
        raise Refused(refuse("tube_times_bad", tube=sent.number))
    return TubeRow(
        number=number,
        area=point.area,
        day=local_day(opened_at),
        round=round_id or sent.round,
        point=point.pk,
        kind=sent.kind if sent.kind in ("goods", "environment") else "persons",
        opened_at=opened_at,
        closed_at=closed_at,
    )


def _people(row: DisputedTube, sent: TubeSent, area: int, *, by: Actor, now: datetime) -> tuple[list[int], int]:
    by_token = people_of_tokens([swab.token for swab in sent.swabs])
    swabs = {at: (swab, area) for at, swab in enumerate(sent.swabs) if swab.identity is not None or swab.slip}
    # Whoever was swabbed may live anywhere; and the device's batch named them, not the officer.
    with beyond_scope():
        actor = system(f"device {row.device_id}")
        found = dict(enumerate(by_token)) | find_people(swabs, batch=subject_of(row.device_id), by=actor, now=now)
        people = [kept_in_the_end(person) for person in found.values() if person is not None]
    return list(dict.fromkeys(people)), sum(person is None for person in found.values())


def _upload(row: DisputedTube) -> UploadRow:
    return UploadRow(
        device=row.device_id,
        counter=row.counter,
        area=row.area,
        digest=b"",
        sent_at=row.received_at,
        received_at=row.received_at,
        shift_s=row.shift_s,
        offset_s=0,
    )


def _settle(
    row: DisputedTube, outcome: str, note: str, *, by: Actor, now: datetime, payload: dict[str, str | int]
) -> None:
    # What was sealed is needed no longer: the tube holds it now, or nobody is to.
    row.outcome, row.note, row.content_sealed = outcome, note.strip()[:300], None
    row.settled_at, row.settled_label = now, by.label
    row.save(update_fields=["outcome", "note", "content_sealed", "settled_at", "settled_label"])
    said = {"outcome": outcome, "code": row.code, "counter": row.counter, "reason": row.note, **payload}
    record("sampling.dispute_settled", subject_of(row.device_id), by=by, at=now, area=row.area, payload=said)
