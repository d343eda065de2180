"""What laboratories add to the pages of others: a tube's results, a person's tests, where a box may go."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from dayclear.foundation.actors import Actor
from dayclear.foundation.areas import PROVINCE, ancestor, area_of
from dayclear.foundation.clock import local_day
from dayclear.foundation.rules import Right
from dayclear.foundation.scope import beyond_scope
from dayclear.lab.commands.boxes import address_of, laboratory_at
from dayclear.lab.facts import cutoffs_of
from dayclear.lab.models import Laboratory, Plate, Result, TubeStage
from dayclear.lab.person_tests import results_of_person
from dayclear.lab.queries import results_of
from dayclear.lab.reasons import MEANING_NAMES, RESULT_NAMES, STAGE_NAMES
from dayclear.lab.rules.cutoffs import State
from dayclear.lab.rules.reconciliation import PLACES
from dayclear.people.models import Person
from dayclear.people.roles import Part, plays
from dayclear.sampling.models import Box, Tube
from dayclear.sampling.receivers import Receiver, receives
from dayclear.sampling.rules.numbers import printed
from dayclear.sampling.tube_facts import TubeFact, knows_of_tubes

_MOST_OFFERED = 300
# A week of daily tests: what came before is asked of the API.
_SHOWN = 7


@plays("tests")
def _tests_of_person(actor: Actor, person: Person) -> list[Part]:
    if not actor.may(Right.SEE_MEMBERS):
        return []
    return [
        Part(
            title=_("Swab in tube %(tube)s") % {"tube": printed(test.tube)},
            detail=MEANING_NAMES[test.meaning],
            href=reverse("sampling:tube", args=[printed(test.tube)]),
            subject=f"sampling.tube:{printed(test.tube)}",
            on=local_day(test.taken_at),
        )
        for test in results_of_person(actor, person.pk, limit=_SHOWN)
    ]


@knows_of_tubes("lab")
def _in_the_laboratory(actor: Actor, tube: Tube) -> list[TubeFact]:
    """Where the tube is, and its results, the newest first."""
    if not actor.may(Right.SEE_LABS):
        return []
    results = list(results_of(actor).filter(tube=tube.number).order_by("-version"))
    stage = TubeStage.objects.filter(tube=tube.number).first()
    laboratories = {each.laboratory_id for each in results} | ({stage.laboratory_id} if stage else set())
    names = dict(Laboratory.objects.filter(pk__in=laboratories).values_list("pk", "name"))
    facts = [_result(each, names) for each in results]
    if stage is not None and not results:
        facts.append(TubeFact(STAGE_NAMES[PLACES[stage.stage]], names.get(stage.laboratory_id, "")))
    return facts


def _result(result: Result, names: dict[int, str]) -> TubeFact:
    targets = [target.code for target in cutoffs_of([result.assay_id])[result.assay_id].targets]
    measured = zip(targets, result.cts or (), strict=False)
    cts = " · ".join(f"{target} {'—' if ct is None else f'{ct:.1f}'}" for target, ct in measured)
    said = [names.get(result.laboratory_id, _("a laboratory elsewhere")), cts, result.reason]
    return TubeFact(
        RESULT_NAMES[State(result.state)],
        " · ".join(each for each in said if each),
        result.reported_at,
        reverse("lab:plate", args=[result.plate_id]) if Plate.objects.filter(pk=result.plate_id).exists() else "",
    )


@receives("laboratories")
def laboratories_for(actor: Actor, box: Box, name: str) -> Sequence[Receiver]:
    """The laboratories of the actor's places, and the one that an accepted dispatch gave the box to, wherever it
    stands.

    By its code or its name every laboratory of the province is found: whoever packs a box for it knows what it is
    called.
    """
    province = area_of(ancestor(box.area, PROVINCE))
    with beyond_scope():
        proposed = laboratory_at(box.destination)
        if name:
            wanted = Q(area__range=(province.lo, province.hi)) & (Q(code__iexact=name) | Q(name__iexact=name))
        else:
            wanted = Q(area__range=(actor.area.lo, actor.area.hi)) | Q(pk=proposed)
        rows = Laboratory.objects.filter(wanted, ended_at=None).order_by("name", "pk")[:_MOST_OFFERED]
        return [Receiver(address_of(row.pk), row.name, proposed=row.pk == proposed) for row in rows]
