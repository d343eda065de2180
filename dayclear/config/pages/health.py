"""The health of the installation: the light in the frame, the page behind it, and `/healthz` for watchers."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from dayclear.foundation import clock, health
from dayclear.foundation.requests import ActorRequest, open_to_all
from dayclear.foundation.rules import Right
from dayclear.foundation.seals import ask_for_check, latest_check

TROUBLES: dict[str, Any] = {
    "worker_lost": _("The worker is not running: reactions, imports and seals wait. Start it: dayclear up."),
    "work_failed": _("Some background work failed at every attempt. Read the list below, then retry."),
    "deadlines_unchecked": _(
        "Some passed deadlines could not be checked and are tried again each hour. "
        "The error stands in the worker's log."
    ),
    "queue_stuck": _("Work has waited for more than ten minutes."),
    "seal_late": _("Events have not been sealed for more than two hours."),
}


@require_GET
def light(request: ActorRequest) -> HttpResponse:
    request.actor.require(Right.SEE_HEALTH)
    return render(request, "health/light.html", {"health": health.look(now=clock.now())})


@require_GET
def page(request: ActorRequest) -> HttpResponse:
    request.actor.require(Right.SEE_HEALTH)
    state = health.look(now=clock.now())
    context = {
        "health": state,
        "troubles": [TROUBLES[code] for code in state.troubles],
        "failed": health.failed_jobs() if state.failed else [],
        "may_check_seals": request.actor.everywhere,
        "check": latest_check() if request.actor.everywhere else None,
        "may_retry": request.actor.everywhere and request.actor.may(Right.TEND_INSTALLATION),
    }
    return render(request, "health/page.html", context)


@require_POST
def retry(request: ActorRequest, job_id: int) -> HttpResponse:
    health.retry_job(job_id, by=request.actor, now=clock.now())
    return HttpResponseRedirect(reverse("health:page"))


@require_POST
def check_seals(request: ActorRequest) -> HttpResponse:
    """Have the whole trail read by the worker: it takes minutes, and no web request is held that long."""
    ask_for_check(by=request.actor, now=clock.now())
    return HttpResponseRedirect(reverse("health:page"))


@open_to_all
@require_GET
def healthz(request: HttpRequest) -> JsonResponse:
    """For watchers: 200 when well, 503 with the reasons when not. No figures of people."""
    state = health.look(now=clock.now())
    body = {
        "status": "trouble" if state.troubles else "ok",
        "troubles": state.troubles,
        "worker_seen_at": state.worker_seen_at,
        "sealed_at": state.sealed_at,
        "jobs": {"waiting": state.waiting, "running": state.running, "failed": state.failed},
    }
    return JsonResponse(body, status=503 if state.troubles else 200)


urlpatterns = [
    path("", page, name="page"),
    path("light", light, name="light"),
    path("retry/<int:job_id>", retry, name="retry"),
    path("seals", check_seals, name="check_seals"),
]
