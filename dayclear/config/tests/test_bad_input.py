"""What may not be ordered: each refused with its code, in a sentence of either language, and nothing half-written.

Midnight, leap days and clocks that jump are rows of `isolation/tests/test_plan.py` and `areas/tests/test_clearing.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest
from django.db import transaction
from django.utils.translation import override

from dayclear.areas.commands import approve_area, propose_area
from dayclear.areas.models import RiskArea
from dayclear.areas.tests.acts import COUNTY, STREET, ActorMaker, at, proposal
from dayclear.cases.commands import CaseRecord, record_outcome, register_case
from dayclear.cases.models import Case
from dayclear.cases.rules import CaseDays
from dayclear.config.refusals import sentence
from dayclear.foundation.actors import Actor
from dayclear.foundation.decisions import Decision, Refused, require
from dayclear.foundation.models import Event
from dayclear.foundation.rules import Role
from dayclear.foundation.scope import acting
from dayclear.isolation.commands import (
    Proposal,
    correct_exposure,
    hand_over_order,
    propose_list,
    propose_order,
    sign_order,
)
from dayclear.isolation.models import Order
from dayclear.isolation.rules.signing import Signing, may_sign
from dayclear.isolation.tests.exposures import VILLAGE, exposed, signed, someone
from dayclear.people.commands import PersonRecord
from dayclear.people.merging import merge_people

JULY, NOVEMBER = datetime(2022, 7, 2, 4, 0, tzinfo=UTC), at(2022, 11, 23)
EXPOSED = date(2022, 7, 1)


@dataclass(frozen=True)
class Cast:
    """Who acts in the rows. `township` may not sign, `county_commander` may not draw under the risk-area plan."""

    officer: Actor
    second: Actor
    township: Actor
    county_commander: Actor
    province: Actor


@pytest.fixture
def cast(county_officer: Actor, province_commander: Actor, make_actor: ActorMaker) -> Cast:
    return Cast(
        officer=county_officer,
        second=make_actor("second-officer", Role.OFFICER, COUNTY),
        township=make_actor("township-officer", Role.OFFICER, STREET),
        county_commander=make_actor("county-commander", Role.COMMANDER, COUNTY),
        province=province_commander,
    )


def _without(**missing: object) -> Callable[[Cast], None]:
    """An order that lies before the officer without one of the things it needs."""
    whole = Signing(
        rule="categories.close_contact",
        evidence={"kind": "contact", "contact": 1, "on": "2022-07-01"},
        category_in_pack=True,
        anchor_on=EXPOSED,
        starts_on=date(2022, 7, 2),
        ends_on=date(2022, 7, 11),
        latest_on=date(2022, 7, 11),
        today=date(2022, 7, 2),
        level=3,
        authority=3,
        mode="centralised",
        least="centralised",
        offered=("centralised",),
        signer=7,
    )
    said = {name: getattr(whole, name) for name in Signing.__slots__} | missing
    return lambda cast: require(may_sign(Signing(**said)))


def _proposed(by: Actor, on: date = EXPOSED, now: datetime = JULY, category: str = "close_contact") -> int:
    with acting(by):
        return propose_order(exposed(someone(by, now), on, category), by=by, now=now)


def _signs(order: int, by: Actor) -> None:
    with acting(by):
        sign_order(order, by=by, now=JULY)


def _list(people: int, purpose: str = "contact_tracing") -> Callable[[Cast], None]:
    def act(cast: Cast) -> None:
        by = cast.officer
        with acting(by):
            rows = [
                Proposal(someone(by, JULY, f"Person {n}"), "covid-19", "close_contact", EXPOSED, {"kind": "list"})
                for n in range(people)
            ]
            require(propose_list(rows, purpose=purpose, title="list", by=by, now=JULY).decision)

    return act


def _area(by: str, unit: str = "building", place: int = VILLAGE) -> Callable[[Cast], None]:
    def act(cast: Cast) -> None:
        with acting(cast.officer):
            drawn = propose_area(
                proposal(unit=unit, place=place, anchored_on=date(2022, 11, 22)), by=cast.officer, now=NOVEMBER
            )
        decider: Actor = getattr(cast, by)
        with acting(decider):
            approve_area(drawn, by=decider, now=NOVEMBER)

    return act


def _corrected_into_the_future(cast: Cast) -> None:
    with acting(cast.officer):
        order = signed(cast.officer, JULY)
        correct_exposure(order, anchor_on=date(2022, 7, 3), by=cast.officer, now=JULY)


def _moved_nowhere(cast: Cast) -> None:
    with acting(cast.officer):
        hand_over_order(signed(cast.officer, JULY), VILLAGE, by=cast.officer, now=JULY)


def _dies(cast: Cast) -> None:
    with acting(cast.officer):
        days = CaseDays(reported_on=EXPOSED)
        case = CaseRecord(VILLAGE, 0, "covid-19", "A1", days=days, classification="confirmed")
        registered = register_case(PersonRecord(area=VILLAGE, name="李四"), case, by=cast.officer, now=JULY)
        record_outcome(registered, "died", date(2022, 7, 2), by=cast.officer, now=JULY)
        person = Case.objects.get(pk=registered).person_id
        propose_order(exposed(person, EXPOSED), by=cast.officer, now=JULY)


def _two_records(cast: Cast) -> None:
    with acting(cast.officer):
        kept, gone = someone(cast.officer, JULY, "张三"), someone(cast.officer, JULY, "张叁")
        merge_people(kept, gone, by=cast.officer, now=JULY)
        propose_order(exposed(gone, EXPOSED), by=cast.officer, now=JULY)


def _two_officers(cast: Cast) -> None:
    order = _proposed(cast.officer)
    _signs(order, cast.second)
    _signs(order, cast.officer)


ROWS = [
    pytest.param(_without(rule=""), "rule_missing", id="an order without a rule"),
    pytest.param(_without(evidence={}), "evidence_missing", id="an order without evidence"),
    pytest.param(lambda cast: _signs(_proposed(cast.officer), cast.township), "authority_missing", id="no authority"),
    pytest.param(_without(starts_on=None), "start_missing", id="an order without a start"),
    pytest.param(_without(ends_on=None), "end_missing", id="an order without an end"),
    pytest.param(_without(ends_on=date(2022, 7, 12)), "end_beyond_pack", id="an end beyond the pack's maximum"),
    pytest.param(
        lambda cast: _proposed(cast.officer, date(2022, 11, 22), NOVEMBER, "secondary_contact"),
        "category_not_in_pack",
        id="a category the pack removed",
    ),
    pytest.param(_area("province", unit="street", place=STREET), "OG-10", id="an area larger than the pack's unit"),
    pytest.param(_area("county_commander"), "decider_below_level", id="a decider below the level"),
    pytest.param(_list(21), "bulk_without_exposure", id="R13 a list of more than N without exposure"),
    pytest.param(_list(21), "whole_locality", id="R13 a whole locality without exposure"),
    pytest.param(_list(1, "debt_collection"), "purpose_not_epidemic", id="a list for another purpose"),
    pytest.param(lambda cast: _proposed(cast.officer, date(2022, 7, 3)), "exposure_in_future", id="exposed tomorrow"),
    pytest.param(_corrected_into_the_future, "exposure_in_future", id="corrected later, into the future"),
    pytest.param(_moved_nowhere, "same_place", id="a person who moves to where they are"),
    pytest.param(_dies, "person_died", id="a person who dies"),
    pytest.param(_two_records, "person_merged", id="a person who is two records"),
    pytest.param(_two_officers, "order_state", id="two officers signing at once"),
]


@pytest.mark.parametrize(("act", "code"), ROWS)
def test_bad_input_is_refused_in_both_languages(cast: Cast, act: Callable[[Cast], None], code: str) -> None:
    decision = _refusal(cast, act)
    reason = next(each for each in decision.reasons if each.code == code)
    said = {}
    for language in ("en", "zh-hans"):
        with override(language):
            said[language] = sentence(reason)
    assert code not in said.values(), "every code has its sentence"
    assert said["en"] != said["zh-hans"]
    assert any("一" <= letter <= "鿿" for letter in said["zh-hans"])
    assert said["en"].isascii() or "“" in said["en"]


def _refusal(cast: Cast, act: Callable[[Cast], None]) -> Decision:
    with pytest.raises(Refused) as refused, _nothing_half_written(cast):
        act(cast)
    return refused.value.decision


@contextmanager
def _nothing_half_written(cast: Cast) -> Iterator[None]:
    """A refusal leaves neither a restriction nor an event of one behind; what went before it stands."""
    try:
        yield
    finally:
        with acting(cast.province), transaction.atomic():
            in_force = Order.objects.filter(state="signed")
            assert all(order.signed_by and order.ends_at for order in in_force)
            told = Event.objects.filter(kind="isolation.order_signed").count()
            assert told == Order.objects.filter(signed_at__isnull=False).count()
            assert not RiskArea.objects.exclude(state="proposed").exists()
            assert not Event.objects.filter(kind__in=("areas.area_approved", "isolation.order_handed_over")).exists()
