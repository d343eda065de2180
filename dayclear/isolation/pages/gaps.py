"""Full coverage: due and done, and whoever fell through, with the join that found them and who answers for it."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from dayclear.foundation import clock
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.parts import Figure
from dayclear.foundation.requests import ActorRequest
from dayclear.foundation.rules import Right
from dayclear.isolation.filters import handovers_of
from dayclear.isolation.gaps import KINDS, Coverage, by_place, find_gaps, summary
from dayclear.people.models import Person
from dayclear.places.queries import names_of

SHOWN, _HANDED_SHOWN = 200, 20
GAP_NAMES = {
    "contact_without_order": _("Contact known, no order"),
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
        "rows": [(gap, people.get(gap.person_id), _where(gap.order_id, gap.person_id)) for gap in found],
        "found_by": found[0].found_by if found else "",
        "shares": shares,
        "places": names_of(
            {gap.accountable for gap in found} | {place for place, _n in shares} | {row.to_place for row in handed}
        ),
        "now": now,
        "most": max((count for _place, count in shares), default=0),
    }
    return render(request, "isolation/gaps.html", context)


def _figures(coverage: Coverage) -> list[Figure]:
    """Each gap out of all of whom it could concern."""
    here = reverse("isolation:gaps")
    of = {"contact_without_order": coverage.due}
    found = [Figure(_("Under an order"), coverage.done, href=reverse("isolation:list"), of=coverage.due)]
    for kind in KINDS:
        # What has ended is no part of what is in force.
        whole = of.get(kind, None if kind in ("not_released", "expired_still_active") else coverage.done)
        found.append(Figure(GAP_NAMES.get(kind, kind), coverage.gaps[kind], href=f"{here}?kind={kind}#list", of=whole))
    return found


def _where(order_id: int | None, person_id: int) -> str:
    if order_id is not None:
        return reverse("isolation:order", args=[order_id])
    return reverse("people:person", args=[person_id])
