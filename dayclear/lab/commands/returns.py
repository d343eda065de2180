"""What every laboratory owes every few hours: opened by the clock, sent by the laboratory, late where it is not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Sum

from dayclear.foundation.actors import Actor
from dayclear.foundation.areas import county_of
from dayclear.foundation.clock import local_day, local_zone
from dayclear.foundation.deadlines import meet_deadline, open_deadline
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.events import record
from dayclear.foundation.filters import existing
from dayclear.foundation.rules import Right
from dayclear.lab.models import LabHour, Laboratory, LabReturn
from dayclear.lab.rules.returns import Figures, differing, last_period

RETURN = "lab.return"
_MOST = 10_000_000


@dataclass(frozen=True, slots=True)
class Said:
    """What a laboratory sends. Units: tubes of the period; `free` wells it can still take in the next."""

    figures: Figures
    free: int
    note: str = ""


def return_subject(return_id: int) -> str:
    return f"lab.return:{return_id}"


def open_returns(*, by: Actor, now: datetime) -> int:
    """Open the return of the period that ended last for every laboratory at work; returns how many are new.

    A laboratory opened within the period owes none for it.
    """
    by.require(Right.MANAGE_LABS)
    length = timedelta(hours=settings.DAYCLEAR_LAB["return_every"])
    midnight = datetime.combine(local_day(now), time(), local_zone())
    started, ended = last_period(now, length, midnight)
    due = ended + timedelta(minutes=settings.DAYCLEAR_LAB["return_due"])
    with transaction.atomic():
        there = LabReturn.objects.filter(ended_at=ended).values("laboratory")
        owing = Laboratory.objects.filter(ended_at=None, opened_at__lte=started).exclude(pk__in=there)
        new = 0
        for laboratory in owing:
            new += _open(laboratory, started, ended, due, by=by)
    return new


def _open(laboratory: Laboratory, started: datetime, ended: datetime, due: datetime, *, by: Actor) -> bool:
    counted = counted_in(laboratory.pk, started, ended)
    row, made = LabReturn.objects.get_or_create(
        laboratory=laboratory,
        ended_at=ended,
        defaults={
            "area": laboratory.area,
            "started_at": started,
            "due_at": due,
            "received": counted.received,
            "plated": counted.plated,
            "reported": counted.reported,
        },
    )
    if made:
        open_deadline(
            RETURN,
            return_subject(row.pk),
            area=row.area,
            accountable=county_of(row.area),
            opened_at=ended,
            due_at=due,
        )
    return made


def send_return(return_id: int, said: Said, *, by: Actor, now: datetime) -> tuple[str, ...]:
    """Send a return; returns the figures on which it differs from the record of the tubes.

    Raises: Refused (`not_found`, `return_sent`, `figure_out_of_range`).
    """
    by.require(Right.WORK_IN_LAB)
    with transaction.atomic():
        mine = LabReturn.objects.select_for_update(of=("self",)).filter(area__range=(by.area.lo, by.area.hi))
        row = existing(mine.filter(pk=return_id))
        if row.sent_at is not None:
            raise Refused(refuse("return_sent"))
        figures = said.figures
        if any(not 0 <= each <= _MOST for each in (figures.received, figures.plated, figures.reported, said.free)):
            raise Refused(refuse("figure_out_of_range", most=_MOST))
        counted = counted_in(row.laboratory_id, row.started_at, row.ended_at)
        different = differing(figures, counted)
        LabReturn.objects.filter(pk=row.pk).update(
            received=counted.received,
            plated=counted.plated,
            reported=counted.reported,
            said_received=figures.received,
            said_plated=figures.plated,
            said_reported=figures.reported,
            said_free=said.free,
            note=said.note.strip()[:300],
            sent_at=now,
            sent_label=by.label,
        )
        meet_deadline(RETURN, return_subject(row.pk), at=now)
        payload = {"laboratory": row.laboratory_id, "differing": list(different), "free": said.free}
        record("lab.return_sent", return_subject(row.pk), by=by, at=now, area=row.area, payload=payload)
    return different


def counted_in(laboratory_id: int, started: datetime, ended: datetime) -> Figures:
    """What the record of the tubes says of a period of whole hours."""
    sums = LabHour.objects.filter(laboratory_id=laboratory_id, hour__gte=started, hour__lt=ended).aggregate(
        *(Sum(name) for name in ("received", "plated", "reported"))
    )
    return Figures(*(sums[f"{name}__sum"] or 0 for name in ("received", "plated", "reported")))
