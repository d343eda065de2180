"""The embedded server survives whatever is done to it."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import psycopg
import pytest

from dayclear.foundation.postgres import Phase, Progress, resolve_database, running
from dayclear.foundation.postgres.accounts import server_account
from dayclear.foundation.postgres.supervisor import Supervisor
from dayclear.foundation.postgres.tests.conftest import User, count_rows, give_away, kill_9, wait_until, write_rows

StartUser = Callable[[Path], User]


def test_a_first_start_makes_a_durable_cluster_and_a_second_finds_its_rows(empty_home: Path) -> None:
    with running(empty_home) as server:
        write_rows(server.database.owner, 1000)
        with psycopg.connect(server.database.owner.conninfo()) as connection:
            for setting in ("fsync", "synchronous_commit", "full_page_writes", "data_checksums"):
                assert connection.execute(f"SHOW {setting}").fetchone() == ("on",), setting
            assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
            # The same order on every system: by code point.
            assert connection.execute("SELECT 'B' < 'a', upper('é')").fetchone() == (True, "É")
        first = server.pid
    with running(empty_home) as server:
        assert server.pid != first
        assert count_rows(server.database.owner) == 1000


def test_the_last_user_stops_the_server(home: Path) -> None:
    with running(home) as server:
        pid = server.pid
        assert pid is not None
    assert not psutil.pid_exists(pid)
    assert Supervisor(home).running_pid() is None


def test_nested_users_share_one_server(home: Path) -> None:
    with running(home) as outer:
        with running(home) as inner:
            assert inner.pid == outer.pid
        assert outer.is_alive()


def test_two_processes_share_the_server_until_the_last_leaves(home: Path, start_user: StartUser) -> None:
    first, second = start_user(home), start_user(home)
    pid = first.server_pid()
    assert second.server_pid() == pid
    first.leave()
    assert Supervisor(home).running_pid() == pid
    second.leave()
    assert Supervisor(home).running_pid() is None


def test_a_killed_user_no_longer_counts(home: Path, start_user: StartUser) -> None:
    first, second = start_user(home), start_user(home)
    first.server_pid()
    second.server_pid()
    first.kill()
    second.leave()
    assert Supervisor(home).running_pid() is None


def test_starts_at_once_on_an_empty_home_give_one_server(empty_home: Path, start_user: StartUser) -> None:
    users = [start_user(empty_home) for _ in range(2)]
    with ThreadPoolExecutor(4) as pool:
        pids = set(pool.map(lambda _: Supervisor(empty_home).start(), range(4)))
    pids |= {user.server_pid() for user in users}
    assert len(pids) == 1


def test_after_kill_9_of_postgres_its_user_starts_it_again(home: Path) -> None:
    with running(home) as server:
        write_rows(server.database.owner, 1000)
        assert server.pid is not None
        assert not server.keep_alive()
        kill_9(server.pid)
        assert not server.is_alive()
        assert server.keep_alive()
        assert count_rows(server.database.owner) == 1000


def test_after_kill_9_of_its_starter_the_next_takes_the_server_over_and_stops_it(
    home: Path, start_user: StartUser
) -> None:
    starter = start_user(home)
    pid = starter.server_pid()
    starter.kill()
    assert psutil.pid_exists(pid)
    with running(home) as server:
        assert server.pid == pid
    assert Supervisor(home).running_pid() is None


def test_after_kill_9_of_both_with_a_query_at_work_the_next_starts_anew(home: Path, start_user: StartUser) -> None:
    starter = start_user(home)
    pid = starter.server_pid()
    owner = resolve_database(home).owner
    write_rows(owner, 1000)
    with psycopg.connect(owner.conninfo()) as busy:
        # A loop that never looks whether its postmaster still lives: it outlives it.
        work = threading.Thread(target=_endless, args=(busy,))
        work.start()
        backend = busy.info.backend_pid
        wait_until(lambda: _is_active(owner.conninfo(), backend), "the query runs")
        kill_9(pid)
        starter.kill()
        with running(home) as server:
            assert server.pid != pid
            assert count_rows(server.database.owner) == 1000
        work.join()


def _endless(connection: psycopg.Connection[object]) -> None:
    with pytest.raises(psycopg.OperationalError):
        connection.execute("DO $$ BEGIN LOOP END LOOP; END $$")


def _is_active(conninfo: str, backend: int) -> bool:
    with psycopg.connect(conninfo) as connection:
        row = connection.execute("SELECT state FROM pg_stat_activity WHERE pid = %s", [backend]).fetchone()
    return row == ("active",)


def test_a_zombie_is_not_taken_for_a_running_server(home: Path, start_user: StartUser) -> None:
    starter = start_user(home)  # sits and reads: it does not reap its child
    pid = starter.server_pid()
    kill_9(pid)
    assert psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    supervisor = Supervisor(home)
    assert supervisor.running_pid() is None
    assert supervisor.start() != pid


@pytest.mark.parametrize("stranger", ["sleep", "another home's server"])
def test_a_stale_number_that_is_now_a_strangers_does_not_hinder(home: Path, stranger: str) -> None:
    supervisor = Supervisor(home)
    supervisor.start()
    running_file = supervisor.layout.pid_file.read_text()
    account = server_account(supervisor.layout.data)
    supervisor.stop()
    other: Supervisor | None = None
    if stranger == "sleep":
        process = subprocess.Popen(["sleep", "600"], cwd="/", **account.identity)
        pid = process.pid
    else:
        other = Supervisor(home / "other")
        pid = other.start()
    try:
        stale = "\n".join([str(pid), *running_file.splitlines()[1:]]) + "\n"
        for path in (supervisor.layout.pid_file, supervisor.layout.sockets / ".s.PGSQL.5432.lock"):
            path.write_text(stale)
            give_away(path, supervisor)
        assert supervisor.running_pid() is None
        started = supervisor.start()
        assert started == supervisor.running_pid() != pid
        assert psutil.pid_exists(pid)
    finally:
        if other:
            other.stop()
        else:
            process.kill()
            process.wait()


def test_a_starter_killed_during_initdb_leaves_nothing_in_the_way(empty_home: Path, start_user: StartUser) -> None:
    user = start_user(empty_home)
    layout = Supervisor(empty_home).layout
    wait_until(lambda: (layout.new_data / "PG_VERSION").exists() or layout.data.exists(), "initdb is at work")
    user.kill()
    with running(empty_home) as server:
        assert server.is_alive()


def test_a_recovery_is_waited_for_and_reported_however_long(home: Path) -> None:
    """A standby without a source recovers for ever; it is promoted only after its recovery was reported."""
    supervisor = Supervisor(home)
    data = supervisor.layout.data
    with (data / "custom.conf").open("a") as custom:
        custom.write("hot_standby = off\nrestore_command = 'false'\n")
    (data / "standby.signal").touch()
    give_away(data / "standby.signal", supervisor)
    reported: list[Progress] = []

    def promote(progress: Progress) -> None:
        reported.append(progress)
        pid = supervisor.running_pid()
        if progress.phase is Phase.RECOVERING and pid:
            (data / "promote").touch()
            os.kill(pid, signal.SIGUSR1)

    Supervisor(home, report=promote).start()
    assert Phase.RECOVERING in {progress.phase for progress in reported}
    assert all("database system" in progress.detail for progress in reported if progress.phase is Phase.RECOVERING)
