"""A laboratory at work: tubes opened, received, plated, run, released, as its people and machines do it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from dayclear.foundation.actors import Actor, system
from dayclear.foundation.clock import local_day
from dayclear.foundation.scope import acting
from dayclear.lab.commands import (
    LaboratoryRecord,
    PlateLayout,
    add_assay,
    add_instrument,
    open_laboratory,
    plate_tubes,
    receive_tubes,
)
from dayclear.lab.models import Assay, Plate
from dayclear.lab.rules.cutoffs import CutOffs, State, Target
from dayclear.lab.rules.intake import PlateReadings, Reading
from dayclear.lab.rules.plates import Control, Machine, control_wells, lay_out, position_name
from dayclear.sampling.models import Tube
from dayclear.sampling.rules.numbers import printed

VILLAGE = 610113001001 * 10**6
COUNTY = 610113 * 10**12
SYSTEM = system("tests")
COMMON = CutOffs(
    "common",
    "1",
    (Target("ORF1ab", 37, 40), Target("N", 37, 40), Target("RNP", 38, 38, inclusive=True, control=True)),
)
SOURCE = "testing reference 1.3: under 37 positive, 37 to 40 positive only with a clear curve"
CTS: Mapping[State, Mapping[str, float | None]] = {
    State.POSITIVE: {"ORF1ab": 24.0, "N": 25.0, "RNP": 25.5},
    State.NEGATIVE: {"ORF1ab": None, "N": None, "RNP": 25.0},
    State.SINGLE_TARGET: {"ORF1ab": None, "N": 33.0, "RNP": 25.0},
    State.INVALID: {"ORF1ab": None, "N": None, "RNP": None},
}
_BLANK: Mapping[str, float | None] = {"ORF1ab": None, "N": None, "RNP": None}


def opened(numbers: Sequence[int], now: datetime, *, area: int = VILLAGE, device: int = 1, counter: int = 1) -> None:
    """Tubes as sampling keeps them once a phone has sent them."""
    with acting(SYSTEM):
        Tube.objects.bulk_create(
            Tube(
                number=number,
                area=area,
                day=local_day(now),
                round_id=1,
                point_id=1,
                device_id=device,
                counter=counter,
                kind="persons",
                opened_at=now - timedelta(hours=3),
                closed_at=now - timedelta(hours=2, minutes=50),
                received_at=now - timedelta(hours=2),
                persons=10,
            )
            for number in numbers
        )


def common_assay(now: datetime, cutoffs: CutOffs = COMMON) -> int:
    """The common rule's cut-offs, once."""
    with acting(SYSTEM):
        known = Assay.objects.filter(code=cutoffs.assay, version=cutoffs.version).values_list("pk", flat=True).first()
        return known or add_assay(cutoffs, name="Common rule", disease="covid-19", source=SOURCE, by=SYSTEM, now=now)


def laboratory(now: datetime, *, area: int = VILLAGE, code: str = "LAB-1", name: str = "First laboratory") -> int:
    """A laboratory with one machine, called Q5."""
    with acting(SYSTEM):
        made = open_laboratory(LaboratoryRecord(area, code, name), by=SYSTEM, now=now)
        add_instrument(made, "Q5", Machine(), by=SYSTEM, now=now)
    return made


def received(lab: int, numbers: Sequence[int], *, by: Actor, now: datetime) -> None:
    with acting(by):
        receive_tubes(lab, dict.fromkeys(numbers, "good"), by=by, now=now)


def layout(code: str, numbers: Sequence[int], assay: int) -> PlateLayout:
    controls = control_wells(96, 4)
    return PlateLayout(code, 96, assay, lay_out(numbers, 96, controls), controls)


def plated(lab: int, code: str, numbers: Sequence[int], *, by: Actor, now: datetime) -> int:
    """A plate of 96 with these tubes in its first wells."""
    assay = common_assay(now)
    with acting(by):
        return plate_tubes(lab, [layout(code, numbers, assay)], by=by, now=now)[0]


def readings(
    code: str,
    numbers: Sequence[int],
    now: datetime,
    states: Mapping[int, State] | None = None,
    *,
    instrument: str = "Q5",
    curves: int | None = -1,
    cts: Mapping[int, Mapping[str, float | None]] | None = None,
) -> PlateReadings:
    """What the machine gives for a plate. Shape: `states` by tube, negative where nothing is said; `curves` -1: all."""
    controls = control_wells(96, 4)
    wells = [
        Reading(
            position_name(index, 96),
            printed(number),
            {**CTS[(states or {}).get(number, State.NEGATIVE)], **((cts or {}).get(number) or {})},
        )
        for index, number in lay_out(numbers, 96, controls).items()
    ]
    wells += [
        Reading(position_name(index, 96), "", CTS[State.POSITIVE] if kind is Control.POSITIVE else _BLANK)
        for index, kind in controls.items()
    ]
    said = len(numbers) if curves == -1 else curves
    start = now - timedelta(hours=2)
    return PlateReadings(code, "common", "1", instrument, start, now - timedelta(minutes=5), tuple(wells), said)


def plate_of(plate: int) -> Plate:
    with acting(SYSTEM):
        return Plate.objects.get(pk=plate)
