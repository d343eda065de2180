"""From the Ct of each target to the result of a well. Cut-offs belong to an assay, its target and a version.

Source: testing reference §1.3: kits differ (positive up to 38, under 37, up to 40; suspicious above), both targets
positive is positive, one target alone is collected again, one target alone a second time is positive.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """The result of a tube."""

    POSITIVE = "positive"
    NEGATIVE = "negative"
    SINGLE_TARGET = "single_target"
    INVALID = "invalid"
    PLATE_REJECTED = "plate_rejected"


# What a well of people's, goods' or surfaces' material can itself come to.
WELL_STATES = (State.POSITIVE, State.NEGATIVE, State.SINGLE_TARGET, State.INVALID)
# What must not wait: a chain is opened for it.
ALARMING = (State.POSITIVE, State.SINGLE_TARGET)


class Call(StrEnum):
    """What one target of one well shows."""

    DETECTED = "detected"
    GREY = "grey"
    NOT_DETECTED = "not_detected"


@dataclass(frozen=True, slots=True)
class Target:
    """One target of an assay and its cut-offs.

    Units: cycles. Detected below `positive_below` (`inclusive`: up to it); grey from there up to `grey_to`, where a
    clear curve counts as detected. `control` marks the internal control, found in every well with human material.
    """

    code: str
    positive_below: float
    grey_to: float
    inclusive: bool = False
    control: bool = False
    loinc: str = ""


@dataclass(frozen=True, slots=True)
class CutOffs:
    """One version of an assay. Units: `cycles` the machine runs; a Ct beyond them cannot be."""

    assay: str
    version: str
    targets: tuple[Target, ...]
    cycles: int = 45

    @property
    def sought(self) -> tuple[Target, ...]:
        """The targets that tell of the disease."""
        return tuple(target for target in self.targets if not target.control)

    @property
    def controls(self) -> tuple[Target, ...]:
        return tuple(target for target in self.targets if target.control)


# Ct by target; None: no curve. A target that is not there was not measured.
Cts = Mapping[str, float | None]


def call_of(target: Target, ct: float | None, *, clear_curve: bool = False) -> Call:
    """What a target shows. `clear_curve`: somebody looked at the curve and it has the form of an amplification."""
    if ct is None:
        return Call.NOT_DETECTED
    if ct < target.positive_below or (target.inclusive and ct == target.positive_below):
        return Call.DETECTED
    if ct <= target.grey_to:
        return Call.DETECTED if clear_curve else Call.GREY
    return Call.NOT_DETECTED


def state_of(cutoffs: CutOffs, cts: Cts, *, clear_curves: Iterable[str] = (), from_people: bool = True) -> State:
    """The result of a well.

    Without its internal control a well proves nothing, unless a target shows all the same: much virus can take the
    control's place in the reaction. Goods and surfaces need not bear human material, so that it is not asked of them.
    """
    clear = frozenset(clear_curves)
    calls = [call_of(target, cts.get(target.code), clear_curve=target.code in clear) for target in cutoffs.sought]
    if all(call is Call.DETECTED for call in calls):
        return State.POSITIVE
    if any(call is not Call.NOT_DETECTED for call in calls):
        return State.SINGLE_TARGET
    if not from_people:
        return State.NEGATIVE
    controls = [call_of(target, cts.get(target.code)) for target in cutoffs.controls]
    return State.INVALID if any(call is not Call.DETECTED for call in controls) else State.NEGATIVE


def after_retest(first: State, second: State) -> State:
    """The result of a tube that was examined twice: one target alone, twice, is positive."""
    if first is State.SINGLE_TARGET and second is State.SINGLE_TARGET:
        return State.POSITIVE
    return second


def impossible_ct(cutoffs: CutOffs, ct: float | None) -> bool:
    """Whether no machine that ran these cycles can have given this Ct: 99 is some programs' word for "none", and a
    result must not rest on a guess."""
    return ct is not None and not 0 < ct <= cutoffs.cycles


def controls_hold(cutoffs: CutOffs, positive: Iterable[Cts], negative: Iterable[Cts]) -> tuple[str, ...]:
    """Why a plate's controls do not bear its results: reason codes, none when they do."""
    positives, negatives = list(positive), list(negative)
    reasons = []
    if not positives or not negatives:
        reasons.append("controls_missing")
    if any(_calls(cutoffs, cts) != {Call.DETECTED} for cts in positives):
        reasons.append("positive_control_failed")
    if any(_calls(cutoffs, cts) != {Call.NOT_DETECTED} for cts in negatives):
        reasons.append("negative_control_failed")
    return tuple(reasons)


def _calls(cutoffs: CutOffs, cts: Cts) -> set[Call]:
    return {call_of(target, cts.get(target.code)) for target in cutoffs.sought}
