"""Orders that live today, by the real clock, as pages see them: measles, whose rules stand for good."""

from __future__ import annotations

from datetime import timedelta

from dayclear.foundation import clock
from dayclear.foundation.actors import Actor
from dayclear.foundation.scope import acting
from dayclear.isolation.commands import propose_order, sign_order
from dayclear.isolation.rules.plan import day_of
from dayclear.isolation.tests.exposures import VILLAGE, exposed, someone


def proposed(by: Actor, name: str = "张三", *, id_number: str = "", area: int = VILLAGE, ago: int = 1) -> int:
    """A proposal for somebody last exposed so many days ago, first five days before that."""
    now = clock.now()
    last = day_of(now) - timedelta(days=ago)
    with acting(by):
        person = someone(by, now, name, area=area, id_number=id_number)
        return propose_order(
            exposed(person, last, "susceptible_contact", first=last - timedelta(days=5), disease="measles"),
            by=by,
            now=now,
        )


def binding(by: Actor, name: str = "张三", *, id_number: str = "", area: int = VILLAGE) -> int:
    """An order in force."""
    order = proposed(by, name, id_number=id_number, area=area)
    with acting(by):
        sign_order(order, by=by, now=clock.now())
    return order
