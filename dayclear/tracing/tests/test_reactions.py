"""What tracing does when one case comes in: played twice, one effect."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from dayclear.cases.commands.register import REGISTERED, CaseRecord, register_cases
from dayclear.cases.models import Case, CaseCount
from dayclear.cases.rules import CaseDays
from dayclear.cases.tests.test_register_one import AREA, case_by
from dayclear.foundation.actors import Actor, system
from dayclear.foundation.decisions import Refused
from dayclear.foundation.models import Event
from dayclear.foundation.scope import acting
from dayclear.people.commands import PersonRecord
from dayclear.tracing.commands import Exposed, name_source, record_contact
from dayclear.tracing.models import ChainCount, ChainMember, Contact, Exposure
from dayclear.tracing.reactions import note_contacts_who_fell_ill, note_imported_who_had_been_contacts, settle_links

FAR = 460105001001 * 10**6


def play_twice(case: int) -> None:
    """Everything tracing does when this case was registered, at least once and again."""
    with acting(system("reaction")):
        event = Event.objects.get(subject=f"cases.case:{case}", kind=REGISTERED)
        for _ in range(2):
            settle_links(event)
            note_contacts_who_fell_ill(event)


def test_a_reference_becomes_a_link_when_the_case_it_names_arrives_in_another_province(
    county_officer: Actor, administrator: Actor, now: datetime
) -> None:
    with acting(county_officer):
        case = case_by(county_officer, now, number="A1", classification="confirmed", under_order="no")
        how = {"relation": "meal", "certainty": "probable", "exposed_on": None}
        name_source(case, "B1", by=county_officer, now=now, **how)  # type: ignore[arg-type]  # one dict
        assert Exposure.objects.get().source_id is None
    with acting(administrator):
        source = case_by(administrator, now, area=FAR, name="李四", number="B1", classification="confirmed")
    play_twice(source)
    with acting(county_officer):
        assert Exposure.objects.get().source_id == source
        assert Case.objects.get().source_known
        seen = ChainCount.objects.get(level=3)
        assert (seen.members, seen.size) == (1, 2)
    with acting(system("tests")):
        assert ChainMember.objects.count() == 2
        assert Event.objects.filter(kind="tracing.source_linked").count() == 1
        assert CaseCount.objects.get(level=0, area=0, day="2021-12-29").source_unknown == 1


def test_a_contact_who_falls_ill_is_known_as_such(county_officer: Actor, now: datetime) -> None:
    number = "11010519491231002X"
    with acting(county_officer):
        first = case_by(county_officer, now, number="A1", classification="confirmed")
        contact = PersonRecord(area=AREA, name="李四", id_number=number)
        record_contact(first, contact, Exposed(relation="household"), by=county_officer, now=now)
        from dayclear.cases.commands import CaseRecord, register_case

        record = CaseRecord(area=0, person_id=0, disease="covid-19", number="A2", classification="confirmed")
        second = register_case(contact, record, by=county_officer, now=now)
    play_twice(second)
    with acting(county_officer):
        assert Contact.objects.get().became_case_id == second


def test_a_contact_whom_a_file_brings_as_a_case_is_known_as_such_and_one_who_was_ill_before_is_not(
    county_officer: Actor, now: datetime
) -> None:
    with acting(county_officer):
        index = case_by(county_officer, now, number="A1", classification="confirmed")
        contacts = [
            record_contact(
                index,
                PersonRecord(area=AREA, name=name),
                Exposed(relation="household", last_exposed_on=date(2021, 12, 28)),
                by=county_officer,
                now=now,
            )
            for name in "甲乙"
        ]
        records = [
            CaseRecord(
                area=AREA,
                person_id=Contact.objects.get(pk=contact).person_id,
                disease="covid-19",
                number=f"N{contact}",
                days=CaseDays(reported_on=day),
                classification="confirmed",
            )
            for contact, day in zip(contacts, (date(2021, 12, 29), date(2021, 1, 5)), strict=True)
        ]
        ill, _ = register_cases(records, by=county_officer, now=now, batch="tests:1").ids
        event = Event.objects.get(kind="cases.batch_imported")
        for _ in range(2):
            note_imported_who_had_been_contacts(event)
        assert [Contact.objects.get(pk=pk).became_case_id for pk in contacts] == [ill, None]
        [told] = Event.objects.filter(kind="tracing.contact_fell_ill")
        assert told.payload == {"contact": contacts[0], "became_case": ill}


@pytest.mark.parametrize(
    ("number", "code"),
    [
        pytest.param("A1", "source_is_itself", id="itself"),
        pytest.param("B1", "source_known", id="named before"),
        pytest.param(" ", "source_missing", id="no number"),
    ],
)
def test_a_source_that_says_nothing_new_is_refused(
    county_officer: Actor, now: datetime, number: str, code: str
) -> None:
    how = {"relation": "meal", "certainty": "probable", "exposed_on": None}
    with acting(county_officer):
        case = case_by(county_officer, now, number="A1", classification="confirmed")
        name_source(case, "B1", by=county_officer, now=now, **how)  # type: ignore[arg-type]  # one dict
        with pytest.raises(Refused, match=code):
            name_source(case, number, by=county_officer, now=now, **how)  # type: ignore[arg-type]  # one dict


@pytest.mark.parametrize(
    ("category", "known"),
    [
        pytest.param("close_contact", True, id="of the pack in force"),
        pytest.param("", True, id="not settled yet"),
        pytest.param("no_such_category", False, id="of no pack"),
    ],
)
def test_a_contact_is_of_a_category_that_the_pack_in_force_knows(
    county_officer: Actor, now: datetime, category: str, known: bool
) -> None:
    with acting(county_officer):
        case = case_by(county_officer, now, number="A1", classification="confirmed")
        if known:
            contact = record_contact(
                case, PersonRecord(area=AREA, name="李四"), Exposed(category=category), by=county_officer, now=now
            )
            assert bool(Contact.objects.get(pk=contact).policy) == bool(category)
        else:
            with pytest.raises(Refused, match="unknown_category"):
                record_contact(
                    case, PersonRecord(area=AREA, name="李四"), Exposed(category=category), by=county_officer, now=now
                )


def test_a_person_is_a_contact_of_a_case_once_and_never_of_their_own(county_officer: Actor, now: datetime) -> None:
    person = PersonRecord(area=AREA, name="李四", id_number="11010519491231002X")
    with acting(county_officer):
        case = case_by(county_officer, now, number="A1", classification="confirmed")
        record_contact(case, person, Exposed(), by=county_officer, now=now)
        with pytest.raises(Refused, match="contact_known"):
            record_contact(case, person, Exposed(), by=county_officer, now=now)
        Case.objects.filter(pk=case).update(person=Contact.objects.get().person_id)
        Contact.objects.all().delete()
        with pytest.raises(Refused, match="contact_of_itself"):
            record_contact(case, person, Exposed(), by=county_officer, now=now)
