"""Proposals as tests need them."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from dayclear.foundation.actors import Actor
from dayclear.isolation.commands import Proposal, propose_order, sign_order
from dayclear.people.commands import PersonRecord, register_people

VILLAGE = 610113001001 * 10**6


def exposed(
    person: int,
    on: date,
    category: str = "close_contact",
    *,
    first: date | None = None,
    groups: tuple[str, ...] = (),
    disease: str = "covid-19",
    known_at: datetime | None = None,
) -> Proposal:
    """Somebody exposed to case 1 on a day."""
    evidence = {"kind": "contact", "contact": person, "case": 1, "on": on.isoformat()}
    return Proposal(person, disease, category, on, evidence, first, groups, known_at=known_at)


def someone(
    by: Actor,
    at: datetime,
    name: str = "张三",
    *,
    area: int = VILLAGE,
    born_on: date | None = None,
    id_number: str = "",
) -> int:
    """Register a person. Call inside `acting(by)`."""
    record = PersonRecord(area=area, name=name, born_on=born_on, id_number=id_number)
    (found,) = register_people([record], by=by, now=at, batch=f"people.batch:{name}")
    return found


def local_date(at: datetime) -> date:
    """The day in Beijing."""
    return (at + timedelta(hours=8)).date()


def signed(by: Actor, at: datetime, *, days: int = 1, name: str = "张三", category: str = "close_contact") -> int:
    """A signed order of somebody exposed so many days ago. Call inside `acting(by)`."""
    on = local_date(at) - timedelta(days=days)
    order = propose_order(exposed(someone(by, at, name), on, category), by=by, now=at)
    sign_order(order, by=by, now=at)
    return order
