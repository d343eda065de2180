"""A round of dispatch accepted: its laboratories stand on its boxes, until their senders sign or it is taken back."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from dayclear.foundation.actors import Actor
from dayclear.foundation.decisions import Refused, refuse, require
from dayclear.foundation.events import record
from dayclear.foundation.filters import existing
from dayclear.foundation.rules import Right
from dayclear.lab.commands.boxes import address_of
from dayclear.lab.commands.dispatching import dispatch_subject
from dayclear.lab.models import Dispatch, DispatchedBox, Laboratory
from dayclear.lab.rules.dispatch import may_accept
from dayclear.sampling.commands.addressing import Address, address_boxes, clear_addresses


def accept_dispatch(dispatch_id: int, *, by: Actor, now: datetime) -> int:
    """Fill in the laboratory of each box that still stands ready; returns how many. Nobody has to send it there.

    Raises: Refused (`right_missing`, `not_found`, and those of `rules.dispatch.may_accept`).
    """
    by.require(Right.MANAGE_LABS)
    with transaction.atomic():
        row = _lock(dispatch_id, by)
        newest = Dispatch.objects.filter(area=row.area).order_by("-made_at", "-id").first()
        require(may_accept(is_newest=newest == row, is_accepted=row.accepted_at is not None, placed=row.placed))
        boxes = address_boxes(_addresses(row), by=by, now=now)
        # What was accepted before is overtaken: taking it back would empty what this one fills in.
        Dispatch.objects.filter(area=row.area, accepted_at__isnull=False).update(accepted_at=None, accepted_label="")
        Dispatch.objects.filter(pk=row.pk).update(accepted_at=now, accepted_label=by.label)
        payload = {"boxes": len(boxes), "tubes": row.placed}
        record("lab.dispatch_accepted", dispatch_subject(row.pk), by=by, at=now, area=row.area, payload=payload)
    return len(boxes)


def take_back_dispatch(dispatch_id: int, *, by: Actor, now: datetime) -> int:
    """Empty what the acceptance filled in, on every box that was not handed over since; returns how many.

    Raises: Refused (`right_missing`, `not_found`, `dispatch_not_accepted`).
    """
    by.require(Right.MANAGE_LABS)
    with transaction.atomic():
        row = _lock(dispatch_id, by)
        if row.accepted_at is None:
            raise Refused(refuse("dispatch_not_accepted"))
        boxes = clear_addresses(_addresses(row), by=by, now=now)
        Dispatch.objects.filter(pk=row.pk).update(accepted_at=None, accepted_label="")
        payload = {"boxes": len(boxes)}
        record("lab.dispatch_taken_back", dispatch_subject(row.pk), by=by, at=now, area=row.area, payload=payload)
    return len(boxes)


def _lock(dispatch_id: int, by: Actor) -> Dispatch:
    rows = Dispatch.objects.select_for_update().filter(area__range=(by.area.lo, by.area.hi))
    return existing(rows.filter(pk=dispatch_id))


def _addresses(row: Dispatch) -> list[Address]:
    names = dict(Laboratory.objects.values_list("pk", "name"))
    lines = DispatchedBox.objects.filter(dispatch=row).order_by("box").values_list("box", "laboratory_id")
    return [
        Address(box, address_of(laboratory), names[laboratory])
        for box, laboratory in lines
        if laboratory is not None and laboratory in names
    ]
