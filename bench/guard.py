"""The nightly look of the over-reach guard at the size of a province."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import UTC, date, datetime

from bench.figures import Figure
from bench.installation import temporary_home

ORDERS = 1_000_000
_AT = datetime(2022, 11, 11, 4, 0, tzinfo=UTC)
_COUNTY = 610113 * 10**12


def run() -> list[Figure]:
    """Shape: the seconds of a night in which all is lawful, and of one in which a new pack has made much unlawful."""
    with temporary_home() as home:
        done = subprocess.run(
            [sys.executable, "-m", "bench.guard"],
            env={**os.environ, "DAYCLEAR_HOME": str(home), "DJANGO_SETTINGS_MODULE": "dayclear.config.settings"},
            check=True,
            capture_output=True,
            text=True,
        )
    seconds = dict(line.split("=") for line in done.stdout.split())
    note = f"{ORDERS:,} orders in force; aim ≤ 60 s"
    return [
        Figure("The guard's night, all lawful", float(seconds["lawful"]), "s", command="sweep_everything", note=note),
        Figure(
            "The guard's night under a new pack", float(seconds["unlawful"]), "s", command="sweep_everything", note=note
        ),
    ]


def measure() -> None:
    """Print `name=seconds` lines. Runs inside the installation that the environment names."""
    import django

    django.setup()
    from dayclear.foundation.postgres import running

    with running():
        _measure()


def _measure() -> None:
    from django.db import connection

    from dayclear.config.installation import migrate
    from dayclear.foundation.actors import system
    from dayclear.foundation.postgres import resolve_database
    from dayclear.foundation.scope import acting
    from dayclear.isolation.tests.many_orders import generate
    from dayclear.policy.calendar import policy_on
    from dayclear.supervision.commands import sweep_everything

    migrate(resolve_database())
    by = system("guard")
    before = datetime(2022, 11, 10, 4, 0, tzinfo=UTC)
    with acting(by):
        generate(ORDERS, before=policy_on(date(2022, 11, 10), _COUNTY, "covid-19"), at=before, on=before.date())
    with acting(by), connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    for name, at in (("lawful", before), ("unlawful", _AT)):
        begun = time.perf_counter()
        with acting(by):
            sweep_everything(by=by, now=at)
        print(f"{name}={time.perf_counter() - begun:.2f}")


if __name__ == "__main__":
    measure()
