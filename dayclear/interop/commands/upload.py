"""Taking a line list in: the file is kept encrypted in the database, so that nothing of it lies about on a disk and a
killed worker finds it again."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.db import transaction
from procrastinate.contrib.django import app

from dayclear.foundation.actors import Actor
from dayclear.foundation.clock import local_day
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.encryption import decrypt, encrypt
from dayclear.foundation.events import record
from dayclear.foundation.filters import existing
from dayclear.foundation.retention import RetentionClass, retain_until
from dayclear.foundation.rules import Right
from dayclear.foundation.scope import acting
from dayclear.interop.models import Import, ImportFrame

_FRAME_BYTES = 1 << 20
IMPORT_TASK = "dayclear.interop.jobs.import_line_list"


def store_upload(stream: BinaryIO, file_name: str, *, by: Actor, now: datetime) -> Import:
    """Keep an uploaded file as a draft import. Memory does not grow with the file.

    Raises: Refused (`right_missing`, `file_too_large`, `file_empty`); then nothing is kept.
    """
    by.require(Right.IMPORT)
    with transaction.atomic():
        upload = Import.objects.create(
            area=by.area.lo,
            file_name=Path(file_name).name[:200],
            size_bytes=0,
            sha256=b"",
            disease="",
            uploaded_by=by.user_id,
            acting=by.as_json(),
            uploaded_at=now,
            retain_until=retain_until(RetentionClass.UPLOAD, local_day(now)),
        )
        digest, size, number = hashlib.sha256(), 0, 0
        while piece := stream.read(_FRAME_BYTES):
            digest.update(piece)
            size += len(piece)
            if size > settings.DAYCLEAR_LARGEST_UPLOAD:
                raise Refused(refuse("file_too_large", size=size, limit=settings.DAYCLEAR_LARGEST_UPLOAD))
            ImportFrame.objects.create(
                area=upload.area,
                upload=upload,
                number=number,
                sealed=encrypt(piece, purpose=_purpose(upload.pk, number)),
            )
            number += 1
        if not size:
            raise Refused(refuse("file_empty"))
        upload.size_bytes, upload.sha256 = size, digest.digest()
        upload.save(update_fields=["size_bytes", "sha256"])
        record(
            "interop.file_uploaded",
            f"interop.import:{upload.pk}",
            by=by,
            at=now,
            area=upload.area,
            payload={"size_bytes": size, "sha256": digest.hexdigest()},
        )
    return upload


@contextmanager
def with_file(upload_id: int, *, by: Actor) -> Iterator[Path]:
    """The uploaded file, in clear, in a folder only we can read, for the length of a block.

    The block itself runs in no transaction of ours: it may be long. Whoever is killed in it leaves the file behind; the
    job comes again and removes it first (`clear_left_file`).
    """
    folder = settings.HOME / "tmp"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=f"import-{upload_id}-") as own:
        path = Path(own) / "upload"
        with acting(by), path.open("wb") as file:
            frames = ImportFrame.objects.filter(upload=upload_id).order_by("number").values_list("number", "sealed")
            for number, sealed in frames.iterator(chunk_size=4):
                file.write(decrypt(sealed, purpose=_purpose(upload_id, number)))
        yield _named_for_its_content(path)


def clear_left_file(upload_id: int) -> None:
    """Remove the file in clear that a worker killed at this import left behind: nobody reads it any more."""
    for left in (settings.HOME / "tmp").glob(f"import-{upload_id}-*"):
        shutil.rmtree(left)


def _named_for_its_content(path: Path) -> Path:
    """openpyxl goes by a file's ending; the user's file may have any."""
    with path.open("rb") as file:
        is_zip = file.read(2) == b"PK"
    return path.rename(path.with_suffix(".xlsx" if is_zip else ".txt"))


def queue_import(upload_id: int, mapping: Mapping[str, Any], *, by: Actor, now: datetime, defer: bool = True) -> Import:
    """Start a draft import in the background, with the mapping and options the user settled on.

    Raises: Refused (`not_found`, `already_started`).
    """
    by.require(Right.IMPORT)
    with transaction.atomic():
        upload = lock_draft(upload_id)
        upload.mapping = dict(mapping)
        upload.disease = str(mapping.get("disease", ""))[:32]
        upload.numbering = str(mapping.get("numbering", ""))[:64]
        upload.state = "queued"
        upload.acting = by.as_json()
        upload.save(update_fields=["mapping", "disease", "numbering", "state", "acting"])
        record("interop.import_queued", f"interop.import:{upload.pk}", by=by, at=now, area=upload.area)
        if defer:
            app.configure_task(IMPORT_TASK, queue="imports", lock="line-list-imports").defer(upload_id=upload.pk)
    return upload


def cancel_import(upload_id: int, *, by: Actor, now: datetime) -> None:
    """Ask a running import to stop after the rows in hand; a queued one stops at once. What is in stays in.

    Raises: Refused (`not_found`, `already_finished`).
    """
    by.require(Right.IMPORT)
    with transaction.atomic():
        upload = _lock(upload_id)
        if upload.state not in ("queued", "running"):
            raise Refused(refuse("already_finished"))
        upload.cancel_requested = True
        if upload.state == "queued":
            upload.state, upload.finished_at = "cancelled", now
        upload.save(update_fields=["cancel_requested", "state", "finished_at"])
        record("interop.import_cancelled", f"interop.import:{upload.pk}", by=by, at=now, area=upload.area)


def drop_draft(upload_id: int, *, by: Actor, now: datetime) -> None:
    """Throw away an upload that was never started, file and all. Raises: Refused (`not_found`, `already_started`)."""
    by.require(Right.IMPORT)
    with transaction.atomic():
        upload = lock_draft(upload_id)
        record("interop.upload_dropped", f"interop.import:{upload.pk}", by=by, at=now, area=upload.area)
        upload.delete()


def lock_draft(upload_id: int) -> Import:
    """An upload that was not started yet. Raises: Refused (`not_found`, `already_started`)."""
    upload = _lock(upload_id)
    if upload.state != "draft":
        raise Refused(refuse("already_started"))
    return upload


def _lock(upload_id: int) -> Import:
    return existing(Import.objects.select_for_update().filter(pk=upload_id))


def _purpose(upload_id: int, number: int) -> str:
    return f"interop.import:{upload_id}:{number}"
