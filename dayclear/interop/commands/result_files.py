"""A result file on its way into a laboratory: kept, looked at, taken in."""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.db import transaction

from dayclear.foundation.actors import Actor
from dayclear.foundation.clock import local_day, local_zone
from dayclear.foundation.decisions import Decision, Reason, Refused, refuse
from dayclear.foundation.encryption import decrypt, encrypt
from dayclear.foundation.events import record
from dayclear.foundation.filters import existing
from dayclear.foundation.retention import RetentionClass, retain_until
from dayclear.foundation.rules import Right
from dayclear.interop.labfiles.content import LabFile
from dayclear.interop.labfiles.reading import read_lab_file
from dayclear.interop.models import ResultFile
from dayclear.lab.commands import Checked, TakenIn, check_results, take_in_results
from dayclear.lab.queries import laboratory_in_scope

_PURPOSE = "interop.result_file"
_NAMED = 100


@dataclass(frozen=True, slots=True)
class Look:
    """A result file, and what taking it in would come to."""

    file: LabFile
    checked: Checked


def store_result_file(laboratory_id: int, stream: BinaryIO, file_name: str, *, by: Actor, now: datetime) -> int:
    """Keep a result file. A file that cannot be read is not kept.

    Raises: Refused (`right_missing`, `not_found`, `file_too_large`, `file_empty`, and what the readers refuse),
    LineListRefused.
    """
    by.require(Right.WORK_IN_LAB)
    data = stream.read(settings.DAYCLEAR_LARGEST_UPLOAD + 1)
    if len(data) > settings.DAYCLEAR_LARGEST_UPLOAD:
        raise Refused(refuse("file_too_large", size=len(data), limit=settings.DAYCLEAR_LARGEST_UPLOAD))
    if not data:
        raise Refused(refuse("file_empty"))
    file = _read(data)
    with transaction.atomic():
        laboratory = laboratory_in_scope(by, laboratory_id)
        row = ResultFile.objects.create(
            area=laboratory.area,
            laboratory=laboratory,
            file_name=Path(file_name).name[:200],
            form=file.form,
            sha256=hashlib.sha256(data).digest(),
            sealed=encrypt(data, purpose=_PURPOSE),
            rows=file.rows,
            plates=len(file.plates),
            uploaded_at=now,
            uploaded_label=by.label,
            retain_until=retain_until(RetentionClass.UPLOAD, local_day(now)),
        )
        payload = {"form": file.form, "rows": file.rows, "plates": row.plates, "laboratory": laboratory.pk}
        record("interop.result_file_uploaded", file_subject(row.pk), by=by, at=now, area=row.area, payload=payload)
    return row.pk


def look_at_result_file(row: ResultFile, *, by: Actor) -> Look:
    """What taking a file in would come to; writes nothing. Raises: Refused (`not_found`)."""
    file = _opened(row)
    return Look(file, check_results(row.laboratory_id, file.plates, by=by))


def take_in_result_file(file_id: int, *, by: Actor, now: datetime) -> TakenIn:
    """Take a file's plates in: those without a problem, once.

    Raises: Refused (`not_found`, `file_has_problems`, `results_taken_in`).
    """
    by.require(Right.WORK_IN_LAB)
    with transaction.atomic():
        mine = ResultFile.objects.select_for_update(of=("self",)).filter(area__range=(by.area.lo, by.area.hi))
        row = existing(mine.filter(pk=file_id))
        if row.taken_at is not None:
            raise Refused(refuse("results_taken_in"))
        file = _opened(row)
        if file.problems:
            # A line that could not be read belongs to some plate: which, nobody can say.
            rows = [
                Reason(each.reason.code, {**each.reason.params, "row": each.row}) for each in file.problems[:_NAMED]
            ]
            raise Refused(Decision((Reason("file_has_problems", {"n": len(file.problems)}), *rows)))
        taken = take_in_results(row.laboratory_id, file.plates, by=by, now=now)
        ResultFile.objects.filter(pk=row.pk).update(wells=taken.wells, taken_at=now, taken_label=by.label)
        payload = {"wells": taken.wells, "plates": len(taken.plates), "left": sorted(taken.problems)[:100]}
        record("interop.result_file_taken_in", file_subject(row.pk), by=by, at=now, area=row.area, payload=payload)
    return taken


def bring_in_results(laboratory_id: int, data: bytes, *, by: Actor, now: datetime) -> tuple[int, TakenIn]:
    """Keep a result file and take it in at once, as a program sends it. Returns the file's id with what it did.

    Raises: Refused and LineListRefused, as `store_result_file` and `take_in_result_file`; nothing is kept then.
    """
    with transaction.atomic():
        file_id = store_result_file(laboratory_id, BytesIO(data), "", by=by, now=now)
        return file_id, take_in_result_file(file_id, by=by, now=now)


def drop_result_files(*, by: Actor, now: datetime) -> int:
    """Delete result files whose time is over; returns how many."""
    by.require(Right.MANAGE_ACCOUNTS)
    return ResultFile.objects.filter(retain_until__lt=local_day(now)).delete()[0]


def file_subject(file_id: int) -> str:
    return f"interop.result_file:{file_id}"


def _opened(row: ResultFile) -> LabFile:
    return _read(decrypt(row.sealed, purpose=_PURPOSE))


def _read(data: bytes) -> LabFile:
    """Read a file from a folder only we can read: the readers of workbooks want a path."""
    folder = settings.HOME / "tmp"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix="results-") as own:
        path = Path(own) / ("upload.xlsx" if data[:2] == b"PK" else "upload.txt")
        path.write_bytes(data)
        return read_lab_file(path, zone=local_zone())
