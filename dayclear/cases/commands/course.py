"""The course of one case: how sure we are, and how it ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from django.db import transaction

from dayclear.cases.commands.counts import apply_changes, counted
from dayclear.cases.commands.investigation import Reported, keep_investigations, subject_of
from dayclear.cases.commands.register import CLASSIFIED, OUTCOME_RECORDED
from dayclear.cases.models import Case, Classification
from dayclear.cases.rules import CLASSIFICATIONS, OUTCOMES, CaseDays, may_register
from dayclear.foundation.actors import Actor
from dayclear.foundation.clock import local_day
from dayclear.foundation.decisions import Refused, refuse, require
from dayclear.foundation.events import record, require_unchanged
from dayclear.foundation.filters import existing
from dayclear.foundation.rules import Right


def classify_case(case_id: int, value: str, *, reason: str, by: Actor, now: datetime, seen: int | None = None) -> None:
    """Change how sure we are that this is a case; the history and the reason are kept.

    Raises: Refused (`not_found`, `unknown_classification`, `reason_missing`, `same_classification`,
    `changed_meanwhile`).
    """
    by.require(Right.WRITE_CASES)
    with transaction.atomic():
        case = _lock(case_id)
        require_unchanged(subject_of(case.pk), seen)
        if value not in CLASSIFICATIONS:
            raise Refused(refuse("unknown_classification", value=value))
        if not reason.strip():
            raise Refused(refuse("reason_missing"))
        if value == case.classification:
            raise Refused(refuse("same_classification", value=value))
        before = counted(case)
        apply_changes([(before, replace(before, classification=value))])
        Case.objects.filter(pk=case.pk).update(classification=value)
        Classification.objects.create(
            area=case.area, case=case, value=value, reason=reason[:200], since=now, by_label=by.label
        )
        record(
            CLASSIFIED,
            subject_of(case.pk),
            by=by,
            at=now,
            area=case.area,
            payload={"classification": [case.classification, value], "reason": reason[:200]},
        )
        day = case.reported_on or case.counted_on
        keep_investigations([Reported(case.pk, case.area, case.disease, value, case.reported_at, day)], now=now)


def record_outcome(case_id: int, value: str, on: date, *, by: Actor, now: datetime, seen: int | None = None) -> None:
    """Record how a case ended, and on which day.

    Raises: Refused (`not_found`, `unknown_outcome`, `future_date`, `death_before_onset`, `changed_meanwhile`).
    """
    by.require(Right.WRITE_CASES)
    with transaction.atomic():
        case = _lock(case_id)
        require_unchanged(subject_of(case.pk), seen)
        if value not in OUTCOMES:
            raise Refused(refuse("unknown_outcome", value=value))
        days = CaseDays(onset_on=case.onset_on, outcome_on=on)
        require(may_register(days, died=value == "died", today=local_day(now)))
        before = counted(case)
        apply_changes([(before, replace(before, died=value == "died"))])
        Case.objects.filter(pk=case.pk).update(outcome=value, outcome_on=on)
        record(
            OUTCOME_RECORDED,
            subject_of(case.pk),
            by=by,
            at=now,
            area=case.area,
            payload={"outcome": [case.outcome, value], "on": on.isoformat()},
        )


def _lock(case_id: int) -> Case:
    return existing(Case.objects.select_for_update(no_key=True).filter(pk=case_id))
