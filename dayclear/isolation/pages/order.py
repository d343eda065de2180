"""The page of one order: whom it binds to what until when, what is due, what it rests on, what can be done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from dayclear.foundation import clock
from dayclear.foundation.actors import Actor
from dayclear.foundation.deadlines import clock_of
from dayclear.foundation.models import Event
from dayclear.foundation.requests import ActorRequest
from dayclear.foundation.rules import Right
from dayclear.foundation.trail import events_of
from dayclear.isolation.commands import subject_of
from dayclear.isolation.commands.appeals import APPEAL
from dayclear.isolation.commands.rows import ISOLATE, RELEASE
from dayclear.isolation.explaining import explanation_of
from dayclear.isolation.filters import order_in_scope
from dayclear.isolation.limits import order_authority
from dayclear.isolation.links import may_hand_over
from dayclear.isolation.models import Order, Phase, TestDay
from dayclear.isolation.models.duties import CHECK_MEANS, MEANS
from dayclear.isolation.reasons import (
    DECLINE_REASON_NAMES,
    END_CAUSE_NAMES,
    LIGHTER_REASON_NAMES,
    MODE_NAMES,
    NEED_NAMES,
    STATE_NAMES,
    STRICTER_REASON_NAMES,
)
from dayclear.isolation.rules.course import RESULTS, is_in_force
from dayclear.isolation.rules.modes import least, strictness
from dayclear.isolation.rules.plan import day_of
from dayclear.isolation.rules.signing import DECLINE_REASONS
from dayclear.isolation.texts import (
    CHECK_MEANS_NAMES,
    MEANS_NAMES,
    NOTICE_NAMES,
    RESULT_NAMES,
    SYMPTOM_NAMES,
    category_text,
    told,
)
from dayclear.people.queries import age_on
from dayclear.people.reasons import SEX_NAMES
from dayclear.places.queries import names_of
from dayclear.policy.words import disease_name

WORDS = {
    "mode": MODE_NAMES,
    "state": STATE_NAMES,
    "sex": SEX_NAMES,
    "result": RESULT_NAMES,
    "means": MEANS_NAMES,
    "check_means": CHECK_MEANS_NAMES,
    "notice": NOTICE_NAMES,
    "need": NEED_NAMES,
    "symptom": SYMPTOM_NAMES,
    "end_cause": END_CAUSE_NAMES,
    "stricter": STRICTER_REASON_NAMES,
    "decline": DECLINE_REASON_NAMES,
}
_CHECKS_SHOWN = 8


@dataclass(frozen=True, slots=True)
class TestDue:
    """One day with a sample due. `state` is `done`, `missed`, `today` or `coming`."""

    on: date
    state: str
    taken: TestDay | None


@dataclass(frozen=True, slots=True)
class Bar:
    """The phases as a drawing. Shape: `parts` are (x, width, mode, rank); `tests` and `today` are x. Units: tenths of
    a day from the first day of the first phase."""

    width: int
    parts: tuple[tuple[int, int, str, int], ...]
    tests: tuple[int, ...]
    today: int | None


@require_GET
def show_order(request: ActorRequest, order_id: int) -> HttpResponse:
    return render(request, "isolation/order.html", order_context(request, order_id))


def order_context(request: ActorRequest, order_id: int) -> dict[str, Any]:
    """What the page of an order shows. Raises: Refused (`right_missing`, `not_found`)."""
    actor, now = request.actor, clock.now()
    order = order_in_scope(actor, order_id)
    phases = list(order.phases.order_by("number"))
    taken = {row.on: row for row in order.tests.order_by("on")}
    events = list(events_of(actor, [subject_of(order.pk)]))
    seen = events[-1].number if events else 0
    in_force = is_in_force(order.state, order.ends_at, now)
    may_know = may_hand_over(actor, order)
    moved_to = next((each for each in (order.person.area, order.person.home) if each and each != order.area), None)
    places = names_of({place for place in (order.area, order.person.home, order.authority, moved_to) if place})
    current = phase_on(phases, day_of(now))
    return {
        "order": order,
        "person": order.person,
        "age": age_on(order.person, day_of(now)),
        "phases": phases,
        "current": current,
        "in_force": in_force,
        "over": order.state == "ended" or (order.state == "signed" and not in_force),
        "last_on": order.ends_on or (phases[-1].ends_on if phases else None),
        "bar": bar_of(phases, now) if phases else None,
        "tests": tests_of(phases, taken, day_of(now)),
        "clocks": _clocks(actor, order),
        "seen": seen,
        "key": f"{order.pk}-{seen}",
        "timeline": told(_visible(events, may_know)),
        "places": places,
        "moved_to": places.get(moved_to) if moved_to else None,
        "may_know": may_know,
        "category": category_text(order) if may_know else "",
        "disease": disease_name(order.disease) if may_know else "",
        "explanation": explanation_of(order, phases) if may_know else None,
        "words": WORDS,
        "now": now,
        "today": day_of(now),
        **_duties(order),
        **_choices(actor, order, current, in_force=in_force),
    }


def phase_on(phases: Sequence[Phase], day: date) -> Phase | None:
    """The phase under way: the first that has not ended, else the last."""
    return next((phase for phase in phases if day <= phase.ends_on), phases[-1] if phases else None)


def bar_of(phases: Sequence[Phase], now: datetime) -> Bar:
    """The drawing of an order's phases. Raises: IndexError without a phase."""
    first, last = phases[0].starts_on, phases[-1].ends_on

    def x(day: date) -> int:
        return (day - first).days * 10

    return Bar(
        width=x(last) + 10,
        parts=tuple(
            (x(phase.starts_on), (phase.ends_on - phase.starts_on).days * 10 + 10, phase.mode, strictness(phase.mode))
            for phase in phases
        ),
        tests=tuple(x(day) + 4 for phase in phases for day in phase.tests_on),
        today=x(day_of(now)) + 5 if first <= day_of(now) <= last else None,
    )


def tests_of(phases: Sequence[Phase], taken: dict[date, TestDay], today: date) -> list[TestDue]:
    """Every day with a sample due, and every sample taken on another day. Shape: by day."""
    due = {day for phase in phases for day in phase.tests_on}

    def state(day: date) -> str:
        if day in taken:
            return "done"
        return "today" if day == today else "missed" if day < today else "coming"

    return [TestDue(day, state(day), taken.get(day)) for day in sorted(due | set(taken))]


def _visible(events: Sequence[Event], may_know: bool) -> list[Event]:
    """What tells of the reason is for those who may know it."""
    return [event for event in events if may_know or event.kind != "isolation.order_recomputed"]


def _clocks(actor: Actor, order: Order) -> list[tuple[str, Any]]:
    kinds = {"proposed": ISOLATE, "ended": RELEASE}
    kind = kinds.get(order.state)
    found = clock_of(actor, kind, subject_of(order.pk)) if kind else None
    return [(kind, found)] if kind and found is not None and found.met_at is None else []


def _duties(order: Order) -> dict[str, Any]:
    appeals = list(order.appeals.order_by("-filed_at"))
    return {
        "checks": list(order.checks.order_by("-checked_at")[:_CHECKS_SHOWN]),
        "deliveries": list(order.deliveries.order_by("delivered_at")),
        "appeals": appeals,
        "open_appeal": next((each for each in appeals if each.decided_at is None), None),
        "appeal_kind": APPEAL,
        "needs": list(order.needs.order_by("met_at", "due_at")),
        "change": order.changes.filter(decided_at=None).first(),
        "link": order.links.filter(revoked_at=None).order_by("-made_at").first(),
    }


def _choices(actor: Actor, order: Order, current: Phase | None, *, in_force: bool) -> dict[str, Any]:
    """What this reader may do here, and from which lists."""
    signs = actor.may(Right.SIGN_ORDERS)
    offered = sorted(current.offered, key=strictness) if current else []
    now_mode = current.mode if current else ""
    floor = least((*offered, now_mode)) if current else ""
    return {
        "may_sign": signs and actor.level <= order_authority(),
        "may_decide": signs and actor.user_id not in (order.signed_by, order.stricter_by),
        "asked_myself": bool(order.stricter_by) and order.stricter_by == actor.user_id,
        "may_check": actor.may(Right.RECORD_CHECKS) and in_force,
        "may_record": actor.may(Right.RECORD_CHECKS),
        "may_propose": actor.may(Right.PROPOSE_ORDERS),
        "stricter_modes": [mode for mode in offered if strictness(mode) > strictness(floor)],
        "lighter_modes": [mode for mode in offered if strictness(mode) < strictness(now_mode)],
        "other_modes": [mode for mode in offered if mode != now_mode],
        "stricter_reasons": STRICTER_REASON_NAMES.items(),
        "change_reasons": [*LIGHTER_REASON_NAMES.items(), *STRICTER_REASON_NAMES.items()],
        "decline_reasons": [(code, DECLINE_REASON_NAMES[code]) for code in DECLINE_REASONS],
        "result_choices": [("", RESULT_NAMES[""]), *((code, RESULT_NAMES[code]) for code in RESULTS)],
        "means_choices": [(code, MEANS_NAMES[code]) for code in MEANS],
        "check_choices": [(code, CHECK_MEANS_NAMES[code]) for code in CHECK_MEANS if code != "link"],
        "need_choices": NEED_NAMES.items(),
        "symptom_choices": SYMPTOM_NAMES.items(),
        "tomorrow": day_of(clock.now()) + timedelta(days=1),
    }
