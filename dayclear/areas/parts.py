"""What areas add to the pages of others: a place's figures, the palette, my tasks."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dayclear.areas import changeover
from dayclear.areas.commands import ASSESSMENT, REVIEW, STEP
from dayclear.areas.models import InfectionInArea, Measure, RiskArea
from dayclear.areas.queries import LIVE, areas_of
from dayclear.areas.rules.clearing import end_of
from dayclear.foundation.actors import Actor
from dayclear.foundation.areas import EVERYWHERE, area_of
from dayclear.foundation.clock import local_zone
from dayclear.foundation.deadlines import checks
from dayclear.foundation.models import Deadline
from dayclear.foundation.palette import Found, finds
from dayclear.foundation.parts import Figure
from dayclear.foundation.rules import Right
from dayclear.foundation.scope import acting
from dayclear.foundation.tasks import TaskText, describes
from dayclear.places.panels import counts
from dayclear.policy.calendar import Policy
from dayclear.policy.changeover import Effect, Part, Touched, takes_part
from dayclear.policy.words import word


@counts("areas")
def _areas_of_place(actor: Actor, place: int) -> list[Figure]:
    inside = area_of(place) if place else EVERYWHERE
    span = (inside.lo, inside.hi)
    live = areas_of(actor).filter(state="in_force", area__range=span).exclude(level="low").count()
    here = f"?place={place}" if place else ""
    return [Figure(_("risk areas in force"), live, href=reverse("areas:list") + here)]


@finds("areas")
def _find_areas(actor: Actor, words: str) -> list[Found]:
    text = words.strip()
    if not text:
        return []
    found = areas_of(actor).filter(name__icontains=text, state__in=LIVE).order_by("-pk")[:5]
    return [Found(area.name, reverse("areas:area", args=[area.pk]), _("risk area")) for area in found]


def _number(deadline: Deadline) -> int:
    return int(deadline.subject.partition(":")[2])


@describes(STEP)
def _describe_step(deadline: Deadline) -> TaskText:
    return TaskText(gettext_lazy("Step the risk area down"), reverse("areas:area", args=[_number(deadline)]))


@describes(ASSESSMENT)
def _describe_assessment(deadline: Deadline) -> TaskText:
    title = gettext_lazy("Decide whether an infection in the risk area counts")
    area = InfectionInArea.objects.filter(pk=_number(deadline)).values_list("risk_area", flat=True).first()
    return TaskText(title, reverse("areas:area", args=[area]) if area else "")


@describes(REVIEW)
def _describe_review(deadline: Deadline) -> TaskText:
    return TaskText(gettext_lazy("Review the measure"), reverse("areas:measure", args=[_number(deadline)]))


@checks(STEP)
def _is_over(deadline: Deadline) -> bool:
    return not RiskArea.objects.filter(pk=_number(deadline), state="in_force").exists()


@checks(ASSESSMENT)
def _is_assessed(deadline: Deadline) -> bool:
    waiting = InfectionInArea.objects.filter(pk=_number(deadline), counts=None, risk_area__state="in_force")
    return not waiting.exists()


@checks(REVIEW)
def _is_reviewed(deadline: Deadline) -> bool:
    row = Measure.objects.filter(pk=_number(deadline), ended_at=None).first()
    return row is None or end_of(row.review_on, local_zone()) > deadline.due_at


_CHANGED = {
    changeover.CANCELLED: gettext_lazy("risk areas are cancelled"),
    changeover.LOWERED: gettext_lazy("risk areas are lowered"),
    changeover.MEASURE_ENDED: gettext_lazy("measures end with their area"),
    changeover.DUTY_STOPPED: gettext_lazy("rounds of mass testing end"),
    changeover.RESTORED: gettext_lazy("risk areas stand again"),
    changeover.NOT_RESTORED: gettext_lazy("risk areas were changed since and are left as they are"),
}


def _touched(before: Policy, after: Policy, at: datetime, kind: str, by: Actor, after_key: int) -> list[Touched]:
    """The areas or measures behind a number. Plans of areas are short: they are read whole and shown from a key on."""
    found = changeover.listed(before, after, at, kind, by=by)
    return [
        Touched(
            key=each.area_id or each.measure_id or 0,
            label=each.name,
            href=reverse("areas:area", args=[each.area_id])
            if each.area_id
            else reverse("areas:measure", args=[each.measure_id]),
            place=each.place,
            before=word(each.level_before) if each.level_before else "",
            after=word(each.level_after) if each.level_after else _("ended"),
            rule="" if each.clear_days is None else _("%(days)s clear days") % {"days": each.clear_days},
        )
        for each in found
        if (each.area_id or each.measure_id or 0) > after_key
    ]


def _done(after: Policy, at: datetime, by: Actor) -> list[Effect]:
    counts = Counter(step.kind for step in changeover.done(after, at, by=by))
    return [Effect(kind, count) for kind, count in sorted(counts.items())]


def _apply(before: Policy, after: Policy, at: datetime, *, by: Actor, now: datetime) -> list[Effect]:
    with acting(by):
        return changeover.apply(before, after, at, by=by, now=now)


takes_part(
    "areas",
    Part(Right.DECIDE_AREAS, _CHANGED, changeover.dry_run, _apply, changeover.undo, _touched, _done),
)
