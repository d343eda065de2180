"""The second wall: the database itself filters by place.

Every scoped table carries `area` and a row-level policy that compares it with two settings of the transaction.
`acting` sets them; outside it they are unset and every scoped read or write fails.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import connection, transaction
from django.db.migrations.operations.base import Operation
from django.db.migrations.operations.special import RunSQL

from dayclear.foundation.actors import Actor

WIDE_ROLE = "dayclear_wide"

_ENTER = """
SELECT current_setting('dayclear.area_lo', true), current_setting('dayclear.area_hi', true), current_setting('role'),
       set_config('dayclear.area_lo', %s, true), set_config('dayclear.area_hi', %s, true), set_config('role', %s, true)
"""
_LEAVE = """
SELECT set_config('dayclear.area_lo', %s, true), set_config('dayclear.area_hi', %s, true), set_config('role', %s, true)
"""

_WIDEN = "SELECT current_setting('role'), set_config('role', %s, true)"


@contextmanager
def acting(actor: Actor) -> Iterator[None]:
    """Run a block as `actor`, in one transaction, seeing only the actor's places.

    Only an actor for everywhere takes the wide role: its policies are `USING (true)`, three to four times cheaper for
    whole-table reads than a range the planner cannot estimate.
    """
    role = WIDE_ROLE if actor.everywhere else "none"
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_ENTER, [str(actor.area.lo), str(actor.area.hi), role])
            lo, hi, before, *_ = cursor.fetchone()
        yield
        if not outermost:
            # The end of the outermost transaction forgets the settings by itself.
            with connection.cursor() as cursor:
                cursor.execute(_LEAVE, [lo or "", hi or "", before])


@contextmanager
def beyond_scope() -> Iterator[None]:
    """Bookkeeping that reaches past the actor's places: the counts of the places above, rows that follow a merge.

    Only for commands, and never for anything that is shown to the actor.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_WIDEN, [WIDE_ROLE])
            before, _ = cursor.fetchone()
        yield
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('role', %s, true)", [before])


def scoped_table(table: str, column: str = "area") -> Sequence[Operation]:
    """Migration operations that put a table behind row-level security on its place column.

    The form of the policy is the measured cheap one, and the only one that Citus accepts (architecture §4): two plain
    settings compared with an indexed column. An unset setting raises: it fails closed.
    """
    inside = (
        f"{column} BETWEEN current_setting('dayclear.area_lo')::bigint AND current_setting('dayclear.area_hi')::bigint"
    )
    return [
        RunSQL(
            f"""
            ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
            ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
            CREATE POLICY {table}_area ON {table} TO dayclear_app USING ({inside}) WITH CHECK ({inside});
            CREATE POLICY {table}_wide ON {table} TO {WIDE_ROLE} USING (true) WITH CHECK (true);
            """,
            f"""
            DROP POLICY {table}_wide ON {table};
            DROP POLICY {table}_area ON {table};
            ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY;
            ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;
            """,
        )
    ]
