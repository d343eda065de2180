"""Swabs over HTTP against the real server and its worker: in bulk beside a plain COPY of the same rows, and tube by
tube from many devices beside a laboratory that gives results."""

from __future__ import annotations

import io
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from statistics import quantiles

import psycopg

from bench.figures import Figure
from bench.fleet import IN_A_TUBE, UPLOADS, Batch, Product, Sender, fleet, send, serving, setting_up
from bench.installation import measured_inside, temporary_home

PEOPLE, TUBES = 50_000, 500
# Devices that send in bulk at once, as many as the web server has threads; batches of each in a turn, and turns.
AT_ONCE, IN_A_TURN, TURNS = 4, 5, 4
BATCHES = AT_ONCE * IN_A_TURN * TURNS
# Four times the busiest minute of Tianjin's fourth round (testing reference, section 0).
PERSONS_A_SECOND, RESULTS_A_SECOND, DEVICES, LINES = 4 * 725, 100, 160, 16
SECONDS = int(os.environ.get("BENCH_SWABS_SECONDS", "600"))
_VILLAGE = 610113001001 * 10**6


def run() -> list[Figure]:
    """Shape: swabs a second in bulk, its ratio to COPY; persons a second tube by tube, its waits; memory.

    The tube-by-tube load lasts ten minutes; `BENCH_SWABS_SECONDS` sets another time.
    """
    with temporary_home() as home:
        return measured_inside("bench.swabs", home)


def measure() -> list[Figure]:
    """Runs inside the installation that the environment names."""
    from dayclear.foundation.postgres import running

    with running() as server:
        setting_up()
        from dayclear.foundation.actors import system
        from dayclear.foundation.scope import acting

        with acting(system("bench")):
            senders = _prepare(datetime.now(UTC))
        with serving() as product:
            bulk, copied = _bulk(product, senders[:AT_ONCE], server.database.owner.conninfo())
            before = product.memory()
            minutes, results = _tube_by_tube(product, senders[AT_ONCE:])
            after = product.memory()
    waits = [wait for minute in minutes for wait in minute]
    swabs = BATCHES * TUBES * IN_A_TUBE
    cuts = quantiles(waits, n=100)
    by_minute = ", ".join(f"{quantiles(minute, n=20)[-1] * 1000:.0f}" for minute in minutes)
    pace = (
        f"{len(waits):,} requests in {SECONDS} s from {DEVICES} devices, beside {results:,} results; "
        f"aim: {PERSONS_A_SECOND:,} persons/s beside {RESULTS_A_SECOND} results/s"
    )
    return [
        Figure(
            "Bulk upload of swabs",
            swabs / bulk,
            "swabs/s",
            command=f"POST {UPLOADS}",
            note=f"batches of {TUBES} × {IN_A_TUBE}, each durable, from {AT_ONCE} devices at once",
        ),
        Figure(
            "Bulk upload of swabs beside COPY",
            copied / bulk,
            "ratio",
            ratio_of="swabs/s over HTTP ÷ swabs/s of a plain COPY of the same rows",
            note=f"COPY: {swabs / copied:,.0f} swabs/s; aim ≥ 0.6",
        ),
        Figure(
            "One tube a request", len(waits) * IN_A_TUBE / SECONDS, "persons/s", command=f"POST {UPLOADS}", note=pace
        ),
        Figure("One tube a request, median", cuts[49] * 1000, "ms", command=f"POST {UPLOADS}"),
        Figure(
            "One tube a request, p95",
            cuts[94] * 1000,
            "ms",
            command=f"POST {UPLOADS}",
            note=f"aim < 250 ms; minute by minute: {by_minute}",
        ),
        Figure(
            "Memory of web server and worker, end of that load ÷ its start",
            after / before,
            "×",
            ratio_of=f"{after:,.0f} MB ÷ {before:,.0f} MB, private",
        ),
    ]


def _prepare(now: datetime) -> list[Sender]:
    from django.db import connection

    from dayclear.sampling.tests.acts import open_round

    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO people_person "
            "(id, area, name, residence, name_pinyin, sex, retention_class, retain_until) "
            "SELECT i, %s, 'Person ' || i, '', '', 'unknown', 'swab', current_date + 30 "
            "FROM generate_series(1::bigint, %s) AS i",
            [_VILLAGE, PEOPLE],
        )
        cursor.execute("ANALYZE people_person")
    room = max((TURNS + 1) * IN_A_TURN * TUBES, PERSONS_A_SECOND * SECONDS // DEVICES // IN_A_TUBE + 100)
    return fleet([_VILLAGE] * (DEVICES + AT_ONCE), open_round(now, area=_VILLAGE), room, now)


def _bulk(product: Product, senders: Sequence[Sender], owner: str) -> tuple[float, float]:
    """Seconds over HTTP, and of COPY of as many rows into the same tables: in turns, so that both meet one machine.

    As many devices send at once as the web server has threads; COPY is one stream.
    """
    chance = random.Random(4)  # noqa: S311 - repeatable load, no secret
    now = datetime.now(UTC)
    lines = [product.line() for _ in senders]

    def freeze(sender: Sender) -> list[Batch]:
        samples = (chance.sample(range(1, PEOPLE + 1), TUBES * IN_A_TUBE) for _ in range(IN_A_TURN))
        return [sender.batch(people, now) for people in samples]

    def send_all(at: int, batches: Sequence[Batch]) -> None:
        for batch in batches:
            send(lines[at], batch)

    over_http = copied = 0.0
    with psycopg.connect(owner, autocommit=True) as connection, ThreadPoolExecutor(len(senders)) as pool:
        _force(connection, "NO FORCE")
        for turn in range(TURNS + 1):
            batches = [freeze(sender) for sender in senders]
            started = time.perf_counter()
            list(pool.map(send_all, range(len(senders)), batches))
            sent = time.perf_counter() - started
            # The same people in tubes of other numbers, beyond every block.
            rows = [
                _rows([number + 5 * 10**9 for number in batch.numbers], batch.people, sender, now)
                for sender, own in zip(senders, batches, strict=True)
                for batch in own
            ]
            started = time.perf_counter()
            for tubes, swabs in rows:
                with connection.transaction(), connection.cursor() as cursor:
                    for table, text in (("sampling_tube", tubes), ("sampling_swab", swabs)):
                        with cursor.copy(f"COPY {table} ({_COLUMNS[table]}) FROM STDIN") as copy:
                            copy.write(text)
            if turn:
                # The first turn warms both.
                over_http, copied = over_http + sent, copied + time.perf_counter() - started
        _force(connection, "FORCE")
    return over_http, copied


_COLUMNS = {
    "sampling_tube": "number, area, day, round_id, point_id, device_id, counter, kind, opened_at, closed_at, "
    "received_at, shift_s, persons",
    "sampling_swab": "tube, person, day, area",
}


def _rows(numbers: Sequence[int], people: Sequence[int], sender: Sender, now: datetime) -> tuple[str, str]:
    from dayclear.foundation.clock import local_day

    opened, closed = (now - timedelta(minutes=minutes) for minutes in (9, 1))
    day = local_day(opened)
    tubes, swabs = io.StringIO(), io.StringIO()
    for at, number in enumerate(numbers):
        tubes.write(
            f"{number}\t{_VILLAGE}\t{day}\t{sender.round}\t{sender.point}\t{sender.id}\t1\tpersons\t{opened}\t{closed}"
            f"\t{now}\t0\t{IN_A_TUBE}\n"
        )
        for person in people[at * IN_A_TUBE : (at + 1) * IN_A_TUBE]:
            swabs.write(f"{number}\t{person}\t{day}\t{_VILLAGE}\n")
    return tubes.getvalue(), swabs.getvalue()


def _force(connection: psycopg.Connection[tuple[object, ...]], how: str) -> None:
    """A plain COPY is refused under forced row-level security, for the owner too."""
    for table in _COLUMNS:
        connection.execute(f"ALTER TABLE {table} {how} ROW LEVEL SECURITY")


def _tube_by_tube(product: Product, senders: Sequence[Sender]) -> tuple[list[list[float]], int]:
    """Requests at the pace asked for: the waits of each minute; and how many results came beside them.

    The requests are made up before: phones are not this machine. Waits are counted from when a request was due, not
    from when it was sent.
    """
    pause = LINES * IN_A_TUBE / PERSONS_A_SECOND
    chance, now = random.Random(725), datetime.now(UTC)  # noqa: S311 - repeatable load, no secret
    frozen = [
        [
            senders[(at + turn * LINES) % len(senders)].batch(chance.sample(range(1, PEOPLE + 1), IN_A_TUBE), now)
            for turn in range(round(SECONDS / pause))
        ]
        for at in range(LINES)
    ]
    minutes: list[list[float]] = [[] for _ in range(-(-SECONDS // 60))]
    laboratory = subprocess.Popen(
        [sys.executable, "-m", "bench.laboratory", str(RESULTS_A_SECOND), str(SECONDS)],
        stdout=subprocess.PIPE,
        text=True,
    )
    begun = time.perf_counter() + 1.0

    def keep_sending(at: int) -> None:
        line = product.line()
        for turn, batch in enumerate(frozen[at]):
            due = begun + (turn + at / LINES) * pause
            time.sleep(max(due - time.perf_counter(), 0))
            if time.perf_counter() > begun + SECONDS:
                return
            send(line, batch)
            minutes[int(due - begun) // 60].append(time.perf_counter() - due)

    with ThreadPoolExecutor(LINES) as pool:
        list(pool.map(keep_sending, range(LINES)))
    results, _nothing = laboratory.communicate(timeout=120)
    return minutes, int(results)


if __name__ == "__main__":
    print(json.dumps([asdict(figure) for figure in measure()]))
