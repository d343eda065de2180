"""Sampling devices of the bench, and the real web server and worker that they meet."""

from __future__ import annotations

import http.client
import json
import os
import random
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

UPLOADS = "/api/v1/sampling/uploads"
IN_A_TUBE = 10


@dataclass
class Batch:
    """A signed batch. Shape: `numbers` of its tubes, `people` of their swabs, ten to a tube."""

    body: bytes
    signature: str
    numbers: list[int]
    people: Sequence[int]


@dataclass
class Sender:
    """A device: its key, its round and point, its numbers, its counter."""

    id: int
    sign: Callable[[bytes], str]
    round: int
    point: int
    next_number: int
    counter: int = 0

    def batch(self, people: Sequence[int], now: datetime, *, in_a_box: int = 0) -> Batch:
        """Tubes of ten of these people, and so many tubes in a box; none in boxes by default."""
        from dayclear.sampling.rules.numbers import printed
        from dayclear.sampling.tokens import make_tokens, token_text

        texts = [token_text(token) for token in make_tokens([(person, 1) for person in people])]
        self.counter += 1
        numbers = list(range(self.next_number, self.next_number + -(-len(people) // IN_A_TUBE)))
        self.next_number += len(numbers)
        opened, closed = (now - timedelta(minutes=minutes) for minutes in (9, 1))
        tubes = [
            {
                "number": printed(number),
                "round": self.round,
                "point": self.point,
                "opened_at": opened.isoformat(),
                "closed_at": closed.isoformat(),
                "swabs": [
                    {"at": opened.isoformat(), "token": text} for text in texts[at * IN_A_TUBE : (at + 1) * IN_A_TUBE]
                ],
            }
            for at, number in enumerate(numbers)
        ]
        said = {"device": self.id, "counter": self.counter, "sent_at": now.isoformat(), "tubes": tubes}
        if in_a_box:
            starts = range(0, len(numbers), in_a_box)
            said["boxes"] = [_box(numbers[start : start + in_a_box], now) for start in starts]
        body = json.dumps(said).encode()
        return Batch(body, self.sign(body), numbers, people)


def _box(numbers: Sequence[int], now: datetime) -> dict[str, object]:
    from dayclear.sampling.rules.numbers import printed

    name = UUID(int=random.getrandbits(128), version=4)
    labels = [printed(number) for number in numbers]
    return {"id": str(name), "tubes": labels, "counted": len(labels), "closed_at": now.isoformat()}


def fleet(areas: Sequence[int], round_id: int, tubes_each: int, now: datetime) -> list[Sender]:
    """A device for each of these places, with a point there and room for so many tubes."""
    from dayclear.sampling.models import NumberBlock
    from dayclear.sampling.tests.acts import phone

    points: dict[int, int] = {}
    phones = []
    for area in areas:
        made = phone(now, area=area, round_id=round_id, point=points.get(area), mark=str(area))
        points[area] = made.point
        phones.append(made)
    # A device of the bench closes more tubes than one in a shift: room of its own, beyond all that was given out.
    NumberBlock.objects.filter(device__isnull=False).update(revoked_at=now)
    start = (len(phones) + 1) * 10_000
    blocks = NumberBlock.objects.bulk_create(
        NumberBlock(
            area=area,
            device_id=each.id,
            first=start + at * tubes_each,
            last=start + (at + 1) * tubes_each - 1,
            made_at=now,
        )
        for at, (area, each) in enumerate(zip(areas, phones, strict=True))
    )
    return [
        Sender(each.id, each.sign, each.round, each.point, block.first)
        for each, block in zip(phones, blocks, strict=True)
    ]


@dataclass(frozen=True)
class Product:
    """The web server and the worker, as processes."""

    port: int
    processes: tuple[int, ...]

    def line(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def memory(self) -> float:
        """Units: MB held by web server and worker with their children (resident, less what is shared)."""
        return sum(_private(process) for process in _with_children(self.processes)) / 1024


@contextmanager
def serving() -> Iterator[Product]:
    """Web server and worker of the installation that the environment names."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    commands = (["web", "--port", str(port)], ["worker"])
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "dayclear", *command],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        for command in commands
    ]
    try:
        _await(port)
        yield Product(port, tuple(process.pid for process in processes))
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(30)


def send(line: http.client.HTTPConnection, batch: Batch) -> None:
    """Upload a batch. Raises: RuntimeError, unless all its tubes are taken in."""
    headers = {
        "Content-Type": "application/json",
        "Dayclear-Signature": batch.signature,
        "Dayclear-Date": datetime.now(UTC).isoformat(),
    }
    line.request("POST", UPLOADS, batch.body, headers)
    answer = line.getresponse()
    said = answer.read()
    if answer.status != 200 or json.loads(said)["accepted"]["tubes"] != len(batch.numbers):
        raise RuntimeError(f"{answer.status}: {said[:400]!r}")


def _await(port: int) -> None:
    for _ in range(600):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError("the web server did not start")


def _with_children(processes: Sequence[int]) -> Iterator[int]:
    for process in processes:
        yield process
        children = Path(f"/proc/{process}/task/{process}/children")
        yield from _with_children([int(child) for child in children.read_text().split()])


def _private(process: int) -> int:
    """Units: KB."""
    rows = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    return sum(int(row.split()[1]) for row in rows if row.startswith(("Private_Clean", "Private_Dirty")))


def setting_up() -> None:
    """Django, in the installation that the environment names."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dayclear.config.settings")
    django.setup()
