"""Reading people, within scope; every look at an identity is an event."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from django.db import connection
from django.db.models import Q, QuerySet

from dayclear.foundation.actors import Actor
from dayclear.foundation.encryption import decrypt, lookup_hash
from dayclear.foundation.events import Draft, record, record_many
from dayclear.foundation.identifiers import normal_id_number, normal_phone
from dayclear.foundation.rules import Right
from dayclear.people.models import Match, Merge, Person
from dayclear.people.rules import PersonFacts


def people_of(actor: Actor) -> QuerySet[Person]:
    """The people in the actor's places; rows merged into others are left out."""
    actor.require(Right.SEE_PEOPLE)
    return Person.objects.filter(area__range=(actor.area.lo, actor.area.hi), merged_into=None)


def person_in_scope(actor: Actor, person_id: int) -> Person | None:
    """One person, merged rows included (their page leads on to the row that was kept)."""
    actor.require(Right.SEE_PEOPLE)
    return Person.objects.filter(area__range=(actor.area.lo, actor.area.hi), pk=person_id).first()


def match_in_scope(actor: Actor, match_id: int) -> Match | None:
    """One pair with both its people, waiting or decided; None when one of them lies outside the actor's places."""
    actor.require(Right.REVIEW_MATCHES)
    inside = Match.objects.filter(area__range=(actor.area.lo, actor.area.hi), pk=match_id)
    return inside.select_related("first", "second").first()


def search_people(actor: Actor, words: str, *, limit: int = 20) -> list[Person]:
    """People by the beginning of their name (Chinese or Latin) or pinyin, or by whole identity number or phone.

    Raises: Refused (`right_missing`).
    """
    actor.require(Right.SEE_PEOPLE)
    text = words.strip()
    if len(text) < 2:
        return []
    latin = text.lower().replace(" ", "")
    inside = Person.objects.filter(area__range=(actor.area.lo, actor.area.hi))
    # The indexes of names leave out rows without one; said here, they can serve.
    named = inside.exclude(name="")
    ways = [named.filter(name__begins=text), named.filter(name_pinyin__begins=latin)]
    if any(character.isdigit() for character in text):
        ways.append(inside.filter(id_number_hash=lookup_hash(normal_id_number(text), purpose="person.id_number")))
        ways.append(inside.filter(phone_hash=lookup_hash(normal_phone(text), purpose="person.phone")))
    # Each way has an index of its own; joined by OR they would read all people of the scope.
    first, *others = (way.order_by("name", "id")[:limit] for way in ways)
    found = list(first.union(*others).order_by("name", "id")[:limit])
    # Whoever was merged is shown as the person who was kept, once.
    kept = {row.pk: kept_in_the_end(row.merged_into_id) for row in found if row.merged_into_id}
    if not kept:
        return found
    rows = {row.pk: row for row in people_of(actor).filter(pk__in=kept.values())}
    ends = [rows.get(kept[row.pk]) if row.pk in kept else row for row in found]
    return list({row.pk: row for row in ends if row is not None}.values())


def known_by_number(actor: Actor, id_numbers: Iterable[str]) -> dict[str, int]:
    """The people of the actor's places by whole identity number. Shape: number as it was given → person.

    Raises: Refused (`right_missing`).
    """
    hashes = {said: lookup_hash(normal_id_number(said), purpose="person.id_number") for said in id_numbers}
    rows = people_of(actor).filter(id_number_hash__in=list(hashes.values())).values_list("id_number_hash", "pk")
    found = {bytes(digest): person for digest, person in rows if digest is not None}
    return {said: found[digest] for said, digest in hashes.items() if digest in found}


def kept_in_the_end(person_id: int) -> int:
    """The row in which a merged row ends, over however many merges."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH RECURSIVE way(id, next) AS (
                SELECT id, merged_into_id FROM people_person WHERE id = %s
                UNION SELECT p.id, p.merged_into_id FROM people_person p JOIN way ON p.id = way.next)
            SELECT id FROM way WHERE next IS NULL
            """,
            [person_id],
        )
        row = cursor.fetchone()
    return int(row[0]) if row else person_id


def open_person(actor: Actor, person_id: int, *, now: datetime) -> Person | None:
    """One person whom somebody looks at, merged rows included; who looked is recorded in the same transaction."""
    person = person_in_scope(actor, person_id)
    if person is not None:
        record("people.person_opened", f"people.person:{person.pk}", by=actor, at=now, area=person.area)
    return person


def reveal_identity(actor: Actor, person_id: int, *, purpose: str, now: datetime) -> dict[str, str] | None:
    """Identity number and phone in clear; who looked, at whom and why is recorded in the same transaction.

    Raises: Refused (`right_missing`).
    """
    actor.require(Right.SEE_IDENTITY)
    person = person_in_scope(actor, person_id)
    if person is None:
        return None
    record(
        "people.identity_read",
        f"people.person:{person.pk}",
        by=actor,
        at=now,
        area=person.area,
        payload={"purpose": purpose, "fields": ["id_number", "phone"]},
    )
    return {
        "id_number": _open(person.id_number_sealed, "person.id_number"),
        "phone": _open(person.phone_sealed, "person.phone"),
    }


def reveal_phones(actor: Actor, person_ids: Iterable[int], *, purpose: str, now: datetime) -> dict[int, str]:
    """The phones of people in clear, as far as they are known; each reading is recorded in the same transaction.

    Raises: Refused (`right_missing`).
    """
    actor.require(Right.SEE_IDENTITY)
    people = list(people_of(actor).filter(pk__in=set(person_ids), phone_sealed__isnull=False).order_by("pk"))
    said = {"purpose": purpose, "fields": ["phone"]}
    drafts = [Draft("people.identity_read", f"people.person:{person.pk}", person.area, said) for person in people]
    record_many(drafts, by=actor, at=now)
    return {person.pk: _open(person.phone_sealed, "person.phone") for person in people}


def _open(sealed: bytes | memoryview | None, purpose: str) -> str:
    return decrypt(sealed, purpose=purpose).decode() if sealed is not None else ""


def waiting_matches(actor: Actor) -> QuerySet[Match]:
    """Pairs that may be one human, the most alike first; none of a row that was merged into another meanwhile."""
    actor.require(Right.REVIEW_MATCHES)
    return (
        Match.objects.filter(area__range=(actor.area.lo, actor.area.hi), decided_at=None)
        .filter(first__merged_into=None, second__merged_into=None)
        .select_related("first", "second")
        .order_by("-score", "id")
    )


def merges_of(actor: Actor, person_id: int) -> QuerySet[Merge]:
    """The merges a person took part in, the latest first."""
    actor.require(Right.SEE_PEOPLE)
    return Merge.objects.filter(
        Q(kept=person_id) | Q(gone=person_id), area__range=(actor.area.lo, actor.area.hi)
    ).order_by("-merged_at")


def facts_of_row(person: Person) -> PersonFacts:
    """What a row is compared by."""
    return PersonFacts(
        name=person.name,
        sex=person.sex,
        born_on=person.born_on,
        age_months=person.age_months,
        age_on=person.age_on,
        area=person.area,
        id_number_hash=bytes(person.id_number_hash) if person.id_number_hash is not None else None,
        phone_hash=bytes(person.phone_hash) if person.phone_hash is not None else None,
    )


def age_on(person: Person, day: date) -> int | None:
    """Age in months on a day; None when not known. An age that was stated grows with the time since."""
    if person.born_on:
        return _months_between(person.born_on, day)
    if person.age_months is None or person.age_on is None:
        return person.age_months
    return max(person.age_months + _months_between(person.age_on, day), 0)


def _months_between(first: date, last: date) -> int:
    """Whole months."""
    return (last.year - first.year) * 12 + last.month - first.month - (last.day < first.day)


def matches_of(actor: Actor, person_id: int) -> list[Match]:
    """The pairs waiting for review in which a person appears."""
    return list(waiting_matches(actor).filter(Q(first=person_id) | Q(second=person_id))[:10])
