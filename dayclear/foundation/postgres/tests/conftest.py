"""Real servers of both generations: the wheel's 18 and Debian's 15."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from dayclear.foundation.postgres.binaries import BIN_VARIABLE
from dayclear.foundation.postgres.database import APP_URL_VARIABLE, URL_VARIABLE, Login
from dayclear.foundation.postgres.keys import load_or_create_keys
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


@pytest.fixture(scope="session")
def templates() -> Iterator[dict[str, Path]]:
    """One fresh cluster per generation, copied for each test: initdb is the dearest step."""
    made: dict[str, Path] = {}
    yield made
    for home in made.values():
        shutil.rmtree(home)


@pytest.fixture
def no_database_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("DAYCLEAR_")]:
        monkeypatch.delenv(name)
    assert URL_VARIABLE not in os.environ
    assert APP_URL_VARIABLE not in os.environ


@pytest.fixture(
    params=[pytest.param(None, id="wheel_18"), pytest.param(DEBIAN_BIN, id="debian_15")],
)
def generation(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, no_database_variables: None) -> str:
    folder: Path | None = request.param
    if folder is not None:
        if not folder.exists():
            pytest.skip(f"PostgreSQL 15 is not installed in {folder}")
        monkeypatch.setenv(BIN_VARIABLE, str(folder))
    return "15" if folder else "18"


@pytest.fixture
def empty_home(generation: str) -> Iterator[Path]:
    """Not pytest's own folder: its names are too long for a socket, which has a test of its own."""
    home = Path(tempfile.mkdtemp(prefix="dc-"))
    yield home
    Supervisor(home).stop()
    shutil.rmtree(home)


@pytest.fixture
def home(empty_home: Path, generation: str, templates: dict[str, Path]) -> Path:
    """A home with a cluster that has never been used."""
    if generation not in templates:
        template = Path(tempfile.mkdtemp(prefix="dc-"))
        supervisor = Supervisor(template)
        supervisor.start()
        supervisor.stop()
        templates[generation] = template
    # shutil.copytree would lose the owner, whom PostgreSQL insists on.
    load_or_create_keys(empty_home)
    subprocess.run(["cp", "-a", str(templates[generation] / "postgres"), str(empty_home)], check=True)
    return empty_home


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
