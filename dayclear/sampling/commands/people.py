"""Who was swabbed: codes, identity numbers and paper slips become persons, all alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from dayclear.foundation.actors import Actor
from dayclear.foundation.areas import county_of
from dayclear.foundation.decisions import Refused
from dayclear.foundation.identifiers import is_misspelt_id_number, is_resident_id_number, normal_id_number
from dayclear.foundation.retention import RetentionClass
from dayclear.people.commands import PersonRecord, register_people
from dayclear.sampling.models import Slip
from dayclear.sampling.wire import Identity, SwabSent

RESIDENT_ID = "CN-ID"


def find_people(swabs: Mapping[int, tuple[SwabSent, int]], *, batch: str, by: Actor, now: datetime) -> dict[int, int]:
    """The persons of swabs without a code, each taken at a place; whoever is new is registered with the least known.

    Shape: by the swabs' own keys; absent where what was typed names nobody. `batch` is the event subject.
    """
    found: dict[int, int] = {}
    typed = {at: (swab.identity, area) for at, (swab, area) in swabs.items() if swab.identity is not None}
    slips = {at: (swab.slip.strip(), area) for at, (swab, area) in swabs.items() if swab.slip.strip()}
    if typed:
        _by_identity(typed, found, batch=batch, by=by, now=now)
    if slips:
        _by_slip(slips, found, batch=batch, by=by, now=now)
    return found


def is_good_identity(identity: Identity) -> bool:
    """Whether a typed number can be one: a resident identity number carries its check character."""
    number = normal_id_number(identity.number)
    if identity.kind == RESIDENT_ID:
        return is_resident_id_number(number)
    return len(number) >= 5 and not is_misspelt_id_number(number)


def _by_identity(
    typed: Mapping[int, tuple[Identity, int]], found: dict[int, int], *, batch: str, by: Actor, now: datetime
) -> None:
    good = {at: said for at, said in typed.items() if is_good_identity(said[0])}
    records = [
        PersonRecord(area=area, name=identity.name.strip(), id_number=identity.number)
        for identity, area in good.values()
    ]
    for at, person in zip(good, _registered(records, batch=batch, by=by, now=now), strict=True):
        found[at] = person


def _by_slip(
    slips: Mapping[int, tuple[str, int]], found: dict[int, int], *, batch: str, by: Actor, now: datetime
) -> None:
    keys = {at: (county_of(area), number) for at, (number, area) in slips.items()}
    places = {keys[at]: area for at, (_number, area) in slips.items()}
    known = _slips(set(keys.values()))
    # In one order, so that two uploads with the same new slips wait for each other and not in a circle.
    fresh = sorted(set(places) - set(known))
    if fresh:
        # A person known by a slip alone; a merge joins them with whoever they turn out to be.
        records = [PersonRecord(area=places[key], name=f"№{key[1]}") for key in fresh]
        people = _registered(records, batch=batch, by=by, now=now)
        Slip.objects.bulk_create(
            [
                Slip(area=places[key], county=key[0], number=key[1], person_id=person, first_seen_at=now)
                for key, person in zip(fresh, people, strict=True)
            ],
            ignore_conflicts=True,
        )
        # Whoever wrote a slip first has settled whose it is.
        known = _slips(set(keys.values()))
    for at, key in keys.items():
        found[at] = known[key]


def _slips(keys: set[tuple[int, str]]) -> dict[tuple[int, str], int]:
    rows = Slip.objects.filter(county__in={county for county, _ in keys}, number__in={number for _, number in keys})
    return {(row.county, row.number): row.person_id for row in rows}


def _registered(records: Sequence[PersonRecord], *, batch: str, by: Actor, now: datetime) -> list[int]:
    if not records:
        return []
    try:
        with transaction.atomic():
            return register_people(records, by=by, now=now, batch=batch, kept=RetentionClass.SWAB)
    except Refused as refused:
        if "registered_meanwhile" not in refused.decision.codes:
            raise
    # Another upload registered one of them a moment ago: now they are known.
    return register_people(records, by=by, now=now, batch=batch, kept=RetentionClass.SWAB)
