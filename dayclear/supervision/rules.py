"""How a finding goes on: answered, put right, checked again by another, closed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from dayclear.foundation.decisions import Decision, Reason

STATES = ("open", "answered", "rectified", "rechecked", "closed")
SIDES = ("over", "slack")
ORIGINS = ("sweep", "refused_list", "complaint")
CLOSE_CAUSES = ("put_right", "facts_gone", "lawful")
MEANS = ("phone", "visit", "letter", "message", "inspection")
# Complaints that name no prohibition are sorted by whoever reads them.
OTHER = "other"
# Orders of one county that break one prohibition for one reason: beyond so many they are one finding, not each its own.
SINGLY = 20


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a finding stands. `touched_by` are those who answered or put it right: they do not judge it."""

    state: str
    contested: bool = False
    touched_by: frozenset[int] = frozenset()


def may_answer(standing: Standing, text: str) -> Decision:
    """Whether a finding may be answered. Shape: `finding_state`, `answer_missing`."""
    return _of(_in(standing, ("open",)), Reason("answer_missing") if not text.strip() else None)


def may_rectify(standing: Standing, remedy: str) -> Decision:
    """Whether a finding may be reported as put right. Shape: `finding_state`, `remedy_missing`."""
    return _of(_in(standing, ("open", "answered")), Reason("remedy_missing") if not remedy.strip() else None)


def may_recheck(standing: Standing, by: int | None) -> Decision:
    """Whether somebody may check a finding again: nobody who answered it. Shape: `finding_state`, `own_finding`."""
    own = Reason("own_finding") if by is None or by in standing.touched_by else None
    return _of(_in(standing, ("rectified",)), own)


def may_close(standing: Standing, cause: str, reason: str, by: int | None) -> Decision:
    """Whether a finding may be closed: put right after a re-check; lawful after an answer that contests it.

    Shape: `finding_state`, `own_finding`, `close_cause_wrong`, `reason_missing`.
    """
    states = {"put_right": ("rechecked",), "lawful": ("answered",)}.get(cause)
    if states is None:
        return Decision((Reason("close_cause_wrong", {"value": cause[:24]}),))
    wrong = _in(standing, states)
    if wrong is None and cause == "lawful" and not standing.contested:
        wrong = Reason("not_contested")
    own = Reason("own_finding") if by is None or by in standing.touched_by else None
    return _of(wrong, own, Reason("reason_missing") if not reason.strip() else None)


def due_after(at: datetime, within: timedelta) -> datetime:
    """When the next step is owed. Units: `within` is this installation's choice [D]: no text gives these clocks."""
    return at + within


def _in(standing: Standing, states: tuple[str, ...]) -> Reason | None:
    return None if standing.state in states else Reason("finding_state", {"state": standing.state})


def _of(*reasons: Reason | None) -> Decision:
    return Decision(tuple(reason for reason in reasons if reason is not None))
