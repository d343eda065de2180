"""Recording who was exposed to a case, and which source a case names."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection, transaction

from dayclear.cases.models import Case
from dayclear.foundation.actors import Actor
from dayclear.foundation.areas import county_of
from dayclear.foundation.clock import local_day
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.events import Draft, record, record_many
from dayclear.foundation.filters import existing
from dayclear.foundation.retention import RetentionClass, retain_until
from dayclear.foundation.rules import Right
from dayclear.foundation.scope import beyond_scope
from dayclear.people.commands import PersonRecord, register_people
from dayclear.policy.calendar import policy_at_or_none
from dayclear.tracing.commands.exposures import Source, link_sources
from dayclear.tracing.models import Contact
from dayclear.tracing.rules import CERTAINTIES, RELATIONS

SOURCE_NAMED, CONTACT_RECORDED = "tracing.source_named", "tracing.contact_recorded"
CONTACT_SETTLED, CONTACT_FELL_ILL = "tracing.contact_settled", "tracing.contact_fell_ill"


@dataclass(frozen=True, slots=True)
class Exposed:
    """How somebody was exposed. `category` is a code of the pack in force; empty: not settled yet."""

    relation: str = "unknown"
    last_exposed_on: date | None = None
    category: str = ""


def record_contact(case_id: int, person: PersonRecord, how: Exposed, *, by: Actor, now: datetime) -> int:
    """Record one contact of a case and return the contact's id.

    Raises: Refused (`not_found`, `outside_area`, `unknown_relation`, `unknown_category`, `future_date`,
    `contact_known`).
    """
    by.require(Right.WRITE_CASES)
    with transaction.atomic():
        case = _lock(case_id)
        if person.area not in by.area:
            raise Refused(refuse("outside_area"))
        _require_relation(how.relation)
        _require_past("last_exposed_on", how.last_exposed_on, now)
        policy = _policy_of_category(case, how.category, now)
        (person_id,) = register_people(
            [person], by=by, now=now, batch=f"tracing.contacts_of:{case.pk}", kept=RetentionClass.CONTACT
        )
        if person_id == case.person_id:
            raise Refused(refuse("contact_of_itself"))
        until = retain_until(RetentionClass.CONTACT, how.last_exposed_on or local_day(now))
        contact, fresh = Contact.objects.get_or_create(
            person_id=person_id,
            case=case,
            defaults={
                "area": person.area,
                "category": how.category,
                "policy": policy,
                "relation": how.relation,
                "last_exposed_on": how.last_exposed_on,
                "retain_until": until,
                "recorded_at": now,
            },
        )
        if not fresh:
            raise Refused(refuse("contact_known"))
        record(
            CONTACT_RECORDED,
            f"cases.case:{case.pk}",
            by=by,
            at=now,
            area=case.area,
            payload={"contact": contact.pk, "person": person_id, "relation": how.relation, "category": how.category},
            policy=policy,
        )
    return contact.pk


def settle_contact(contact_id: int, category: str, last_exposed_on: date | None, *, by: Actor, now: datetime) -> None:
    """Settle the category and the last day of exposure of a contact who was recorded without one of them.

    What is settled already is corrected where it has led to: on the order.
    Raises: Refused (`not_found`, `contact_settled`, `category_missing`, `last_exposed_missing`, `unknown_category`,
    `future_date`).
    """
    by.require(Right.WRITE_CASES)
    with transaction.atomic():
        rows = Contact.objects.select_for_update(of=("self",)).filter(area__range=(by.area.lo, by.area.hi))
        contact = existing(rows.filter(pk=contact_id))
        # The case may be another county's: its disease says which pack is asked.
        with beyond_scope():
            case = Case.objects.get(pk=contact.case_id)
        if contact.category and contact.last_exposed_on:
            raise Refused(refuse("contact_settled"))
        code, day = contact.category or category, contact.last_exposed_on or last_exposed_on
        if not code:
            raise Refused(refuse("category_missing"))
        if day is None:
            raise Refused(refuse("last_exposed_missing"))
        _require_past("last_exposed_on", day, now)
        was = [contact.category, contact.last_exposed_on.isoformat() if contact.last_exposed_on else ""]
        contact.policy = _policy_of_category(case, code, now)
        contact.category, contact.last_exposed_on = code, day
        contact.retain_until = retain_until(RetentionClass.CONTACT, day)
        contact.save(update_fields=["category", "last_exposed_on", "policy", "retain_until"])
        record(
            CONTACT_SETTLED,
            f"cases.case:{contact.case_id}",
            by=by,
            at=now,
            area=contact.area,
            payload={"contact": contact.pk, "person": contact.person_id, "was": was, "category": code},
            policy=contact.policy,
        )


def note_fallen_ill(
    case_ids: Collection[int], *, by: Actor, now: datetime, unless_older: bool = False
) -> tuple[int, ...]:
    """Note of every contact who is one of these cases now that they fell ill; returns the contacts' ids.

    `unless_older`: a case counted before the last contact was another illness. Doing it again changes nothing.
    """
    by.require(Right.WRITE_CASES)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                """
                UPDATE tracing_contact c SET became_case_id = ill.id
                FROM cases_case ill, cases_case source
                WHERE ill.id = ANY(%(cases)s) AND ill.classification <> 'excluded' AND c.person_id = ill.person_id
                  AND c.became_case_id IS NULL AND source.id = c.case_id AND source.disease = ill.disease
                  AND source.id <> ill.id
                  AND NOT coalesce(%(unless_older)s AND ill.counted_on < c.last_exposed_on, false)
                RETURNING c.id, c.area, c.case_id, ill.id
                """,
                {"cases": list(case_ids), "unless_older": unless_older},
            )
            fallen = sorted(cursor.fetchall())
        record_many(
            [
                Draft(CONTACT_FELL_ILL, f"cases.case:{source}", area, {"contact": contact, "became_case": case})
                for contact, area, source, case in fallen
            ],
            by=by,
            at=now,
        )
    return tuple(contact for contact, *_ in fallen)


def name_source(
    case_id: int,
    number: str,
    *,
    relation: str,
    certainty: str,
    exposed_on: date | None,
    by: Actor,
    now: datetime,
) -> None:
    """Record that a case names another, by its number, as its source.

    It becomes a link as soon as that case is known, wherever it lies (a reaction does it, with every place in sight).
    Raises: Refused (`not_found`, `source_is_itself`, `source_known`, `unknown_relation`, `unknown_certainty`).
    """
    by.require(Right.WRITE_CASES)
    _require_relation(relation)
    _require_past("exposed_on", exposed_on, now)
    if certainty not in CERTAINTIES:
        raise Refused(refuse("unknown_certainty", value=certainty[:40]))
    with transaction.atomic():
        case = _lock(case_id)
        named = number.strip()[:64]
        if not named:
            raise Refused(refuse("source_missing"))
        if named == case.number:
            raise Refused(refuse("source_is_itself"))
        source = Source(
            case.pk,
            case.area,
            case.disease,
            case.numbering,
            named,
            relation=relation,
            certainty=certainty,
            exposed_on=exposed_on,
        )
        if not link_sources([source], by=by, now=now):
            raise Refused(refuse("source_known", number=named))
        record(
            SOURCE_NAMED,
            f"cases.case:{case.pk}",
            by=by,
            at=now,
            area=case.area,
            payload={"number": named, "relation": relation, "certainty": certainty},
        )


def _policy_of_category(case: Case, code: str, now: datetime) -> str:
    """The version of the pack in force that knows a category; empty without one.

    Raises: Refused (`unknown_category`).
    """
    if not code:
        return ""
    policy = policy_at_or_none(now, county_of(case.area), case.disease)
    if policy is None or policy.category(code) is None:
        raise Refused(refuse("unknown_category", value=code[:40]))
    return policy.version


def _lock(case_id: int) -> Case:
    return existing(Case.objects.select_for_update(no_key=True).filter(pk=case_id))


def _require_relation(relation: str) -> None:
    if relation not in RELATIONS:
        raise Refused(refuse("unknown_relation", value=relation[:40]))


def _require_past(field: str, day: date | None, now: datetime) -> None:
    if day is not None and day > local_day(now) + timedelta(days=1):
        raise Refused(refuse("future_date", field=field, date=day.isoformat()))
