"""Destroying uploaded files when their time is over: the numbers stay, the file goes."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from dayclear.foundation.actors import Actor
from dayclear.foundation.clock import local_day
from dayclear.foundation.events import Draft, record_many
from dayclear.foundation.rules import Right
from dayclear.interop.models import Import, ImportCheck, ImportFrame, ImportProblem

_AT_ONCE = 100


def dispose_uploads(*, by: Actor, now: datetime) -> int:
    """Destroy the files whose time is over, with the rows quoted from them; returns how many.

    A draft goes altogether. A running import is left to end first.
    """
    by.require(Right.IMPORT)
    total = 0
    while disposed := _dispose_some(by=by, now=now):
        total += disposed
    return total


def _dispose_some(*, by: Actor, now: datetime) -> int:
    with transaction.atomic():
        over = (
            Import.objects.select_for_update(skip_locked=True)
            .filter(retain_until__lt=local_day(now), frames__number=0)
            .exclude(state__in=("queued", "running"))
            .order_by("pk")[:_AT_ONCE]
        )
        uploads = list(over)
        ids = [upload.pk for upload in uploads]
        ImportFrame.objects.filter(upload__in=ids).delete()
        ImportProblem.objects.filter(upload__in=ids).update(value="", params={})
        ImportCheck.objects.filter(upload__in=ids).delete()
        record_many(
            [
                Draft("interop.upload_disposed", f"interop.import:{upload.pk}", upload.area, {"state": upload.state})
                for upload in uploads
            ],
            by=by,
            at=now,
        )
        Import.objects.filter(pk__in=[upload.pk for upload in uploads if upload.state == "draft"]).delete()
    return len(ids)
