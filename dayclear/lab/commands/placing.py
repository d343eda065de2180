"""Tubes that a laboratory had before their sampler's phone had a network: put in their place once the phone has sent
them."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from itertools import chain

from django.db import connection, transaction

from dayclear.foundation.actors import Actor
from dayclear.foundation.events import Draft, record_many
from dayclear.foundation.rules import Right
from dayclear.lab.commands.following import follow_released
from dayclear.lab.commands.locating import locate_tubes
from dayclear.lab.commands.plating import plate_subject
from dayclear.lab.models import Plate
from dayclear.lab.rules.cutoffs import ALARMING

PLACED = "lab.results_placed"


def place_tubes(*, by: Actor, now: datetime) -> int:
    """Give the tubes that were here before their phone sent them their true place, if it has by now; returns how many.

    Looked for by the clock, not with each upload: hundreds come a second, and hardly one brings a tube that waits.
    Results that are out move with them. Those that must not wait are told, once for a plate.
    """
    by.require(Right.WORK_IN_LAB)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE lab_received_tube r SET known = true, tube_area = t.area FROM sampling_tube t
            WHERE t.number = r.tube AND NOT r.known RETURNING r.tube
            """
        )
        tubes = [tube for (tube,) in cursor.fetchall()]
        if not tubes:
            return 0
        cursor.execute(
            """
            UPDATE lab_result x SET area = r.tube_area FROM lab_received_tube r
            WHERE x.tube = r.tube AND r.tube = ANY(%s)
            RETURNING x.plate_id, x.tube, x.version, x.state,
                x.version = (SELECT max(version) FROM lab_result y WHERE y.tube = x.tube)
            """,
            [tubes],
        )
        newest = [(plate, tube, state) for plate, tube, _version, state, is_newest in cursor.fetchall() if is_newest]
        _tell(newest, by=by, now=now)
        locate_tubes(tubes)
    return len(tubes)


def _tell(newest: list[tuple[int, int, str]], *, by: Actor, now: datetime) -> None:
    rows = Plate.objects.select_related("laboratory").defer("cts", "states")
    plates = list(rows.filter(pk__in={plate for plate, _tube, _state in newest}).order_by("pk"))
    out: dict[int, dict[str, list[int]]] = {plate.pk: defaultdict(list) for plate in plates}
    for plate_id, tube, state in sorted(newest):
        out[plate_id][state].append(tube)
    drafts = []
    for plate in plates:
        by_state = out[plate.pk]
        named = {each.value: by_state.get(each.value, []) for each in ALARMING}
        payload = {"plate": plate.pk, "tubes": sorted(chain.from_iterable(by_state.values())), **named}
        drafts.append(Draft(PLACED, plate_subject(plate.pk), plate.area, payload))
    record_many(drafts, by=by, at=now)
    follow_released([(plate, out[plate.pk]) for plate in plates], by=by, now=now)
