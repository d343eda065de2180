"""From what a row says to what Dayclear keeps: people, cases, sources, places visited."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from dayclear.cases.commands import CaseRecord
from dayclear.cases.rules import CaseDays
from dayclear.foundation.areas import Area, from_code
from dayclear.interop.linelist.facts import Age, CaseFacts, CaseRow, Visit
from dayclear.people.commands import PersonRecord
from dayclear.places.rules import Gazetteer

_NUMBER_LENGTH = 64
# Kept with the case as the source put it; no rule reads them.
_DETAILS = (
    "symptoms",
    "onset_place",
    "hospital",
    "admitted_on",
    "quarantine_type",
    "contact_words",
    "exposure",
    "household",
    "left_area",
    "left_area_on",
    "contacts_count",
    "occupation",
    "rash_on",
    "review_state",
    "notes",
    "source_urls",
)


@dataclass(frozen=True, slots=True)
class Reading:
    """How an import turns rows into records.

    `responsible` is the place that answers for a case which lies nowhere the reader may write; `within` the reader's
    places; `classification` holds for rows that do not say.
    """

    disease: str
    numbering: str
    responsible: int
    within: Area
    classification: str
    gazetteer: Gazetteer

    def disease_of(self, facts: CaseFacts) -> str:
        return facts.disease or self.disease

    def number_of(self, row: CaseRow) -> str:
        """The case's number as written; a row without one is known by its own facts."""
        return (row.facts.case_number or row.case_key)[:_NUMBER_LENGTH]

    def person(self, facts: CaseFacts, today: date) -> PersonRecord:
        """The person a row describes."""
        home = self._home(facts)
        return PersonRecord(
            area=home if home and home in self.within else self.responsible,
            name=facts.person_name or "",
            sex=facts.sex or "unknown",
            born_on=facts.born_on,
            age_months=_months(facts.age) if facts.age else None,
            age_on=(days_of(facts).counted_on() or today) if facts.age else None,
            home=home,
            residence=residence_of(facts),
            id_number=facts.id_number or "",
            phone=facts.phone or "",
        )

    def case(self, row: CaseRow, person: PersonRecord, person_id: int) -> CaseRecord:
        """The case a row describes."""
        facts = row.facts
        return CaseRecord(
            area=person.area,
            person_id=person_id,
            disease=self.disease_of(facts),
            numbering=self.numbering,
            number=self.number_of(row),
            number_key=row.case_key[:_NUMBER_LENGTH],
            days=days_of(facts),
            classification=self._classification(facts),
            severity=facts.severity or "unknown",
            found_by=_found_by(facts),
            under_order=_under_order(facts),
            outcome=_outcome(facts),
            notice=facts.text or "",
            details=_details(facts),
            sex_known=person.sex != "unknown",
            age_known=person.age_months is not None or person.born_on is not None,
            home_known=person.home is not None,
        )

    def stay(self, visit: Visit) -> tuple[str, str, date | None, date | None, int | None]:
        """A place visited. Shape: (description, transport, first day, last day, place)."""
        parts = [visit.place, " → ".join(part for part in (visit.from_place, visit.to_place) if part), visit.event]
        description = " · ".join(part for part in parts if part)
        transport = " ".join(part for part in (visit.transport, visit.vehicle) if part)
        spoken = visit.place or visit.to_place or visit.from_place or ""
        place = self.gazetteer.locate(spoken).number or None if spoken else None
        started = visit.started.on if visit.started else None
        ended = visit.ended.on if visit.ended else None
        return description, transport, started, ended, place

    def _home(self, facts: CaseFacts) -> int | None:
        if facts.place_code:
            try:
                return from_code(facts.place_code)
            except ValueError:
                return None
        text = residence_of(facts)
        return self.gazetteer.locate(text, within=self.within).number or None if text else None

    def _classification(self, facts: CaseFacts) -> str:
        if facts.classification:
            return facts.classification
        return "asymptomatic_infection" if facts.severity == "asymptomatic" else ""

    def first_classification(self, record: CaseRecord) -> str:
        """What a case is called that nobody has classified."""
        return record.classification or self.classification


def residence_of(facts: CaseFacts) -> str:
    """Where the person lives, as one line."""
    if facts.residence:
        return facts.residence
    parts = (facts.province, facts.prefecture, facts.county, facts.township, facts.community, facts.address)
    return "".join(part for part in parts if part)


def days_of(facts: CaseFacts) -> CaseDays:
    """The days a row states. A rash is not the onset: measles begin with the prodrome; alone it stands for it."""
    return CaseDays(
        onset_on=facts.onset_on or facts.rash_on,
        sampled_on=facts.sampled_on,
        positive_on=facts.positive_on,
        diagnosed_on=facts.confirmed_on,
        reported_on=facts.reported_on,
        isolated_on=facts.isolated_on,
        outcome_on=facts.died_on or facts.discharged_on,
    )


def _months(age: Age) -> int:
    factor = {"years": 12.0, "months": 1.0, "weeks": 12 / 52.18, "days": 12 / 365.25}[age.unit]
    return int(age.number * factor)


def _found_by(facts: CaseFacts) -> str:
    if facts.how_found:
        return facts.how_found
    return "screening" if facts.found_by_screening else "unknown"


def _under_order(facts: CaseFacts) -> str:
    if facts.under_order_when_found is None:
        return "yes" if facts.how_found == "under_order" else "unknown"
    return "yes" if facts.under_order_when_found else "no"


def _outcome(facts: CaseFacts) -> str:
    if facts.died_on:
        return "died"
    return facts.outcome or ("recovered" if facts.discharged_on else "unknown")


def _details(facts: CaseFacts) -> Mapping[str, Any]:
    stated = facts.stated()
    return {
        name: value.isoformat() if isinstance(value := stated[name], date) else value
        for name in _DETAILS
        if name in stated
    }
