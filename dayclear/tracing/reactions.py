"""What tracing does when a case comes in or names a source: references become links, chains are worked out anew.

Links and chains only for cases one at a time: whoever brings a batch settles all of its own once, at its end.
"""

from __future__ import annotations

from dayclear.cases.commands.register import BATCH_IMPORTED, REGISTERED
from dayclear.cases.models import Case
from dayclear.foundation.actors import system
from dayclear.foundation.clock import local_day
from dayclear.foundation.events import reacts_to
from dayclear.foundation.models import Event
from dayclear.tracing.commands import note_fallen_ill, rebuild_chains, resolve_references
from dayclear.tracing.commands.contacts import SOURCE_NAMED
from dayclear.tracing.limits import interval_limits
from dayclear.tracing.models import Exposure


@reacts_to(REGISTERED)
@reacts_to(SOURCE_NAMED)
def settle_links(event: Event) -> None:
    """Resolve what names this case and what it names, then rebuild the chains it touches."""
    case = Case.objects.filter(pk=int(event.subject.partition(":")[2])).first()
    if case is None:
        return
    named = Exposure.objects.filter(case=case, source=None).values_list("source_key", flat=True)
    keys = {case.number_key, *named}
    linked = resolve_references(case.disease, by=system("reaction"), now=event.at, keys=keys)
    touched = {case.pk, *(pk for pair in linked for pk in pair)}
    limits = interval_limits(case.disease, case.counted_on or local_day(event.at), case.area)
    rebuild_chains(case.disease, limits=limits, touching=touched)


@reacts_to(REGISTERED)
def note_contacts_who_fell_ill(event: Event) -> None:
    """A contact who is now a case is known as such."""
    note_fallen_ill([int(event.subject.partition(":")[2])], by=system("reaction"), now=event.at)


@reacts_to(BATCH_IMPORTED)
def note_imported_who_had_been_contacts(event: Event) -> None:
    """The same for a batch, which may bring illnesses from before the contact."""
    note_fallen_ill(event.payload["cases"], by=system("reaction"), now=event.at, unless_older=True)
