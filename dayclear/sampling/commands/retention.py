"""Days of swabs: made ahead, and dropped whole when their time is over."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection

from dayclear.foundation.actors import Actor
from dayclear.foundation.clock import local_day
from dayclear.foundation.events import record
from dayclear.foundation.retention import RetentionClass
from dayclear.foundation.rules import Right
from dayclear.sampling.models import (
    Box,
    DisputedTube,
    EnrolmentCode,
    Exclusion,
    ItemAlarm,
    PointPlan,
    PooledItem,
    ResidentCode,
    Slip,
    TestDuty,
    Tube,
    Upload,
)

_AHEAD = 3


def make_days_ahead(*, by: Actor, now: datetime) -> None:
    """Make the partitions of today and the next days, so that no upload has to."""
    by.require(Right.MANAGE_ACCOUNTS)
    today = local_day(now)
    with connection.cursor() as cursor:
        for ahead in range(_AHEAD + 1):
            cursor.execute("SELECT sampling_make_day(%s)", [today + timedelta(days=ahead)])


def drop_past_days(*, by: Actor, now: datetime) -> int:
    """Drop the swabs whose time is over, and with them what was kept beside them; returns how many days went.

    A swab's people are then no longer known to have been in a tube; tallies, which name nobody, stay.
    """
    by.require(Right.MANAGE_ACCOUNTS)
    kept = timedelta(days=settings.DAYCLEAR_RETENTION_DAYS[RetentionClass.SWAB.value])
    before = local_day(now) - kept
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT to_date(right(inhrelid::regclass::text, 8), 'YYYYMMDD') FROM pg_inherits "
            "WHERE inhparent = 'sampling_swab'::regclass ORDER BY 1"
        )
        past = [day for (day,) in cursor.fetchall() if day < before]
        for day in past:
            cursor.execute("SELECT sampling_drop_day(%s)", [day])
    tubes = Tube.objects.filter(day__lt=before)
    PooledItem.objects.filter(tube__in=tubes.values("number")).delete()
    tubes.delete()
    instant = now - kept
    DisputedTube.objects.filter(received_at__lt=instant).delete()
    Slip.objects.filter(first_seen_at__lt=instant).delete()
    Exclusion.objects.filter(ends_at__lt=instant).delete()
    TestDuty.objects.filter(ended_on__lt=before).delete()
    EnrolmentCode.objects.filter(expires_at__lt=instant).delete()
    ResidentCode.objects.filter(expires_at__lt=instant).delete()
    Box.objects.filter(closed_at__lt=instant).delete()
    Upload.objects.filter(received_at__lt=instant).delete()
    ItemAlarm.objects.filter(alarm_at__lt=instant).delete()
    PointPlan.objects.filter(asked_at__lt=instant).delete()
    if past:
        payload = {"days": [day.isoformat() for day in past]}
        record("sampling.days_dropped", "sampling.days:0", by=by, at=now, area=0, payload=payload)
    return len(past)
