"""Whether an order may be handed over to another place."""

from __future__ import annotations

from dataclasses import dataclass

from dayclear.foundation.areas import COUNTY
from dayclear.foundation.decisions import Decision, Reason

# The place that answers for somebody is a county at the widest: wider ones have nobody who knocks at a door.


@dataclass(frozen=True, slots=True)
class Handing:
    """An order about to be handed over. Units: `level` the depth of the receiving place; None: not in the register."""

    place: int
    to: int
    level: int | None


def may_hand_over(facts: Handing) -> Decision:
    """Whether the receiving place can answer for the order."""
    if facts.level is None:
        return Decision((Reason("place_unknown"),))
    if facts.level < COUNTY:
        return Decision((Reason("place_too_wide"),))
    if facts.to == facts.place:
        return Decision((Reason("same_place"),))
    return Decision()
