"""A form has one effect, however often it is sent."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect

from dayclear.foundation import clock
from dayclear.foundation.repetition import answer_once
from dayclear.foundation.requests import ActorRequest


def once(
    request: ActorRequest, work: Callable[[], int | None], done: str, leads_to: Callable[[int], str]
) -> HttpResponse:
    """Do it unless this very form was already sent; both answers lead to the same page. `work` may give an id."""
    asked = [request.path, sorted((name, request.POST.getlist(name)) for name in request.POST if name[:4] != "csrf")]

    def answer() -> tuple[int, dict[str, int]]:
        return 303, {"id": work() or 0}

    (_status, kept), _repeated = answer_once(
        request.POST.get("key", ""), asked, answer, by=request.actor, now=clock.now()
    )
    messages.success(request, done)
    return HttpResponseRedirect(leads_to(int(kept["id"])))


def seen(request: ActorRequest) -> int | None:
    """The number of the last event the actor was shown."""
    text = request.POST.get("seen", "")
    return int(text) if text.isdecimal() and len(text) < 10 else None
