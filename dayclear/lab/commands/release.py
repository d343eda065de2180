"""Results go out when a second person has signed; a rejected plate sends its tubes back to the queue."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from dayclear.foundation.actors import Actor
from dayclear.foundation.decisions import Refused, refuse, require
from dayclear.foundation.events import Draft, record, record_many, require_unchanged
from dayclear.foundation.rules import Right
from dayclear.foundation.scope import beyond_scope
from dayclear.lab.commands.counts import count
from dayclear.lab.commands.following import follow_released
from dayclear.lab.commands.plating import plate_subject
from dayclear.lab.facts import standing_of
from dayclear.lab.models import Plate, ReceivedTube, Result
from dayclear.lab.rules.cutoffs import ALARMING, State
from dayclear.lab.rules.release import PlateState, may_reject, may_release

RELEASED, CORRECTED, REJECTED = "lab.plate_released", "lab.result_corrected", "lab.plate_rejected"

# The tubes of a plate by their state.
ByState = Mapping[str, Sequence[int]]

# The twin of `rules.cutoffs.after_retest`: one target alone, a second time, is positive.
_PUBLISH = """
WITH released AS (
    SELECT p.id, p.laboratory_id, p.assay_id, u.well - 1 AS well, u.tube, u.state,
           cardinality(p.cts) / p.wells AS targets, p.cts
    FROM lab_plate p CROSS JOIN unnest(p.tubes, p.states) WITH ORDINALITY AS u(tube, state, well)
    WHERE p.id = ANY(%(plates)s) AND u.tube IS NOT NULL),
written AS (
    INSERT INTO lab_result (tube, version, area, state, laboratory_id, plate_id, well, assay_id, cts, reported_at,
        reason)
    SELECT s.tube, coalesce(before.version, 0) + 1, r.tube_area,
           CASE WHEN s.state = 'single_target' AND before.state = 'single_target' THEN 'positive' ELSE s.state END,
           s.laboratory_id, s.id, s.well, s.assay_id,
           s.cts[s.well * s.targets + 1 : (s.well + 1) * s.targets], %(now)s, ''
    FROM released s JOIN lab_received_tube r ON r.tube = s.tube
        LEFT JOIN LATERAL (
            SELECT version, state FROM lab_result x WHERE x.tube = s.tube AND r.attempts > 1
            ORDER BY version DESC LIMIT 1) before ON true
    RETURNING plate_id, tube, state)
SELECT plate_id, state, array_agg(tube ORDER BY tube) FROM written GROUP BY plate_id, state
"""
_WITHDRAW = """
INSERT INTO lab_result (tube, version, area, state, laboratory_id, plate_id, well, assay_id, cts, reported_at, reason)
SELECT newest.tube, newest.version + 1, newest.area, 'plate_rejected', newest.laboratory_id, newest.plate_id,
       newest.well, newest.assay_id, NULL, %(now)s, %(reason)s
FROM (SELECT DISTINCT ON (tube) * FROM lab_result WHERE tube = ANY(%(tubes)s) ORDER BY tube, version DESC) newest
WHERE newest.plate_id = %(plate)s
RETURNING tube, version
"""


def release_plate(plate_id: int, *, by: Actor, now: datetime, seen: int | None = None) -> None:
    """Release the results of one plate.

    Raises: Refused (`not_found`, `changed_meanwhile`, and those of `rules.release.may_release`).
    """
    require_unchanged(plate_subject(plate_id), seen)
    release_plates([plate_id], by=by, now=now)


def release_plates(plate_ids: Sequence[int], *, by: Actor, now: datetime) -> int:
    """Release plates, all of them or none; returns how many results went out.

    Each result is a new version of its tube's. Tubes without a valid result go back to the queue.
    Raises: Refused (`not_found`, and those of `rules.release.may_release`).
    """
    by.require(Right.RELEASE_RESULTS)
    with transaction.atomic():
        plates = lock_plates(plate_ids, by)
        for plate in plates:
            require(may_release(standing_of(plate), by=by.user_id))
        ids = [plate.pk for plate in plates]
        out = _publish(ids, now)
        Plate.objects.filter(pk__in=ids).update(
            state=PlateState.RELEASED.value, released_at=now, released_by=by.user_id, released_label=by.label
        )
        _queue_again(tube for by_state in out.values() for tube in by_state.get(State.INVALID.value, ()))
        reported: Counter[tuple[int, int]] = Counter()
        for plate in plates:
            reported[plate.laboratory_id, plate.area] += sum(map(len, out[plate.pk].values()))
        for (laboratory, area), tubes in sorted(reported.items()):
            count(laboratory, area, now, reported=tubes)
        record_many([_released(plate, out[plate.pk]) for plate in plates], by=by, at=now)
        follow_released([(plate, out[plate.pk]) for plate in plates], by=by, now=now)
    return sum(reported.values())


def reject_plate(plate_id: int, reason: str, *, by: Actor, now: datetime, seen: int | None = None) -> None:
    """Reject a plate: its tubes go back to the queue. Results that were out are withdrawn by a new version.

    Raises: Refused (`not_found`, `changed_meanwhile`, and those of `rules.release.may_reject`).
    """
    by.require(Right.WORK_IN_LAB)
    with transaction.atomic():
        require_unchanged(plate_subject(plate_id), seen)
        (plate,) = lock_plates([plate_id], by)
        require(may_reject(standing_of(plate), reason))
        said = reason.strip()[:300]
        was = plate.state
        if was == PlateState.RELEASED.value:
            _withdraw(plate, said, by=by, now=now)
        Plate.objects.filter(pk=plate.pk).update(
            state=PlateState.REJECTED.value, rejected_at=now, rejected_label=by.label, reject_reason=said
        )
        ReceivedTube.objects.filter(plate_id=plate.pk).update(plate_id=None)
        payload = {"was": was, "laboratory": plate.laboratory_id, "samples": plate.samples}
        record(REJECTED, plate_subject(plate.pk), by=by, at=now, area=plate.area, payload=payload)


def lock_plates(plate_ids: Iterable[int], by: Actor) -> list[Plate]:
    """Plates within the actor's places, held in the order of their ids. Raises: Refused (`not_found`)."""
    wanted = set(plate_ids)
    rows = Plate.objects.select_for_update(of=("self",)).filter(area__range=(by.area.lo, by.area.hi), pk__in=wanted)
    plates = list(rows.select_related("laboratory").defer("cts", "states").order_by("pk"))
    if not wanted or len(plates) != len(wanted):
        raise Refused(refuse("not_found"))
    return plates


def _publish(plates: Sequence[int], now: datetime) -> Mapping[int, ByState]:
    """Write the results where their tubes were taken. Shape: by plate."""
    out: dict[int, dict[str, Sequence[int]]] = {plate: {} for plate in plates}
    with beyond_scope(), connection.cursor() as cursor:
        cursor.execute(_PUBLISH, {"plates": list(plates), "now": now})
        for plate, state, tubes in cursor.fetchall():
            out[plate][state] = tubes
    return out


def _withdraw(plate: Plate, reason: str, *, by: Actor, now: datetime) -> None:
    tubes = [tube for tube in plate.tubes if tube is not None]
    with beyond_scope(), connection.cursor() as cursor:
        before = dict(Result.objects.filter(plate_id=plate.pk).order_by("version").values_list("tube", "state"))
        cursor.execute(_WITHDRAW, {"tubes": tubes, "plate": plate.pk, "now": now, "reason": reason})
        out = cursor.fetchall()
    tell_corrected(
        plate,
        [(tube, before[tube], State.PLATE_REJECTED.value, version) for tube, version in sorted(out)],
        by=by,
        now=now,
    )


def _queue_again(tubes: Iterable[int]) -> None:
    ReceivedTube.objects.filter(tube__in=list(tubes)).update(plate_id=None)


def tell_corrected(plate: Plate, changes: Sequence[tuple[int, str, str, int]], *, by: Actor, now: datetime) -> None:
    """Record that released results became others. Shape: changes are (tube, from, to, version)."""
    said = [{"tube": tube, "from": old, "to": new, "version": version} for tube, old, new, version in changes]
    payload = {"plate": plate.pk, "laboratory": plate.laboratory_id, "tubes": said}
    record(CORRECTED, plate_subject(plate.pk), by=by, at=now, area=plate.area, payload=payload)
    out: dict[str, list[int]] = defaultdict(list)
    for tube, _old, new, _version in changes:
        out[new].append(tube)
    follow_released([(plate, out)], by=by, now=now, corrected=True)


def _released(plate: Plate, by_state: ByState) -> Draft:
    payload: dict[str, Any] = {
        "plate": plate.pk,
        "code": plate.code,
        "laboratory": plate.laboratory_id,
        "assay": plate.assay_id,
        "counts": {state: len(tubes) for state, tubes in sorted(by_state.items())},
        # What must not wait is named; the others are read from the plate.
        **{state.value: by_state.get(state.value, ()) for state in ALARMING},
    }
    return Draft(RELEASED, plate_subject(plate.pk), plate.area, payload)
