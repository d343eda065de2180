"""What tracing does when a case comes in or names a source: references become links, chains are worked out anew.

Only for cases one at a time. Whoever brings a batch settles all its links and chains once, at its end.
"""

from __future__ import annotations

from dayclear.cases.commands.register import REGISTERED
from dayclear.cases.models import Case
from dayclear.foundation.actors import system
from dayclear.foundation.clock import local_day
from dayclear.foundation.events import reacts_to
from dayclear.foundation.models import Event
from dayclear.tracing.commands import rebuild_chains, resolve_references
from dayclear.tracing.commands.contacts import SOURCE_NAMED
from dayclear.tracing.limits import interval_limits
from dayclear.tracing.models import Contact, Exposure


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
    case = Case.objects.filter(pk=int(event.subject.partition(":")[2])).first()
    if case is not None:
        contacts = Contact.objects.filter(person=case.person_id, case__disease=case.disease, became_case=None)
        contacts.exclude(case=case).update(became_case=case)
