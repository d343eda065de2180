"""The bulk road into PostgreSQL: COPY into a temporary table, then one INSERT … SELECT.

`COPY FROM` straight into a table is refused under row-level security; the temporary table is also what makes a batch
idempotent (`ON CONFLICT DO NOTHING`) and countable.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import psycopg
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import CharField, Lookup
from django.db.models.sql.compiler import SQLCompiler

if TYPE_CHECKING:
    _TextLookup = Lookup[str]
else:
    _TextLookup = Lookup


@CharField.register_lookup
class Begins(_TextLookup):
    """`name__begins="张"`: the text begins so.

    Unlike LIKE (`startswith`) the operator is leak-proof: PostgreSQL may use the index before row-level security has
    filtered, and a search within a province does not read all its rows.
    """

    lookup_name = "begins"

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, tuple[str | int, ...]]:
        left, left_params = self.process_lhs(compiler, connection)
        right, right_params = self.process_rhs(compiler, connection)
        return f"{left}::text ^@ {right}::text", (*left_params, *right_params)


def hold_key(key: str) -> None:
    """Hold a key until commit; whoever holds the same one is waited for. For what no single row stands for."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])


def run_prepared(statement: str, params: Mapping[str, Any]) -> tuple[Any, ...] | None:
    """Run a statement that hundreds of requests a second run alike, and fetch its first row.

    PostgreSQL reads and plans it once for a connection; the cursors of Django send values within the text, anew.
    """
    connection.ensure_connection()
    with psycopg.Cursor(connection.connection) as cursor:
        return cursor.execute(statement, params, prepare=True).fetchone()


def array(values: Iterable[object]) -> str:
    """Values without commas, quotes or braces as PostgreSQL writes an array: thousands are put together in one go."""
    return "{" + ",".join(map(str, values)) + "}"


def next_ids(sequence: str, count: int) -> list[int]:
    """Reserve `count` numbers of a sequence, in order."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(%s) FROM generate_series(1, %s)", [sequence, count])
        return [row[0] for row in cursor.fetchall()]


def copy_rows(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], *, conflict: str = "") -> int:
    """Insert many rows into `table`; `conflict` is an `ON CONFLICT …` clause.

    Shape: each row in the order of `columns`. Returns the number of rows that were written.
    """
    staging = copy_staging(table, columns, rows)
    names = ", ".join(columns)
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM {staging} {conflict}")  # noqa: S608 - names from code
        written: int = cursor.rowcount
        cursor.execute(f"DROP TABLE {staging}")
    return written


def copy_staging(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Copy rows into a fresh temporary table with the column types of `table`; returns its name."""
    staging = f"staging_{table}"
    names = ", ".join(columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMPORARY TABLE {staging} ON COMMIT DROP AS SELECT {names} FROM {table} WITH NO DATA"  # noqa: S608 - names from code
        )
        with cursor.copy(f"COPY {staging} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
    return staging
