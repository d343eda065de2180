"""What areas add to the pages of others: a place's figures, the palette, my tasks."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dayclear.areas.commands import ASSESSMENT, STEP
from dayclear.areas.commands.measures import REVIEW
from dayclear.areas.models import RiskArea
from dayclear.areas.queries import LIVE, areas_of, measures_of
from dayclear.foundation.actors import Actor
from dayclear.foundation.areas import EVERYWHERE, area_of
from dayclear.foundation.deadlines import checks
from dayclear.foundation.models import Deadline
from dayclear.foundation.palette import Found, finds
from dayclear.foundation.parts import Figure
from dayclear.foundation.tasks import TaskText, describes
from dayclear.places.panels import counts


@counts("areas")
def _areas_of_place(actor: Actor, place: int) -> list[Figure]:
    inside = area_of(place) if place else EVERYWHERE
    span = (inside.lo, inside.hi)
    live = areas_of(actor).filter(state="in_force", area__range=span).exclude(level="low").count()
    measures = measures_of(actor).filter(ended_at=None, area__range=span).count()
    here = f"?place={place}" if place else ""
    return [
        Figure(_("risk areas in force"), live, href=reverse("areas:list") + here),
        Figure(_("measures in force"), measures, href=reverse("areas:measures") + here),
    ]


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
    return TaskText(title, reverse("areas:area", args=[_number(deadline)]))


@describes(REVIEW)
def _describe_review(deadline: Deadline) -> TaskText:
    return TaskText(gettext_lazy("Review the measure"), reverse("areas:measure", args=[_number(deadline)]))


@checks(STEP)
def _is_over(deadline: Deadline) -> bool:
    return not RiskArea.objects.filter(pk=_number(deadline), state="in_force").exists()
