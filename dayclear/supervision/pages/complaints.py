"""Taking a complaint down, and finding it again by its code."""

from __future__ import annotations

from uuid import uuid4

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods

from dayclear.foundation import clock
from dayclear.foundation.requests import ActorRequest, answer_form_once
from dayclear.foundation.rules import Right
from dayclear.foundation.sent import number_or_none
from dayclear.places.queries import names_of
from dayclear.supervision.commands import ComplaintIn, take_complaint
from dayclear.supervision.queries import complaint_by_code
from dayclear.supervision.reasons import CLOSE_CAUSE_NAMES, MEANS_NAMES, STATE_NAMES
from dayclear.supervision.texts import predicate_choices, predicate_name


@require_http_methods(["GET", "POST"])
def complain(request: ActorRequest) -> HttpResponse:
    """The form; sent twice it takes one complaint down. The code is shown once, on the answer."""
    actor, now = request.actor, clock.now()
    actor.require(Right.TAKE_COMPLAINTS)
    if request.method == "GET":
        chosen = number_or_none(request.GET, "place") or actor.area.lo
        context = {
            "key": uuid4().hex,
            "predicates": predicate_choices(),
            "means": MEANS_NAMES,
            "chosen": request.GET.get("predicate", ""),
            "place": names_of({chosen}).get(chosen),
        }
        return render(request, "supervision/complain.html", context)
    said = ComplaintIn(
        place=number_or_none(request.POST, "place") or actor.area.lo,
        predicate=request.POST.get("predicate", ""),
        text=request.POST.get("text", ""),
        means=request.POST.get("means", ""),
        contact=request.POST.get("contact", ""),
    )
    code = ""

    def work() -> tuple[int, dict[str, int]]:
        nonlocal code
        taken = take_complaint(said, by=actor, now=now)
        code = taken.code
        # The code itself is not kept, not even for a repeated answer.
        return 201, {"finding": taken.finding}

    (_status, answer), _repeated = answer_form_once(request, work)
    told: dict[str, object] = {"code": code, "finding": answer["finding"]}
    return render(request, "supervision/taken.html", told, status=201)


@require_GET
def follow_up(request: ActorRequest) -> HttpResponse:
    """Where a complaint stands, for whoever has its code."""
    request.actor.require(Right.TAKE_COMPLAINTS)
    code = request.GET.get("code", "").strip()[:40]
    found = complaint_by_code(request.actor, code) if code else None
    context = {
        "code": code,
        "complaint": found,
        "name": predicate_name(found.predicate) if found else "",
        "state": STATE_NAMES[found.finding.state] if found else "",
        "cause": CLOSE_CAUSE_NAMES.get(found.finding.close_cause, "") if found else "",
        "places": names_of({found.area, found.finding.owner} if found else set()),
    }
    return render(request, "supervision/follow_up.html", context)
