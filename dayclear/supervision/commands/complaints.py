"""Somebody says that they were wronged: taken down, tied to a prohibition, answered for like any other finding."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from dayclear.foundation.actors import Actor
from dayclear.foundation.areas import EVERYWHERE, county_of
from dayclear.foundation.clock import local_day
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.encryption import encrypt, lookup_hash
from dayclear.foundation.events import record
from dayclear.foundation.retention import RetentionClass, retain_until
from dayclear.foundation.rules import Right
from dayclear.policy.overreach import catalogue_ids
from dayclear.supervision.commands.opening import open_findings, subject_of
from dayclear.supervision.models import Complaint
from dayclear.supervision.rules import MEANS, OTHER
from dayclear.supervision.sightings import Sighting

CONTACT, CODE = "supervision.contact", "supervision.code"
# Without letters and digits that are taken for each other when read aloud.
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_CODE_LENGTH = 10


@dataclass(frozen=True, slots=True)
class ComplaintIn:
    """What somebody said. `contact` only if they want to be called back."""

    place: int
    predicate: str
    text: str
    means: str
    contact: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """A complaint taken down. `code` is told once to whoever complained, and kept nowhere."""

    id: int
    finding: int
    code: str


def take_complaint(said: ComplaintIn, *, by: Actor, now: datetime) -> Taken:
    """Take a complaint down; it opens a finding, or joins the one that is open for the same place and prohibition.

    Raises: Refused (`outside_place`, `predicate_unknown`, `complaint_missing`, `unknown_means`).
    """
    by.require(Right.TAKE_COMPLAINTS)
    with transaction.atomic():
        _require(said, by)
        sighting = Sighting(
            area=said.place,
            subject=f"places.place:{said.place}",
            about="complaint",
            predicate=said.predicate,
            owner=county_of(said.place),
            review=True,
        )
        finding = open_findings([sighting], "complaint", by=by, now=now)[sighting.key]
        code = "".join(secrets.choice(_ALPHABET) for _ in range(_CODE_LENGTH))
        row = Complaint.objects.create(
            area=said.place,
            finding_id=finding,
            predicate=said.predicate,
            text=said.text.strip()[:4000],
            means=said.means,
            contact_sealed=encrypt(said.contact.strip()[:200].encode(), purpose=CONTACT)
            if said.contact.strip()
            else None,
            code_hash=code_hash(code),
            received_at=now,
            taken_label=by.label,
            retain_until=retain_until(RetentionClass.COMPLAINT, local_day(now)),
        )
        record(
            "supervision.complaint_taken",
            subject_of(finding),
            by=by,
            at=now,
            area=row.area,
            payload={"complaint": row.pk, "predicate": row.predicate, "means": row.means},
        )
    return Taken(row.pk, finding, code)


def code_hash(code: str) -> bytes:
    """How a follow-up code is looked up: as it is written down, whatever spaces and small letters it comes with."""
    return lookup_hash("".join(code.split()).upper(), purpose=CODE)


def _require(said: ComplaintIn, by: Actor) -> None:
    if said.place not in EVERYWHERE or said.place not in by.area:
        raise Refused(refuse("outside_place"))
    if said.predicate != OTHER and said.predicate not in catalogue_ids():
        raise Refused(refuse("predicate_unknown", value=said.predicate[:48]))
    if not said.text.strip():
        raise Refused(refuse("complaint_missing"))
    if said.means not in MEANS:
        raise Refused(refuse("unknown_means", value=said.means[:24]))
