"""Lists of people: which may lead to orders at all, and which a second pair of eyes must see first.

Source: policy reference R12, R13, F2; OG-01, OG-20, OG-21.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dayclear.foundation.decisions import Decision, Reason
from dayclear.isolation.rules.modes import CONFINING

# Why somebody may be on a list that leads to orders. Everything else (a bank's depositors, petitioners, debtors) is no
# purpose of an epidemic and is refused whoever brings it.
PURPOSES = ("contact_tracing", "arrivals", "spillover", "discharge", "post_exit", "cross_region_request")
OVERRIDE_REASONS = ("result_pending", "data_error", "emergency_care")
COLOURS = ("green", "yellow", "red")
OVERRIDE_LASTS = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class ListFacts:
    """A list before anything of it is proposed.

    `localities` maps a community to (people on the list without an exposure of their own, people registered there).
    """

    purpose: str
    people: int
    without_exposure: int
    localities: Mapping[int, tuple[int, int]]


def may_propose_list(facts: ListFacts, *, most: int) -> Decision:
    """Whether a list may lead to proposals.

    Shape: `purpose_not_epidemic` first; `bulk_without_exposure` where more than `most` people have none of their own,
    `whole_locality` where that is everybody of a community. Units: `most` is this installation's choice [D].
    """
    reasons = []
    if facts.purpose not in PURPOSES:
        reasons.append(Reason("purpose_not_epidemic", {"purpose": facts.purpose[:60]}))
    if facts.without_exposure > most:
        reasons.append(Reason("bulk_without_exposure", {"people": facts.without_exposure, "most": most}))
    for place, (listed, registered) in sorted(facts.localities.items()):
        # One person may be a whole community of one; a list begins at two.
        if listed > 1 and listed >= registered:
            reasons.append(Reason("whole_locality", {"place": place, "people": listed}))
    return Decision(tuple(reasons))


@dataclass(frozen=True, slots=True)
class Override:
    """A status set by hand for a while. `derived` is the colour that the orders in force give."""

    colour: str
    reason: str
    evidence: str
    by: int | None
    second: int | None
    expires_at: datetime
    derived: str = "green"


def may_override(override: Override, *, now: datetime) -> Decision:
    """Whether a status may differ from what the orders say: a reason of the closed list, evidence, two persons, a day.

    It may watch somebody or let them go; only an order keeps anybody in, so that red by hand needs one in force.

    Source: policy reference R12, OG-20.
    """
    reasons = []
    if override.colour not in COLOURS:
        reasons.append(Reason("unknown_colour", {"value": override.colour[:40]}))
    elif override.colour == "red" and override.derived != "red":
        reasons.append(Reason("override_restricts"))
    if override.reason not in OVERRIDE_REASONS:
        reasons.append(Reason("purpose_not_epidemic", {"purpose": override.reason[:60]}))
    if not override.evidence.strip():
        reasons.append(Reason("evidence_missing"))
    if override.second is None or override.by is None or override.second == override.by:
        reasons.append(Reason("second_person_missing"))
    if not now < override.expires_at <= now + OVERRIDE_LASTS:
        reasons.append(Reason("override_too_long", {"hours": int(OVERRIDE_LASTS.total_seconds() // 3600)}))
    return Decision(tuple(reasons))


def colour_of(modes: Sequence[str]) -> str:
    """The colour that follows from the orders in force: red where somebody may not go out, yellow where they are
    watched, green otherwise. Nothing else is asked (R12)."""
    if any(mode in CONFINING for mode in modes):
        return "red"
    return "yellow" if modes else "green"
