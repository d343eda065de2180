"""What tracing adds to the pages of others: sources, contacts and places visited of a case; a person's exposures; the
chain as a filter of the list of cases."""

from __future__ import annotations

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from dayclear.cases.filters import narrows
from dayclear.cases.models import Case
from dayclear.cases.panels import Panel, shows
from dayclear.foundation.actors import Actor
from dayclear.foundation.areas import county_of
from dayclear.foundation.clock import local_day
from dayclear.foundation.clock import now as clock_now
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.rules import Right
from dayclear.foundation.sent import whole_number
from dayclear.people.models import Person
from dayclear.people.roles import Part, plays
from dayclear.places.queries import names_of
from dayclear.policy.calendar import policy_at_or_none
from dayclear.tracing.models import ChainMember
from dayclear.tracing.queries import contacts_of, contacts_of_person, offspring_of, sources_of, visits_of
from dayclear.tracing.reasons import CERTAINTY_NAMES, RELATION_NAMES

_SHOWN_AT_MOST = 100


@shows("tracing")
def _panel(actor: Actor, case: Case) -> Panel:
    contacts = list(contacts_of(actor, case.pk)[:_SHOWN_AT_MOST])
    visits = list(visits_of(actor, case.pk)[:_SHOWN_AT_MOST])
    places = {contact.area for contact in contacts} | {visit.place for visit in visits if visit.place}
    return Panel(
        "tracing/case_panel.html",
        {
            "case": case,
            "sources": list(sources_of(actor, case.pk)[:_SHOWN_AT_MOST]),
            "offspring": list(offspring_of(actor, case.pk)[:_SHOWN_AT_MOST]),
            "member": ChainMember.objects.filter(case=case.pk).first(),
            "contacts": contacts,
            "visits": visits,
            "places": names_of(places),
            "relations": RELATION_NAMES,
            "certainties": CERTAINTY_NAMES,
            "categories": category_choices(case),
            "may_write": actor.may(Right.WRITE_CASES),
            "today": local_day(clock_now()),
        },
    )


def category_choices(case: Case) -> list[str]:
    """The categories of contacts that the pack in force knows."""
    policy = policy_at_or_none(clock_now(), county_of(case.area), case.disease)
    return list(policy.rules.categories) if policy else []


@narrows("chain")
def _of_chain(actor: Actor, cases: QuerySet[Case], value: str) -> QuerySet[Case]:
    chain = whole_number(value)
    if chain is None:
        raise Refused(refuse("bad_filter", name="chain", value=value[:40]))
    members = ChainMember.objects.filter(chain=chain, area__range=(actor.area.lo, actor.area.hi))
    return cases.filter(pk__in=members.values("case_id"))


@plays("tracing")
def _contacts_of_person(actor: Actor, person: Person) -> list[Part]:
    if not actor.may(Right.SEE_CASES):
        return []
    return [
        Part(
            title=_("Contact of case %(number)s") % {"number": contact.case.number},
            detail=RELATION_NAMES[contact.relation],
            href=reverse("cases:case", args=[contact.case_id]),
            subject=f"tracing.contact:{contact.pk}",
            on=contact.last_exposed_on,
        )
        for contact in contacts_of_person(actor, person.pk)
    ]
