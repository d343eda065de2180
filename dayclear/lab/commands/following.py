"""What released results set off below: positive tubes open chains, single swabs answer their people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from dayclear.foundation.actors import Actor
from dayclear.foundation.scope import beyond_scope
from dayclear.lab.models import Plate, ReceivedTube
from dayclear.lab.rules.cutoffs import ALARMING
from dayclear.sampling.commands.chains import TubeResult, follow_results, single_swabs_among

_ALARMING = frozenset(state.value for state in ALARMING)


def follow_released(
    released: Iterable[tuple[Plate, Mapping[str, Sequence[int]]]], *, by: Actor, now: datetime, corrected: bool = False
) -> None:
    """Hand on the results of plates that somebody waits for, in the transaction that releases or corrects them.

    Shape: plates, each with its tubes by state. Of a plate that was released, the negative tubes that are nobody's
    single swab concern nobody below.
    """
    out = [(plate, state, tubes) for plate, by_state in released for state, tubes in by_state.items()]
    singles = single_swabs_among([tube for _plate, _state, tubes in out for tube in tubes])
    with beyond_scope():
        received = dict(ReceivedTube.objects.filter(tube__in=singles).values_list("tube", "received_at"))
    results = [
        TubeResult(
            tube,
            state,
            received_at=received.get(tube),
            assayed_at=plate.ended_at,
            laboratory=plate.laboratory.name,
            corrected=corrected,
        )
        for plate, state, tubes in out
        for tube in tubes
        if corrected or tube in singles or state in _ALARMING
    ]
    if results:
        follow_results(results, by=by, now=now)
