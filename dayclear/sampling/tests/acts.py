"""A device and its uploads, made as a sampler's phone makes them."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from dayclear.foundation.actors import system
from dayclear.foundation.scope import acting
from dayclear.people.commands import PersonRecord, register_people
from dayclear.sampling.commands import (
    PointRecord,
    change_round,
    enrol_device,
    make_enrolment_code,
    plan_round,
    put_up_point,
    receive_upload,
)
from dayclear.sampling.commands.uploads import Answer
from dayclear.sampling.models import NumberBlock
from dayclear.sampling.rules.numbers import printed
from dayclear.sampling.rules.rounds import RoundPlan
from dayclear.sampling.signatures import jwk_of
from dayclear.sampling.tokens import make_tokens, token_text

VILLAGE = 610113001001 * 10**6
COUNTY = 610113 * 10**12
SYSTEM = system("tests")


@dataclass
class Phone:
    """An enrolled device with its key, at a point of an open round."""

    id: int
    key: ec.EllipticCurvePrivateKey
    round: int
    point: int
    first: int
    counter: int = 0
    opened: int = field(default=0)

    def label(self) -> str:
        """The next tube of the device's block."""
        self.opened += 1
        return printed(self.first + self.opened - 1)

    def tube(self, now: datetime, swabs: Sequence[dict[str, Any]], **said: Any) -> dict[str, Any]:
        """A tube closed two minutes ago."""
        return {
            "number": said.pop("number", None) or self.label(),
            "round": self.round,
            "point": self.point,
            "kind": "persons",
            "opened_at": (now - timedelta(minutes=12)).isoformat(),
            "closed_at": (now - timedelta(minutes=2)).isoformat(),
            "swabs": list(swabs),
            **said,
        }

    def batch(self, now: datetime, tubes: Sequence[dict[str, Any]] = (), **said: Any) -> bytes:
        """A frozen batch under the next counter."""
        if "counter" not in said:
            self.counter += 1
        body = {"device": self.id, "counter": self.counter, "sent_at": now.isoformat(), "tubes": list(tubes), **said}
        return json.dumps(body).encode()

    def sign(self, signed: bytes) -> str:
        r, s = decode_dss_signature(self.key.sign(signed, ec.ECDSA(hashes.SHA256())))
        return urlsafe_b64encode(r.to_bytes(32) + s.to_bytes(32)).decode().rstrip("=")

    def send(self, body: bytes, now: datetime, **said: Any) -> Answer:
        return receive_upload(body, self.sign(body), now=now, **said)


def open_round(now: datetime, *, area: int = COUNTY, people_per_tube: int = 10, name: str = "Round 1") -> int:
    """A round of a county, open since six hours ago and for the next eighteen."""
    plan = RoundPlan(
        area=area,
        name=name,
        disease="covid-19",
        starts_at=now - timedelta(hours=6),
        ends_at=now + timedelta(hours=18),
        people_per_tube=people_per_tube,
    )
    with acting(SYSTEM):
        made = plan_round(plan, by=SYSTEM, now=now)
        change_round(made, "open", by=SYSTEM, now=now)
    return made


def phone(
    now: datetime, *, area: int = COUNTY, round_id: int | None = None, point: int | None = None, mark: str = ""
) -> Phone:
    """Enrol a device for a place, with a point in its first village; `mark` stands in the names of all."""
    key = ec.generate_private_key(ec.SECP256R1())
    with acting(SYSTEM):
        if point is None:
            place = VILLAGE if area == COUNTY else area
            square = PointRecord(area=place, code="P1", name=f"{mark} Square", address=f"{mark} road")
            point = put_up_point(square, by=SYSTEM, now=now)
        code, _ends = make_enrolment_code(area, by=SYSTEM, now=now)
        device = enrol_device(code, jwk_of(key.public_key()), f"{mark} Phone", by=SYSTEM, now=now)
        first = NumberBlock.objects.get(device=device).first
    return Phone(device.pk, key, round_id or open_round(now, area=area, name=f"{mark} Round"), point, first)


def people(count: int, now: datetime, *, area: int = VILLAGE) -> list[int]:
    """Register people of a village."""
    with acting(SYSTEM):
        records = [PersonRecord(area=area, name=f"Person {number}") for number in range(count)]
        return register_people(records, by=SYSTEM, now=now, batch="people.batch:tests")


def tokens(persons: Sequence[int]) -> list[dict[str, Any]]:
    """Their swabs, scanned from their codes."""
    return [{"token": token_text(token)} for token in make_tokens([(person, 1) for person in persons])]
