"""What runs beside the product while it is killed: its preparation, a laboratory at work, and what is held in the end.
Programs of their own, that print JSON."""

from __future__ import annotations

import json
import select
import sys
import time
from collections.abc import Callable
from typing import Any

from dayclear.foundation.cli import installation

# Of so many tubes one is positive and one grey.
ONE_IN = 97
_SAMPLES = 92
_BREATH_SECONDS = 0.2


def prepare(devices: int, persons: int) -> None:
    """An open round and a point, codes to enrol so many devices, the scanned codes of so many people."""
    with installation():
        from dayclear.foundation import clock
        from dayclear.foundation.scope import acting
        from dayclear.lab.tests.acts import common_assay, laboratory
        from dayclear.sampling.commands import PointRecord, make_enrolment_code, put_up_point
        from dayclear.sampling.tests.acts import COUNTY, SYSTEM, VILLAGE, open_round, people, tokens

        now = clock.now()
        made = people(persons, now)
        with acting(SYSTEM):
            point = put_up_point(PointRecord(area=VILLAGE, code="P1", name="Square"), by=SYSTEM, now=now)
            enrolments = [make_enrolment_code(COUNTY, by=SYSTEM, now=now)[0] for _ in range(devices)]
        laboratory(now)
        common_assay(now)
        said = {"round": open_round(now), "point": point, "enrolments": enrolments}
        said["people"] = [[person, swab["token"]] for person, swab in zip(made, tokens(made), strict=True)]
    print(json.dumps(said))


def work() -> None:
    """A courier and a laboratory, until nothing is left to do and nobody listens any more on standard input.

    Prints what was acknowledged, a line for each command that came back. As people do, it looks at what stands written
    before each step: what it does not know to be done, because the answer was lost, it finds done.
    """
    with installation():
        import psycopg
        from django.db import Error, connections
        from procrastinate.exceptions import ConnectorException

        steps = (_send_boxes, _receive_boxes, _make_up_plates, _enter_results, _release_plates)
        shift_over = False
        while True:
            shift_over = shift_over or bool(select.select([sys.stdin], [], [], 0)[0])
            done = 0
            for step in steps:
                try:
                    done += step(_acknowledge)
                except (Error, ConnectorException, psycopg.Error):
                    connections.close_all()
                    done += 1
                    time.sleep(_BREATH_SECONDS)
            if not done:
                if shift_over:
                    return
                time.sleep(_BREATH_SECONDS)


Acknowledge = Callable[[str, object], None]


def _acknowledge(what: str, which: object) -> None:
    print(json.dumps([what, str(which)]), flush=True)


def _send_boxes(acknowledge: Acknowledge) -> int:
    from dayclear.foundation import clock
    from dayclear.foundation.scope import acting
    from dayclear.lab.models import Laboratory
    from dayclear.sampling.commands.boxes import send_box
    from dayclear.sampling.models import Box
    from dayclear.sampling.tests.acts import SYSTEM

    with acting(SYSTEM):
        lab = Laboratory.objects.get()
        ready = list(Box.objects.filter(state="ready").values_list("pk", "tubes"))
    for box, tubes in ready:
        with acting(SYSTEM):
            where = {"destination": f"lab:{lab.pk}", "destination_name": lab.name}
            send_box(box, **where, counted=tubes, by=SYSTEM, now=clock.now())
        acknowledge("sent", box)
    return len(ready)


def _receive_boxes(acknowledge: Acknowledge) -> int:
    from dayclear.foundation import clock
    from dayclear.foundation.scope import acting
    from dayclear.lab.commands import expected_boxes, look_into_box, receive_box_here
    from dayclear.lab.models import Laboratory
    from dayclear.sampling.tests.acts import SYSTEM

    with acting(SYSTEM):
        lab = Laboratory.objects.get().pk
        there = [look_into_box(lab, parcel.id, by=SYSTEM) for parcel in expected_boxes(lab, by=SYSTEM)]
    for parcel in there:
        with acting(SYSTEM):
            conditions = dict.fromkeys(parcel.tubes, "good")
            receive_box_here(lab, parcel.id, conditions, counted=len(conditions), by=SYSTEM, now=clock.now())
        acknowledge("received", parcel.id)
    return len(there)


def _make_up_plates(acknowledge: Acknowledge) -> int:
    from dayclear.foundation import clock
    from dayclear.foundation.scope import acting
    from dayclear.lab.commands import plate_tubes
    from dayclear.lab.models import Assay, Laboratory, ReceivedTube
    from dayclear.lab.tests.acts import SYSTEM, layout

    with acting(SYSTEM):
        lab, assay = Laboratory.objects.get().pk, Assay.objects.get().pk
        rows = ReceivedTube.objects.filter(plate_id=None, attempts=0).order_by("tube")
        waiting = list(rows.values_list("tube", flat=True)[:_SAMPLES])
    if waiting:
        with acting(SYSTEM):
            plate_tubes(lab, [layout(f"P{waiting[0]}", waiting, assay)], by=SYSTEM, now=clock.now())
        acknowledge("made up", f"P{waiting[0]}")
    return len(waiting)


def _enter_results(acknowledge: Acknowledge) -> int:
    from dayclear.foundation import clock
    from dayclear.foundation.scope import acting
    from dayclear.lab.commands import take_in_results
    from dayclear.lab.models import Plate
    from dayclear.lab.rules.cutoffs import State
    from dayclear.lab.tests.acts import SYSTEM, readings

    with acting(SYSTEM):
        plates = list(Plate.objects.filter(state="plated"))
    for plate in plates:
        numbers = [tube for tube in plate.tubes if tube is not None]
        states = {tube: State(state_of(tube)) for tube in numbers}
        now = clock.now()
        with acting(SYSTEM):
            taken = take_in_results(
                plate.laboratory_id, [readings(plate.code, numbers, now, states)], by=SYSTEM, now=now
            )
        assert not taken.problems, taken.problems
        acknowledge("entered", plate.code)
    return len(plates)


def _release_plates(acknowledge: Acknowledge) -> int:
    from dayclear.foundation import clock
    from dayclear.foundation.scope import acting
    from dayclear.lab.commands import release_plates
    from dayclear.lab.models import Plate
    from dayclear.lab.tests.acts import SYSTEM

    with acting(SYSTEM):
        run = list(Plate.objects.filter(state="run").values_list("pk", "code"))
    for plate, code in run:
        with acting(SYSTEM):
            release_plates([plate], by=SYSTEM, now=clock.now())
        acknowledge("released", code)
    return len(run)


def state_of(tube: int) -> str:
    """What the laboratory finds in a tube."""
    return {0: "positive", 1: "single_target"}.get(tube % ONE_IN, "negative")


def held(patience: float) -> None:
    """What the server holds, once its queue is empty; or what is still in the queue after so many seconds."""
    with installation():
        from dayclear.foundation.scope import acting
        from dayclear.sampling.tests.acts import SYSTEM

        until = time.monotonic() + patience
        while _queue() and time.monotonic() < until:
            time.sleep(_BREATH_SECONDS)
        with acting(SYSTEM):
            said = {"queue": _queue(), **_sampling(), **_laboratory(), **_chains(), **_trail()}
    print(json.dumps(said))


def _queue() -> list[Any]:
    """Work that is not done. What the clock brings again and again is not counted, unless it failed."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT status::text, task_name, lock, attempts FROM procrastinate_jobs "
            "WHERE queue_name <> 'upkeep' OR status = 'failed' LIMIT 20"
        )
        return list(cursor.fetchall())


def _sampling() -> dict[str, Any]:
    from django.db.models import Sum

    from dayclear.foundation.models import Event
    from dayclear.sampling.models import Box, BoxedTube, Device, DisputedTube, Swab, Tally, Tube, Upload

    told = Event.objects.filter(kind="sampling.tubes_uploaded").values_list("subject", "payload__counter")
    return {
        "tubes": list(Tube.objects.order_by("number").values_list("number", "device_id", "counter", "persons")),
        "swabs": list(Swab.objects.order_by("tube", "person").values_list("tube", "person")),
        "disputed": DisputedTube.objects.count(),
        "uploads": list(Upload.objects.order_by("device_id", "counter").values_list("device_id", "counter")),
        "told": sorted((int(subject.partition(":")[2]), counter) for subject, counter in told),
        "devices": {pk: both for pk, *both in Device.objects.values_list("pk", "last_counter", "received")},
        "tally": list(Tally.objects.aggregate(tubes=Sum("tubes"), persons=Sum("persons")).values()),
        "boxes": [(str(pk), state, tubes) for pk, state, tubes in Box.objects.values_list("pk", "state", "tubes")],
        "boxed": sorted((str(box), tube) for box, tube in BoxedTube.objects.values_list("box_id", "tube")),
        "boxes_told": _told("sampling.box_closed", "sampling.box_sent", "sampling.box_received"),
    }


def _laboratory() -> dict[str, Any]:
    from django.db.models import Sum

    from dayclear.lab.models import LabHour, Plate, Result, TubeFlow

    hour = LabHour.objects.aggregate(**{each: Sum(each) for each in ("received", "plated", "run", "reported")})
    return {
        "results": list(Result.objects.order_by("tube", "version").values_list("tube", "version", "state")),
        "plates": list(Plate.objects.values_list("code", "state")),
        "plates_told": _told("lab.plate_made_up", "lab.plate_entered", "lab.plate_released"),
        "hours": list(hour.values()),
        "flow": dict(TubeFlow.objects.exclude(tubes=0).values_list("stage").annotate(Sum("tubes"))),
    }


def _chains() -> dict[str, Any]:
    from dayclear.foundation.models import Deadline
    from dayclear.sampling.models import Chain, ChainMember

    clocks = list(Deadline.objects.filter(subject__startswith="sampling.chain:").values_list("subject", "kind"))
    return {
        "chains": list(Chain.objects.order_by("tube").values_list("tube", "alarm", "members")),
        "members": list(ChainMember.objects.order_by("tube", "person_id").values_list("tube", "person_id")),
        "chains_told": _told("sampling.chain_opened"),
        "clocks": [len(clocks), len(set(clocks))],
    }


def _told(*kinds: str) -> list[int]:
    """Of each kind: how many events, and of how many subjects."""
    from dayclear.foundation.models import Event

    said = []
    for kind in kinds:
        subjects = list(Event.objects.filter(kind=kind).values_list("subject", flat=True))
        said += [len(subjects), len(set(subjects))]
    return said


def _trail() -> dict[str, Any]:
    """The whole trail, sealed up to now, read again."""
    from dayclear.foundation import clock
    from dayclear.foundation.seals import check_trail, seal_events

    seal_events(now=clock.now())
    report = check_trail()
    return {
        "faults": [f"{fault.kind}: {fault.what}" for fault in report.faults],
        "events": report.events,
        "seals": report.seals,
    }


if __name__ == "__main__":
    work()
