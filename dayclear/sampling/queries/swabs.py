"""Swabs that will never have a result, and swabs that should not have been taken."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Q

from dayclear.foundation.actors import Actor
from dayclear.foundation.events import record
from dayclear.foundation.rules import Right
from dayclear.sampling.models import BoxedTube, Exclusion, Round
from dayclear.sampling.models.boxes import UNUSABLE
from dayclear.sampling.queries.reading import left_out

MOST = 200
# Each person of each is looked for in the days since.
_ASKED = 1_000


def lost_among(tubes: Iterable[int]) -> frozenset[int]:
    """Which of these tubes cannot be examined: their box is lost, or they arrived in no state to be."""
    gone = Q(condition__in=UNUSABLE) | Q(condition="pending", box__state="lost")
    return frozenset(BoxedTube.objects.filter(gone, tube__in=list(tubes)).values_list("tube", flat=True))


@dataclass(frozen=True, slots=True)
class LostTube:
    """A tube that cannot be examined. `waiting` of its people have not been swabbed since; `condition` is `lost` where
    its box is."""

    tube: int
    area: int
    point: str
    taken_at: datetime
    condition: str
    persons: int
    waiting: int


# A later tube that is lost as well is a line of its own.
_LOST = """
WITH gone AS (
    SELECT tube, condition FROM sampling_boxed_tube WHERE condition = ANY(%(unusable)s)
    UNION ALL
    SELECT b.tube, 'lost' FROM sampling_box x JOIN sampling_boxed_tube b ON b.box_id = x.id
    WHERE x.state = 'lost' AND b.condition = 'pending'),
latest AS (
    SELECT t.*, g.condition FROM gone g JOIN sampling_tube t ON t.number = g.tube
    WHERE t.kind = 'persons' AND t.area BETWEEN %(lo)s AND %(hi)s
    ORDER BY t.opened_at DESC, t.number DESC LIMIT %(asked)s)
SELECT t.number, t.area, coalesce(p.name, ''), t.opened_at, t.condition, t.persons, w.waiting
FROM latest t
LEFT JOIN sampling_point p ON p.id = t.point_id
CROSS JOIN LATERAL (
    SELECT count(*) AS waiting FROM sampling_swab s
    WHERE s.tube = t.number AND s.day = t.day AND NOT EXISTS (
        SELECT FROM sampling_swab later JOIN sampling_tube l ON l.number = later.tube AND l.day = later.day
        WHERE later.person = s.person AND later.day >= s.day AND l.opened_at > t.closed_at)) w
WHERE w.waiting > 0 ORDER BY t.opened_at, t.number LIMIT %(most)s
"""


def lost_tubes(actor: Actor) -> list[LostTube]:
    """Tubes of the actor's places whose people have to be swabbed again, the oldest first, at most 200 of them.

    Only the last thousand that were lost are looked at, so that a province waits no longer than a county.
    Raises: Refused (`right_missing`).
    """
    actor.require(Right.SEE_SAMPLING)
    inside = {"lo": actor.area.lo, "hi": actor.area.hi}
    with connection.cursor() as cursor:
        cursor.execute(_LOST, {"unusable": list(UNUSABLE), "most": MOST, "asked": _ASKED, **inside})
        return [LostTube(*row) for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class SwabbedThough:
    """Somebody who was swabbed in a round while left out of it. `cause` is the exclusion's."""

    person: int
    tube: int
    cause: str


# A single swab of a recall is what they are left out for.
_THOUGH = """
SELECT DISTINCT e.person_id, t.number, e.cause
FROM sampling_exclusion e
JOIN sampling_swab s ON s.person = e.person_id
    AND s.day BETWEEN (e.begun_at AT TIME ZONE %(zone)s)::date
        AND (coalesce(e.ended_at, e.ends_at) AT TIME ZONE %(zone)s)::date
JOIN sampling_tube t ON t.number = s.tube AND t.day = s.day AND t.round_id = %(round)s
    AND t.opened_at > e.begun_at AND t.opened_at < coalesce(e.ended_at, e.ends_at)
WHERE e.area BETWEEN %(lo)s AND %(hi)s AND e.begun_at <= %(ends)s AND coalesce(e.ended_at, e.ends_at) >= %(starts)s
    AND NOT EXISTS (SELECT FROM sampling_resample r WHERE r.tube = t.number)
ORDER BY 1, 2 LIMIT %(most)s
"""


def swabbed_though_left_out(actor: Actor, found: Round) -> list[SwabbedThough]:
    """Who was swabbed in a round while left out of it, at most 200. Raises: Refused (`right_missing`)."""
    actor.require(Right.SEE_MEMBERS)
    inside: dict[str, Any] = {
        "lo": actor.area.lo,
        "hi": actor.area.hi,
        "starts": found.starts_at,
        "ends": found.ends_at,
    }
    with connection.cursor() as cursor:
        cursor.execute(_THOUGH, {"round": found.pk, "zone": settings.TIME_ZONE, "most": MOST, **inside})
        return [SwabbedThough(*row) for row in cursor.fetchall()]


def exclusions_in(actor: Actor, found: Round, *, now: datetime) -> list[Exclusion]:
    """Who is left out of a round at the moment, the first end on top, at most 200; that it was read is recorded.

    Raises: Refused (`right_missing`).
    """
    actor.require(Right.SEE_MEMBERS)
    rows = list(left_out(actor, found, now=now).order_by("ends_at", "pk")[:MOST])
    payload = {"people": len(rows)}
    record(
        "sampling.left_out_read", f"sampling.round:{found.pk}", by=actor, at=now, area=actor.area.lo, payload=payload
    )
    return rows
