"""One file in pg_dump's own format, and the way back. The keys are never in it."""

from __future__ import annotations

import dataclasses
import os
import secrets
import shutil
import subprocess
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from dayclear.foundation.postgres.binaries import BIN_VARIABLE, find_binaries, major_version
from dayclear.foundation.postgres.database import WIDE_ROLE, Database, Login
from dayclear.foundation.postgres.errors import BackupError, BinariesError, gettext_noop
from dayclear.foundation.postgres.keys import sync_folder
from dayclear.foundation.postgres.roles import check_keys, grant_privileges

_RESTORE_LOCK = 7_203_612
_SWAP_ATTEMPTS = 3


@dataclass(frozen=True)
class Backup:
    """``fingerprint``: of the keys without which the identity numbers in the file cannot be read."""

    file: Path
    size_bytes: int
    fingerprint: str


@dataclass(frozen=True)
class Restored:
    """``replaced``: the name under which the former database is kept, if it held anything."""

    replaced: str | None


def backup(database: Database, file: Path) -> Backup:
    """Write the whole database into ``file``, readable by its owner alone; complete or not there.

    Raises: BackupError.
    """
    login = _operator(database)
    with psycopg.connect(login.conninfo()) as connection:
        server_major = connection.info.server_version // 10_000
        if not database.is_embedded:
            _refuse_hidden_rows(connection)
    # The superuser passes row-level security; an external owner must ask for what its policies show.
    visible = [] if database.is_embedded else ["--enable-row-security"]
    draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}.part")
    try:
        os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        _run([_tool("pg_dump", server_major), "--format=custom", f"--file={draft}", *visible], login)
        with draft.open("rb") as written:
            os.fsync(written.fileno())
        draft.replace(file)
        sync_folder(file.parent)
    except OSError as error:
        raise BackupError(
            gettext_noop("The backup cannot be written to %(file)s: %(reason)s"), file=file, reason=error.strerror
        ) from error
    finally:
        draft.unlink(missing_ok=True)
    return Backup(file, file.stat().st_size, database.keys.fingerprint)


def restore(
    database: Database, file: Path, *, replace: bool = False, append_only: Collection[str] | None = None
) -> Restored:
    """Build a new database from ``file`` beside the present one, then let them change places.

    Until the very last step the present database is untouched, and that step is one transaction.
    Rights are never taken from the file. ``append_only``: as for ``grant_privileges``; without it the
    app has no rights at all until the next migration gives them.

    Raises: BackupError; KeysError if the file was written with other keys than this installation's.
    """
    login = _operator(database)
    with psycopg.connect(login.conninfo()) as connection:
        server_major = connection.info.server_version // 10_000
        is_empty = _is_empty(connection)
    if not is_empty and not replace:
        raise BackupError(
            gettext_noop("The database %(name)s is not empty. To put the backup in its place, say so with --replace."),
            name=database.name,
        )
    tool = _tool("pg_restore", server_major)
    _refuse_newer(tool, file, server_major)
    draft_name, kept_name = f"{database.name}_restoring", f"{database.name}_replaced"
    with psycopg.connect(login.conninfo("postgres"), autocommit=True) as maintenance:
        if not _fetch(maintenance, "SELECT pg_try_advisory_lock(%s)", [_RESTORE_LOCK]):
            raise BackupError(gettext_noop("Another restore is running on this server."))
        _drop(maintenance, draft_name)  # what a killed restore left behind
        try:
            _create(maintenance, draft_name, database)
            # The owner role must own what comes in: it migrates, and row-level security is forced on it.
            as_owner = [f"--role={database.owner.user}"] if database.is_embedded else []
            _run(
                [tool, "--exit-on-error", "--no-owner", "--no-privileges", *as_owner, str(file)],
                login.renamed(draft_name),
            )
            with psycopg.connect(database.owner.conninfo(draft_name)) as connection:
                check_keys(connection, database)
                if append_only is not None:
                    grant_privileges(connection, append_only)
            with psycopg.connect(login.conninfo(draft_name)) as connection:
                connection.execute("ANALYZE")
            _drop(maintenance, kept_name)
            _swap(maintenance, database.name, draft_name, kept_name)
        except BaseException:
            _drop(maintenance, draft_name)
            raise
        if is_empty:
            _drop(maintenance, kept_name)
    return Restored(None if is_empty else kept_name)


def drop_replaced(database: Database) -> bool:
    """Give up the database that the last restore moved aside; False if there is none."""
    name = f"{database.name}_replaced"
    with psycopg.connect(_operator(database).conninfo("postgres"), autocommit=True) as maintenance:
        found = _fetch(maintenance, "SELECT count(*) FROM pg_database WHERE datname = %s", [name])
        _drop(maintenance, name)
    return bool(found)


def _operator(database: Database) -> Login:
    """Who dumps and restores: the embedded server's superuser into our database, else the owner."""
    return database.superuser.renamed(database.name) if database.superuser else database.owner


def _refuse_hidden_rows(connection: psycopg.Connection[Any]) -> None:
    """A row that a policy hides from the owner would be missing from the backup, without a word.

    Raises: BackupError unless every protected table shows the owner, through the wide role, all its rows.
    """
    hidden = connection.execute(
        """
        SELECT c.oid::regclass::text
        FROM pg_class c
        WHERE c.relrowsecurity
          AND (c.relforcerowsecurity OR NOT pg_has_role(c.relowner, 'USAGE'))
          AND NOT (SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user)
          AND (
            NOT EXISTS (
              SELECT FROM pg_policy p
              WHERE p.polrelid = c.oid AND p.polpermissive AND p.polcmd IN ('r', '*')
                AND pg_get_expr(p.polqual, p.polrelid) = 'true'
                AND EXISTS (SELECT FROM unnest(p.polroles) r WHERE r = 0 OR pg_has_role(r, 'USAGE')))
            OR EXISTS (
              SELECT FROM pg_policy p
              WHERE p.polrelid = c.oid AND NOT p.polpermissive AND p.polcmd IN ('r', '*')))
        ORDER BY 1
        """
    ).fetchall()
    if hidden:
        raise BackupError(
            gettext_noop(
                "Row-level security hides rows of %(tables)s from the owner role; the backup would lack them. Each "
                "needs a policy for %(role)s with USING (true), and the owner role must inherit %(role)s."
            ),
            tables=", ".join(row[0] for row in hidden),
            role=WIDE_ROLE,
        )


def _tool(name: str, server_major: int) -> str:
    """A pg_dump or pg_restore that knows the server: the chosen folder's, the wheel's or the system's.

    Raises: BackupError if all are older than the server.
    """
    candidates: list[str] = []
    try:
        candidates.append(find_binaries().program(name))
    except BinariesError:
        if os.environ.get(BIN_VARIABLE):
            raise
    on_path = shutil.which(name)
    if on_path:
        candidates.append(on_path)
    for candidate in candidates:
        if major_version(candidate) >= server_major:
            return candidate
    raise BackupError(
        gettext_noop("There is no %(name)s of version %(major)s or newer. Set %(variable)s to a folder that has one."),
        name=name,
        major=server_major,
        variable=BIN_VARIABLE,
    )


def _refuse_newer(tool: str, file: Path, server_major: int) -> None:
    listing = subprocess.run([tool, "--list", str(file)], capture_output=True, text=True, check=False)
    marker = "Dumped from database version:"
    versions = [line.partition(marker)[2].strip() for line in listing.stdout.splitlines() if marker in line]
    if listing.returncode != 0 or not versions:
        raise BackupError(
            gettext_noop("%(file)s cannot be read as a backup: %(reason)s"),
            file=file,
            reason=listing.stderr.strip(),
        )
    if int(versions[0].split(".")[0]) > server_major:
        raise BackupError(
            gettext_noop("%(file)s comes from PostgreSQL %(version)s; this server is only %(major)s."),
            file=file,
            version=versions[0],
            major=server_major,
        )


def _run(command: list[str], login: Login) -> None:
    """Run a tool on a database; the password goes through its environment, which only we can read."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
    if login.password:
        environment["PGPASSWORD"] = login.password
    where = dataclasses.replace(login, password="").conninfo()
    answer = subprocess.run(
        [command[0], f"--dbname={where}", "--no-password", *command[1:]],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        stdin=subprocess.DEVNULL,
    )
    if answer.returncode != 0:
        raise BackupError(
            gettext_noop("%(tool)s failed: %(said)s"), tool=Path(command[0]).name, said=answer.stderr.strip()
        )


def _is_empty(connection: psycopg.Connection[Any]) -> bool:
    return not _fetch(
        connection,
        "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'dayclear_installation')",
        [],
    )


def _create(maintenance: psycopg.Connection[Any], name: str, database: Database) -> None:
    try:
        maintenance.execute(
            sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0 ENCODING 'UTF8'").format(
                sql.Identifier(name), sql.Identifier(database.owner.user)
            )
        )
    except psycopg.errors.InsufficientPrivilege:
        raise BackupError(
            gettext_noop("The role %(role)s may not create databases. An administrator must run: %(statement)s"),
            role=database.owner.user,
            statement=f"ALTER ROLE {database.owner.user} CREATEDB;",
        ) from None


def _drop(maintenance: psycopg.Connection[Any], name: str) -> None:
    maintenance.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _swap(maintenance: psycopg.Connection[Any], name: str, draft: str, kept: str) -> None:
    rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
    for attempt in range(1, _SWAP_ATTEMPTS + 1):
        try:
            maintenance.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ANY(%s)", [[name, draft]]
            )
            with maintenance.transaction():
                maintenance.execute(rename.format(sql.Identifier(name), sql.Identifier(kept)))
                maintenance.execute(rename.format(sql.Identifier(draft), sql.Identifier(name)))
        except (psycopg.errors.ObjectInUse, psycopg.errors.InsufficientPrivilege) as error:
            # Renaming itself waits five seconds for the others to be gone.
            if attempt == _SWAP_ATTEMPTS:
                raise BackupError(
                    gettext_noop("Others use the database %(name)s: stop dayclear up first (%(reason)s)."),
                    name=name,
                    reason=str(error).strip(),
                ) from None
        else:
            return


def _fetch(connection: psycopg.Connection[Any], query: Any, parameters: list[object]) -> Any:
    row = connection.execute(query, parameters).fetchone()
    assert row is not None
    return row[0]
