"""The burn-down of open tubes: how many stood open, hour by hour, and how many of them past their limit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import altair as alt
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from dayclear.foundation import clock as clocks
from dayclear.foundation.charts import KINDS, Chart, Heading, answer, axis_days
from dayclear.foundation.filters import place_of, within
from dayclear.foundation.requests import ActorRequest
from dayclear.places.queries import names_of
from dayclear.sampling.queries.chains import chains_of, lives_of
from dayclear.sampling.rules.chains.burn_down import Open, burn_down

_HOURS = 24


@require_GET
def draw_burn_down(request: ActorRequest, kind: str) -> HttpResponse:
    """The past day of a place's chains, in one of `foundation.charts.KINDS`."""
    if kind not in KINDS:
        raise Http404
    place, now = place_of(request.GET, request.actor), clocks.now()
    instants = [now - timedelta(hours=ago) for ago in range(_HOURS, -1, -1)]
    told = burn_down(lives_of(within(chains_of(request.actor), place), since=instants[0]), instants)
    name = names_of({place}).get(place) if place else None
    heading = Heading(_("Open tubes against their clock"), (name.full_name,) if name else ())
    return answer(request, _chart(told), heading, kind)


def _chart(told: Sequence[Open]) -> Chart:
    in_time, late = _("within the limit"), _("past the limit")
    values = [
        {"at": _wall(each.at), "how": how, "tubes": tubes, "order": order}
        for each in told
        for order, (how, tubes) in enumerate(((late, each.late), (in_time, each.in_time)))
    ]
    form = f"{axis_days()} %H:%M"
    drawn = (
        alt.Chart(alt.InlineData(values=values), height=160, width="container")
        .mark_bar()
        .encode(
            x=alt.X("at:O", title=None, sort=None).axis(
                labelExpr=f"timeFormat(toDate(datum.value), '{form}')", labelOverlap=True, ticks=False, labelAngle=0
            ),
            y=alt.Y("tubes:Q", title=_("Open tubes")).axis(tickMinStep=1),
            color=alt.Color("how:N", title=None).scale(domain=[in_time, late]),
            order="order:Q",
            tooltip=[
                alt.Tooltip("at:T", title=_("At"), format=form),
                alt.Tooltip("how:N", title=_("Clock")),
                alt.Tooltip("tubes:Q", title=_("Open tubes")),
            ],
        )
    )
    return Chart(
        name=_("open tubes"),
        specification=drawn.to_dict(),
        columns=(_("At"), in_time, late),
        rows=[(_wall(each.at), each.in_time, each.late) for each in told],
    )


def _wall(at: datetime) -> str:
    """Local time without a zone: a chart shows it as it stands."""
    return at.astimezone(clocks.local_zone()).strftime("%Y-%m-%dT%H:%M")
