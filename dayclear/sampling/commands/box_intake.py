"""Boxes as the samplers close them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Min

from dayclear.foundation.actors import Actor
from dayclear.foundation.decisions import Reason
from dayclear.foundation.events import record
from dayclear.sampling.commands.boxes import box_subject, counts_of_closing, due_at, watch
from dayclear.sampling.models import Box, BoxedTube, Tube
from dayclear.sampling.rules.numbers import parsed, printed
from dayclear.sampling.wire import BoxSent


def take_in_boxes(
    sent: Sequence[BoxSent], device: int, area: int, shift: timedelta, *, by: Actor, now: datetime
) -> dict[str, Reason | None]:
    """Take in the boxes of an upload; returns, by box, the reason against it (None: it is in).

    A box whose hand count differs from its records is taken in with its discrepancy. Its tubes may come later: in
    another upload, or once a dispute is settled.
    """
    return {str(box.id): _take_in_box(box, device, area, shift, by=by, now=now) for box in sent}


def _take_in_box(sent: BoxSent, device: int, area: int, shift: timedelta, *, by: Actor, now: datetime) -> Reason | None:
    numbers = set()
    for label in sent.tubes:
        number = parsed(label)
        if number is None:
            return Reason("tube_number_bad", {"tube": label})
        numbers.add(number)
    if Box.objects.filter(pk=sent.id).exists():
        return Reason("box_known")
    oldest = Tube.objects.filter(number__in=numbers).aggregate(at=Min("opened_at"))["at"]
    closed_at = sent.closed_at + shift
    box = Box(
        id=sent.id,
        area=area,
        device_id=device,
        state="ready",
        tubes=len(numbers),
        counted=sent.counted,
        oldest_at=oldest,
        due_at=due_at(oldest or closed_at),
        closed_at=closed_at,
    )
    try:
        with transaction.atomic():
            box.save(force_insert=True)
            BoxedTube.objects.bulk_create(BoxedTube(tube=number, area=area, box=box) for number in sorted(numbers))
    except IntegrityError:
        # A tube is in one box, whoever boxes it at the same moment.
        return _elsewhere(numbers)
    watch(box, now=now)
    record(
        "sampling.box_closed",
        box_subject(box.pk),
        by=by,
        at=now,
        area=area,
        payload=counts_of_closing(box) | {"device": device},
    )
    return None


def _elsewhere(numbers: set[int]) -> Reason:
    boxed = BoxedTube.objects.filter(tube__in=numbers).order_by("tube").values_list("tube", flat=True).first()
    return Reason("box_known") if boxed is None else Reason("tube_in_other_box", {"tube": printed(boxed)})
