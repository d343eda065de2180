"""How to reach the database: computed from the environment and the key file, without starting anything."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import platformdirs
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from dayclear.foundation.postgres.accounts import server_account
from dayclear.foundation.postgres.errors import ServerError, gettext_noop
from dayclear.foundation.postgres.keys import Keys, load_or_create_keys

DATABASE_NAME = "dayclear"
OWNER_ROLE = "dayclear_owner"
APP_ROLE = "dayclear_app"
WIDE_ROLE = "dayclear_wide"
SUPERUSER = "postgres"

HOME_VARIABLE = "DAYCLEAR_HOME"
URL_VARIABLE = "DAYCLEAR_DATABASE_URL"
APP_URL_VARIABLE = "DAYCLEAR_APP_DATABASE_URL"

# A socket's whole path must fit in 104 bytes on macOS and 108 on Linux; its name takes 18 of them.
_LONGEST_SOCKET_FOLDER = 80


@dataclass(frozen=True)
class Login:
    """One role's way into one database. ``options``: further libpq parameters, such as ``sslmode``."""

    host: str
    port: int
    name: str
    user: str
    password: str = field(default="", repr=False)
    options: Mapping[str, str] = field(default_factory=dict)

    def conninfo(self, name: str | None = None) -> str:
        """For ``psycopg.connect``; ``name``: another database of the same server."""
        return make_conninfo(
            host=self.host,
            port=self.port,
            dbname=name or self.name,
            user=self.user,
            # An empty password would make libpq look for one in the user's own files.
            **({"password": self.password} if self.password else {}),
            **self.options,
        )

    def django(self) -> dict[str, Any]:
        """An entry of Django's ``DATABASES``."""
        return {
            "ENGINE": "django.db.backends.postgresql",
            "HOST": self.host,
            "PORT": str(self.port),
            "NAME": self.name,
            "USER": self.user,
            "PASSWORD": self.password,
            "OPTIONS": dict(self.options),
        }

    def renamed(self, name: str) -> Login:
        """The same login into the database ``name``."""
        return Login(self.host, self.port, name, self.user, self.password, self.options)


@dataclass(frozen=True)
class Database:
    """The owner migrates; the app serves and is subject to row-level security.

    ``superuser``: only for the embedded server, and only for the system user that runs it.
    """

    owner: Login
    app: Login
    superuser: Login | None
    keys: Keys
    home: Path

    @property
    def is_embedded(self) -> bool:
        return self.superuser is not None

    @property
    def name(self) -> str:
        return self.owner.name


def data_home(env: Mapping[str, str] | None = None) -> Path:
    """The folder of this installation: ``DAYCLEAR_HOME``, else the platform's place for user data."""
    env = os.environ if env is None else env
    chosen = env.get(HOME_VARIABLE) or platformdirs.user_data_dir("dayclear", appauthor=False)
    return Path(chosen).expanduser().resolve()


def resolve_database(home: Path | None = None, env: Mapping[str, str] | None = None) -> Database:
    """Raises: ServerError for an unusable address; KeysError as ``load_or_create_keys``."""
    env = os.environ if env is None else env
    home = data_home(env) if home is None else home.resolve()
    url = env.get(URL_VARIABLE)
    if not url:
        # Asked first, so that a system that cannot run the embedded server gets no key file either.
        server_account(home / "postgres" / "data")
    keys = load_or_create_keys(home, env)
    if url:
        return _external(url, env.get(APP_URL_VARIABLE), keys, home)
    folder = str(socket_folder(home))

    def login(user: str, password: str) -> Login:
        return Login(folder, 5432, DATABASE_NAME, user, password)

    return Database(
        owner=login(OWNER_ROLE, keys.owner_password),
        app=login(APP_ROLE, keys.app_password),
        superuser=login(SUPERUSER, ""),
        keys=keys,
        home=home,
    )


def socket_folder(home: Path) -> Path:
    """Inside ``home``, unless its name is too long for a socket or means something else to libpq."""
    folder = home / "postgres" / "run"
    if len(os.fsencode(folder)) <= _LONGEST_SOCKET_FOLDER and "," not in str(folder):
        return folder
    # Not TMPDIR: a scheduled job and a login shell must come to the same place.
    # The supervisor refuses a folder there that is not ours.
    return Path("/tmp") / f"dayclear-{hashlib.sha256(os.fsencode(home)).hexdigest()[:16]}"  # noqa: S108 - owner checked, see above


def _external(url: str, app_url: str | None, keys: Keys, home: Path) -> Database:
    owner = _login(url, URL_VARIABLE)
    if app_url:
        app = _login(app_url, APP_URL_VARIABLE)
        if app.user != APP_ROLE:
            raise ServerError(
                gettext_noop("%(variable)s must log in as %(role)s: the database's policies name that role."),
                variable=APP_URL_VARIABLE,
                role=APP_ROLE,
            )
    else:
        app = Login(owner.host, owner.port, owner.name, APP_ROLE, keys.app_password, owner.options)
    return Database(owner=owner, app=app, superuser=None, keys=keys, home=home)


def _login(url: str, variable: str) -> Login:
    """Read by libpq's own rules, so that every form it knows works."""
    try:
        parts = {key: str(value) for key, value in conninfo_to_dict(url).items() if value is not None}
    except ProgrammingError as error:
        raise ServerError(
            gettext_noop("%(variable)s is not an address of a PostgreSQL database: %(reason)s"),
            variable=variable,
            reason=str(error).strip(),
        ) from None
    user, name = parts.pop("user", ""), parts.pop("dbname", "")
    if not user or not name:
        raise ServerError(
            gettext_noop("%(variable)s must name a user and a database: postgresql://user:password@host/database."),
            variable=variable,
        )
    host, port, password = parts.pop("host", ""), parts.pop("port", "5432"), parts.pop("password", "")
    if not port.isdecimal():
        raise ServerError(gettext_noop("%(variable)s must name one server, not a list of them."), variable=variable)
    return Login(host, int(port), name, user, password, parts)
