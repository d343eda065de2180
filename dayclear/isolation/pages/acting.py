"""What one does with an order, each a form of its page: signed, changed, declined, looked after, ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from dayclear.foundation import clock
from dayclear.foundation.actors import Actor
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.requests import ActorRequest, do_once
from dayclear.foundation.sent import day_in, seen_in, text_in, whole_number
from dayclear.isolation import commands, links
from dayclear.isolation.filters import order_in_scope, orders_of
from dayclear.isolation.rules.plan import day_of
from dayclear.isolation.texts import SYMPTOM_NAMES

Said = MultiValueDict[str, str]
Act = Callable[[int, Said, Actor, datetime], Any]


@require_POST
def act(request: ActorRequest, order_id: int, what: str) -> HttpResponse:
    """Carry out one act on an order. Sent twice, it is done once."""
    if what not in ACTS:
        raise Refused(refuse("not_found"))
    work, done = ACTS[what]
    actor, now = request.actor, clock.now()

    def in_scope() -> None:
        # What lies outside one's places does not exist, whatever else the form says.
        order_in_scope(actor, order_id)
        work(order_id, request.POST, actor, now)

    do_once(request, in_scope)
    messages.success(request, str(done))
    if orders_of(actor).filter(pk=order_id).exists():
        return HttpResponseRedirect(reverse("isolation:order", args=[order_id]))
    # It was handed over and has left one's places.
    return HttpResponseRedirect(f"{reverse('isolation:gaps')}?kind=moved_away")


def _sign(order_id: int, said: Said, by: Actor, now: datetime) -> None:
    commands.sign_order(order_id, by=by, now=now, seen=seen_in(said))


def _stricter(order_id: int, said: Said, by: Actor, now: datetime) -> None:
    commands.ask_stricter(order_id, text_in(said, "mode"), reason=text_in(said, "reason"), by=by, now=now)


def _decline(order_id: int, said: Said, by: Actor, now: datetime) -> None:
    commands.decline_order(order_id, reason=text_in(said, "reason"), by=by, now=now, seen=seen_in(said))


def _mode(order_id: int, said: Said, by: Actor, now: datetime) -> None:
    mode, reason = text_in(said, "mode"), text_in(said, "reason")
    commands.change_mode(order_id, mode, reason=reason, by=by, now=now, seen=seen_in(said))


def _test(order_id: int, said: Said, by: Actor, now: datetime) -> None:
    sampled_at = instant_in(said, "sampled_at")
    if sampled_at is None:
        raise Refused(refuse("bad_filter", name="sampled_at", value=""))
    result = text_in(said, "result")
    commands.record_test(
        order_id,
        day_of(sampled_at),
        sampled_at=sampled_at,
        result=result,
        result_at=(instant_in(said, "result_at") or now) if result else None,
        by=by,
        now=now,
    )


def _check(order_id: int, said: Said, by: Actor, now: datetime) -> None:
    commands.record_check(order_id, means=text_in(said, "means"), **health_in(said), by=by, now=now)


def _deliver(order_id: int, said: Said, by: Actor, now: datetime) -> None:
    commands.deliver_notice(
        order_id,
        text_in(said, "notice") or "order",
        means=text_in(said, "means"),
        language=language_in(said),
        by=by,
        now=now,
    )


def _appeal(order_id: int, said: Said, by: Actor, now: datetime) -> None:
    commands.file_appeal(order_id, ground=text_in(said, "ground"), means=text_in(said, "means"), by=by, now=now)


def _release(order_id: int, said: Said, by: Actor, now: datetime) -> None:
    commands.release_order(order_id, reason=text_in(said, "reason"), by=by, now=now, seen=seen_in(said))


def _correct(order_id: int, said: Said, by: Actor, now: datetime) -> None:
    if said.get("none"):
        commands.correct_exposure(order_id, anchor_on=None, by=by, now=now)
    else:
        commands.correct_exposure(order_id, anchor_on=day_in(said, "anchor_on"), by=by, now=now)


def _need(order_id: int, said: Said, by: Actor, now: datetime) -> None:
    commands.open_need(order_id, text_in(said, "kind"), note=text_in(said, "note"), by=by, now=now)


def _hand_over(order_id: int, said: Said, by: Actor, now: datetime) -> None:
    to = whole_number(text_in(said, "place")) or 0
    commands.hand_over_order(order_id, to, by=by, now=now, seen=seen_in(said))


ACTS: Mapping[str, tuple[Act, Any]] = {
    "sign": (_sign, _("The order is signed and binds from now on.")),
    "stricter": (_stricter, _("Asked for. Another officer has to sign it.")),
    "decline": (_decline, _("The proposal is not signed; nobody is restricted.")),
    "mode": (_mode, _("The change is recorded. A stricter mode binds when a second officer asks for the same.")),
    "test": (_test, _("Recorded.")),
    "check": (_check, _("Check recorded.")),
    "deliver": (_deliver, _("Recorded that the notice was handed over.")),
    "appeal": (_appeal, _("Appeal filed. Another officer decides it.")),
    "release": (_release, _("The order has ended.")),
    "let-go": (lambda pk, said, by, now: commands.confirm_release(pk, by=by, now=now), _("Recorded as let go.")),
    "hand-over": (_hand_over, _("Handed over. The place where the person is now answers for the order.")),
    "recompute": (lambda pk, said, by, now: commands.recompute_order(pk, by=by, now=now), _("Judged anew.")),
    "correct": (_correct, _("The facts are corrected. What became shorter is shorter; what would be longer waits.")),
    "need": (_need, _("Noted. The clock on bringing it runs.")),
    "unlink": (lambda pk, said, by, now: links.revoke_links(pk, by=by, now=now), _("The links are called back.")),
}


@require_POST
def decide(request: ActorRequest, appeal_id: int) -> HttpResponse:
    """Decide an appeal; upheld, the person is free in the same moment."""
    upheld, reason = request.POST.get("upheld") == "yes", request.POST.get("reason", "")
    now = clock.now()
    done = _("The appeal is upheld; the order has ended.") if upheld else _("The appeal is decided.")
    do_once(request, lambda: commands.decide_appeal(appeal_id, upheld=upheld, reason=reason, by=request.actor, now=now))
    messages.success(request, str(done))
    return HttpResponseRedirect(_back(request, reverse("isolation:list")))


def _back(request: HttpRequest, otherwise: str) -> str:
    order = whole_number(request.POST.get("order", ""))
    return reverse("isolation:order", args=[order]) if order is not None else otherwise


def language_in(said: Said) -> str:
    language = text_in(said, "language")
    return language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def instant_in(said: Said, name: str) -> datetime | None:
    """A local date and time as a form sends it; None where it is empty. Raises: Refused (`bad_filter`)."""
    text = text_in(said, name)
    if not text:
        return None
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(refuse("bad_filter", name=name, value=text[:40])) from None
    return read if read.tzinfo else read.replace(tzinfo=clock.local_zone())


def health_in(said: Said) -> dict[str, Any]:
    """Temperature and symptoms of a check. Raises: Refused (`temperature_impossible`)."""
    text = text_in(said, "temperature").replace(",", ".").replace("，", ".")
    try:
        temperature = Decimal(text).quantize(Decimal("0.1")) if text else None
    except InvalidOperation:
        raise Refused(refuse("temperature_impossible", value=text[:10])) from None
    return {
        "temperature_c": temperature,
        "symptoms": [code for code in said.getlist("symptoms") if code in SYMPTOM_NAMES],
    }
