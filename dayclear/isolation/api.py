"""Orders through the API. What tells why somebody is under an order is left out for those who may not know it."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Field, Path, Query, Router, Schema

from dayclear.foundation import clock
from dayclear.foundation.actors import Actor
from dayclear.foundation.api import (
    Body,
    Created,
    Nothing,
    NumberAsked,
    Paged,
    PageOut,
    PlaceNumber,
    RowId,
    Seen,
    Text,
    actor_of,
    filled,
    page_of,
    written,
    written_to,
)
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.filters import existing
from dayclear.foundation.rules import Right
from dayclear.isolation import commands, gaps
from dayclear.isolation.explaining import explanation_of
from dayclear.isolation.filters import OrderFilter, order_in_scope
from dayclear.isolation.links import may_hand_over
from dayclear.isolation.models import Appeal, Order, Phase
from dayclear.isolation.rules.modes import LIGHTER_REASONS
from dayclear.people.api import PersonOut, person_out

router = Router(tags=["orders"])

_TELLING = ("disease", "category", "rule", "policy", "anchor", "anchor_on", "first_exposed_on")


class OrderOut(Schema):
    """An order. `disease` to `first_exposed_on` are null for those who may not know why."""

    id: int
    place: PlaceNumber
    person: PersonOut
    state: str
    disease: str | None
    category: str | None
    rule: str | None
    policy: str | None
    anchor: str | None
    anchor_on: date | None
    first_exposed_on: date | None
    proposed_at: datetime
    signed_at: datetime | None
    starts_at: datetime | None
    ends_on: date | None
    ends_at: datetime | None
    ended_at: datetime | None
    end_cause: str
    released_at: datetime | None
    last_check_at: datetime | None


class PhaseOut(Schema):
    """One stretch of an order, both days included; `offered` the modes that the rules allow, the least first."""

    number: int
    mode: str
    offered: list[str]
    starts_on: date
    ends_on: date
    tests_on: list[date]


class ExplanationOut(Schema):
    """Why it is so: facts, rule, source and version, end, and what would change it."""

    inputs: dict[str, str]
    rule: str
    source: str
    result: str
    ends_when: str
    would_change: list[str]


class OrderWhole(OrderOut):
    """An order with its course. `explanation` is null for those who may not know why."""

    phases: list[PhaseOut]
    explanation: ExplanationOut | None


def order_out(order: Order, actor: Actor) -> dict[str, Any]:
    unknown = {} if may_hand_over(actor, order) else dict.fromkeys(_TELLING)
    return filled(OrderOut, order, id=order.pk, place=order.area, person=person_out(order.person), **unknown)


def _phase_out(phase: Phase) -> dict[str, Any]:
    return filled(PhaseOut, phase)


class OrderQuery(Schema):
    """What to narrow the list to. `late`: ended, and nobody has told the person yet."""

    state: Literal["in_force", "late", "proposed", "declined", "ended", "all"] = "in_force"
    category: Text = Field("", max_length=32)
    mode: Literal[
        "",
        "health_monitoring",
        "active_monitoring",
        "home_monitoring",
        "home_quarantine",
        "home_isolation",
        "isolation",
        "centralised",
    ] = ""
    place: NumberAsked = ""
    person: NumberAsked = ""
    within: Literal["", "0", "1", "3"] = Field("", description="last day within so many days")


@router.get("/orders", response=PageOut[OrderOut], operation_id="list_orders")
def list_orders(request: HttpRequest, asked: Annotated[OrderQuery, Query()], paging: Paged) -> dict[str, Any]:
    """Orders of your places, those that end first at the top."""
    actor = actor_of(request)
    wanted = OrderFilter.read(asked.model_dump(mode="json"), may_see_category=actor.may(Right.SEE_CASES))
    rows = wanted.rows(actor, now=clock.now()).select_related("person")
    return page_of(rows, wanted.order, paging, lambda order: order_out(order, actor))


@router.get("/orders/{order_id}", response=OrderWhole, operation_id="get_order")
def get_order(request: HttpRequest, order_id: Annotated[RowId, Path()]) -> dict[str, Any]:
    """One order with its course and its explanation."""
    actor = actor_of(request)
    order = order_in_scope(actor, order_id)
    phases = list(order.phases.order_by("number"))
    explanation = None
    if may_hand_over(actor, order):
        told = explanation_of(order, phases, with_link=False)
        explanation = {
            "inputs": {str(label): str(value) for label, value in told.inputs},
            "rule": str(told.rule),
            "source": str(told.source),
            "result": str(told.result),
            "ends_when": str(told.ends_when),
            "would_change": [str(each) for each in told.would_change],
        }
    return {**order_out(order, actor), "phases": [_phase_out(phase) for phase in phases], "explanation": explanation}


@router.post("/orders/{order_id}/signature", response=Created, operation_id="sign_order")
def sign(request: HttpRequest, order_id: Annotated[RowId, Path()], said: Seen) -> HttpResponse:
    """Sign a proposal: from now on it binds, and it ends by itself."""
    return written_to(
        request, order_id, said, lambda by, now: commands.sign_order(order_id, by=by, now=now, seen=said.seen)
    )


class DeclineIn(Seen):
    reason: Literal["not_exposed", "wrong_person", "term_served", "duplicate", "already_case", "immune", "other_place"]


@router.post("/orders/{order_id}/refusal", response=Created, operation_id="decline_order")
def decline(request: HttpRequest, order_id: Annotated[RowId, Path()], said: DeclineIn) -> HttpResponse:
    """Decide that a proposal shall not bind."""

    def work(by: Actor, now: datetime) -> None:
        commands.decline_order(order_id, reason=said.reason, by=by, now=now, seen=said.seen)

    return written_to(request, order_id, said, work)


class ModeIn(Seen):
    mode: Text = Field(min_length=1, max_length=24)
    reason: Text = Field(min_length=1, max_length=24, description=f"lighter: {', '.join(LIGHTER_REASONS)}")


@router.post("/orders/{order_id}/mode", response=Created, operation_id="change_order_mode")
def change_mode(request: HttpRequest, order_id: Annotated[RowId, Path()], said: ModeIn) -> HttpResponse:
    """Have an order spent otherwise: lighter binds at once, stricter when a second officer asks the same."""

    def work(by: Actor, now: datetime) -> None:
        commands.change_mode(order_id, said.mode, reason=said.reason, by=by, now=now, seen=said.seen)

    return written_to(request, order_id, said, work)


class CheckIn(Body):
    means: Literal["phone", "visit", "site"]
    temperature_c: Decimal | None = Field(None, ge=30, le=45, max_digits=3, decimal_places=1)
    symptoms: list[Annotated[Text, Field(max_length=24)]] = Field([], max_length=12)


@router.post("/orders/{order_id}/checks", response=Created, operation_id="record_check")
def check(request: HttpRequest, order_id: Annotated[RowId, Path()], said: CheckIn) -> HttpResponse:
    """Record one of the day's checks."""

    def work(by: Actor, now: datetime) -> None:
        commands.record_check(
            order_id, means=said.means, temperature_c=said.temperature_c, symptoms=said.symptoms, by=by, now=now
        )

    return written_to(request, order_id, said, work)


class TestIn(Body):
    on: date
    sampled_at: datetime
    result: Literal["", "negative", "positive", "inconclusive"] = ""
    result_at: datetime | None = None


@router.post("/orders/{order_id}/tests", response=Created, operation_id="record_order_test")
def test(request: HttpRequest, order_id: Annotated[RowId, Path()], said: TestIn) -> HttpResponse:
    """Record a sample taken under an order, or its result. Instants carry their offset."""
    if said.sampled_at.tzinfo is None or (said.result_at is not None and said.result_at.tzinfo is None):
        raise Refused(refuse("bad_request", what="an instant carries its offset, as +08:00"))

    def work(by: Actor, now: datetime) -> None:
        commands.record_test(
            order_id,
            said.on,
            sampled_at=said.sampled_at,
            result=said.result,
            result_at=said.result_at,
            by=by,
            now=now,
        )

    return written_to(request, order_id, said, work)


class DeliveryIn(Body):
    notice: Literal["order", "change", "release"] = "order"
    means: Literal["paper", "phone", "link", "loudspeaker", "visit"]
    language: Literal["zh-hans", "en"] = "zh-hans"


@router.post("/orders/{order_id}/deliveries", response=Created, operation_id="deliver_notice")
def deliver(request: HttpRequest, order_id: Annotated[RowId, Path()], said: DeliveryIn) -> HttpResponse:
    """Note that a notice was handed over."""

    def work(by: Actor, now: datetime) -> None:
        commands.deliver_notice(order_id, said.notice, means=said.means, language=said.language, by=by, now=now)

    return written_to(request, order_id, said, work)


class AppealIn(Body):
    ground: Text = Field(min_length=1, max_length=4000)
    means: Literal["paper", "phone", "link", "loudspeaker", "visit"] = "paper"


@router.post("/orders/{order_id}/appeals", response={201: Created}, operation_id="file_appeal")
def appeal(request: HttpRequest, order_id: Annotated[RowId, Path()], said: AppealIn) -> HttpResponse:
    """File an appeal for the person; another officer decides it."""

    def work() -> tuple[int, dict[str, int]]:
        by, now = actor_of(request), clock.now()
        return 201, {"id": commands.file_appeal(order_id, ground=said.ground, means=said.means, by=by, now=now)}

    return written(request, said, work)


class DecisionIn(Body):
    upheld: bool
    reason: Text = Field(min_length=1, max_length=400)


@router.post("/appeals/{appeal_id}/decision", response=Created, operation_id="decide_appeal")
def decide(request: HttpRequest, appeal_id: Annotated[RowId, Path()], said: DecisionIn) -> HttpResponse:
    """Decide an appeal; upheld, the person is free in the same moment."""
    actor = actor_of(request)
    found = existing(Appeal.objects.filter(pk=appeal_id, area__range=(actor.area.lo, actor.area.hi)))

    def work(by: Actor, now: datetime) -> None:
        commands.decide_appeal(appeal_id, upheld=said.upheld, reason=said.reason, by=by, now=now)

    return written_to(request, found.order_id, said, work)


class ReasonIn(Seen):
    reason: Text = Field(min_length=1, max_length=200)


@router.post("/orders/{order_id}/end", response=Created, operation_id="release_order")
def release(request: HttpRequest, order_id: Annotated[RowId, Path()], said: ReasonIn) -> HttpResponse:
    """Let somebody go before the end."""

    def work(by: Actor, now: datetime) -> None:
        commands.release_order(order_id, reason=said.reason, by=by, now=now, seen=said.seen)

    return written_to(request, order_id, said, work)


class HandoverIn(Seen):
    place: PlaceNumber


@router.post("/orders/{order_id}/handover", response=Created, operation_id="hand_over_order")
def hand_over(request: HttpRequest, order_id: Annotated[RowId, Path()], said: HandoverIn) -> HttpResponse:
    """Hand an order over to the place where its person is now; that place answers for it from then on."""

    def work(by: Actor, now: datetime) -> None:
        commands.hand_over_order(order_id, int(said.place), by=by, now=now, seen=said.seen)

    return written_to(request, order_id, said, work)


@router.post("/orders/{order_id}/released", response=Created, operation_id="confirm_release")
def released(request: HttpRequest, order_id: Annotated[RowId, Path()], said: Nothing) -> HttpResponse:
    """Note that somebody whose order ended was told and let go."""
    return written_to(request, order_id, said, lambda by, now: commands.confirm_release(order_id, by=by, now=now))


class CoverageOut(Schema):
    """Due and done. `gaps` counts whoever fell through, by kind."""

    due: int
    done: int
    gaps: dict[str, int]


@router.get("/coverage", response=CoverageOut, operation_id="get_coverage")
def coverage(request: HttpRequest) -> dict[str, Any]:
    """How many of those who should be are under an order, and who fell through, by kind."""
    found = gaps.summary(actor_of(request), now=clock.now())
    return {"due": found.due, "done": found.done, "gaps": dict(found.gaps)}


class GapOut(Schema):
    """One person who fell through, with the join that found them and the place that answers for it."""

    person_id: int
    order_id: int | None
    contact_id: int | None
    place: PlaceNumber
    accountable: PlaceNumber
    since: datetime
    found_by: str


GapKind = Literal[
    "contact_without_order",
    "contact_unsettled",
    "order_without_check",
    "moved_away",
    "two_places",
    "expired_still_active",
    "not_released",
    "test_missed",
]


@router.get("/coverage/{kind}", response=list[GapOut], operation_id="list_gaps")
def list_gaps(
    request: HttpRequest, kind: Annotated[GapKind, Path()], limit: Annotated[int, Query(ge=1, le=500)] = 200
) -> list[dict[str, Any]]:
    """The oldest gaps of one kind."""
    found = gaps.find_gaps(actor_of(request), kind, now=clock.now(), limit=limit)
    return [filled(GapOut, gap, place=gap.area) for gap in found]
