"""A backup holds every row; a restore is all or nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from dayclear.foundation.postgres import Database, backup, drop_replaced, resolve_database, restore
from dayclear.foundation.postgres.database import URL_VARIABLE, Login
from dayclear.foundation.postgres.errors import BackupError, KeysError
from dayclear.foundation.postgres.roles import ensure_embedded_database, ensure_external_database
from dayclear.foundation.postgres.tests.conftest import Elsewhere, count_rows
from dayclear.foundation.postgres.tests.test_roles import put_schema


@pytest.fixture(params=["embedded", "external"])
def database(request: pytest.FixtureRequest, generation: str) -> Database:
    found: Database = request.getfixturevalue(f"{request.param}_database")
    put_schema(found)
    return found


@pytest.fixture
def embedded_database(embedded: Database) -> Iterator[Database]:
    yield embedded
    drop_replaced(embedded)
    execute(embedded.owner, "DROP TABLE IF EXISTS household, event")
    execute(embedded.owner, "DROP SCHEMA dayclear_installation CASCADE")
    ensure_embedded_database(embedded)


@pytest.fixture
def external_database(tmp_path_factory: pytest.TempPathFactory, elsewhere: Elsewhere) -> Database:
    found = resolve_database(tmp_path_factory.mktemp("home"), {URL_VARIABLE: elsewhere.url()})
    ensure_external_database(found)
    return found


def execute(login: Login, statement: str) -> None:
    with psycopg.connect(login.conninfo()) as connection:
        connection.execute(statement.encode())


def databases(database: Database) -> set[str]:
    with psycopg.connect(database.owner.conninfo()) as connection:
        rows = connection.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [f"{database.name}%"])
        return {row[0] for row in rows}


def test_a_round_trip_brings_back_every_row_its_policies_and_its_rights(database: Database, tmp_path: Path) -> None:
    file = tmp_path / "day.dump"
    made = backup(database, file)
    assert (made.file, made.size_bytes) == (file, file.stat().st_size)
    assert made.fingerprint == database.keys.fingerprint
    assert file.stat().st_mode & 0o777 == 0o600
    assert os.listdir(tmp_path) == ["day.dump"]
    execute(database.owner, "DELETE FROM household")

    restored = restore(database, file, append_only=["event"], replace=True)

    assert count_rows(database.owner, "household") == 100
    assert count_rows(database.app, "household") == 0
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        execute(database.app, "DELETE FROM event")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        execute(database.app, "SELECT FROM event_2022")
    execute(database.app, "INSERT INTO event DEFAULT VALUES")
    # The owner owns what came in, and policies are forced on it as before.
    execute(database.owner, "ALTER TABLE household ADD COLUMN note text")
    assert restored.replaced == f"{database.name}_replaced"
    assert count_rows(database.owner.renamed(restored.replaced), "household") == 0
    assert drop_replaced(database)
    assert not drop_replaced(database)
    assert databases(database) == {database.name}


def test_without_word_of_what_is_append_only_the_app_has_no_rights_yet(database: Database, tmp_path: Path) -> None:
    backup(database, tmp_path / "day.dump")
    restore(database, tmp_path / "day.dump", replace=True)
    for statement in ("INSERT INTO event DEFAULT VALUES", "DELETE FROM event", "SELECT FROM household"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            execute(database.app, statement)


def test_a_database_that_holds_something_is_not_replaced_unasked(database: Database, tmp_path: Path) -> None:
    backup(database, tmp_path / "day.dump")
    with pytest.raises(BackupError, match="--replace"):
        restore(database, tmp_path / "day.dump", append_only=["event"])


def test_an_empty_database_is_filled_and_nothing_is_kept_of_it(database: Database, tmp_path: Path) -> None:
    backup(database, tmp_path / "day.dump")
    execute(database.owner, "DROP TABLE household, event")
    assert restore(database, tmp_path / "day.dump", append_only=["event"]).replaced is None
    assert count_rows(database.owner, "household") == 100
    assert databases(database) == {database.name}


def test_a_restore_that_fails_leaves_the_present_database(database: Database, tmp_path: Path) -> None:
    file = tmp_path / "day.dump"
    backup(database, file)
    whole = file.read_bytes()
    file.write_bytes(whole[:-300])
    with pytest.raises(BackupError, match="pg_restore failed"):
        restore(database, file, append_only=["event"], replace=True)
    file.write_bytes(b"no backup at all")
    with pytest.raises(BackupError, match="cannot be read as a backup"):
        restore(database, file, append_only=["event"], replace=True)
    file.write_bytes(whole)
    with pytest.raises(psycopg.errors.UndefinedTable):
        restore(database, file, append_only=["no_such_table"], replace=True)
    assert count_rows(database.owner, "household") == 100
    assert databases(database) == {database.name}


def test_a_backup_of_other_keys_is_refused(database: Database, tmp_path: Path) -> None:
    execute(database.owner, "UPDATE dayclear_installation.keys SET fingerprint = 'another'")
    backup(database, tmp_path / "day.dump")
    with pytest.raises(KeysError, match=r"written with other keys \(another\)"):
        restore(database, tmp_path / "day.dump", append_only=["event"], replace=True)
    assert databases(database) == {database.name}


def test_sessions_in_the_way_are_ended(database: Database, tmp_path: Path) -> None:
    backup(database, tmp_path / "day.dump")
    with psycopg.connect(database.owner.conninfo()) as idle:
        idle.execute("SELECT 1")
        restore(database, tmp_path / "day.dump", append_only=["event"], replace=True)
        assert count_rows(database.owner, "household") == 100
        with pytest.raises(psycopg.OperationalError):
            idle.execute("SELECT 1")


def test_a_backup_that_cannot_be_written_leaves_no_half_file(database: Database, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="cannot be written"):
        backup(database, tmp_path / "nowhere" / "day.dump")
    (tmp_path / "taken").mkdir()
    with pytest.raises(BackupError, match="cannot be written"):
        backup(database, tmp_path / "taken")
    assert os.listdir(tmp_path) == ["taken"]


def test_a_row_that_policies_hide_from_an_external_owner_stops_the_backup(database: Database, tmp_path: Path) -> None:
    execute(database.owner, "DROP POLICY everywhere ON household")
    if database.is_embedded:
        backup(database, tmp_path / "day.dump")
    else:
        with pytest.raises(BackupError, match="hides rows of household"):
            backup(database, tmp_path / "day.dump")
        assert os.listdir(tmp_path) == []
