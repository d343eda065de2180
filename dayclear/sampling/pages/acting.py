"""What every form of sampling does: once, though sent twice; and what it reads from a form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect

from dayclear.foundation import clock
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.repetition import answer_once
from dayclear.foundation.requests import ActorRequest


def once(request: ActorRequest, work: Callable[[], Any], done: str, back: str) -> HttpResponse:
    """Do it unless this very form was already sent: a double click has one effect and one answer."""
    asked = [request.path, sorted((name, request.POST.getlist(name)) for name in request.POST if name[:4] != "csrf")]

    def answer() -> tuple[int, dict[str, str]]:
        work()
        return 303, {"back": back}

    answer_once(request.POST.get("key", ""), asked, answer, by=request.actor, now=clock.now())
    messages.success(request, done)
    return HttpResponseRedirect(back)


def number_in(said: Mapping[str, str], name: str, *, empty: int | None = None) -> int:
    """A whole number of a form. Raises: Refused (`bad_filter`)."""
    text = said.get(name, "").strip()
    if not text and empty is not None:
        return empty
    if not text.isascii() or not text.isdecimal() or len(text) > 18:
        raise Refused(refuse("bad_filter", name=name, value=text[:40]))
    return int(text)


def text_in(said: Mapping[str, str], name: str) -> str:
    """A text of a form; PostgreSQL keeps every character but one."""
    return said.get(name, "").replace("\x00", "").strip()
