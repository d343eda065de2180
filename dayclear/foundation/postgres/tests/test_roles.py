"""What each role may do, and what an external server must offer."""

from __future__ import annotations

import contextlib
import dataclasses
import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import errors, sql

from dayclear.foundation.postgres import Database, PostgresError, grant_privileges, resolve_database, running
from dayclear.foundation.postgres import roles as roles_module
from dayclear.foundation.postgres.database import APP_URL_VARIABLE, URL_VARIABLE
from dayclear.foundation.postgres.errors import KeysError, RolesError, ServerError
from dayclear.foundation.postgres.keys import load_or_create_keys
from dayclear.foundation.postgres.roles import ensure_external_database, role_faults
from dayclear.foundation.postgres.tests.conftest import Elsewhere

SCHEMA = """
CREATE TABLE household (area bigint NOT NULL, name text NOT NULL);
INSERT INTO household SELECT area, 'Household ' || area FROM generate_series(1, 100) area;
ALTER TABLE household ENABLE ROW LEVEL SECURITY;
ALTER TABLE household FORCE ROW LEVEL SECURITY;
CREATE POLICY in_area ON household TO dayclear_app USING (
    area BETWEEN current_setting('dayclear.area_lo', true)::bigint
             AND current_setting('dayclear.area_hi', true)::bigint);
CREATE POLICY everywhere ON household TO dayclear_wide USING (true);
CREATE TABLE event (number bigint GENERATED ALWAYS AS IDENTITY, at date NOT NULL DEFAULT '2022-08-14')
    PARTITION BY RANGE (at);
CREATE TABLE event_2022 PARTITION OF event FOR VALUES FROM ('2022-01-01') TO ('2023-01-01');
"""


def put_schema(database: Database) -> None:
    with psycopg.connect(database.owner.conninfo()) as connection:
        for statement in SCHEMA.strip().removesuffix(";").split(";\n"):
            connection.execute(statement.encode())
        grant_privileges(connection, append_only=["event"])


@pytest.fixture(scope="module")
def database(embedded: Database) -> Database:
    put_schema(embedded)
    return embedded


@pytest.fixture
def app(database: Database) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    with contextlib.closing(psycopg.connect(database.app.conninfo())) as connection:
        yield connection  # closed without a commit: nothing stays


App = psycopg.Connection[tuple[object, ...]]


def households(connection: App) -> object:
    row = connection.execute("SELECT count(*) FROM household").fetchone()
    assert row is not None
    return row[0]


def test_the_app_sees_only_its_area_and_nothing_without_one(app: App) -> None:
    assert households(app) == 0
    app.execute("SELECT set_config('dayclear.area_lo', '11', true), set_config('dayclear.area_hi', '20', true)")
    assert households(app) == 10


def test_the_wide_role_shows_every_row_only_while_it_is_taken(app: App) -> None:
    app.execute("SET LOCAL ROLE dayclear_wide")
    assert households(app) == 100
    app.rollback()
    assert households(app) == 0


def test_the_owner_sees_every_row_for_data_migrations(database: Database) -> None:
    with psycopg.connect(database.owner.conninfo()) as connection:
        assert households(connection) == 100


@pytest.mark.parametrize("role", ["dayclear_app", "dayclear_wide"])
@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("UPDATE event SET at = '2022-08-15'", id="update_an_event"),
        pytest.param("DELETE FROM event", id="delete_an_event"),
        pytest.param("TRUNCATE event", id="truncate_events"),
        pytest.param("UPDATE event_2022 SET at = '2022-08-15'", id="update_an_event_through_its_partition"),
        pytest.param("SELECT FROM event_2022", id="read_round_the_parents_policies"),
        pytest.param("CREATE TABLE own (a int)", id="own_a_table"),
        pytest.param("DROP POLICY in_area ON household", id="drop_a_policy"),
        pytest.param("ALTER TABLE household DISABLE ROW LEVEL SECURITY", id="switch_policies_off"),
        pytest.param("SET ROLE dayclear_owner", id="become_the_owner"),
        pytest.param("SELECT * FROM dayclear_installation.keys", id="read_the_installations_mark"),
        pytest.param("CREATE ROLE more", id="make_a_role"),
    ],
)
def test_what_the_application_may_not_do(app: App, role: str, statement: str) -> None:
    app.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(role)))
    with pytest.raises(errors.InsufficientPrivilege):
        app.execute(statement.encode())


@pytest.mark.parametrize("role", ["dayclear_app", "dayclear_wide"])
def test_the_application_adds_and_reads_events_and_uses_temporary_tables(app: App, role: str) -> None:
    app.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(role)))
    app.execute("INSERT INTO event DEFAULT VALUES")
    assert app.execute("SELECT at::text FROM event").fetchall() == [("2022-08-14",)]
    app.execute("CREATE TEMPORARY TABLE staging AS SELECT * FROM event")


def test_the_app_is_let_in_only_with_its_password(database: Database) -> None:
    with pytest.raises(psycopg.OperationalError, match="authentication failed"):
        psycopg.connect(database.app.conninfo(), password="guessed")


def test_other_roles_cannot_enter_the_database(database: Database) -> None:
    assert database.superuser is not None
    with psycopg.connect(database.superuser.conninfo(database.name)) as connection:
        row = connection.execute(
            "SELECT has_database_privilege('pg_monitor', current_database(), 'CONNECT')"
        ).fetchone()
    assert row == (False,)


def test_another_key_file_is_refused(database: Database, tmp_path: Path) -> None:
    changed = dataclasses.replace(database, keys=load_or_create_keys(tmp_path))
    with (
        psycopg.connect(database.owner.conninfo()) as connection,
        pytest.raises(KeysError, match="written with other keys"),
    ):
        roles_module.check_keys(connection, changed)


# An external server: one of ours, seen only through its address.


def external(tmp_path: Path, elsewhere: Elsewhere, **variables: str) -> Database:
    return resolve_database(tmp_path, {URL_VARIABLE: elsewhere.url(), **variables})


def test_an_owner_with_createrole_gets_the_roles_made(tmp_path: Path, elsewhere: Elsewhere) -> None:
    database = external(tmp_path, elsewhere)
    ensure_external_database(database)
    ensure_external_database(database)
    put_schema(database)
    with psycopg.connect(database.app.conninfo()) as connection:
        assert households(connection) == 0
        connection.execute("SET LOCAL ROLE dayclear_wide")
        assert households(connection) == 100
    with psycopg.connect(database.owner.conninfo()) as connection:
        assert role_faults(connection) == []
        assert households(connection) == 100


def test_running_uses_the_external_server_and_leaves_it_running(
    tmp_path: Path, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(URL_VARIABLE, elsewhere.url())
    with running(tmp_path) as found:
        assert (found.pid, found.is_alive(), found.keep_alive()) == (None, True, False)
        assert not found.database.is_embedded
    assert elsewhere.administrator.execute("SELECT 1").fetchone() == (1,)


def test_without_createrole_the_administrators_statements_are_printed_and_work(
    tmp_path: Path, elsewhere: Elsewhere
) -> None:
    elsewhere.run("ALTER ROLE centre NOCREATEROLE")
    database = external(tmp_path, elsewhere)
    with pytest.raises(RolesError) as refusal:
        ensure_external_database(database)
    assert database.app.password not in str(refusal.value)
    statements = str(refusal.value.params["statements"]).splitlines()
    assert all(statement in str(refusal.value) for statement in statements)
    for statement in statements:
        if not statement.startswith("\\"):
            elsewhere.run(statement)
    elsewhere.run("ALTER ROLE dayclear_app PASSWORD 'given'")
    with pytest.raises(RolesError, match="cannot log in"):
        ensure_external_database(database)
    url = elsewhere.url("dayclear_app:given")
    ensure_external_database(external(tmp_path, elsewhere, **{APP_URL_VARIABLE: url}))


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        pytest.param("ALTER ROLE dayclear_app BYPASSRLS", "BYPASSRLS", id="bypasses_policies"),
        pytest.param("ALTER ROLE dayclear_app SUPERUSER", "SUPERUSER", id="superuser"),
        pytest.param("ALTER ROLE dayclear_app NOLOGIN", "no LOGIN", id="cannot_log_in"),
        pytest.param("ALTER ROLE dayclear_app INHERIT", "INHERIT", id="inherits"),
        pytest.param("GRANT pg_read_all_data TO dayclear_app", "member of pg_read_all_data", id="reads_all"),
        pytest.param("REVOKE dayclear_wide FROM dayclear_app CASCADE", "not a member", id="may_not_take_the_wide_role"),
    ],
)
def test_a_role_that_is_not_safe_is_refused(tmp_path: Path, elsewhere: Elsewhere, change: str, fault: str) -> None:
    database = external(tmp_path, elsewhere)
    ensure_external_database(database)
    elsewhere.run(change)
    with psycopg.connect(database.owner.conninfo()) as connection:
        # The first grants were the owner's own; a revocation by the superuser needs to name it.
        if change.startswith("REVOKE"):
            connection.execute(change.encode())
        assert fault in " ".join(role_faults(connection))


def test_a_server_that_is_too_old_is_refused(
    tmp_path: Path, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roles_module, "OLDEST_MAJOR", 99)
    with pytest.raises(ServerError, match="Dayclear needs 99 or newer"):
        ensure_external_database(external(tmp_path, elsewhere))


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        pytest.param({URL_VARIABLE: "mysql://host/db"}, "not an address", id="another_kind_of_database"),
        pytest.param({URL_VARIABLE: "postgresql://centre@host"}, "a user and a database", id="no_database"),
        pytest.param({URL_VARIABLE: "postgresql://host/db"}, "a user and a database", id="no_user"),
        pytest.param({URL_VARIABLE: "postgresql://u@h1:1,h2:2/db"}, "one server", id="a_list_of_servers"),
        pytest.param(
            {URL_VARIABLE: "postgresql://u@host/db", APP_URL_VARIABLE: "postgresql://other@host/db"},
            "must log in as dayclear_app",
            id="another_app_role",
        ),
    ],
)
def test_an_address_that_cannot_serve_is_refused(tmp_path: Path, variables: dict[str, str], message: str) -> None:
    with pytest.raises(PostgresError, match=message):
        resolve_database(tmp_path, variables)


def test_options_of_the_address_reach_django_and_the_app(tmp_path: Path) -> None:
    database = resolve_database(tmp_path, {URL_VARIABLE: "postgresql://o:p@db.example:5433/x?sslmode=verify-full"})
    assert database.app.django() == {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": "db.example",
        "PORT": "5433",
        "NAME": "x",
        "USER": "dayclear_app",
        "PASSWORD": database.keys.app_password,
        "OPTIONS": {"sslmode": "verify-full"},
    }
    assert not (tmp_path / "postgres").exists()
    assert os.stat(tmp_path / "keys.json").st_mode & 0o777 == 0o600
