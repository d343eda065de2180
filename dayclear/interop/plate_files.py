"""A released plate as a file: what its laboratory found, in a form that other systems read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from dayclear.foundation.actors import Actor
from dayclear.foundation.decisions import Refused, refuse
from dayclear.interop.labfiles.content import Specimen
from dayclear.interop.labfiles.hl7v2 import POOL, write_hl7
from dayclear.interop.labfiles.jsonfile import write_json
from dayclear.interop.labfiles.tables import write_csv
from dayclear.lab.codes import TESTS
from dayclear.lab.downloads import Download, offers_downloads
from dayclear.lab.facts import controls_of, cutoffs_of, found_on_plate, people_in_tubes, tubes_of
from dayclear.lab.models import Plate
from dayclear.lab.queries import plate_in_scope
from dayclear.lab.rules.cutoffs import CutOffs, State
from dayclear.lab.rules.intake import PlateReadings, Reading
from dayclear.lab.rules.plates import position_name
from dayclear.sampling.rules.numbers import printed

FORMS = {"hl7": ("HL7 v2", "application/hl7-v2; charset=utf-8"), "csv": ("CSV", "text/csv; charset=utf-8")}
FORMS |= {"json": ("JSON", "application/json")}


@dataclass(frozen=True, slots=True)
class PlateFile:
    """A file and what it is."""

    name: str
    content_type: str
    data: bytes


def file_of_plate(actor: Actor, plate_id: int, form: str, *, now: datetime) -> PlateFile:
    """A released plate with the results that count now. Shape: `form` one of `FORMS`.

    Raises: Refused (`right_missing`, `not_found`, `plate_not_released`, `disease_without_code`).
    """
    plate = plate_in_scope(actor, plate_id)
    if form not in FORMS:
        raise Refused(refuse("not_found"))
    if plate.state != "released":
        raise Refused(refuse("plate_not_released"))
    said = _readings(plate, cutoffs_of([plate.assay_id])[plate.assay_id])
    data = _WRITERS[form](plate, said, now)
    return PlateFile(f"plate-{plate.pk}.{form}", FORMS[form][1], data)


@offers_downloads("interop")
def _downloads(plate: Plate) -> Sequence[Download]:
    return [Download(title, reverse("interop:plate_file", args=[plate.pk, form])) for form, (title, _) in FORMS.items()]


def _readings(plate: Plate, cutoffs: CutOffs) -> PlateReadings:
    return PlateReadings(
        plate=plate.code,
        assay=cutoffs.assay,
        version=cutoffs.version,
        instrument=plate.instrument.code if plate.instrument else "",
        started_at=plate.started_at,
        ended_at=plate.ended_at,
        readings=tuple(_wells(plate, cutoffs)),
        curves=plate.curves,
    )


def _wells(plate: Plate, cutoffs: CutOffs) -> Iterator[Reading]:
    """Tubes and controls, well after well. A tube whose result now is another plate's has none here."""
    codes = [target.code for target in cutoffs.targets]
    tubes, found, measured = tubes_of(plate), found_on_plate(plate), plate.cts or []
    for index in sorted({*tubes, *controls_of(plate)}):
        cts = dict(zip(codes, measured[index * len(codes) :], strict=False))
        tube = tubes.get(index)
        state = found.get(tube) if tube is not None else None
        label = printed(tube) if tube is not None else ""
        yield Reading(position_name(index, plate.wells), label, cts, call=State(state) if state else None)


def _hl7(plate: Plate, said: PlateReadings, now: datetime) -> bytes:
    disease = plate.assay.disease
    if disease not in TESTS:
        raise Refused(refuse("disease_without_code", disease=disease))
    pools = _pools(people_in_tubes(tubes_of(plate).values()))
    return write_hl7([said], disease=disease, sender=plate.laboratory.code, at=now, pools=pools)


def _pools(people: Mapping[int, int]) -> dict[str, Specimen]:
    """Tubes of more than one swab. A swab is named by its tube and a count: whose it is stays with the sampler."""
    return {
        printed(tube): Specimen(printed(tube), POOL, tuple(f"{printed(tube)}-{n}" for n in range(1, count + 1)), count)
        for tube, count in people.items()
        if count > 1
    }


_WRITERS: Mapping[str, Callable[[Plate, PlateReadings, datetime], bytes]] = {
    "hl7": _hl7,
    "csv": lambda _plate, said, _now: write_csv([said]),
    "json": lambda _plate, said, _now: write_json([said]),
}
