"""A province's worth of rows: the board at 10,000 and at 1,000,000 cases, what every list asks of the database, and the
surroundings of 1,000 cases among 1,000,000 links, in PostgreSQL and in networkx.

`run` does all of it in a temporary installation, in a process of its own (Django reads its settings once).
"""

from __future__ import annotations

import csv
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.figures import Figure
from bench.installation import measured_inside, temporary_home

if TYPE_CHECKING:
    from django.test import Client

    from dayclear.foundation.actors import Actor

SMALL, LARGE, LINKS, ASKED = 10_000, 1_000_000, 1_000_000, 1_000
_REQUESTS = 60
_COUNTIES, _TOWNSHIPS, _COMMUNITIES, _DAYS = 100, 10, 5, 120
_AT_ONCE = 100_000
_LISTS = ("/board/", "/cases/", "/chains/", "/people/", "/people/matches", "/places/", "/imports/", "/tasks/")


def run() -> list[Figure]:
    with temporary_home() as home:
        return measured_inside("bench.province", home)


def main() -> None:
    """Measure in the installation that DAYCLEAR_HOME names, and print the figures as JSON."""
    from dayclear.foundation.cli import installation

    with installation():
        small, large, links = (int(size) for size in sys.argv[1:]) if len(sys.argv) == 4 else (SMALL, LARGE, LINKS)
        figures = list(_measure(small, large, links))
    print(json.dumps([asdict(figure) for figure in figures]))


def _measure(small: int, large: int, links: int) -> Iterator[Figure]:
    commander = province()
    client = signed_in(commander)
    p95 = {}
    made = 0
    for size in (small, large):
        _add_cases(made, size)
        made = size
        _count_anew()
        p95[size] = _p95(client, "/board/?disease=covid-19")
        yield Figure(
            f"Board at {size:,} cases, p95", p95[size] * 1000, "ms", command="GET /board/", note=f"{_REQUESTS} requests"
        )
    yield Figure(
        "Board as cases grow a hundredfold",
        p95[large] / p95[small],
        "×",
        ratio_of=f"p95 at {large:,} ÷ p95 at {small:,} cases",
        command="GET /board/",
        note="aim ≤ 1.5",
    )
    yield from _statements(client, large)
    _add_links(large, links)
    yield from _surroundings(commander, large, links)


# ------------------------------------------------------------------------------------------------- filling


def province() -> Actor:
    """A province of generated places, and its commander."""
    from dayclear.foundation import clock
    from dayclear.foundation.actors import Actor, system
    from dayclear.foundation.areas import area_of
    from dayclear.foundation.models import User
    from dayclear.foundation.rules import Role
    from dayclear.foundation.scope import acting
    from dayclear.places.commands import import_code_tables

    tables: dict[str, list[tuple[str, str]]] = {"provinces": [("61", "基准省")], "cities": [], "areas": []}
    tables |= {"streets": [], "villages": []}
    for county in range(_COUNTIES):
        city, number = f"61{county // 10 + 1:02d}", f"61{county // 10 + 1:02d}{county % 10 + 1:02d}"
        if county % 10 == 0:
            tables["cities"].append((city, f"第{county // 10 + 1}市"))
        tables["areas"].append((number, f"第{county + 1}县"))
        for township in range(_TOWNSHIPS):
            street = f"{number}{township + 1:03d}"
            tables["streets"].append((street, f"第{county + 1}县{township + 1}街道"))
            tables["villages"] += [
                (f"{street}{n + 1:03d}", f"{township + 1}街道{n + 1}社区") for n in range(_COMMUNITIES)
            ]
    with tempfile.TemporaryDirectory() as folder, acting(system("bench")):
        for name, rows in tables.items():
            with (Path(folder) / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows([("code", "name"), *rows])
        import_code_tables(Path(folder), by=system("bench"), now=clock.now())
    user = User.objects.create_user(username="bench-commander")
    return Actor(user.pk, "bench-commander", Role.COMMANDER, area_of(61 * 10**16))


def signed_in(actor: Actor) -> Client:
    """A browser signed in as the actor, with the grant and the second factor that a commander owes."""
    from datetime import timedelta

    from allauth.mfa.models import Authenticator
    from allauth.mfa.totp.internal.auth import generate_totp_secret
    from django.conf import settings
    from django.test import Client

    from dayclear.config.accounts import MfaAdapter
    from dayclear.foundation import clock
    from dayclear.foundation.models import Grant, User

    now = clock.now()
    user = User.objects.get(username=actor.label)
    Grant.objects.create(
        user=user, role=actor.role.value, place=actor.area.lo, granted_at=now, expires_at=now + timedelta(days=30)
    )
    secret = MfaAdapter().encrypt(generate_totp_secret())
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": secret})
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


PEOPLE_ROWS = """
INSERT INTO people_person (id, area, home, residence, name, name_pinyin, sex, age_months, age_on, retention_class,
                           retain_until)
SELECT n, area, area, '', 'N' || n, 'n' || n, (ARRAY['male', 'female'])[1 + n %% 2], (n * 37::bigint %% 1080)::smallint,
       '2022-11-01', 'case', '2099-01-01'
FROM (SELECT n, {area} AS area FROM generate_series(%s, %s) n) AS made
"""
_CASES = """
INSERT INTO cases_case (id, area, person_id, disease, numbering, number, number_key, classification, severity, onset_on,
    sampled_on, reported_on, counted_on, found_by, under_order, outcome, notice, details, sex_known, age_known,
    home_known, source_known, retention_class, retain_until, registered_at)
SELECT n, area, n, 'covid-19', 'bench', 'B' || n, 'b' || n, 'confirmed', 'mild', day - 2, day - 1, day, day,
       'screening', (ARRAY['yes', 'yes', 'no', 'unknown'])[1 + n / 3 %% 4], 'unknown', '', '{{}}', true, true, true,
       false, 'case', '2099-01-01', now()
FROM (SELECT n, {area} AS area, date '2022-08-01' + (n * 7919::bigint %% {days})::int AS day
      FROM generate_series(%s, %s) n) AS made
"""
# The SQL twin of `cases.rules.count_changes` for cases that are all confirmed and have no known source.
_COUNTS = """
INSERT INTO cases_count (level, area, disease, day, cases, community, under_order, source_unknown, without_sex,
    without_age, without_onset, without_sampling, without_order_status, without_home, died)
SELECT level, area - area %% tail, disease, counted_on, count(*), count(*) FILTER (WHERE under_order = 'no'),
       count(*) FILTER (WHERE under_order = 'yes'), count(*) FILTER (WHERE under_order <> 'yes'), 0, 0, 0, 0,
       count(*) FILTER (WHERE under_order = 'unknown'), 0, 0
FROM cases_case, unnest(%s::int[], %s::bigint[]) AS levels(level, tail)
GROUP BY 1, 2, 3, 4
"""
# Spread over all communities by multiplications that visit each in turn.
SPREAD = (
    f"(61::bigint * {10**16} + (n * 31 % {_COUNTIES} / 10 + 1)::bigint * {10**14}"
    f" + (n * 31 % {_COUNTIES} % 10 + 1)::bigint * {10**12} + (n * 17 / 7 % {_TOWNSHIPS} + 1)::bigint * {10**9}"
    f" + (n * 13 / 11 % {_COMMUNITIES} + 1)::bigint * {10**6})"
).replace("%", "%%")


def _add_cases(done: int, size: int) -> None:
    from django.db import connection, connections

    from dayclear.foundation.actors import system
    from dayclear.foundation.scope import acting

    for first in range(done + 1, size + 1, _AT_ONCE):
        last = min(first + _AT_ONCE - 1, size)
        with acting(system("bench")), connection.cursor() as cursor:
            cursor.execute(PEOPLE_ROWS.format(area=SPREAD), [first, last])
            cursor.execute(_CASES.format(area=SPREAD, days=_DAYS), [first, last])
    with connections["owner"].cursor() as cursor:
        cursor.execute("ANALYZE people_person, cases_case")


def _count_anew() -> None:
    from django.db import connection, connections

    from dayclear.foundation.actors import system
    from dayclear.foundation.scope import acting

    levels = list(range(6))
    tails = [10**18, 10**16, 10**14, 10**12, 10**9, 10**6]
    with acting(system("bench")), connection.cursor() as cursor:
        cursor.execute("DELETE FROM cases_count")
        cursor.execute(_COUNTS, [levels, tails])
    with connections["owner"].cursor() as cursor:
        cursor.execute("ANALYZE cases_count")


def _add_links(cases: int, links: int) -> None:
    """Each case caught it from one of the 1,000 before it; further links at random."""
    from django.db import connection, connections

    from dayclear.foundation.actors import system
    from dayclear.foundation.scope import acting

    with acting(system("bench")), connection.cursor() as cursor:
        for first in range(2, links + 2, _AT_ONCE):
            cursor.execute(
                """
                INSERT INTO tracing_exposure (area, case_id, source_id, disease, numbering, source_number, source_key,
                                              relation, certainty, recorded_at)
                SELECT c.area, c.id, s.source, 'covid-19', 'bench', 'B' || s.source, 'b' || s.source, 'unknown',
                       'possible', now()
                FROM (SELECT 2 + n %% (%(cases)s - 1) AS id,
                             greatest(1, 2 + n %% (%(cases)s - 1) - 1 - (n * 7919::bigint %% 1000)) AS source
                      FROM generate_series(%(first)s - 2, %(last)s - 2) n) AS s
                JOIN cases_case c ON c.id = s.id
                ON CONFLICT DO NOTHING
                """,
                {"cases": cases, "first": first, "last": min(first + _AT_ONCE - 1, links + 1)},
            )
    with connections["owner"].cursor() as cursor:
        cursor.execute("ANALYZE tracing_exposure")


# ---------------------------------------------------------------------------------------------- measuring


def _p95(client: Client, address: str) -> float:
    """Units: seconds. The first requests, which fill caches, do not count."""
    taken = [_timed(lambda: _answered(client, address)) for _ in range(_REQUESTS + 5)][5:]
    return statistics.quantiles(taken, n=20)[-1]


def _answered(client: Client, address: str) -> None:
    response = client.get(address)
    if response.status_code != 200:
        raise RuntimeError(f"{address}: {response.status_code}")


def _timed(work: Callable[[], Any]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _statements(client: Client, cases: int) -> Iterator[Figure]:
    """How many statements each list asks, the frame and the session included, scopes and savepoints not."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    for address in _LISTS:
        with CaptureQueriesContext(connection) as asked:
            taken = _timed(lambda address=address: _answered(client, address))  # type: ignore[misc]  # bound now
        own = [query for query in asked.captured_queries if _is_question(query["sql"])]
        yield Figure(
            f"Statements of {address}",
            len(own),
            "statements",
            command=f"GET {address}",
            note=f"{taken * 1000:.0f} ms at {cases:,} cases; aim ≤ 8",
        )


def _is_question(sql: str) -> bool:
    bookkeeping = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT", "SELECT set_config", "SELECT current_setting")
    return not sql.lstrip().startswith(bookkeeping)


def _surroundings(actor: Actor, cases: int, links: int) -> Iterator[Figure]:
    import networkx

    from dayclear.foundation.scope import acting
    from dayclear.tracing.models import Exposure
    from dayclear.tracing.queries import within_two_links

    chance = random.Random(20221111)  # noqa: S311 - repeatable choice, no secret
    asked = chance.sample(range(1, cases + 1), min(ASKED, cases))
    with acting(actor):
        within_two_links(actor, asked[:10])
        started = time.perf_counter()
        found = {case for case, _distance in within_two_links(actor, asked)}
        ours = time.perf_counter() - started
        started = time.perf_counter()
        graph: networkx.Graph[int] = networkx.Graph()
        rows = Exposure.objects.filter(source__isnull=False).values_list("source_id", "case_id")
        graph.add_edges_from(rows.iterator(chunk_size=50_000))
        built = time.perf_counter() - started
        started = time.perf_counter()
        walked: set[int] = set()
        for case in asked:
            walked.update(
                networkx.single_source_shortest_path_length(graph, case, cutoff=2) if case in graph else [case]
            )
        walk = time.perf_counter() - started
    if found != walked:
        raise RuntimeError(f"PostgreSQL found {len(found)} cases, networkx {len(walked)}")
    around = f"{len(asked):,} cases in {links:,} links; {len(found):,} cases found"
    query, graph_command = "tracing.queries.within_two_links", "networkx.single_source_shortest_path_length"
    yield Figure("Two links around", ours * 1000, "ms", command=query, note=around)
    yield Figure("The same in networkx: read and build", built * 1000, "ms", command=graph_command)
    yield Figure("The same in networkx: walk", walk * 1000, "ms", command=graph_command, note="cutoff=2 from each case")
    yield Figure("networkx against one query", (built + walk) / ours, "×", ratio_of="build and walk ÷ query")
    yield Figure("networkx against one query, walk alone", walk / ours, "×", ratio_of="walk ÷ query")


if __name__ == "__main__":
    main()
