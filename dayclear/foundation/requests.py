"""The request as a page receives it: somebody known, acting in one role for one place."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from allauth.account.adapter import get_adapter
from django.http import HttpRequest, HttpResponseBase
from django_htmx.middleware import HtmxDetails

from dayclear.foundation.actors import Actor

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


class ActorRequest(HttpRequest):
    """What `config.middleware.ActingUser` hands to every page and API operation. Only for annotations."""

    actor: Actor
    htmx: HtmxDetails


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
