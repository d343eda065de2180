"""How far tubes have come: worked out anew from what stands written of them, whenever something happens to them.

Played twice, or in another order, it comes to the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from dayclear.lab.models import Plate, ReceivedTube, TubeStage
from dayclear.sampling.models import BoxedTube

_BEGIN = """
INSERT INTO lab_tube_stage (tube, area, hour, point_id, device_id, laboratory_id, stage, measured)
SELECT number, area, date_trunc('hour', closed_at), point_id, device_id, 0, 0, false
FROM sampling_tube WHERE number = ANY(%(tubes)s) ORDER BY number
ON CONFLICT (tube) DO NOTHING
"""
# In the order of their numbers, so that two events with tubes in common never wait for each other in a ring.
_HOLD = "SELECT tube FROM lab_tube_stage WHERE tube = ANY(%(tubes)s) ORDER BY tube FOR UPDATE"
_LOCATE = """
WITH found AS (
    SELECT s.tube, s.area, s.hour, s.point_id, s.device_id,
        s.laboratory_id AS from_lab, s.stage AS from_stage, s.measured AS from_measured, s.box AS from_box,
        b.id AS box,
        -- Before it is handed over, where a box is to go is a plan.
        coalesce(r.laboratory_id, CASE WHEN b.sent_at IS NOT NULL
            THEN substring(b.destination FROM '^lab:([0-9]{1,18})$')::bigint END, 0) AS lab,
        CASE
            WHEN x.tells THEN 5
            WHEN r.plate_id IS NOT NULL THEN 4
            WHEN r.tube IS NOT NULL THEN 3
            WHEN b.sent_at IS NOT NULL THEN 2
            WHEN b.id IS NOT NULL THEN 1
            ELSE 0
        END AS stage,
        -- Which wells lack a curve the machine's file does not say: the last ones stand for them.
        coalesce(array_position(array_remove(p.tubes, NULL), s.tube) <= p.curves, false) AS measured
    FROM lab_tube_stage s
    LEFT JOIN sampling_boxed_tube t ON t.tube = s.tube
    LEFT JOIN sampling_box b ON b.id = t.box_id
    LEFT JOIN lab_received_tube r ON r.tube = s.tube
    -- A result that tells nothing sends its tube back into the queue.
    LEFT JOIN LATERAL (
        SELECT state NOT IN ('invalid', 'plate_rejected') AS tells, plate_id
        FROM lab_result x WHERE x.tube = s.tube ORDER BY version DESC LIMIT 1) x ON true
    LEFT JOIN lab_plate p ON p.id = CASE WHEN x.tells THEN x.plate_id ELSE r.plate_id END
    WHERE s.tube = ANY(%(tubes)s)),
moved AS (
    SELECT * FROM found
    WHERE (lab, stage, measured, box) IS DISTINCT FROM (from_lab, from_stage, from_measured, from_box)),
written AS (
    UPDATE lab_tube_stage s SET laboratory_id = m.lab, stage = m.stage, measured = m.measured, box = m.box
    FROM moved m WHERE s.tube = m.tube),
counted AS (
    SELECT area, device_id, hour, point_id, lab, stage, sum(tubes) AS tubes, sum(measured) AS measured FROM (
        SELECT area, device_id, hour, point_id, from_lab AS lab, from_stage AS stage,
            -1 AS tubes, -from_measured::int AS measured FROM moved WHERE from_stage > 0
        UNION ALL
        SELECT area, device_id, hour, point_id, lab, stage, 1, measured::int FROM moved WHERE stage > 0) each
    GROUP BY area, device_id, hour, point_id, lab, stage)
INSERT INTO lab_tube_flow AS f (area, device_id, hour, point_id, laboratory_id, stage, tubes, measured)
SELECT * FROM counted WHERE tubes <> 0 OR measured <> 0
ORDER BY device_id, hour, point_id, lab, stage
ON CONFLICT (device_id, hour, point_id, laboratory_id, stage)
DO UPDATE SET tubes = f.tubes + excluded.tubes, measured = f.measured + excluded.measured
"""


def locate_boxes(boxes: Sequence[UUID]) -> None:
    """Locate the tubes that are in boxes, and those that were."""
    inside = BoxedTube.objects.filter(box__in=boxes).values_list("tube", flat=True)
    locate_tubes({*inside, *TubeStage.objects.filter(box__in=boxes).values_list("tube", flat=True)})


def locate_received(laboratory_id: int, received_at: datetime) -> None:
    """Locate the tubes that came in at an instant and wait. Those on a plate by now are located with it."""
    waiting = ReceivedTube.objects.filter(laboratory_id=laboratory_id, received_at=received_at, plate_id=None)
    locate_tubes(waiting.values_list("tube", flat=True))


def locate_plates(plates: Sequence[int]) -> None:
    """Locate the tubes of plates."""
    layouts = Plate.objects.filter(pk__in=plates).values_list("tubes", flat=True)
    locate_tubes({tube for tubes in layouts for tube in tubes if tube is not None})


def locate_tubes(tubes: Iterable[int]) -> None:
    """Bring the stage of these tubes, and the counts of them, to what stands written of them now.

    A tube that its phone has not sent yet is nowhere; it is located once it has come.
    """
    wanted = {"tubes": sorted(tubes)}
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in (_BEGIN, _HOLD, _LOCATE):
            cursor.execute(statement, wanted)
