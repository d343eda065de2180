"""Counts in = counts out: where tubes are between a sampler's table and a report, and who answers for them.

closed = boxed = sent = received = plated = measured = reported. Measured: a well with a raw curve.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

STAGES = ("closed", "boxed", "sent", "received", "plated", "measured", "reported")

# Where a single tube can be. Measured is no place: a plate gives fewer curves than it has wells, or as many.
PLACES = tuple(stage for stage in STAGES if stage != "measured")

# Where a laboratory has it.
IN_LABORATORY = ("received", "plated", "measured")

# Who has a tube that has reached a stage and not the next: it stays with the sender until the receiver has signed.
OWNERS = {
    "closed": "point",
    "boxed": "point",
    "sent": "sender",
    **dict.fromkeys(IN_LABORATORY, "lab"),
}


@dataclass(frozen=True, slots=True)
class Gap:
    """Tubes that reached `after` and not `missing_at`; below zero: more at the later stage than there can be.

    `since`: the instant of the oldest of them at the earlier stage, as exactly as it is known.
    """

    after: str
    missing_at: str
    tubes: int
    since: datetime | None = None

    @property
    def owner(self) -> str:
        return OWNERS[self.after]

    @property
    def is_impossible(self) -> bool:
        """More reported than measured, more received than sent: no delay explains it."""
        return self.tubes < 0

    def age(self, now: datetime) -> timedelta | None:
        return None if self.since is None else now - self.since

    def is_late(self, now: datetime, limits: Mapping[str, timedelta]) -> bool:
        """Whether the oldest has waited longer than the stage allows; never where no limit is set."""
        age, limit = self.age(now), limits.get(self.after)
        return self.is_impossible or (age is not None and limit is not None and age > limit)


def gaps_of(counts: Mapping[str, int], oldest: Mapping[str, datetime] | None = None) -> tuple[Gap, ...]:
    """The gaps of one set of tubes, in the order of the stages; none where all agree.

    A gap is looked for between each two stages that are counted, so that a laboratory, of which nobody knows what was
    closed for it, is reconciled from `sent` on. Shape: `oldest` by the stage the tubes are waiting at.
    """
    known = [stage for stage in STAGES if stage in counts]
    pairs = pairwise(known)
    return tuple(
        Gap(after, at, counts[after] - counts[at], (oldest or {}).get(after))
        for after, at in pairs
        if counts[after] != counts[at]
    )


def added(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    """The counts of two sets of tubes that share none."""
    return {stage: one.get(stage, 0) + other.get(stage, 0) for stage in STAGES if stage in one or stage in other}
