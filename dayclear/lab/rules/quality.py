"""Whether a laboratory's figures look like those of the others on the same day, and like its own before.

Two laboratories taught why (testing reference §1.4): in Beijing one mixed three tubes into one well and reported each;
at Immensa a threshold was set wrongly and one result in ten was a false negative, seen from outside after weeks.

The method is stated so that it can be argued with: docs/algorithms/laboratory-quality.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import asin, log, sin, sqrt

from scipy.special import pdtrc, stdtrit

# Fewer others than this say nothing about what is usual.
FEWEST_OTHERS = 5
# Fewer wells or positives than this say nothing about a laboratory.
FEWEST_WELLS, FEWEST_POSITIVES = 50, 5
# The share of honest laboratories that one chart flags on one day.
FALSE_ALARMS = 0.001
# Readings to two decimals; alike in two wells by chance once in a few hundred pairs.
CT_STEP = 0.01
FALSE_SHARED = 1e-6
# The sum that slow drift must reach. Units: standard deviations; false alarms are measured in the tests.
CUSUM_SLACK, CUSUM_LIMIT = 0.5, 5.0


class Chart(StrEnum):
    """What is compared between laboratories."""

    POSITIVITY = "positivity"
    CT = "ct"
    CONTROL_CT = "control_ct"
    CONTROL_SPREAD = "control_spread"


class Alarm(StrEnum):
    """What is wrong with a laboratory's own figures, whatever the others report, beside the four charts."""

    CURVES_SHORT = "curves_short"
    SHARED_READINGS = "shared_readings"
    CALLS_DISAGREE = "calls_disagree"
    IMPOSSIBLE_RUNS = "impossible_runs"
    SLOW_DRIFT = "slow_drift"


@dataclass(frozen=True, slots=True)
class Moments:
    """Many values, kept as three numbers."""

    count: int = 0
    total: float = 0.0
    squares: float = 0.0

    def __add__(self, other: Moments) -> Moments:
        return Moments(self.count + other.count, self.total + other.total, self.squares + other.squares)

    @classmethod
    def of(cls, values: Iterable[float]) -> Moments:
        kept = list(values)
        return cls(len(kept), sum(kept), sum(value * value for value in kept))

    @property
    def mean(self) -> float:
        return self.total / self.count

    @property
    def variance(self) -> float:
        return max(0.0, self.squares - self.total * self.total / self.count) / (self.count - 1)


@dataclass(frozen=True, slots=True)
class Estimate:
    """One laboratory's figure of a day, on a scale where its error is known. Shape: `key` names who."""

    key: str
    value: float
    variance: float


def positivity(key: str, positive: int, wells: int) -> Estimate | None:
    """The share of positive tubes; None: too few wells.

    The arcsine of the root has the same error for rare and frequent positives, which a share has not.
    """
    if wells < FEWEST_WELLS:
        return None
    return Estimate(key, asin(sqrt((positive + 0.375) / (wells + 0.75))), 1 / (4 * wells + 2))


def mean_ct(key: str, cts: Moments, *, fewest: int = FEWEST_POSITIVES) -> Estimate | None:
    """The mean Ct; None: too few."""
    if cts.count < max(fewest, 2):
        return None
    # A variance of few values can be near zero by chance: never below that of readings half a cycle apart.
    return Estimate(key, cts.mean, max(cts.variance, 0.25) / cts.count)


def spread(key: str, cts: Moments) -> Estimate | None:
    """How much the internal control varies from tube to tube: mixing evens it out. None: too few, or no variation."""
    if cts.count < FEWEST_WELLS or cts.variance <= 0:
        return None
    return Estimate(key, log(cts.variance), 2 / (cts.count - 1))


def share_of(value: float) -> float:
    """The share behind a value of the positivity chart."""
    return sin(min(max(value, 0.0), asin(1.0))) ** 2


@dataclass(frozen=True, slots=True)
class Compared:
    """One laboratory against all others. Shape: `low` and `high` bound what is usual; `score` in deviations."""

    key: str
    value: float
    expected: float
    low: float
    high: float
    score: float

    @property
    def is_out(self) -> bool:
        return not self.low <= self.value <= self.high


def compare(estimates: Sequence[Estimate], *, false_alarms: float = FALSE_ALARMS) -> list[Compared]:
    """Hold each laboratory against what the others let expect for it.

    The interval is that of a new laboratory drawn like the others: their mean, how much laboratories differ in truth
    (method of moments after DerSimonian and Laird 1986), and its own error; Student's t for the few that there are.
    The one under test is left out, so that it can't widen its own limits. Shape: in the order given; nothing when there
    are too few others.
    """
    if len(estimates) <= FEWEST_OTHERS:
        return []
    quantile = float(stdtrit(len(estimates) - 2, 1 - false_alarms / 2))
    found = []
    for position, one in enumerate(estimates):
        others = [*estimates[:position], *estimates[position + 1 :]]
        between = _variance_between(others)
        weights = [1 / (other.variance + between) for other in others]
        expected = sum(w * other.value for w, other in zip(weights, others, strict=True)) / sum(weights)
        deviation = sqrt(one.variance + between + 1 / sum(weights))
        reach = quantile * deviation
        score = (one.value - expected) / deviation
        found.append(Compared(one.key, one.value, expected, expected - reach, expected + reach, score))
    return found


def _variance_between(others: Sequence[Estimate]) -> float:
    weights = [1 / other.variance for other in others]
    total = sum(weights)
    mean = sum(w * other.value for w, other in zip(weights, others, strict=True)) / total
    excess = sum(w * (other.value - mean) ** 2 for w, other in zip(weights, others, strict=True)) - (len(others) - 1)
    return max(0.0, excess / (total - sum(w * w for w in weights) / total))


def drifts(scores: Iterable[float], *, slack: float = CUSUM_SLACK, limit: float = CUSUM_LIMIT) -> bool:
    """Whether a laboratory's daily scores drift: too small for any one day, but always to the same side (two-sided
    CUSUM over the days given, oldest first)."""
    up = down = 0.0
    for score in scores:
        up, down = max(0.0, up + score - slack), max(0.0, down - score - slack)
        if max(up, down) > limit:
            return True
    return False


def shared_pairs(readings: Sequence[tuple[float | None, ...]]) -> int:
    """Pairs of wells with the very same readings. Wells without any curve do not count."""
    counts = Counter(reading for reading in readings if any(ct is not None for ct in reading))
    return sum(times * (times - 1) // 2 for times in counts.values())


def shares_readings(pairs: int, control: Moments, *, step: float = CT_STEP, false_alarms: float = FALSE_SHARED) -> bool:
    """Whether more wells share their readings than chance allows: one well was reported as several.

    Two internal controls that vary by chance fall on the same hundredth of a cycle with probability step / (2 s √π).
    """
    if pairs == 0 or control.count < 2:
        return False
    deviation = sqrt(max(control.variance, step * step))
    chance = min(1.0, step / (2 * deviation * 1.7724538509055159))
    expected = chance * control.count * (control.count - 1) / 2
    return bool(pdtrc(pairs - 1, expected) < false_alarms)


@dataclass(frozen=True, slots=True)
class PlateQuality:
    """What one plate says of the laboratory itself. Units: wells with tubes; `curves` None: not said."""

    wells: int
    curves: int | None
    disagreeing: int
    pairs: int
    control: Moments


def alarms_of(plate: PlateQuality) -> tuple[Alarm, ...]:
    """The alarms that one plate raises at once."""
    found = []
    if plate.curves is not None and plate.curves < plate.wells:
        found.append(Alarm.CURVES_SHORT)
    if shares_readings(plate.pairs, plate.control):
        found.append(Alarm.SHARED_READINGS)
    if plate.disagreeing:
        found.append(Alarm.CALLS_DISAGREE)
    return tuple(found)
