"""What people do with a finding: answer it, put it right, check it again, close it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from dayclear.foundation.actors import Actor
from dayclear.foundation.decisions import require
from dayclear.foundation.events import record, require_unchanged
from dayclear.foundation.filters import existing
from dayclear.foundation.rules import Right
from dayclear.supervision.commands.opening import ANSWER, RECHECK, start_clocks, stop_clocks, subject_of
from dayclear.supervision.limits import hours
from dayclear.supervision.models import Finding
from dayclear.supervision.rules import Standing, due_after, may_answer, may_close, may_recheck, may_rectify


def answer_finding(
    finding_id: int, text: str, *, contested: bool, by: Actor, now: datetime, seen: int | None = None
) -> None:
    """Answer a finding: say what will be done, or on which ground the owner holds it to be lawful.

    Raises: Refused (`not_found`, `changed_meanwhile`, and those of `rules.may_answer`).
    """
    by.require(Right.ANSWER_FINDINGS)
    with transaction.atomic():
        row = _lock(finding_id, seen)
        require(may_answer(standing_of(row), text))
        stop_clocks([row.pk], now=now)
        due = due_after(now, hours("recheck_due"))
        said = text.strip()[:1000]
        _write(
            row,
            state="answered",
            answer=said,
            contested=contested,
            answered_at=now,
            answered_by=by.user_id,
            answered_label=by.label,
            due_at=due,
        )
        start_clocks(RECHECK, [row], due, now=now)
        _tell("finding_answered", row, {"contested": contested}, by=by, now=now)


def rectify_finding(finding_id: int, remedy: str, *, by: Actor, now: datetime, seen: int | None = None) -> None:
    """Report a finding as put right: somebody else checks it again.

    Raises: Refused (`not_found`, `changed_meanwhile`, and those of `rules.may_rectify`).
    """
    by.require(Right.ANSWER_FINDINGS)
    with transaction.atomic():
        row = _lock(finding_id, seen)
        require(may_rectify(standing_of(row), remedy))
        stop_clocks([row.pk], now=now)
        due = due_after(now, hours("recheck_due"))
        said = remedy.strip()[:1000]
        _write(row, state="rectified", remedy=said, rectified_at=now, rectified_by=by.user_id, due_at=due)
        start_clocks(RECHECK, [row], due, now=now)
        _tell("finding_rectified", row, {}, by=by, now=now)


def recheck_finding(finding_id: int, *, put_right: bool, by: Actor, now: datetime, seen: int | None = None) -> None:
    """Check a finding again. Not put right: it is open again, and its clock starts anew.

    Raises: Refused (`not_found`, `changed_meanwhile`, and those of `rules.may_recheck`).
    """
    by.require(Right.CHECK_FINDINGS)
    with transaction.atomic():
        row = _lock(finding_id, seen)
        require(may_recheck(standing_of(row), by.user_id))
        stop_clocks([row.pk], now=now)
        state, kind = ("rechecked", RECHECK) if put_right else ("open", ANSWER)
        due = due_after(now, hours("recheck_due" if put_right else "answer_due"))
        _write(row, state=state, rechecked_at=now, rechecked_label=by.label, due_at=due)
        start_clocks(kind, [row], due, now=now)
        _tell("finding_rechecked", row, {"put_right": put_right}, by=by, now=now)


def close_finding(
    finding_id: int, cause: str, reason: str, *, by: Actor, now: datetime, seen: int | None = None
) -> None:
    """Close a finding: put right and checked again, or found lawful by somebody who had no hand in it.

    Raises: Refused (`not_found`, `changed_meanwhile`, and those of `rules.may_close`).
    """
    by.require(Right.CHECK_FINDINGS)
    with transaction.atomic():
        row = _lock(finding_id, seen)
        require(may_close(standing_of(row), cause, reason, by.user_id))
        stop_clocks([row.pk], now=now)
        _write(row, state="closed", closed_at=now, close_cause=cause, close_reason=reason.strip()[:400])
        _tell("finding_closed", row, {"predicate": row.predicate, "cause": cause}, by=by, now=now)


def standing_of(row: Finding) -> Standing:
    """A finding as its rules see it."""
    touched = frozenset(each for each in (row.answered_by, row.rectified_by) if each is not None)
    return Standing(row.state, row.contested, touched)


def _lock(finding_id: int, seen: int | None) -> Finding:
    row = existing(Finding.objects.select_for_update().filter(pk=finding_id))
    require_unchanged(subject_of(finding_id), seen)
    return row


def _write(row: Finding, **values: Any) -> None:
    Finding.objects.filter(pk=row.pk).update(**values)


def _tell(kind: str, row: Finding, payload: dict[str, Any], *, by: Actor, now: datetime) -> None:
    # What people wrote stays on the row: the trail outlives it, and free text may name somebody.
    record(
        f"supervision.{kind}",
        subject_of(row.pk),
        by=by,
        at=now,
        area=row.area,
        payload={**payload, "state": row.state},
        policy=row.policy,
    )
