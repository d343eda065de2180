"""Registering cases and taking over newer descriptions of them, one or many at a time by the same road."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import msgspec
from django.db import connection

from dayclear.cases.commands.counts import apply_changes, counted
from dayclear.cases.models import Case
from dayclear.cases.rules import CaseDays, Counted, may_register
from dayclear.foundation.actors import Actor
from dayclear.foundation.clock import local_day
from dayclear.foundation.database import copy_rows, copy_staging, next_ids
from dayclear.foundation.decisions import require
from dayclear.foundation.events import Draft, record_many
from dayclear.foundation.retention import RetentionClass, retain_until
from dayclear.foundation.rules import Right

_FACTS = (
    "classification",
    "severity",
    "onset_on",
    "sampled_on",
    "positive_on",
    "diagnosed_on",
    "reported_on",
    "onset_at",
    "sampled_at",
    "reported_at",
    "isolated_on",
    "counted_on",
    "found_by",
    "under_order",
    "outcome",
    "outcome_on",
    "notice",
    "details",
    "sex_known",
    "age_known",
    "home_known",
    "facts_digest",
)
_COLUMNS = (
    "id",
    "area",
    "person_id",
    "disease",
    "numbering",
    "number",
    *_FACTS,
    "source_known",
    "retention_class",
    "retain_until",
    "registered_at",
)
# Told in the event with their old and new value; the rest only as changed.
_TOLD = ("classification", "severity", "counted_on", "found_by", "under_order", "outcome", "outcome_on", "onset_on")
_json = msgspec.json.Encoder(order="deterministic")


@dataclass(frozen=True, slots=True)
class CaseRecord:
    """A case as a source describes it. Shape: codes as in `cases.rules`; days local, instants aware."""

    area: int
    person_id: int
    disease: str
    number: str
    numbering: str = ""
    days: CaseDays = field(default_factory=CaseDays)
    onset_at: datetime | None = None
    sampled_at: datetime | None = None
    reported_at: datetime | None = None
    classification: str = "confirmed"
    severity: str = "unknown"
    found_by: str = "unknown"
    under_order: str = "unknown"
    outcome: str = "unknown"
    notice: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
    sex_known: bool = False
    age_known: bool = False
    home_known: bool = False
    # What else the source said of the person, in one hash: a change there makes the description a newer one.
    person_digest: bytes = b""

    def digest(self) -> bytes:
        """One hash over all that the source said; equal hashes mean nothing to do. 16 bytes."""
        said = (
            self.classification,
            self.severity,
            self.days,
            self.onset_at,
            self.sampled_at,
            self.reported_at,
            self.found_by,
            self.under_order,
            self.outcome,
            self.notice,
            self.details,
            self.area,
            self.person_digest,
        )
        return hashlib.blake2b(_json.encode(said), digest_size=16).digest()

    def facts(self) -> tuple[Any, ...]:
        """Shape: in the order of `_FACTS`, ready to be copied."""
        days = self.days
        return (
            self.classification,
            self.severity,
            days.onset_on,
            days.sampled_on,
            days.positive_on,
            days.diagnosed_on,
            days.reported_on,
            self.onset_at,
            self.sampled_at,
            self.reported_at,
            days.isolated_on,
            days.counted_on(),
            self.found_by,
            self.under_order,
            self.outcome,
            days.outcome_on,
            self.notice,
            _json.encode(dict(self.details)).decode(),
            self.sex_known,
            self.age_known,
            self.home_known,
            self.digest(),
        )


@dataclass(frozen=True, slots=True)
class Registered:
    """What became of a batch. Shape: `ids` in the order of the records; None where the number belongs to a case
    outside the actor's places (or was taken a moment ago)."""

    ids: tuple[int | None, ...]


def register_cases(records: Sequence[CaseRecord], *, by: Actor, now: datetime) -> Registered:
    """Register cases with numbers that are new.

    Raises: Refused (`right_missing`, `future_date`, `death_before_onset`), before anything is written.
    """
    by.require(Right.WRITE_CASES)
    today = local_day(now)
    for record in records:
        require(may_register(record.days, died=record.outcome == "died", today=today))
    if not records:
        return Registered(())
    until = retain_until(RetentionClass.CASE, today)
    ids = next_ids("cases_case_id_seq", len(records))
    rows = (
        (
            case_id,
            record.area,
            record.person_id,
            record.disease,
            record.numbering,
            record.number,
            *record.facts(),
            False,
            RetentionClass.CASE.value,
            until,
            now,
        )
        for case_id, record in zip(ids, records, strict=True)
    )
    written = copy_rows("cases_case", _COLUMNS, rows, conflict="ON CONFLICT (disease, numbering, number) DO NOTHING")
    accepted: Collection[int] = ids
    if written != len(ids):
        accepted = set(Case.objects.filter(pk__in=ids).values_list("pk", flat=True))
    kept = [(case_id, record) for case_id, record in zip(ids, records, strict=True) if case_id in accepted]
    _note_classifications(kept, by=by, now=now)
    apply_changes((None, _counted(record)) for _, record in kept)
    record_many([_registered(case_id, record) for case_id, record in kept], by=by, at=now)
    return Registered(tuple(case_id if case_id in accepted else None for case_id in ids))


def update_cases(newer: Mapping[int, CaseRecord], *, by: Actor, now: datetime) -> int:
    """Take over newer descriptions of known cases; those that say nothing new are left alone.

    Shape: `newer` maps a case's id to its new description. Returns how many changed. The place responsible, the person
    and the number stay as they are. Raises: Refused, as `register_cases`.
    """
    by.require(Right.WRITE_CASES)
    for record in newer.values():
        require(may_register(record.days, died=record.outcome == "died", today=local_day(now)))
    before = {case.pk: case for case in Case.objects.select_for_update().filter(pk__in=list(newer)).order_by("pk")}
    changed = {pk: newer[pk] for pk, case in before.items() if bytes(case.facts_digest) != newer[pk].digest()}
    if not changed:
        return 0
    old = {pk: counted(before[pk]) for pk in changed}
    staging = copy_staging("cases_case", ("id", *_FACTS), ((pk, *record.facts()) for pk, record in changed.items()))
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE cases_case c SET {', '.join(f'{name} = s.{name}' for name in _FACTS)} "  # noqa: S608 - names from code
            f"FROM {staging} s WHERE c.id = s.id"
        )
        cursor.execute(f"DROP TABLE {staging}")
    reclassified = [(pk, r) for pk, r in changed.items() if before[pk].classification != r.classification]
    _note_classifications(reclassified, by=by, now=now)
    apply_changes(
        (old[pk], _counted(record, area=before[pk].area, source_known=before[pk].source_known))
        for pk, record in changed.items()
    )
    record_many([_updated(before[pk], record) for pk, record in changed.items()], by=by, at=now)
    return len(changed)


def mark_sources(known: Collection[int], *, now: datetime, by: Actor) -> None:
    """Note that the source of these cases has become known (tracing linked them)."""
    cases = list(Case.objects.select_for_update().filter(pk__in=list(known), source_known=False).order_by("pk"))
    if not cases:
        return
    changes = []
    for case in cases:
        before = counted(case)
        case.source_known = True
        changes.append((before, counted(case)))
    Case.objects.filter(pk__in=[case.pk for case in cases]).update(source_known=True)
    apply_changes(changes)


def _counted(record: CaseRecord, *, area: int | None = None, source_known: bool = False) -> Counted:
    return Counted(
        area=record.area if area is None else area,
        disease=record.disease,
        day=record.days.counted_on(),
        classification=record.classification,
        under_order=record.under_order,
        source_known=source_known,
        has_sex=record.sex_known,
        has_age=record.age_known,
        has_onset=record.days.onset_on is not None,
        has_sampling=record.days.sampled_on is not None or record.days.positive_on is not None,
        has_home=record.home_known,
        died=record.outcome == "died",
    )


def _note_classifications(cases: Sequence[tuple[int, CaseRecord]], *, by: Actor, now: datetime) -> None:
    copy_rows(
        "cases_classification",
        ("area", "case_id", "value", "reason", "since", "by_label"),
        ((record.area, case_id, record.classification, "as_reported", now, by.label) for case_id, record in cases),
    )


def _registered(case_id: int, record: CaseRecord) -> Draft:
    payload = {"person": record.person_id, "disease": record.disease, "number": record.number}
    facts = {name: _plain(value) for name, value in _told(record).items() if value is not None}
    return Draft("cases.case_registered", f"cases.case:{case_id}", record.area, payload, facts)


def _updated(before: Case, record: CaseRecord) -> Draft:
    told = _told(record)
    payload = {
        name: [_plain(getattr(before, name)), _plain(told[name])]
        for name in _TOLD
        if getattr(before, name) != told[name]
    }
    return Draft("cases.case_updated", f"cases.case:{before.pk}", before.area, payload)


def _told(record: CaseRecord) -> dict[str, Any]:
    return {
        "classification": record.classification,
        "severity": record.severity,
        "counted_on": record.days.counted_on(),
        "found_by": record.found_by,
        "under_order": record.under_order,
        "outcome": record.outcome,
        "outcome_on": record.days.outcome_on,
        "onset_on": record.days.onset_on,
    }


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value
