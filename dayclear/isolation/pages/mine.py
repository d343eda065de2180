"""The person's own page: their order in their language, what they may ask for, and how they object.

Nobody signs in: whoever holds the link is taken for the person. So it shows no identity number, no phone, nobody else,
and nothing after the order has ended; it is asked for at a limited pace and never kept by a browser.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from dayclear.foundation import clock
from dayclear.foundation.actors import system
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.reasons import REASONS as COMMON_REASONS
from dayclear.foundation.repetition import answer_once
from dayclear.foundation.requests import address_of, open_to_all
from dayclear.foundation.scope import acting
from dayclear.foundation.sent import text_in
from dayclear.isolation.commands import file_appeal, open_need, permit_emergency_under, record_check
from dayclear.isolation.explaining import explanation_of
from dayclear.isolation.links import Followed, follow_link, too_often
from dayclear.isolation.models import Order
from dayclear.isolation.pages.acting import Said, health_in
from dayclear.isolation.pages.order import WORDS, bar_of, phase_on, tests_of
from dayclear.isolation.pages.papers import paper
from dayclear.isolation.reasons import NEED_NAMES, REASONS
from dayclear.isolation.rules.plan import day_of
from dayclear.isolation.texts import DUTY_TEXTS, SYMPTOM_NAMES, reason_text

View = Callable[..., HttpResponseBase]


@open_to_all
@never_cache
@require_http_methods(["GET", "POST"])
def mine(request: HttpRequest, token: str) -> HttpResponseBase:
    """The page, and what is sent from it."""
    found, answer = _followed(request, token)
    if found is None:
        return answer or _turned_away(request)
    with override(_language(request, found)):
        if not found.live:
            return render(request, "isolation/mine_over.html", _frame(request, token), status=410)
        problem = ""
        if request.method == "POST":
            try:
                done = _do(request, found)
            except Refused as no:
                problem = _sentences(no)
            else:
                return HttpResponseRedirect(f"{request.path}?language={_language(request, found)}&done={done}")
        with acting(found.actor):
            context = _context(request, token, found.order_id)
            context["problem"] = problem
            return render(request, "isolation/mine.html", context, status=409 if problem else 200)


@open_to_all
@never_cache
@require_http_methods(["GET"])
def my_notice(request: HttpRequest, token: str) -> HttpResponseBase:
    """The person's own notice as PDF."""
    found, answer = _followed(request, token)
    if found is None or not found.live:
        return answer or _turned_away(request)
    order = _own_order(found.order_id)
    with acting(found.actor):
        return paper(request, order, "order", "pdf")


def _followed(request: HttpRequest, token: str) -> tuple[Followed | None, HttpResponse | None]:
    now = clock.now()
    address = address_of(request)
    found = follow_link(token, now=now)
    # Those who try links that do not exist are slowed down by their address; a link by itself.
    if too_often(address if found is None else token, vain=found is None, now=now):
        return None, render(request, "429.html", status=429)
    return found, None


def _turned_away(request: HttpRequest) -> HttpResponse:
    return render(request, "isolation/mine_unknown.html", status=404)


_DONE = {
    "check": _("Thank you. Your check is recorded."),
    "appeal": _("Your objection is filed. Another officer decides it; you read the answer here."),
    "need": _("Noted. Somebody is told, and a clock runs until it comes."),
    "care": _("Go. Nothing stands in your way; somebody asks you later how it went."),
}


def _do(request: HttpRequest, found: Followed) -> str:
    """Carry out what was sent, once. Raises: Refused."""
    what = request.POST.get("what", "")
    if what not in _ACTS:
        raise Refused(refuse("not_found"))
    now, said, by = clock.now(), request.POST, found.actor
    asked = [request.path, sorted((name, value) for name, value in said.items() if name[:4] != "csrf")]

    def work() -> tuple[int, Mapping[str, Any]]:
        _ACTS[what](found, said)
        return 303, {}

    with acting(by):
        key = text_in(said, "key")
        answer_once(f"link:{found.order_id}:{key}" if key else "", asked, work, by=by, now=now)
    return what


def _check(found: Followed, said: Said) -> None:
    record_check(found.order_id, means="link", **health_in(said), by=found.actor, now=clock.now())


def _appeal(found: Followed, said: Said) -> None:
    file_appeal(found.order_id, ground=text_in(said, "ground")[:4000], means="link", by=found.actor, now=clock.now())


def _need(found: Followed, said: Said) -> None:
    kind, note = text_in(said, "kind"), text_in(said, "note")
    open_need(found.order_id, kind, note=note, by=found.actor, now=clock.now())


def _care(found: Followed, said: Said) -> None:
    permit_emergency_under(found.order_id, ground=text_in(said, "ground"), by=found.actor, now=clock.now())


_ACTS: Mapping[str, Callable[[Followed, Said], None]] = {
    "check": _check,
    "appeal": _appeal,
    "need": _need,
    "care": _care,
}


def _context(request: HttpRequest, token: str, order_id: int) -> dict[str, Any]:
    now = clock.now()
    order = _own_order(order_id)
    phases = list(order.phases.order_by("number"))
    current = phase_on(phases, day_of(now))
    appeals = list(order.appeals.order_by("-filed_at"))
    return {
        **_frame(request, token),
        "order": order,
        "person": order.person,
        "phases": phases,
        "current": current,
        "duty": DUTY_TEXTS.get(current.mode, "") if current else "",
        "bar": bar_of(phases, now) if phases else None,
        "tests": tests_of(phases, {row.on: row for row in order.tests.all()}, day_of(now)),
        "checks": list(order.checks.order_by("-checked_at")[:4]),
        "appeals": appeals,
        "open_appeal": any(each.decided_at is None for each in appeals),
        "needs": list(order.needs.order_by("met_at", "due_at")),
        "need_choices": NEED_NAMES.items(),
        "symptom_choices": SYMPTOM_NAMES.items(),
        "reason": reason_text(order),
        "explanation": explanation_of(order, phases, with_link=False),
        "words": WORDS,
        "today": day_of(now),
        "key": f"{int(now.timestamp())}",
        "done": _DONE.get(request.GET.get("done", ""), ""),
    }


def _own_order(order_id: int) -> Order:
    """The order with its person, wherever their record lies: whoever holds the link is taken for that very person."""
    with acting(system("person link")):
        return Order.objects.select_related("person").get(pk=order_id)


def _frame(request: HttpRequest, token: str) -> dict[str, Any]:
    return {
        "address": reverse("isolation:mine", args=[token]),
        "notice": reverse("isolation:my_notice", args=[token]),
        "hotline": settings.DAYCLEAR_HOTLINE,
        "appeal_hours": settings.DAYCLEAR_ISOLATION["appeal_due"],
    }


def _language(request: HttpRequest, found: Followed) -> str:
    asked = request.GET.get("language", "")
    return asked if asked in dict(settings.LANGUAGES) else found.language


def _sentences(no: Refused) -> str:
    texts = []
    for reason in no.decision.reasons:
        template = REASONS.get(reason.code) or COMMON_REASONS.get(reason.code)
        texts.append(str(template) % {key: str(value) for key, value in reason.params.items()} if template else "")
    return " ".join(texts) or cast(str, _("This was not possible."))
