"""Reconciliation: closed = boxed = sent = received = plated = measured = reported, out of the counts kept for it.

Of tubes taken in the actor's places, by the hour they were closed in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Literal

from django.conf import settings
from django.db import connection
from django.db.models import Q, QuerySet

from dayclear.foundation.actors import Actor
from dayclear.foundation.rules import Right
from dayclear.lab.models import TubeStage
from dayclear.lab.rules.reconciliation import PLACES, STAGES, Gap, gaps_of

By = Literal["hour", "point", "device", "laboratory"]
_KEYS: Mapping[By, str] = {
    "hour": "hour",
    "point": "point_id",
    "device": "device_id",
    "laboratory": "laboratory_id",
}
_MOST_LINES = 200


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


def limits() -> dict[str, timedelta]:
    """How long a tube may wait at a stage: until a laboratory has it, what a box may take at room temperature."""
    kept = timedelta(hours=settings.DAYCLEAR_SAMPLING["room_temperature"])
    return dict.fromkeys(("closed", "boxed", "sent"), kept)
