"""The life of a box, from the table to the laboratory's reconciliation."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from dayclear.foundation.decisions import Decision, Reason, refuse

UNDER_WAY = ("sent", "in_transit")
ARRIVED = ("partly_received", "received")
OPEN = ("draft", "ready", *UNDER_WAY)
# Source: the states of OpenELIS shipping boxes; a lost box may turn up.
NEXT: Mapping[str, tuple[str, ...]] = {
    "draft": ("ready", "cancelled"),
    "ready": ("sent", "cancelled"),
    "sent": ("in_transit", *ARRIVED, "lost"),
    "in_transit": (*ARRIVED, "lost"),
    "partly_received": (*ARRIVED,),
    "received": ("reconciled",),
    "lost": (*ARRIVED,),
}
CONDITIONS = ("good", "damaged", "leaked", "missing", "rejected")


def may_become(state: str, wanted: str) -> Decision:
    """Whether a box may go from one state to another."""
    return Decision() if wanted in NEXT.get(state, ()) else refuse("box_state", state=state)


@dataclass(frozen=True, slots=True)
class Arrival:
    """What a receiver found.

    Shape: `conditions` maps tube numbers to how they arrived; `boxed` are the box's tubes, `pending` those of them not
    yet seen. `elsewhere` are tubes that belong to another box.
    """

    conditions: Mapping[int, str]
    boxed: Collection[int]
    pending: Collection[int]
    elsewhere: Collection[int] = ()
    same_person: bool = False


def judge_arrival(state: str, arrival: Arrival) -> Decision:
    """Whether a reception may be signed."""
    reasons = list(may_become(state, "received").reasons)
    if arrival.same_person:
        reasons.append(Reason("same_signature"))
    unknown = sorted(set(arrival.conditions.values()) - set(CONDITIONS))
    if unknown:
        reasons.append(Reason("condition_unknown", {"value": unknown[0]}))
    if arrival.elsewhere:
        reasons.append(Reason("tubes_of_other_box", {"n": len(arrival.elsewhere)}))
    return Decision(tuple(reasons))


def state_after(arrival: Arrival) -> str:
    """Received once every tube has been seen or is known to be missing."""
    return "received" if set(arrival.pending) <= set(arrival.conditions) else "partly_received"


@dataclass(frozen=True, slots=True)
class Count:
    """What the counts of a box came to. Shape: by hand at closing, in the records, by hand at reception, found good."""

    counted: int
    recorded: int
    received: int
    missing: int
    extra: int

    @property
    def agrees(self) -> bool:
        return self.counted == self.recorded == self.received and not self.missing and not self.extra


def may_reconcile(state: str, count: Count, note: str) -> Decision:
    """Whether a box may be reconciled: counts that differ need an explanation."""
    reasons = list(may_become(state, "reconciled").reasons)
    if not count.agrees and not note.strip():
        said: dict[str, str | int] = {
            "counted": count.counted,
            "recorded": count.recorded,
            "received": count.received,
        }
        reasons.append(Reason("box_counts_differ", said))
    return Decision(tuple(reasons))
