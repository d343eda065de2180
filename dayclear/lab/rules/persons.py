"""What the result of a tube means for each person in it."""

from __future__ import annotations

from enum import StrEnum

from dayclear.lab.rules.cutoffs import ALARMING, State


class Meaning(StrEnum):
    """What somebody may be told of a swab of theirs."""

    AWAITED = "awaited"
    NEGATIVE = "negative"
    NEGATIVE_IN_POOL = "negative_in_pool"
    POSITIVE = "positive"
    SINGLE_NEEDED = "single_needed"
    AGAIN = "again"


def meaning_of(state: State | None, *, persons: int, is_lost: bool = False) -> Meaning:
    """What a tube's newest result means for one of its people. `is_lost`: the tube can never be examined.

    In a shared tube that is not negative nobody has a result: each needs a swab of their own. A tube that said nothing
    is examined again, and its people wait.
    Source: testing reference 1.3 (positive tube: new single swabs; single target: collect again) and 4.1.
    """
    if state is State.NEGATIVE:
        return Meaning.NEGATIVE if persons == 1 else Meaning.NEGATIVE_IN_POOL
    if state in ALARMING and persons > 1:
        return Meaning.SINGLE_NEEDED
    if state is State.POSITIVE:
        return Meaning.POSITIVE
    if state is State.SINGLE_TARGET or is_lost:
        return Meaning.AGAIN
    return Meaning.AWAITED
