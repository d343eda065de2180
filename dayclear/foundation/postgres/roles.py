"""The three roles of an installation and what each may do.

``dayclear_owner`` (or the role of ``DAYCLEAR_DATABASE_URL``) owns everything and migrates.
``dayclear_app`` owns nothing and is subject to row-level security. ``dayclear_wide`` sees every row by
its own policies; the app takes it only by an explicit ``SET LOCAL ROLE``: a role that inherits it would
get those policies all the time. The owner does inherit it, so that data migrations and pg_dump see
every row under FORCE ROW LEVEL SECURITY.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, LiteralString

import psycopg
from psycopg import sql

from dayclear.foundation.postgres.binaries import OLDEST_MAJOR
from dayclear.foundation.postgres.database import APP_ROLE, URL_VARIABLE, WIDE_ROLE, Database
from dayclear.foundation.postgres.errors import KeysError, RolesError, ServerError, gettext_noop

Connection = psycopg.Connection[Any]

# Any number, as long as every installation uses the same: roles belong to the whole server.
_ROLES_LOCK = 7_203_611
_INHERIT_PER_GRANT = 160_000


def ensure_embedded_database(database: Database) -> None:
    """Make roles and database what they should be; safe to repeat.

    Raises: KeysError if the key file is not the one this database was written with.
    """
    assert database.superuser is not None, "an external database has no superuser of ours"
    owner, app = database.owner, database.app
    with psycopg.connect(database.superuser.conninfo("postgres"), autocommit=True) as connection:
        with connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock(%s)", [_ROLES_LOCK])
            _put_role(connection, WIDE_ROLE, "NOLOGIN NOINHERIT NOCREATEDB")
            _put_role(connection, app.user, "LOGIN NOINHERIT NOCREATEDB", app.password)
            # CREATEDB: restore builds a new database beside the old one; so do the tests.
            _put_role(connection, owner.user, "LOGIN INHERIT CREATEDB", owner.password)
            _grant_wide(connection, owner.user)
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database.name]).fetchone()
        if not found:
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(database.name), sql.Identifier(owner.user))
            )
    with psycopg.connect(owner.conninfo()) as connection:
        _close_database(connection)
        check_keys(connection, database)


def ensure_external_database(database: Database) -> None:
    """Check an external server, and make the missing roles if its owner role may.

    Raises: ServerError if it cannot be reached or is too old; RolesError, with the statements an
        administrator must run, if a role is missing or unsafe; KeysError as above.
    """
    try:
        connection = psycopg.connect(database.owner.conninfo())
    except psycopg.OperationalError as error:
        raise ServerError(
            gettext_noop("The database of %(variable)s cannot be reached: %(reason)s"),
            variable=URL_VARIABLE,
            reason=str(error).strip(),
        ) from None
    with connection:
        version = connection.info.server_version
        if version < OLDEST_MAJOR * 10_000:
            raise ServerError(
                gettext_noop("The server of %(variable)s is PostgreSQL %(major)s: Dayclear needs %(oldest)s or newer."),
                variable=URL_VARIABLE,
                major=version // 10_000,
                oldest=OLDEST_MAJOR,
            )
        if role_faults(connection):
            _make_missing_roles(connection, database)
        faults = role_faults(connection)
        if faults:
            raise _for_administrator(connection, faults)
        check_keys(connection, database)
    _check_app_login(database)


def role_faults(connection: Connection) -> list[str]:
    """What is wrong with the roles, in English; empty if app and wide are as they must be."""
    roles = {
        row[0]: row[1:]
        for row in connection.execute(
            "SELECT rolname, rolcanlogin, rolsuper, rolbypassrls, rolinherit, rolcreaterole FROM pg_roles"
            " WHERE rolname = ANY(%s)",
            [[APP_ROLE, WIDE_ROLE]],
        )
    }
    faults = [f"role {name} does not exist" for name in (WIDE_ROLE, APP_ROLE) if name not in roles]
    if faults:
        return faults
    for name, (_, is_super, bypasses, _, makes_roles) in roles.items():
        if is_super or bypasses or makes_roles:
            faults.append(f"role {name} has SUPERUSER, BYPASSRLS or CREATEROLE")
    if not roles[APP_ROLE][0]:
        faults.append(f"role {APP_ROLE} has no LOGIN")
    if roles[APP_ROLE][3]:
        faults.append(f"role {APP_ROLE} has INHERIT")
    # Every membership of the app, straight or through others, except a plain SET ROLE to wide.
    inherited = connection.execute(
        "SELECT rolname FROM pg_roles WHERE pg_has_role(%(app)s, oid, 'USAGE') AND rolname <> %(app)s",
        {"app": APP_ROLE},
    )
    faults += [f"role {APP_ROLE} inherits {row[0]}" for row in inherited]
    others = connection.execute(
        "SELECT rolname FROM pg_roles WHERE pg_has_role(%(app)s, oid, 'MEMBER') AND rolname <> ALL(%(known)s)",
        {"app": APP_ROLE, "known": [APP_ROLE, WIDE_ROLE]},
    )
    faults += [f"role {APP_ROLE} is a member of {row[0]}" for row in others]
    may_set = "SET" if connection.info.server_version >= _INHERIT_PER_GRANT else "MEMBER"
    if not _has_role(connection, APP_ROLE, may_set):
        faults.append(f"role {APP_ROLE} is not a member of {WIDE_ROLE}")
    if not _has_role(connection, connection.info.user, "USAGE"):
        faults.append(f"role {connection.info.user} does not inherit {WIDE_ROLE}")
    owned = connection.execute(
        "SELECT count(*) FROM pg_class WHERE relowner = %s::regrole AND relpersistence <> 't'", [APP_ROLE]
    ).fetchone()
    if owned and owned[0]:
        faults.append(f"role {APP_ROLE} owns tables")
    return faults


def grant_privileges(connection: Connection, append_only: Iterable[str] = ()) -> None:
    """Give app and wide their rights on everything in schema ``public``. To be called after every migration.

    ``append_only``: tables whose rows they may add and read, never change or remove. Partitions get no
    rights of their own, now or by default: row-level security and these rights hold on the parent, and a
    partition addressed by its own name would get round both.

    Shape: ``connection`` is the owner's. Raises: psycopg.Error; then nothing was changed.
    """
    both = sql.SQL("{}, {}").format(sql.Identifier(APP_ROLE), sql.Identifier(WIDE_ROLE))

    def run(statement: LiteralString, **names: sql.Composable) -> None:
        connection.execute(sql.SQL(statement).format(both=both, **names))

    with connection.transaction():
        _close_database(connection)
        run("GRANT USAGE ON SCHEMA public TO {both}")
        run("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {both}")
        run("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {both}")
        run("GRANT EXECUTE ON ALL ROUTINES IN SCHEMA public TO {both}")
        run("ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {both}")
        run("ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT EXECUTE ON ROUTINES TO {both}")
        partitions = connection.execute(
            "SELECT relname FROM pg_class WHERE relispartition AND relkind IN ('r', 'p', 'f')"
            " AND relnamespace = 'public'::regnamespace"
        ).fetchall()
        for (name,) in partitions:
            run("REVOKE ALL ON public.{table} FROM {both}", table=sql.Identifier(name))
        for name in append_only:
            run("REVOKE UPDATE, DELETE, TRUNCATE ON public.{table} FROM PUBLIC, {both}", table=sql.Identifier(name))


def check_keys(connection: Connection, database: Database) -> None:
    """Remember, at the first use, which keys write this database; refuse others ever after.

    The mark is part of the dump: a backup restored beside the wrong key file is found out at once.
    """
    connection.execute("CREATE SCHEMA IF NOT EXISTS dayclear_installation")
    connection.execute(
        "CREATE TABLE IF NOT EXISTS dayclear_installation.keys"
        " (only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row), fingerprint text NOT NULL)"
    )
    connection.execute(
        "INSERT INTO dayclear_installation.keys (fingerprint) VALUES (%s) ON CONFLICT DO NOTHING",
        [database.keys.fingerprint],
    )
    row = connection.execute("SELECT fingerprint FROM dayclear_installation.keys").fetchone()
    if row is None or row[0] != database.keys.fingerprint:
        raise KeysError(
            gettext_noop(
                "The database was written with other keys (%(written)s) than those of %(home)s (%(present)s). "
                "Put back the keys.json that belongs to it."
            ),
            written=row[0] if row else "-",
            home=database.home,
            present=database.keys.fingerprint,
        )


def _put_role(connection: Connection, name: str, attributes: LiteralString, password: str | None = None) -> None:
    role = sql.Identifier(name)
    if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name]).fetchone():
        connection.execute(sql.SQL("CREATE ROLE {}").format(role))
    connection.execute(
        sql.SQL("ALTER ROLE {} " + attributes + " NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOREPLICATION").format(role)
    )
    if password is not None:
        _set_password(connection, name, password)


def _set_password(connection: Connection, name: str, password: str) -> None:
    """Only the verifier leaves this process: a password in a statement could end in a log."""
    verifier = connection.pgconn.encrypt_password(password.encode(), name.encode(), b"scram-sha-256").decode()
    connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(name), sql.Literal(verifier)))


def _grant_wide(connection: Connection, owner: str) -> None:
    per_grant = connection.info.server_version >= _INHERIT_PER_GRANT
    wide = sql.Identifier(WIDE_ROLE)
    # From 16 on the grant decides about inheritance, before that the member's own attribute.
    for member, inherit in ((APP_ROLE, sql.SQL("FALSE")), (owner, sql.SQL("TRUE"))):
        statement = sql.SQL("GRANT {} TO {}").format(wide, sql.Identifier(member))
        if per_grant:
            statement += sql.SQL(" WITH INHERIT {}, SET TRUE").format(inherit)
        connection.execute(statement)


def _close_database(connection: Connection) -> None:
    """Only our roles enter the database; nobody but the owner makes objects in it."""
    row = connection.execute(
        "SELECT current_database(), pg_has_role(datdba, 'USAGE') FROM pg_database WHERE datname = current_database()"
    ).fetchone()
    if row and row[1]:
        name = sql.Identifier(row[0])
        both = sql.SQL("{}, {}").format(sql.Identifier(APP_ROLE), sql.Identifier(WIDE_ROLE))
        connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))
        connection.execute(sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}").format(name, both))
    connection.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")


def _make_missing_roles(connection: Connection, database: Database) -> None:
    """Only what is missing: a role that exists may serve other installations of this server."""
    try:
        with connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock(%s)", [_ROLES_LOCK])
            present = {
                row[0]
                for row in connection.execute(
                    "SELECT rolname FROM pg_roles WHERE rolname = ANY(%s)", [[APP_ROLE, WIDE_ROLE]]
                )
            }
            if WIDE_ROLE not in present:
                connection.execute(sql.SQL("CREATE ROLE {} NOLOGIN NOINHERIT").format(sql.Identifier(WIDE_ROLE)))
            if APP_ROLE not in present:
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN NOINHERIT").format(sql.Identifier(APP_ROLE)))
                _set_password(connection, APP_ROLE, database.app.password)
            _grant_wide(connection, connection.info.user)
    except psycopg.errors.InsufficientPrivilege as error:
        raise _for_administrator(connection, [str(error).strip(), *role_faults(connection)]) from None


def administrator_statements(connection: Connection) -> list[str]:
    """What a database administrator must run where our owner role may not; no password is in it."""
    owner = sql.Identifier(connection.info.user).as_string(connection)
    name = sql.Identifier(connection.info.dbname).as_string(connection)
    per_grant = connection.info.server_version >= _INHERIT_PER_GRANT
    return [
        f"CREATE ROLE {WIDE_ROLE} NOLOGIN NOINHERIT NOSUPERUSER NOBYPASSRLS NOCREATEROLE;",
        f"CREATE ROLE {APP_ROLE} LOGIN NOINHERIT NOSUPERUSER NOBYPASSRLS NOCREATEROLE;",
        f"GRANT {WIDE_ROLE} TO {APP_ROLE}{' WITH INHERIT FALSE, SET TRUE' if per_grant else ''};",
        f"GRANT {WIDE_ROLE} TO {owner}{' WITH INHERIT TRUE, SET TRUE' if per_grant else ''};",
        f"GRANT CREATE ON DATABASE {name} TO {owner};",
        f"GRANT CREATE, USAGE ON SCHEMA public TO {owner} WITH GRANT OPTION;",
        f"GRANT CONNECT, TEMPORARY ON DATABASE {name} TO {APP_ROLE}, {WIDE_ROLE};",
        f"\\password {APP_ROLE}",
    ]


def _for_administrator(connection: Connection, faults: list[str]) -> RolesError:
    return RolesError(
        gettext_noop(
            "The roles of the database are not ready: %(faults)s.\nAn administrator of the server must run (leaving "
            "out what is there already, and ALTER ROLE for a role that has too much):\n\n%(statements)s\n\nThen "
            "set DAYCLEAR_APP_DATABASE_URL, or DAYCLEAR_APP_PASSWORD, with the password given there."
        ),
        faults="; ".join(faults),
        statements="\n".join(administrator_statements(connection)),
    )


def _has_role(connection: Connection, member: str, kind: str) -> bool:
    row = connection.execute("SELECT pg_has_role(%s, %s, %s)", [member, WIDE_ROLE, kind]).fetchone()
    return bool(row and row[0])


def _check_app_login(database: Database) -> None:
    try:
        psycopg.connect(database.app.conninfo()).close()
    except psycopg.OperationalError as error:
        raise RolesError(
            gettext_noop(
                "The role %(role)s cannot log in: %(reason)s\nIf it has another password than keys.json says, set "
                "DAYCLEAR_APP_DATABASE_URL or DAYCLEAR_APP_PASSWORD, or let an administrator run \\password %(role)s."
            ),
            role=database.app.user,
            reason=str(error).strip(),
        ) from None
