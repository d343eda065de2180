"""The tiers of counties on a day, as the zoned control of 2020 had them."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from django.db.models import Max
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from dayclear.areas.queries import policy_for
from dayclear.areas.reasons import LEVEL_LETTERS
from dayclear.areas.tiers import CLUSTER_WITHIN, tiers_on
from dayclear.cases.models import CaseCount
from dayclear.foundation import clock
from dayclear.foundation.requests import ActorRequest
from dayclear.foundation.rules import Right
from dayclear.foundation.sent import day_or_none
from dayclear.places.queries import names_of
from dayclear.policy.words import label_text, word

_DISEASE = "covid-19"
# A province has at most two hundred counties; the whole country is looked at province by province.
_MOST = 400


@require_GET
def show_tiers(request: ActorRequest) -> HttpResponse:
    """The table for a day of the address; without one, the last day with a case."""
    actor = request.actor
    actor.require(Right.SEE_CASES)
    as_of = _day(request)
    at = datetime.combine(as_of, time(12), tzinfo=clock.local_zone())
    policy = policy_for(actor.area.lo, _DISEASE, at)
    tiers = policy.rules.county_tiers if policy else None
    context: dict[str, Any] = {"as_of": as_of, "policy": policy.version if policy else "", "table": None}
    if policy is not None and tiers is not None:
        table = tiers_on(actor, _DISEASE, tiers, as_of)
        names = {code: label_text(tier.name) for code, tier in tiers.tiers.items()}
        cities = names_of(set(table.cities))
        context |= {
            "table": table,
            "counts": [(code, names[code], count) for code, count in reversed(list(table.counts.items()))],
            "rows": [
                (
                    each,
                    names.get(each.tier.tier, "") if each.tier else "",
                    LEVEL_LETTERS.get(each.tier.tier, "–") if each.tier else "–",
                    [word(code) for code in each.tier.strategy] if each.tier else [],
                )
                for each in table.counties[:_MOST]
            ],
            "more": max(0, len(table.counties) - _MOST),
            "cities": [(cities[city].full_name, names[tier]) for city, tier in table.cities.items() if city in cities],
            "source": next((v.source for path, v in policy.values.items() if path.startswith("county_tiers")), ""),
            "cluster_days": CLUSTER_WITHIN.days,
        }
    return render(request, "areas/tiers.html", context)


def _day(request: ActorRequest) -> date:
    asked = day_or_none(request.GET, "on")
    if asked:
        return asked
    actor = request.actor
    counts = CaseCount.objects.filter(area=actor.area.lo, level=actor.level, disease=_DISEASE, cases__gt=0)
    last: date | None = counts.aggregate(last=Max("day"))["last"]
    return last or clock.local_day(clock.now())
