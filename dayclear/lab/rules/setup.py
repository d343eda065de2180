"""Whether an instrument or an assay can be what is said of it."""

from __future__ import annotations

from collections.abc import Mapping

from dayclear.foundation.decisions import Decision, Reason
from dayclear.lab.rules.cutoffs import CutOffs
from dayclear.lab.rules.plates import SHAPES, Control, Machine


def may_add_instrument(code: str, machine: Machine) -> Decision:
    """Whether there can be such a machine."""
    reasons = []
    if not code.strip():
        reasons.append(Reason("instrument_not_named"))
    if machine.wells not in SHAPES:
        reasons.append(Reason("plate_size_unknown", {"wells": machine.wells}))
    elif not 2 <= machine.controls < machine.wells:
        reasons.append(Reason("controls_out_of_range", {"controls": machine.controls}))
    if not 1 <= machine.runs_per_day <= 48:
        reasons.append(Reason("runs_out_of_range", {"runs": machine.runs_per_day}))
    return Decision(tuple(reasons))


def may_add_assay(cutoffs: CutOffs, *, name: str, source: str) -> Decision:
    """Whether an assay can be used with these cut-offs. A number without a source is no cut-off."""
    reasons = []
    if not (cutoffs.assay.strip() and cutoffs.version.strip() and name.strip()):
        reasons.append(Reason("assay_not_named"))
    if not source.strip():
        reasons.append(Reason("assay_without_source"))
    if not 20 <= cutoffs.cycles <= 60:
        reasons.append(Reason("cycles_out_of_range", {"cycles": cutoffs.cycles}))
    if not cutoffs.sought:
        reasons.append(Reason("assay_without_targets"))
    codes = [target.code for target in cutoffs.targets]
    if len(set(codes)) != len(codes) or not all(codes):
        reasons.append(Reason("target_twice", {"value": ", ".join(codes)[:60]}))
    for target in cutoffs.targets:
        if not 0 < target.positive_below <= target.grey_to <= cutoffs.cycles:
            reasons.append(Reason("cut_off_out_of_range", {"target": target.code}))
    return Decision(tuple(reasons))


def may_lay_out(code: str, wells: int, tubes: Mapping[int, int], controls: Mapping[int, Control]) -> Decision:
    """Whether a plate can be made up so: tubes, and a control of each kind, each in a well of its own."""
    reasons = []
    if not code.strip():
        reasons.append(Reason("plate_not_named"))
    if wells not in SHAPES:
        return Decision((*reasons, Reason("plate_size_unknown", {"wells": wells})))
    if not tubes:
        reasons.append(Reason("no_tubes"))
    if any(not 0 <= index < wells for index in (*tubes, *controls)):
        reasons.append(Reason("well_off_the_plate"))
    if set(tubes) & set(controls):
        reasons.append(Reason("tube_in_control_well", {"well": "", "value": ""}))
    if len(set(tubes.values())) != len(tubes):
        reasons.append(Reason("tubes_twice", {"tubes": ""}))
    if set(controls.values()) != set(Control):
        reasons.append(Reason("controls_missing"))
    return Decision(tuple(reasons))
