"""Disputed tubes: the list with reasons and what to do, one of them, settling it."""

from __future__ import annotations

from uuid import uuid4

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from dayclear.foundation import clock
from dayclear.foundation.filters import chosen, existing, place_of, within
from dayclear.foundation.lists import keyset_page
from dayclear.foundation.requests import ActorRequest, once
from dayclear.foundation.sent import number_or_none, text_in
from dayclear.places.queries import names_of
from dayclear.sampling.commands import set_aside, take_in_after_all
from dayclear.sampling.models import DisputedTube
from dayclear.sampling.queries.reading import disputes_of, points_of, rounds_of
from dayclear.sampling.reasons import DISPUTE_HEADINGS, REASONS, REMEDIES

_ORDER = ("received_at", "id")


@require_GET
def list_disputes(request: ActorRequest) -> HttpResponse:
    """What waits for somebody to look, the oldest first."""
    actor = request.actor
    code = chosen(request.GET, "code", DISPUTE_HEADINGS)
    rows = within(disputes_of(actor), place_of(request.GET, actor))
    page = keyset_page(rows.filter(code=code) if code else rows, _ORDER, after=request.GET.get("after", ""))
    context = {
        "page": page,
        "rows": [(row, reason_of(row)) for row in page],
        "places": names_of({row.area for row in page}),
        "code": code,
        "codes": DISPUTE_HEADINGS,
        "oldest": disputes_of(actor).order_by("received_at").values_list("received_at", flat=True).first(),
    }
    return render(request, "sampling/disputes.html", context)


@require_GET
def show_dispute(request: ActorRequest, dispute_id: int) -> HttpResponse:
    """One disputed tube: why, and what can be done. Whose swabs are in it is not shown."""
    actor = request.actor
    row = existing(disputes_of(actor).filter(pk=dispute_id))
    context = {
        "dispute": row,
        "reason": reason_of(row),
        "remedy": REMEDIES[row.code],
        "places": names_of({row.area}),
        "rounds": rounds_of(actor).exclude(state="cancelled").order_by("-starts_at")[:50],
        "points": points_of(actor).order_by("code")[:300],
        "asks_label": row.code in ("tube_already_closed", "tube_number_bad", "tube_not_of_device"),
        "asks_round": row.code in ("round_unknown", "round_not_running", "point_outside_round"),
        "asks_point": row.code in ("point_unknown", "point_outside_round"),
        "key": uuid4().hex,
    }
    return render(request, "sampling/dispute.html", context)


@require_POST
def take_in(request: ActorRequest, dispute_id: int) -> HttpResponse:
    said = request.POST

    def work() -> None:
        take_in_after_all(
            dispute_id,
            label=text_in(said, "label"),
            round_id=number_or_none(said, "round") or 0,
            point_id=number_or_none(said, "point") or 0,
            note=text_in(said, "note"),
            by=request.actor,
            now=clock.now(),
        )

    return once(request, work, _("The tube is taken in."), reverse("sampling:disputes"))


@require_POST
def leave_aside(request: ActorRequest, dispute_id: int) -> HttpResponse:
    def work() -> None:
        set_aside(dispute_id, note=text_in(request.POST, "note"), by=request.actor, now=clock.now())

    done = _("The tube is set aside. Its people have to be swabbed again.")
    return once(request, work, done, reverse("sampling:disputes"))


def reason_of(row: DisputedTube) -> str:
    """Why a tube is disputed, in the reader's language."""
    return str(REASONS[row.code] % row.params)
