"""What is asked of a round."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dayclear.foundation.decisions import Decision, Reason, refuse

# Tubes exist for 5, 10 and 20 swabs; one person alone is swabbed into any of them (testing reference, 1.2).
MOST_PER_TUBE = 20
_NEXT = {"planned": ("open", "cancelled"), "open": ("closed",)}


@dataclass(frozen=True, slots=True)
class RoundPlan:
    """A round about to be planned. `group`: the pack's code of the posts it is for; empty: everybody.

    `expected` is how many people it is for, where that is known.
    """

    area: int
    name: str
    disease: str
    starts_at: datetime
    ends_at: datetime
    people_per_tube: int
    group: str = ""
    by_household: bool = False
    expected: int | None = None


def may_plan_round(plan: RoundPlan, *, now: datetime) -> Decision:
    """Whether a round may be planned so. Shape: reasons in the order of the form."""
    reasons = []
    if not plan.name.strip():
        reasons.append(Reason("round_name_missing"))
    if plan.ends_at <= plan.starts_at or plan.ends_at <= now:
        reasons.append(Reason("round_times_bad"))
    if not 1 <= plan.people_per_tube <= MOST_PER_TUBE:
        reasons.append(Reason("people_per_tube_bad", {"most": MOST_PER_TUBE}))
    if plan.expected is not None and plan.expected < 0:
        reasons.append(Reason("expected_bad"))
    return Decision(tuple(reasons))


def may_change_round(state: str, wanted: str, *, ends_at: datetime, now: datetime) -> Decision:
    """Whether a round may be opened, closed or cancelled now."""
    if wanted not in _NEXT.get(state, ()):
        return refuse("round_state", state=state)
    if wanted == "open" and ends_at <= now:
        return refuse("round_times_bad")
    return Decision()
