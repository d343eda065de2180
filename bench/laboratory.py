"""A laboratory of the bench at work: tubes received, plated, run and released through its own commands.

`python -m bench.laboratory PACE SECONDS` works beside another load: so many results a second, of the tubes that come.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bench.fleet import setting_up

if TYPE_CHECKING:
    from dayclear.foundation.actors import Actor
    from dayclear.lab.rules.cutoffs import State

SAMPLES = 92


class Laboratory:
    """One laboratory, its worker and the second person who signs, both of the province."""

    def __init__(self, area: int, code: str, now: datetime) -> None:
        from dayclear.foundation.actors import Actor
        from dayclear.foundation.areas import area_of
        from dayclear.foundation.models import User
        from dayclear.foundation.rules import Role
        from dayclear.lab.tests.acts import common_assay, laboratory

        def person(name: str) -> Actor:
            user, _made = User.objects.get_or_create(username=name)
            return Actor(user.pk, name, Role.LAB_WORKER, area_of(area - area % 10**16))

        self.id = laboratory(now, area=area, code=code, name=f"Laboratory {code}")
        self.assay = common_assay(now)
        self.worker: Actor = person("bench-lab-worker")
        self.second: Actor = person("bench-lab-second")
        self._code, self._plates = code, 0

    def receive(self, tubes: Sequence[int]) -> None:
        from dayclear.lab.tests.acts import received

        received(self.id, tubes, by=self.worker, now=datetime.now(UTC))

    def run(self, tubes: Sequence[int], states: Mapping[int, State]) -> list[int]:
        """Plate what was received and take in its results; returns the plates. Shape: `states`: those not negative."""
        from dayclear.foundation.scope import acting
        from dayclear.lab.commands import plate_tubes, take_in_results
        from dayclear.lab.tests.acts import layout, readings

        groups = {self._next_code(): tubes[at : at + SAMPLES] for at in range(0, len(tubes), SAMPLES)}
        now = datetime.now(UTC)
        with acting(self.worker):
            layouts = [layout(code, group, self.assay) for code, group in groups.items()]
            plates = plate_tubes(self.id, layouts, by=self.worker, now=now)
        # The machine ran before; instants are those of the bench.
        later = datetime.now(UTC) + timedelta(seconds=1)
        with acting(self.worker):
            said = [readings(code, group, later, states) for code, group in groups.items()]
            taken = take_in_results(self.id, said, by=self.worker, now=later)
        if taken.problems:
            raise RuntimeError(f"results were not taken in: {taken.problems}")
        return plates

    def release(self, plates: Sequence[int]) -> None:
        from dayclear.foundation.scope import acting
        from dayclear.lab.commands import release_plates

        with acting(self.second):
            release_plates(plates, by=self.second, now=datetime.now(UTC) + timedelta(seconds=1))

    def _next_code(self) -> str:
        self._plates += 1
        return f"{self._code}-{self._plates}"


def work(pace: int, seconds: int) -> int:
    """Results at a pace, for some seconds; returns how many came out."""
    from dayclear.foundation.actors import system
    from dayclear.foundation.scope import acting
    from dayclear.sampling.tests.acts import VILLAGE

    with acting(system("bench")):
        lab = Laboratory(VILLAGE, "BENCH", datetime.now(UTC))
    begun, done = time.perf_counter(), 0
    for tubes in _as_they_come(begun + seconds):
        lab.receive(tubes)
        lab.release(lab.run(tubes, {}))
        done += len(tubes)
        time.sleep(max(begun + done / pace - time.perf_counter(), 0))
    return done


def _as_they_come(until: float) -> Iterator[list[int]]:
    from dayclear.foundation.actors import system
    from dayclear.foundation.scope import acting
    from dayclear.sampling.models import Tube

    last = 0
    while time.perf_counter() < until:
        with acting(system("bench")):
            rows = Tube.objects.filter(number__gt=last).order_by("number").values_list("number", flat=True)
            tubes = list(rows[:SAMPLES])
        if len(tubes) == SAMPLES:
            last = tubes[-1]
            yield tubes
        else:
            time.sleep(0.2)


if __name__ == "__main__":
    setting_up()
    print(work(int(sys.argv[1]), int(sys.argv[2])))
