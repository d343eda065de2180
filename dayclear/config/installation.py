"""Bringing an installation's database to the state of this code."""

from __future__ import annotations

import psycopg
from django.core.management import call_command
from django.db import connections

from dayclear.foundation.postgres import Database, grant_privileges

# The trail: the application adds and reads, and can do no more.
APPEND_ONLY = ("foundation_event", "foundation_seal")


def migrate(database: Database, *, verbosity: int = 0) -> None:
    """Run the migrations as the owner, then give the application its rights on what they made."""
    call_command("migrate", database="owner", verbosity=verbosity, interactive=False)
    call_command("createcachetable", database="owner", verbosity=verbosity)
    connections["owner"].close()
    with psycopg.connect(database.owner.conninfo(connections["default"].settings_dict["NAME"])) as connection:
        grant_privileges(connection, append_only=APPEND_ONLY)
