"""Starts, finds, watches and stops the embedded PostgreSQL of one ``DAYCLEAR_HOME``.

Several processes may call this at once, and any of them may be killed at any moment. What holds it
together: a lock taken before anything is looked at, a data folder that appears by a rename when it
is complete, and process checks that trust no number in a file.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path

import psutil
import psycopg

from dayclear.foundation.postgres import locks, processes
from dayclear.foundation.postgres.accounts import Account, own, reachable, server_account
from dayclear.foundation.postgres.binaries import BIN_VARIABLE, Binaries, find_binaries
from dayclear.foundation.postgres.configuration import write_configuration
from dayclear.foundation.postgres.database import SUPERUSER, Login, socket_folder
from dayclear.foundation.postgres.errors import ServerError, gettext_noop
from dayclear.foundation.postgres.keys import sync_folder
from dayclear.foundation.postgres.processes import Layout

_POLL_SECONDS = 0.02
_CONNECT_SECONDS = 5
_PLAIN_START_SECONDS = 1.0
# The builtin provider sorts alike on every system; libc's order changes with the system's version.
_BUILTIN_LOCALE_MAJOR = 17

# Servers this process has started: kept for as long as it lives, so that an ended one is reaped.
_LAUNCHED: dict[int, subprocess.Popen[bytes]] = {}


class Phase(StrEnum):
    WAITING = "waiting"  # for another process that starts or stops the server
    CREATING = "creating"
    STARTING = "starting"
    RECOVERING = "recovering"
    STOPPING = "stopping"


@dataclass(frozen=True)
class Progress:
    """``detail``: what PostgreSQL itself said last, in English."""

    phase: Phase
    elapsed: timedelta
    detail: str = ""

    def __str__(self) -> str:
        seconds = self.elapsed // timedelta(seconds=1)
        return f"PostgreSQL: {self.phase}" + (f" ({seconds} s)" if seconds else "")


Report = Callable[[Progress], None]


def silent(progress: Progress) -> None:
    """The report of a caller who has nobody to tell."""


class Supervisor:
    """Nothing here has a time limit: recovery after a crash takes as long as it takes, and says so."""

    def __init__(self, home: Path, binaries: Binaries | None = None, report: Report = silent) -> None:
        home = home.resolve()
        self.layout = Layout(home / "postgres", socket_folder(home))
        self._binaries = binaries
        self._report = report
        self._told: tuple[Phase, int] | None = None

    @property
    def superuser(self) -> Login:
        return Login(str(self.layout.sockets), 5432, SUPERUSER, SUPERUSER)

    def running_pid(self) -> int | None:
        """The server's process number; None if it is not alive."""
        _reap()
        process = processes.postmaster(self.layout)
        return process.pid if process else None

    def start(self) -> int:
        """Return the number of a server that answers: the one already there, or a new one."""
        with self.start_lock() as lock:
            return self.start_locked(lock)

    def stop(self) -> None:
        """End the server, committed work safe on disk; do nothing if there is none."""
        with self.start_lock():
            self.stop_locked()

    def start_lock(self) -> contextlib.AbstractContextManager[int]:
        """Held by whoever starts or stops the server."""
        return locks.exclusive(self.layout.start_lock, lambda elapsed: self._tell(Phase.WAITING, elapsed))

    def start_locked(self, lock: int) -> int:
        """Shape: ``lock`` is the descriptor of ``start_lock``."""
        _reap()
        process = processes.postmaster(self.layout)
        if process is not None and self._becomes_ready(process):
            return process.pid
        # None, or one that was on its way down and is gone now.
        processes.end_leftovers(self.layout)
        processes.remove_stale_files(self.layout)
        account = server_account(self.layout.data)
        binaries = self._binaries or find_binaries(account)
        if not self.layout.data.exists():
            self._create_data(binaries, account, lock)
        self._check_version(binaries)
        self._prepare_sockets(account)
        write_configuration(self.layout.data, account)
        child = self._launched(binaries, account)
        _LAUNCHED[child.pid] = child
        process = psutil.Process(child.pid)
        if not self._becomes_ready(process):
            raise ServerError(
                gettext_noop("PostgreSQL ended while starting. It said: %(said)s (more in %(folder)s)"),
                said=self._last_words(),
                folder=self.layout.data / "log",
            )
        return process.pid

    def stop_locked(self) -> None:
        process = processes.postmaster(self.layout)
        if process is None:
            return
        begun = time.monotonic()
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGINT)  # "fast": ends sessions, writes a checkpoint
        while _lives(process):
            self._tell_since(Phase.STOPPING, begun)
            time.sleep(_POLL_SECONDS)
        if not self.layout.sockets.is_relative_to(self.layout.root):
            with contextlib.suppress(OSError):  # nothing of ours is lost if something is in it
                self.layout.sockets.rmdir()

    def _becomes_ready(self, process: psutil.Process) -> bool:
        """Wait until the server answers (True) or has ended (False)."""
        begun = time.monotonic()
        while _lives(process):
            try:
                with psycopg.connect(self.superuser.conninfo(), connect_timeout=_CONNECT_SECONDS):
                    return True
            except psycopg.OperationalError as error:
                detail = str(error).strip().partition("FATAL:")[2].strip()
            if "authentication failed" in detail:
                raise ServerError(
                    gettext_noop("The running PostgreSQL of %(folder)s belongs to another user: %(reason)s"),
                    folder=self.layout.root,
                    reason=detail,
                )
            # A plain start says this too, for a moment; only a long one is a recovery.
            recovers = "the database system is" in detail and time.monotonic() - begun > _PLAIN_START_SECONDS
            self._tell_since(Phase.RECOVERING if recovers else Phase.STARTING, begun, detail)
            time.sleep(_POLL_SECONDS)
        return False

    def _create_data(self, binaries: Binaries, account: Account, lock: int) -> None:
        """A cluster beside its place, moved there when complete: a crash on the way leaves no half one."""
        self._tell(Phase.CREATING, timedelta())
        new = self.layout.new_data
        if new.exists():
            shutil.rmtree(new)
        own(new, account)
        locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        if binaries.major < _BUILTIN_LOCALE_MAJOR:
            locale = ["--locale-provider=libc", "--locale=C.UTF-8"]
        with reachable([new], account) as ((name,), inherited):
            answer = subprocess.run(
                [
                    binaries.program("initdb"),
                    f"--pgdata={name}",
                    f"--username={SUPERUSER}",
                    "--encoding=UTF8",
                    *locale,
                    "--data-checksums",
                    "--auth-local=peer",
                    "--auth-host=scram-sha-256",
                    "--no-instructions",
                ],
                # The lock goes along: if we are killed, it lasts until initdb has ended too.
                pass_fds=[*inherited, lock],
                capture_output=True,
                text=True,
                check=False,
                cwd="/",
                env=_environment(),
                **account.identity,
            )
        if answer.returncode != 0:
            raise ServerError(
                gettext_noop("PostgreSQL could not create its files in %(folder)s: %(said)s"),
                folder=new,
                said=answer.stderr.strip(),
            )
        new.rename(self.layout.data)
        sync_folder(self.layout.root)

    def _check_version(self, binaries: Binaries) -> None:
        made_by = int((self.layout.data / "PG_VERSION").read_text(encoding="ascii").strip())
        if made_by != binaries.major:
            raise ServerError(
                gettext_noop(
                    "The data in %(folder)s was made by PostgreSQL %(made_by)s; these programs are %(major)s. Set "
                    "%(variable)s to version %(made_by)s and run dayclear backup; then move the folder away and, "
                    "with the new programs, run dayclear restore."
                ),
                folder=self.layout.data,
                made_by=made_by,
                major=binaries.major,
                variable=BIN_VARIABLE,
            )

    def _prepare_sockets(self, account: Account) -> None:
        """Outside our home, anyone may have made a folder of that name first: then refuse it."""
        folder = self.layout.sockets
        if not folder.is_relative_to(self.layout.root) and os.path.lexists(folder):
            status = folder.lstat()
            if folder.is_symlink() or not folder.is_dir() or status.st_uid not in (account.uid, os.geteuid()):
                raise ServerError(
                    gettext_noop("%(folder)s, needed for the server's socket, belongs to someone else: remove it."),
                    folder=folder,
                )
        own(folder, account)

    def _launched(self, binaries: Binaries, account: Account) -> subprocess.Popen[bytes]:
        places = [self.layout.data, self.layout.sockets]
        with (
            self.layout.startup_log.open("wb") as log,
            reachable(places, account) as ((data, sockets), inherited),
        ):
            return subprocess.Popen(
                [binaries.program("postgres"), "-D", data, "-k", sockets],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=inherited,
                cwd="/",
                env=_environment(),
                umask=0o077,
                # Ctrl-C in the terminal is for us: we stop the server when its users are done.
                start_new_session=True,
                **account.identity,
            )

    def _last_words(self) -> str:
        lines = self.layout.startup_log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        logs = sorted((self.layout.data / "log").glob("*.log"), key=lambda path: path.stat().st_mtime)
        if logs:
            lines += logs[-1].read_text(encoding="utf-8", errors="replace").strip().splitlines()[-3:]
        return " / ".join(lines[-6:])

    def _tell_since(self, phase: Phase, begun: float, detail: str = "") -> None:
        self._tell(phase, timedelta(seconds=time.monotonic() - begun), detail)

    def _tell(self, phase: Phase, elapsed: timedelta, detail: str = "") -> None:
        """At most once a second and phase."""
        told = (phase, elapsed // timedelta(seconds=1))
        if told != self._told:
            self._told = told
            self._report(Progress(phase, elapsed, detail))


def _lives(process: psutil.Process) -> bool:
    _reap()
    return processes.is_alive(process)


def _reap() -> None:
    for pid, child in list(_LAUNCHED.items()):
        if child.poll() is not None:
            _LAUNCHED.pop(pid, None)


def _environment() -> dict[str, str]:
    """Nothing of the caller's PG* variables or language reaches the server."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}
