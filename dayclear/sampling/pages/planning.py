"""Where the points of a round go: the question, the answer, taking it over."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dayclear.foundation import clock
from dayclear.foundation.actors import Actor
from dayclear.foundation.filters import existing
from dayclear.foundation.parts import Figure
from dayclear.foundation.requests import ActorRequest
from dayclear.foundation.rules import Right
from dayclear.sampling.commands import ask_for_plan, take_over_plan
from dayclear.sampling.models import Point, Round
from dayclear.sampling.plan_files import read_communities
from dayclear.sampling.queries.planning import candidates_for, plans_of
from dayclear.sampling.rules.planning import Aim, Question
from dayclear.sampling.rules.staffing import Norms

AIMS = {
    Aim.SHORTEST: gettext_lazy("The shortest ways to so many points"),
    Aim.WIDEST: gettext_lazy("So many points with the most people within reach"),
    Aim.FEWEST: gettext_lazy("The fewest points that reach everybody"),
}
_LARGEST_LIST = 1_000_000
# A walk of a quarter of an hour: our reading, not a source's (docs/algorithms/siting.md).
_REACH_M = 1_000


class PlanForm(forms.Form):
    """The question to the planner."""

    aim = forms.ChoiceField(
        label=gettext_lazy("What is wanted"), choices=[(aim.value, text) for aim, text in AIMS.items()]
    )
    points = forms.IntegerField(label=gettext_lazy("Points to open at most"), min_value=1, max_value=500)
    reach_m = forms.IntegerField(
        label=gettext_lazy("Within reach: metres in a straight line"),
        min_value=50,
        max_value=100_000,
        initial=_REACH_M,
        help_text=gettext_lazy("A walk of a quarter of an hour is taken as 1,000 m. No source gives a length."),
    )
    hours = forms.FloatField(label=gettext_lazy("Hours the points are open"), min_value=0.5, max_value=24)
    communities = forms.FileField(
        label=gettext_lazy("Where people live (csv)"),
        help_text=gettext_lazy("Columns: name, people, latitude, longitude. One community, or one building, a line."),
    )

    def clean_communities(self) -> Any:
        file = self.cleaned_data["communities"]
        if file.size > _LARGEST_LIST:
            raise forms.ValidationError(_("The list is too large: at most 1 MB."))
        return file

    def question(self) -> Question:
        said = self.cleaned_data
        return Question(Aim(said["aim"]), said["points"], said["reach_m"], said["hours"])


@require_http_methods(["GET", "POST"])
def ask(request: ActorRequest, round_id: int) -> HttpResponse:
    """The question for a round, and the answers it has had."""
    actor, now = request.actor, clock.now()
    actor.require(Right.RUN_SAMPLING)
    held = _round(actor, round_id)
    if request.method == "POST":
        form = PlanForm(request.POST, request.FILES)
        if form.is_valid():
            communities = read_communities(form.cleaned_data["communities"].read())
            plan = ask_for_plan(round_id, form.question(), communities, by=actor, now=now)
            return HttpResponseRedirect(reverse("sampling:plan", args=[plan]))
    else:
        open_for = (held.ends_at - held.starts_at) / timedelta(hours=1)
        form = PlanForm(initial={"hours": round(min(open_for, 24), 1)})
    context = {
        "form": form,
        "round": held,
        "candidates": len(candidates_for(actor, held)),
        "plans": [
            (plan, AIMS[Aim(plan.aim)]) for plan in plans_of(actor).filter(round=held).order_by("-asked_at")[:20]
        ],
    }
    return render(request, "sampling/plan_ask.html", context, status=422 if form.errors else 200)


@require_GET
def show_plan(request: ActorRequest, plan_id: int) -> HttpResponse:
    """One plan: under way, or the points it opens with reach, queue and staffing."""
    request.actor.require(Right.SEE_SAMPLING)
    plan = existing(plans_of(request.actor).select_related("round").filter(pk=plan_id))
    context: dict[str, Any] = {
        "plan": plan,
        "round": plan.round,
        "aim": AIMS[Aim(plan.aim)],
        "limit": settings.DAYCLEAR_SAMPLING["plan_limit"],
        "under_way": plan.state in ("waiting", "solving"),
        "may_take_over": request.actor.may(Right.RUN_SAMPLING) and plan.round.state in ("planned", "open"),
    }
    if plan.answer is not None:
        names = dict(Point.objects.filter(pk__in=plan.candidates).values_list("pk", "name"))
        points = plan.answer["points"]
        context |= {
            "figures": _figures(plan.answer),
            "rows": [{**point, "name": names.get(plan.candidates[point["candidate"]], "—")} for point in points],
            "gap_percent": 100 * plan.answer["gap"],
            "norms": Norms(),
        }
    return render(request, "sampling/plan.html", context)


@require_POST
def take_over(request: ActorRequest, plan_id: int) -> HttpResponse:
    take_over_plan(plan_id, by=request.actor, now=clock.now())
    messages.success(request, _("The round is served by these points now, and by no others."))
    return HttpResponseRedirect(reverse("sampling:plan", args=[plan_id]))


def _figures(answer: dict[str, Any]) -> list[Figure]:
    usual = "{}–{}".format(*answer["usual_points"])
    return [
        Figure(_("Points"), len(answer["points"]), note=_("usual for so many people: %(points)s") % {"points": usual}),
        Figure(_("Within reach"), answer["within_reach"], of=answer["people"]),
        Figure(
            _("Way, on average"), answer["mean_m"], unit="m", note=_("longest: %(m)s m") % {"m": answer["farthest_m"]}
        ),
        Figure(_("Samplers"), answer["samplers"]),
    ]


def _round(actor: Actor, round_id: int) -> Round:
    return existing(Round.objects.filter(area__range=(actor.area.lo, actor.area.hi), pk=round_id))
