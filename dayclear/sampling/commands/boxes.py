"""Moving boxes: packed, closed, handed over, received, reconciled; lost, cancelled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Min

from dayclear.foundation.actors import Actor
from dayclear.foundation.deadlines import meet_deadline, open_deadline
from dayclear.foundation.decisions import Refused, refuse, require
from dayclear.foundation.events import record
from dayclear.foundation.rules import Right
from dayclear.foundation.scope import beyond_scope
from dayclear.sampling.commands.rounds import require_inside
from dayclear.sampling.models import Box, BoxedTube, BoxSignature, Tube
from dayclear.sampling.rules.boxes import Arrival, Count, judge_arrival, may_become, may_reconcile, state_after
from dayclear.sampling.rules.numbers import parsed

# A box is due at its receiver before its oldest tube is too old.
BOX_DUE = "sampling.box_due"


def box_subject(box_id: object) -> str:
    return f"sampling.box:{box_id}"


def open_box(area: int, *, by: Actor, now: datetime) -> UUID:
    """Open an empty box at a table without a device. Returns its id."""
    by.require(Right.RUN_SAMPLING)
    require_inside(area, by)
    with transaction.atomic():
        box = Box.objects.create(id=uuid4(), area=area, state="draft", tubes=0, counted=0, closed_at=now)
        _tell("opened", box, {}, by=by, now=now)
    return box.pk


def pack_tubes(box_id: UUID, labels: Sequence[str], *, by: Actor, now: datetime) -> int:
    """Put tubes into a box that is still open. Returns how many it now holds.

    Raises: Refused (`not_found`, `box_state`, `tube_number_bad`, `tube_unknown`, `tube_in_other_box`).
    """
    by.require(Right.RUN_SAMPLING)
    with transaction.atomic():
        box = _lock(box_id, by)
        require(may_become(box.state, "ready"))
        numbers = [_number(label) for label in labels]
        known = dict(Tube.objects.filter(number__in=numbers).values_list("number", "area"))
        for label, number in zip(labels, numbers, strict=True):
            if number not in known:
                raise Refused(refuse("tube_unknown", tube=label))
        try:
            with transaction.atomic():
                BoxedTube.objects.bulk_create(BoxedTube(tube=each, area=box.area, box=box) for each in set(numbers))
        except IntegrityError:
            raise Refused(refuse("tubes_of_other_box", n=len(numbers))) from None
        box.tubes = BoxedTube.objects.filter(box=box).count()
        box.save(update_fields=["tubes"])
        _tell("packed", box, {"tubes": len(numbers)}, by=by, now=now)
    return box.tubes


def close_box(box_id: UUID, counted: int, *, by: Actor, now: datetime) -> int:
    """Close a box with the count of a hand; returns how many more were counted than recorded.

    Raises: Refused (`not_found`, `box_state`, `box_empty`).
    """
    by.require(Right.RUN_SAMPLING)
    with transaction.atomic():
        box = _lock(box_id, by)
        require(may_become(box.state, "ready"))
        if not box.tubes:
            raise Refused(refuse("box_empty"))
        oldest = Tube.objects.filter(number__in=box.boxed.values("tube")).aggregate(at=Min("opened_at"))["at"]
        box.state, box.counted, box.closed_at, box.oldest_at = "ready", counted, now, oldest
        box.due_at = due_at(oldest or now)
        box.save(update_fields=["state", "counted", "closed_at", "oldest_at", "due_at"])
        watch(box, now=now)
        _tell("closed", box, counts_of_closing(box), by=by, now=now)
    return box.discrepancy


def due_at(oldest: datetime) -> datetime:
    """When a box whose oldest swab was taken then must have arrived, at room temperature."""
    return oldest + timedelta(hours=settings.DAYCLEAR_SAMPLING["room_temperature"])


def watch(box: Box, *, now: datetime) -> None:
    """Start the clock of a closed box."""
    assert box.due_at is not None, "a closed box has its due time"
    open_deadline(
        BOX_DUE,
        box_subject(box.pk),
        area=box.area,
        accountable=box.area,
        opened_at=box.oldest_at or box.closed_at,
        due_at=box.due_at,
    )


def counts_of_closing(box: Box) -> dict[str, int]:
    """What the event of a closed box says."""
    return {"tubes": box.tubes, "counted": box.counted, "discrepancy": box.discrepancy}


def send_box(box_id: UUID, *, destination: str, destination_name: str, counted: int, by: Actor, now: datetime) -> None:
    """Hand a box over: whoever sends it signs, with the count of a hand.

    `destination` is the receiver's own key (`lab:7`). Raises: Refused (`not_found`, `box_state`,
    `destination_missing`).
    """
    by.require(Right.RUN_SAMPLING)
    if not destination.strip() or not destination_name.strip():
        raise Refused(refuse("destination_missing"))
    with transaction.atomic():
        box = _lock(box_id, by)
        require(may_become(box.state, "sent"))
        box.state, box.sent_at = "sent", now
        box.destination, box.destination_name = destination.strip()[:48], destination_name.strip()[:120]
        box.save(update_fields=["state", "sent_at", "destination", "destination_name"])
        _sign(box, "sender", counted, by=by, now=now)
        payload = {"destination": box.destination, "counted": counted, "tubes": box.tubes}
        _tell("sent", box, payload, by=by, now=now)


def set_under_way(box_id: UUID, *, by: Actor, now: datetime) -> None:
    """Note that a carrier has the box. Raises: Refused (`not_found`, `box_state`)."""
    _become(box_id, "in_transit", "", by=by, now=now)


def lose_box(box_id: UUID, *, reason: str, by: Actor, now: datetime) -> None:
    """Report a box lost on its way: its people have to be swabbed again. Raises: Refused (`box_state`)."""
    _become(box_id, "lost", _required(reason), by=by, now=now)


def cancel_box(box_id: UUID, *, reason: str, by: Actor, now: datetime) -> None:
    """Cancel a box before it leaves; its tubes may go into another. Raises: Refused (`box_state`)."""
    _become(box_id, "cancelled", _required(reason), by=by, now=now)


def receive_box(
    box_id: UUID, conditions: Mapping[int, str], *, counted: int, by: Actor, now: datetime, at: str = ""
) -> str:
    """Sign for a box: how each tube arrived, and the count of a hand. Returns the box's state.

    `at` is the destination somebody receives for: a box sent there is theirs, wherever it comes from. What is not named
    stays pending, and the box partly received, until a later reception names it. A tube that nobody put into a box is
    taken as an extra one of this box.
    Raises: Refused (`not_found`, and what `rules.boxes.judge_arrival` says).
    """
    with transaction.atomic(), beyond_scope():
        box = _lock(box_id, by, at=at)
        boxed = dict(BoxedTube.objects.filter(box=box).values_list("tube", "condition"))
        fresh = sorted(set(conditions) - set(boxed))
        elsewhere = set(BoxedTube.objects.filter(tube__in=fresh).values_list("tube", flat=True))
        sender = box.signatures.filter(part="sender").first()
        arrival = Arrival(
            conditions,
            boxed=boxed,
            pending=[tube for tube, condition in boxed.items() if condition == "pending"],
            elsewhere=elsewhere,
            same_person=sender is not None and by.user_id is not None and sender.signed_by == by.user_id,
        )
        require(judge_arrival(box.state, arrival))
        for condition in sorted(set(conditions.values())):
            found = [tube for tube, each in conditions.items() if each == condition]
            BoxedTube.objects.filter(box=box, tube__in=found).update(condition=condition, received_at=now)
        BoxedTube.objects.bulk_create(
            BoxedTube(tube=each, area=box.area, box=box, condition=conditions[each], received_at=now, extra=True)
            for each in fresh
        )
        first = box.received_at is None
        box.state, box.received_at = state_after(arrival), box.received_at or now
        box.received_count = counted if first else (box.received_count or 0) + counted
        box.save(update_fields=["state", "received_at", "received_count"])
        if first:
            _sign(box, "receiver", counted, by=by, now=now)
            meet_deadline(BOX_DUE, box_subject(box.pk), at=now)
        payload = {
            "state": box.state,
            "counted": counted,
            "destination": box.destination,
            **{name: sum(each == name for each in conditions.values()) for name in sorted(set(conditions.values()))},
            "extra": len(fresh),
        }
        _tell("received", box, payload, by=by, now=now)
    return box.state


def reconcile_box(box_id: UUID, *, note: str = "", by: Actor, now: datetime, at: str = "") -> Count:
    """Settle the counts of a box; where they differ, `note` says why. Raises: Refused (`box_counts_differ`)."""
    with transaction.atomic(), beyond_scope():
        box = _lock(box_id, by, at=at)
        count = count_of(box)
        require(may_reconcile(box.state, count, note))
        box.state, box.reconciled_at, box.note = "reconciled", now, note.strip()[:300]
        box.save(update_fields=["state", "reconciled_at", "note"])
        payload = {"agrees": count.agrees, "missing": count.missing, "extra": count.extra, "reason": box.note}
        _tell("reconciled", box, payload, by=by, now=now)
    return count


def count_of(box: Box) -> Count:
    """What the counts of a box come to so far."""
    rows = list(BoxedTube.objects.filter(box=box).values_list("condition", "extra"))
    return Count(
        counted=box.counted,
        recorded=box.tubes,
        received=box.received_count or 0,
        missing=sum(condition == "missing" for condition, _extra in rows),
        extra=sum(extra for _condition, extra in rows),
    )


def _become(box_id: UUID, state: str, reason: str, *, by: Actor, now: datetime) -> None:
    by.require(Right.RUN_SAMPLING)
    with transaction.atomic():
        box = _lock(box_id, by)
        require(may_become(box.state, state))
        before, box.state = box.state, state
        box.note = reason or box.note
        box.save(update_fields=["state", "note"])
        if state == "cancelled":
            BoxedTube.objects.filter(box=box).delete()
        if state in ("cancelled", "lost"):
            meet_deadline(BOX_DUE, box_subject(box.pk), at=now)
        _tell("changed", box, {"state": [before, state], "reason": reason}, by=by, now=now)


def _lock(box_id: UUID, by: Actor, *, at: str = "") -> Box:
    """Whoever receives for the destination of a box holds it, as those of its place do."""
    box = Box.objects.select_for_update().filter(pk=box_id).first()
    if box is None or not (box.area in by.area or (at and box.destination == at)):
        raise Refused(refuse("not_found"))
    return box


def _sign(box: Box, part: str, counted: int, *, by: Actor, now: datetime) -> None:
    if counted < 0:
        raise Refused(refuse("count_bad"))
    BoxSignature.objects.create(
        area=box.area, box=box, part=part, signed_by=by.user_id, signed_label=by.label, signed_at=now, counted=counted
    )


def _tell(what: str, box: Box, payload: Mapping[str, object], *, by: Actor, now: datetime) -> None:
    record(f"sampling.box_{what}", box_subject(box.pk), by=by, at=now, area=box.area, payload=payload)


def _number(label: str) -> int:
    number = parsed(label)
    if number is None:
        raise Refused(refuse("tube_number_bad", tube=label[:40]))
    return number


def _required(reason: str) -> str:
    if not reason.strip():
        raise Refused(refuse("reason_missing"))
    return reason.strip()[:300]
