"""What cases add to the pages of others: a person's parts, a place's figures, the palette, my tasks."""

from __future__ import annotations

from django.db.models import Sum
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dayclear.cases.commands.investigation import INVESTIGATION, subject_of
from dayclear.cases.models import CaseCount
from dayclear.cases.queries import cases_of_person, search_cases
from dayclear.cases.reasons import CLASSIFICATION_NAMES
from dayclear.foundation.actors import Actor
from dayclear.foundation.areas import level_of
from dayclear.foundation.models import Deadline
from dayclear.foundation.palette import Found, finds
from dayclear.foundation.parts import Figure
from dayclear.foundation.rules import Right
from dayclear.foundation.tasks import TaskText, describes
from dayclear.people.models import Person
from dayclear.people.roles import Part, plays
from dayclear.places.panels import counts
from dayclear.policy.words import disease_name

COUNTED_TO_LEVEL = 5


@plays("cases")
def _cases_of_person(actor: Actor, person: Person) -> list[Part]:
    if not actor.may(Right.SEE_CASES):
        return []
    return [
        Part(
            title=_("Case of %(disease)s, %(number)s") % {"disease": disease_name(case.disease), "number": case.number},
            detail=CLASSIFICATION_NAMES[case.classification],
            href=reverse("cases:case", args=[case.pk]),
            subject=subject_of(case.pk),
            on=case.counted_on,
        )
        for case in cases_of_person(actor, person.pk)
    ]


@counts("cases")
def _cases_of_place(actor: Actor, place: int) -> list[Figure]:
    if not actor.may(Right.SEE_CASES) or level_of(place) > COUNTED_TO_LEVEL:
        return []
    rows = (
        CaseCount.objects.filter(area=place, level=level_of(place), cases__gt=0)
        .values("disease")
        .annotate(total=Sum("cases"), open=Sum("source_unknown"), dead=Sum("died"))
        .order_by("disease")
    )
    figures = []
    for row in rows:
        here = f"{reverse('cases:list')}?disease={row['disease']}&place={place}"
        name = disease_name(row["disease"])
        figures += [
            Figure(_("Cases of %(disease)s") % {"disease": name}, row["total"], href=here),
            Figure(_("source unknown"), row["open"], href=f"{here}&source=unknown", of=row["total"]),
            Figure(_("died"), row["dead"], href=f"{here}&outcome=died", of=row["total"]),
        ]
    return figures


@finds("cases")
def _find_cases(actor: Actor, words: str) -> list[Found]:
    if not actor.may(Right.SEE_CASES):
        return []
    return [
        Found(case.number, reverse("cases:case", args=[case.pk]), case.person.name or _("case"))
        for case in search_cases(actor, words, limit=6)
    ]


@describes(INVESTIGATION)
def _describe_investigation(deadline: Deadline) -> TaskText:
    case = deadline.subject.partition(":")[2]
    return TaskText(gettext_lazy("Investigate the case"), reverse("cases:case", args=[int(case)]))
