"""What sampling adds to the pages of others: my tasks, the palette."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dayclear.foundation.actors import Actor
from dayclear.foundation.deadlines import checks
from dayclear.foundation.models import Deadline
from dayclear.foundation.palette import Found, finds
from dayclear.foundation.rules import Right
from dayclear.foundation.tasks import TaskText, describes
from dayclear.people.models import Person
from dayclear.people.roles import Part, plays
from dayclear.policy.words import word
from dayclear.sampling.commands.boxes import BOX_DUE
from dayclear.sampling.models import Box
from dayclear.sampling.queries.reading import duties_of, tube_in_scope
from dayclear.sampling.rules.boxes import OPEN
from dayclear.sampling.rules.numbers import parsed, printed


def _box(deadline: Deadline) -> UUID:
    return UUID(deadline.subject.partition(":")[2])


@describes(BOX_DUE)
def _describe_box(deadline: Deadline) -> TaskText:
    title = gettext_lazy("Have the box received before its oldest tube is too old")
    return TaskText(title, reverse("sampling:box", args=[_box(deadline)]))


@checks(BOX_DUE)
def _has_arrived(deadline: Deadline) -> bool:
    return not Box.objects.filter(pk=_box(deadline), state__in=OPEN).exists()


@finds("sampling")
def _find_tube(actor: Actor, words: str) -> list[Found]:
    number = parsed(words)
    if number is None or not actor.may(Right.SEE_SAMPLING) or tube_in_scope(actor, number) is None:
        return []
    return [Found(printed(number), reverse("sampling:tube", args=[printed(number)]))]


@plays("routine_tests")
def _duties_of_person(actor: Actor, person: Person) -> list[Part]:
    if not actor.may(Right.SEE_SAMPLING):
        return []
    return [
        Part(
            title=_("Routine tests: %(group)s") % {"group": word(duty.group)},
            detail=_("next due on %(day)s") % {"day": date_format(duty.due_on)},
            href=f"{reverse('sampling:duties')}?{urlencode({'disease': duty.disease, 'shown': 'all'})}",
            subject=f"sampling.duty:{duty.pk}",
            on=duty.starts_on,
        )
        for duty in duties_of(actor).filter(person_id=person.pk).order_by("due_on", "pk")
    ]
