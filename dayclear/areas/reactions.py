"""What areas do when something happens elsewhere."""

from __future__ import annotations

from collections.abc import Collection

from dayclear.areas.commands import record_infection
from dayclear.areas.models import RiskArea
from dayclear.cases.commands.register import BATCH_IMPORTED, REGISTERED
from dayclear.cases.models import Case
from dayclear.foundation.actors import system
from dayclear.foundation.areas import COMMUNITY, ancestor, area_of
from dayclear.foundation.clock import local_day
from dayclear.foundation.events import reacts_to
from dayclear.foundation.models import Event


@reacts_to(REGISTERED)
def note_infection(event: Event) -> None:
    """A case registered where an area is in force is noted there, for somebody to decide whether it counts.

    An area below the register is known only by the community around it: a case of that community is noted too, and the
    decision says whether it lies inside. Played twice, noted once.
    """
    _note([int(event.subject.partition(":")[2])], event)


@reacts_to(BATCH_IMPORTED)
def note_imported_infections(event: Event) -> None:
    """The same for a batch: an area's days do not run on while its cases come in by file."""
    _note([int(pk) for pk in event.payload["cases"]], event)


def _note(case_ids: Collection[int], event: Event) -> None:
    cases = list(Case.objects.filter(pk__in=case_ids).exclude(classification="excluded").order_by("pk"))
    above = {case.pk: {*(ancestor(case.area, level) for level in range(1, COMMUNITY + 1)), case.area} for case in cases}
    live = RiskArea.objects.filter(state="in_force", area__in=set().union(*above.values())).exclude(level="low")
    for area in live.order_by("pk"):
        members = list(area.members.values_list("place", flat=True))
        for case in cases:
            if case.disease != area.disease or area.area not in above[case.pk]:
                continue
            found_on = min(case.counted_on or local_day(event.at), local_day(event.at))
            inside = any(place is None or case.area in area_of(place) for place in members)
            if inside and found_on >= area.anchored_on:
                record_infection(area.pk, found_on, by=system("reaction"), now=event.at, case_id=case.pk)
