"""Reading a pool for its bundle, within scope."""

from __future__ import annotations

from typing import Any

from dayclear.foundation.actors import Actor
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.rules import Right
from dayclear.interop.fhir.pool import Pool, Reported
from dayclear.lab.codes import TESTS
from dayclear.lab.facts import cutoffs_of
from dayclear.lab.models import Laboratory, ReceivedTube, Result
from dayclear.lab.queries import newest_results
from dayclear.lab.rules.cutoffs import State
from dayclear.sampling.models import Round, Swab, Tube
from dayclear.sampling.rules.numbers import parsed, printed

# Of a round that lies above the reader's places, which is not in sight.
_ASSUMED = "covid-19"


def pool_of(actor: Actor, label: str) -> Pool:
    """A tube of the actor's places with its people and its newest result. Raises: Refused (`right_missing`,
    `not_found`, `disease_without_code`)."""
    actor.require(Right.SEE_MEMBERS)
    number = parsed(label)
    inside = {"area__range": (actor.area.lo, actor.area.hi)}
    tube = Tube.objects.filter(number=number, kind="persons", **inside).first() if number is not None else None
    if tube is None:
        raise Refused(refuse("not_found"))
    round_ = Round.objects.filter(pk=tube.round_id, **inside).first()
    disease = round_.disease if round_ else _ASSUMED
    if disease not in TESTS:
        raise Refused(refuse("disease_without_code", disease=disease))
    people = Swab.objects.filter(tube=tube.number, day=tube.day, **inside).order_by("person")
    received = ReceivedTube.objects.filter(tube=tube.number, **inside).first()
    result = newest_results(actor, [tube.number]).get(tube.number)
    return Pool(
        number=printed(tube.number),
        disease=disease,
        people=list(people.values_list("person", flat=True)),
        collected_from=tube.opened_at,
        collected_to=tube.closed_at,
        received_at=received.received_at if received else None,
        result=_reported(result) if result else None,
    )


def _reported(result: Result) -> Reported:
    cutoffs = cutoffs_of([result.assay_id])[result.assay_id]
    targets = [target.code for target in cutoffs.targets]
    cts: dict[str, Any] = dict(zip(targets, result.cts or [], strict=False))
    # A laboratory of another place is not in sight: it is named by its number.
    name = Laboratory.objects.filter(pk=result.laboratory_id).values_list("name", flat=True).first()
    return Reported(
        State(result.state),
        result.reported_at,
        result.version,
        name or f"lab:{result.laboratory_id}",
        f"{cutoffs.assay} {cutoffs.version}",
        cts,
    )
