"""What cases do when something happens elsewhere."""

from __future__ import annotations

from dayclear.cases.commands import follow_amended_person
from dayclear.cases.commands.screened import register_screened
from dayclear.foundation.actors import system
from dayclear.foundation.events import reacts_to
from dayclear.foundation.models import Event


@reacts_to("people.person_amended")
@reacts_to("people.people_merged")
@reacts_to("people.merge_undone")
def follow_person(event: Event) -> None:
    """The gaps of a case (no sex, no age, no home) are its person's, described better or found to be another's."""
    follow_amended_person(int(event.subject.partition(":")[2]), by=system("reaction"), now=event.at)


@reacts_to("sampling.chain_member_positive")
def register_positive_member(event: Event) -> None:
    """Whoever is positive in a single test, after a positive tube, is a case."""
    register_screened(int(event.subject.partition(":")[2]), by=system("reaction"), now=event.at)
