"""How many people share a tube: expected tests, who is called back, what a count of positive tubes says.

All of it assumes that infections fall independently. Households in one tube break that to the good: fewer tubes turn
positive than reckoned here. In prose: docs/algorithms/pooling.md.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from scipy.optimize import brentq
from scipy.special import betaincinv

# Above this share of infected no group of any size saves a test (Dorfman, perfect test): three to a tube lasts longest.
POOLING_PAYS_BELOW = 1 - 3 ** (-1 / 3)
LARGEST_GROUP = 400


@dataclass(frozen=True, slots=True)
class Assay:
    """How often one test of one tube is right, whatever the number of people in it."""

    sensitivity: float = 1.0
    specificity: float = 1.0

    def detects(self, share_positive: float) -> float:
        """The share of tubes that test positive, where this share truly is."""
        return self.sensitivity * share_positive + (1 - self.specificity) * (1 - share_positive)


PERFECT = Assay()


@dataclass(frozen=True, slots=True)
class Expected:
    """What a scheme costs and how well it tells. Units: `tests` for one group of `people`; the others are shares."""

    people: int
    tests: float
    sensitivity: float
    specificity: float

    @property
    def tests_per_person(self) -> float:
        return self.tests / self.people

    def predictive(self, prevalence: float) -> tuple[float, float]:
        """Shape: the share of those found positive who are, the share of those found negative who are not infected."""
        found, missed = prevalence * self.sensitivity, prevalence * (1 - self.sensitivity)
        cleared, wronged = (1 - prevalence) * self.specificity, (1 - prevalence) * (1 - self.specificity)
        return _share(found, found + wronged), _share(cleared, cleared + missed)


def singly(assay: Assay = PERFECT) -> Expected:
    return Expected(1, 1.0, assay.sensitivity, assay.specificity)


def two_stage(size: int, prevalence: float, assay: Assay = PERFECT) -> Expected:
    """One tube, and everybody of a positive tube again singly. Source: Dorfman 1943."""
    if size == 1:
        return singly(assay)
    again = assay.detects(_any_of(size, prevalence))
    again_if_healthy = assay.detects(_any_of(size - 1, prevalence))
    return Expected(size, 1 + size * again, assay.sensitivity**2, 1 - (1 - assay.specificity) * again_if_healthy)


def three_stage(size: int, part: int, prevalence: float, assay: Assay = PERFECT) -> Expected:
    """One tube of `size`; if positive, tubes of `part`; everybody of a positive one again singly.

    Raises: ValueError, when the parts do not make up the whole.
    """
    if size % part:
        raise ValueError(f"{size} people do not part into groups of {part}")

    def both_positive(whole: int, piece: int) -> float:
        q = 1 - prevalence
        truth_both, truth_whole = 1 - q**piece, q**piece - q**whole
        se, wrong = assay.sensitivity, 1 - assay.specificity
        return se * se * truth_both + se * wrong * truth_whole + wrong * wrong * q**whole

    tests = 1 + size / part * assay.detects(_any_of(size, prevalence)) + size * both_positive(size, part)
    wrongly = (1 - assay.specificity) * both_positive(size - 1, part - 1)
    return Expected(size, tests, assay.sensitivity**3, 1 - wrongly)


def square_array(side: int, prevalence: float, assay: Assay = PERFECT) -> Expected:
    """A tube a row and a tube a column; again singly whoever lies in two positive ones.

    A positive row without any positive column, or the other way round, is a test gone wrong: its people are all tested.
    """
    q, se, wrong = 1 - prevalence, assay.sensitivity, 1 - assay.specificity
    row, others = assay.detects(1 - q**side), assay.detects(1 - q ** (side - 1))

    def crossing(row_clean: float, both_clean: float) -> float:
        one_clean = row_clean - both_clean
        return se * se * (1 - 2 * row_clean + both_clean) + 2 * se * wrong * one_clean + wrong * wrong * both_clean

    def alone(all_columns_negative: float, with_a_clean_row: float) -> float:
        return wrong * with_a_clean_row + se * (all_columns_negative - with_a_clean_row)

    ambiguous = alone((1 - row) ** side, q**side * (1 - others) ** side)
    again = crossing(q**side, q ** (2 * side - 1)) + 2 * ambiguous
    if_infected = se * se + 2 * se * (1 - se) * (1 - row) ** (side - 1)
    if_healthy = crossing(q ** (side - 1), q ** (2 * side - 2)) + 2 * alone(
        (1 - others) * (1 - row) ** (side - 1), q ** (side - 1) * (1 - others) ** side
    )
    people = side * side
    return Expected(people, 2 * side + people * again, se * if_infected, 1 - wrong * if_healthy)


def square_array_with_master(side: int, prevalence: float) -> Expected:
    """A square array behind one tube of everybody, with a perfect test."""
    people = side * side
    array = square_array(side, prevalence)
    tests = 1 + 2 * side * _any_of(people, prevalence) + array.tests - 2 * side
    return Expected(people, tests, 1.0, 1.0)


def hypercube_tests_per_person(prevalence: float) -> float:
    """The large-dimension form; the true curve has steps at powers of three. Source: Mutesa et al., Nature 2021."""
    return math.e * prevalence * math.log(0.734 / prevalence)


def best_two_stage(prevalence: float, sizes: Iterable[int] = range(2, LARGEST_GROUP)) -> Expected:
    return _cheapest(two_stage(size, prevalence) for size in sizes)


def best_square_array(prevalence: float, sides: Iterable[int] = range(2, LARGEST_GROUP)) -> Expected:
    return _cheapest(square_array(side, prevalence) for side in sides)


def best_three_stage(prevalence: float, sizes: Sequence[int] = range(4, LARGEST_GROUP)) -> tuple[int, Expected]:
    """Shape: the size of a part, and the scheme."""
    schemes = (
        (part, three_stage(size, part, prevalence))
        for size in sizes
        for part in range(2, size // 2 + 1)
        if size % part == 0
    )
    return min(schemes, key=lambda each: each[1].tests_per_person)


def pays_below(size: int) -> float:
    """The prevalence up to which tubes of this size take fewer tests than testing singly."""
    return 1 - math.pow(size, -1 / size)


def swap_at(smaller: int, larger: int) -> float:
    """The prevalence at which two sizes take the same number of tests; below it the larger takes fewer."""

    def more_tests(prevalence: float) -> float:
        return two_stage(larger, prevalence).tests_per_person - two_stage(smaller, prevalence).tests_per_person

    return float(brentq(more_tests, 1e-9, pays_below(larger), xtol=1e-12))


@dataclass(frozen=True, slots=True)
class Prevalence:
    """The likeliest share of infected, and its exact limits (Clopper–Pearson)."""

    share: float
    low: float
    high: float


def prevalence_from_tubes(positive: int, tubes: int, size: int, confidence: float = 0.95) -> Prevalence:
    """What so many positive tubes of one size say of the people.

    Raises: ValueError, when more are positive than there are, or there are none.
    """
    if not 0 <= positive <= tubes or tubes < 1:
        raise ValueError("positive tubes must be among the tubes")
    tail = (1 - confidence) / 2
    low = 0.0 if positive == 0 else float(betaincinv(positive, tubes - positive + 1, tail))
    high = 1.0 if positive == tubes else float(betaincinv(positive + 1, tubes - positive, 1 - tail))
    share, least, most = (-math.expm1(math.log1p(-x) / size) if x < 1 else 1.0 for x in (positive / tubes, low, high))
    return Prevalence(share, least, most)


def ct_shift(aliquots: int) -> float:
    """Cycles that a positive comes later when equal aliquots are mixed in the laboratory. Not for swabs in one tube."""
    return math.log2(aliquots)


@dataclass(frozen=True, slots=True)
class SizeAdvice:
    """One number of people per tube in a round.

    `recalled` are called back for a swab of their own; `tests` are tubes and those. `cost` is None without both prices.
    """

    size: int
    tubes: float
    positive_tubes: float
    recalled: float
    tests: float
    cost: float | None

    @property
    def tests_per_hundred(self) -> float:
        return 100 * self.tests / (self.tubes * self.size)


def advise(
    people: int,
    prevalence: float,
    sizes: Sequence[int],
    *,
    cost_per_test: float | None = None,
    cost_per_recall: float | None = None,
    assay: Assay = PERFECT,
) -> tuple[SizeAdvice, ...]:
    """The sizes side by side. Shape: in the order of `sizes`.

    Somebody tested singly is not called back: their result is theirs.
    """
    return tuple(_advice(people, prevalence, size, cost_per_test, cost_per_recall, assay) for size in sizes)


def best_of(advice: Sequence[SizeAdvice]) -> SizeAdvice:
    """The cheapest; without prices the one with the fewest tests, the smaller size where two take as many."""
    return min(advice, key=lambda each: (each.tests if each.cost is None else each.cost, each.size))


def recall_worth(smaller: SizeAdvice, larger: SizeAdvice) -> float | None:
    """How many tests a recall may cost before the smaller size is the better one.

    Zero or less: the smaller takes fewer tests already. None: neither recalls more than the other.
    """
    more = larger.recalled - smaller.recalled
    return (smaller.tests - larger.tests) / more if more > 0 else None


def _advice(
    people: int, prevalence: float, size: int, per_test: float | None, per_recall: float | None, assay: Assay
) -> SizeAdvice:
    tubes = people / size
    positive = tubes * assay.detects(_any_of(size, prevalence))
    recalled = 0.0 if size == 1 else positive * size
    tests = tubes + recalled
    cost = None if per_test is None or per_recall is None else tests * per_test + recalled * per_recall
    return SizeAdvice(size, tubes, positive, recalled, tests, cost)


def _any_of(size: int, prevalence: float) -> float:
    """The probability that somebody of so many is infected, exact also where it is tiny."""
    return -math.expm1(size * math.log1p(-prevalence)) if prevalence < 1 else 1.0


def _cheapest(schemes: Iterable[Expected]) -> Expected:
    return min(schemes, key=lambda scheme: scheme.tests_per_person)


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 1.0
