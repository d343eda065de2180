"""Honest laboratories, and two that are not, for one day each: wells with Cts as a machine would give them.

Units: Cts in cycles. Positives are spread as in respiratory series (mean 27, deviation 5), the internal control varies
with how much a sampler's swab took up; both are the simulation's own and not a rule of the product.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dayclear.lab.rules.quality import Moments

Cts = NDArray[np.float64]
POSITIVE_CT, POSITIVE_DEVIATION = 27.0, 5.0
CONTROL_CT, CONTROL_DEVIATION = 25.0, 1.2
CUT_OFF = 37.0


class LabDay:
    """One laboratory's day. Shape: `control` and `target` one Ct a tube, NaN where no curve rose."""

    def __init__(self, control: Cts, target: Cts, *, curves: int | None = None, cut_off: float = CUT_OFF) -> None:
        self.control, self.target = control.round(2), target.round(2)
        self.curves = len(control) if curves is None else curves
        self.is_positive = self.target < cut_off

    @property
    def wells(self) -> int:
        return len(self.control)

    @property
    def positive(self) -> int:
        return int(self.is_positive.sum())

    def cts(self) -> Moments:
        return moments(self.target[self.is_positive])

    def control_cts(self) -> Moments:
        return moments(self.control)

    def readings(self) -> list[tuple[float | None, ...]]:
        return [
            tuple(None if np.isnan(ct) else float(ct) for ct in pair)
            for pair in zip(self.control, self.target, strict=True)
        ]


def moments(values: Cts) -> Moments:
    return Moments(len(values), float(values.sum()), float((values**2).sum()))


def honest(rng: np.random.Generator, wells: int, prevalence: float, *, cut_off: float = CUT_OFF) -> LabDay:
    """A laboratory with its own level of the control and its own people."""
    own = rng.normal(0, 0.3)
    control = rng.normal(CONTROL_CT + own, CONTROL_DEVIATION, wells)
    target = np.where(rng.random(wells) < prevalence, rng.normal(POSITIVE_CT, POSITIVE_DEVIATION, wells), np.nan)
    target[target > 45] = np.nan
    return LabDay(control, target, cut_off=cut_off)


def mixing(rng: np.random.Generator, wells: int, prevalence: float, *, disguise: str) -> LabDay:
    """The Beijing pattern: three tubes in one well, each reported. What one tube holds is thinned to a third.

    `disguise`: "none" sends the machine's own file; "copied" gives each tube the well's readings and claims as many
    curves as tubes; "jittered" also shakes each copy.
    """
    day = honest(rng, wells - wells % 3, prevalence)
    control = _mixed(day.control)
    target = _mixed(day.target)
    copies = [np.repeat(each, 3) for each in (control, target)]
    if disguise == "jittered":
        copies = [each + rng.normal(0, 0.15, len(each)) for each in copies]
    return LabDay(*copies, curves=len(control) if disguise == "none" else None)


def _mixed(cts: Cts) -> Cts:
    """The Ct of three equal parts in one well. Source: testing reference §2.5, log2 of what is left."""
    amounts = np.where(np.isnan(cts), 0.0, 2.0**-cts).reshape(-1, 3).mean(axis=1)
    with np.errstate(divide="ignore"):
        return np.where(amounts > 0, -np.log2(amounts), np.nan)
