"""Reading laboratories, plates and results within scope."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Count, Min, Q, QuerySet, Sum

from dayclear.foundation.actors import Actor
from dayclear.foundation.clock import local_zone
from dayclear.foundation.filters import existing
from dayclear.foundation.rules import Right
from dayclear.lab.models import (
    Assay,
    Correction,
    Dispatch,
    DispatchedBox,
    Instrument,
    LabHour,
    Laboratory,
    LabReturn,
    Plate,
    QualityAlarm,
    QualityPoint,
    ReceivedTube,
    Result,
)
from dayclear.lab.rules.plates import Machine, free_wells, samples_per_run

PLATE_ORDER = ("-plated_at", "-id")


def laboratories_of(actor: Actor) -> QuerySet[Laboratory]:
    """The laboratories in the actor's places that are at work. Raises: Refused (`right_missing`)."""
    actor.require(Right.SEE_LABS)
    return Laboratory.objects.filter(area__range=(actor.area.lo, actor.area.hi), ended_at=None)


def laboratory_in_scope(actor: Actor, laboratory_id: int) -> Laboratory:
    """Raises: Refused (`right_missing`, `not_found`)."""
    return existing(laboratories_of(actor).filter(pk=laboratory_id))


def plates_of(actor: Actor) -> QuerySet[Plate]:
    """The plates of the laboratories in the actor's places. Raises: Refused (`right_missing`)."""
    actor.require(Right.SEE_LABS)
    return Plate.objects.filter(area__range=(actor.area.lo, actor.area.hi))


def plate_in_scope(actor: Actor, plate_id: int) -> Plate:
    """Raises: Refused (`right_missing`, `not_found`)."""
    return existing(plates_of(actor).select_related("laboratory", "assay", "instrument").filter(pk=plate_id))


def results_of(actor: Actor) -> QuerySet[Result]:
    """Every version of every result of tubes taken in the actor's places. Raises: Refused (`right_missing`)."""
    actor.require(Right.SEE_LABS)
    return Result.objects.filter(area__range=(actor.area.lo, actor.area.hi))


def newest_results(actor: Actor, tubes: Iterable[int]) -> Mapping[int, Result]:
    """The result that counts, by tube; a tube that has none is not in it."""
    rows = results_of(actor).filter(tube__in=list(tubes)).order_by("tube", "-version").distinct("tube")
    return {row.tube: row for row in rows}


def open_corrections(actor: Actor, plate_id: int) -> QuerySet[Correction]:
    """What is asked for on a plate and not yet signed."""
    actor.require(Right.SEE_LABS)
    mine = Correction.objects.filter(area__range=(actor.area.lo, actor.area.hi), plate_id=plate_id, signed_at=None)
    return mine.order_by("asked_at", "id")


def waiting_tubes(actor: Actor, laboratory_id: int) -> QuerySet[ReceivedTube]:
    """The queue of a laboratory, the longest waiting first."""
    actor.require(Right.SEE_LABS)
    mine = ReceivedTube.objects.filter(area__range=(actor.area.lo, actor.area.hi), laboratory_id=laboratory_id)
    return mine.filter(plate_id=None, condition="good").order_by("received_at", "tube")


def assays_in_use() -> QuerySet[Assay]:
    """The versions of assays that new plates may have, the newest of each first."""
    return Assay.objects.filter(ended_at=None).prefetch_related("targets").order_by("code", "-entered_at", "-id")


@dataclass(frozen=True, slots=True)
class AtWork:
    """How a laboratory stands.

    Units: tubes. `waiting` received and on no plate, the `oldest` since then; `on_plates` plated and not reported;
    `received` and `reported` today; `free` wells it can still fill within the window; `per_day` its capacity.
    """

    waiting: int = 0
    oldest: datetime | None = None
    on_plates: int = 0
    received: int = 0
    reported: int = 0
    free: int = 0
    per_day: int = 0
    machines: int = 0


def at_work(actor: Actor, laboratories: Iterable[Laboratory], *, now: datetime) -> Mapping[int, AtWork]:
    """How laboratories stand, by id."""
    actor.require(Right.SEE_LABS)
    ids = [row.pk for row in laboratories]
    queue = {
        row["laboratory_id"]: (row["waiting"], row["oldest"])
        for row in ReceivedTube.objects.filter(laboratory_id__in=ids, plate_id=None, condition="good")
        .values("laboratory_id")
        .order_by()
        .annotate(waiting=Count("tube"), oldest=Min("received_at"))
    }
    under_way = dict(
        Plate.objects.filter(laboratory__in=ids, state__in=("plated", "run"))
        .values_list("laboratory_id")
        .order_by()
        .annotate(Sum("samples"))
    )
    midnight = now.astimezone(local_zone()).replace(hour=0, minute=0, second=0, microsecond=0)
    today = {
        row["laboratory_id"]: (row["received__sum"], row["reported__sum"])
        for row in LabHour.objects.filter(laboratory_id__in=ids, hour__gte=midnight)
        .values("laboratory_id")
        .order_by()
        .annotate(Sum("received"), Sum("reported"))
    }
    machines: dict[int, list[Machine]] = {}
    for laboratory, *machine in Instrument.objects.filter(laboratory__in=ids, ended_at=None).values_list(
        "laboratory_id", "wells", "controls", "runs_per_day"
    ):
        machines.setdefault(laboratory, []).append(Machine(*machine))
    window = timedelta(hours=settings.DAYCLEAR_LAB["window"])
    return {
        pk: _at_work(
            queue.get(pk, (0, None)), under_way.get(pk, 0), today.get(pk, (0, 0)), machines.get(pk, []), window
        )
        for pk in ids
    }


def _at_work(
    queue: tuple[int, datetime | None],
    on_plates: int,
    today: tuple[int, int],
    machines: list[Machine],
    window: timedelta,
) -> AtWork:
    return AtWork(
        waiting=queue[0],
        oldest=queue[1],
        on_plates=on_plates,
        received=today[0],
        reported=today[1],
        free=free_wells(machines, window, queue[0] + on_plates),
        per_day=sum(samples_per_run(each.wells, each.controls) * each.runs_per_day for each in machines),
        machines=len(machines),
    )


def newest_dispatch(actor: Actor) -> tuple[Dispatch | None, list[DispatchedBox]]:
    """The newest round of dispatch in the actor's places, with its boxes. Raises: Refused (`right_missing`)."""
    actor.require(Right.SEE_LABS)
    inside = {"area__range": (actor.area.lo, actor.area.hi)}
    row = Dispatch.objects.filter(**inside).order_by("-made_at", "-id").first()
    return row, list(
        DispatchedBox.objects.filter(dispatch=row, **inside).order_by("laboratory_id", "id")
    ) if row else []


def returns_of(actor: Actor) -> QuerySet[LabReturn]:
    """The returns of the laboratories in the actor's places. Raises: Refused (`right_missing`)."""
    actor.require(Right.SEE_LABS)
    return LabReturn.objects.filter(area__range=(actor.area.lo, actor.area.hi))


def owed_returns(actor: Actor) -> QuerySet[LabReturn]:
    """The returns nobody has sent, the longest owed first."""
    return returns_of(actor).filter(sent_at=None).select_related("laboratory").order_by("due_at", "id")


def alarms_of(actor: Actor) -> QuerySet[QualityAlarm]:
    """The quality alarms of the laboratories in the actor's places. Raises: Refused (`right_missing`)."""
    actor.require(Right.SEE_LABS)
    return QualityAlarm.objects.filter(area__range=(actor.area.lo, actor.area.hi))


def chart_points(
    actor: Actor, *, chart: str, since: date, until: date, laboratory_id: int | None = None, instruments: bool = False
) -> QuerySet[QualityPoint]:
    """Points of a chart in order of days; of laboratories as a whole, or of one's instruments."""
    actor.require(Right.SEE_LABS)
    rows = QualityPoint.objects.filter(
        area__range=(actor.area.lo, actor.area.hi), chart=chart, day__range=(since, until)
    )
    rows = rows.filter(Q(instrument_id__gt=0) if instruments else Q(instrument_id=0))
    if laboratory_id is not None:
        rows = rows.filter(laboratory_id=laboratory_id)
    return rows.order_by("day", "laboratory_id", "instrument_id", "assay_id")
