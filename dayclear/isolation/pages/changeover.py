"""A change of rules over everything open: what it would do, doing it, answering it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_POST

from dayclear.foundation import clock
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.filters import existing
from dayclear.foundation.parts import Figure
from dayclear.foundation.requests import ActorRequest, do_once
from dayclear.foundation.rules import Right
from dayclear.foundation.sent import whole_number
from dayclear.isolation.changeover import PROPOSED, may_undo, rehearse
from dayclear.isolation.models import Changeover, Order
from dayclear.isolation.pages.acting import instant_in
from dayclear.isolation.texts import pack_text
from dayclear.isolation.transition import (
    Passage,
    done_all,
    passage_to,
    rehearse_all,
    start,
    start_answer,
    total_of,
)
from dayclear.places.queries import names_of
from dayclear.policy.changeover import Effect, Touched, effect_names, parts
from dayclear.policy.loader import shipped
from dayclear.policy.words import label_text

_LISTED = 50


@require_GET
def changeover(request: ActorRequest) -> HttpResponse:
    """Choose a pack and an instant, and see what would change; with `kind`, the list behind a number."""
    actor, now = request.actor, clock.now()
    actor.require(Right.SIGN_ORDERS)
    context: dict[str, Any] = {
        "packs": [(pack.pack, label_text(pack.head.name)) for pack in shipped().packs()],
        "past": list(Changeover.objects.filter(area=actor.area.lo, undoes=None).order_by("-started_at")[:10]),
        "now": now,
    }
    pack = request.GET.get("pack", "").strip()
    if pack:
        at = instant_in(request.GET, "at") or now
        passage = passage_to(pack, at, actor.area.lo)
        context |= _rehearsed(request, passage, request.GET.get("kind", ""), _key(request), now=now)
    return render(request, "isolation/changeover.html", context)


def _rehearsed(request: ActorRequest, passage: Passage, kind: str, after_key: int, *, now: datetime) -> dict[str, Any]:
    actor = request.actor
    effects = rehearse_all(passage, by=actor)
    rows = _listed(passage, kind, after_key, request) if kind in effect_names() else []
    here = {"pack": passage.after.pack, "at": passage.at.isoformat()}
    return {
        "passage": passage,
        "before_name": pack_text(passage.before.version),
        "after_name": pack_text(passage.after.version),
        "effects": effects,
        "figures": _figures(effects, reverse("isolation:changeover"), here),
        "by_hand": sum(each.count for found in effects.values() for each in found if each.needs_human),
        "total": total_of(effects),
        "rooms": rehearse(passage.before, passage.after, passage.at, by=actor).rooms,
        "kind": kind,
        "kind_name": effect_names().get(kind, ""),
        "rows": rows[:_LISTED],
        "next_key": rows[_LISTED - 1].key if len(rows) >= _LISTED else None,
        "places": names_of({row.place for row in rows}),
        "same": passage.before.version == passage.after.version,
        "may_apply": passage.in_force and passage.at <= now,
        "left_out": [name for name, part in parts().items() if not actor.may(part.right)],
        "at_text": passage.at.isoformat(),
    }


def _listed(passage: Passage, kind: str, after_key: int, request: ActorRequest) -> list[Touched]:
    part = next(part for part in parts().values() if kind in part.kinds)
    return part.listed(passage.before, passage.after, passage.at, kind, request.actor, after_key)


def _key(request: ActorRequest) -> int:
    return whole_number(request.GET.get("after", "")) or 0


def _figures(effects: dict[str, list[Effect]], address: str, here: dict[str, str]) -> list[Figure]:
    names, found = effect_names(), []
    counted: dict[str, int] = {}
    for each in (effect for group in effects.values() for effect in group):
        counted[each.kind] = counted.get(each.kind, 0) + each.count
    for kind, count in counted.items():
        has_list = count and not kind.startswith(("room.", "test."))
        href = f"{address}?{urlencode({**here, 'kind': kind})}#list" if has_list else ""
        found.append(Figure(names.get(kind, kind), count, href=href))
    return found


@require_POST
def carry_out(request: ActorRequest) -> HttpResponse:
    """Sign the changeover, once the number it concerns was typed, and leave it to the worker."""
    actor, now = request.actor, clock.now()
    actor.require(Right.SIGN_ORDERS)
    passage = passage_to(request.POST.get("pack", ""), instant_in(request.POST, "at") or now, actor.area.lo)
    made: list[Changeover] = []

    def work() -> None:
        total = total_of(rehearse_all(passage, by=actor))
        if request.POST.get("number", "").strip() != str(total):
            raise Refused(refuse("changeover_number_wrong", count=total))
        made.append(start(passage, by=actor, now=now))

    do_once(request, work)
    change = (
        made[0]
        if made
        else Changeover.objects.get(area=actor.area.lo, after=passage.after.version, at=passage.at, undoes=None)
    )
    return HttpResponseRedirect(reverse("isolation:course", args=[change.pk]))


@require_GET
def course(request: ActorRequest, changeover_id: int) -> HttpResponse:
    """How far a changeover is, and what it did."""
    actor = request.actor
    actor.require(Right.SEE_ORDERS)
    change = existing(Changeover.objects.filter(pk=changeover_id, area__range=(actor.area.lo, actor.area.hi)))
    last = Order.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    answer = Changeover.objects.filter(undoes=change).first()
    context: dict[str, Any] = {
        "change": change,
        "before_name": pack_text(change.before),
        "after_name": pack_text(change.after),
        "last": last,
        "answer": answer,
        "proposed_anew": answer.counts.get(PROPOSED, 0) if answer else 0,
        "may_undo": change.done_at is not None and actor.may(Right.SIGN_ORDERS) and change.undoes_id is None,
    }
    if change.undoes_id is None:
        passage = passage_to(change.after.partition("@")[0], change.at, change.area)
        effects = done_all(passage, by=actor)
        context |= {"figures": _figures(effects, "", {}), "total": total_of(effects)}
    # A fragment while it runs; the whole page once it is done.
    fragment = request.headers.get("HX-Target") == "course" and change.done_at is None
    response = render(request, "isolation/course_part.html" if fragment else "isolation/course.html", context)
    if request.headers.get("HX-Target") == "course" and change.done_at is not None:
        response.headers["HX-Refresh"] = "true"
    return response


@require_POST
def take_back(request: ActorRequest, changeover_id: int) -> HttpResponse:
    """Answer a changeover by another signed decision: nobody is restricted by it."""
    actor = request.actor
    change = existing(Changeover.objects.filter(pk=changeover_id, area__range=(actor.area.lo, actor.area.hi)))

    def work() -> None:
        may_undo(change)
        passage = passage_to(change.after.partition("@")[0], change.at, change.area)
        total = total_of(done_all(passage, by=actor))
        if request.POST.get("number", "").strip() != str(total):
            raise Refused(refuse("changeover_number_wrong", count=total))
        start_answer(changeover_id, by=actor)

    do_once(request, work)
    return HttpResponseRedirect(reverse("isolation:course", args=[changeover_id]))
