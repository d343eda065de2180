"""The tests' own installation: a real PostgreSQL in a temporary folder, or a fresh database on the one that
`DAYCLEAR_DATABASE_URL` names. Set up before Django reads its settings."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import django
import hypothesis
import psycopg
import pytest
import pytest_django
from psycopg import sql
from psycopg.conninfo import make_conninfo

from dayclear.foundation.rules import Role

if TYPE_CHECKING:
    from django.test import Client

    from dayclear.foundation.actors import Actor

HOME = Path(tempfile.mkdtemp(prefix="dayclear-test-"))
atexit.register(shutil.rmtree, HOME, ignore_errors=True)
os.environ["DAYCLEAR_HOME"] = str(HOME)
os.environ["DJANGO_SETTINGS_MODULE"] = "dayclear.config.settings"

# The same examples on every run: a change is judged by what it changed. HYPOTHESIS_PROFILE=explore looks for new ones.
# No deadline for one: it would measure how busy the machine is.
# A loaded machine is no flaw of the code.
_SLOW = [hypothesis.HealthCheck.too_slow]
hypothesis.settings.register_profile("same", derandomize=True, deadline=None, suppress_health_check=_SLOW)
hypothesis.settings.register_profile("explore", derandomize=False, deadline=None, suppress_health_check=_SLOW)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))

_EXTERNAL = os.environ.get("DAYCLEAR_DATABASE_URL")
_TEST_DATABASE = f"dayclear_test_{os.getpid()}"
if _EXTERNAL:
    # Never the database that was named: a new one beside it.
    os.environ["DAYCLEAR_DATABASE_URL"] = make_conninfo(_EXTERNAL, dbname=_TEST_DATABASE)


def pytest_configure() -> None:
    """Read the settings only now: pytest-django looks for them before this file has pointed to the tests' home."""
    django.setup()
    from django.conf import settings

    # Pages name the files as they lie in the packages; the hashed copies are made by `dayclear assets`.
    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STATIC_ROOT.mkdir(exist_ok=True)


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: pytest_django.DjangoDbBlocker) -> Iterator[None]:
    """A migrated database, seen by the tests as the application role."""
    from django.db import connections

    from dayclear.config.installation import migrate
    from dayclear.foundation.postgres import running

    if _EXTERNAL:
        _external("CREATE DATABASE {}")
    with running() as server, django_db_blocker.unblock():
        migrate(server.database)
        yield
        for connection in connections.all():
            connection.close()
            if connection.alias == "default":
                connection.close_pool()  # type: ignore[attr-defined]  # of the PostgreSQL backend, unknown to the stubs
    if _EXTERNAL:
        _external("DROP DATABASE {} WITH (FORCE)")


def _external(statement: str) -> None:
    with psycopg.connect(str(_EXTERNAL), autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(sql.Identifier(_TEST_DATABASE)))


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: pytest_django.DjangoDbBlocker) -> Iterator[None]:
    """The database without a transaction around the test, for what happens between connections; emptied afterwards."""
    from dayclear.foundation.postgres import resolve_database

    with django_db_blocker.unblock():
        yield
    with psycopg.connect(resolve_database().owner.conninfo()) as owner:
        rows = owner.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT IN "
            "('django_migrations', 'django_content_type', 'auth_permission')"
        )
        tables = sql.SQL(", ").join(sql.Identifier(name) for (name,) in rows.fetchall())
        owner.execute(sql.SQL("TRUNCATE {} RESTART IDENTITY CASCADE").format(tables))


def until_it_waits(thread: threading.Thread) -> None:
    """Return once another thread stands before a lock of the database, or has ended."""
    from django.db import connection

    while thread.is_alive():
        with connection.cursor() as cursor:
            cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
            if cursor.fetchone()[0]:
                return
        time.sleep(0.01)


@pytest.fixture
def now() -> datetime:
    """The instant of every test: noon in Beijing on 29 December 2021."""
    return datetime(2021, 12, 29, 4, 0, tzinfo=UTC)


# ---------------------------------------------------------------------------------------------- three fixed people
#
# Every permission test reads the same: a village worker in 甲村, the officer of its county, the commander of its
# province, and an administrator of the whole installation. Their places, and some beside them, are in the register.

PROVINCE, COUNTY, VILLAGE = 61 * 10**16, 610113 * 10**12, 610113001001 * 10**6
_CODE_TABLES = {
    "provinces": {"46": "海南省", "61": "陕西省"},
    "cities": {"4601": "海口市", "6101": "西安市", "6103": "宝鸡市"},
    "areas": {"460105": "秀英区", "610103": "碑林区", "610113": "雁塔区", "610302": "渭滨区"},
    "streets": {
        "460105001": "秀英街道",
        "610103001": "南院门街道",
        "610113001": "小寨路街道",
        "610113002": "大雁塔街道",
        "610302001": "金陵街道",
    },
    "villages": {
        "460105001001": "戊村",
        "610103001001": "丙村",
        "610113001001": "甲村",
        "610113001002": "乙村",
        "610113002001": "丁村",
        "610302001001": "己村",
    },
}


@pytest.fixture
def places(db: None, tmp_path: Path, now: datetime) -> None:
    """A register of places in two provinces, three prefectures, four counties, six villages."""
    register_places(tmp_path, now)


def register_places(folder: Path, now: datetime) -> None:
    """Write the code tables into a folder and import them."""
    from dayclear.foundation.actors import system
    from dayclear.foundation.scope import acting
    from dayclear.places.commands import import_code_tables

    for table, rows in _CODE_TABLES.items():
        lines = ["code,name", *(f"{code},{name}" for code, name in rows.items())]
        (folder / f"{table}.csv").write_text("\n".join(lines), encoding="utf-8")
    with acting(system("tests")):
        import_code_tables(folder, by=system("tests"), now=now)


@pytest.fixture
def make_actor(places: None) -> Callable[..., Actor]:
    """Make an account with one grant, and a second factor where one is owed: `make_actor(name, role, place)`."""
    return _make_actor


def _make_actor(name: str, role: Role, place: int) -> Actor:
    from allauth.mfa.models import Authenticator
    from allauth.mfa.totp.internal.auth import generate_totp_secret

    from dayclear.config.accounts import MfaAdapter
    from dayclear.foundation import clock
    from dayclear.foundation.actors import Actor
    from dayclear.foundation.areas import EVERYWHERE, area_of
    from dayclear.foundation.models import Grant, User
    from dayclear.foundation.rules import owes_second_factor

    user = User.objects.create_user(username=name)
    # Grants are lived by the real clock: what a request may do is never judged at the tests' `now`.
    today = clock.now()
    Grant.objects.create(
        user=user, role=role.value, place=place, granted_at=today, expires_at=today + timedelta(days=30)
    )
    actor = Actor(user.pk, name, role, area_of(place) if place else EVERYWHERE)
    if owes_second_factor(role, actor.level):
        secret = MfaAdapter().encrypt(generate_totp_secret())
        Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": secret})
    return actor


@pytest.fixture
def village_worker(make_actor: Callable[..., Actor]) -> Actor:
    """A community worker of 甲村: sees its people and no diagnosis."""
    return make_actor("village-worker", Role.COMMUNITY_WORKER, VILLAGE)


@pytest.fixture
def county_officer(make_actor: Callable[..., Actor]) -> Actor:
    """An officer of 雁塔区, the county of 甲村."""
    return make_actor("county-officer", Role.OFFICER, COUNTY)


@pytest.fixture
def province_commander(make_actor: Callable[..., Actor]) -> Actor:
    """The commander of 陕西省."""
    return make_actor("province-commander", Role.COMMANDER, PROVINCE)


@pytest.fixture
def administrator(make_actor: Callable[..., Actor]) -> Actor:
    """An administrator of the whole installation."""
    return make_actor("administrator", Role.ADMINISTRATOR, 0)


@pytest.fixture
def client_of(db: None) -> Callable[[Actor], Client]:
    """A browser signed in as an actor, its second factor passed: `client_of(county_officer).get(…)`."""
    from django.conf import settings
    from django.test import Client

    from dayclear.foundation.models import User

    def sign_in(actor: Actor) -> Client:
        client = Client(HTTP_ACCEPT_LANGUAGE="en")
        client.force_login(User.objects.get(pk=actor.user_id or 0), backend=settings.AUTHENTICATION_BACKENDS[0])
        return client

    return sign_in
