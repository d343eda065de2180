"""The list of cases: narrowed by its address, paged by key, as a page or as CSV."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from dayclear.cases.filters import CaseFilter
from dayclear.cases.models import Case
from dayclear.cases.queries import diseases_of
from dayclear.cases.reasons import (
    CLASSIFICATION_NAMES,
    FOUND_BY_NAMES,
    MISSING_NAMES,
    OUTCOME_NAMES,
    SEVERITY_NAMES,
    UNDER_ORDER_NAMES,
)
from dayclear.foundation import clock
from dayclear.foundation.lists import (
    ListColumn,
    choose_columns,
    csv_response,
    estimate_rows,
    keyset_page,
    record_export,
)
from dayclear.foundation.requests import ActorRequest
from dayclear.foundation.rules import Right
from dayclear.people.queries import age_on
from dayclear.people.reasons import SEX_NAMES
from dayclear.places.queries import PlaceName, names_of
from dayclear.policy.words import DISEASE_NAMES, disease_name

ORDER = ("-counted_on", "-id")


def _columns(places: dict[int, PlaceName]) -> list[ListColumn[Case]]:
    return [
        ListColumn("number", _("Number"), lambda case: case.number),
        ListColumn("day", _("Day"), lambda case: case.counted_on),
        ListColumn("name", _("Name"), lambda case: case.person.name),
        ListColumn("sex", _("Sex"), lambda case: str(SEX_NAMES[case.person.sex]), shown=False),
        ListColumn("age", _("Age"), lambda case: _years(case)),
        ListColumn("place", _("Place"), lambda case: places[case.area].full_name if case.area in places else case.area),
        ListColumn("residence", _("Residence as written"), lambda case: case.person.residence, shown=False),
        ListColumn("disease", _("Disease"), lambda case: disease_name(case.disease), False),
        ListColumn("classification", _("Classification"), lambda case: str(CLASSIFICATION_NAMES[case.classification])),
        ListColumn("severity", _("Severity"), lambda case: str(SEVERITY_NAMES[case.severity])),
        ListColumn("under_order", _("When found"), lambda case: str(UNDER_ORDER_NAMES[case.under_order])),
        ListColumn("found_by", _("How found"), lambda case: str(FOUND_BY_NAMES[case.found_by]), shown=False),
        ListColumn("onset", _("Onset"), lambda case: case.onset_on),
        ListColumn("positive", _("Positive"), lambda case: case.positive_on, shown=False),
        ListColumn("reported", _("Reported"), lambda case: case.reported_on, shown=False),
        ListColumn("source", _("Source"), lambda case: str(_("known") if case.source_known else _("unknown")), False),
        ListColumn("outcome", _("Outcome"), lambda case: str(OUTCOME_NAMES[case.outcome]), shown=False),
    ]


def _years(case: Case) -> int | None:
    months = age_on(case.person, case.counted_on) if case.counted_on else case.person.age_months
    return None if months is None else months // 12


@require_GET
def list_cases(request: ActorRequest) -> HttpResponseBase:
    """The list. `format=csv` streams the whole of it in the same order."""
    request.actor.require(Right.SEE_CASES)
    wanted = CaseFilter.read(request.GET)
    rows = wanted.rows(request.actor).select_related("person")
    if request.GET.get("format") == "csv":
        return _csv(request, wanted)
    page = keyset_page(rows, ORDER, after=request.GET.get("after", ""))
    total = page.exact if page.exact is not None else wanted.count(request.actor)
    places = names_of({case.area for case in page} | ({wanted.place} if wanted.place else set()))
    about = estimate_rows(wanted.rows(request.actor)) if total is None else None
    columns = choose_columns(_columns(places), request.GET.getlist("columns"))
    context: dict[str, Any] = {
        # How many there are is known from the counts, where the page alone does not show it.
        "page": replace(page, exact=total, estimate=about),
        "rows": [(case, [(column, column.value(case)) for column in columns.shown]) for case in page],
        "total": total,
        "about": about,
        "filter": wanted,
        "place": places.get(wanted.place) if wanted.place else None,
        "places": places,
        "columns": columns,
        "diseases": diseases_of(request.actor),
        "words": WORDS,
        "missing": MISSING_NAMES.get(wanted.missing, ""),
        "choices": [
            ("under_order", _("When found"), UNDER_ORDER_NAMES, wanted.under_order),
            ("source", _("Source"), {"unknown": _("unknown"), "known": _("known")}, wanted.source),
            ("missing", _("Missing"), MISSING_NAMES, wanted.missing),
            ("outcome", _("Outcome"), OUTCOME_NAMES, wanted.outcome),
            ("classification", _("Classification"), CLASSIFICATION_NAMES, wanted.classification),
        ],
    }
    return render(request, "cases/list.html", context)


WORDS = {
    "disease": DISEASE_NAMES,
    "classification": CLASSIFICATION_NAMES,
    "severity": SEVERITY_NAMES,
    "under_order": UNDER_ORDER_NAMES,
    "found_by": FOUND_BY_NAMES,
    "outcome": OUTCOME_NAMES,
    "sex": SEX_NAMES,
}


def _csv(request: ActorRequest, wanted: CaseFilter) -> HttpResponseBase:
    places: dict[int, PlaceName] = {}
    columns = _columns(places)
    chosen = choose_columns(columns, request.GET.getlist("columns")).shown
    actor = request.actor

    def rows() -> Any:
        # The places of the actor's scope are few thousand names at most a province; asked once for the whole stream.
        cases = wanted.rows(actor)
        places.update(names_of(set(cases.order_by().values_list("area", flat=True).distinct())))
        return cases.select_related("person").order_by(*ORDER).iterator(chunk_size=2_000)

    record_export("cases", chosen, request.GET, by=actor, now=clock.now())
    return csv_response("cases", chosen, rows, actor=actor)
