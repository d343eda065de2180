"""Which orders a list shows, as its address says it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from dayclear.foundation.actors import Actor
from dayclear.foundation.areas import area_of
from dayclear.foundation.filters import chosen, existing
from dayclear.foundation.rules import Right
from dayclear.foundation.sent import number_or_none
from dayclear.isolation.models import Handover, Order, Phase
from dayclear.isolation.rules.modes import MODES
from dayclear.isolation.rules.plan import day_of

LISTS = ("in_force", "late", "proposed", "declined", "ended", "all")
# Days from now within which an order ends: today, tomorrow, three days.
WITHIN = ("0", "1", "3")
# The order of each list; the columns stand on an index.
_ORDERS: Mapping[str, tuple[str, ...]] = {
    "in_force": ("ends_at", "id"),
    "late": ("ended_at", "id"),
    "proposed": ("proposed_at", "id"),
    "declined": ("-id",),
    "ended": ("-id",),
    "all": ("-id",),
}


def orders_of(actor: Actor) -> QuerySet[Order]:
    """The orders in the actor's places. Raises: Refused (`right_missing`)."""
    actor.require(Right.SEE_ORDERS)
    return Order.objects.filter(area__range=(actor.area.lo, actor.area.hi))


def handovers_of(actor: Actor) -> QuerySet[Handover]:
    """What the actor's places gave away. Raises: Refused (`right_missing`)."""
    actor.require(Right.SEE_ORDERS)
    return Handover.objects.filter(area__range=(actor.area.lo, actor.area.hi))


def order_in_scope(actor: Actor, order_id: int) -> Order:
    """One order with its person. Raises: Refused (`right_missing`, `not_found`)."""
    return existing(orders_of(actor).select_related("person").filter(pk=order_id))


# An order whose end has passed is in force no more, whatever its row still says (R04); "late" is free in law, and
# nobody has told them yet.
IN_STATE: Mapping[str, Callable[[datetime], Q]] = {
    "in_force": lambda now: Q(state="signed", ends_at__gt=now),
    "late": lambda now: Q(state="ended", released_at=None),
    "ended": lambda now: Q(state="ended") | Q(state="signed", ends_at__lte=now),
    "all": lambda now: Q(),
}


def in_state(rows: QuerySet[Order], state: str, now: datetime) -> QuerySet[Order]:
    """Orders of a list."""
    return rows.filter(IN_STATE[state](now) if state in IN_STATE else Q(state=state))


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """What a list of orders is narrowed to. Empty text and None: not narrowed."""

    state: str = "in_force"
    category: str = ""
    mode: str = ""
    place: int | None = None
    within: str = ""
    person: int | None = None

    @classmethod
    def read(cls, address: Mapping[str, str], *, may_see_category: bool) -> OrderFilter:
        """Raises: Refused (`bad_filter`), naming the parameter.

        Whoever may not see a category may not ask for one either: who is left on the list would tell it.
        """
        return cls(
            state=chosen(address, "state", LISTS) or "in_force",
            category=address.get("category", "").strip()[:32] if may_see_category else "",
            mode=chosen(address, "mode", MODES),
            place=number_or_none(address, "place") or None,
            within=chosen(address, "within", WITHIN),
            person=number_or_none(address, "person") or None,
        )

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but the state is asked for."""
        return any(getattr(self, each.name) for each in fields(self) if each.name != "state")

    @property
    def order(self) -> tuple[str, ...]:
        return _ORDERS[self.state]

    def rows(self, actor: Actor, *, now: datetime) -> QuerySet[Order]:
        """The orders, unordered. Raises: Refused (`right_missing`)."""
        found = in_state(orders_of(actor), self.state, now)
        if self.category:
            found = found.filter(category=self.category)
        if self.person:
            found = found.filter(person=self.person)
        if self.place:
            inside = area_of(self.place)
            found = found.filter(area__range=(inside.lo, inside.hi))
        if self.within:
            found = found.filter(ends_on__lte=day_of(now) + timedelta(days=int(self.within)))
        if self.mode:
            found = found.filter(Exists(_under_way(now).filter(order=OuterRef("pk"), mode=self.mode)))
        return found


def _under_way(now: datetime) -> QuerySet[Phase]:
    """Phases that hold today; of an order that has not begun, its first."""
    today = day_of(now)
    return Phase.objects.filter(Q(starts_on__lte=today) | Q(number=1), ends_on__gte=today)
