"""Keeping the counts true, in the transaction of every change."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

from dayclear.cases.models import Case
from dayclear.cases.rules import TALLIED, Counted, count_changes
from dayclear.foundation.scope import beyond_scope

_KEYS = ("level", "area", "disease", "day")


def counted(case: Case) -> Counted:
    """All of a case that the counts depend on."""
    return Counted(
        area=case.area,
        disease=case.disease,
        day=case.counted_on,
        classification=case.classification,
        under_order=case.under_order,
        source_known=case.source_known,
        has_sex=case.sex_known,
        has_age=case.age_known,
        has_onset=case.onset_on is not None,
        has_sampling=case.sampled_on is not None or case.positive_on is not None,
        has_home=case.home_known,
        died=case.outcome == "died",
    )


def apply_changes(changes: Iterable[tuple[Counted | None, Counted | None]]) -> None:
    """Add a batch of changes (before, after) to the counts.

    Rows are locked in one order, so that two batches never wait for each other in a ring; the whole-installation row
    is the last, so that it is held for the shortest time.
    """
    differences = count_changes(changes)
    if not differences:
        return
    ordered = sorted(differences, key=lambda key: (-key[0], key[1], key[2], str(key[3])))
    columns: list[list[object]] = [[key[part] for key in ordered] for part in range(len(_KEYS))]
    columns += [[differences[key][position] for key in ordered] for position in range(len(TALLIED))]
    types = ["smallint", "bigint", "text", "date", *["int"] * len(TALLIED)]
    names = ", ".join((*_KEYS, *TALLIED))
    arrays = ", ".join(f"%s::{kind}[]" for kind in types)
    sums = ", ".join(f"{name} = c.{name} + excluded.{name}" for name in TALLIED)
    # Differences may be negative, which the check on inserted rows refuses: the row to change is made first.
    zeros = ", ".join("0" for _ in TALLIED)
    # A county's case counts for its province and the whole too, rows that the county itself may not read.
    with beyond_scope(), connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO cases_count ({names})
            SELECT level, area, disease, day, {zeros}
            FROM unnest({arrays}) WITH ORDINALITY AS d({names}, position) ORDER BY position
            ON CONFLICT (area, level, disease, day) DO NOTHING
            """,  # noqa: S608 - names from code
            columns,
        )
        cursor.execute(
            f"""
            UPDATE cases_count c SET {sums.replace("excluded.", "d.")}
            FROM unnest({arrays}) AS d({names})
            WHERE c.area = d.area AND c.level = d.level AND c.disease = d.disease AND c.day IS NOT DISTINCT FROM d.day
            """,  # noqa: S608 - names from code
            columns,
        )
