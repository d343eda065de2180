"""What isolation adds to others: a person's orders, a place's figures, the palette, my tasks, changeovers."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dayclear.foundation import clock
from dayclear.foundation.actors import Actor
from dayclear.foundation.areas import EVERYWHERE, area_of
from dayclear.foundation.deadlines import shown_with
from dayclear.foundation.models import Deadline
from dayclear.foundation.palette import Found, finds
from dayclear.foundation.parts import Figure
from dayclear.foundation.rules import Right
from dayclear.foundation.tasks import TaskText, describes
from dayclear.isolation import changeover
from dayclear.isolation.commands import subject_of
from dayclear.isolation.commands.appeals import APPEAL
from dayclear.isolation.commands.care import EMERGENCY_RECORD, SUPPORT
from dayclear.isolation.commands.rows import ISOLATE, RELEASE
from dayclear.isolation.filters import IN_STATE, handovers_of, orders_of
from dayclear.isolation.links import may_hand_over
from dayclear.isolation.models import Changeover, Order
from dayclear.isolation.reasons import END_CAUSE_NAMES, STATE_NAMES
from dayclear.isolation.texts import category_text, day_text, mode_text, place_text
from dayclear.people.models import Person
from dayclear.people.queries import search_people
from dayclear.people.roles import Part as PersonPart
from dayclear.people.roles import plays
from dayclear.places.panels import counts
from dayclear.places.queries import names_of
from dayclear.policy.calendar import Policy
from dayclear.policy.changeover import Effect, Part, Touched, takes_part

for _kind in (ISOLATE, RELEASE, APPEAL, SUPPORT, EMERGENCY_RECORD):
    shown_with(_kind, Right.SEE_ORDERS)


@plays("isolation")
def _orders_of_person(actor: Actor, person: Person) -> list[PersonPart]:
    if not actor.may(Right.SEE_ORDERS):
        return []
    return [
        *_handed_over(actor, person),
        *(
            PersonPart(
                title=_("Order: %(what)s") % {"what": category_text(order)}
                if may_hand_over(actor, order) and actor.may(Right.SEE_CASES)
                else _("Order"),
                detail=_standing_of(order),
                href=reverse("isolation:order", args=[order.pk]),
                subject=subject_of(order.pk),
                on=clock.local_day(order.starts_at or order.proposed_at),
            )
            for order in orders_of(actor).filter(person=person.pk).order_by("-id")[:20]
        ),
    ]


def _handed_over(actor: Actor, person: Person) -> list[PersonPart]:
    """The orders that other places answer for now: what happened here stays on the timeline."""
    rows = handovers_of(actor).filter(person=person.pk).exclude(order__in=orders_of(actor).values("pk"))
    found = list(rows.order_by("-handed_at")[:20])
    places = names_of({row.to_place for row in found})
    return [
        PersonPart(
            title=_("Order handed over"),
            detail=_("to %(place)s") % {"place": place_text(row.to_place, places)},
            href="",
            subject=subject_of(row.order_id),
            on=clock.local_day(row.handed_at),
        )
        for row in found
    ]


def _standing_of(order: Order) -> str:
    state = str(STATE_NAMES[order.state])
    if order.state == "signed":
        return _("%(state)s, until %(day)s") % {"state": state, "day": day_text(order.ends_on)}
    if order.state == "ended":
        return f"{state}: {END_CAUSE_NAMES.get(order.end_cause, '')}"
    return state


@counts("isolation")
def _orders_of_place(actor: Actor, place: int) -> list[Figure]:
    if not actor.may(Right.SEE_ORDERS):
        return []
    inside = area_of(place) if place else EVERYWHERE
    here = orders_of(actor).filter(area__range=(inside.lo, inside.hi))
    now, lead = clock.now(), reverse("isolation:list")
    shown = f"&place={place}" if place else ""
    found = here.aggregate(
        in_force=Count("pk", filter=IN_STATE["in_force"](now)), late=Count("pk", filter=IN_STATE["late"](now))
    )
    return [
        Figure(_("orders in force"), found["in_force"], href=f"{lead}?state=in_force{shown}"),
        Figure(_("free and not yet let go"), found["late"], href=f"{lead}?state=late{shown}"),
    ]


@finds("isolation")
def _find_orders(actor: Actor, words: str) -> list[Found]:
    if not actor.may(Right.SEE_ORDERS) or len(words.strip()) < 2:
        return []
    people = {person.pk: person for person in search_people(actor, words, limit=20)}
    rows = orders_of(actor).filter(person__in=list(people), state__in=("signed", "proposed")).order_by("-id")[:6]
    return [
        Found(
            people[order.person_id].name or str(order.pk),
            reverse("isolation:order", args=[order.pk]),
            _("order, %(state)s") % {"state": STATE_NAMES[order.state]},
        )
        for order in rows
    ]


def _number(deadline: Deadline) -> int:
    return int(deadline.subject.partition(":")[2])


@describes(ISOLATE)
def _describe_signing(deadline: Deadline) -> TaskText:
    return TaskText(gettext_lazy("Sign or decline an order"), reverse("isolation:order", args=[_number(deadline)]))


@describes(RELEASE)
def _describe_release(deadline: Deadline) -> TaskText:
    return TaskText(gettext_lazy("Let somebody go"), reverse("isolation:order", args=[_number(deadline)]))


@describes(APPEAL)
def _describe_appeal(deadline: Deadline) -> TaskText:
    return TaskText(gettext_lazy("Decide an appeal"), reverse("isolation:appeal", args=[_number(deadline)]))


@describes(SUPPORT)
def _describe_support(deadline: Deadline) -> TaskText:
    return TaskText(gettext_lazy("Bring what somebody needs"), reverse("isolation:need_met", args=[_number(deadline)]))


@describes(EMERGENCY_RECORD)
def _describe_emergency(deadline: Deadline) -> TaskText:
    title = gettext_lazy("Write down an emergency")
    return TaskText(title, reverse("isolation:emergency", args=[_number(deadline)]))


_CHANGED = {
    "order.released": gettext_lazy("orders end"),
    "order.converted": gettext_lazy("orders go on in another mode"),
    "order.mode_changed": gettext_lazy("orders become lighter"),
    "order.shortened": gettext_lazy("orders become shorter"),
    "room.freed": gettext_lazy("rooms become free"),
    "test.no_longer_due": gettext_lazy("tests are no longer due"),
    "order.proposed_anew": gettext_lazy("orders are proposed anew"),
}


def _touched(before: Policy, after: Policy, at: datetime, kind: str, by: Actor, after_key: int) -> list[Touched]:
    if kind not in changeover.KINDS.values():
        return []
    found = changeover.listed(before, after, at, kind, by=by, after_id=after_key)
    names = dict(Order.objects.filter(pk__in=[each.order_id for each in found]).values_list("pk", "person__name"))
    return [
        Touched(
            key=each.order_id,
            label=names.get(each.order_id) or _("Name not known"),
            href=reverse("isolation:order", args=[each.order_id]),
            place=each.area,
            before=f"{mode_text(each.mode_before)}, {day_text(each.ends_on_before)}",
            after=f"{mode_text(each.mode_after)}, {day_text(each.ends_on_after)}" if each.mode_after else _("free"),
            rule=each.rule,
            needs_human=each.needs_human,
        )
        for each in found
    ]


def _done(after: Policy, at: datetime, by: Actor) -> list[Effect]:
    done = Changeover.objects.filter(area=by.area.lo, after__startswith=f"{after.pack}@", at=at, undoes=None)
    change = done.first()
    return changeover.effects_of(change) if change else []


takes_part(
    "isolation",
    Part(Right.SIGN_ORDERS, _CHANGED, changeover.dry_run, changeover.apply, changeover.undo, _touched, _done),
)
