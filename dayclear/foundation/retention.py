"""How long a record of each class is kept. Every record has its end from the start.

The lengths are this installation's choice, not a rule of any pack: no national figure was found (policy reference,
section F); laws ask for the shortest that is necessary (PIPL Art. 19, Emergency Response Law Art. 85).
"""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum

from django.conf import settings


class RetentionClass(StrEnum):
    """Why a record is kept; settles for how long."""

    CASE = "case"
    CONTACT = "contact"
    PLACE_VISITED = "place_visited"
    UPLOAD = "upload"
    COMPLAINT = "complaint"
    RESULT = "result"
    SWAB = "swab"


def retain_until(kind: RetentionClass, day: date) -> date:
    """The last day on which a record of this class, begun on `day`, may be kept."""
    return day + timedelta(days=settings.DAYCLEAR_RETENTION_DAYS[kind.value])
