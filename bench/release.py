"""Results of laboratories: a file read, its plates taken in, released; and one positive tube until its chain is on a
squad's list."""

from __future__ import annotations

import json
import os
import resource
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import quantiles
from typing import TYPE_CHECKING, Any

from bench.figures import Figure
from bench.installation import measured_inside, temporary_home

if TYPE_CHECKING:
    from dayclear.foundation.actors import Actor
    from dayclear.lab.rules.intake import PlateReadings

ON_A_PLATE, IN_A_TUBE, ALONE = 92, 10, 40
# Plates handed in and released at once.
PLATES = [int(each) for each in os.environ.get("BENCH_RELEASE_PLATES", "1,50,500").split(",")]
# One tube in a thousand, as on the day of Hainan that is asked for: 945 of 945,000.
POSITIVE_EVERY = 1000
_VILLAGE = 610113001001 * 10**6


def run() -> list[Figure]:
    """Shape: for each number of plates the time of the file, the intake and the release; then one positive alone.

    `BENCH_RELEASE_PLATES` sets the numbers of plates, such as 1,50,500,5435.
    """
    with temporary_home() as home:
        return measured_inside("bench.release", home)


@dataclass(frozen=True, slots=True)
class _Laboratory:
    """A laboratory with its two people: one enters, the other signs."""

    id: int
    assay: int
    first: Actor
    second: Actor


def measure() -> list[Figure]:
    """Runs inside the installation that the environment names."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dayclear.config.settings")
    from dayclear.foundation.postgres import running

    with running():
        import django

        django.setup()
        lab = _prepare(datetime.now(UTC))
        figures: list[Figure] = []
        at = 1
        for plates in PLATES:
            figures += _batch(lab, at, plates)
            at += plates * ON_A_PLATE
        return figures + _alone(lab, at)


def _batch(lab: _Laboratory, start: int, plates: int) -> Iterator[Figure]:
    from dayclear.foundation.clock import local_zone
    from dayclear.foundation.scope import acting
    from dayclear.interop.labfiles.reading import read_lab_file
    from dayclear.interop.labfiles.tables import write_csv
    from dayclear.lab.commands import release_plates, take_in_results

    now = datetime.now(UTC)
    tubes = range(start, start + plates * ON_A_PLATE)
    groups = [tubes[at : at + ON_A_PLATE] for at in range(0, len(tubes), ON_A_PLATE)]
    positive = [tube for tube in tubes if tube % POSITIVE_EVERY == 0]
    _close(tubes, positive, now)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "results.csv"
        path.write_bytes(write_csv(_run(lab, groups, frozenset(positive), now)))
        begun = time.perf_counter()
        file = read_lab_file(path, zone=local_zone())
        taken = time.perf_counter() - begun
    if file.problems or file.used != file.rows:
        raise RuntimeError(f"not read: {file.problems[:3]}")
    name = f"{len(tubes):,} tubes"
    yield Figure(f"Result file of {name}, csv", file.rows / taken, "lines/s", note=f"{file.rows:,} lines")
    with acting(lab.first):
        begun = time.perf_counter()
        done = take_in_results(lab.id, file.plates, by=lab.first, now=now)
        taken = time.perf_counter() - begun
    if done.problems:
        raise RuntimeError(f"not taken in: {next(iter(done.problems.items()))}")
    per_tube = f"{taken / len(tubes) * 1e6:.0f} µs a tube; {plates:,} plates"
    yield Figure(f"Results of {name} taken in", taken, "s", command="lab.commands.take_in_results", note=per_tube)
    del file
    with acting(lab.second):
        begun = time.perf_counter()
        release_plates(done.plates, by=lab.second, now=now)
        taken = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    cost = f"{taken / len(tubes) * 1e6:.0f} µs a tube; {len(positive):,} positive; memory at most {peak:,.0f} MB so far"
    yield Figure(f"Results of {name} released", taken, "s", command="lab.commands.release_plates", note=cost)


def _alone(lab: _Laboratory, start: int) -> list[Figure]:
    """Plates with one positive tube each, one after another: from the second signature to the squad's list."""
    from dayclear.foundation.scope import acting
    from dayclear.lab.commands import release_plates, take_in_results
    from dayclear.sampling.models import ChainMember

    waits = []
    for at in range(ALONE + 5):
        now = datetime.now(UTC)
        tubes = range(start + at * ON_A_PLATE, start + (at + 1) * ON_A_PLATE)
        _close(tubes, tubes[:1], now)
        said = _run(lab, [tubes], frozenset(tubes[:1]), now)
        with acting(lab.first):
            plates = take_in_results(lab.id, said, by=lab.first, now=now).plates
        begun = time.perf_counter()
        with acting(lab.second):
            release_plates(plates, by=lab.second, now=now)
        waits.append(time.perf_counter() - begun)
        with acting(lab.second):
            on_list = ChainMember.objects.filter(tube=tubes[0], squad__isnull=False).count()
        if on_list != IN_A_TUBE:
            raise RuntimeError(f"{on_list} members on the squad's list")
    cuts = quantiles(waits[5:], n=20)
    note = f"a plate of {ON_A_PLATE} with one positive of {IN_A_TUBE} people, one transaction; {ALONE} times, alone"
    return [
        Figure("Positive released → on the squad's list, median", cuts[9] * 1000, "ms", note=note),
        Figure("Positive released → on the squad's list, p95", cuts[18] * 1000, "ms", note=f"{note}; aim < 2 s"),
    ]


def _prepare(now: datetime) -> _Laboratory:
    from dayclear.foundation.actors import Actor
    from dayclear.foundation.areas import area_of
    from dayclear.foundation.models import User
    from dayclear.foundation.rules import Role
    from dayclear.foundation.scope import acting
    from dayclear.lab.tests.acts import SYSTEM, common_assay, laboratory
    from dayclear.sampling.commands.chains import make_squad

    people = [
        Actor(User.objects.create_user(username=name).pk, name, Role.LAB_WORKER, area_of(610113 * 10**12))
        for name in ("bench-first", "bench-second")
    ]
    lab, assay = laboratory(now), common_assay(now)
    with acting(SYSTEM):
        make_squad(_VILLAGE, "bench", by=SYSTEM, now=now)
    return _Laboratory(lab, assay, *people)


def _close(tubes: range, positive: Sequence[int], now: datetime) -> None:
    """Tubes as a phone sent them; only those that will be positive need their people for what is measured here."""
    from django.db import connection

    from dayclear.foundation.clock import local_day
    from dayclear.foundation.scope import acting
    from dayclear.lab.tests.acts import SYSTEM

    wanted: dict[str, Any] = {"village": _VILLAGE, "day": local_day(now), "at": now - timedelta(hours=3), "now": now}
    wanted |= {"first": tubes[0], "last": tubes[-1], "positive": list(positive), "each": IN_A_TUBE}
    with acting(SYSTEM), connection.cursor() as cursor:
        cursor.execute("SELECT sampling_make_day(%(day)s)", wanted)
        cursor.execute(
            """
            INSERT INTO sampling_tube (number, area, day, round_id, point_id, device_id, counter, kind, opened_at,
                closed_at, received_at, shift_s, persons)
            SELECT n, %(village)s, %(day)s, 1, 1, 1, 1, 'persons', %(at)s, %(at)s, %(now)s, 0, %(each)s
            FROM generate_series(%(first)s::bigint, %(last)s::bigint) n
            """,
            wanted,
        )
        cursor.execute(
            """
            INSERT INTO people_person (id, area, name, residence, name_pinyin, sex, retention_class, retain_until)
            SELECT n * %(each)s + i, %(village)s, 'N' || n, '', '', 'unknown', 'swab', %(day)s::date + 30
            FROM unnest(%(positive)s::bigint[]) n, generate_series(0, %(each)s - 1) i
            """,
            wanted,
        )
        cursor.execute(
            """
            INSERT INTO sampling_swab (tube, person, day, area)
            SELECT n, n * %(each)s + i, %(day)s, %(village)s
            FROM unnest(%(positive)s::bigint[]) n, generate_series(0, %(each)s - 1) i
            """,
            wanted,
        )


def _run(lab: _Laboratory, groups: Sequence[range], positive: frozenset[int], now: datetime) -> list[PlateReadings]:
    """Receive and plate the tubes; what the machine says of each plate."""
    from dayclear.foundation.scope import acting
    from dayclear.lab.commands import plate_tubes, receive_tubes
    from dayclear.lab.rules.cutoffs import State
    from dayclear.lab.tests.acts import layout, readings

    for at in range(0, len(groups), 500):
        some = groups[at : at + 500]
        with acting(lab.first):
            tubes = {tube: "good" for group in some for tube in group}
            receive_tubes(lab.id, tubes, by=lab.first, now=now - timedelta(hours=2, minutes=30))
            layouts = [layout(f"P{group[0]}", group, lab.assay) for group in some]
            plate_tubes(lab.id, layouts, by=lab.first, now=now - timedelta(hours=2, minutes=15))
    states = dict.fromkeys(positive, State.POSITIVE)
    return [readings(f"P{group[0]}", group, now, states) for group in groups]


if __name__ == "__main__":
    print(json.dumps([asdict(figure) for figure in measure()]))
