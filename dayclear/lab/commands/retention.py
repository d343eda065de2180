"""What is past its time goes, plate by plate."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from dayclear.foundation.actors import Actor
from dayclear.foundation.events import record
from dayclear.foundation.retention import RetentionClass
from dayclear.foundation.rules import Right
from dayclear.lab.models import Correction, Dispatch, LabHour, Plate, ReceivedTube, Result, TubeFlow, TubeStage
from dayclear.lab.rules.reconciliation import PLACES

_BATCH = 500


def drop_past_plates(*, by: Actor, now: datetime) -> int:
    """Delete plates past their time with their results, and tubes that were never plated; returns how many plates went.

    At most a batch at a time, so that nothing waits for it; counts, which name no tube, stay as long.
    """
    by.require(Right.MANAGE_ACCOUNTS)
    before = now - timedelta(days=settings.DAYCLEAR_RETENTION_DAYS[RetentionClass.RESULT.value])
    with transaction.atomic():
        past = list(
            Plate.objects.filter(plated_at__lt=before).order_by("plated_at").values_list("pk", flat=True)[:_BATCH]
        )
        Result.objects.filter(plate_id__in=past).delete()
        Correction.objects.filter(plate_id__in=past).delete()
        ReceivedTube.objects.filter(plate_id__in=past).delete()
        Plate.objects.filter(pk__in=past).delete()
        waiting = ReceivedTube.objects.filter(plate_id=None, received_at__lt=before)
        ReceivedTube.objects.filter(tube__in=list(waiting.values_list("tube", flat=True)[: _BATCH * 100])).delete()
        LabHour.objects.filter(hour__lt=before).delete()
        Dispatch.objects.filter(made_at__lt=before).delete()
        TubeFlow.objects.filter(hour__lt=before).delete()
        followed = TubeStage.objects.filter(stage__in=range(len(PLACES)), hour__lt=before)
        TubeStage.objects.filter(tube__in=list(followed.values_list("tube", flat=True)[: _BATCH * 100])).delete()
        if past:
            record("lab.plates_dropped", "lab.plates:0", by=by, at=now, area=0, payload={"plates": len(past)})
    return len(past)
