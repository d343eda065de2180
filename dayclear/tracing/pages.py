"""Chains of transmission: the list, one chain drawn and told, references without a case, who is near a case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from dayclear.cases.models import Case
from dayclear.cases.queries import case_in_scope, cases_of, diseases_of
from dayclear.cases.reasons import UNDER_ORDER_NAMES
from dayclear.foundation import clock
from dayclear.foundation.actors import Actor
from dayclear.foundation.areas import level_of
from dayclear.foundation.charts import KINDS, Chart, Heading, answer, bundle_address
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.lists import ListColumn, choose_columns, csv_response, keyset_page
from dayclear.foundation.requests import ActorRequest
from dayclear.foundation.rules import Right
from dayclear.foundation.sent import day_or_none, number_or_none
from dayclear.places.queries import names_of
from dayclear.policy.words import disease_name
from dayclear.tracing import entries
from dayclear.tracing.charts import chain_chart
from dayclear.tracing.drawing import lay_out
from dayclear.tracing.limits import interval_limits
from dayclear.tracing.models import ChainCount, Exposure
from dayclear.tracing.queries import (
    chain_at,
    chain_summary,
    chains_at,
    count_unresolved,
    drawn_members,
    links_among,
    members_of,
    named_sources,
    unresolved_references,
    within_two_links,
)
from dayclear.tracing.rules import Link, find_chains

COUNTED_TO = 1000
MEMBERS_A_PAGE = 200
DEEPEST_LEVEL = 5
# What a list of chains can be narrowed to, beside disease, place and days.
ONLY: Mapping[str, Any] = {
    "flaws": gettext_lazy("with links that cannot be true"),
    "sources": gettext_lazy("with several first cases"),
}
_ONLY_WHERE = {"flaws": Q(flaws__gt=0), "sources": Q(unknown_sources__gt=1)}

CHAIN_COLUMNS: tuple[ListColumn[ChainCount], ...] = (
    ListColumn("chain", gettext_lazy("Chain"), lambda chain: chain.chain),
    ListColumn("first", gettext_lazy("First day"), lambda chain: chain.first_on),
    ListColumn("last", gettext_lazy("Last day"), lambda chain: chain.last_on),
    ListColumn("size", gettext_lazy("Cases"), lambda chain: chain.size),
    ListColumn("members", gettext_lazy("In my places"), lambda chain: chain.members),
    ListColumn("longest", gettext_lazy("Links deep"), lambda chain: chain.longest),
    ListColumn("largest", gettext_lazy("Most from one"), lambda chain: chain.largest),
    ListColumn("sources", gettext_lazy("First cases"), lambda chain: chain.unknown_sources),
    ListColumn("flaws", gettext_lazy("Flaws"), lambda chain: chain.flaws),
)
REFERENCE_COLUMNS: tuple[ListColumn[Exposure], ...] = (
    ListColumn("case", gettext_lazy("Case"), lambda row: row.case.number),
    ListColumn("names", gettext_lazy("Names as its source"), lambda row: row.source_number),
    ListColumn("day", gettext_lazy("Day of the case"), lambda row: row.case.counted_on),
    ListColumn("recorded", gettext_lazy("Read at"), lambda row: row.recorded_at),
)


@dataclass(frozen=True, slots=True)
class ChainFilter:
    """Which chains a list shows. `place` 0 is the whole installation."""

    disease: str
    place: int
    first: date | None
    last: date | None
    least: int
    only: str

    @classmethod
    def read(cls, address: Mapping[str, str], actor: Actor, diseases: list[str]) -> ChainFilter:
        """Raises: Refused (`bad_filter`; `not_found` for a place outside the actor's)."""
        place = number_or_none(address, "place")
        if place is None:
            place = actor.area.lo
        inside = place in actor.area if place else actor.everywhere
        if not inside or level_of(place) > DEEPEST_LEVEL:
            raise Refused(refuse("not_found"))
        disease = address.get("disease", "").strip()[:32]
        return cls(
            disease=disease or (diseases[0] if diseases else ""),
            place=place,
            first=day_or_none(address, "from"),
            last=day_or_none(address, "to"),
            least=number_or_none(address, "least") or 2,
            only=only if (only := address.get("only", "")) in ONLY else "",
        )

    def rows(self, actor: Actor) -> QuerySet[ChainCount]:
        found = chains_at(actor, self.place, self.disease)
        if self.least > 2:
            found = found.filter(size__gte=self.least)
        if self.first:
            found = found.filter(Q(last_on__gte=self.first) | Q(last_on=None))
        if self.last:
            found = found.filter(Q(first_on__lte=self.last) | Q(first_on=None))
        return found.filter(_ONLY_WHERE[self.only]) if self.only else found


@require_GET
def list_chains(request: ActorRequest) -> HttpResponseBase:
    """The chains with a member at a place, the largest first."""
    actor = request.actor
    actor.require(Right.SEE_CASES)
    diseases = [code for code, _last, _total in diseases_of(actor)]
    narrowed = ChainFilter.read(request.GET, actor, diseases)
    columns = choose_columns(CHAIN_COLUMNS, request.GET.getlist("columns"))
    if request.GET.get("format") == "csv":
        return csv_response("chains", columns.shown, lambda: narrowed.rows(actor).iterator(), actor=actor)
    page = keyset_page(narrowed.rows(actor), ("-size", "chain"), after=request.GET.get("after", ""))
    context = {
        "page": page,
        "columns": columns,
        "filter": narrowed,
        "diseases": [(code, disease_name(code)) for code in diseases],
        "only": ONLY.items(),
        "place": names_of({narrowed.place}).get(narrowed.place) if narrowed.place != actor.area.lo else None,
        "unresolved": count_unresolved(actor, narrowed.disease, limit=COUNTED_TO + 1),
        "counted_to": COUNTED_TO,
        "summary": chain_summary(actor, narrowed.place, narrowed.disease) if not page.after else None,
        "largest": page.rows[0] if page.rows and not page.after else None,
    }
    return render(request, "tracing/chains.html", context)


@require_GET
def show_chain(request: ActorRequest, chain_id: int) -> HttpResponse:
    """One chain: its drawing and its members."""
    actor = request.actor
    chain = _chain(actor, chain_id)
    page = keyset_page(
        members_of(actor, chain_id), ("generation", "case_id"), after=request.GET.get("after", ""), size=MEMBERS_A_PAGE
    )
    context = {
        "chain": chain,
        "disease": disease_name(chain.disease),
        "page": page,
        "outside": chain.size - chain.members,
        "sources": named_sources(actor, [member.case_id for member in page]),
        "places": names_of({member.case.area for member in page}),
        "found": UNDER_ORDER_NAMES,
        "chart_bundle": bundle_address(),
        "files": ("png", "svg", "csv"),
    }
    return render(request, "tracing/chain.html", context)


@require_GET
def draw_chain(request: ActorRequest, chain_id: int, kind: str) -> HttpResponse:
    """The drawing of one chain: its specification, a picture, or its rows."""
    if kind not in KINDS:
        raise Http404
    chain = _chain(request.actor, chain_id)
    now = clock.now().astimezone(clock.local_zone())
    extent = _("%(members)s of %(size)s cases · %(first)s – %(last)s") % {
        "members": chain.members,
        "size": chain.size,
        "first": chain.first_on or "—",
        "last": chain.last_on or "—",
    }
    origin = _(
        "As of %(at)s. Source: the links recorded in Dayclear; a case stands on its day of onset, else on the day it "
        "became known."
    ) % {"at": f"{now:%Y-%m-%d %H:%M}"}
    title = _("Chain of transmission · %(disease)s") % {"disease": disease_name(chain.disease)}
    heading = Heading(title, (extent, origin))
    return answer(request, drawn_chain(request.actor, chain), heading, kind)


def drawn_chain(actor: Actor, chain: ChainCount) -> Chart:
    """The chart of a chain, of what lies in the actor's places."""
    members = drawn_members(actor, chain.chain)
    links = [
        Link(source, case)
        for source, case in links_among(actor, [member.case for member in members]).values_list("source_id", "case_id")
        if source is not None
    ]
    tangled = frozenset(case for found in find_chains(links) for case in found.in_cycle)
    limits = interval_limits(chain.disease, chain.last_on or clock.local_day(clock.now()))
    drawing = lay_out({member.case: member.day for member in members}, links, limits, tangled)
    return chain_chart(members, drawing, f"{chain.disease} chain {chain.chain}")


@require_GET
def list_unresolved(request: ActorRequest) -> HttpResponseBase:
    """References to cases that are not in the system. They become links by themselves when the case arrives."""
    actor = request.actor
    actor.require(Right.SEE_CASES)
    diseases = [code for code, _last, _total in diseases_of(actor)]
    disease = request.GET.get("disease", "").strip()[:32] or (diseases[0] if diseases else "")
    columns = choose_columns(REFERENCE_COLUMNS, request.GET.getlist("columns"))
    rows = unresolved_references(actor, disease)
    if request.GET.get("format") == "csv":
        return csv_response("unresolved", columns.shown, rows.iterator, actor=actor)
    page = keyset_page(rows, ("id",), after=request.GET.get("after", ""))
    context = {
        "page": page,
        "columns": columns,
        "disease": disease,
        "disease_name": disease_name(disease),
        "count": count_unresolved(actor, disease, limit=COUNTED_TO + 1),
        "counted_to": COUNTED_TO,
        "places": names_of({row.case.area for row in page}),
    }
    return render(request, "tracing/unresolved.html", context)


@dataclass(frozen=True, slots=True)
class NearCase:
    """A case and how many links away it is."""

    case: Case
    distance: int


@require_GET
def show_near(request: ActorRequest, case_id: int) -> HttpResponse:
    """Everyone within two links of a case, in either direction."""
    actor = request.actor
    start = case_in_scope(actor, case_id)
    if start is None:
        raise Refused(refuse("not_found"))
    distances = dict(within_two_links(actor, [case_id]))
    cases = cases_of(actor).filter(pk__in=distances).select_related("person").order_by("counted_on", "id")
    near = sorted((NearCase(case, distances[case.pk]) for case in cases), key=lambda each: each.distance)
    context = {
        "start": start,
        "near": near[1:] if near else [],
        "outside": len(distances) - len(near),
        "places": names_of({each.case.area for each in near}),
        "found": UNDER_ORDER_NAMES,
    }
    return render(request, "tracing/near.html", context)


def _chain(actor: Actor, chain_id: int) -> ChainCount:
    chain = chain_at(actor, chain_id)
    if chain is None:
        raise Refused(refuse("not_found"))
    return chain


urlpatterns = [
    path("", list_chains, name="chains"),
    path("unresolved", list_unresolved, name="unresolved"),
    path("near/<int:case_id>", show_near, name="near"),
    path("<int:chain_id>", show_chain, name="chain"),
    path("<int:chain_id>/drawing.<slug:kind>", draw_chain, name="drawing"),
    *entries.urlpatterns,
]
