"""A whole day of Hainan: everybody swabbed, every tube examined, each positive one in its squad's hands.

9.45 million people by tens (testing reference, section 0), one tube in a thousand positive. Devices upload in bulk with
their boxes, the laboratories take in what arrives, an officer looks at pages: all at once, until the queue is empty.
`BENCH_DAY_PEOPLE` sets another number of people.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import UTC, datetime
from statistics import quantiles
from typing import Any

from bench.figures import Figure
from bench.fleet import IN_A_TUBE, Product, Sender, fleet, send, serving, setting_up
from bench.installation import measured_inside, temporary_home
from bench.looking import Looking, page

PEOPLE = int(os.environ.get("BENCH_DAY_PEOPLE", "9450000"))
POSITIVE_ONE_IN, TUBES, IN_A_BOX, LINES, LABORATORIES = 1_000, 500, 250, 4, 20
# Boxes that a laboratory takes in at once, some two thousand tubes.
_DELIVERY = 8
_PROVINCE, _COUNTIES = 61 * 10**16, 100
_AT_A_TIME = 500_000


def run() -> list[Figure]:
    """Shape: the seconds of the day, the waits of pages and of squads during it, the memory at its end."""
    with temporary_home() as home:
        return measured_inside("bench.hainan_day", home)


def measure() -> list[Figure]:
    """Runs inside the installation that the environment names."""
    from dayclear.foundation.postgres import running

    with running():
        setting_up()
        senders, cookie, squads = _prepare()
        with serving() as product:
            looking = Looking(product, cookie, PEOPLE)
            laboratories = subprocess.Popen(
                [sys.executable, "-m", "bench.hainan_day", str(product.port), cookie, json.dumps(squads)],
                stdout=subprocess.PIPE,
                text=True,
            )
            begun = time.perf_counter()
            with looking:
                _upload(product, senders)
                uploaded = time.perf_counter() - begun
                told, _nothing = laboratories.communicate()
                if laboratories.returncode:
                    raise RuntimeError("the laboratories stopped")
                released = time.perf_counter() - begun
                _await_empty_queue()
            took = time.perf_counter() - begun
        squad_waits: list[float] = json.loads(told)
        _require_whole(len(squad_waits))
    return [*_figures(took, uploaded, released, squad_waits), *looking.figures()]


def _figures(took: float, uploaded: float, released: float, squad_waits: Sequence[float]) -> Iterator[Figure]:
    tubes = PEOPLE // IN_A_TUBE
    note = f"uploaded after {uploaded:,.0f} s, released after {released:,.0f} s, queue empty at the end"
    yield Figure(
        "A Hainan day", took, "s", command="bench.hainan_day", note=f"{PEOPLE:,} people, {tubes:,} tubes; {note}"
    )
    yield Figure(
        "Positive results in, squad's list shows them, p95",
        quantiles(squad_waits, n=20)[-1] * 1000,
        "ms",
        command="release_plates, then GET /sampling/positive/members/",
        note=f"{len(squad_waits):,} positive tubes, during that day; aim < 2,000 ms",
    )


# ------------------------------------------------------------------------------------------------- filling


def _prepare() -> tuple[list[Sender], str, dict[int, int]]:
    """People in the places of a province, devices, squads. Shape: devices, a session's cookie, township → squad."""
    from django.conf import settings
    from django.db import connections

    from bench.province import province, signed_in
    from dayclear.foundation.actors import system
    from dayclear.foundation.scope import acting
    from dayclear.places.models import Place
    from dayclear.sampling.commands.chains import make_squad
    from dayclear.sampling.tests.acts import open_round

    now, by = datetime.now(UTC), system("bench")
    commander = province()
    client = signed_in(commander)
    with acting(by):
        townships = sorted(Place.objects.filter(level=4).values_list("number", flat=True))
        squads = {township: make_squad(township, f"Squad {township}", by=by, now=now) for township in townships}
        senders = fleet(townships, open_round(now, area=_PROVINCE), PEOPLE // IN_A_TUBE // len(townships) + TUBES, now)
    _add_people()
    with connections["owner"].cursor() as cursor:
        cursor.execute("ANALYZE")
    return senders, f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}", squads


def _add_people() -> None:
    """Not part of what is measured: two connections at once."""
    from django.db import connection

    from bench.province import PEOPLE_ROWS, SPREAD
    from dayclear.foundation.actors import system
    from dayclear.foundation.scope import acting

    def add(first: int) -> None:
        with acting(system("bench")), connection.cursor() as cursor:
            cursor.execute(PEOPLE_ROWS.format(area=SPREAD), [first, min(first + _AT_A_TIME - 1, PEOPLE)])

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(add, range(1, PEOPLE + 1, _AT_A_TIME)))


# --------------------------------------------------------------------------------------------- the sampling


def _upload(product: Product, senders: Sequence[Sender]) -> None:
    """Every device, one to a township, uploads people of its county."""
    of_a_county = len(senders) // _COUNTIES

    def work(line_number: int) -> None:
        line = product.line()
        for at in range(line_number, len(senders), LINES):
            # `SPREAD` puts person n into the county n * 31 % 100: every hundredth is a neighbour.
            own = range(_first_of(at // of_a_county), PEOPLE + 1, _COUNTIES)
            own = own[at % of_a_county * len(own) // of_a_county : (at % of_a_county + 1) * len(own) // of_a_county]
            for start in range(0, len(own), TUBES * IN_A_TUBE):
                people = own[start : start + TUBES * IN_A_TUBE]
                send(line, senders[at].batch(people, datetime.now(UTC), in_a_box=IN_A_BOX))

    with ThreadPoolExecutor(LINES) as pool:
        list(pool.map(work, range(LINES)))


def _first_of(county: int) -> int:
    return next(person for person in range(1, _COUNTIES + 1) if person * 31 % _COUNTIES == county)


# ----------------------------------------------------------------------------------------- the laboratories


def examine(port: int, cookie: str, squads: dict[str, int]) -> list[float]:
    """Take in every box as it stands ready, until all tubes have a result.

    Units: seconds from the order to release until the squad's list shows a positive tube, one entry a tube.
    """
    from bench.laboratory import Laboratory
    from dayclear.foundation.actors import system
    from dayclear.foundation.scope import acting
    from dayclear.lab.rules.cutoffs import State

    with acting(system("bench")):
        now = datetime.now(UTC)
        areas = [int(township) for township in squads]
        laboratories = [Laboratory(areas[at], f"L{at}", now) for at in range(LABORATORIES)]
    chance, product = random.Random(945), Product(port, ())  # noqa: S311 - repeatable load, no secret
    waits, done = [], 0
    while done < PEOPLE // IN_A_TUBE:
        laboratory = laboratories[done % LABORATORIES]
        boxes = _ready()
        if not boxes:
            time.sleep(0.2)
            continue
        tubes = _deliver(laboratory, boxes)
        positive = chance.sample(tubes, len(tubes) // POSITIVE_ONE_IN + (chance.random() < len(tubes) % 1000 / 1000))
        plates = laboratory.run(tubes, dict.fromkeys(positive, State.POSITIVE))
        begun = time.perf_counter()
        laboratory.release(plates)
        for tube in positive:
            _await_on_list(product, cookie, squads, tube)
            waits.append(time.perf_counter() - begun)
        done += len(tubes)
    return waits


def _ready() -> list[Any]:
    from dayclear.foundation.actors import system
    from dayclear.foundation.scope import acting
    from dayclear.sampling.models import Box

    with acting(system("bench")):
        return list(Box.objects.filter(state="ready").order_by("closed_at", "id")[:_DELIVERY])


def _deliver(laboratory: Any, boxes: Sequence[Any]) -> list[int]:
    """Both signatures of every box; returns its tubes."""
    from dayclear.foundation.actors import system
    from dayclear.foundation.scope import acting
    from dayclear.lab.commands.boxes import address_of, receive_box_here
    from dayclear.sampling.commands import send_box
    from dayclear.sampling.models import BoxedTube

    sender, tubes = system("bench"), []
    for box in boxes:
        now = datetime.now(UTC)
        with acting(sender):
            to = address_of(laboratory.id)
            send_box(box.pk, destination=to, destination_name="L", counted=box.counted, by=sender, now=now)
            inside = list(BoxedTube.objects.filter(box=box).values_list("tube", flat=True))
        with acting(laboratory.worker):
            good = dict.fromkeys(inside, "good")
            receive_box_here(
                laboratory.id, box.pk, good, counted=len(inside), by=laboratory.worker, now=datetime.now(UTC)
            )
        tubes += inside
    return tubes


def _await_on_list(product: Product, cookie: str, squads: dict[str, int], tube: int) -> None:
    from dayclear.foundation.actors import system
    from dayclear.foundation.scope import acting
    from dayclear.sampling.models import Tube
    from dayclear.sampling.rules.numbers import printed

    with acting(system("bench")):
        area = Tube.objects.get(pk=tube).area
    squad, label = squads[str(area)], printed(tube)
    for _ in range(100):
        if label in page(product, cookie, f"/sampling/positive/members/?squad={squad}"):
            return
        time.sleep(0.05)
    raise RuntimeError(f"{label} never came onto the list of squad {squad}")


# ------------------------------------------------------------------------------------------------ the count


def _await_empty_queue() -> None:
    from django.db import connection

    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing') AND queue_name <> 'upkeep'"
            )
            if not cursor.fetchone()[0]:
                return
        time.sleep(0.5)


def _require_whole(positive: int) -> None:
    """Raises: RuntimeError, unless everything that went in came out, once."""
    from dayclear.foundation.actors import system
    from dayclear.foundation.scope import acting
    from dayclear.lab.models import Result, TubeFlow
    from dayclear.sampling.models import Chain, ChainMember, Swab, Tube

    with acting(system("bench")):
        tubes = Tube.objects.count()
        reported = sum(TubeFlow.objects.filter(stage=5).values_list("tubes", flat=True))
        found = {
            "swabs": (Swab.objects.count(), PEOPLE),
            "tubes": (tubes, PEOPLE // IN_A_TUBE),
            "results": (Result.objects.count(), tubes),
            "reported by reconciliation": (reported, tubes),
            "chains": (Chain.objects.count(), positive),
            "members": (ChainMember.objects.count(), positive * IN_A_TUBE),
        }
    wrong = {name: pair for name, pair in found.items() if pair[0] != pair[1]}
    if wrong:
        raise RuntimeError(f"not whole: {wrong}")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        setting_up()
        print(json.dumps(examine(int(sys.argv[1]), sys.argv[2], json.loads(sys.argv[3]))))
    else:
        print(json.dumps([asdict(figure) for figure in measure()]))
