"""Result files as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec

from dayclear.foundation.decisions import Refused, refuse
from dayclear.interop.labfiles.content import LabFile
from dayclear.lab.rules.cutoffs import State
from dayclear.lab.rules.intake import PlateReadings, Reading


class _Well(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    well: str
    ct: dict[str, float | None]
    tube: str = ""
    clear: tuple[str, ...] = ()
    call: State | None = None


class _Plate(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    plate: str
    assay: str
    version: str
    instrument: str
    readings: tuple[_Well, ...]
    started_at: datetime | None = None
    ended_at: datetime | None = None
    curves: int | None = None
    wells: int | None = None


class _File(msgspec.Struct, forbid_unknown_fields=True):
    plates: tuple[_Plate, ...]


def read_json(data: bytes) -> LabFile:
    """Raises: Refused (`file_not_as_described`, `time_without_offset`)."""
    try:
        file = msgspec.json.decode(data, type=_File)
    except msgspec.DecodeError as wrong:
        raise Refused(refuse("file_not_as_described", detail=str(wrong)[:200])) from None
    for plate in file.plates:
        if any(at is not None and at.tzinfo is None for at in (plate.started_at, plate.ended_at)):
            raise Refused(refuse("time_without_offset", plate=plate.plate[:60]))
    plates = tuple(_read(plate) for plate in file.plates)
    rows = sum(len(plate.readings) for plate in plates)
    return LabFile("json", plates, rows=rows, used=rows)


def write_json(plates: Iterable[PlateReadings]) -> bytes:
    return msgspec.json.encode(_File(tuple(_written(plate) for plate in plates)))


def _read(said: _Plate) -> PlateReadings:
    # JSON has no lines: a reading is counted from 1 as it stands in its plate.
    readings = tuple(
        Reading(each.well, each.tube, each.ct, frozenset(each.clear), each.call, row)
        for row, each in enumerate(said.readings, start=1)
    )
    return PlateReadings(
        said.plate,
        said.assay,
        said.version,
        said.instrument,
        said.started_at,
        said.ended_at,
        readings,
        said.curves,
        said.wells,
    )


def _written(plate: PlateReadings) -> _Plate:
    wells = tuple(
        _Well(each.well, dict(each.cts), each.tube, tuple(sorted(each.clear_curves)), each.call)
        for each in plate.readings
    )
    stated = len(wells) if plate.stated is None else plate.stated
    return _Plate(
        plate.plate,
        plate.assay,
        plate.version,
        plate.instrument,
        wells,
        plate.started_at,
        plate.ended_at,
        plate.curves,
        stated,
    )
