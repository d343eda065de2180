"""Rounds, points, devices, boxes, disputes and schedules, within scope."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import connection
from django.db.models import Count, F, Q, QuerySet, Sum

from dayclear.foundation.actors import Actor
from dayclear.foundation.areas import area_of
from dayclear.foundation.rules import Right
from dayclear.sampling.models import (
    Box,
    Device,
    DisputedTube,
    Exclusion,
    NumberBlock,
    Point,
    Round,
    Tally,
    TestDuty,
    Tube,
)
from dayclear.sampling.rules.boxes import OPEN

_MOST_LISTED = 200


def rounds_of(actor: Actor) -> QuerySet[Round]:
    actor.require(Right.SEE_SAMPLING)
    return Round.objects.filter(area__range=(actor.area.lo, actor.area.hi))


def points_of(actor: Actor) -> QuerySet[Point]:
    """The points that stand."""
    actor.require(Right.SEE_SAMPLING)
    return Point.objects.filter(area__range=(actor.area.lo, actor.area.hi), ended_at=None)


def devices_of(actor: Actor) -> QuerySet[Device]:
    actor.require(Right.SEE_SAMPLING)
    return Device.objects.filter(area__range=(actor.area.lo, actor.area.hi))


def rolls_of(actor: Actor) -> QuerySet[NumberBlock]:
    """Rolls of labels that nobody holds yet."""
    actor.require(Right.SEE_SAMPLING)
    rolls = NumberBlock.objects.filter(is_roll=True, device=None, revoked_at=None)
    return rolls.filter(area__range=(actor.area.lo, actor.area.hi)).order_by("first")


def boxes_of(actor: Actor) -> QuerySet[Box]:
    actor.require(Right.SEE_SAMPLING)
    return Box.objects.filter(area__range=(actor.area.lo, actor.area.hi))


def disputes_of(actor: Actor) -> QuerySet[DisputedTube]:
    """The disputed tubes that wait for somebody, the oldest first in the list's own order."""
    actor.require(Right.SEE_SAMPLING)
    rows = DisputedTube.objects.filter(area__range=(actor.area.lo, actor.area.hi), settled_at=None)
    return rows.select_related("device")


def duties_of(actor: Actor) -> QuerySet[TestDuty]:
    """The people who are tested by schedule."""
    actor.require(Right.SEE_SAMPLING)
    return TestDuty.objects.filter(area__range=(actor.area.lo, actor.area.hi), ended_on=None)


# ---------------------------------------------------------------------------------------------- rounds


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a round is. `last_hour_at` is the last hour in which a tube was closed."""

    tubes: int
    persons: int
    devices: int
    last_hour_at: datetime | None


def progress_of(actor: Actor, round_id: int) -> Progress:
    """From the tallies: no tube is read."""
    rows = Tally.objects.filter(round_id=round_id, area__range=(actor.area.lo, actor.area.hi))
    summed = rows.aggregate(tubes=Sum("tubes"), persons=Sum("persons"), devices=Count("device_id", distinct=True))
    last = rows.order_by("-hour").values_list("hour", flat=True).first()
    return Progress(summed["tubes"] or 0, summed["persons"] or 0, summed["devices"], last)


def persons_by_round(actor: Actor, rounds: list[int]) -> dict[int, int]:
    """How many persons were swabbed in each of these rounds, as the actor may see it."""
    rows = Tally.objects.filter(round_id__in=rounds, area__range=(actor.area.lo, actor.area.hi))
    return dict(rows.values("round_id").annotate(n=Sum("persons")).values_list("round_id", "n"))


@dataclass(frozen=True, slots=True)
class TwiceSwabbed:
    """Somebody who is in several tubes of a round. Shape: `tubes` are numbers, in order."""

    person: int
    tubes: tuple[int, ...]


def twice_in_round(actor: Actor, found: Round) -> list[TwiceSwabbed]:
    """People swabbed more than once in a round, at most 200 of them. Single swabs after a positive tube are none."""
    actor.require(Right.SEE_MEMBERS)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT s.person, array_agg(s.tube ORDER BY s.tube) FROM sampling_tube t
            JOIN sampling_swab s ON s.tube = t.number AND s.day = t.day
            WHERE t.round_id = %s AND t.area BETWEEN %s AND %s
                AND NOT EXISTS (SELECT FROM sampling_resample r WHERE r.tube = t.number)
            GROUP BY s.person HAVING count(*) > 1 ORDER BY s.person LIMIT %s
            """,
            [found.pk, actor.area.lo, actor.area.hi, _MOST_LISTED],
        )
        return [TwiceSwabbed(person, tuple(tubes)) for person, tubes in cursor.fetchall()]


def left_out(actor: Actor, found: Round, *, now: datetime) -> QuerySet[Exclusion]:
    """The people of the round's place who are left out at the moment."""
    inside = area_of(found.area)
    lo, hi = max(inside.lo, actor.area.lo), min(inside.hi, actor.area.hi)
    return Exclusion.objects.filter(area__range=(lo, hi), ended_at=None, ends_at__gt=now)


# ---------------------------------------------------------------------------------------------- devices


def missing_counters(device: Device) -> list[int]:
    """The counters of uploads that never came, at most 200 of them."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT n FROM generate_series(1, %s) n
            WHERE NOT EXISTS (SELECT FROM sampling_upload u WHERE u.device_id = %s AND u.counter = n)
            ORDER BY n LIMIT %s
            """,
            [device.last_counter, device.pk, _MOST_LISTED],
        )
        return [row[0] for row in cursor.fetchall()] if device.received < device.last_counter else []


def silent_since(now: datetime) -> datetime:
    """A device that was not heard of since then is listed as silent."""
    return now - timedelta(hours=settings.DAYCLEAR_SAMPLING["device_silent"])


@dataclass(frozen=True, slots=True)
class DeviceFigures:
    active: int
    silent: int
    with_gaps: int


def device_figures(actor: Actor, *, now: datetime) -> DeviceFigures:
    active = devices_of(actor).filter(state="active")
    silent = Q(last_seen_at__lt=silent_since(now)) | Q(last_seen_at=None, enrolled_at__lt=silent_since(now))
    return DeviceFigures(
        active=active.count(),
        silent=active.filter(silent).count(),
        with_gaps=devices_of(actor).filter(received__lt=F("last_counter")).count(),
    )


# ---------------------------------------------------------------------------------------------- boxes, schedules


@dataclass(frozen=True, slots=True)
class BoxFigures:
    """`late`: still under way when their time was over. `differing`: arrived, and their counts do not agree."""

    under_way: int
    late: int
    differing: int


def box_figures(actor: Actor, *, now: datetime) -> BoxFigures:
    rows = boxes_of(actor)
    differs = ~Q(counted=F("tubes")) | ~Q(received_count=F("counted"))
    return BoxFigures(
        under_way=rows.filter(state__in=OPEN).count(),
        late=rows.filter(state__in=OPEN, due_at__lte=now).count(),
        differing=rows.filter(differs, state__in=("partly_received", "received")).count(),
    )


def due_by_group(duties: QuerySet[TestDuty], today: date) -> list[tuple[str, int, int, int]]:
    """Shape: (group, people, due today, overdue), by group."""
    counted = (
        duties.values("group")
        .order_by("group")
        .annotate(
            people=Count("pk"), due=Count("pk", filter=Q(due_on=today)), late=Count("pk", filter=Q(due_on__lt=today))
        )
    )
    return [(row["group"], row["people"], row["due"], row["late"]) for row in counted]


# ---------------------------------------------------------------------------------------------- one tube


def tube_in_scope(actor: Actor, number: int) -> Tube | None:
    """A tube; whose swabs are in it is asked of `members.read_members`."""
    actor.require(Right.SEE_SAMPLING)
    return Tube.objects.filter(area__range=(actor.area.lo, actor.area.hi), number=number).first()
