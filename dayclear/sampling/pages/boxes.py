"""Boxes: the list against the clock, one box with its tubes and signatures, what one does with it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from dayclear.foundation import clock
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.filters import chosen, existing, place_of, within
from dayclear.foundation.lists import keyset_page
from dayclear.foundation.requests import ActorRequest, once
from dayclear.foundation.sent import number_in, text_in
from dayclear.foundation.trail import events_of
from dayclear.places.queries import names_of
from dayclear.sampling import commands
from dayclear.sampling.commands.boxes import box_subject, count_of
from dayclear.sampling.models import Box
from dayclear.sampling.queries.reading import box_figures, boxes_of
from dayclear.sampling.queries.swabs import lost_tubes
from dayclear.sampling.reasons import BOX_STATE_NAMES, CONDITION_NAMES, LOST_NAMES
from dayclear.sampling.receivers import Receiver, receiver_named, receivers_for
from dayclear.sampling.rules.boxes import ARRIVED, CONDITIONS, NEXT, OPEN, UNDER_WAY
from dayclear.sampling.rules.numbers import parsed, printed
from dayclear.sampling.timeline import told

_ORDER = ("-closed_at", "-id")
_SHOWN = {"open": gettext_lazy("on their way"), **BOX_STATE_NAMES}


@require_GET
def list_boxes(request: ActorRequest) -> HttpResponse:
    """Boxes, the latest first."""
    actor, now = request.actor, clock.now()
    state = chosen(request.GET, "state", _SHOWN, "open")
    rows = within(boxes_of(actor), place_of(request.GET, actor))
    rows = rows.filter(state__in=OPEN if state == "open" else (state,))
    page = keyset_page(rows, _ORDER, after=request.GET.get("after", ""))
    context = {
        "page": page,
        "places": names_of({row.area for row in page}),
        "figures": box_figures(actor, now=now),
        "lost": sum(each.waiting for each in lost_tubes(actor)),
        "state": state,
        "states": _SHOWN,
        "state_names": BOX_STATE_NAMES,
        "open_states": OPEN,
        "key": uuid4().hex,
    }
    return render(request, "sampling/boxes.html", context)


@require_GET
def list_lost(request: ActorRequest) -> HttpResponse:
    """Tubes that cannot be examined, with those of their people who wait to be swabbed again."""
    lost = lost_tubes(request.actor)
    context = {
        "rows": [(each, printed(each.tube), LOST_NAMES[each.condition]) for each in lost],
        "waiting": sum(each.waiting for each in lost),
        "places": names_of({each.area for each in lost}),
    }
    return render(request, "sampling/lost_tubes.html", context)


@require_GET
def show_box(request: ActorRequest, box_id: UUID) -> HttpResponse:
    """One box: who signed, how each tube arrived, whether the counts agree."""
    row = _box(request, box_id)
    boxed = [(printed(each.tube), each) for each in row.boxed.order_by("tube")]
    context = {
        "box": row,
        "state": BOX_STATE_NAMES[row.state],
        "places": names_of({row.area}),
        "boxed": boxed,
        "conditions": {code: CONDITION_NAMES[code] for code in CONDITIONS},
        "condition_names": CONDITION_NAMES,
        "signatures": list(row.signatures.order_by("signed_at")),
        "count": count_of(row) if row.received_at else None,
        "receivers": receivers_for(request.actor, row) if row.state == "ready" else [],
        "next": NEXT.get(row.state, ()),
        "may_receive": row.state in (*UNDER_WAY, "partly_received", "lost"),
        "arrived": row.state in (*ARRIVED, "reconciled"),
        "clock_from": row.oldest_at or row.closed_at - timedelta(minutes=1),
        "timeline": told(events_of(request.actor, [box_subject(row.pk)])),
        "key": uuid4().hex,
    }
    return render(request, "sampling/box.html", context)


@require_POST
def start(request: ActorRequest) -> HttpResponse:
    """Open an empty box at a table without a device."""
    area = place_of(request.POST, request.actor) or request.actor.area.lo
    box = commands.open_box(area, by=request.actor, now=clock.now())
    return HttpResponseRedirect(reverse("sampling:box", args=[box]))


@require_POST
def pack(request: ActorRequest, box_id: UUID) -> HttpResponse:
    """Put in the tubes that were scanned, one a line."""
    labels = text_in(request.POST, "tubes").split()
    return _do(request, box_id, lambda by, now: commands.pack_tubes(box_id, labels, by=by, now=now), _("Tubes put in."))


@require_POST
def close(request: ActorRequest, box_id: UUID) -> HttpResponse:
    counted = number_in(request.POST, "counted")
    return _do(request, box_id, lambda by, now: commands.close_box(box_id, counted, by=by, now=now), _("Box closed."))


@require_POST
def send(request: ActorRequest, box_id: UUID) -> HttpResponse:
    """Hand it over, signing with the own name: to a place that is offered, or to one that is named."""
    to, counted = _receiver(request, _box(request, box_id)), number_in(request.POST, "counted")

    def work(by: Any, now: Any) -> None:
        commands.send_box(box_id, destination=to.key, destination_name=to.name, counted=counted, by=by, now=now)

    return _do(request, box_id, work, _("Signed: the box is handed over."))


@require_POST
def under_way(request: ActorRequest, box_id: UUID) -> HttpResponse:
    return _do(request, box_id, lambda by, now: commands.set_under_way(box_id, by=by, now=now), _("Noted."))


@require_POST
def lose(request: ActorRequest, box_id: UUID) -> HttpResponse:
    reason = text_in(request.POST, "reason")
    done = _("Noted as lost. Its people have to be swabbed again.")
    return _do(request, box_id, lambda by, now: commands.lose_box(box_id, reason=reason, by=by, now=now), done)


@require_POST
def cancel(request: ActorRequest, box_id: UUID) -> HttpResponse:
    reason = text_in(request.POST, "reason")
    done = _("Box cancelled. Its tubes may go into another.")
    return _do(request, box_id, lambda by, now: commands.cancel_box(box_id, reason=reason, by=by, now=now), done)


@require_POST
def receive(request: ActorRequest, box_id: UUID) -> HttpResponse:
    """Sign for it. Every tube has its condition in the form; extra labels come one a line."""
    said = request.POST
    conditions = {
        int(name[2:]): said[name] for name in said if name.startswith("t-") and name[2:].isdecimal() and said[name]
    }
    for label in text_in(said, "extra").split():
        number = parsed(label)
        if number is None:
            raise Refused(refuse("tube_number_bad", tube=label[:40]))
        conditions[number] = "good"

    def work(by: Any, now: Any) -> None:
        commands.receive_box(box_id, conditions, counted=number_in(said, "counted"), by=by, now=now)

    return _do(request, box_id, work, _("Signed: the box is received."))


@require_POST
def reconcile(request: ActorRequest, box_id: UUID) -> HttpResponse:
    note = text_in(request.POST, "note")
    return _do(
        request, box_id, lambda by, now: commands.reconcile_box(box_id, note=note, by=by, now=now), _("Box reconciled.")
    )


def _do(request: ActorRequest, box_id: UUID, work: Callable[[Any, Any], Any], done: str) -> HttpResponse:
    back = reverse("sampling:box", args=[box_id])
    return once(request, lambda: work(request.actor, clock.now()), done, back)


def _receiver(request: ActorRequest, row: Box) -> Receiver:
    """Where a form says that a box goes. Raises: Refused (`destination_missing`)."""
    key, name = text_in(request.POST, "destination"), text_in(request.POST, "destination_name")
    if not key and name:
        return receiver_named(request.actor, row, name)
    offered = {each.key: each for each in receivers_for(request.actor, row)}
    if key not in offered:
        raise Refused(refuse("destination_missing"))
    return offered[key]


def _box(request: ActorRequest, box_id: UUID) -> Box:
    return existing(boxes_of(request.actor).filter(pk=box_id))
