"""Residents' codes: a signed, opaque token that a phone verifies without a network."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

import cbor2
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cwt import COSE, COSEKey
from cwt.cose_key_interface import COSEKeyInterface
from django.conf import settings
from django.db import transaction

from dayclear.foundation.actors import Actor
from dayclear.foundation.areas import DIGITS, area_of
from dayclear.foundation.database import copy_rows, next_ids
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.events import record
from dayclear.foundation.rules import Right
from dayclear.foundation.scope import acting
from dayclear.people.models import Person
from dayclear.sampling.keys import key_id, signing_key
from dayclear.sampling.models import ResidentCode
from dayclear.sampling.rules.codes import base45
from dayclear.sampling.tokens import make_tokens

ISSUER = "dayclear"
# Claims: issuer, end, issue (RFC 8392), and three of our own in the range for private use.
_ISS, _EXP, _IAT, _TOKEN, _REGION, _KIND = 1, 4, 6, -70001, -70002, -70003
_REGION_DIGITS = 6
_AT_A_TIME = 1_000
_COLUMNS = ("serial", "area", "person_id", "issued_at", "expires_at")


@dataclass(frozen=True, slots=True)
class Code:
    """A resident's code. `text` goes into the QR code as it is."""

    person: int
    name: str
    text: str
    expires_at: datetime


def issue_codes(people: Sequence[int], *, by: Actor, now: datetime) -> list[Code]:
    """Make codes for people of the actor's places, in the order of the ids; one event, however many.

    Raises: Refused (`right_missing`, `not_found`, for somebody outside).
    """
    by.require(Right.ISSUE_CODES)
    inside = Person.objects.filter(area__range=(by.area.lo, by.area.hi), merged_into=None)
    found = {row.pk: row for row in inside.filter(pk__in=set(people)).only("pk", "area", "name")}
    if set(people) - set(found):
        raise Refused(refuse("not_found"))
    order = list(dict.fromkeys(people))
    issued_at = now.replace(microsecond=0)
    expires_at = issued_at + timedelta(days=settings.DAYCLEAR_SAMPLING["resident_code_lasts"])
    with transaction.atomic():
        serials = next_ids("sampling_resident_code_serial_seq", len(order))
        rows = [
            (serial, found[person].area, person, issued_at, expires_at)
            for serial, person in zip(serials, order, strict=True)
        ]
        copy_rows("sampling_resident_code", _COLUMNS, rows)
        tokens = make_tokens(list(zip(order, serials, strict=True)))
        record(
            "sampling.codes_issued",
            f"sampling.codes:{serials[0] if serials else 0}",
            by=by,
            at=now,
            area=by.area.lo,
            payload={"codes": len(order), "expires_at": expires_at.isoformat()},
        )
    return [
        Code(person, found[person].name, _signed(token, found[person].area, issued_at, expires_at), expires_at)
        for person, token in zip(order, tokens, strict=True)
    ]


def issue_codes_of_place(place: int, *, by: Actor, now: datetime) -> Iterator[list[Code]]:
    """Make codes for everybody of a place, a thousand at a time, each thousand in a transaction of its own.

    Raises: Refused (`right_missing`, `outside_area`).
    """
    by.require(Right.ISSUE_CODES)
    if place not in by.area:
        raise Refused(refuse("outside_area"))
    inside, last = area_of(place), 0
    while True:
        with acting(by):
            rows = Person.objects.filter(area__range=(inside.lo, inside.hi), merged_into=None, pk__gt=last)
            people = list(rows.order_by("pk").values_list("pk", flat=True)[:_AT_A_TIME])
            codes = issue_codes(people, by=by, now=now) if people else []
        if not codes:
            return
        yield codes
        last = people[-1]


def revoke_codes(people: Iterable[int], *, by: Actor, now: datetime) -> int:
    """Revoke every code of these people that still runs; devices hear of it with their next bundle.

    Returns how many.
    """
    by.require(Right.ISSUE_CODES)
    with transaction.atomic():
        running = ResidentCode.objects.filter(
            area__range=(by.area.lo, by.area.hi), person_id__in=set(people), revoked_at=None, expires_at__gt=now
        )
        count = running.update(revoked_at=now)
        if count:
            area = by.area.lo
            record(
                "sampling.codes_revoked", f"sampling.codes:{area}", by=by, at=now, area=area, payload={"codes": count}
            )
    return count


def _signed(token: bytes, area: int, issued_at: datetime, expires_at: datetime) -> str:
    claims = {
        _ISS: ISSUER,
        _EXP: int(expires_at.timestamp()),
        _IAT: int(issued_at.timestamp()),
        _TOKEN: token,
        _REGION: f"{area:0{DIGITS}d}"[:_REGION_DIGITS],
        _KIND: "resident",
    }
    maker = COSE.new(alg_auto_inclusion=True, kid_auto_inclusion=True)
    signed = maker.encode_and_sign(cbor2.dumps(claims), _cose_key(signing_key()))
    assert isinstance(signed, bytes), "without `out`, cwt gives bytes"
    return base45(signed)


@lru_cache(maxsize=4)
def _cose_key(key: ec.EllipticCurvePrivateKey) -> COSEKeyInterface:
    form = serialization.PrivateFormat.PKCS8
    pem = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    return COSEKey.from_pem(pem, alg="ES256", kid=key_id(key.public_key()))
