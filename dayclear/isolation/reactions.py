"""What isolation does when something happens elsewhere: it proposes, and it lets go. It never restricts."""

from __future__ import annotations

from dayclear.cases.commands.register import BATCH_IMPORTED, CLASSIFIED, OUTCOME_RECORDED, REGISTERED
from dayclear.cases.models import Case
from dayclear.foundation.actors import system
from dayclear.foundation.events import reacts_to
from dayclear.foundation.models import Event
from dayclear.isolation.commands.contacts import propose_after_discharges, propose_for_contacts
from dayclear.isolation.commands.course import follow_index_tests
from dayclear.isolation.commands.endings import (
    end_for_case,
    end_for_death,
    end_for_imported,
    settle_merged,
    unsettle_merged,
)
from dayclear.tracing.commands.contacts import CONTACT_RECORDED, CONTACT_SETTLED

_BY = system("reaction")


@reacts_to(CONTACT_RECORDED)
@reacts_to(CONTACT_SETTLED)
def propose_for_contact(event: Event) -> None:
    """A contact with a day of exposure is proposed for the order that the pack has for the category."""
    propose_for_contacts([int(event.payload["contact"])], by=_BY, now=event.at)


@reacts_to(REGISTERED)
@reacts_to(CLASSIFIED)
def end_contact_order(event: Event) -> None:
    """Whoever has fallen ill is a patient now, and a contact no more."""
    case = _case(event)
    if case is not None and case.classification not in ("suspected", "excluded"):
        end_for_case(case, by=_BY, now=event.at)


@reacts_to(BATCH_IMPORTED)
def follow_imported(event: Event) -> None:
    """An imported case means for its person what a registered one means, and its outcome what a recorded one does."""
    cases = [int(pk) for pk in event.payload["cases"]]
    end_for_imported(cases, by=_BY, now=event.at)
    propose_after_discharges(Case.objects.filter(pk__in=cases, outcome="recovered"), by=_BY, now=event.at)


@reacts_to(REGISTERED)
@reacts_to(OUTCOME_RECORDED)
def follow_outcome(event: Event) -> None:
    """Death ends every order; discharge brings what the pack has for those who recovered."""
    case = _case(event)
    if case is None:
        return
    if case.outcome == "died":
        end_for_death(case.person_id, by=_BY, now=event.at)
    elif case.outcome == "recovered":
        propose_after_discharges([case], by=_BY, now=event.at)


@reacts_to("isolation.test_recorded")
def follow_index(event: Event) -> None:
    """A positive among a contact's first tests makes contacts of those who had been contacts of a contact."""
    if event.payload.get("result") == "positive":
        follow_index_tests(int(event.subject.partition(":")[2]), by=_BY, now=event.at)


@reacts_to("people.people_merged")
def settle_merged_orders(event: Event) -> None:
    """Where two records that were one person both had an order, one goes on."""
    said = event.payload
    settle_merged(int(said["merge"]), int(said["kept"]), int(said["gone"]), by=_BY, now=event.at)


@reacts_to("people.merge_undone")
def unsettle_merged_orders(event: Event) -> None:
    """Two people again: each has the order that was signed for them."""
    unsettle_merged(int(event.payload["merge"]), by=_BY, now=event.at)


def _case(event: Event) -> Case | None:
    return Case.objects.filter(pk=int(event.subject.partition(":")[2])).first()
