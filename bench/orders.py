"""Orders at the size of a province: proposing, changing packs over, finding gaps."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import UTC, date, datetime, timedelta

from bench.figures import Figure
from bench.installation import temporary_home

ORDERS, CONTACTS, RACES = 1_000_000, 10_000, 1_000
_AT = datetime(2022, 11, 11, 4, 0, tzinfo=UTC)


def run() -> list[Figure]:
    """Shape: the race, then the seconds of proposing, dry run, gaps, apply; on an installation of its own."""
    with temporary_home() as home:
        done = subprocess.run(
            [sys.executable, "-m", "bench.orders"],
            env={**os.environ, "DAYCLEAR_HOME": str(home), "DJANGO_SETTINGS_MODULE": "dayclear.config.settings"},
            check=True,
            capture_output=True,
            text=True,
        )
    seconds = dict(line.split("=") for line in done.stdout.split())
    races = Figure(
        "Two officers signing for one person at once",
        float(seconds["race"]),
        "persons with exactly one order",
        command="sign_order",
        note=f"of {RACES:,} rounds; aim: all",
    )
    return [
        races,
        *(
            Figure(name, float(seconds[key]), "s", command=command, note=f"{size:,} {what}; aim ≤ {aim} s")
            for key, name, command, size, what, aim in (
                ("propose", "Proposing a batch of contacts", "propose_orders", CONTACTS, "contacts", 10),
                ("dry_run", "Dry run of a changeover", "dayclear policy dry-run", ORDERS, "open orders", 15),
                ("gaps", "Finding the gaps of coverage", "isolation.gaps.summary", ORDERS, "orders", 10),
                ("apply", "Carrying a changeover out", "dayclear policy apply", ORDERS, "open orders", 120),
            )
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

    from dayclear.foundation.actors import Actor
    from dayclear.foundation.areas import EVERYWHERE
    from dayclear.foundation.rules import Role
    from dayclear.foundation.scope import acting
    from dayclear.isolation.changeover import apply, dry_run
    from dayclear.isolation.commands import Proposal, propose_orders
    from dayclear.isolation.gaps import summary
    from dayclear.isolation.tests.many_orders import VILLAGE, generate
    from dayclear.policy.calendar import policy_on

    by = Actor(1, "bench", Role.COMMANDER, EVERYWHERE)
    before, after = (policy_on(day, VILLAGE, "covid-19") for day in (date(2022, 11, 10), date(2022, 11, 11)))
    eve = _AT - timedelta(days=1)
    with acting(by):
        generate(ORDERS, before=before, at=_AT, on=date(2022, 11, 11))
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO people_person "
                "(id, area, name, residence, name_pinyin, sex, retention_class, retain_until) "
                "SELECT i, %s, 'Person ' || i, '', '', 'unknown', 'contact', '2023-02-01' "
                "FROM generate_series(%s::bigint, %s) AS i",
                [VILLAGE, ORDERS + 10, ORDERS + 9 + CONTACTS],
            )
            # The numbers given out here are not given out again.
            cursor.execute("SELECT count(nextval('people_person_id_seq')) FROM generate_series(1, %s)", [CONTACTS + 20])
    with acting(by), connection.cursor() as cursor:
        for table in ("isolation_order", "isolation_phase", "people_person"):
            cursor.execute(f"ANALYZE {table}")
    contacts = [
        Proposal(
            person,
            "covid-19",
            "close_contact",
            date(2022, 11, 9),
            {"kind": "contact", "contact": person, "case": 1, "on": "2022-11-09"},
        )
        for person in range(ORDERS + 10, ORDERS + 10 + CONTACTS)
    ]
    started = time.perf_counter()
    with acting(by):
        made = propose_orders(contacts, by=by, now=eve)
    assert not made.refused, "every contact of the bench can be proposed"
    started = _say("propose", started)
    with acting(by):
        dry_run(before, after, _AT, by=by)
    started = _say("dry_run", started)
    with acting(by):
        summary(by, now=_AT)
    started = _say("gaps", started)
    apply(before, after, _AT, by=by, now=_AT)
    _say("apply", started)

    from dayclear.isolation.tests.test_freedom import race

    print(f"race={race(RACES)}", flush=True)


def _say(name: str, started: float) -> float:
    now = time.perf_counter()
    print(f"{name}={now - started:.2f}", flush=True)
    return now


if __name__ == "__main__":
    measure()
