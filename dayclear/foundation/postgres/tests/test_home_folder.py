"""What the embedded server makes of the folder it is given. The same on every version: tried on one."""

from __future__ import annotations

import shutil
from pathlib import Path

import psycopg
import pytest

from dayclear.foundation.postgres import PostgresError, running
from dayclear.foundation.postgres.database import socket_folder
from dayclear.foundation.postgres.supervisor import Supervisor

pytestmark = pytest.mark.parametrize("generation", [None], indirect=True, ids=["wheel_18"], scope="module")


def test_a_home_with_a_name_too_long_for_a_socket_works(home: Path) -> None:
    long_home = home / ("long-" * 30)
    long_home.mkdir()
    shutil.move(home / "postgres", long_home / "postgres")
    shutil.move(home / "keys.json", long_home / "keys.json")
    assert len(str(socket_folder(long_home))) < 80
    with running(long_home) as server:
        assert server.is_alive()
    assert not socket_folder(long_home).exists()


def test_a_socket_folder_that_is_anothers_is_refused(home: Path) -> None:
    supervisor = Supervisor(home / ("long-" * 30))
    supervisor.layout.sockets.symlink_to(home)
    try:
        with pytest.raises(PostgresError, match="belongs to someone else"):
            supervisor.start()
    finally:
        supervisor.layout.sockets.unlink()


def test_data_of_another_major_version_is_refused_with_the_way_out(home: Path) -> None:
    (home / "postgres" / "data" / "PG_VERSION").write_text("14\n")
    with pytest.raises(PostgresError, match=r"made by PostgreSQL 14.*dayclear backup"):
        Supervisor(home).start()


def test_what_postgres_says_is_shown_when_it_cannot_start(home: Path) -> None:
    (home / "postgres" / "data" / "custom.conf").write_text("shared_buffers = 'much'\n")
    with pytest.raises(PostgresError, match=r"ended while starting.*shared_buffers"), running(home):
        pass
    assert Supervisor(home).running_pid() is None


def test_parent_folders_keep_their_modes(empty_home: Path) -> None:
    closed = empty_home / "closed"
    closed.mkdir(mode=0o700)
    with running(closed / "home") as server:
        assert server.is_alive()
    assert closed.stat().st_mode & 0o777 == 0o700
    assert (closed / "home" / "postgres" / "data").stat().st_mode & 0o777 == 0o700


def test_only_the_user_who_runs_dayclear_is_the_superuser(home: Path) -> None:
    with running(home) as server:
        superuser = server.database.superuser
        assert superuser is not None
        with psycopg.connect(superuser.conninfo()) as connection:
            rules = connection.execute("SELECT user_name, auth_method FROM pg_hba_file_rules ORDER BY line_number")
            assert [(row[0], row[1]) for row in rules] == [(["postgres"], "peer"), (["all"], "scram-sha-256")]
            maps = connection.execute("SELECT sys_name FROM pg_ident_file_mappings").fetchall()
        assert ("nobody",) not in maps
