"""Real servers of both generations: the wheel's 18 and Debian's 15."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg
import pytest

from dayclear.foundation.postgres.accounts import server_account
from dayclear.foundation.postgres.binaries import BIN_VARIABLE
from dayclear.foundation.postgres.database import Database, Login
from dayclear.foundation.postgres.keys import load_or_create_keys
from dayclear.foundation.postgres.session import running
from dayclear.foundation.postgres.supervisor import Supervisor

DEBIAN_BIN = Path("/usr/lib/postgresql/15/bin")
PATIENCE_SECONDS = 60


def wait_until(condition: Callable[[], bool], what: str) -> None:
    """Poll a condition; a broken promise fails the test instead of hanging it."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"still not so after {PATIENCE_SECONDS} s: {what}"
        time.sleep(0.01)


class User:
    """Another process that is inside ``running(home)`` until it leaves or is killed."""

    CODE = """
import sys
from pathlib import Path
from dayclear.foundation.postgres import running
with running(Path(sys.argv[1])) as server:
    print(server.pid, flush=True)
    sys.stdin.read()
"""

    def __init__(self, home: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", self.CODE, str(home)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def server_pid(self) -> int:
        assert self.process.stdout is not None
        return int(self.process.stdout.readline())

    def leave(self) -> None:
        """End in good order: the server's use is given up."""
        self.process.communicate(timeout=PATIENCE_SECONDS)
        assert self.process.returncode == 0

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def start_user() -> Iterator[Callable[[Path], User]]:
    users: list[User] = []

    def start(home: Path) -> User:
        users.append(User(home))
        return users[-1]

    yield start
    for user in users:
        user.kill()


@pytest.fixture(scope="module", params=[pytest.param(None, id="wheel_18"), pytest.param(DEBIAN_BIN, id="debian_15")])
def generation(request: pytest.FixtureRequest) -> Iterator[str]:
    folder: Path | None = request.param
    if folder is not None and not folder.exists():
        pytest.skip(f"PostgreSQL 15 is not installed in {folder}")
    with pytest.MonkeyPatch.context() as monkeypatch:
        for name in [name for name in os.environ if name.startswith("DAYCLEAR_")]:
            monkeypatch.delenv(name)
        if folder is not None:
            monkeypatch.setenv(BIN_VARIABLE, str(folder))
        yield "15" if folder else "18"


def quick_place() -> str | None:
    """Memory where there is plenty: what is tested here are killed processes, not cut power."""
    memory = Path("/dev/shm")
    if memory.is_dir() and shutil.disk_usage(memory).free > 2 * 1024**3:
        return str(memory)
    return None


@contextlib.contextmanager
def temporary_home() -> Iterator[Path]:
    """Not pytest's own folder: its names are too long for a socket, which has a test of its own."""
    home = Path(tempfile.mkdtemp(prefix="dc-", dir=quick_place()))
    try:
        yield home
    finally:
        Supervisor(home).stop()
        shutil.rmtree(home)


@pytest.fixture(scope="module")
def template(generation: str) -> Iterator[Path]:
    """A fresh cluster to copy: initdb is the dearest step."""
    with temporary_home() as home:
        supervisor = Supervisor(home)
        supervisor.start()
        supervisor.stop()
        custom = supervisor.layout.data / "custom.conf"
        # Small and quick; the durable settings are tested on a home of their own.
        custom.write_text("shared_buffers = 16MB\nmax_wal_size = 64MB\nfsync = off\n")
        give_away(custom, supervisor)
        yield home


def give_away(path: Path, supervisor: Supervisor) -> None:
    """Let the server's user own a file that a test has put into its folder."""
    account = server_account(supervisor.layout.data)
    if account.is_other:
        os.chown(path, account.uid, account.gid)


def copy_cluster(template: Path, home: Path) -> None:
    load_or_create_keys(home)
    # shutil.copytree would lose the owner, whom PostgreSQL insists on.
    subprocess.run(["cp", "-a", str(template / "postgres"), str(home)], check=True)


@pytest.fixture
def empty_home(generation: str) -> Iterator[Path]:
    with temporary_home() as home:
        yield home


@pytest.fixture
def home(template: Path) -> Iterator[Path]:
    """A home with a cluster that has never been used."""
    with temporary_home() as home:
        copy_cluster(template, home)
        yield home


@pytest.fixture(scope="module")
def embedded(template: Path) -> Iterator[Database]:
    """One running installation for all tests of a module that leave its roles alone."""
    with temporary_home() as home:
        copy_cluster(template, home)
        with running(home) as server:
            yield server.database


@pytest.fixture(scope="module")
def other_server(template: Path) -> Iterator[Supervisor]:
    """A server that Dayclear knows by its address alone."""
    with temporary_home() as home:
        copy_cluster(template, home)
        supervisor = Supervisor(home)
        supervisor.start()
        yield supervisor


@dataclass(frozen=True)
class Elsewhere:
    """The other server as its administrator sees it, with an empty database ``outbreak`` of the role ``centre``."""

    administrator: psycopg.Connection[tuple[object, ...]]

    def run(self, statement: str) -> None:
        self.administrator.execute(statement.encode())

    def url(self, login: str = "centre:centre") -> str:
        return f"postgresql://{login}@/outbreak?host={self.administrator.info.host}"


@pytest.fixture
def elsewhere(other_server: Supervisor) -> Iterator[Elsewhere]:
    with psycopg.connect(other_server.superuser.conninfo(), autocommit=True) as connection:
        server = Elsewhere(connection)
        server.run("CREATE ROLE centre LOGIN CREATEROLE CREATEDB PASSWORD 'centre'")
        server.run("CREATE DATABASE outbreak OWNER centre")
        yield server
        for name in ("outbreak", "outbreak_replaced"):
            server.run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        server.run("DROP OWNED BY centre CASCADE")
        for role in ("dayclear_app", "dayclear_wide", "centre"):
            server.run(f"DROP ROLE IF EXISTS {role}")


def write_rows(login: Login, count: int) -> None:
    with psycopg.connect(login.conninfo()) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (number int PRIMARY KEY)")
        connection.execute("INSERT INTO kept SELECT generate_series(1, %s)", [count])


def count_rows(login: Login, table: str = "kept") -> int:
    with psycopg.connect(login.conninfo()) as connection:
        row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    assert row is not None
    return int(row[0])


def kill_9(pid: int) -> None:
    """And wait until it is dead, reaped or not."""
    process = psutil.Process(pid)
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not process.is_running() or process.status() == psutil.STATUS_ZOMBIE, f"process {pid} is dead")
