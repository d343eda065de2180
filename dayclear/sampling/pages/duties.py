"""Routine tests of priority groups: who is due, who is overdue; entering people, taking them off."""

from __future__ import annotations

from uuid import uuid4

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from dayclear.foundation import clock
from dayclear.foundation.actors import Actor
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.filters import chosen, place_of, within
from dayclear.foundation.lists import ListColumn, csv_response, keyset_page
from dayclear.foundation.parts import Figure
from dayclear.foundation.requests import ActorRequest, once
from dayclear.foundation.sent import day_in, text_in
from dayclear.people.models import Person
from dayclear.people.queries import known_by_number
from dayclear.places.queries import names_of
from dayclear.policy.words import disease_choices, word
from dayclear.sampling.commands import end_duty, enter_duties
from dayclear.sampling.commands.duties import groups_at
from dayclear.sampling.forms import groups
from dayclear.sampling.models import TestDuty
from dayclear.sampling.queries.reading import due_by_group, duties_of

_ORDER = ("due_on", "id")
# Whose packs have groups tested by routine; others can be chosen.
_DISEASE = "covid-19"
# The old resident identity numbers have fifteen digits; a number of ours has fewer.
_SHORTEST_ID = 15
_SHOWN = {
    "due": gettext_lazy("due by today"),
    "late": gettext_lazy("overdue"),
    "all": gettext_lazy("all"),
}
_COLUMNS: list[ListColumn[TestDuty]] = [
    ListColumn("person", gettext_lazy("Person"), lambda row: row.person_id),
    ListColumn("group", gettext_lazy("Group"), lambda row: word(row.group)),
    ListColumn("post", gettext_lazy("Post"), lambda row: row.post),
    ListColumn("place", gettext_lazy("Place"), lambda row: f"{row.area:018d}"),
    ListColumn("last", gettext_lazy("Last swab"), lambda row: row.last_swab_on),
    ListColumn("due", gettext_lazy("Due"), lambda row: row.due_on),
    ListColumn("until", gettext_lazy("Until"), lambda row: row.ends_on),
]


@require_GET
def list_duties(request: ActorRequest) -> HttpResponseBase:
    """Who is due, the longest overdue first. `format=csv` streams the whole list."""
    actor, now = request.actor, clock.now()
    today = clock.local_day(now)
    shown = chosen(request.GET, "shown", _SHOWN, "due")
    disease = chosen(request.GET, "disease", dict(disease_choices()), _DISEASE)
    place = place_of(request.GET, actor)
    everybody = rows = within(duties_of(actor), place).filter(disease=disease)
    group = request.GET.get("group", "")[:48]
    rows = rows.filter(group=group) if group else rows
    if shown != "all":
        rows = rows.filter(due_on__lt=today) if shown == "late" else rows.filter(due_on__lte=today)
    if request.GET.get("format") == "csv":
        return csv_response("routine-tests", _COLUMNS, lambda: rows.order_by(*_ORDER), actor=actor)
    page = keyset_page(rows, _ORDER, after=request.GET.get("after", ""))
    people = dict(Person.objects.filter(pk__in={row.person_id for row in page}).values_list("pk", "name"))
    by_group = due_by_group(everybody, today)
    context = {
        "page": page,
        "rows": [(row, people.get(row.person_id) or f"#{row.person_id}", word(row.group)) for row in page],
        "places": names_of({row.area for row in page}),
        "today": today,
        "figures": [
            Figure(word(code), due + late, of=count, note=_("%(n)s overdue") % {"n": late} if late else "")
            for code, count, due, late in by_group
        ],
        "late": sum(late for _code, _count, _due, late in by_group),
        "due": sum(due for _code, _count, due, _late in by_group),
        "shown": shown,
        "shows": _SHOWN,
        "group": group,
        "groups": groups(actor, disease, now),
        "often": [
            (word(code), [word(post) for post in each.posts], str(each.often))
            for code, each in groups_at(actor.area.lo, disease, now).items()
        ],
        "diseases": disease_choices(),
        "disease": disease,
        "place": names_of({place}).get(place) if place else None,
        "key": uuid4().hex,
    }
    return render(request, "sampling/duties.html", context)


@require_POST
def enter(request: ActorRequest) -> HttpResponse:
    """Enter people, by their identity numbers or the numbers of their records, one a line."""
    said = request.POST
    people = _people_in(request.actor, said.get("people", "").split())
    ends_on = day_in(said, "ends_on")
    if not people:
        raise Refused(refuse("people_not_chosen", most=10_000))

    def work() -> None:
        enter_duties(
            people[:10_000],
            disease=said.get("disease", _DISEASE)[:32],
            group=said.get("group", "")[:48],
            post=text_in(said, "post"),
            ends_on=ends_on,
            by=request.actor,
            now=clock.now(),
        )

    return once(request, work, _("Entered. The first swab is due today."), reverse("sampling:duties"))


def _people_in(actor: Actor, said: list[str]) -> list[int]:
    """Raises: Refused (`people_unknown`, which names the lines and no number)."""
    records = {each for each in said if each.isascii() and each.isdecimal() and len(each) < _SHORTEST_ID}
    known = known_by_number(actor, set(said) - records) | {each: int(each) for each in records}
    strange = [str(line) for line, each in enumerate(said, 1) if each not in known]
    if strange:
        raise Refused(refuse("people_unknown", lines=", ".join(strange[:20])))
    return [known[each] for each in said]


@require_POST
def take_off(request: ActorRequest, duty_id: int) -> HttpResponse:
    def work() -> None:
        end_duty(duty_id, by=request.actor, now=clock.now())

    return once(request, work, _("Taken off the schedule."), reverse("sampling:duties"))
