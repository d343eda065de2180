"""When a chain's people are forgotten: with the swabs they came from."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings

from dayclear.foundation.actors import Actor
from dayclear.foundation.events import record
from dayclear.foundation.retention import RetentionClass
from dayclear.foundation.rules import Right
from dayclear.sampling.models import ChainMember


def forget_members(*, by: Actor, now: datetime) -> int:
    """Remove the members of chains as old as swabs may be, with every call, visit and hand-over; returns how many.

    The chain stays with its counts and instants: it names nobody.
    """
    by.require(Right.MANAGE_ACCOUNTS)
    before = now - timedelta(days=settings.DAYCLEAR_RETENTION_DAYS[RetentionClass.SWAB.value])
    gone, _each = ChainMember.objects.filter(alarm_at__lt=before).delete()
    if gone:
        record("sampling.chain_members_forgotten", "sampling.chains:0", by=by, at=now, area=0, payload={"rows": gone})
    return gone
