"""What is asked of a tube and of an upload before it is taken in."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dayclear.foundation.areas import Area
from dayclear.foundation.decisions import Decision, Reason, refuse

# A phone's clock is off by seconds, a network slow by minutes: below this nothing is corrected.
CLOCK_TOLERANCE = timedelta(minutes=5)
KINDS = ("persons", "goods", "environment")


def clock_shift(device_says: datetime | None, sent_at: datetime, *, received_at: datetime) -> timedelta:
    """What to add to a device's instants; zero within the tolerance.

    `device_says` is its clock at the moment of sending. `sent_at` was frozen with the batch, perhaps hours before: by
    itself it shows only a clock that runs ahead.
    """
    shift = received_at - (device_says or max(sent_at, received_at - CLOCK_TOLERANCE))
    return shift if abs(shift) > CLOCK_TOLERANCE else timedelta()


@dataclass(frozen=True, slots=True)
class RoundFacts:
    """A round as a tube meets it. `closed_at`: when it was closed before its time."""

    area: Area
    starts_at: datetime
    ends_at: datetime
    people_per_tube: int
    state: str
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DeviceFacts:
    """What a device may do.

    Shape: `blocks` are closed ranges of tube numbers, `points` maps to places, `taken` are numbers already closed.
    """

    state: str
    area: Area
    blocks: Sequence[tuple[int, int]]
    rounds: Mapping[int, RoundFacts]
    points: Mapping[int, int]
    taken: Collection[int]

    def holds(self, number: int) -> bool:
        return any(first <= number <= last for first, last in self.blocks)


@dataclass(frozen=True, slots=True)
class TubeFacts:
    """A tube as the device closed it, its instants already by the server's clock.

    `number` is None where the label's check character is wrong. `persons` counts different persons, `unknown` those
    whom nobody knows by what was scanned. `twice`: the batch holds a tube of this number before it.
    """

    number: int | None
    label: str
    round: int
    point: int
    kind: str
    opened_at: datetime
    closed_at: datetime
    persons: int
    items: int = 0
    unknown: int = 0
    twice: bool = False


def judge_tube(tube: TubeFacts, device: DeviceFacts, *, now: datetime) -> Decision:
    """Whether a tube is taken in. Shape: the reasons, the most telling first."""
    if tube.number is None:
        return refuse("tube_number_bad", tube=tube.label)
    reasons = [
        *_of_number(tube, tube.number, device),
        *_of_place(tube, device),
        *_of_content(tube, device.rounds.get(tube.round)),
    ]
    if tube.closed_at < tube.opened_at or tube.closed_at > now + CLOCK_TOLERANCE:
        reasons.append(Reason("tube_times_bad", {"tube": tube.label}))
    return Decision(tuple(reasons))


def _of_number(tube: TubeFacts, number: int, device: DeviceFacts) -> list[Reason]:
    if tube.twice or number in device.taken:
        return [Reason("tube_already_closed", {"tube": tube.label})]
    if device.state == "lost":
        return [Reason("device_lost", {"tube": tube.label})]
    if not device.holds(number):
        return [Reason("tube_not_of_device", {"tube": tube.label})]
    return []


def _of_place(tube: TubeFacts, device: DeviceFacts) -> list[Reason]:
    said: dict[str, str | int] = {"tube": tube.label}
    found = device.rounds.get(tube.round)
    if found is None or found.state in ("planned", "cancelled"):
        return [Reason("round_unknown", said)]
    place = device.points.get(tube.point)
    if place is None:
        return [Reason("point_unknown", said)]
    if place not in found.area:
        return [Reason("point_outside_round", said)]
    over = min(found.ends_at, found.closed_at or found.ends_at)
    if not found.starts_at <= tube.opened_at <= over:
        return [Reason("round_not_running", {**said, "from": _minute(found.starts_at), "to": _minute(over)})]
    return []


def _of_content(tube: TubeFacts, found: RoundFacts | None) -> list[Reason]:
    said: dict[str, str | int] = {"tube": tube.label}
    if tube.kind not in KINDS:
        return [Reason("tube_kind_unknown", said)]
    if tube.kind != "persons":
        return [] if tube.items else [Reason("tube_empty", said)]
    if tube.unknown:
        return [Reason("person_unknown", {**said, "n": tube.unknown})]
    if not tube.persons:
        return [Reason("tube_empty", said)]
    if found is not None and tube.persons > found.people_per_tube:
        return [Reason("tube_too_full", {**said, "n": tube.persons, "most": found.people_per_tube})]
    return []


def _minute(instant: datetime) -> str:
    return instant.isoformat(timespec="minutes")


def judge_counter(*, last: int, counter: int) -> Decision:
    """Whether an upload may carry this counter: a gap is accepted (and shown), going back to a missing one is too.

    What was received under the counter before is settled by its digest, not here.
    """
    return refuse("counter_bad", counter=counter) if counter < 1 or counter > last + 100_000 else Decision()
