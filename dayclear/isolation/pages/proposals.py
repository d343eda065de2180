"""What waits for a signature: one by one, or several at once where the plan is one and the same."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from dayclear.foundation import clock
from dayclear.foundation.decisions import Decision, Refused, refuse
from dayclear.foundation.lists import keyset_page
from dayclear.foundation.models import Deadline
from dayclear.foundation.requests import ActorRequest, do_once
from dayclear.foundation.rules import Right
from dayclear.isolation.commands import sign_orders, subject_of
from dayclear.isolation.commands.rows import ISOLATE
from dayclear.isolation.explaining import explanation_of
from dayclear.isolation.filters import OrderFilter, order_in_scope
from dayclear.isolation.limits import order_authority
from dayclear.isolation.overview import COUNT_MOST, phases_under_way, plan_groups, same_plan, standing
from dayclear.isolation.pages.order import WORDS, bar_of
from dayclear.isolation.texts import category_text
from dayclear.places.queries import names_of

# Each signature is an act of its own with its own checks; so many still answer within a few seconds.
BATCH_MOST = 200
_ORDER = ("proposed_at", "id")


@require_GET
def proposals(request: ActorRequest) -> HttpResponse:
    """The queue, what has waited longest first."""
    actor, now = request.actor, clock.now()
    rows = OrderFilter(state="proposed").rows(actor, now=now).select_related("person").prefetch_related("phases")
    page = keyset_page(rows, _ORDER, after=request.GET.get("after", ""))
    may_know = actor.may(Right.SEE_CASES)
    running = Deadline.objects.filter(kind=ISOLATE, subject__in=[subject_of(order.pk) for order in page], met_at=None)
    clocks = {int(each.subject.partition(":")[2]): each for each in running}
    groups = plan_groups(actor) if may_know and actor.may(Right.SIGN_ORDERS) and not page.after else []
    like = {order.pk: order for order in rows.filter(pk__in=[group.like for group in groups])}
    context: dict[str, Any] = {
        "page": page,
        "rows": [
            {
                "order": order,
                "phases": sorted(order.phases.all(), key=lambda phase: phase.number),
                "category": category_text(order) if may_know else "",
                "clock": clocks.get(order.pk),
            }
            for order in page
        ],
        "groups": [(group, _plan_line(like[group.like])) for group in groups if group.like in like],
        "standing": standing(actor, now=now),
        "most": COUNT_MOST,
        "places": names_of({order.area for order in page}),
        "words": WORDS,
        "may_know": may_know,
        "now": now,
    }
    return render(request, "isolation/proposals.html", context)


def _plan_line(order: Any) -> dict[str, Any]:
    phases = sorted(order.phases.all(), key=lambda phase: phase.number)
    return {"category": category_text(order), "phases": phases, "last_on": phases[-1].ends_on}


@require_http_methods(["GET", "POST"])
def sign_alike(request: ActorRequest, order_id: int) -> HttpResponse:
    """Sign every proposal with the plan of this one, once their number was typed."""
    actor, now = request.actor, clock.now()
    actor.require(Right.SIGN_ORDERS)
    order = order_in_scope(actor, order_id)
    if order.state != "proposed" and request.method == "GET":
        return HttpResponseRedirect(reverse("isolation:proposals"))
    if request.method == "POST":
        return _sign_all(request, order_id)
    alike = same_plan(actor, order)
    count = alike.count()
    shown = list(alike.select_related("person")[:50])
    phases = list(order.phases.order_by("number"))
    context = {
        "order": order,
        "count": count,
        "too_many": count > BATCH_MOST,
        "batch_most": BATCH_MOST,
        "shown": shown,
        "rest": count - len(shown),
        "phases": phases,
        "bar": bar_of(phases, now),
        "current": phases_under_way([order], now=now)[order.pk],
        "last_on": phases[-1].ends_on,
        "category": category_text(order),
        "explanation": explanation_of(order, phases),
        "places": names_of({each.area for each in shown}),
        "words": WORDS,
        "may_sign": actor.level <= order_authority(),
        "key": f"alike-{order.pk}-{count}",
    }
    return render(request, "isolation/alike.html", context)


def _sign_all(request: ActorRequest, order_id: int) -> HttpResponse:
    actor, now = request.actor, clock.now()
    refused: dict[int, Decision] = {}
    signed = 0

    def work() -> None:
        nonlocal signed
        order = order_in_scope(actor, order_id)
        if order.state != "proposed":
            raise Refused(refuse("order_state", state=order.state))
        ids = list(same_plan(actor, order).values_list("pk", flat=True)[: BATCH_MOST + 1])
        if len(ids) > BATCH_MOST:
            raise Refused(refuse("batch_too_large", most=BATCH_MOST, count=len(ids)))
        if request.POST.get("number", "").strip() != str(len(ids)):
            raise Refused(refuse("batch_number_wrong", count=len(ids)))
        refused.update(sign_orders(ids, by=actor, now=now))
        signed = len(ids) - len(refused)
        if not signed:
            raise Refused(next(iter(refused.values())))

    if do_once(request, work):
        text = ngettext("%(n)d order is signed.", "%(n)d orders are signed.", signed) % {"n": signed}
        if refused:
            left = ngettext(
                "%(n)d could not be signed and stays in the list.",
                "%(n)d could not be signed and stay in the list.",
                len(refused),
            ) % {"n": len(refused)}
            text = f"{text} {left}"
        messages.success(request, text)
    return HttpResponseRedirect(reverse("isolation:proposals"))
