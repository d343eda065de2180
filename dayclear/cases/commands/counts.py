"""Keeping the counts true, in the transaction of every change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import connection

from dayclear.cases.models import Case
from dayclear.cases.rules import TALLIED, Counted, count_changes
from dayclear.foundation.database import copy_staging
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


Change = tuple[Counted | None, Counted | None]
_gathered: ContextVar[list[Change] | None] = ContextVar("gathered", default=None)


@contextmanager
def counts_at_the_end() -> Iterator[None]:
    """Add all changes of a block to the counts at once, at its end.

    For a transaction that changes cases in several steps: each step would end at the row of the whole installation and
    hold it while the next one waits for rows of a place, in a ring with whoever registers a case there.
    """
    if _gathered.get() is not None:
        yield
        return
    gathered: list[Change] = []
    token = _gathered.set(gathered)
    try:
        yield
    finally:
        _gathered.reset(token)
    apply_changes(gathered)


def apply_changes(changes: Iterable[Change]) -> None:
    """Add a batch of changes (before, after) to the counts; inside `counts_at_the_end`, at its end.

    Rows are locked in one order, so that two batches never wait for each other in a ring; the whole-installation row
    is the last, so that it is held for the shortest time.
    """
    gathered = _gathered.get()
    if gathered is not None:
        gathered.extend(changes)
        return
    differences = count_changes(changes)
    if not differences:
        return
    ordered = sorted(differences, key=lambda key: (-key[0], key[1], key[2], str(key[3])))
    names = ", ".join((*_KEYS, *TALLIED))
    sums = ", ".join(f"{name} = c.{name} + d.{name}" for name in TALLIED)
    zeros = ", ".join("0" for _ in TALLIED)
    rows = ((position, *key, *differences[key]) for position, key in enumerate(ordered))
    # A county's case counts for its province and the whole too, rows that the county itself may not read.
    with beyond_scope(), connection.cursor() as cursor:
        # The number of the row stands in `id`: it keeps the order in which rows are locked.
        staging = copy_staging("cases_count", ("id", *_KEYS, *TALLIED), rows)
        # Differences may be negative, which the check on inserted rows refuses: the row to change is made first.
        cursor.execute(
            f"""
            INSERT INTO cases_count ({names})
            SELECT {", ".join(_KEYS)}, {zeros} FROM {staging} ORDER BY id
            ON CONFLICT (area, level, disease, day) DO NOTHING
            """  # noqa: S608 - names from code
        )
        # An UPDATE locks rows as its join happens to find them, and ON CONFLICT DO NOTHING locks none.
        cursor.execute(
            f"""
            SELECT FROM cases_count c JOIN {staging} d
                ON c.area = d.area AND c.level = d.level AND c.disease = d.disease AND c.day IS NOT DISTINCT FROM d.day
            ORDER BY d.id FOR NO KEY UPDATE OF c
            """  # noqa: S608 - names from code
        )
        cursor.execute(
            f"""
            UPDATE cases_count c SET {sums} FROM {staging} d
            WHERE c.area = d.area AND c.level = d.level AND c.disease = d.disease AND c.day IS NOT DISTINCT FROM d.day
            """  # noqa: S608 - names from code
        )
        cursor.execute(f"DROP TABLE {staging}")
