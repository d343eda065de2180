"""Full coverage: due and done, and whoever fell through, with the join that found them and who answers for it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from dayclear.foundation import clock
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.parts import Figure
from dayclear.foundation.requests import ActorRequest
from dayclear.foundation.rules import Right
from dayclear.isolation.filters import handovers_of
from dayclear.isolation.gaps import KINDS, Coverage, by_place, find_gaps, summary
from dayclear.isolation.rules.plan import day_of
from dayclear.isolation.windows import windows_on
from dayclear.people.models import Person
from dayclear.places.queries import names_of
from dayclear.policy.words import word
from dayclear.tracing.commands import settle_contact
from dayclear.tracing.models import Contact

SHOWN, _HANDED_SHOWN = 200, 20
GAP_NAMES = {
    "contact_without_order": _("Contact known, no order"),
    "contact_unsettled": _("Contact without category or day"),
    "order_without_check": _("Order without a check"),
    "moved_away": _("Moved away"),
    "two_places": _("Claimed by two places"),
    "expired_still_active": _("Ended and still counted as active"),
    "not_released": _("Ended and not let go"),
    "test_missed": _("Test of yesterday not taken"),
}
# What to do about it, and where that is done.
_NEXT = {
    "contact_without_order": _("Propose and sign an order, or decline it with a reason."),
    "contact_unsettled": _("Settle how close it was and on which day last; an order is proposed at once."),
    "order_without_check": _("Look in on them today and record the check."),
    "moved_away": _("Hand the order over to the place where they are now."),
    "two_places": _("Settle whether the records are one person."),
    "expired_still_active": _("They are free: the worker that notes it is not running. See the health page."),
    "not_released": _("Tell them now, and record it."),
    "test_missed": _("Take the sample today, or note why not."),
}


@require_GET
def gaps(request: ActorRequest) -> HttpResponse:
    """The figures, and the list behind the one that was chosen."""
    actor, now = request.actor, clock.now()
    actor.require(Right.SEE_ORDERS)
    chosen = request.GET.get("kind", "")
    if chosen and chosen not in KINDS:
        raise Refused(refuse("bad_filter", name="kind", value=chosen[:40]))
    coverage = summary(actor, now=now)
    if not chosen:
        chosen = next((kind for kind in KINDS if coverage.gaps[kind]), KINDS[0])
    found = find_gaps(actor, chosen, now=now, limit=SHOWN)
    people = Person.objects.in_bulk([gap.person_id for gap in found])
    settles = chosen == "contact_unsettled" and actor.may(Right.WRITE_CASES)
    contacts = Contact.objects.in_bulk([gap.contact_id for gap in found if gap.contact_id]) if settles else {}
    level = min(actor.level + 1, 5)
    shares = by_place(actor, chosen, level, now=now)[:10] if len(found) > 1 else []
    handed = list(handovers_of(actor).order_by("-handed_at")[:_HANDED_SHOWN]) if chosen == "moved_away" else []
    context: dict[str, Any] = {
        "handed": handed,
        "coverage": coverage,
        "figures": _figures(coverage),
        "kind": chosen,
        "kind_name": GAP_NAMES.get(chosen, chosen),
        "next": _NEXT.get(chosen, ""),
        "total": coverage.gaps[chosen],
        "rows": [
            (gap, people.get(gap.person_id), _where(gap.order_id, gap.person_id), contacts.get(gap.contact_id or 0))
            for gap in found
        ],
        "may_settle": bool(contacts),
        "categories": [(code, word(code)) for code in sorted({each.category for each in windows_on(day_of(now))})],
        "found_by": found[0].found_by if found else "",
        "shares": shares,
        "places": names_of(
            {gap.accountable for gap in found} | {place for place, _n in shares} | {row.to_place for row in handed}
        ),
        "now": now,
        "most": max((count for _place, count in shares), default=0),
    }
    return render(request, "isolation/gaps.html", context)


# What has ended, or has not begun, is no part of what is in force.
_NOT_IN_FORCE = ("contact_unsettled", "not_released", "expired_still_active")


def _figures(coverage: Coverage) -> list[Figure]:
    """Each gap out of all of whom it could concern."""
    here = reverse("isolation:gaps")
    of = {"contact_without_order": coverage.due}
    found = [Figure(_("Under an order"), coverage.done, href=reverse("isolation:list"), of=coverage.due)]
    for kind in KINDS:
        whole = of.get(kind, None if kind in _NOT_IN_FORCE else coverage.done)
        found.append(Figure(GAP_NAMES.get(kind, kind), coverage.gaps[kind], href=f"{here}?kind={kind}#list", of=whole))
    return found


@require_POST
def settle(request: ActorRequest, contact_id: int) -> HttpResponse:
    """Settle the category and the last day of a contact who was recorded without them."""
    said = request.POST
    try:
        day = date.fromisoformat(said["on"]) if said.get("on") else None
    except ValueError:
        raise Refused(refuse("bad_filter", name="on", value=said["on"][:40])) from None
    settle_contact(contact_id, said.get("category", "")[:32], day, by=request.actor, now=clock.now())
    messages.success(request, gettext("Settled. What the rules have for this contact is proposed."))
    return HttpResponseRedirect(f"{reverse('isolation:gaps')}?kind=contact_unsettled#list")


def _where(order_id: int | None, person_id: int) -> str:
    if order_id is not None:
        return reverse("isolation:order", args=[order_id])
    return reverse("people:person", args=[person_id])
