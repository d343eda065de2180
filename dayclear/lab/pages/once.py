"""A form has one effect, however often it is sent."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect

from dayclear.foundation.requests import ActorRequest, answer_form_once


def once(
    request: ActorRequest, work: Callable[[], int | None], done: str, leads_to: Callable[[int], str]
) -> HttpResponse:
    """Do it unless this very form was already sent; both answers lead to the same page. `work` may give an id."""

    def answer() -> tuple[int, dict[str, int]]:
        return 303, {"id": work() or 0}

    (_status, kept), _repeated = answer_form_once(request, answer)
    messages.success(request, done)
    return HttpResponseRedirect(leads_to(int(kept["id"])))
