"""Rounds: the list, planning one, one round with its progress."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dayclear.foundation import clock
from dayclear.foundation.areas import area_of
from dayclear.foundation.filters import chosen, existing, place_of, within
from dayclear.foundation.lists import keyset_page
from dayclear.foundation.parts import Figure
from dayclear.foundation.repetition import answer_once
from dayclear.foundation.requests import ActorRequest, once
from dayclear.foundation.rules import Right
from dayclear.foundation.sent import whole_numbers
from dayclear.foundation.trail import events_of
from dayclear.people.models import Person
from dayclear.places.forms import chosen_place
from dayclear.places.queries import names_of
from dayclear.policy.words import word
from dayclear.sampling.commands import change_round, plan_round, use_points
from dayclear.sampling.commands.chains.rows import RECALL
from dayclear.sampling.commands.rounds import round_subject
from dayclear.sampling.forms import RoundForm
from dayclear.sampling.models import Round
from dayclear.sampling.queries.reading import (
    left_out,
    persons_by_round,
    points_of,
    progress_of,
    rounds_of,
    twice_in_round,
)
from dayclear.sampling.queries.swabs import exclusions_in, swabbed_though_left_out
from dayclear.sampling.reasons import ROUND_STATE_NAMES
from dayclear.sampling.rules.numbers import printed
from dayclear.sampling.timeline import told

_ORDER = ("-starts_at", "-id")


@require_GET
def list_rounds(request: ActorRequest) -> HttpResponse:
    """Rounds, the latest first."""
    actor = request.actor
    place = place_of(request.GET, actor)
    state = chosen(request.GET, "state", ROUND_STATE_NAMES)
    rows = within(rounds_of(actor), place)
    page = keyset_page(rows.filter(state=state) if state else rows, _ORDER, after=request.GET.get("after", ""))
    swabbed = persons_by_round(actor, [row.pk for row in page])
    context = {
        "page": page,
        "rows": [(row, word(row.group) if row.group else _("everybody"), swabbed.get(row.pk, 0)) for row in page],
        "places": names_of({row.area for row in page}),
        "state": state,
        "states": ROUND_STATE_NAMES,
        "running": rounds_of(actor).filter(state="open", ends_at__gt=clock.now()).count(),
    }
    return render(request, "sampling/rounds.html", context)


@require_http_methods(["GET", "POST"])
def plan(request: ActorRequest) -> HttpResponse:
    """The form; sent twice it plans one round."""
    actor, now = request.actor, clock.now()
    actor.require(Right.RUN_SAMPLING)
    said = request.POST if request.method == "POST" else request.GET
    disease = said.get("disease", "covid-19")
    if request.method == "GET":
        start = now.astimezone(clock.local_zone()).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        initial = {"key": uuid4().hex, "disease": disease, "starts_at": start, "ends_at": start + timedelta(hours=24)}
        return _form(request, RoundForm(initial=initial, actor=actor, disease=disease), status=200)
    form = RoundForm(request.POST, actor=actor, disease=disease)
    if not form.is_valid():
        return _form(request, form, status=422)

    def work() -> tuple[int, dict[str, int]]:
        return 201, {"round": plan_round(form.plan(), by=actor, now=now)}

    asked = sorted((name, str(value)) for name, value in form.cleaned_data.items())
    (_status, answer), _repeated = answer_once(form.cleaned_data["key"], ["round", asked], work, by=actor, now=now)
    messages.success(request, _("Round planned. Devices get it once it is open."))
    return HttpResponseRedirect(reverse("sampling:round", args=[answer["round"]]))


def _form(request: ActorRequest, form: RoundForm, *, status: int) -> HttpResponse:
    return render(request, "sampling/plan_round.html", {"form": form, "place": chosen_place(form)}, status=status)


@require_GET
def show_round(request: ActorRequest, round_id: int) -> HttpResponse:
    """One round: how far it is, who is left out, who came twice, which points serve it."""
    actor, now = request.actor, clock.now()
    row = _round(request, round_id)
    progress = progress_of(actor, row.pk)
    points = list(points_of(actor).filter(area__range=_range(row)).order_by("code", "pk")[:300])
    serving = set(row.points.values_list("point_id", flat=True))
    twice = twice_in_round(actor, row) if actor.may(Right.SEE_MEMBERS) else []
    at = progress.last_hour_at
    context = {
        "round": row,
        "group": word(row.group) if row.group else _("everybody"),
        "state": ROUND_STATE_NAMES[row.state],
        "places": names_of({row.area}),
        "figures": [
            Figure(_("people swabbed"), progress.persons, of=row.expected, at=at),
            Figure(_("tubes"), progress.tubes, at=at),
            Figure(_("devices"), progress.devices),
            Figure(
                _("left out now"),
                left_out(actor, row, now=now).count(),
                note=_("open recalls"),
                href=reverse("sampling:left_out", args=[row.pk]) if actor.may(Right.SEE_MEMBERS) else "",
            ),
        ],
        "points": [(point, point.pk in serving) for point in points],
        "though": [
            (each.person, printed(each.tube), each.cause.removeprefix(RECALL))
            for each in (swabbed_though_left_out(actor, row) if actor.may(Right.SEE_MEMBERS) else ())
        ],
        "twice": [(each.person, [printed(tube) for tube in each.tubes]) for each in twice],
        "timeline": told(events_of(actor, [round_subject(row.pk)])),
        "key": uuid4().hex,
    }
    return render(request, "sampling/round.html", context)


@require_GET
def list_left_out(request: ActorRequest, round_id: int) -> HttpResponse:
    """Who is left out of the round, why, and until when."""
    actor, now = request.actor, clock.now()
    row = _round(request, round_id)
    found = exclusions_in(actor, row, now=now)
    people = Person.objects.in_bulk({each.person_id for each in found})
    context = {
        "round": row,
        "rows": [
            {"row": each, "person": people.get(each.person_id), "tube": each.cause.removeprefix(RECALL)}
            for each in found
        ],
        "places": names_of({each.area for each in found}),
    }
    return render(request, "sampling/left_out.html", context)


@require_POST
def change(request: ActorRequest, round_id: int) -> HttpResponse:
    """Open, close or cancel."""

    def work() -> None:
        change_round(round_id, request.POST.get("state", ""), by=request.actor, now=clock.now())

    back = reverse("sampling:round", args=[round_id])
    return once(request, work, _("Done. Devices learn of it with their next bundle."), back)


@require_POST
def choose_points(request: ActorRequest, round_id: int) -> HttpResponse:
    """Which points serve the round."""
    points = whole_numbers(request.POST.getlist("point"))

    def work() -> None:
        use_points(round_id, points, by=request.actor, now=clock.now())

    return once(request, work, _("Points chosen."), reverse("sampling:round", args=[round_id]))


def _round(request: ActorRequest, round_id: int) -> Round:
    return existing(rounds_of(request.actor).filter(pk=round_id))


def _range(row: Round) -> tuple[int, int]:
    inside = area_of(row.area)
    return inside.lo, inside.hi
