"""Reconciliation: closed = boxed = sent = received = plated = measured = reported, out of the counts kept for it.

Of tubes taken in the actor's places, by the hour they were closed in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Literal

from django.conf import settings
from django.db import connection
from django.db.models import Min, Q, QuerySet, Sum

from dayclear.foundation.actors import Actor
from dayclear.foundation.rules import Right
from dayclear.lab.models import TubeFlow, TubeStage
from dayclear.lab.models.flow import UNDER_WAY
from dayclear.lab.rules.reconciliation import IN_LABORATORY, PLACES, STAGES, Gap, gaps_of

By = Literal["hour", "point", "device", "laboratory"]
_KEYS: Mapping[By, str] = {
    "hour": "hour",
    "point": "point_id",
    "device": "device_id",
    "laboratory": "laboratory_id",
}
_MOST_LINES = 200
_MOST_OF_TABLE = 50


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which tubes are looked at: closed from `since` until `until`, where given of one point, device or laboratory."""

    since: datetime
    until: datetime
    point: int | None = None
    device: int | None = None
    laboratory: int | None = None

    def params(self, actor: Actor) -> dict[str, Any]:
        return {
            "lo": actor.area.lo,
            "hi": actor.area.hi,
            "since": self.since,
            "until": self.until,
            "point": self.point,
            "device": self.device,
            "laboratory": self.laboratory,
        }


@dataclass(frozen=True, slots=True)
class Line:
    """Counts of the tubes of one hour, point, device or laboratory (`key`; None: all of them), and their gaps."""

    key: Any
    counts: Mapping[str, int]
    gaps: tuple[Gap, ...]


# A tube's own stage is at the last place it reached; whoever is further has been everywhere before.
_REACHED = ", ".join(
    f"sum(tubes) FILTER (WHERE stage >= {place}) AS {name}" for place, name in enumerate(PLACES) if place
)
_COHORTS = f"""
WITH counted AS (
    SELECT device_id, hour, point_id, 0::bigint AS laboratory_id, tubes AS closed, 0::smallint AS stage, 0 AS tubes,
        0 AS measured
    FROM sampling_tally
    WHERE area BETWEEN %(lo)s AND %(hi)s AND hour >= %(since)s AND hour < %(until)s AND %(laboratory)s::bigint IS NULL
        AND point_id = coalesce(%(point)s, point_id) AND device_id = coalesce(%(device)s, device_id)
    UNION ALL
    SELECT device_id, hour, point_id, laboratory_id, 0, stage, tubes, measured
    FROM lab_tube_flow
    WHERE area BETWEEN %(lo)s AND %(hi)s AND hour >= %(since)s AND hour < %(until)s
        AND laboratory_id = coalesce(%(laboratory)s, laboratory_id)
        AND point_id = coalesce(%(point)s, point_id) AND device_id = coalesce(%(device)s, device_id)),
cohort AS (
    SELECT {{cohort}}, sum(closed) AS closed, {_REACHED}, sum(measured) AS measured
    FROM counted GROUP BY {{cohort}})
"""  # noqa: S608 - names from code
_OLDEST = ", ".join(f"min(hour) FILTER (WHERE {after} > {at}) AS since_{after}" for after, at in pairwise(STAGES))
_SUMS = ", ".join(f"coalesce(sum({stage}), 0)::int AS {stage}" for stage in STAGES)


def whole(actor: Actor, chosen: Chosen) -> Line:
    """All of the chosen tubes as one line. Raises: Refused (`right_missing`)."""
    (line,) = _lines(actor, chosen, "NULL", "hour, point_id, device_id", 1)
    return line


def lines(actor: Actor, chosen: Chosen, by: By) -> list[Line]:
    """The chosen tubes by hour, point, device or laboratory, those with the most missing first; by hour the latest.

    Of a laboratory nobody knows what was closed for it: it is counted from `sent` on.
    Raises: Refused (`right_missing`).
    """
    cohort = "hour, point_id, device_id" + (", laboratory_id" if by == "laboratory" else "")
    found = _lines(actor, chosen, _KEYS[by], cohort, _MOST_LINES)
    return [line for line in found if line.key] if by == "laboratory" else found


def _lines(actor: Actor, chosen: Chosen, key: str, cohort: str, most: int) -> list[Line]:
    actor.require(Right.SEE_LABS)
    order = "key DESC" if key == "hour" else "sum(coalesce(closed, 0)) - sum(coalesce(reported, 0)) DESC, key"
    sql = f"""
        {_COHORTS.format(cohort=cohort)}
        SELECT {key} AS key, {_SUMS}, {_OLDEST}
        FROM (SELECT {cohort}, {", ".join(f"coalesce({stage}, 0) AS {stage}" for stage in STAGES)} FROM cohort) cohort
        {"" if key == "NULL" else f"GROUP BY {key}"} ORDER BY {"1" if key == "NULL" else order} LIMIT {most}
    """  # noqa: S608 - names from code
    with connection.cursor() as cursor:
        cursor.execute(sql, chosen.params(actor))
        rows = cursor.fetchall()
    of_laboratory = key == "laboratory_id" or chosen.laboratory is not None
    first = STAGES.index("sent") if of_laboratory else 0
    return [_line(row, first) for row in rows]


def _line(row: tuple[Any, ...], first: int) -> Line:
    key, numbers, since = row[0], row[1 : 1 + len(STAGES)], row[1 + len(STAGES) :]
    counts = dict(zip(STAGES[first:], numbers[first:], strict=True))
    oldest = {stage: at for stage, at in zip(STAGES, since, strict=False) if at is not None}
    return Line(key, counts, gaps_of(counts, oldest))


def tubes_waiting(actor: Actor, chosen: Chosen, after: str) -> QuerySet[TubeStage]:
    """The tubes of a gap, from `boxed` on. Order them by hour and tube."""
    actor.require(Right.SEE_LABS)
    rows = TubeStage.objects.filter(
        area__range=(actor.area.lo, actor.area.hi), hour__gte=chosen.since, hour__lt=chosen.until
    )
    asked = {"point_id": chosen.point, "device_id": chosen.device, "laboratory_id": chosen.laboratory}
    rows = rows.filter(**{name: value for name, value in asked.items() if value is not None})
    plated = PLACES.index("plated")
    waits = {
        "plated": Q(stage__gte=plated, measured=False),
        "measured": Q(stage=plated, measured=True),
    }
    return rows.filter(waits.get(after) or Q(stage=PLACES.index(after)))


@dataclass(frozen=True, slots=True)
class Unboxed:
    """Tubes of a device, point and hour that are closed and in no box."""

    hour: datetime
    point: int
    device: int
    tubes: int


def unboxed(actor: Actor, chosen: Chosen) -> list[Unboxed]:
    """The gap between closed and boxed, the oldest first. Raises: Refused (`right_missing`)."""
    actor.require(Right.SEE_LABS)
    sql = f"""
        {_COHORTS.format(cohort="hour, point_id, device_id")}
        SELECT hour, point_id, device_id, closed - coalesce(boxed, 0) FROM cohort
        WHERE closed <> coalesce(boxed, 0) ORDER BY hour, point_id, device_id LIMIT {_MOST_LINES}
    """  # noqa: S608 - names from code
    with connection.cursor() as cursor:
        cursor.execute(sql, chosen.params(actor))
        return [Unboxed(*row) for row in cursor.fetchall()]


# No index leads from a device to its tubes: they are found by the numbers it was given, or, for what squads took, by
# the single swabs.
_ON_THE_TABLE = """
SELECT u.at, f.tubes
FROM unnest(%(hours)s::timestamptz[], %(points)s::bigint[], %(devices)s::bigint[])
    WITH ORDINALITY AS u(hour, point, device, at)
CROSS JOIN LATERAL (
    SELECT array_agg(number ORDER BY number) AS tubes FROM (
        SELECT t.number FROM (
            SELECT first, last FROM sampling_number_block WHERE device_id = u.device
            UNION ALL SELECT tube, tube FROM sampling_resample WHERE u.device = 0) b
        JOIN sampling_tube t ON t.number BETWEEN b.first AND b.last AND t.device_id = u.device AND t.point_id = u.point
            AND t.closed_at >= u.hour AND t.closed_at < u.hour + interval '1 hour'
            AND t.area BETWEEN %(lo)s AND %(hi)s
        WHERE NOT EXISTS (SELECT FROM lab_tube_stage s WHERE s.tube = t.number AND s.stage > 0)
        ORDER BY t.number LIMIT %(most)s) found) f
"""


def unboxed_tubes(actor: Actor, tables: Sequence[Unboxed]) -> list[list[int]]:
    """The tubes of such gaps, at most 50 of each. Shape: as the tables. Raises: Refused (`right_missing`)."""
    actor.require(Right.SEE_LABS)
    asked: dict[str, Any] = {
        "hours": [table.hour for table in tables],
        "points": [table.point for table in tables],
        "devices": [table.device for table in tables],
        "lo": actor.area.lo,
        "hi": actor.area.hi,
        "most": _MOST_OF_TABLE,
    }
    with connection.cursor() as cursor:
        cursor.execute(_ON_THE_TABLE, asked)
        found = dict(cursor.fetchall())
    return [found[at] or [] for at in range(1, len(tables) + 1)]


def left_behind(actor: Actor, before: datetime) -> tuple[int, datetime | None]:
    """How many tubes closed before an instant were put into a box and are not reported, and the hour of the oldest.

    Raises: Refused (`right_missing`).
    """
    actor.require(Right.SEE_LABS)
    rows = TubeFlow.objects.filter(area__range=(actor.area.lo, actor.area.hi), hour__lt=before)
    found = rows.filter(UNDER_WAY).aggregate(tubes=Sum("tubes"), oldest=Min("hour"))
    return found["tubes"] or 0, found["oldest"]


def limits() -> dict[str, timedelta]:
    """How long after it was closed a tube may stand at a stage: until a laboratory has it, what a box may take at room
    temperature; there, until its result must be out."""
    kept = timedelta(hours=settings.DAYCLEAR_SAMPLING["room_temperature"])
    reported = timedelta(hours=settings.DAYCLEAR_LAB["report_within"])
    return {**dict.fromkeys(("closed", "boxed", "sent"), kept), **dict.fromkeys(IN_LABORATORY, reported)}
