"""The tests' own installation: a real PostgreSQL in a temporary folder, or a fresh database on the one that
`DAYCLEAR_DATABASE_URL` names. Set up before Django reads its settings."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
import pytest_django
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

HOME = Path(tempfile.mkdtemp(prefix="dayclear-test-"))
atexit.register(shutil.rmtree, HOME, ignore_errors=True)
os.environ["DAYCLEAR_HOME"] = str(HOME)
os.environ["DJANGO_SETTINGS_MODULE"] = "dayclear.config.settings"

_EXTERNAL = os.environ.get("DAYCLEAR_DATABASE_URL")
_TEST_DATABASE = f"dayclear_test_{os.getpid()}"
if _EXTERNAL:
    # Never the database that was named: a new one beside it.
    os.environ["DAYCLEAR_DATABASE_URL"] = make_conninfo(**{**conninfo_to_dict(_EXTERNAL), "dbname": _TEST_DATABASE})


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: pytest_django.DjangoDbBlocker) -> Iterator[None]:
    """A migrated database, seen by the tests as the application role."""
    from django.db import connections

    from dayclear.config.installation import migrate
    from dayclear.foundation.postgres import running

    if _EXTERNAL:
        _external("CREATE DATABASE {}")
    with running() as server, django_db_blocker.unblock():
        migrate(server.database)
        yield
        for connection in connections.all():
            connection.close()
            if connection.alias == "default":
                connection.close_pool()
    if _EXTERNAL:
        _external("DROP DATABASE {} WITH (FORCE)")


def _external(statement: str) -> None:
    with psycopg.connect(str(_EXTERNAL), autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(sql.Identifier(_TEST_DATABASE)))


@pytest.fixture
def now() -> datetime:
    """The instant of every test: noon in Beijing on 29 December 2021."""
    return datetime(2021, 12, 29, 4, 0, tzinfo=UTC)
