"""The rows of an upload: what is asked of the database before, and the one statement that writes it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import connection

from dayclear.foundation.areas import area_of
from dayclear.foundation.database import array, run_prepared
from dayclear.people.queries import kept_in_the_end
from dayclear.sampling.rules.intake import DeviceFacts, RoundFacts


@dataclass(frozen=True, slots=True)
class Held:
    """What stands about a device, its row locked until commit.

    `digest` and `answer` are those of an upload that came under this counter before. `people` are those who are not
    simply there: merged into another (their id), or unknown (None). `missing_days` have no partition yet.
    """

    public_key: bytes
    facts: DeviceFacts
    area: int
    last_counter: int
    digest: bytes | None
    answer: dict[str, Any] | None
    people: Mapping[int, int | None]
    missing_days: tuple[date, ...]


@dataclass(slots=True)
class TubeRow:
    """A tube about to be written. Shape: `people` are different persons, none of them merged into another."""

    number: int
    area: int
    day: date
    round: int
    point: int
    kind: str
    opened_at: datetime
    closed_at: datetime
    people: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class UploadRow:
    """An upload about to be written."""

    device: int
    counter: int
    area: int
    digest: bytes
    sent_at: datetime
    received_at: datetime
    shift_s: int
    offset_s: int


@dataclass(frozen=True, slots=True)
class Written:
    """What the statement did. `claimed` is false where the counter had been used; then nothing was written."""

    claimed: bool
    tubes: frozenset[int]
    swabs: int


# The upload is joined, not locked: whoever came a moment earlier under the same counter is found by the writing itself.
_HELD = """
SELECT d.public_key, d.state, d.area, d.last_counter, u.digest, u.answer::text,
    (SELECT coalesce(jsonb_agg(jsonb_build_array(b.first, b.last)), '[]')::text FROM sampling_number_block b
     WHERE b.device_id = d.id AND b.revoked_at IS NULL),
    (SELECT coalesce(jsonb_agg(jsonb_build_array(r.id, r.area, r.starts_at, r.ends_at, r.people_per_tube, r.state,
        r.closed_at)), '[]')::text FROM sampling_round r WHERE r.id = ANY(%(rounds)s::bigint[])),
    (SELECT coalesce(jsonb_agg(jsonb_build_array(p.id, p.area)), '[]')::text FROM sampling_point p
     WHERE p.id = ANY(%(points)s::bigint[])),
    (SELECT coalesce(jsonb_agg(t.number), '[]')::text FROM sampling_tube t
     WHERE t.number = ANY(%(numbers)s::bigint[])),
    (SELECT coalesce(jsonb_agg(jsonb_build_array(a.id, p.merged_into_id)), '[]')::text
     FROM unnest(%(people)s::bigint[]) a(id) LEFT JOIN people_person p ON p.id = a.id
     WHERE p.id IS NULL OR p.merged_into_id IS NOT NULL),
    (SELECT coalesce(array_agg(a.day), '{}') FROM unnest(%(days)s::date[]) a(day)
     WHERE to_regclass('sampling_swab_' || to_char(a.day, 'YYYYMMDD')) IS NULL)
FROM sampling_device d
LEFT JOIN sampling_upload u ON u.device_id = d.id AND u.counter = %(counter)s
WHERE d.id = %(device)s FOR UPDATE OF d
"""


def hold_device(
    device: int,
    counter: int,
    *,
    rounds: set[int],
    points: set[int],
    numbers: Sequence[int],
    people: set[int],
    days: set[date],
) -> Held | None:
    """Lock a device and gather, in one statement, all that its upload is judged by."""
    asked = {"rounds": rounds, "points": points, "numbers": numbers, "people": people, "days": days}
    arrays = {name: array(values) for name, values in asked.items()}
    row = run_prepared(_HELD, arrays | {"device": device, "counter": counter})
    if row is None:
        return None
    public_key, state, area, last, digest, answer, *lists, missing = row
    blocks, found_rounds, found_points, taken, odd = (json.loads(each) for each in lists)
    inside = area_of(area)
    facts = DeviceFacts(
        state=state,
        area=inside,
        blocks=[(first, last_of) for first, last_of in blocks],
        rounds={row[0]: _round(*row[1:]) for row in found_rounds},
        points={point: place for point, place in found_points if place in inside},
        taken=frozenset(taken),
    )
    return Held(
        public_key=bytes(public_key),
        facts=facts,
        area=area,
        last_counter=last,
        digest=bytes(digest) if digest is not None else None,
        answer=json.loads(answer) if answer is not None else None,
        people={person: kept_in_the_end(merged) if merged else None for person, merged in odd},
        missing_days=tuple(missing),
    )


def _round(area: int, starts: str, ends: str, people_per_tube: int, state: str, closed: str | None) -> RoundFacts:
    starts_at, ends_at = datetime.fromisoformat(starts), datetime.fromisoformat(ends)
    closed_at = datetime.fromisoformat(closed) if closed else None
    return RoundFacts(area_of(area), starts_at, ends_at, people_per_tube, state, closed_at)


def make_days(days: Iterable[date]) -> None:
    """Make the partitions for days that have none yet."""
    with connection.cursor() as cursor:
        for day in days:
            cursor.execute("SELECT sampling_make_day(%s)", [day])


# Everything hangs on `claimed`: an upload that lost the race for its counter writes nothing at all.
_CLAIMED = """
WITH claimed AS (
    INSERT INTO sampling_upload (device_id, counter, area, digest, sent_at, received_at, shift_s, answer)
    VALUES (%(device)s, %(counter)s, %(area)s, %(digest)s, %(sent_at)s, %(received_at)s, %(shift_s)s, %(answer)s)
    ON CONFLICT DO NOTHING RETURNING device_id),
heard AS (
    UPDATE sampling_device SET last_counter = greatest(last_counter, %(counter)s), received = received + 1,
        last_seen_at = %(received_at)s, clock_offset_s = %(offset_s)s
    WHERE id IN (SELECT device_id FROM claimed)),
"""
_HELD_ALREADY = "WITH claimed AS (SELECT %(device)s::bigint AS device_id),"
_TUBES = """
tubes AS (
    INSERT INTO sampling_tube (number, area, day, round_id, point_id, device_id, counter, kind, opened_at, closed_at,
        received_at, shift_s, persons)
    SELECT t.number, t.area, t.day, t.round, t.point, c.device_id, %(counter)s, t.kind, t.opened_at, t.closed_at,
        %(received_at)s, %(shift_s)s, t.persons
    FROM claimed c, unnest(%(number)s::bigint[], %(place)s::bigint[], %(day)s::date[], %(round)s::bigint[],
        %(point)s::bigint[], %(kind)s::text[], %(opened_at)s::timestamptz[], %(closed_at)s::timestamptz[],
        %(persons)s::smallint[]) t(number, area, day, round, point, kind, opened_at, closed_at, persons)
    ON CONFLICT (number) DO NOTHING
    RETURNING number, area, day, round_id, point_id, closed_at, persons),
swabs AS (
    INSERT INTO sampling_swab (tube, person, day, area)
    SELECT t.number, s.person, t.day, t.area
    FROM unnest(%(swab_tube)s::bigint[], %(swab_person)s::bigint[]) s(tube, person) JOIN tubes t ON t.number = s.tube),
tallied AS (
    INSERT INTO sampling_tally AS y (device_id, round_id, point_id, hour, area, tubes, persons)
    SELECT %(device)s, round_id, point_id, date_trunc('hour', closed_at), min(area), count(*), sum(persons)
    FROM tubes GROUP BY round_id, point_id, date_trunc('hour', closed_at)
    ON CONFLICT (device_id, round_id, point_id, hour)
    DO UPDATE SET tubes = y.tubes + excluded.tubes, persons = y.persons + excluded.persons)
SELECT (SELECT count(*) FROM claimed), (SELECT coalesce(array_agg(number), '{}') FROM tubes)
"""


def write_upload(upload: UploadRow, answer: str, tubes: Sequence[TubeRow]) -> Written:
    """Write an upload with its tubes and swabs: one statement, whether it brings one tube or a thousand.

    `answer` is JSON: what the device is told.
    """
    return _write(_CLAIMED, upload, answer, tubes)


def write_late_tube(upload: UploadRow, tube: TubeRow) -> Written:
    """Write a tube of an upload that was taken in before: its dispute is settled."""
    return _write(_HELD_ALREADY, upload, "", [tube])


def _write(claim: str, upload: UploadRow, answer: str, tubes: Sequence[TubeRow]) -> Written:
    row = {"answer": answer} | {name: getattr(upload, name) for name in UploadRow.__slots__}
    columns: dict[str, Iterable[object]] = {
        "number": (tube.number for tube in tubes),
        "place": (tube.area for tube in tubes),
        "day": (tube.day for tube in tubes),
        "round": (tube.round for tube in tubes),
        "point": (tube.point for tube in tubes),
        "kind": (tube.kind for tube in tubes),
        "opened_at": (tube.opened_at for tube in tubes),
        "closed_at": (tube.closed_at for tube in tubes),
        "persons": (len(tube.people) for tube in tubes),
        "swab_tube": (tube.number for tube in tubes for _ in tube.people),
        "swab_person": (person for tube in tubes for person in tube.people),
    }
    found = run_prepared(claim + _TUBES, row | {name: array(values) for name, values in columns.items()})
    assert found is not None, "the statement always answers with one row"
    claimed, numbers = found
    written = frozenset(numbers)
    return Written(bool(claimed), written, sum(len(tube.people) for tube in tubes if tube.number in written))
