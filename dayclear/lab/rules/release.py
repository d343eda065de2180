"""Who may release, correct and reject results. Nobody releases what they entered themselves."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from dayclear.foundation.decisions import Decision, Reason
from dayclear.lab.rules.cutoffs import WELL_STATES, State


class PlateState(StrEnum):
    """From tubes in wells to results that everybody reads."""

    PLATED = "plated"
    RUN = "run"
    RELEASED = "released"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class PlateStanding:
    """A plate about to be released or rejected. `curves` None: the laboratory did not say how many there are."""

    state: PlateState
    wells: int
    curves: int | None
    rejected_by_controls: tuple[str, ...]
    entered_by: int | None


def may_release(plate: PlateStanding, *, by: int | None) -> Decision:
    """Whether the results of a plate may go out."""
    if plate.state is not PlateState.RUN:
        return Decision((Reason("plate_not_run", {"state": plate.state.value}),))
    reasons = [Reason(code) for code in plate.rejected_by_controls]
    if plate.curves is not None and plate.curves < plate.wells:
        reasons.append(Reason("curves_short", {"curves": plate.curves, "wells": plate.wells}))
    if by is not None and by == plate.entered_by:
        reasons.append(Reason("released_by_another"))
    return Decision(tuple(reasons))


def may_reject(plate: PlateStanding, reason: str) -> Decision:
    """Whether a plate may be rejected: its tubes are examined again."""
    reasons = []
    if plate.state is PlateState.REJECTED:
        reasons.append(Reason("plate_rejected_already"))
    if not reason.strip():
        reasons.append(Reason("why_missing"))
    return Decision(tuple(reasons))


def may_ask_correction(current: State | None, wanted: str, reason: str) -> Decision:
    """Whether a correction may be asked for. `current`: the newest released result; None where there is none."""
    reasons = []
    if current is None:
        reasons.append(Reason("not_reported_yet"))
    if wanted not in {state.value for state in WELL_STATES}:
        reasons.append(Reason("state_unknown", {"value": wanted[:24]}))
    elif current is not None and wanted == current.value:
        reasons.append(Reason("correction_changes_nothing"))
    if not reason.strip():
        reasons.append(Reason("why_missing"))
    return Decision(tuple(reasons))


def may_sign_correction(*, asked_by: int | None, by: int | None, superseded: bool) -> Decision:
    """Whether a correction may be signed: by another person, and only onto the result it was asked for."""
    reasons = []
    if by is not None and by == asked_by:
        reasons.append(Reason("released_by_another"))
    if superseded:
        reasons.append(Reason("corrected_meanwhile"))
    return Decision(tuple(reasons))
