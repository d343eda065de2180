"""Taking in what a device could not upload: the batches of its export, each as if the device had sent it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from dayclear.foundation.actors import Actor
from dayclear.foundation.decisions import Decision, Refused
from dayclear.foundation.events import record
from dayclear.foundation.filters import existing
from dayclear.foundation.rules import Right
from dayclear.sampling.commands.devices import subject_of
from dayclear.sampling.commands.uploads import receive_upload
from dayclear.sampling.models import Device
from dayclear.sampling.taking_in import Batch, read_export


@dataclass(frozen=True, slots=True)
class TakenBatch:
    """What became of a batch. `already`: it had come before, by network or by file. `refusal`: it was not taken in."""

    already: bool
    tubes: int = 0
    swabs: int = 0
    boxes: int = 0
    disputed: int = 0
    refusal: Decision | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    device_id: int
    device_name: str
    batches: Sequence[TakenBatch]


def take_in_export(exported: str, *, by: Actor, now: datetime) -> Taken:
    """Take in an exported file or the lines of its QR codes. Taken in twice, it counts once.

    A batch that is refused holds up no other.
    Raises: Refused (`right_missing`, `export_unreadable`, `export_incomplete`, `not_found`).
    """
    by.require(Right.RUN_SAMPLING)
    export = read_export(exported)
    behind = export.clock_behind_ms
    device_says = now - timedelta(milliseconds=behind) if behind is not None else None
    with transaction.atomic():
        device = existing(Device.objects.filter(area__range=(by.area.lo, by.area.hi), pk=export.device))
        batches = [_take_in(batch, now=now, device_says=device_says) for batch in export.batches]
        record(
            "sampling.export_taken_in",
            subject_of(device.pk),
            by=by,
            at=now,
            area=device.area,
            payload={
                "batches": len(batches),
                "already": sum(each.already for each in batches),
                "refused": sum(each.refusal is not None for each in batches),
            },
        )
    return Taken(device.pk, device.name, batches)


def _take_in(batch: Batch, *, now: datetime, device_says: datetime | None) -> TakenBatch:
    try:
        with transaction.atomic():
            answer = receive_upload(batch.body.encode(), batch.signature, now=now, device_says=device_says)
    except Refused as refused:
        return TakenBatch(already=False, refusal=refused.decision)
    accepted, disputed = answer.said["accepted"], len(answer.said["refused"])
    return TakenBatch(answer.already, accepted["tubes"], accepted["swabs"], accepted["boxes"], disputed)
