"""Taking in what a device sends: once, whatever happens on the way, and nothing a sampler did is thrown away."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from dayclear.foundation.actors import Actor, system
from dayclear.foundation.clock import local_day
from dayclear.foundation.decisions import Reason, Refused, refuse, require
from dayclear.foundation.events import canonical, record
from dayclear.foundation.scope import acting
from dayclear.sampling.commands.box_intake import take_in_boxes
from dayclear.sampling.commands.devices import subject_of
from dayclear.sampling.commands.intake import (
    Held,
    TubeRow,
    UploadRow,
    hold_device,
    make_days,
    write_upload,
)
from dayclear.sampling.commands.people import find_people
from dayclear.sampling.models import Device, DisputedTube, PooledItem, Upload
from dayclear.sampling.rules.intake import TubeFacts, clock_shift, judge_counter, judge_tube
from dayclear.sampling.rules.numbers import parsed
from dayclear.sampling.signatures import require_signature
from dayclear.sampling.tokens import people_of_tokens
from dayclear.sampling.wire import TubeSent, UploadSent, decode_upload, seal_tube

_NO_BOXES: Mapping[str, Reason | None] = {}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a device is told. Shape: `said` is JSON; `already` where the same batch had come before."""

    said: Mapping[str, Any]
    already: bool


def receive_upload(body: bytes, signature: str, *, now: datetime, device_says: datetime | None = None) -> Answer:
    """Take in a signed batch; the same batch again gives the same answer.

    `device_says` is the device's clock at the moment of sending. Opens its own scope: a device acts for the
    installation, on its own tubes only.
    Raises: Refused (`upload_unreadable`, `device_unknown`, `signature_bad`, `device_revoked`, `counter_reused`,
    `counter_bad`).
    """
    sent = decode_upload(body)
    shift = clock_shift(device_says, sent.sent_at, received_at=now)
    tubes = [_Incoming(at, each, shift) for at, each in enumerate(sent.tubes)]
    by_token = people_of_tokens([swab.token for tube in tubes for swab in tube.sent.swabs])
    by = system(f"device {sent.device}")
    with acting(by):
        held = _hold(sent, tubes, by_token)
        require_signature(held.public_key, signature, body)
        digest = hashlib.sha256(body).digest()
        if held.digest is not None:
            return _again(held.digest, held.answer or {}, digest)
        require(judge_counter(last=held.last_counter, counter=sent.counter))
        if held.facts.state == "revoked":
            raise Refused(refuse("device_revoked"))
        _name_people(tubes, by_token, held, batch=subject_of(sent.device), by=by, now=now)
        upload = UploadRow(
            device=sent.device,
            counter=sent.counter,
            area=held.area,
            digest=digest,
            sent_at=sent.sent_at,
            received_at=now,
            shift_s=round(shift.total_seconds()),
            offset_s=round((now - device_says if device_says else shift).total_seconds()),
        )
        return _take_in(sent, tubes, held, upload, by=by, now=now)


def key_of_device(device_id: int) -> bytes:
    """The public key of a device. Raises: Refused (`device_unknown`)."""
    key = Device.objects.filter(pk=device_id).values_list("public_key", flat=True).first()
    if key is None:
        raise Refused(refuse("device_unknown"))
    return bytes(key)


def _take_in(
    sent: UploadSent, tubes: Sequence[_Incoming], held: Held, upload: UploadRow, *, by: Actor, now: datetime
) -> Answer:
    refused = _judge(tubes, held, now)
    taken = [tube for tube in tubes if tube.position not in refused]
    said = _said(sent, held, tubes, refused)
    make_days(held.missing_days)
    written = write_upload(upload, canonical(said), [_row(tube, held) for tube in taken])
    if not written.claimed:
        first = Upload.objects.get(device=sent.device, counter=sent.counter)
        return _again(bytes(first.digest), first.answer, upload.digest)
    late = [tube for tube in taken if tube.number not in written.tubes]
    # Blocks keep two devices from one number; where it was taken all the same, the later tube is disputed.
    refused |= {tube.position: Reason("tube_already_closed", {"tube": tube.sent.number}) for tube in late}
    if late or sent.boxes:
        boxes = take_in_boxes(sent.boxes, sent.device, held.area, timedelta(seconds=upload.shift_s), by=by, now=now)
        said = _said(sent, held, tubes, refused, boxes)
        Upload.objects.filter(device=sent.device, counter=sent.counter).update(answer=said)
    _keep_items([tube for tube in taken if tube not in late], held)
    _keep_disputed(sent, [tube for tube in tubes if tube.position in refused], refused, held, upload)
    _tell(upload, said, {tube.sent.round for tube in taken}, by=by)
    return Answer(said, already=False)


class _Incoming:
    """A tube on its way in: as sent, and what has been made of it. `people` are different persons."""

    __slots__ = ("closed_at", "number", "opened_at", "people", "position", "sent", "unknown")

    def __init__(self, position: int, sent: TubeSent, shift: timedelta) -> None:
        self.position, self.sent = position, sent
        self.number = parsed(sent.number)
        self.opened_at, self.closed_at = sent.opened_at + shift, sent.closed_at + shift
        self.people: list[int] = []
        self.unknown = 0


def _hold(sent: UploadSent, tubes: Sequence[_Incoming], by_token: Sequence[int | None]) -> Held:
    held = hold_device(
        sent.device,
        sent.counter,
        rounds={tube.sent.round for tube in tubes},
        points={tube.sent.point for tube in tubes},
        numbers=[tube.number for tube in tubes if tube.number is not None],
        people={person for person in by_token if person is not None},
        days={local_day(tube.opened_at) for tube in tubes},
    )
    if held is None:
        raise Refused(refuse("device_unknown"))
    return held


def _again(first: bytes, said: Mapping[str, Any], digest: bytes) -> Answer:
    """The answer to a counter that came before. Raises: Refused (`counter_reused`), for another batch under it."""
    if first != digest:
        raise Refused(refuse("counter_reused"))
    return Answer(said, already=True)


def _name_people(
    tubes: Sequence[_Incoming], by_token: Sequence[int | None], held: Held, *, batch: str, by: Actor, now: datetime
) -> None:
    found = [held.people.get(person, person) if person is not None else None for person in by_token]
    if None in found:
        swabs = [(swab, tube.sent.point) for tube in tubes for swab in tube.sent.swabs]
        others = {
            at: (swab, held.facts.points.get(point, held.area))
            for at, (swab, point) in enumerate(swabs)
            if found[at] is None and (swab.identity is not None or swab.slip)
        }
        for at, person in find_people(others, batch=batch, by=by, now=now).items():
            found[at] = person
    named = iter(found)
    for tube in tubes:
        people = list(islice(named, len(tube.sent.swabs)))
        tube.people = [person for person in dict.fromkeys(people) if person is not None]
        tube.unknown = people.count(None)


def _judge(tubes: Sequence[_Incoming], held: Held, now: datetime) -> dict[int, Reason]:
    """The first reason against each tube that is not taken in, by its position."""
    refused: dict[int, Reason] = {}
    seen: set[int] = set()
    for tube in tubes:
        sent = tube.sent
        facts = TubeFacts(
            number=tube.number,
            label=sent.number,
            round=sent.round,
            point=sent.point,
            kind=sent.kind,
            opened_at=tube.opened_at,
            closed_at=tube.closed_at,
            persons=len(tube.people),
            items=len(sent.items),
            unknown=tube.unknown,
            twice=tube.number in seen,
        )
        decision = judge_tube(facts, held.facts, now=now)
        if not decision.allowed:
            refused[tube.position] = decision.reasons[0]
        elif tube.number is not None:
            seen.add(tube.number)
    return refused


def _row(tube: _Incoming, held: Held) -> TubeRow:
    assert tube.number is not None, "judge_tube refuses a label that is no number"
    sent = tube.sent
    return TubeRow(
        number=tube.number,
        area=held.facts.points[sent.point],
        day=local_day(tube.opened_at),
        round=sent.round,
        point=sent.point,
        kind=sent.kind,
        opened_at=tube.opened_at,
        closed_at=tube.closed_at,
        people=tube.people,
    )


def _said(
    sent: UploadSent,
    held: Held,
    tubes: Sequence[_Incoming],
    refused: Mapping[int, Reason],
    boxes: Mapping[str, Reason | None] = _NO_BOXES,
) -> dict[str, Any]:
    taken = [tube for tube in tubes if tube.position not in refused]
    boxed = sum(reason is None for reason in boxes.values())
    return {
        "device": sent.device,
        "counter": sent.counter,
        "accepted": {"tubes": len(taken), "swabs": sum(len(tube.people) for tube in taken), "boxes": boxed},
        "repeated": sum(len(tube.sent.swabs) - len(tube.people) for tube in taken),
        "missing": max(sent.counter - held.last_counter - 1, 0),
        "refused": [
            *({"tube": tubes[at].sent.number, **_why(reason)} for at, reason in sorted(refused.items())),
            *({"box": box, **_why(reason)} for box, reason in boxes.items() if reason is not None),
        ],
    }


def _why(reason: Reason) -> dict[str, Any]:
    return {"code": reason.code, "params": dict(reason.params)}


def _keep_items(tubes: Sequence[_Incoming], held: Held) -> None:
    rows = [
        PooledItem(
            area=held.facts.points[tube.sent.point],
            tube=tube.number or 0,
            position=at,
            what=item.what.strip(),
            where=item.where.strip(),
        )
        for tube in tubes
        for at, item in enumerate(tube.sent.items)
    ]
    if rows:
        PooledItem.objects.bulk_create(rows)


def _keep_disputed(
    sent: UploadSent,
    tubes: Sequence[_Incoming],
    reasons: Mapping[int, Reason],
    held: Held,
    upload: UploadRow,
) -> None:
    rows = [
        DisputedTube(
            area=held.facts.points.get(tube.sent.point, held.area),
            device_id=sent.device,
            counter=sent.counter,
            position=tube.position,
            label=tube.sent.number,
            code=reasons[tube.position].code,
            params=dict(reasons[tube.position].params),
            persons=min(len(tube.sent.swabs), 32_767),
            content_sealed=seal_tube(tube.sent),
            received_at=upload.received_at,
            shift_s=upload.shift_s,
        )
        for tube in tubes
    ]
    if rows:
        DisputedTube.objects.bulk_create(rows)


def _tell(upload: UploadRow, said: Mapping[str, Any], rounds: set[int], *, by: Actor) -> None:
    """One event an upload, however many tubes it brings."""
    record(
        "sampling.tubes_uploaded",
        subject_of(upload.device),
        by=by,
        at=upload.received_at,
        area=upload.area,
        payload={
            "counter": upload.counter,
            "digest": upload.digest.hex(),
            **said["accepted"],
            "refused": len(said["refused"]),
            "rounds": sorted(rounds),
            "shift_s": upload.shift_s,
        },
    )
