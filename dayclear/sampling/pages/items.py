"""Goods or a surface on which something was found: what is to be done, and what was."""

from __future__ import annotations

from uuid import uuid4

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from dayclear.foundation import clock
from dayclear.foundation.requests import ActorRequest, once
from dayclear.foundation.sent import number_in, text_in
from dayclear.foundation.trail import events_of
from dayclear.places.queries import names_of
from dayclear.sampling.chain_texts import ALARM_NAMES
from dayclear.sampling.commands.chains import write_item_step
from dayclear.sampling.commands.chains.items import item_alarm_subject
from dayclear.sampling.models import PooledItem
from dayclear.sampling.queries.items import item_alarm_in_scope
from dayclear.sampling.rules.items import STEPS
from dayclear.sampling.rules.numbers import printed
from dayclear.sampling.timeline import told

_STEPS = {
    "seal": (gettext_lazy("Seal it off"), gettext_lazy("What was sealed, and where it is kept")),
    "trace": (gettext_lazy("Find who handled it"), gettext_lazy("Who they are and where they are swabbed")),
    "disinfect": (gettext_lazy("Disinfect"), gettext_lazy("What was disinfected, and with what")),
}


@require_GET
def show_item_alarm(request: ActorRequest, alarm_id: int) -> HttpResponse:
    row = item_alarm_in_scope(request.actor, alarm_id)
    done = {each.step: each for each in row.steps.all()}
    context = {
        "alarm": row,
        "label": printed(row.tube),
        "what": ALARM_NAMES[row.alarm],
        "items": PooledItem.objects.filter(tube=row.tube).order_by("position"),
        "steps": [(step, *_STEPS[step], done.get(step)) for step in STEPS],
        "done": len(done),
        "of": len(STEPS),
        "places": names_of({row.area}),
        "timeline": told(events_of(request.actor, [item_alarm_subject(row.pk)])),
        "key": uuid4().hex,
    }
    return render(request, "sampling/item_alarm.html", context)


@require_POST
def write_step(request: ActorRequest, alarm_id: int, step: str) -> HttpResponse:
    """Write down that a step was done."""
    item_alarm_in_scope(request.actor, alarm_id)

    def work() -> None:
        people = number_in(request.POST, "people") if step == "trace" else None
        note = text_in(request.POST, "note")
        write_item_step(alarm_id, step, note=note, people=people, by=request.actor, now=clock.now())

    return once(request, work, _("It is written down."), reverse("sampling:item_alarm", args=[alarm_id]))
