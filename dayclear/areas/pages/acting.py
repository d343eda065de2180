"""What one does with an area: approve, decline, publish, step down, overrule; note infections, rounds and contacts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from dayclear.areas import commands
from dayclear.areas.models import InfectionInArea
from dayclear.areas.queries import area_in_scope
from dayclear.foundation import clock
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.repetition import answer_once
from dayclear.foundation.requests import ActorRequest

_MOST = 10_000_000


@require_POST
def approve(request: ActorRequest, area_id: int) -> HttpResponse:
    def work() -> None:
        commands.approve_area(area_id, by=request.actor, now=clock.now(), seen=seen(request))

    return once(request, area_id, work, _("Area approved. It restricts nobody until it is published."))


@require_POST
def decline(request: ActorRequest, area_id: int) -> HttpResponse:
    def work() -> None:
        reason = request.POST.get("reason", "")
        commands.decline_area(area_id, reason=reason, by=request.actor, now=clock.now(), seen=seen(request))

    return once(request, area_id, work, _("Area declined."))


@require_POST
def publish(request: ActorRequest, area_id: int) -> HttpResponse:
    def work() -> None:
        commands.publish_area(area_id, by=request.actor, now=clock.now(), seen=seen(request))

    return once(request, area_id, work, _("Area published: it is in force."))


@require_POST
def step(request: ActorRequest, area_id: int) -> HttpResponse:
    def work() -> None:
        commands.step_down(area_id, by=request.actor, now=clock.now(), seen=seen(request))

    return once(request, area_id, work, _("Signed: the area is a level lower, or over."))


@require_POST
def overrule(request: ActorRequest, area_id: int) -> HttpResponse:
    def work() -> None:
        reason = request.POST.get("reason", "")
        commands.overrule_area(area_id, reason=reason, by=request.actor, now=clock.now(), seen=seen(request))

    return once(request, area_id, work, _("The area is over, and everything that rested on it."))


@require_POST
def infection(request: ActorRequest, area_id: int) -> HttpResponse:
    def work() -> None:
        case = _number(request, "case", optional=True)
        commands.record_infection(area_id, _day(request, "found_on"), by=request.actor, now=clock.now(), case_id=case)

    return once(request, area_id, work, _("Infection noted. Its meaning for the clock waits for a decision."))


@require_POST
def decide(request: ActorRequest, area_id: int, infection_id: int) -> HttpResponse:
    """Decide on an infection. `part`: the members whose clock restarts; none: all of them."""
    area = area_in_scope(request.actor, area_id)
    if area is None or not InfectionInArea.objects.filter(pk=infection_id, risk_area=area).exists():
        raise Refused(refuse("not_found"))
    said = request.POST
    part = [int(each) for each in said.getlist("part") if each.isdecimal() and len(each) < 19]
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

    return once(request, area_id, work, _("Decision recorded; the clock follows it."))


@require_POST
def hold_round(request: ActorRequest, area_id: int) -> HttpResponse:
    def work() -> None:
        due, tested, positive = (_number(request, name) or 0 for name in ("due", "tested", "positive"))
        on = _day(request, "held_on")
        commands.record_round(area_id, on, due=due, tested=tested, positive=positive, by=request.actor, now=clock.now())

    return once(request, area_id, work, _("Round recorded."))


@require_POST
def contacts(request: ActorRequest, area_id: int) -> HttpResponse:
    def work() -> None:
        on, negative = _day(request, "last_exposed_on"), request.POST.get("negative") == "yes"
        commands.record_contacts(area_id, on, negative=negative, by=request.actor, now=clock.now())

    return once(request, area_id, work, _("Contacts recorded."))


def once(request: ActorRequest, area_id: int, work: Callable[[], None], done: str) -> HttpResponse:
    """Do it unless this very form was already sent: a double click has one effect and one answer."""
    asked = [request.path, sorted((name, request.POST.getlist(name)) for name in request.POST if name[:4] != "csrf")]

    def answer() -> tuple[int, dict[str, int]]:
        work()
        return 303, {"area": area_id}

    answer_once(request.POST.get("key", ""), asked, answer, by=request.actor, now=clock.now())
    messages.success(request, done)
    return HttpResponseRedirect(reverse("areas:area", args=[area_id]))


def seen(request: ActorRequest) -> int | None:
    """The number of the last event the actor was shown."""
    text = request.POST.get("seen", "")
    return int(text) if text.isdecimal() and len(text) < 10 else None


def _day(request: ActorRequest, name: str) -> date:
    text = request.POST.get(name, "")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused(refuse("bad_filter", name=name, value=text[:40])) from None


def _number(request: ActorRequest, name: str, *, optional: bool = False) -> int | None:
    text = request.POST.get(name, "").strip()
    if not text and optional:
        return None
    if not text.isascii() or not text.isdecimal() or len(text) > 18 or (not optional and int(text) > _MOST):
        raise Refused(refuse("bad_filter", name=name, value=text[:40]))
    return int(text)
