"""The orders of a village: in force and proposed, with everything that is owed beside them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from dayclear.foundation import clock
from dayclear.foundation.actors import system
from dayclear.isolation import links
from dayclear.isolation.commands import (
    Proposal,
    deliver_notice,
    file_appeal,
    open_need,
    permit_emergency,
    propose_order,
    record_check,
    record_test,
    sign_order,
)
from dayclear.isolation.models import (
    Change,
    Changeover,
    ChangeoverStep,
    Handover,
    HeldList,
    Order,
    Override,
    Phase,
)
from dayclear.isolation.rules.plan import day_of
from dayclear.people.commands import PersonRecord, register_people

if TYPE_CHECKING:
    from tests.seeding import Village

SYSTEM = system("seeding")


def seed_orders(village: Village) -> None:
    """Measles, by the real clock: what a request sees today."""
    now = clock.now()
    last = day_of(now) - timedelta(days=1)
    village.bound = _person(village, "bound")
    # The system may not sign; whoever does is an account.
    village.order = _proposed(village, village.bound, last)
    village.proposal = _proposed(village, _person(village, "proposed"), last)
    _sign(village)
    record_test(village.order, day_of(now), sampled_at=now, by=SYSTEM, now=now)
    record_check(village.order, means="visit", by=SYSTEM, now=now)
    deliver_notice(village.order, "order", means="paper", language="en", by=SYSTEM, now=now)
    village.appeal = file_appeal(village.order, ground=f"{village.mark} objects", means="paper", by=SYSTEM, now=now)
    village.need = open_need(village.order, "food", note=f"{village.mark} milk", by=SYSTEM, now=now)
    village.emergency = permit_emergency(village.bound, ground=f"{village.mark} pain", by=SYSTEM, now=now)
    links.make_link(village.order, language="en", by=SYSTEM, now=now)
    _beside(village)


def _sign(village: Village) -> None:
    from dayclear.foundation.actors import Actor
    from dayclear.foundation.areas import EVERYWHERE
    from dayclear.foundation.rules import Role

    sign_order(village.order, by=Actor(10**9, "signer", Role.OFFICER, EVERYWHERE), now=clock.now())


def _beside(village: Village) -> None:
    now, area, order = clock.now(), village.area, Order.objects.get(pk=village.order)
    first = Phase.objects.filter(order=order).earliest("number")
    Change.objects.create(
        area=area, order=order, mode=first.mode, reason="left_home", asked_by=1, asked_label="signer", asked_at=now
    )
    HeldList.objects.create(
        area=area,
        purpose="other",
        title=f"{village.mark} list",
        people=9,
        without_exposure=9,
        codes=["purpose_not_epidemic"],
        held_at=now,
        by_label="signer",
    )
    Override.objects.create(
        area=area,
        person_id=village.bound,
        colour="green",
        reason="data_error",
        evidence=f"{village.mark} paper",
        set_at=now,
        set_by=1,
        expires_at=now + timedelta(hours=1),
    )
    Handover.objects.create(
        area=area,
        order=order,
        person_id=village.bound,
        to_place=area,
        handed_at=now,
        handed_label=f"{village.mark} signer",
    )
    change = Changeover.objects.create(
        area=area,
        disease="measles",
        before="measles@0",
        after="measles@1",
        at=now,
        signed_label=f"{village.mark} signer",
        started_at=now,
        done_at=now,
        counts={"order.released": 1},
    )
    village.changeover = change.pk
    ChangeoverStep.objects.create(
        area=area,
        changeover=change,
        order=order,
        action="shorten",
        rule="categories.susceptible_contact",
        mode_before=first.mode,
        mode_after=first.mode,
        ends_on_before=first.ends_on,
        ends_on_after=first.ends_on,
        needs_human=False,
    )


def _person(village: Village, word: str) -> int:
    name = f"{village.mark} {word}"
    record = PersonRecord(area=village.area, name=name, residence=f"{name} road")
    return register_people([record], by=SYSTEM, now=clock.now(), batch=f"people.batch:{name}")[0]


def _proposed(village: Village, person: int, last: date) -> int:
    evidence = {"kind": "contact", "contact": village.contact, "case": village.case, "on": last.isoformat()}
    proposal = Proposal(person, "measles", "susceptible_contact", last, evidence, last - timedelta(days=5))
    return propose_order(proposal, by=SYSTEM, now=clock.now())
