"""What has to be done about goods or a surface on which something was found."""

from __future__ import annotations

from collections.abc import Collection

from dayclear.foundation.decisions import ALLOWED, Decision, refuse

# In the order in which they are usually done; each may be written down when it is.
STEPS = ("seal", "trace", "disinfect")


def may_write_item_step(state: str, step: str, *, done: Collection[str]) -> Decision:
    """Whether somebody may write down that a step was done. `done`: the steps that are."""
    if state != "open":
        return refuse("item_alarm_over")
    return refuse("item_step_done") if step in done else ALLOWED


def is_dealt_with(done: Collection[str]) -> bool:
    """Whether nothing is left to be done."""
    return set(STEPS) <= set(done)
