"""The counts that boards and returns read, changed with the tubes themselves."""

from __future__ import annotations

from datetime import datetime

from django.db import connection


def hour_of(now: datetime) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0)


def count(
    laboratory_id: int,
    area: int,
    now: datetime,
    *,
    received: int = 0,
    plated: int = 0,
    run: int = 0,
    curves: int = 0,
    reported: int = 0,
) -> None:
    """Add to what a laboratory did in this hour."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO lab_hour AS h (laboratory_id, area, hour, received, plated, run, curves, reported)
            VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
            ON CONFLICT (laboratory_id, hour) DO UPDATE SET received = h.received + excluded.received,
                plated = h.plated + excluded.plated, run = h.run + excluded.run,
                curves = h.curves + excluded.curves, reported = h.reported + excluded.reported
            """,
            [laboratory_id, area, hour_of(now), received, plated, run, curves, reported],
        )
