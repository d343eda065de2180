"""Devices: enrolled by a code that is used once, given numbers, reported lost, revoked."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction

from dayclear.foundation.actors import Actor
from dayclear.foundation.areas import EVERYWHERE
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.events import record
from dayclear.foundation.filters import existing
from dayclear.foundation.rules import Right
from dayclear.foundation.scope import beyond_scope
from dayclear.sampling.models import Device, EnrolmentCode, NumberBlock
from dayclear.sampling.rules.numbers import MOST
from dayclear.sampling.signatures import point_of_jwk

# Without letters that look like figures; 20 of them hold 97 bits.
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_CODE_LENGTH = 20
_BLOCK_LOCK = 0x5A3B10C


def subject_of(device_id: int) -> str:
    return f"sampling.device:{device_id}"


def make_enrolment_code(area: int, *, by: Actor, now: datetime) -> tuple[str, datetime]:
    """Make a code that enrols one device for a place; returns it, the only time it can be read, and its end.

    Raises: Refused (`right_missing`, `outside_area`).
    """
    by.require(Right.RUN_SAMPLING)
    if area not in EVERYWHERE or area not in by.area:
        raise Refused(refuse("outside_area"))
    code = "".join(secrets.choice(_ALPHABET) for _ in range(_CODE_LENGTH))
    ends = now + timedelta(hours=settings.DAYCLEAR_SAMPLING["enrolment_lasts"])
    with transaction.atomic():
        row = EnrolmentCode.objects.create(
            area=area, digest=_digest(code), made_label=by.label, made_at=now, expires_at=ends
        )
        record("sampling.enrolment_code_made", f"sampling.enrolment:{row.pk}", by=by, at=now, area=area)
    return code, ends


def enrol_device(code: str, public_key: Mapping[str, object], name: str, *, by: Actor, now: datetime) -> Device:
    """Enrol the device that holds a code, with its public key, and give it a first block of numbers.

    The same key with the same code, because the answer was lost on its way, is given the same answer.
    Raises: Refused (`enrolment_code_bad`, `key_bad`, `device_name_missing`, `key_known`).
    """
    point = point_of_jwk(public_key)
    if not name.strip():
        raise Refused(refuse("device_name_missing"))
    with transaction.atomic():
        held = EnrolmentCode.objects.select_for_update().filter(digest=_digest(code), expires_at__gt=now).first()
        known = Device.objects.filter(public_key=point).first()
        if held is not None and held.used_at is not None and known is not None and known.enrolled_at == held.used_at:
            return known
        if held is None or held.used_at is not None:
            raise Refused(refuse("enrolment_code_bad"))
        if known is not None:
            raise Refused(refuse("key_known"))
        held.used_at = now
        held.save(update_fields=["used_at"])
        device = Device.objects.create(
            area=held.area,
            name=name.strip()[:80],
            public_key=point,
            enrolled_at=now,
            enrolled_label=held.made_label,
        )
        record(
            "sampling.device_enrolled",
            subject_of(device.pk),
            by=by,
            at=now,
            area=device.area,
            payload={"code": held.pk, "made_by": held.made_label},
        )
        issue_block(device, settings.DAYCLEAR_SAMPLING["block_size"], by=by, now=now)
    return device


def issue_block(device: Device, size: int, *, by: Actor, now: datetime) -> NumberBlock:
    """Give a device the next `size` tube numbers of the installation. Raises: Refused (`numbers_used_up`)."""
    with transaction.atomic():
        block = _next_block(device.area, size, now, device=device)
        payload = {"first": block.first, "last": block.last}
        record("sampling.block_issued", subject_of(device.pk), by=by, at=now, area=device.area, payload=payload)
    return block


def issue_more_numbers(device_id: int, *, by: Actor, now: datetime) -> NumberBlock:
    """Give a device another block. Raises: Refused (`not_found`, `device_state`)."""
    by.require(Right.RUN_SAMPLING)
    with transaction.atomic():
        device = _lock(device_id, by)
        if device.state != "active":
            raise Refused(refuse("device_state"))
        return issue_block(device, settings.DAYCLEAR_SAMPLING["block_size"], by=by, now=now)


@dataclass(frozen=True, slots=True)
class Roll:
    """A roll of labels: its numbers run from `first` to `last`."""

    id: int
    first: int
    last: int


def make_roll(area: int, size: int, *, by: Actor, now: datetime) -> Roll:
    """Set numbers aside for a pre-printed roll; a device may use them once the roll is handed to it.

    Raises: Refused (`outside_area`, `roll_size_bad`, `numbers_used_up`).
    """
    by.require(Right.RUN_SAMPLING)
    if area not in by.area:
        raise Refused(refuse("outside_area"))
    if not 1 <= size <= 100_000:
        raise Refused(refuse("roll_size_bad"))
    with transaction.atomic():
        block = _next_block(area, size, now, device=None)
        payload = {"first": block.first, "last": block.last}
        record("sampling.roll_made", f"sampling.block:{block.pk}", by=by, at=now, area=area, payload=payload)
    return Roll(block.pk, block.first, block.last)


def hand_roll(block_id: int, device_id: int, *, by: Actor, now: datetime) -> None:
    """Hand a roll to a device: from now on only this device may open its tubes.

    Raises: Refused (`not_found`, `roll_handed_out`, `device_state`).
    """
    by.require(Right.RUN_SAMPLING)
    with transaction.atomic():
        device = _lock(device_id, by)
        block = existing(NumberBlock.objects.select_for_update().filter(pk=block_id, is_roll=True))
        if block.device_id is not None or block.revoked_at is not None:
            raise Refused(refuse("roll_handed_out"))
        if device.state != "active":
            raise Refused(refuse("device_state"))
        block.device = device
        block.save(update_fields=["device"])
        payload = {"first": block.first, "last": block.last, "roll": block.pk}
        record("sampling.block_issued", subject_of(device.pk), by=by, at=now, area=device.area, payload=payload)


def end_device(device_id: int, state: str, *, reason: str, by: Actor, now: datetime) -> int:
    """Report a device lost, or revoke it: its number blocks are revoked with it. Returns how many blocks.

    What a lost device sends is kept and disputed; what a revoked one sends is refused. A lost device may still be
    revoked. Raises: Refused (`not_found`, `device_state`, `reason_missing`).
    """
    by.require(Right.RUN_SAMPLING)
    if not reason.strip():
        raise Refused(refuse("reason_missing"))
    with transaction.atomic():
        device = _lock(device_id, by)
        if state not in ("lost", "revoked") or device.state in ("revoked", state):
            raise Refused(refuse("device_state"))
        before, device.state = device.state, state
        device.ended_at, device.ended_label, device.end_reason = now, by.label, reason.strip()[:200]
        device.save(update_fields=["state", "ended_at", "ended_label", "end_reason"])
        blocks = device.blocks.filter(revoked_at=None).update(revoked_at=now)
        record(
            "sampling.device_ended",
            subject_of(device.pk),
            by=by,
            at=now,
            area=device.area,
            payload={"state": [before, state], "reason": device.end_reason, "blocks": blocks},
        )
    return blocks


def _next_block(area: int, size: int, now: datetime, *, device: Device | None) -> NumberBlock:
    # Numbers are given in order over all places: one giver at a time.
    with beyond_scope(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_BLOCK_LOCK])
        cursor.execute("SELECT coalesce(max(last), 0) + 1 FROM sampling_number_block")
        first = cursor.fetchone()[0]
    if first + size - 1 > MOST:
        raise Refused(refuse("numbers_used_up"))
    return NumberBlock.objects.create(
        area=area, device=device, first=first, last=first + size - 1, is_roll=device is None, made_at=now
    )


def _lock(device_id: int, by: Actor) -> Device:
    rows = Device.objects.select_for_update().filter(area__range=(by.area.lo, by.area.hi), pk=device_id)
    return existing(rows)


def _digest(code: str) -> bytes:
    return hashlib.sha256("".join(code.split()).upper().encode()).digest()
