"""What supervision does when something was refused elsewhere: the attempt itself is a finding."""

from __future__ import annotations

from dayclear.foundation.actors import system
from dayclear.foundation.areas import county_of
from dayclear.foundation.events import reacts_to
from dayclear.foundation.models import Event
from dayclear.isolation.limits import bulk_most
from dayclear.isolation.models import HeldList
from dayclear.isolation.rules.lists import PURPOSES
from dayclear.policy.loader import shipped_catalogue
from dayclear.policy.overreach import Books, ListFacts, list_breaches
from dayclear.supervision.commands.opening import open_findings
from dayclear.supervision.models import Finding
from dayclear.supervision.sightings import Sighting
from dayclear.supervision.sightings.sighting import of_breach

_BY = system("reaction")


@reacts_to("isolation.list_held")
def open_finding_for_list(event: Event) -> None:
    """A list that was refused is told to those above: of another purpose (OG-20, F2), or of a population (OG-21)."""
    row = HeldList.objects.filter(pk=int(event.subject.partition(":")[2])).first()
    if row is None or Finding.objects.filter(subject=event.subject).exists():
        return
    open_findings(_sightings(row), "refused_list", by=_BY, now=event.at)


def _sightings(row: HeldList) -> list[Sighting]:
    facts = ListFacts(
        epidemic_purpose=row.purpose in PURPOSES,
        people=row.people,
        without_exposure=row.without_exposure,
        whole_locality="whole_locality" in row.codes,
        most=bulk_most(),
    )
    # A list names no disease; these two prohibitions hold in every pack that has any.
    books = Books(None, forbidden=frozenset(shipped_catalogue().prohibitions))
    return [
        of_breach(
            breach,
            area=row.area,
            subject=f"isolation.list:{row.pk}",
            owner=county_of(row.area),
            disease="",
            policy="",
        )
        for breach in list_breaches(facts, books)
    ]
