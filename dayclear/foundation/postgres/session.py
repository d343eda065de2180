"""The one door for whoever needs the database: it is there inside the ``with``, whoever else comes or goes."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from dayclear.foundation.postgres.database import Database, resolve_database
from dayclear.foundation.postgres.locks import Use
from dayclear.foundation.postgres.roles import ensure_embedded_database, ensure_external_database
from dayclear.foundation.postgres.supervisor import Report, Supervisor, silent


class Server:
    """A database that answers. ``pid`` is None for an external one."""

    def __init__(self, database: Database, supervisor: Supervisor | None) -> None:
        self.database = database
        self._supervisor = supervisor

    @property
    def pid(self) -> int | None:
        return self._supervisor.running_pid() if self._supervisor else None

    def is_alive(self) -> bool:
        """Whether the embedded server's process lives; an external one is not ours to judge."""
        return self._supervisor is None or self._supervisor.running_pid() is not None

    def keep_alive(self) -> bool:
        """For the loop of a long-running command: start the server again if it was killed; True if so."""
        if self._supervisor is None or self.is_alive():
            return False
        self._supervisor.start()
        return True


@contextlib.contextmanager
def running(home: Path | None = None, report: Report = silent) -> Iterator[Server]:
    """The database of ``home``, started if nobody has; the last one to leave stops it.

    Who uses it is counted by locks that the system drops when their process dies: a killed user is no
    user, and a killed ``dayclear up`` leaves a server that the next command takes over.

    Raises: PostgresError of any kind.
    """
    database = resolve_database(home)
    if not database.is_embedded:
        ensure_external_database(database)
        yield Server(database, None)
        return
    supervisor = Supervisor(database.home, report=report)
    with supervisor.start_lock() as lock:
        use = Use(supervisor.layout.users_lock)
        try:
            supervisor.start_locked(lock)
            ensure_embedded_database(database)
        except BaseException:
            _leave_locked(supervisor, use)
            raise
    try:
        yield Server(database, supervisor)
    finally:
        with supervisor.start_lock():
            _leave_locked(supervisor, use)


def _leave_locked(supervisor: Supervisor, use: Use) -> None:
    try:
        if use.is_last():
            supervisor.stop_locked()
    finally:
        use.give_up()
