"""The other side: what the pack owes to people and nobody did. "Not a relaxation" (Twenty Measures).

Found by the gap finder of isolation and in the table of deadlines; one sighting for each county and kind.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import connection

from dayclear.foundation.actors import Actor
from dayclear.foundation.areas import COUNTY
from dayclear.isolation.gaps import KINDS, by_place
from dayclear.supervision.sightings.sighting import Sighting

DEADLINE, GAP = "deadline", "gap"
_OWN = "supervision."


def sight_slack(actor: Actor, *, now: datetime) -> Iterable[Sighting]:
    """What is due and not done, by county: deadlines that have passed, people the gap finder found."""
    for county, kind, count, oldest in overdue(actor, now=now):
        yield _sighting(county, f"{DEADLINE}.{kind}", {"count": count, "oldest": oldest.isoformat()})
    for kind in KINDS:
        for county, count in by_place(actor, kind, COUNTY, now=now):
            yield _sighting(county, f"{GAP}.{kind}", {"count": count})


def overdue(actor: Actor, *, now: datetime) -> list[tuple[int, str, int, datetime]]:
    """Deadlines that have passed. Shape: (county, kind, how many, the oldest due time); the guard's own left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT accountable - accountable %% 1000000000000, kind, count(*), min(due_at)
            FROM foundation_deadline
            WHERE area BETWEEN %s AND %s AND met_at IS NULL AND due_at < %s AND NOT starts_with(kind, %s)
            GROUP BY 1, 2 ORDER BY 1, 2
            """,
            [actor.area.lo, actor.area.hi, now, _OWN],
        )
        return list(cursor.fetchall())


def _sighting(county: int, predicate: str, facts: dict[str, object]) -> Sighting:
    return Sighting(
        area=county,
        subject=f"places.place:{county}",
        predicate=predicate[:48],
        owner=county,
        side="slack",
        facts=facts,
    )
