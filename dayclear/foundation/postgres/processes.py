"""Which processes of the operating system belong to the server of one data folder."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from pathlib import Path

import psutil

_GRACE_SECONDS = 5


@dataclass(frozen=True)
class Layout:
    """The embedded server's files below ``DAYCLEAR_HOME``."""

    root: Path
    sockets: Path

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def new_data(self) -> Path:
        return self.root / "data.new"

    @property
    def start_lock(self) -> Path:
        return self.root / "start.lock"

    @property
    def users_lock(self) -> Path:
        return self.root / "users.lock"

    @property
    def startup_log(self) -> Path:
        return self.root / "startup.log"

    @property
    def pid_file(self) -> Path:
        return self.data / "postmaster.pid"


def is_alive(process: psutil.Process) -> bool:
    """A zombie is dead: where nothing reaps it, it may stay for as long as the machine runs."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def postmaster(layout: Layout) -> psutil.Process | None:
    """The living server of this folder. A number in a file proves nothing: after a reboot it may be anyone's."""
    pid = _recorded_pid(layout.pid_file)
    if pid is None:
        return None
    try:
        process = psutil.Process(pid)
    except psutil.NoSuchProcess:
        return None
    return process if _serves(process, layout.data) else None


def remove_stale_files(layout: Layout) -> None:
    """Take away pid files that would keep PostgreSQL from starting. Only with no server alive.

    PostgreSQL believes such a file if the number is any living process of its own user.
    """
    for path in (layout.pid_file, *layout.sockets.glob(".s.PGSQL.*.lock")):
        pid = _recorded_pid(path)
        if pid is not None and psutil.pid_exists(pid):
            path.unlink()


def end_leftovers(layout: Layout) -> None:
    """End what outlived a killed server, as the server would have done itself: quit, then kill.

    A new server cannot start while they hold the old one's shared memory.
    """
    leftovers = [process for process in psutil.process_iter() if _serves(process, layout.data)]
    for process in leftovers:
        _signal(process, kill=False)
    _, stubborn = psutil.wait_procs(leftovers, timeout=_GRACE_SECONDS)
    for process in stubborn:
        _signal(process, kill=True)
    psutil.wait_procs([process for process in stubborn if is_alive(process)])


def _signal(process: psutil.Process, *, kill: bool) -> None:
    try:
        if kill:
            process.kill()
        else:
            process.send_signal(signal.SIGQUIT)  # leave at once, without touching shared state
    except psutil.NoSuchProcess:
        return


def _serves(process: psutil.Process, data: Path) -> bool:
    """Whether it is a living PostgreSQL process of this folder, which is its working directory."""
    try:
        return process.name().startswith("postgres") and is_alive(process) and os.path.samefile(process.cwd(), data)
    except (psutil.NoSuchProcess, psutil.AccessDenied, FileNotFoundError, PermissionError):
        # Gone meanwhile, or another user's: ours can always be looked at.
        return False


def _recorded_pid(path: Path) -> int | None:
    try:
        first = path.read_text(encoding="ascii", errors="replace").partition("\n")[0].strip()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return int(first) if first.isdecimal() else None
