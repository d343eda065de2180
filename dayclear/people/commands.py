"""Registering and amending people. Merging them: `merging.py`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django.db import connection
from pypinyin import lazy_pinyin

from dayclear.foundation.actors import Actor
from dayclear.foundation.areas import county_of
from dayclear.foundation.clock import local_day
from dayclear.foundation.database import copy_rows, next_ids
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.encryption import encrypt, lookup_hash
from dayclear.foundation.events import Draft, record, record_many
from dayclear.foundation.filters import existing
from dayclear.foundation.identifiers import is_misspelt_id_number, normal_id_number, normal_phone
from dayclear.foundation.retention import RetentionClass, retain_until
from dayclear.foundation.rules import Right
from dayclear.people.models import Match, Person
from dayclear.people.queries import facts_of_row, kept_in_the_end
from dayclear.people.rules import REVIEW_FROM, is_masked_name, likeness

ID_NUMBER, PHONE = "person.id_number", "person.phone"
REGISTERED = "people.people_registered"
_NAMESAKES_AT_MOST = 20

# What a row says of somebody, wherever they are.
DESCRIPTION = (
    "home",
    "residence",
    "name",
    "name_pinyin",
    "sex",
    "born_on",
    "age_months",
    "age_on",
    "id_number_sealed",
    "id_number_hash",
    "phone_sealed",
    "phone_hash",
    "retention_class",
    "retain_until",
)
_COLUMNS = ("id", "area", *DESCRIPTION)


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """A person as a source describes them. Empty text and None mean: not said."""

    area: int
    name: str = ""
    sex: str = "unknown"
    born_on: date | None = None
    age_months: int | None = None
    age_on: date | None = None
    home: int | None = None
    residence: str = ""
    id_number: str = ""
    phone: str = ""

    def beside(self, person: Person) -> PersonRecord:
        """Only what this says that is not yet known of the person."""
        silent: dict[str, Any] = {
            "home": None,
            "residence": "",
            "name": "",
            "sex": "unknown",
            "born_on": None,
            "age_months": None,
        }
        known: dict[str, Any] = {
            name: value for name, value in silent.items() if getattr(person, name) not in (None, "", "unknown")
        }
        return replace(
            self,
            **known,
            id_number="" if person.id_number_hash is not None else self.id_number,
            phone="" if person.phone_hash is not None else self.phone,
        )


def id_number_hash(number: str) -> bytes:
    """The keyed hash by which an identity number is found."""
    return lookup_hash(normal_id_number(number), purpose=ID_NUMBER)


def phone_hash(phone: str) -> bytes:
    """The keyed hash by which a phone is found."""
    return lookup_hash(normal_phone(phone), purpose=PHONE)


def register_people(
    records: Sequence[PersonRecord], *, by: Actor, now: datetime, batch: str, kept: RetentionClass = RetentionClass.CASE
) -> list[int]:
    """Register a batch; a record whose identity number the county already knows is that person, not a new one.

    What a record says of somebody known and was not known yet is taken over. Whoever resembles a namesake enough is put
    before a reviewer; nobody is merged here.
    Shape: ids in the order of the records. `batch` is the event subject of the whole.
    Raises: Refused (`right_missing`, `id_number_wrong`, `registered_meanwhile`).
    """
    by.require(Right.WRITE_CASES)
    if any(is_misspelt_id_number(normal_id_number(each.id_number)) for each in records if each.id_number):
        raise Refused(refuse("id_number_wrong"))
    hashes = [id_number_hash(record.id_number) if record.id_number else None for record in records]
    known = _known_by_id_number([found for found in hashes if found is not None])
    _describe_better(
        {known[found]: each for found, each in zip(hashes, records, strict=True) if found in known}, by, now
    )
    ids: list[int | None] = [known.get(found) if found else None for found in hashes]
    fresh: dict[bytes | int, int] = {}
    for position, found in enumerate(hashes):
        if ids[position] is None:
            fresh.setdefault(found or position, position)
    new_ids = dict(zip(fresh, next_ids("people_person_id_seq", len(fresh)), strict=True))
    rows = [
        _row(new_ids[key], records[position], hashes[position], until=retain_until(kept, local_day(now)), kept=kept)
        for key, position in fresh.items()
    ]
    written = copy_rows("people_person", _COLUMNS, rows, conflict="ON CONFLICT DO NOTHING")
    if written != len(rows):
        # Somebody else registered one of them a moment ago: start over with what is now known.
        raise Refused(refuse("registered_meanwhile"))
    result = [known_id or new_ids[hashes[i] or i] for i, known_id in enumerate(ids)]
    if rows:
        _tell_of(rows, len(records) - len(rows), batch, by, now)
        _propose_matches([row[0] for row in rows if not is_masked_name(row[4])], now=now)
    return result


def _tell_of(rows: Sequence[tuple[Any, ...]], known: int, batch: str, by: Actor, now: datetime) -> None:
    """One event for each county, so that whoever reads a county's trail reads of its people; of one person, theirs."""
    if len(rows) == 1:
        person, area = rows[0][0], rows[0][1]
        told = [Draft(REGISTERED, f"people.person:{person}", area, {"persons": [person], "known": known})]
    else:
        counties: dict[int, list[int]] = defaultdict(list)
        for person, area, *_ in rows:
            counties[max(county_of(area), by.area.lo)].append(person)
        told = [
            Draft(REGISTERED, batch, county, {"persons": people, "known": known}) for county, people in counties.items()
        ]
    record_many(told, by=by, at=now)


def _describe_better(known: Mapping[int, PersonRecord], by: Actor, now: datetime) -> None:
    """Take over what a description says of people who are known, and was not known of them."""
    for person in Person.objects.filter(pk__in=known).order_by("pk"):
        more = known[person.pk].beside(person)
        if says_something_new(person, more):
            amend_person(person.pk, more, by=by, now=now)


def _known_by_id_number(hashes: Sequence[bytes]) -> dict[bytes, int]:
    """The people who bear these numbers; whoever was merged is the person who was kept."""
    if not hashes:
        return {}
    rows = Person.objects.filter(id_number_hash__in=hashes).values_list("id_number_hash", "id", "merged_into_id")
    known: dict[bytes, int] = {}
    for found, person, merged_into in rows.order_by("-merged_into_id", "id"):
        known.setdefault(bytes(found or b""), kept_in_the_end(merged_into) if merged_into else person)
    return known


def _row(
    person_id: int, record: PersonRecord, found: bytes | None, *, until: date, kept: RetentionClass
) -> tuple[Any, ...]:
    return (
        person_id,
        record.area,
        record.home,
        record.residence[:400],
        record.name[:120],
        _pinyin(record.name),
        record.sex,
        record.born_on,
        record.age_months,
        record.age_on,
        _sealed(record.id_number, ID_NUMBER) if found else None,
        found,
        _sealed(record.phone, PHONE) if record.phone else None,
        phone_hash(record.phone) if record.phone else None,
        kept.value,
        until,
    )


@lru_cache(maxsize=4_096)
def _pinyin(name: str) -> str:
    """The name in Latin letters, without tones or spaces, as it is searched."""
    return "".join(lazy_pinyin(name)).lower().replace(" ", "")[:300]


def _propose_matches(new_ids: Sequence[int], *, now: datetime) -> int:
    """Put new rows beside their namesakes and queue the pairs that are alike enough for a reviewer."""
    if not new_ids:
        return 0
    with connection.cursor() as cursor:
        # Only pairs that the rule can score high enough: two identity numbers settle it without a reviewer, and a name
        # needs a birthday, an age or a phone beside it. `name <> ''` lets the partial index of names serve; the odd
        # spelling of "not merged" keeps the planner, where it has no statistics yet, from reading all of the partial
        # index of identity numbers once for each row.
        cursor.execute(
            """
            SELECT n.id, o.id FROM people_person n
            CROSS JOIN LATERAL (
                SELECT o.id FROM people_person o
                WHERE o.name = n.name AND o.name <> '' AND o.id < n.id AND coalesce(o.merged_into_id, 0) = 0
                  AND (n.sex = 'unknown' OR o.sex IN (n.sex, 'unknown'))
                  AND (n.id_number_hash IS NULL OR o.id_number_hash IS NULL)
                  AND (o.born_on = n.born_on OR o.phone_hash = n.phone_hash
                       OR abs(o.age_months - n.age_months) <= 24)
                ORDER BY o.id DESC LIMIT %(most)s) o
            WHERE n.id = ANY(%(new)s)
            """,
            {"new": list(new_ids), "most": _NAMESAKES_AT_MOST},
        )
        pairs = cursor.fetchall()
    rows = {person.pk: person for person in Person.objects.filter(pk__in={pk for pair in pairs for pk in pair})}
    found = []
    for first, second in {(min(pair), max(pair)) for pair in pairs}:
        alike = likeness(facts_of_row(rows[first]), facts_of_row(rows[second]))
        if alike.score >= REVIEW_FROM:
            area = min(rows[first].area, rows[second].area)
            found.append(
                Match(
                    area=area,
                    first_id=first,
                    second_id=second,
                    score=alike.score,
                    reasons=list(alike.reasons),
                    found_at=now,
                )
            )
    Match.objects.bulk_create(found, ignore_conflicts=True)
    return len(found)


# ---------------------------------------------------------------------------------------------- amending

_AMENDABLE = ("home", "residence", "name", "sex", "born_on", "age_months", "age_on")
# Changes of these are recorded as changed, never with their values.
_PERSONAL = frozenset({"name", "residence", "born_on", "id_number", "phone"})
# What stands for an identity number and a phone in the row; the event names them once.
_STORED_AS = {"id_number_hash": "id_number", "phone_hash": "phone"}
_NOT_TOLD = ("name_pinyin", "id_number_sealed", "phone_sealed")


def amend_person(person_id: int, record_now: PersonRecord, *, by: Actor, now: datetime) -> tuple[str, ...]:
    """Take over what a newer description of the same person says; what it does not say stays.

    An identity number is taken over where none was known; a different one is somebody else's, or a correction that
    somebody has to look at. Returns the names of the fields that changed.
    Raises: Refused (`not_found`, `id_number_wrong`, `number_borne`).
    """
    by.require(Right.WRITE_CASES)
    person = existing(Person.objects.select_for_update(no_key=True).filter(pk=person_id))
    changes = _news(person, record_now)
    if not changes:
        return ()
    if "id_number_hash" in changes:
        _require_own_number(person, record_now, changes["id_number_hash"])
    if "name" in changes:
        changes["name_pinyin"] = _pinyin(str(changes["name"]))
    Person.objects.filter(pk=person_id).update(**changes)
    told = tuple(_STORED_AS.get(field, field) for field in changes if field not in _NOT_TOLD)
    record(
        "people.person_amended",
        f"people.person:{person_id}",
        by=by,
        at=now,
        area=person.area,
        payload={
            field: "changed" if field in _PERSONAL else [_plain(getattr(person, field)), _plain(changes[field])]
            for field in told
        },
    )
    return told


def _require_own_number(person: Person, said: PersonRecord, found: bytes) -> None:
    """Raises: Refused (`id_number_wrong`, `number_borne`)."""
    if is_misspelt_id_number(normal_id_number(said.id_number)):
        raise Refused(refuse("id_number_wrong"))
    others = Person.objects.filter(id_number_hash=found, county=person.county, merged_into=None).exclude(pk=person.pk)
    other = others.values_list("pk", flat=True).first()
    if other is not None:
        raise Refused(refuse("number_borne", person=other))


def says_something_new(person: Person, record_now: PersonRecord) -> bool:
    """Whether a newer description would change anything."""
    return bool(_news(person, record_now))


def _news(person: Person, record_now: PersonRecord) -> dict[str, Any]:
    said = {field: getattr(record_now, field) for field in _AMENDABLE}
    news = {
        field: value
        for field, value in said.items()
        if value not in (None, "", "unknown") and value != getattr(person, field)
    }
    if "name" in news and is_masked_name(record_now.name) and person.name:
        del news["name"]
    if "age_months" not in news:
        news.pop("age_on", None)
    if record_now.id_number and person.id_number_hash is None:
        news["id_number_hash"] = id_number_hash(record_now.id_number)
        news["id_number_sealed"] = _sealed(record_now.id_number, ID_NUMBER)
    if record_now.phone and phone_hash(record_now.phone) != _bytes(person.phone_hash):
        news["phone_hash"] = phone_hash(record_now.phone)
        news["phone_sealed"] = _sealed(record_now.phone, PHONE)
    return news


def _sealed(said: str, purpose: str) -> bytes:
    normal = normal_id_number(said) if purpose == ID_NUMBER else normal_phone(said)
    return encrypt(normal.encode(), purpose=purpose)


def _bytes(stored: bytes | memoryview | None) -> bytes | None:
    return bytes(stored) if stored is not None else None


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value
