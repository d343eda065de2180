"""Commands that make two rows one human, take that back, or settle that they are two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.models import QuerySet

from dayclear.foundation.actors import Actor
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.events import record
from dayclear.foundation.filters import existing
from dayclear.foundation.rules import Right
from dayclear.foundation.scope import beyond_scope
from dayclear.people.models import Match, Merge, Person
from dayclear.people.queries import facts_of_row
from dayclear.people.rules import likeness


@dataclass(frozen=True, slots=True)
class Following:
    """Where a person's rows lie. Of several rows that agree in `once_per`, a person has one.

    `key` is the column by which a row of the person is found again when the merge is taken back.
    """

    table: str
    column: str
    once_per: tuple[str, ...] = ()
    key: str = "id"


_linked: dict[str, Following] = {}


def follow_person(table: str, column: str = "person_id", *, once_per: Sequence[str] = (), key: str = "id") -> None:
    """Declare that rows of `table` belong to a person and follow a merge. Called from a package's AppConfig.ready."""
    _linked[table] = Following(table, column, tuple(once_per), key)


def rows_that_follow(person_id: int) -> dict[str, int]:
    """How many rows of each table that the actor may read would follow the person in a merge; tables without any are
    absent. Rows of other places follow too, and are not counted: what lies there is not shown here."""
    counts = {}
    with connection.cursor() as cursor:
        for each in _linked.values():
            cursor.execute(f"SELECT count(*) FROM {each.table} WHERE {each.column} = %s", [person_id])  # noqa: S608 - names from code
            counts[each.table] = cursor.fetchone()[0]
    return {table: count for table, count in counts.items() if count}


def merge_people(kept_id: int, gone_id: int, *, by: Actor, now: datetime) -> Merge:
    """Make two rows one human: every linked row follows to `kept`, and can be brought back.

    A row that `kept` has already in its own right (both were contacts of one case) stays where it is.
    Raises: Refused (`same_row`, `not_found`, `already_merged`, `other_id_number`).
    """
    by.require(Right.REVIEW_MATCHES)
    with transaction.atomic():
        kept, gone = _lock_pair(kept_id, gone_id)
        if likeness(facts_of_row(kept), facts_of_row(gone)).reasons == ("other_id_number",):
            raise Refused(refuse("other_id_number"))
        with beyond_scope():
            moved = {table: _move(following, gone.pk, kept.pk) for table, following in _linked.items()}
        Person.objects.filter(pk=gone.pk).update(merged_into=kept)
        _match_of(kept_id, gone_id).update(decided_at=now, same=True)
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

    Where the kept person was merged in turn, that later merge is taken back first: only so does every row find its way.
    Raises: Refused (`not_found`, `already_undone`, `merged_further`, `number_borne_by_other`).
    """
    by.require(Right.REVIEW_MATCHES)
    with transaction.atomic():
        merge = existing(Merge.objects.select_for_update().filter(pk=merge_id))
        if merge.undone_at is not None:
            raise Refused(refuse("already_undone"))
        people = _lock_people(merge.kept_id, merge.gone_id)
        kept, gone = people[merge.kept_id], people[merge.gone_id]
        if kept.merged_into_id is not None:
            raise Refused(refuse("merged_further", kept=kept.pk, into=kept.merged_into_id))
        if _number_is_borne_by_another(gone):
            raise Refused(refuse("number_borne_by_other"))
        with beyond_scope():
            returned = {
                table: _return(_linked[table], ids, kept=kept.pk, gone=gone.pk) for table, ids in merge.moved.items()
            }
        # Rows that have been removed, or were given to somebody else, since.
        stayed = {table: len(ids) - returned[table] for table, ids in merge.moved.items() if len(ids) > returned[table]}
        Person.objects.filter(pk=gone.pk).update(merged_into=None)
        Merge.objects.filter(pk=merge.pk).update(undone_at=now)
        merge.undone_at = now
        # Somebody will look at the two again.
        _match_of(kept.pk, gone.pk).update(decided_at=None, same=None)
        for person in (kept, gone):
            record(
                "people.merge_undone",
                f"people.person:{person.pk}",
                by=by,
                at=now,
                area=person.area,
                payload={"merge": merge.pk, "kept": kept.pk, "gone": gone.pk, "stayed": stayed},
            )
    return merge


def keep_apart(match_id: int, *, by: Actor, now: datetime) -> None:
    """Settle that a proposed pair is two humans. Raises: Refused (`not_found`)."""
    by.require(Right.REVIEW_MATCHES)
    with transaction.atomic():
        match = existing(Match.objects.select_for_update().filter(pk=match_id, decided_at=None))
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
    rows = _lock_people(kept_id, gone_id)
    if any(row.merged_into_id for row in rows.values()):
        raise Refused(refuse("already_merged"))
    return rows[kept_id], rows[gone_id]


def _lock_people(*ids: int) -> dict[int, Person]:
    """Both people, held until commit, in one order. Raises: Refused (`not_found`)."""
    rows = {row.pk: row for row in Person.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")}
    if len(rows) != len(ids):
        raise Refused(refuse("not_found"))
    return rows


def _match_of(one: int, other: int) -> QuerySet[Match]:
    return Match.objects.filter(first_id=min(one, other), second_id=max(one, other))


def _number_is_borne_by_another(gone: Person) -> bool:
    if gone.id_number_hash is None:
        return False
    others = Person.objects.filter(id_number_hash=gone.id_number_hash, county=gone.county, merged_into=None)
    return others.exclude(pk=gone.pk).exists()


def _move(following: Following, gone: int, kept: int) -> list[int]:
    table, column = following.table, following.column
    had = ""
    if following.once_per:
        same = " AND ".join(f"o.{name} = t.{name}" for name in following.once_per)
        had = f"AND NOT EXISTS (SELECT FROM {table} o WHERE o.{column} = %(kept)s AND {same})"
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} t SET {column} = %(kept)s WHERE t.{column} = %(gone)s {had} RETURNING t.{following.key}",  # noqa: S608 - names from code
            {"kept": kept, "gone": gone},
        )
        return sorted(row[0] for row in cursor.fetchall())


def _return(following: Following, ids: list[int], *, kept: int, gone: int) -> int:
    """How many rows went back."""
    table, column, key = following.table, following.column, following.key
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET {column} = %s WHERE {key} = ANY(%s) AND {column} = %s",  # noqa: S608 - names from code
            [gone, ids, kept],
        )
        return int(cursor.rowcount)
