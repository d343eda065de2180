"""What one enters on the page of a case for tracing: a source, a contact. Part of the pages of tracing."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from dayclear.cases.queries import case_in_scope
from dayclear.foundation import clock
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.identifiers import normal_id_number
from dayclear.foundation.requests import ActorRequest
from dayclear.foundation.rules import Right
from dayclear.foundation.sent import day_or_none, number_or_none
from dayclear.people.commands import PersonRecord
from dayclear.tracing import commands


@require_POST
def name_source(request: ActorRequest, case_id: int) -> HttpResponse:
    said = request.POST
    commands.name_source(
        case_id,
        said.get("number", ""),
        relation=said.get("relation", "unknown"),
        certainty=said.get("certainty", "possible"),
        exposed_on=day_or_none(said, "on"),
        by=request.actor,
        now=clock.now(),
    )
    messages.success(request, _("Source recorded."))
    return HttpResponseRedirect(reverse("cases:case", args=[case_id]))


@require_POST
def add_contact(request: ActorRequest, case_id: int) -> HttpResponse:
    """A contact without a place of its own lives, as far as we know, where the case does."""
    request.actor.require(Right.WRITE_CASES)
    said, now = request.POST, clock.now()
    case = case_in_scope(request.actor, case_id)
    if case is None:
        raise Refused(refuse("not_found"))
    name, number = said.get("name", "").strip(), normal_id_number(said.get("id_number", ""))
    if not name:
        raise Refused(refuse("name_missing"))
    how = commands.Exposed(
        relation=said.get("relation", "unknown"),
        last_exposed_on=day_or_none(said, "on"),
        category=said.get("category", ""),
    )
    person = PersonRecord(
        area=number_or_none(said, "place") or case.area,
        name=name[:120],
        id_number=number,
        phone=said.get("phone", "").strip(),
    )
    commands.record_contact(case.pk, person, how, by=request.actor, now=now)
    messages.success(request, _("Contact recorded."))
    return HttpResponseRedirect(reverse("cases:case", args=[case_id]))


urlpatterns = [
    path("case/<int:case_id>/source", name_source, name="name_source"),
    path("case/<int:case_id>/contact", add_contact, name="add_contact"),
]
