"""Swabs over HTTP against the real server: in bulk beside a plain COPY of the same rows, and tube by tube from many
devices."""

from __future__ import annotations

import http.client
import io
import json
import os
import random
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from statistics import quantiles

import psycopg

from bench.figures import Figure
from bench.installation import measured_inside, temporary_home

PEOPLE, BATCHES, TUBES, IN_A_TUBE = 50_000, 40, 500, 10
# Devices that send in bulk at once: the threads of the web server.
AT_ONCE = 4
# Four times the busiest minute of Tianjin's fourth round (testing reference, section 0).
PERSONS_A_SECOND, DEVICES, LINES = 4 * 725, 160, 16
SECONDS = int(os.environ.get("BENCH_SWABS_SECONDS", "60"))
_VILLAGE = 610113001001 * 10**6


def run() -> list[Figure]:
    """Shape: swabs a second in bulk, its ratio to COPY; persons a second tube by tube, its p50 and p95.

    `BENCH_SWABS_SECONDS` sets how long the tube-by-tube load lasts; 600 for the ten minutes that are asked for.
    """
    with temporary_home() as home:
        return measured_inside("bench.swabs", home)


@dataclass
class Sender:
    """A device of the bench: its key, its numbers, its counter."""

    id: int
    sign: Callable[[bytes], str]
    round: int
    point: int
    next_number: int
    counter: int = 0

    def batch(self, people: Sequence[int], tubes: int, now: datetime) -> tuple[bytes, str, list[int]]:
        """A signed batch of tubes of ten; returns its bytes, its signature and the numbers of its tubes."""
        from dayclear.sampling.rules.numbers import printed
        from dayclear.sampling.tokens import make_tokens, token_text

        texts = [token_text(token) for token in make_tokens([(person, 1) for person in people])]
        self.counter += 1
        numbers = list(range(self.next_number, self.next_number + tubes))
        self.next_number += tubes
        opened, closed = (now - timedelta(minutes=minutes) for minutes in (9, 1))
        body = {
            "device": self.id,
            "counter": self.counter,
            "sent_at": now.isoformat(),
            "tubes": [
                {
                    "number": printed(number),
                    "round": self.round,
                    "point": self.point,
                    "opened_at": opened.isoformat(),
                    "closed_at": closed.isoformat(),
                    "swabs": [
                        {"at": opened.isoformat(), "token": text}
                        for text in texts[at * IN_A_TUBE : (at + 1) * IN_A_TUBE]
                    ],
                }
                for at, number in enumerate(numbers)
            ],
        }
        raw = json.dumps(body).encode()
        return raw, self.sign(raw), numbers


def measure() -> list[Figure]:
    """Runs inside the installation that the environment names."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dayclear.config.settings")
    from dayclear.foundation.postgres import running

    with running() as server:
        import django

        django.setup()
        from dayclear.foundation.actors import system
        from dayclear.foundation.scope import acting

        with acting(system("bench")):
            senders = _prepare(datetime.now(UTC))
        with _web() as port:
            bulk, copied = _bulk(port, senders[:AT_ONCE], server.database.owner.conninfo())
            done, waits = _tube_by_tube(port, senders[AT_ONCE:])
    swabs = BATCHES * TUBES * IN_A_TUBE
    cuts = quantiles(waits, n=100)
    note = f"batches of {TUBES} × {IN_A_TUBE}, each durable, from {AT_ONCE} devices at once"
    pace = f"{len(waits):,} requests in {SECONDS} s from {DEVICES} devices; aim: {PERSONS_A_SECOND:,} persons/s"
    return [
        Figure("Bulk upload of swabs", swabs / bulk, "swabs/s", command="POST /api/v1/sampling/uploads", note=note),
        Figure(
            "Bulk upload of swabs beside COPY",
            copied / bulk,
            "ratio",
            ratio_of="swabs/s over HTTP ÷ swabs/s of a plain COPY of the same rows",
            note=f"COPY: {swabs / copied:,.0f} swabs/s; aim ≥ 0.6",
        ),
        Figure("One tube a request", done * IN_A_TUBE / SECONDS, "persons/s", command="POST …/uploads", note=pace),
        Figure("One tube a request, median", cuts[49] * 1000, "ms", command="POST …/uploads"),
        Figure("One tube a request, p95", cuts[94] * 1000, "ms", command="POST …/uploads", note="aim < 250 ms"),
    ]


def _prepare(now: datetime) -> list[Sender]:
    from django.db import connection

    from dayclear.sampling.models import NumberBlock
    from dayclear.sampling.tests.acts import open_round, phone

    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO people_person "
            "(id, area, name, residence, name_pinyin, sex, retention_class, retain_until) "
            "SELECT i, %s, 'Person ' || i, '', '', 'unknown', 'swab', current_date + 30 "
            "FROM generate_series(1::bigint, %s) AS i",
            [_VILLAGE, PEOPLE],
        )
    first = phone(now, area=_VILLAGE, round_id=open_round(now, area=_VILLAGE))
    phones = [
        first,
        *(phone(now, area=_VILLAGE, round_id=first.round, point=first.point) for _ in range(DEVICES + AT_ONCE - 1)),
    ]
    # The bench sends more tubes than a shift: each device gets room of its own, beyond all that was given out.
    size = max((BATCHES + 1) * TUBES, PERSONS_A_SECOND * SECONDS // DEVICES // IN_A_TUBE + 100)
    NumberBlock.objects.filter(device__isnull=False).update(revoked_at=now)
    start = (len(phones) + 1) * 10_000
    blocks = [
        NumberBlock(
            area=_VILLAGE,
            device_id=each.id,
            first=start + at * size,
            last=start + (at + 1) * size - 1,
            made_at=now,
        )
        for at, each in enumerate(phones)
    ]
    NumberBlock.objects.bulk_create(blocks)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE people_person")
    return [
        Sender(each.id, each.sign, each.round, each.point, block.first)
        for each, block in zip(phones, blocks, strict=True)
    ]


@contextmanager
def _web() -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "dayclear", "web", "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield port
    finally:
        server.terminate()
        server.wait(30)


def _send(line: http.client.HTTPConnection, body: bytes, signature: str, tubes: int) -> None:
    headers = {
        "Content-Type": "application/json",
        "Dayclear-Signature": signature,
        "Dayclear-Date": datetime.now(UTC).isoformat(),
    }
    line.request("POST", "/api/v1/sampling/uploads", body, headers)
    answer = line.getresponse()
    said = answer.read()
    if answer.status != 200 or json.loads(said)["accepted"]["tubes"] != tubes:
        raise RuntimeError(f"{answer.status}: {said[:400]!r}")


def _bulk(port: int, senders: Sequence[Sender], owner: str) -> tuple[float, float]:
    """Seconds over HTTP, and of COPY of as many rows into the same tables: in turns, so that both meet one machine.

    As many devices send at once as the web server has threads; COPY is one stream.
    """
    chance = random.Random(4)  # noqa: S311 - repeatable load, no secret
    now = datetime.now(UTC)
    lines = [http.client.HTTPConnection("127.0.0.1", port, timeout=60) for _ in senders]

    def freeze(sender: Sender) -> tuple[bytes, str, list[int], list[int]]:
        people = chance.sample(range(1, PEOPLE + 1), TUBES * IN_A_TUBE)
        return (*sender.batch(people, TUBES, now), people)

    def send(at: int, frozen: tuple[bytes, str, list[int], list[int]]) -> None:
        _send(lines[at], frozen[0], frozen[1], TUBES)

    over_http = copied = 0.0
    with psycopg.connect(owner, autocommit=True) as connection, ThreadPoolExecutor(len(senders)) as pool:
        _force(connection, "NO FORCE")
        for turn in range(BATCHES // len(senders) + 1):
            batches = [freeze(sender) for sender in senders]
            started = time.perf_counter()
            list(pool.map(send, range(len(senders)), batches))
            sent = time.perf_counter() - started
            # The same people in tubes of other numbers, beyond every block.
            rows = [
                _rows([number + 5 * 10**9 for number in numbers], people, sender, now)
                for sender, (_raw, _signature, numbers, people) in zip(senders, batches, strict=True)
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


def _tube_by_tube(port: int, senders: Sequence[Sender]) -> tuple[int, list[float]]:
    """Requests at the pace asked for; waits are counted from when a request was due, not from when it was sent."""
    pause = LINES * IN_A_TUBE / PERSONS_A_SECOND
    waits: list[list[float]] = [[] for _ in range(LINES)]
    begun = time.perf_counter() + 1.0

    def keep_sending(at: int) -> None:
        chance = random.Random(at)  # noqa: S311 - repeatable load, no secret
        mine = senders[at::LINES]
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        due, turn = begun + at * pause / LINES, 0
        while due < begun + SECONDS:
            sender = mine[turn % len(mine)]
            people = chance.sample(range(1, PEOPLE + 1), IN_A_TUBE)
            raw, signature, _numbers = sender.batch(people, 1, datetime.now(UTC))
            time.sleep(max(due - time.perf_counter(), 0))
            if time.perf_counter() > begun + SECONDS:
                return
            _send(line, raw, signature, 1)
            waits[at].append(time.perf_counter() - due)
            due, turn = due + pause, turn + 1

    threads = [threading.Thread(target=keep_sending, args=(at,)) for at in range(LINES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    flat = [wait for each in waits for wait in each]
    return len(flat), flat


if __name__ == "__main__":
    print(json.dumps([asdict(figure) for figure in measure()]))
