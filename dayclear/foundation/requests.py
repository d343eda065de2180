"""The request as a page receives it: somebody known, acting in one role for one place; and a form sent twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django_htmx.middleware import HtmxDetails

from dayclear.foundation import clock
from dayclear.foundation.actors import Actor
from dayclear.foundation.repetition import Answer, answer_once

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


class ActorRequest(HttpRequest):
    """What `config.middleware.ActingUser` hands to every page and API operation. Only for annotations."""

    actor: Actor
    htmx: HtmxDetails


def answer_form_once(request: ActorRequest, work: Callable[[], Answer]) -> tuple[Answer, bool]:
    """As `answer_once`, for a page's form: its `key`, and everything in it."""
    said = request.POST
    asked = [request.path, sorted((name, said.getlist(name)) for name in said if name != "csrfmiddlewaretoken")]
    return answer_once(said.get("key", ""), asked, work, by=request.actor, now=clock.now())


def do_once(request: ActorRequest, work: Callable[[], Any]) -> bool:
    """Do it unless this very form was already sent: a double click has one effect. Returns whether it was done now."""

    def answer() -> Answer:
        work()
        return 303, {}

    _answer, repeated = answer_form_once(request, answer)
    return not repeated


def once(request: ActorRequest, work: Callable[[], Any], done: str, back: str | Callable[[int], str]) -> HttpResponse:
    """As `do_once`, with one answer too, the page that `back` names: by the id that `work` gives, where it makes
    something."""

    def answer() -> Answer:
        made = work()
        return 303, {"id": made} if callable(back) else {}

    (_status, kept), _repeated = answer_form_once(request, answer)
    messages.success(request, done)
    return HttpResponseRedirect(back(int(kept["id"])) if callable(back) else back)


def address_of(request: HttpRequest) -> str:
    """The network address a request came from, as the outermost of our own proxies saw it."""
    return str(get_adapter(request).get_client_ip(request))


def open_to_all(view: View) -> View:
    """Mark a view that needs nobody signed in. It sees no scoped row, unless it opens a scope of its own."""
    view.open_to_all = True  # type: ignore[attr-defined]  # a mark on a function, read by config.middleware.ActingUser
    return view


def compiles_wasm(view: View) -> View:
    """Mark a page whose scripts compile WebAssembly. It still runs no script but our own."""
    view.compiles_wasm = True  # type: ignore[attr-defined]  # a mark on a function, read by the content policy
    return view
