"""What the pack in force says about a disease's time: how long before onset one infects, how far apart two linked
onsets may lie. Where the pack is silent, the narrowest reading holds: no day before onset, no upper limit."""

from __future__ import annotations

from datetime import date

from dayclear.policy.calendar import Policy, policy_on_or_none
from dayclear.tracing.rules import IntervalLimits

_ONSET = "onset"


def lead_days(disease: str, day: date, area: int = 0) -> int:
    """Days before onset on which a case may already infect, by the pack in force on `day`."""
    policy = policy_on_or_none(day, area, disease)
    return _lead(policy) if policy else 0


def interval_limits(disease: str, day: date, area: int = 0) -> IntervalLimits:
    """The limits for links of a disease: an onset later than the last infectious day of the source plus the longest
    incubation cannot come from it."""
    policy = policy_on_or_none(day, area, disease)
    if policy is None:
        return IntervalLimits(lead=0, longest=None)
    incubation, infectious = policy.rules.incubation, policy.rules.infectious
    longest = None
    if incubation and incubation.longest is not None and infectious and infectious.ends is not None:
        longest = incubation.longest + max(infectious.ends.day, 0)
    return IntervalLimits(lead=_lead(policy), longest=longest)


def _lead(policy: Policy) -> int:
    contact = policy.category("close_contact")
    if contact is not None:
        for window in contact.windows.values():
            if window.starts.anchor == _ONSET:
                return window.starts.days_before
    infectious = policy.rules.infectious
    return infectious.starts.days_before if infectious and infectious.starts else 0
