"""Locks that the operating system drops by itself when their process dies, however it dies."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

if sys.platform != "win32":
    import fcntl

_POLL_SECONDS = 0.05


@contextlib.contextmanager
def exclusive(path: Path, while_waiting: Callable[[timedelta], None]) -> Iterator[int]:
    """Hold ``path`` alone, waiting as long as it takes; yields the descriptor that holds it."""
    descriptor = _opened(path)
    begun = time.monotonic()
    try:
        while not _locked(descriptor, fcntl.LOCK_EX):
            while_waiting(timedelta(seconds=time.monotonic() - begun))
            time.sleep(_POLL_SECONDS)
        yield descriptor
    finally:
        os.close(descriptor)


class Use:
    """One user's share in the running server. The number of users is the number of shared locks."""

    def __init__(self, path: Path) -> None:
        self._descriptor = _opened(path)
        fcntl.flock(self._descriptor, fcntl.LOCK_SH)

    def is_last(self) -> bool:
        """Whether nobody else uses the server. Ask it holding the start lock, and give the share up after.

        Turning a shared lock into an exclusive one may lose it: hence "and give up after".
        """
        return _locked(self._descriptor, fcntl.LOCK_EX)

    def give_up(self) -> None:
        os.close(self._descriptor)


def _opened(path: Path) -> int:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)


def _locked(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
