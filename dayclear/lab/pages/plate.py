"""One plate: its wells as they lie, by letter and shade; and its results entered by hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from dayclear.foundation import clock
from dayclear.foundation.decisions import Decision, Refused, refuse
from dayclear.foundation.requests import ActorRequest, once
from dayclear.foundation.rules import Right
from dayclear.foundation.trail import events_of, timeline
from dayclear.lab.commands import take_in_results
from dayclear.lab.commands.plating import plate_subject
from dayclear.lab.downloads import downloads_of
from dayclear.lab.facts import controls_of, cutoffs_of, standing_of
from dayclear.lab.models import Plate
from dayclear.lab.queries import open_corrections, plate_in_scope
from dayclear.lab.reasons import PLATE_STATE_NAMES, REASONS, RESULT_LETTERS, RESULT_NAMES
from dayclear.lab.rules.cutoffs import WELL_STATES, CutOffs, State
from dayclear.lab.rules.intake import PlateReadings, Reading
from dayclear.lab.rules.plates import SHAPES, position_name
from dayclear.lab.rules.release import PlateState, may_reject, may_release
from dayclear.sampling.rules.numbers import printed


@dataclass(frozen=True, slots=True)
class Cell:
    """One well as it is drawn. `letter` is empty where nothing is known yet."""

    name: str
    label: str = ""
    tube: int | None = None
    kind: str = "empty"
    letter: str = ""
    says: Any = ""
    cts: tuple[tuple[str, float | None], ...] = ()


@require_GET
def show_plate(request: ActorRequest, plate_id: int) -> HttpResponseBase:
    actor = request.actor
    plate = plate_in_scope(actor, plate_id)
    cutoffs = cutoffs_of([plate.assay_id])[plate.assay_id]
    cells = list(_cells(plate, cutoffs))
    _rows, columns = SHAPES[plate.wells]
    events = list(events_of(actor, [plate_subject(plate.pk)]))
    standing = standing_of(plate)
    context: dict[str, Any] = {
        "plate": plate,
        "state": PLATE_STATE_NAMES[PlateState(plate.state)],
        "columns": range(1, columns + 1),
        "rows": [(chr(65 + at // columns), cells[at : at + columns]) for at in range(0, plate.wells, columns)],
        "filled": [cell for cell in cells if cell.tube is not None],
        "shown": [cell for cell in cells if cell.letter and cell.letter != "N" and cell.tube is not None],
        "counts": _counts(plate),
        "refused": [REASONS[code] for code in plate.refused if code in REASONS],
        "corrections": [
            (each, printed(each.tube), RESULT_NAMES[State(each.wanted)]) for each in open_corrections(actor, plate.pk)
        ],
        "may_enter": plate.state == "plated" and actor.may(Right.WORK_IN_LAB),
        "may_release": actor.may(Right.RELEASE_RESULTS) and may_release(standing, by=actor.user_id).allowed,
        "hindrance": _hindrance(may_release(standing, by=actor.user_id)) if plate.state == "run" else [],
        "may_reject": actor.may(Right.WORK_IN_LAB) and may_reject(standing, "-").allowed,
        "may_correct": plate.state == "released" and actor.may(Right.RELEASE_RESULTS),
        "results": [(state.value, RESULT_NAMES[state]) for state in WELL_STATES],
        "letters": [(letter, RESULT_NAMES[state], state.value) for state, letter in RESULT_LETTERS.items()],
        "downloads": downloads_of(plate),
        "timeline": timeline(events),
        "seen": events[-1].number if events else 0,
        "key": uuid4().hex,
        "user": actor.user_id,
    }
    return render(request, "lab/plate.html", context)


def _cells(plate: Plate, cutoffs: CutOffs) -> Iterator[Cell]:
    controls = controls_of(plate)
    codes = [target.code for target in cutoffs.targets]
    for index, tube in enumerate(plate.tubes):
        name = position_name(index, plate.wells)
        cts = tuple(zip(codes, plate.cts[index * len(codes) :], strict=False)) if plate.cts else ()
        if index in controls:
            letter = "+" if controls[index].value == "positive_control" else "−"
            says = _("positive control") if letter == "+" else _("negative control")
            yield Cell(name, kind="control", letter=letter, says=says, cts=cts)
        elif tube is None:
            yield Cell(name)
        else:
            said = plate.states[index] if plate.states else None
            if said is None:
                yield Cell(name, printed(tube), tube, "waiting")
            else:
                state = State(said)
                yield Cell(name, printed(tube), tube, said, RESULT_LETTERS[state], RESULT_NAMES[state], cts)


def _counts(plate: Plate) -> list[tuple[Any, int]]:
    if not plate.states:
        return []
    return [
        (name, plate.states.count(state.value)) for state, name in RESULT_NAMES.items() if state.value in plate.states
    ]


def _hindrance(decision: Decision) -> list[str]:
    return [str(REASONS[reason.code]) % reason.params for reason in decision.reasons if reason.code in REASONS]


@require_http_methods(["GET", "POST"])
def enter_results(request: ActorRequest, plate_id: int) -> HttpResponse:
    """A plate's results by hand: a line for each filled well, a field for each target; empty where no curve rose."""
    actor = request.actor
    actor.require(Right.WORK_IN_LAB)
    plate = plate_in_scope(actor, plate_id)
    cutoffs = cutoffs_of([plate.assay_id])[plate.assay_id]
    if request.method == "POST":
        return _enter(request, plate, cutoffs)
    controls = controls_of(plate)
    wells = [
        (index, position_name(index, plate.wells), printed(tube) if tube is not None else "", controls.get(index))
        for index, tube in enumerate(plate.tubes)
        if tube is not None or index in controls
    ]
    context = {
        "plate": plate,
        "targets": [target.code for target in cutoffs.targets],
        "wells": wells,
        "machines": plate.laboratory.instruments.filter(ended_at=None).order_by("code"),
        "key": uuid4().hex,
    }
    return render(request, "lab/enter.html", context)


def _enter(request: ActorRequest, plate: Plate, cutoffs: CutOffs) -> HttpResponse:
    said = _readings(request, plate, cutoffs)

    def work() -> None:
        taken = take_in_results(plate.laboratory_id, [said], by=request.actor, now=clock.now())
        problems = [problem.reason for found in taken.problems.values() for problem in found]
        if problems:
            raise Refused(Decision(tuple(problems[:12])))

    done = _("Results entered. They go out when a second person has signed.")
    return once(request, work, done, reverse("lab:plate", args=[plate.pk]))


def _readings(request: ActorRequest, plate: Plate, cutoffs: CutOffs) -> PlateReadings:
    said, controls = request.POST, controls_of(plate)
    readings = tuple(
        Reading(
            position_name(index, plate.wells),
            "" if tube is None else printed(tube),
            {target.code: _ct(said.get(f"ct-{index}-{at}", "")) for at, target in enumerate(cutoffs.targets)},
            frozenset(
                target.code for at, target in enumerate(cutoffs.targets) if said.get(f"clear-{index}-{at}") == "yes"
            ),
        )
        for index, tube in enumerate(plate.tubes)
        if tube is not None or index in controls
    )
    curves = said.get("curves", "").strip()
    return PlateReadings(
        plate.code,
        cutoffs.assay,
        cutoffs.version,
        said.get("instrument", ""),
        _instant(said.get("started_at", "")),
        _instant(said.get("ended_at", "")),
        readings,
        int(curves) if curves.isascii() and curves.isdecimal() and len(curves) < 5 else None,
    )


def _ct(text: str) -> float | None:
    bare = text.strip().replace(",", ".")
    if not bare:
        return None
    try:
        return float(bare)
    except ValueError:
        raise Refused(refuse("ct_impossible", well="", value=text[:20])) from None


def _instant(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=clock.local_zone()) if text else None
    except ValueError:
        raise Refused(refuse("invalid_input", where=_("Run"), what=text[:30])) from None
