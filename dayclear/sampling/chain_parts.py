"""What positive tubes add to the pages of others: my tasks, and the parts a person plays."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dayclear.foundation.actors import Actor
from dayclear.foundation.clock import local_day
from dayclear.foundation.models import Deadline
from dayclear.foundation.rules import Right
from dayclear.foundation.tasks import TaskText, describes
from dayclear.people.models import Person
from dayclear.people.roles import Part, plays
from dayclear.sampling.chain_texts import NEXT_NAMES, OUTCOME_NAMES
from dayclear.sampling.commands.chains.items import ITEM_ALARM
from dayclear.sampling.commands.chains.rows import LEG_KINDS, MEMBER, TELL, WHOLE, facts_of, member_subject
from dayclear.sampling.queries.chains import members_in
from dayclear.sampling.rules.chains.members import next_step
from dayclear.sampling.rules.numbers import printed

_TITLES = {
    WHOLE: gettext_lazy("Finish the chain of a positive tube"),
    LEG_KINDS[0]: gettext_lazy("Find and swab the people of a positive tube"),
    LEG_KINDS[1]: gettext_lazy("Bring the single swabs of a positive tube to the laboratory"),
    LEG_KINDS[2]: gettext_lazy("Test the single swabs of a positive tube"),
    LEG_KINDS[3]: gettext_lazy("Report the single swabs of a positive tube"),
    LEG_KINDS[4]: gettext_lazy("Transfer whoever is positive of a positive tube"),
}


def _describe_chain(deadline: Deadline) -> TaskText:
    chain = int(deadline.subject.partition(":")[2])
    return TaskText(_TITLES[deadline.kind], reverse("sampling:positive:chain", args=[chain]))


for _kind in _TITLES:
    describes(_kind)(_describe_chain)


_OF_MEMBERS = {
    MEMBER: gettext_lazy("Find and swab somebody of another county's positive tube"),
    TELL: gettext_lazy("Tell somebody that their single test is negative and they are free"),
}


@describes(MEMBER)
@describes(TELL)
def _describe_member(deadline: Deadline) -> TaskText:
    member = int(deadline.subject.partition(":")[2])
    return TaskText(_OF_MEMBERS[deadline.kind], reverse("sampling:positive:chain_member", args=[member]))


@describes(ITEM_ALARM)
def _describe_item_alarm(deadline: Deadline) -> TaskText:
    alarm = int(deadline.subject.partition(":")[2])
    title = gettext_lazy("Deal with goods or a surface on which something was found")
    return TaskText(title, reverse("sampling:item_alarm", args=[alarm]))


@plays("positive_tubes")
def _tubes_of_person(actor: Actor, person: Person) -> list[Part]:
    if not actor.may(Right.SEE_MEMBERS):
        return []
    return [
        Part(
            title=_("In positive tube %(tube)s") % {"tube": printed(member.tube)},
            detail=OUTCOME_NAMES[member.outcome] or NEXT_NAMES[next_step(facts_of(member))],
            href=reverse("sampling:positive:chain_member", args=[member.pk]),
            subject=member_subject(member.pk),
            on=local_day(member.alarm_at),
        )
        for member in members_in(actor).filter(person=person.pk).order_by("-alarm_at")[:10]
    ]
