"""The one place that reads the time. Everything else takes `now` as an argument."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)


def local_zone() -> ZoneInfo:
    """The zone in which this installation counts its days."""
    return ZoneInfo(settings.TIME_ZONE)


def local_day(instant: datetime) -> date:
    """The calendar day on which an instant falls here."""
    return instant.astimezone(local_zone()).date()
