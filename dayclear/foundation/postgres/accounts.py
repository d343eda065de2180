"""Which user of the operating system PostgreSQL runs as.

PostgreSQL refuses to run as root. Started by root it runs as ``nobody`` (or as the owner of the
data folder, if an ordinary user made it), without opening any parent folder to that user: it gets
a handle to its own data folder instead of a path through folders it may not enter.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypedDict

from dayclear.foundation.postgres.errors import ServerError, gettext_noop

if sys.platform != "win32":
    import pwd

ROOT = 0


class Identity(TypedDict, total=False):
    """Keyword arguments of ``subprocess`` that drop root's rights."""

    user: int
    group: int
    extra_groups: Sequence[int]


@dataclass(frozen=True)
class Account:
    """The user PostgreSQL runs as; ``identity`` is empty when that is ourselves."""

    uid: int
    gid: int
    name: str
    identity: Identity = field(default_factory=lambda: Identity())

    @property
    def is_other(self) -> bool:
        return bool(self.identity)


def server_account(data: Path) -> Account:
    """Raises: ServerError on a system without Unix users, or if ``data`` is another user's."""
    if sys.platform == "win32":
        raise ServerError(
            gettext_noop(
                "The embedded PostgreSQL needs Unix sockets, which this system does not offer. Set "
                "DAYCLEAR_DATABASE_URL to a PostgreSQL server, or run Dayclear under WSL."
            )
        )
    try:
        owner = data.stat().st_uid
    except FileNotFoundError:
        owner = None
    except PermissionError:
        raise ServerError(
            gettext_noop("The folder %(path)s is closed to this user: run Dayclear as its owner, or as root."),
            path=data,
        ) from None
    if os.geteuid() != ROOT:
        if owner not in (None, os.geteuid()):
            raise ServerError(
                gettext_noop(
                    "The data folder %(path)s belongs to another user: run Dayclear as that user, or as root."
                ),
                path=data,
            )
        return Account(os.geteuid(), os.getegid(), user_name(os.geteuid()))
    entry = pwd.getpwnam("nobody") if owner in (None, ROOT) else pwd.getpwuid(owner)
    identity = Identity(user=entry.pw_uid, group=entry.pw_gid, extra_groups=[])
    return Account(entry.pw_uid, entry.pw_gid, entry.pw_name, identity)


def user_name(uid: int) -> str:
    """The name the server sees at the other end of its socket.

    Raises: ServerError for a number without a name (some containers): initdb refuses it too.
    """
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        raise ServerError(
            gettext_noop("User number %(uid)s has no entry in /etc/passwd, which PostgreSQL needs: add one."),
            uid=uid,
        ) from None


def own(path: Path, account: Account) -> None:
    """Give one of our own folders to the server's user, closed to everyone else."""
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    if account.is_other:
        os.chown(path, account.uid, account.gid)
    path.chmod(0o700)


@contextlib.contextmanager
def reachable(paths: Sequence[Path], account: Account) -> Iterator[tuple[list[str], list[int]]]:
    """Names under which ``account`` reaches ``paths``, and descriptors its process must inherit.

    On Linux, root hands over open folders (``/proc/self/fd/N``): their parents, such as root's home,
    may stay closed. Elsewhere the plain path is used.
    """
    if not account.is_other or not sys.platform.startswith("linux"):
        yield [str(path) for path in paths], []
        return
    descriptors: list[int] = []
    try:
        for path in paths:
            descriptors.append(os.open(path, os.O_RDONLY | os.O_DIRECTORY))
        yield [f"/proc/self/fd/{descriptor}" for descriptor in descriptors], descriptors
    finally:
        for descriptor in descriptors:
            os.close(descriptor)
