"""Laboratories, instruments and assays: set up by an officer, ended and never deleted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from dayclear.foundation.actors import Actor
from dayclear.foundation.decisions import Refused, refuse, require
from dayclear.foundation.events import record
from dayclear.foundation.filters import existing
from dayclear.foundation.rules import Right
from dayclear.lab.models import Assay, AssayTarget, Instrument, Laboratory
from dayclear.lab.rules.cutoffs import CutOffs
from dayclear.lab.rules.plates import Machine
from dayclear.lab.rules.setup import may_add_assay, may_add_instrument


@dataclass(frozen=True, slots=True)
class LaboratoryRecord:
    """A laboratory to be opened. `code` is how files and boxes name it."""

    area: int
    code: str
    name: str
    latitude: float | None = None
    longitude: float | None = None


def subject_of(laboratory_id: int) -> str:
    return f"lab.laboratory:{laboratory_id}"


def open_laboratory(said: LaboratoryRecord, *, by: Actor, now: datetime) -> int:
    """Raises: Refused (`outside_place`, `laboratory_not_named`, `laboratory_code_taken`)."""
    by.require(Right.MANAGE_LABS)
    code, name = said.code.strip(), said.name.strip()
    if said.area not in by.area:
        raise Refused(refuse("outside_place"))
    if not code or not name:
        raise Refused(refuse("laboratory_not_named"))
    with transaction.atomic():
        try:
            with transaction.atomic():
                row = Laboratory.objects.create(
                    area=said.area,
                    code=code[:24],
                    name=name[:120],
                    latitude=said.latitude,
                    longitude=said.longitude,
                    opened_at=now,
                )
        except IntegrityError:
            raise Refused(refuse("laboratory_code_taken", code=code[:24])) from None
        record("lab.laboratory_opened", subject_of(row.pk), by=by, at=now, area=row.area, payload={"code": row.code})
    return row.pk


def locate_laboratory(laboratory_id: int, latitude: float, longitude: float, *, by: Actor, now: datetime) -> None:
    """Enter where a laboratory stands: without a position no box is dispatched to it.

    Raises: Refused (`not_found`, `position_bad`).
    """
    by.require(Right.MANAGE_LABS)
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise Refused(refuse("position_bad"))
    with transaction.atomic():
        row = lock_laboratory(laboratory_id, by)
        payload = {"from": [row.latitude, row.longitude], "to": [latitude, longitude]}
        Laboratory.objects.filter(pk=row.pk).update(latitude=latitude, longitude=longitude)
        record("lab.laboratory_located", subject_of(row.pk), by=by, at=now, area=row.area, payload=payload)


def add_instrument(laboratory_id: int, code: str, machine: Machine, *, by: Actor, now: datetime) -> int:
    """Raises: Refused (`not_found`, `instrument_code_taken`, and those of `rules.setup.may_add_instrument`)."""
    by.require(Right.MANAGE_LABS)
    with transaction.atomic():
        laboratory = lock_laboratory(laboratory_id, by)
        require(may_add_instrument(code, machine))
        try:
            with transaction.atomic():
                row = Instrument.objects.create(
                    area=laboratory.area,
                    laboratory=laboratory,
                    code=code.strip()[:40],
                    wells=machine.wells,
                    controls=machine.controls,
                    runs_per_day=machine.runs_per_day,
                )
        except IntegrityError:
            raise Refused(refuse("instrument_code_taken", code=code.strip()[:40])) from None
        payload = {"instrument": row.pk, "wells": row.wells, "controls": row.controls, "runs": row.runs_per_day}
        record("lab.instrument_added", subject_of(laboratory_id), by=by, at=now, area=laboratory.area, payload=payload)
    return row.pk


def end_instrument(instrument_id: int, *, by: Actor, now: datetime) -> None:
    """Take a machine out of service; its runs stay. Raises: Refused (`not_found`)."""
    by.require(Right.MANAGE_LABS)
    with transaction.atomic():
        rows = Instrument.objects.select_for_update().filter(area__range=(by.area.lo, by.area.hi), ended_at=None)
        row = existing(rows.filter(pk=instrument_id))
        Instrument.objects.filter(pk=row.pk).update(ended_at=now)
        payload = {"instrument": row.pk}
        record("lab.instrument_ended", subject_of(row.laboratory_id), by=by, at=now, area=row.area, payload=payload)


def add_assay(cutoffs: CutOffs, *, name: str, disease: str, source: str, by: Actor, now: datetime) -> int:
    """Enter a version of an assay with its cut-offs. It is never changed: another version follows it.

    Raises: Refused (`whole_installation_only`, `assay_version_taken`, and those of `rules.setup.may_add_assay`).
    """
    by.require(Right.MANAGE_LABS)
    if not by.everywhere:
        # Cut-offs are the same for everybody: whoever could set them for one place would set them for all.
        raise Refused(refuse("whole_installation_only"))
    require(may_add_assay(cutoffs, name=name, source=source))
    with transaction.atomic():
        try:
            with transaction.atomic():
                row = Assay.objects.create(
                    code=cutoffs.assay.strip()[:40],
                    version=cutoffs.version.strip()[:24],
                    name=name.strip()[:120],
                    disease=disease,
                    cycles=cutoffs.cycles,
                    source=source.strip()[:300],
                    entered_at=now,
                    entered_label=by.label,
                )
        except IntegrityError:
            raise Refused(refuse("assay_version_taken", version=f"{cutoffs.assay} {cutoffs.version}")) from None
        AssayTarget.objects.bulk_create(_targets(row, cutoffs))
        payload = {
            "assay": row.code,
            "version": row.version,
            "targets": [[t.code, t.positive_below, t.grey_to, t.inclusive, t.control] for t in cutoffs.targets],
            "source": row.source,
        }
        record("lab.assay_entered", f"lab.assay:{row.pk}", by=by, at=now, area=0, payload=payload)
    return row.pk


def end_assay(assay_id: int, *, by: Actor, now: datetime) -> None:
    """Take a version out of use for new plates. Raises: Refused (`whole_installation_only`, `not_found`)."""
    by.require(Right.MANAGE_LABS)
    if not by.everywhere:
        raise Refused(refuse("whole_installation_only"))
    with transaction.atomic():
        if not Assay.objects.filter(pk=assay_id, ended_at=None).update(ended_at=now):
            raise Refused(refuse("not_found"))
        record("lab.assay_ended", f"lab.assay:{assay_id}", by=by, at=now, area=0)


def lock_laboratory(laboratory_id: int, by: Actor) -> Laboratory:
    """An open laboratory within the actor's places, held so that it is not ended meanwhile. Raises: Refused."""
    rows = Laboratory.objects.select_for_update(of=("self",), no_key=True)
    return existing(rows.filter(pk=laboratory_id, area__range=(by.area.lo, by.area.hi), ended_at=None))


def _targets(row: Assay, cutoffs: CutOffs) -> Sequence[AssayTarget]:
    return [
        AssayTarget(
            assay=row,
            position=position,
            code=target.code,
            positive_below=target.positive_below,
            grey_to=target.grey_to,
            inclusive=target.inclusive,
            control=target.control,
            loinc=target.loinc,
        )
        for position, target in enumerate(cutoffs.targets)
    ]
