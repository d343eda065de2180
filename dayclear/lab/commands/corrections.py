"""A released result becomes another: asked for by one person, signed by a second, as a new version."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from dayclear.foundation.actors import Actor
from dayclear.foundation.decisions import Refused, refuse, require
from dayclear.foundation.events import record
from dayclear.foundation.filters import existing
from dayclear.foundation.rules import Right
from dayclear.foundation.scope import beyond_scope
from dayclear.lab.commands.plating import plate_subject
from dayclear.lab.commands.release import lock_plates, tell_corrected
from dayclear.lab.models import Correction, Plate, ReceivedTube, Result
from dayclear.lab.rules.cutoffs import State
from dayclear.lab.rules.release import may_ask_correction, may_sign_correction


def ask_correction(plate_id: int, tube: int, wanted: str, reason: str, *, by: Actor, now: datetime) -> int:
    """Ask that the result of a tube become another.

    Raises: Refused (`not_found`, `correction_open`, and those of `rules.release.may_ask_correction`).
    """
    by.require(Right.RELEASE_RESULTS)
    with transaction.atomic():
        (plate,) = lock_plates([plate_id], by)
        newest = _newest(plate, tube)
        require(may_ask_correction(State(newest.state) if newest else None, wanted, reason))
        assert newest is not None, "refused above"
        try:
            with transaction.atomic():
                row = Correction.objects.create(
                    area=plate.area,
                    laboratory_id=plate.laboratory_id,
                    plate_id=plate.pk,
                    tube=tube,
                    of_version=newest.version,
                    wanted=wanted,
                    reason=reason.strip()[:300],
                    asked_at=now,
                    asked_by=by.user_id,
                    asked_label=by.label,
                )
        except IntegrityError:
            raise Refused(refuse("correction_open")) from None
        payload = {"tube": tube, "from": newest.state, "to": wanted}
        record("lab.correction_asked", plate_subject(plate.pk), by=by, at=now, area=plate.area, payload=payload)
    return row.pk


def sign_correction(correction_id: int, *, by: Actor, now: datetime) -> None:
    """Sign a correction: it becomes the newest version of the result.

    Raises: Refused (`not_found`, and those of `rules.release.may_sign_correction`).
    """
    by.require(Right.RELEASE_RESULTS)
    with transaction.atomic():
        asked = _lock_open(correction_id, by)
        (plate,) = lock_plates([asked.plate_id], by)
        newest = _newest(plate, asked.tube)
        superseded = newest is None or newest.version != asked.of_version
        require(may_sign_correction(asked_by=asked.asked_by, by=by.user_id, superseded=superseded))
        assert newest is not None, "refused above"
        _write(newest, asked, now)
        Correction.objects.filter(pk=asked.pk).update(signed_at=now, signed_by=by.user_id, signed_label=by.label)
        tell_corrected(plate, [(asked.tube, newest.state, asked.wanted, newest.version + 1)], by=by, now=now)


def withdraw_correction(correction_id: int, *, by: Actor, now: datetime) -> None:
    """Take back what was asked for and not signed. Raises: Refused (`not_found`)."""
    by.require(Right.RELEASE_RESULTS)
    with transaction.atomic():
        asked = _lock_open(correction_id, by)
        payload = {"tube": asked.tube, "to": asked.wanted}
        asked.delete()
        subject = plate_subject(asked.plate_id)
        record("lab.correction_withdrawn", subject, by=by, at=now, area=asked.area, payload=payload)


def examine_again(plate_id: int, tube: int, reason: str, *, by: Actor, now: datetime) -> None:
    """Send a reported tube back to the queue: one target alone is examined again from the same tube.

    Raises: Refused (`not_found`, `why_missing`, `not_reported_yet`).
    """
    by.require(Right.WORK_IN_LAB)
    with transaction.atomic():
        (plate,) = lock_plates([plate_id], by)
        if not reason.strip():
            raise Refused(refuse("why_missing"))
        if _newest(plate, tube) is None:
            raise Refused(refuse("not_reported_yet"))
        if not ReceivedTube.objects.filter(tube=tube, plate_id=plate.pk).update(plate_id=None):
            raise Refused(refuse("not_found"))
        payload = {"tube": tube, "reason": reason.strip()[:300]}
        record("lab.tube_queued_again", plate_subject(plate.pk), by=by, at=now, area=plate.area, payload=payload)


def _lock_open(correction_id: int, by: Actor) -> Correction:
    """A correction of the actor's places that nobody has signed. Raises: Refused (`not_found`)."""
    mine = Correction.objects.select_for_update().filter(area__range=(by.area.lo, by.area.hi), signed_at=None)
    return existing(mine.filter(pk=correction_id))


def _newest(plate: Plate, tube: int) -> Result | None:
    """The newest version of a tube's result, if it is of this plate; wherever the tube was taken."""
    if tube not in plate.tubes:
        raise Refused(refuse("not_found"))
    with beyond_scope():
        row = Result.objects.filter(tube=tube).order_by("-version").first()
    return row if row is not None and row.plate_id == plate.pk else None


def _write(newest: Result, asked: Correction, now: datetime) -> None:
    with beyond_scope():
        Result.objects.create(
            tube=newest.tube,
            version=newest.version + 1,
            area=newest.area,
            state=asked.wanted,
            laboratory_id=newest.laboratory_id,
            plate_id=newest.plate_id,
            well=newest.well,
            assay_id=newest.assay_id,
            cts=None,
            reported_at=now,
            reason=asked.reason,
        )
