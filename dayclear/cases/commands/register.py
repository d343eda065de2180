"""Registering cases and taking over newer descriptions of them, one or many at a time by the same road."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from django.db import connection

from dayclear.cases.commands.counts import apply_changes, counted
from dayclear.cases.commands.investigation import Reported, keep_investigations, open_investigations, subject_of
from dayclear.cases.commands.person import known_of
from dayclear.cases.models import Case
from dayclear.cases.rules import CaseDays, Counted, may_register
from dayclear.foundation.actors import Actor
from dayclear.foundation.clock import local_day
from dayclear.foundation.database import copy_rows, copy_staging, next_ids
from dayclear.foundation.decisions import require
from dayclear.foundation.events import Draft, canonical, record, record_many
from dayclear.foundation.retention import RetentionClass, retain_until
from dayclear.foundation.rules import Right
from dayclear.people.models import Person

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
)
_COLUMNS = (
    "id",
    "area",
    "person_id",
    "disease",
    "numbering",
    "number",
    "number_key",
    *_FACTS,
    "source_known",
    "retention_class",
    "retain_until",
    "registered_at",
)
_SAYABLE = (
    "onset_at",
    "sampled_at",
    "reported_at",
    "classification",
    "severity",
    "found_by",
    "under_order",
    "outcome",
    "notice",
    "sex_known",
    "age_known",
    "home_known",
)
IMPORTED, REGISTERED = "cases.case_imported", "cases.case_registered"
# Told once for a whole batch of imported cases, to those who react: nobody reacts to each of them.
BATCH_IMPORTED = "cases.batch_imported"
CLASSIFIED, OUTCOME_RECORDED = "cases.case_classified", "cases.outcome_recorded"
# Told in the event with their old and new value; the rest only as changed.
_TOLD = ("classification", "severity", "counted_on", "found_by", "under_order", "outcome", "outcome_on", "onset_on")


@dataclass(frozen=True, slots=True)
class CaseRecord:
    """A case as a source describes it. What is known of its person is taken from the person when it is registered.

    Shape: codes as in `cases.rules`; days local, instants aware. Empty text, "unknown", None and False mean: not said.
    `number_key` is the loose spelling of the number, by which references are resolved where the exact one fails.
    """

    area: int
    person_id: int
    disease: str
    number: str
    number_key: str = ""
    numbering: str = ""
    days: CaseDays = field(default_factory=CaseDays)
    onset_at: datetime | None = None
    sampled_at: datetime | None = None
    reported_at: datetime | None = None
    classification: str = ""
    severity: str = "unknown"
    found_by: str = "unknown"
    under_order: str = "unknown"
    outcome: str = "unknown"
    notice: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
    sex_known: bool = False
    age_known: bool = False
    home_known: bool = False

    def upon(self, case: Case) -> CaseRecord:
        """This description laid upon what is known: what it says counts, what it does not say stays."""
        return _laid(CaseRecord.of(case), upon_it=self)

    def beside(self, other: CaseRecord) -> CaseRecord:
        """This description, with what it does not say taken from another of the same case."""
        return replace(
            _laid(other, upon_it=self),
            area=self.area,
            person_id=self.person_id,
            number=self.number,
            number_key=self.number_key,
            disease=self.disease,
            numbering=self.numbering,
        )

    def classified(self, value: str) -> CaseRecord:
        """The same description with its classification settled."""
        return replace(self, classification=value)

    @classmethod
    def of(cls, case: Case) -> CaseRecord:
        """A case as it now stands."""
        days = CaseDays(**{name: getattr(case, name) for name in CaseDays.__slots__})
        same = ("area", "person_id", "disease", "number", "number_key", "numbering", "details", *_SAYABLE)
        return cls(days=days, **{name: getattr(case, name) for name in same})

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
            canonical(dict(self.details)),
            self.sex_known,
            self.age_known,
            self.home_known,
        )


def _laid(below: CaseRecord, *, upon_it: CaseRecord) -> CaseRecord:
    days = {name: getattr(upon_it.days, name) or getattr(below.days, name) for name in CaseDays.__slots__}
    said = {name: value for name in _SAYABLE if (value := getattr(upon_it, name)) not in ("", "unknown", None, False)}
    return replace(below, **{**said, "days": CaseDays(**days), "details": {**below.details, **upon_it.details}})


@dataclass(frozen=True, slots=True)
class Registered:
    """What became of a batch. Shape: `ids` in the order of the records; None where the number belongs to a case
    outside the actor's places (or was taken a moment ago)."""

    ids: tuple[int | None, ...]


def register_cases(records: Sequence[CaseRecord], *, by: Actor, now: datetime, batch: str = "") -> Registered:
    """Register cases with numbers that are new; every case has its event.

    `batch` is the event subject of an import: those who react are then told once of all its cases, and whoever brings
    it settles its links and chains once at the end. Without it they are told of each case.
    Raises: Refused (`right_missing`, `future_date`, `death_before_onset`), before anything is written.
    """
    by.require(Right.WRITE_CASES)
    today = local_day(now)
    for each in records:
        require(may_register(each.days, died=each.outcome == "died", today=today))
    if not records:
        return Registered(())
    records = _as_the_people_are(records)
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
            record.number_key or record.number,
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
    kind = IMPORTED if batch else REGISTERED
    record_many([_registered(case_id, each, kind) for case_id, each in kept], by=by, at=now)
    if batch and kept:
        payload = {"cases": [case_id for case_id, _ in kept]}
        record(BATCH_IMPORTED, batch, by=by, at=now, area=by.area.lo, payload=payload)
    open_investigations([_reported(case_id, each) for case_id, each in kept], now=now)
    return Registered(tuple(case_id if case_id in accepted else None for case_id in ids))


def update_cases(newer: Mapping[int, CaseRecord], *, by: Actor, now: datetime) -> tuple[int, ...]:
    """Take over newer descriptions of known cases; those that say nothing new are left alone.

    What a newer description says of the outcome, the classification or the report has the same consequences as if
    somebody had entered it: its event, and the clock of the investigation.
    Shape: `newer` maps a case's id to its new description; returns the ids that changed. The place responsible, the
    person and the number stay as they are. Raises: Refused, as `register_cases`.
    """
    by.require(Right.WRITE_CASES)
    before = {
        case.pk: case for case in Case.objects.select_for_update(no_key=True).filter(pk__in=list(newer)).order_by("pk")
    }
    changed = {pk: after for pk, case in before.items() if (after := newer[pk].upon(case)) != CaseRecord.of(case)}
    for each in changed.values():
        require(may_register(each.days, died=each.outcome == "died", today=local_day(now)))
    if not changed:
        return ()
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
        (counted(before[pk]), _counted(record, source_known=before[pk].source_known)) for pk, record in changed.items()
    )
    record_many([draft for pk, each in changed.items() for draft in _updated(before[pk], each)], by=by, at=now)
    keep_investigations([_reported(pk, each) for pk, each in changed.items()], now=now)
    return tuple(changed)


def mark_sources(known: Collection[int], *, now: datetime, by: Actor) -> None:
    """Note that the source of these cases has become known (tracing linked them)."""
    cases = list(
        Case.objects.select_for_update(no_key=True).filter(pk__in=list(known), source_known=False).order_by("pk")
    )
    if not cases:
        return
    changes = []
    for case in cases:
        before = counted(case)
        case.source_known = True
        changes.append((before, counted(case)))
    Case.objects.filter(pk__in=[case.pk for case in cases]).update(source_known=True)
    apply_changes(changes)


def _counted(record: CaseRecord, *, source_known: bool = False) -> Counted:
    return Counted(
        area=record.area,
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


def _as_the_people_are(records: Sequence[CaseRecord]) -> list[CaseRecord]:
    """The records with what is known of their people: of somebody known before, more or less than the source said."""
    people = Person.objects.in_bulk([each.person_id for each in records])
    found = []
    for each in records:
        sex, age, home = known_of(people[each.person_id])
        found.append(replace(each, sex_known=sex, age_known=age, home_known=home))
    return found


def _registered(case_id: int, record: CaseRecord, kind: str) -> Draft:
    payload = {"person": record.person_id, "disease": record.disease, "number": record.number}
    facts = {name: _plain(value) for name, value in _told(record).items() if value is not None}
    return Draft(kind, subject_of(case_id), record.area, payload, facts)


def _reported(case_id: int, record: CaseRecord) -> Reported:
    day = record.days.reported_on or record.days.counted_on()
    return Reported(case_id, record.area, record.disease, record.classification, record.reported_at, day)


def _updated(before: Case, record: CaseRecord) -> Iterator[Draft]:
    told, subject = _told(record), subject_of(before.pk)
    payload = {
        name: [_plain(getattr(before, name)), _plain(told[name])]
        for name in _TOLD
        if getattr(before, name) != told[name]
    }
    yield Draft("cases.case_updated", subject, before.area, payload)
    if "classification" in payload:
        said = {"classification": payload["classification"], "reason": "as_reported"}
        yield Draft(CLASSIFIED, subject, before.area, said)
    if "outcome" in payload or "outcome_on" in payload:
        outcome = {"outcome": [before.outcome, record.outcome], "on": _plain(record.days.outcome_on)}
        yield Draft(OUTCOME_RECORDED, subject, before.area, outcome)


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
