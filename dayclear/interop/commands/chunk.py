"""Writing one chunk of a line list: people, cases, sources and places visited, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from dataclasses import replace as replace_record
from datetime import datetime

from msgspec.structs import replace

from dayclear.cases.commands import CaseRecord, counts_at_the_end, register_cases, update_cases
from dayclear.cases.models import Case
from dayclear.cases.queries import cases_by_number, cases_of
from dayclear.cases.rules import CaseDays, may_register
from dayclear.foundation.actors import Actor
from dayclear.foundation.clock import local_day
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.scope import beyond_scope
from dayclear.interop.linelist.facts import CaseRow, Problem
from dayclear.interop.linelist.identity import case_number_key
from dayclear.interop.translate import Reading, days_of
from dayclear.people.commands import PersonRecord, amend_person, id_number_hash, register_people, says_something_new
from dayclear.people.queries import facts_of_row
from dayclear.people.rules import PersonFacts, contradicts
from dayclear.tracing.commands import Source, Stay, link_sources, record_visits
from dayclear.tracing.rules import infectious_window


@dataclass(slots=True)
class Tally:
    """What became of the rows. The counts add up to the rows that were given."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    continued: int = 0
    rejected: int = 0
    problems: list[tuple[CaseRow, Problem]] = field(default_factory=list)
    rejected_rows: list[CaseRow] = field(default_factory=list)
    linked: set[int] = field(default_factory=set)

    @property
    def rows(self) -> int:
        return self.created + self.updated + self.unchanged + self.continued + self.rejected


@dataclass(slots=True)
class ChunkWriter:
    """Writes the chunks of one import.

    `subject` is the import's event subject; `lead_days` how many days before onset a case may infect, from the pack.
    `recent` remembers the cases of the chunks before, for rows that go on about them, `fresh` those of this chunk: only
    once it is committed (`keep`) do they count for the next.
    """

    reading: Reading
    by: Actor
    now: datetime
    subject: str
    lead_days: int
    recent: dict[tuple[str, str], int] = field(default_factory=dict)
    fresh: dict[tuple[str, str], int] = field(default_factory=dict)

    def write(self, rows: Sequence[CaseRow]) -> Tally:
        """Write the rows of one chunk; the caller's transaction is the chunk's."""
        self.fresh = {}
        with counts_at_the_end():
            return self._write(rows)

    def keep(self) -> None:
        """Remember the cases of the chunk that was written: it is committed."""
        self.recent.update(self.fresh)
        if len(self.recent) > 20_000:
            for key in list(self.recent)[:10_000]:
                del self.recent[key]

    def _write(self, rows: Sequence[CaseRow]) -> Tally:
        tally = Tally()
        for row in rows:
            tally.problems += [(row, problem) for problem in row.problems]
        self._write_cases([row for row in rows if row.kind == "case"], tally)
        for row in rows:
            if row.kind == "rejected":
                self._reject(row, tally)
            elif row.kind == "duplicate":
                tally.unchanged += 1
        self._continue([row for row in rows if row.kind == "continuation"], tally)
        self._follow([row for row in rows if row.kind in ("case", "continuation")], tally)
        return tally

    # ------------------------------------------------------------------------------------------ cases

    def _write_cases(self, rows: Sequence[CaseRow], tally: Tally) -> None:
        for disease in sorted({self.reading.disease_of(row.facts) for row in rows}):
            mine = [row for row in rows if self.reading.disease_of(row.facts) == disease]
            numbers = [self.reading.number_of(row) for row in mine]
            known = cases_by_number(self.by, disease, self.reading.numbering, numbers)
            elsewhere = self._taken_elsewhere(disease, [number for number in numbers if number not in known])
            fresh: list[CaseRow] = []
            again: list[CaseRow] = []
            first_rows: dict[str, CaseRow] = {}
            for row, number in zip(mine, numbers, strict=True):
                first = first_rows.setdefault(number, row)
                if first is not row:
                    # Numbers that are the same as far as they can be kept.
                    said: dict[str, str | int] = {"first_row": first.row_number, "fields": "case_number"}
                    self._reject(row, tally, Problem("case_number_repeated_differently", "error", params=said))
                elif number in elsewhere:
                    self._reject(row, tally, _TAKEN)
                else:
                    (again if number in known else fresh).append(row)
            self._register(fresh, tally)
            self._update([(row, known[self.reading.number_of(row)]) for row in again], tally)

    def _taken_elsewhere(self, disease: str, numbers: Sequence[str]) -> set[str]:
        """Which of these numbers belong to cases that the actor may not see. Nothing else of those cases is read."""
        if not numbers or self.by.everywhere:
            return set()
        with beyond_scope():
            taken = Case.objects.filter(disease=disease, numbering=self.reading.numbering, number__in=numbers)
            return set(taken.values_list("number", flat=True))

    def _register(self, told: Sequence[CaseRow], tally: Tally) -> None:
        today = local_day(self.now)
        rows = [row for row in told if not self._bars(days_of(row.facts), row, tally, died=bool(row.facts.died_on))]
        people = [self.reading.person(row.facts, today) for row in rows]
        ids = register_people(people, by=self.by, now=self.now, batch=self.subject)
        records = [self._new_case(row, who, pk) for row, who, pk in zip(rows, people, ids, strict=True)]
        registered = register_cases(records, by=self.by, now=self.now, batch=self.subject)
        for row, case_id in zip(rows, registered.ids, strict=True):
            if case_id is None:
                # Another import brought this number a moment ago: the chunk is undone and looks again.
                raise Refused(refuse("registered_meanwhile"))
            tally.created += 1
            self._remember(row, case_id)

    def _bars(self, days: CaseDays, row: CaseRow, tally: Tally, *, died: bool) -> bool:
        """Whether the days, with what is known already, cannot be true; the row is then rejected, and only it."""
        flaw = self._flaw(days, died=died)
        if flaw is not None:
            self._reject(row, tally, flaw)
        return flaw is not None

    def _flaw(self, days: CaseDays, *, died: bool) -> Problem | None:
        for reason in may_register(days, died=died, today=local_day(self.now)).reasons:
            code = "death_before_known_onset" if reason.code == "death_before_onset" else "day_after_import"
            return Problem(code, "error", params=dict(reason.params))
        return None

    def _new_case(self, row: CaseRow, person: PersonRecord, person_id: int) -> CaseRecord:
        record = self.reading.case(row, person, person_id)
        return record.classified(self.reading.first_classification(record))

    def _update(self, pairs: Sequence[tuple[CaseRow, Case]], tally: Tally) -> None:
        today = local_day(self.now)
        newer: dict[int, CaseRecord] = {}
        amended: set[int] = set()
        for row, case in pairs:
            person = self.reading.person(row.facts, today)
            other = contradicts(facts_of_row(case.person), _facts_of(person))
            if other:
                self._reject(
                    row, tally, Problem("number_of_somebody_else", "error", "case_number", params={"why": other})
                )
                continue
            told = self.reading.case(row, person, case.person_id)
            after = told.upon(case)
            if self._bars(after.days, row, tally, died=after.outcome == "died"):
                continue
            if self._amend(case, person, row, tally):
                amended.add(case.pk)
            newer[case.pk] = told
            self._remember(row, case.pk)
        changed = set(update_cases(newer, by=self.by, now=self.now)) | amended
        tally.updated += len(changed)
        tally.unchanged += len(newer) - len(changed)

    def _continue(self, rows: Sequence[CaseRow], tally: Tally) -> None:
        """Rows that say more about a case above them: they add what is not yet known, and change nothing that is."""
        more: dict[int, list[CaseRow]] = {}
        for row in rows:
            case_id = self._known(row.first_sheet, row.case_key) or self._find(row)
            if case_id is None:
                self._reject(row, tally, Problem("continues_unknown_case", "error"))
                continue
            self._remember(row, case_id)
            tally.continued += 1
            if row.facts.stated():
                more.setdefault(case_id, []).append(row)
        cases = cases_of(self.by).select_related("person").in_bulk(list(more))
        newer = {pk: self._added(cases[pk], row_list, tally) for pk, row_list in more.items()}
        update_cases(newer, by=self.by, now=self.now)

    def _added(self, case: Case, rows: Sequence[CaseRow], tally: Tally) -> CaseRecord:
        record = CaseRecord.of(case)
        for row in rows:
            person = self.reading.person(row.facts, local_day(self.now)).beside(case.person)
            self._amend(case, person, row, tally)
            longer = record.beside(self.reading.case(row, person, case.person_id))
            flaw = self._flaw(longer.days, died=longer.outcome == "died")
            if flaw is None:
                record = longer
            else:
                tally.problems.append((row, replace(flaw, severity="warning")))
        return record

    def _amend(self, case: Case, person: PersonRecord, row: CaseRow, tally: Tally) -> bool:
        """Take over what a row says of the person of a known case; whether it said anything new."""
        if not says_something_new(case.person, person):
            return False
        try:
            return bool(amend_person(case.person_id, person, by=self.by, now=self.now))
        except Refused as refused:
            if refused.decision.codes != ("number_borne",):
                raise
        # Nothing was written yet: the rest of what the row says holds, and its number waits for a merge.
        tally.problems.append((row, _BORNE))
        return bool(amend_person(case.person_id, replace_record(person, id_number=""), by=self.by, now=self.now))

    def _find(self, row: CaseRow) -> int | None:
        found = cases_of(self.by).filter(
            disease=self.reading.disease_of(row.facts), numbering=self.reading.numbering, number_key=row.case_key
        )
        ids = list(found.order_by("pk").values_list("pk", "number")[:20])
        exact = [pk for pk, number in ids if number == row.facts.case_number]
        return next(iter(exact or [pk for pk, _ in ids]), None)

    def _remember(self, row: CaseRow, case_id: int) -> None:
        self.fresh[row.sheet, row.case_key] = case_id

    def _known(self, sheet: str, key: str) -> int | None:
        return self.fresh.get((sheet, key)) or self.recent.get((sheet, key))

    # ------------------------------------------------------------------------------------------ tracing

    def _follow(self, rows: Sequence[CaseRow], tally: Tally) -> None:
        told = [row for row in rows if row.facts.contact_of or row.visits]
        ids = {self._known(row.first_sheet or row.sheet, row.case_key) for row in told}
        cases = {case.pk: case for case in cases_of(self.by).filter(pk__in={pk for pk in ids if pk})}
        sources, stays = [], []
        for row in told:
            case = cases.get(self._known(row.first_sheet or row.sheet, row.case_key) or 0)
            if case is not None:
                sources += self._sources(row, case)
                stays += self._stays(row, case)
        link_sources(sources, by=self.by, now=self.now)
        record_visits(stays, by=self.by, now=self.now)
        tally.linked |= {source.case_id for source in sources}

    def _sources(self, row: CaseRow, case: Case) -> list[Source]:
        return [
            Source(
                case_id=case.pk,
                area=case.area,
                disease=case.disease,
                numbering=case.numbering,
                source_number=number[:64],
                source_key=case_number_key(number)[:64],
                exposed_on=row.facts.exposed_to_on or row.facts.exposed_from_on,
            )
            for number in row.facts.contact_of
        ]

    def _stays(self, row: CaseRow, case: Case) -> list[Stay]:
        window = infectious_window(
            case.onset_on, case.sampled_on or case.positive_on, case.isolated_on, lead=self.lead_days
        )
        stays = []
        for visit in row.visits:
            description, transport, first, last, place = self.reading.stay(visit)
            stays.append(Stay(case.pk, case.area, description, transport, first, last, window, place))
        return stays

    def _reject(self, row: CaseRow, tally: Tally, problem: Problem | None = None) -> None:
        tally.rejected += 1
        tally.rejected_rows.append(row)
        if problem is not None:
            tally.problems.append((row, problem))


_BORNE = Problem("id_number_of_another_record", "warning", "id_number")
_TAKEN = Problem("number_taken_elsewhere", "error", "case_number")


def _facts_of(person: PersonRecord) -> PersonFacts:
    return PersonFacts(
        name=person.name,
        sex=person.sex,
        born_on=person.born_on,
        age_months=person.age_months,
        age_on=person.age_on,
        area=person.area,
        id_number_hash=id_number_hash(person.id_number) if person.id_number else None,
    )
