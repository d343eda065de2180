"""What one does with an area: approve, decline, publish, step down, overrule; note infections, rounds and contacts."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from dayclear.areas import commands
from dayclear.areas.models import InfectionInArea
from dayclear.areas.queries import area_in_scope
from dayclear.foundation import clock
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.requests import ActorRequest, once
from dayclear.foundation.sent import Sent, day_in, number_in, number_or_none, seen_in, whole_numbers

_MOST = 10_000_000


@require_POST
def approve(request: ActorRequest, area_id: int) -> HttpResponse:
    def work() -> None:
        commands.approve_area(area_id, by=request.actor, now=clock.now(), seen=seen_in(request.POST))

    return once(request, work, _("Area approved. It restricts nobody until it is published."), _page(area_id))


@require_POST
def decline(request: ActorRequest, area_id: int) -> HttpResponse:
    def work() -> None:
        reason = request.POST.get("reason", "")
        commands.decline_area(area_id, reason=reason, by=request.actor, now=clock.now(), seen=seen_in(request.POST))

    return once(request, work, _("Area declined."), _page(area_id))


@require_POST
def publish(request: ActorRequest, area_id: int) -> HttpResponse:
    def work() -> None:
        commands.publish_area(area_id, by=request.actor, now=clock.now(), seen=seen_in(request.POST))

    return once(request, work, _("Area published: it is in force."), _page(area_id))


@require_POST
def step(request: ActorRequest, area_id: int) -> HttpResponse:
    def work() -> None:
        commands.step_down(area_id, by=request.actor, now=clock.now(), seen=seen_in(request.POST))

    return once(request, work, _("Signed: the area is a level lower, or over."), _page(area_id))


@require_POST
def overrule(request: ActorRequest, area_id: int) -> HttpResponse:
    def work() -> None:
        reason = request.POST.get("reason", "")
        commands.overrule_area(area_id, reason=reason, by=request.actor, now=clock.now(), seen=seen_in(request.POST))

    return once(request, work, _("The area is over, and everything that rested on it."), _page(area_id))


@require_POST
def infection(request: ActorRequest, area_id: int) -> HttpResponse:
    def work() -> None:
        case, on = number_or_none(request.POST, "case"), day_in(request.POST, "found_on")
        commands.record_infection(area_id, on, by=request.actor, now=clock.now(), case_id=case)

    return once(request, work, _("Infection noted. Its meaning for the clock waits for a decision."), _page(area_id))


@require_POST
def decide(request: ActorRequest, area_id: int, infection_id: int) -> HttpResponse:
    """Decide on an infection. `part`: the members whose clock restarts; none: all of them."""
    area = area_in_scope(request.actor, area_id)
    if area is None or not InfectionInArea.objects.filter(pk=infection_id, risk_area=area).exists():
        raise Refused(refuse("not_found"))
    said = request.POST
    part = whole_numbers(said.getlist("part"))
    concerned = [area_id]

    def work() -> None:
        concerned[0] = commands.decide_infection(
            infection_id,
            counts=said.get("kind", "") == "",
            kind=said.get("kind", ""),
            assessment=said.get("assessment", ""),
            part=part,
            by=request.actor,
            now=clock.now(),
        )

    return once(request, work, _("Decision recorded; the clock follows it."), _page(area_id))


@require_POST
def hold_round(request: ActorRequest, area_id: int) -> HttpResponse:
    def work() -> None:
        due, tested, positive = (_count(request.POST, name) for name in ("due", "tested", "positive"))
        on = day_in(request.POST, "held_on")
        commands.record_round(area_id, on, due=due, tested=tested, positive=positive, by=request.actor, now=clock.now())

    return once(request, work, _("Round recorded."), _page(area_id))


@require_POST
def contacts(request: ActorRequest, area_id: int) -> HttpResponse:
    def work() -> None:
        on, negative = day_in(request.POST, "last_exposed_on"), request.POST.get("negative") == "yes"
        commands.record_contacts(area_id, on, negative=negative, by=request.actor, now=clock.now())

    return once(request, work, _("Contacts recorded."), _page(area_id))


def _page(area_id: int) -> str:
    return reverse("areas:area", args=[area_id])


def _count(sent: Sent, name: str) -> int:
    number = number_in(sent, name)
    if number > _MOST:
        raise Refused(refuse("bad_filter", name=name, value=str(number)))
    return number
