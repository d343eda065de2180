"""Registering, amending, merging and un-merging people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from pypinyin import lazy_pinyin

from dayclear.foundation.actors import Actor
from dayclear.foundation.clock import local_day
from dayclear.foundation.database import copy_rows, next_ids
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.encryption import encrypt, lookup_hash
from dayclear.foundation.events import record
from dayclear.foundation.identifiers import normal_id_number, normal_phone
from dayclear.foundation.retention import RetentionClass, retain_until
from dayclear.foundation.rules import Right
from dayclear.people.models import Match, Merge, Person
from dayclear.people.queries import facts_of_row
from dayclear.people.rules import REVIEW_FROM, is_masked_name, likeness

ID_NUMBER, PHONE = "person.id_number", "person.phone"
_NAMESAKES_AT_MOST = 20

_COLUMNS = (
    "id",
    "area",
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

    Whoever resembles a namesake enough is put before a reviewer; nobody is merged here.
    Shape: ids in the order of the records. `batch` is the event subject of the whole.
    """
    by.require(Right.WRITE_CASES)
    hashes = [id_number_hash(record.id_number) if record.id_number else None for record in records]
    known = _known_by_id_number([found for found in hashes if found is not None])
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
        record(
            "people.people_registered",
            batch,
            by=by,
            at=now,
            area=by.area.lo,
            payload={"persons": [row[0] for row in rows], "known": len(records) - len(rows)},
        )
        _propose_matches([row[0] for row in rows if not is_masked_name(row[4])], now=now)
    return result


def _known_by_id_number(hashes: Sequence[bytes]) -> dict[bytes, int]:
    if not hashes:
        return {}
    rows = Person.objects.filter(id_number_hash__in=hashes, merged_into=None).values_list("id_number_hash", "id")
    return {bytes(found): person for found, person in rows.order_by("id") if found is not None}


def _row(
    person_id: int, record: PersonRecord, found: bytes | None, *, until: date, kept: RetentionClass
) -> tuple[Any, ...]:
    return (
        person_id,
        record.area,
        record.home,
        record.residence[:400],
        record.name[:120],
        "".join(lazy_pinyin(record.name)).lower()[:300] if record.name else "",
        record.sex,
        record.born_on,
        record.age_months,
        record.age_on,
        encrypt(normal_id_number(record.id_number).encode(), purpose=ID_NUMBER) if found else None,
        found,
        encrypt(normal_phone(record.phone).encode(), purpose=PHONE) if record.phone else None,
        phone_hash(record.phone) if record.phone else None,
        kept.value,
        until,
    )


def _propose_matches(new_ids: Sequence[int], *, now: datetime) -> int:
    """Put new rows beside their namesakes and queue the pairs that are alike enough for a reviewer."""
    if not new_ids:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT n.id, o.id FROM people_person n
            CROSS JOIN LATERAL (
                SELECT o.id FROM people_person o
                WHERE o.name = n.name AND (n.sex = 'unknown' OR o.sex IN (n.sex, 'unknown'))
                  AND o.id <> n.id AND o.merged_into_id IS NULL
                  AND (o.id < n.id OR o.id <> ALL(%(new)s))
                ORDER BY o.id DESC LIMIT %(most)s) o
            WHERE n.id = ANY(%(new)s) AND n.name <> ''
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


# ---------------------------------------------------------------------------------------------- merging

# (table, column): where a person's rows lie. Each package above names its own at start.
_linked: list[tuple[str, str]] = []


def follow_person(table: str, column: str = "person_id") -> None:
    """Declare that rows of `table` belong to a person and follow a merge. Called from a package's AppConfig.ready."""
    if (table, column) not in _linked:
        _linked.append((table, column))


def merge_people(kept_id: int, gone_id: int, *, by: Actor, now: datetime) -> Merge:
    """Make two rows one human: every linked row follows to `kept`, and can be brought back.

    Raises: Refused (`same_row`, `not_found`, `already_merged`, `other_id_number`).
    """
    by.require(Right.REVIEW_MATCHES)
    with transaction.atomic():
        kept, gone = _lock_pair(kept_id, gone_id)
        if likeness(facts_of_row(kept), facts_of_row(gone)).reasons == ("other_id_number",):
            raise Refused(refuse("other_id_number"))
        moved = {table: _move(table, column, gone.pk, kept.pk) for table, column in _linked}
        Person.objects.filter(pk=gone.pk).update(merged_into=kept)
        Match.objects.filter(first_id=min(kept_id, gone_id), second_id=max(kept_id, gone_id)).update(
            decided_at=now, same=True
        )
        merge = Merge.objects.create(area=kept.area, kept=kept, gone=gone, moved=moved, merged_at=now)
        for person in (kept, gone):
            record(
                "people.people_merged",
                f"people.person:{person.pk}",
                by=by,
                at=now,
                area=person.area,
                payload={"merge": merge.pk, "kept": kept.pk, "gone": gone.pk, "moved": moved},
            )
    return merge


def undo_merge(merge_id: int, *, by: Actor, now: datetime) -> Merge:
    """Take a merge back: the rows that followed return; rows added since stay with the person who was kept.

    Raises: Refused (`not_found`, `already_undone`).
    """
    by.require(Right.REVIEW_MATCHES)
    with transaction.atomic():
        merge = Merge.objects.select_for_update().filter(pk=merge_id).first()
        if merge is None:
            raise Refused(refuse("not_found"))
        if merge.undone_at is not None:
            raise Refused(refuse("already_undone"))
        columns = dict(_linked)
        for table, ids in merge.moved.items():
            _return(table, columns[table], ids, merge.gone_id)
        Person.objects.filter(pk=merge.gone_id).update(merged_into=None)
        Merge.objects.filter(pk=merge.pk).update(undone_at=now)
        merge.undone_at = now
        for person in (merge.kept, merge.gone):
            record(
                "people.merge_undone",
                f"people.person:{person.pk}",
                by=by,
                at=now,
                area=person.area,
                payload={"merge": merge.pk, "kept": merge.kept_id, "gone": merge.gone_id},
            )
    return merge


def keep_apart(match_id: int, *, by: Actor, now: datetime) -> None:
    """Settle that a proposed pair is two humans. Raises: Refused (`not_found`)."""
    by.require(Right.REVIEW_MATCHES)
    with transaction.atomic():
        match = Match.objects.select_for_update().filter(pk=match_id, decided_at=None).first()
        if match is None:
            raise Refused(refuse("not_found"))
        Match.objects.filter(pk=match.pk).update(decided_at=now, same=False)
        record(
            "people.match_refuted",
            f"people.person:{match.first_id}",
            by=by,
            at=now,
            area=match.area,
            payload={"match": match.pk, "other": match.second_id, "score": match.score},
        )


def _lock_pair(kept_id: int, gone_id: int) -> tuple[Person, Person]:
    if kept_id == gone_id:
        raise Refused(refuse("same_row"))
    rows = {row.pk: row for row in Person.objects.select_for_update().filter(pk__in=(kept_id, gone_id)).order_by("pk")}
    if len(rows) != 2:
        raise Refused(refuse("not_found"))
    if any(row.merged_into_id for row in rows.values()):
        raise Refused(refuse("already_merged"))
    return rows[kept_id], rows[gone_id]


def _move(table: str, column: str, gone: int, kept: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {column} = %s WHERE {column} = %s RETURNING id", [kept, gone])  # noqa: S608 - names from code
        return [row[0] for row in cursor.fetchall()]


def _return(table: str, column: str, ids: list[int], gone: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {column} = %s WHERE id = ANY(%s)", [gone, ids])  # noqa: S608 - names from code


# ---------------------------------------------------------------------------------------------- amending

_AMENDABLE = ("area", "home", "residence", "name", "sex", "born_on", "age_months", "age_on")
# Changes of these are recorded as changed, never with their values.
_PERSONAL = frozenset({"name", "residence", "born_on"})


def amend_person(person_id: int, record_now: PersonRecord, *, by: Actor, now: datetime) -> tuple[str, ...]:
    """Take over what a newer description of the same person says; what it does not say stays.

    Returns the names of the fields that changed. Raises: Refused (`not_found`).
    """
    by.require(Right.WRITE_CASES)
    person = Person.objects.select_for_update().filter(pk=person_id).first()
    if person is None:
        raise Refused(refuse("not_found"))
    said = {field: getattr(record_now, field) for field in _AMENDABLE}
    changes = {
        field: value
        for field, value in said.items()
        if value not in (None, "", "unknown") and value != getattr(person, field)
    }
    if "age_months" not in changes:
        changes.pop("age_on", None)
    if not changes:
        return ()
    if "name" in changes:
        changes["name_pinyin"] = "".join(lazy_pinyin(str(changes["name"]))).lower()[:300]
    Person.objects.filter(pk=person_id).update(**changes)
    record(
        "people.person_amended",
        f"people.person:{person_id}",
        by=by,
        at=now,
        area=person.area,
        payload={
            field: "changed" if field in _PERSONAL else [_plain(getattr(person, field)), _plain(changes[field])]
            for field in changes
            if field != "name_pinyin"
        },
    )
    return tuple(changes)


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value
