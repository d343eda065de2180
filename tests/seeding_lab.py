"""The laboratory of a village: a machine, a released plate with a correction asked for, an alarm, a return owed."""

from __future__ import annotations

from datetime import datetime, timedelta
from io import BytesIO
from typing import TYPE_CHECKING

from dayclear.foundation import clock
from dayclear.foundation.actors import Actor, system
from dayclear.foundation.areas import area_of
from dayclear.foundation.rules import Role
from dayclear.interop.commands.result_files import store_result_file
from dayclear.interop.labfiles.jsonfile import write_json
from dayclear.lab.commands import ask_correction, open_returns, release_plate, take_in_results
from dayclear.lab.commands.alarms import Finding, raise_alarms
from dayclear.lab.commands.dispatching import make_dispatch
from dayclear.lab.models import Instrument, LabReturn, QualityAlarm
from dayclear.lab.tests.acts import laboratory, plated, readings, received
from dayclear.sampling.commands import open_box
from dayclear.sampling.models import Box
from dayclear.sampling.rules.numbers import printed

if TYPE_CHECKING:
    from tests.seeding import Village

SYSTEM = system("seeding")


def seed_lab(village: Village) -> None:
    """By the real clock. Its tubes came before any phone sent them: they lie where the laboratory does."""
    now, mark = clock.now(), village.mark
    first = village.area // 10**6 % 10**9 * 10
    tubes = [first, first + 1]
    village.laboratory = laboratory(now - timedelta(hours=9), area=village.area, code=mark, name=f"{mark} laboratory")
    village.instrument = Instrument.objects.get(laboratory=village.laboratory).pk
    received(village.laboratory, tubes, by=SYSTEM, now=now)
    village.plate = plated(village.laboratory, f"{mark}-plate", tubes, by=SYSTEM, now=now)
    take_in_results(village.laboratory, [readings(f"{mark}-plate", tubes, now)], by=SYSTEM, now=now)
    release_plate(village.plate, by=SYSTEM, now=now)
    village.correction = ask_correction(village.plate, first, "positive", f"{mark} swapped", by=SYSTEM, now=now)
    facts = {"plate": f"{mark}-plate", "curves": 1, "wells": 2}
    alarm = Finding(village.laboratory, village.area, clock.local_day(now), "curves_short", facts)
    raise_alarms([alarm], by=SYSTEM, now=now)
    village.alarm = QualityAlarm.objects.get(laboratory=village.laboratory).pk
    data = write_json([readings(f"{mark}-next", tubes, now)])
    village.result_file = store_result_file(village.laboratory, BytesIO(data), f"{mark}.json", by=SYSTEM, now=now)
    village.examined = printed(first)
    village.dispatch = _dispatch(village, now)
    open_returns(by=SYSTEM, now=now)
    village.owed_return = LabReturn.objects.get(laboratory=village.laboratory).pk


def _dispatch(village: Village, now: datetime) -> int:
    """A round of the village's own: one box, which nobody knows where to send."""
    box = open_box(village.area, by=SYSTEM, now=now)
    Box.objects.filter(pk=box).update(state="ready", tubes=1, counted=1)
    made = make_dispatch(by=Actor(None, SYSTEM.label, Role.ADMINISTRATOR, area_of(village.area)), now=now)
    assert made is not None, "a box stands ready"
    return made
