"""One finding: what, against which text, who answers by when, what was said, the list behind it."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from dayclear.foundation import clock
from dayclear.foundation.actors import Actor
from dayclear.foundation.parts import Explanation
from dayclear.foundation.requests import ActorRequest
from dayclear.foundation.rules import Right
from dayclear.foundation.sent import whole_number
from dayclear.foundation.trail import events_of, timeline
from dayclear.places.queries import names_of
from dayclear.policy.words import cited_text, word
from dayclear.supervision.commands import subject_of
from dayclear.supervision.models import Finding
from dayclear.supervision.queries import complaints_of, contact_of, finding_in_scope
from dayclear.supervision.reasons import CLOSE_CAUSE_NAMES, MEANS_NAMES, ORIGIN_NAMES, SIDE_NAMES, STATE_NAMES
from dayclear.supervision.sightings import orders_behind
from dayclear.supervision.texts import facts, group_of, page_of, predicate_name, sentence

_SHOWN = 50


@require_GET
def show_finding(request: ActorRequest, finding_id: int) -> HttpResponse:
    actor, now = request.actor, clock.now()
    row = finding_in_scope(actor, finding_id)
    events = list(events_of(actor, [subject_of(row.pk)]))
    orders = _orders(request, row)
    context: dict[str, Any] = {
        "finding": row,
        "name": predicate_name(row.predicate),
        "sentence": sentence(row),
        "explanation": _explanation(row),
        "about": page_of(row) if actor.may(Right.SEE_ORDERS) else "",
        "orders": orders,
        "next_order": orders[-1] if len(orders) == _SHOWN else None,
        "complaints": [(each, contact_of(each), MEANS_NAMES[each.means]) for each in complaints_of(actor, row)],
        "timeline": timeline(events),
        "seen": events[-1].number if events else 0,
        "places": names_of({row.area, row.owner}),
        "state": STATE_NAMES[row.state],
        "side": SIDE_NAMES[row.side],
        "origin": ORIGIN_NAMES[row.origin],
        "cause": CLOSE_CAUSE_NAMES.get(row.close_cause, ""),
        "may_answer": actor.may(Right.ANSWER_FINDINGS) and row.state in ("open", "answered"),
        "may_check": actor.may(Right.CHECK_FINDINGS) and _is_another(row, actor),
        "now": now,
    }
    return render(request, "supervision/finding.html", context)


def _is_another(row: Finding, actor: Actor) -> bool:
    return actor.user_id is not None and actor.user_id not in (row.answered_by, row.rectified_by)


def _orders(request: ActorRequest, row: Finding) -> list[int]:
    group = group_of(row)
    if group is None or row.state == "closed" or not request.actor.may(Right.SEE_ORDERS):
        return []
    county, disease, category = group
    return orders_behind(
        request.actor,
        county=county,
        disease=disease,
        category=category,
        rule=row.predicate,
        now=clock.now(),
        after=whole_number(request.GET.get("after", "")) or 0,
        limit=_SHOWN,
    )


def _explanation(row: Finding) -> Explanation:
    limit = ", ".join(word(part.strip()) for part in row.limit.split(",")) if row.limit else ""
    return Explanation(
        inputs=facts(row),
        rule=f"{row.predicate} · {predicate_name(row.predicate)}",
        result=_("the rules allow: %(limit)s") % {"limit": limit} if limit else str(SIDE_NAMES[row.side]),
        source=" · ".join(part for part in (cited_text(row.source), row.policy) if part),
        ends_when=_("when what was found is no longer so, or another person has checked that it is put right."),
    )
