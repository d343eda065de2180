"""Bringing an installation to the state of this code: its database, what its pages need, its first administrator."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connections

from dayclear.config.translations import compile_catalogue
from dayclear.foundation import clock
from dayclear.foundation.actors import system
from dayclear.foundation.areas import EVERYWHERE
from dayclear.foundation.charts.bundle import build_chart_bundle
from dayclear.foundation.commands.accounts import OneTimePassword, create_user, give_grant
from dayclear.foundation.events import APPEND_ONLY
from dayclear.foundation.models import User
from dayclear.foundation.postgres import Database, grant_privileges
from dayclear.foundation.rules import Role
from dayclear.foundation.scope import acting
from dayclear.sampling.decoder import bring_decoder

_FIRST_GRANT = timedelta(days=365)


def migrate(database: Database, *, verbosity: int = 0) -> None:
    """Run the migrations as the owner, then give the application its rights on what they made."""
    call_command("migrate", database="owner", verbosity=verbosity, interactive=False)
    call_command("createcachetable", database="owner", verbosity=verbosity)
    connections["owner"].close()
    with psycopg.connect(database.owner.conninfo(connections["default"].settings_dict["NAME"])) as connection:
        grant_privileges(connection, append_only=APPEND_ONLY)


def build_assets() -> None:
    """Compile the translations, build the chart bundle, bring the camera's decoder and gather the static files."""
    compile_catalogue()
    bring_decoder()
    build_chart_bundle(Path(settings.STATIC_ROOT))
    call_command("collectstatic", verbosity=0, interactive=False)


def first_administrator() -> OneTimePassword | None:
    """Make an administrator for everywhere where there is no account at all; None where there is one."""
    by, now = system("first start"), clock.now()
    with acting(by):
        if User.objects.exists():
            return None
        made = create_user("admin", "", by=by, now=now)
        give_grant(made.user_id, Role.ADMINISTRATOR, EVERYWHERE.lo, now + _FIRST_GRANT, by=by, now=now)
    return made
