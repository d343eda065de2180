"""The swabs of a person and what came of each: out of the tubes they are in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dayclear.foundation.actors import Actor
from dayclear.foundation.rules import Right
from dayclear.lab.queries import newest_results
from dayclear.lab.rules.cutoffs import State
from dayclear.lab.rules.persons import Meaning, meaning_of
from dayclear.sampling.models import Swab, Tube
from dayclear.sampling.queries.swabs import lost_among

MOST = 60


@dataclass(frozen=True, slots=True)
class PersonTest:
    """One swab. `persons` share its tube; `reported_at` and `state` are of the tube's newest result."""

    tube: int
    area: int
    taken_at: datetime
    persons: int
    meaning: Meaning
    state: State | None = None
    reported_at: datetime | None = None


def results_of_person(actor: Actor, person: int, *, limit: int = MOST) -> list[PersonTest]:
    """The swabs of a person that were taken in the actor's places, the latest first.

    Raises: Refused (`right_missing`).
    """
    actor.require(Right.SEE_MEMBERS)
    inside = {"area__range": (actor.area.lo, actor.area.hi)}
    swabs = Swab.objects.filter(person=person, **inside).order_by("-day", "-tube").values_list("tube", flat=True)
    tubes = Tube.objects.in_bulk(list(swabs[:limit]))
    results, lost = newest_results(actor, tubes), lost_among(tubes)
    found = []
    for tube in tubes.values():
        result = results.get(tube.number)
        state = State(result.state) if result else None
        means = meaning_of(state, persons=tube.persons, is_lost=tube.number in lost)
        at = result.reported_at if result else None
        found.append(PersonTest(tube.number, tube.area, tube.opened_at, tube.persons, means, state, at))
    return sorted(found, key=lambda test: test.taken_at, reverse=True)
