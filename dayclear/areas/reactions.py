"""What areas do when something happens elsewhere."""

from __future__ import annotations

from dayclear.areas.commands import record_infection
from dayclear.areas.models import RiskArea
from dayclear.cases.models import Case
from dayclear.foundation.actors import system
from dayclear.foundation.areas import ancestor, area_of
from dayclear.foundation.clock import local_day
from dayclear.foundation.events import reacts_to
from dayclear.foundation.models import Event

COMMUNITY = 5


@reacts_to("cases.case_registered")
def note_infection(event: Event) -> None:
    """A case registered where an area is in force is noted there, for somebody to decide whether it counts.

    An area below the register is known only by the community around it: a case of that community is noted too, and the
    decision says whether it lies inside. Played twice, noted once.
    """
    case = Case.objects.filter(pk=int(event.subject.partition(":")[2])).exclude(classification="excluded").first()
    if case is None:
        return
    above = [ancestor(case.area, level) for level in range(1, COMMUNITY + 1)]
    live = RiskArea.objects.filter(state="in_force", disease=case.disease, area__in={*above, case.area})
    found_on = min(case.counted_on or local_day(event.at), local_day(event.at))
    for area in live.exclude(level="low").order_by("pk"):
        members = list(area.members.values_list("place", flat=True))
        inside = any(place is None or case.area in area_of(place) for place in members)
        if inside and found_on >= area.anchored_on:
            record_infection(area.pk, found_on, by=system("reaction"), now=event.at, case_id=case.pk)
