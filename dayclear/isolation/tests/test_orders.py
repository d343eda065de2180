"""Orders from proposal to release, in a real database."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from dayclear.foundation.actors import Actor, system
from dayclear.foundation.deadlines import clock_of, sweep
from dayclear.foundation.decisions import Refused
from dayclear.foundation.models import Event
from dayclear.foundation.scope import acting
from dayclear.isolation.commands import (
    ask_stricter,
    change_mode,
    confirm_release,
    propose_order,
    propose_orders,
    release_due,
    sign_order,
    subject_of,
)
from dayclear.isolation.commands.rows import RELEASE
from dayclear.isolation.models import Order, Phase
from dayclear.isolation.tests.exposures import exposed, signed, someone

# Noon in Beijing on 2 July 2022, under the ninth edition; the last exposure was the day before.
JULY = datetime(2022, 7, 2, 4, 0, tzinfo=UTC)
EXPOSED = date(2022, 7, 1)


def test_a_signed_order_binds_and_a_proposed_one_does_not(county_officer: Actor) -> None:
    with acting(county_officer):
        order_id = propose_order(exposed(someone(county_officer, JULY), EXPOSED), by=county_officer, now=JULY)
        order = Order.objects.get(pk=order_id)
        assert (order.state, order.starts_at, order.ends_at) == ("proposed", None, None)
        sign_order(order_id, by=county_officer, now=JULY)
        order.refresh_from_db()
        assert order.state == "signed"
        assert order.ends_on == date(2022, 7, 11)
        assert order.ends_at == datetime(2022, 7, 11, 16, 0, tzinfo=UTC)
        assert list(Phase.objects.filter(order=order).order_by("number").values_list("mode", flat=True)) == [
            "centralised",
            "home_monitoring",
        ]


def test_R03_R04_with_nobody_acting_the_person_is_free_and_the_late_minutes_count(
    county_officer: Actor,
) -> None:
    with acting(county_officer):
        order_id = signed(county_officer, JULY)
    later = datetime(2022, 7, 11, 17, 30, tzinfo=UTC)
    with acting(system("sweeper")):
        assert release_due(now=later) == 1
        assert release_due(now=later) == 0
        sweep(now=later)
    with acting(county_officer):
        order = Order.objects.get(pk=order_id)
        assert (order.state, order.end_cause) == ("ended", "term")
        assert order.ended_at == datetime(2022, 7, 11, 16, 0, tzinfo=UTC)
        clock = clock_of(county_officer, RELEASE, subject_of(order_id))
        assert clock is not None
        assert clock.escalated_at == later
        assert clock.due_at - order.ended_at == timedelta(minutes=15)
        ended = Event.objects.get(subject=subject_of(order_id), kind="isolation.order_ended")
        assert ended.payload["noticed_late_minutes"] == 90
        assert confirm_release(order_id, by=county_officer, now=later + timedelta(minutes=5)) == 95


def test_R05_a_stricter_mode_needs_a_reason_and_a_second_officer(county_officer: Actor, second_officer: Actor) -> None:
    with acting(county_officer):
        post = exposed(someone(county_officer, JULY), EXPOSED, "post_exit")
        order_id = propose_order(post, by=county_officer, now=JULY)
        with pytest.raises(Refused, match="stricter_reason_missing"):
            ask_stricter(order_id, "centralised", reason="because", by=county_officer, now=JULY)
        ask_stricter(order_id, "centralised", reason="home_unsuitable", by=county_officer, now=JULY)
        with pytest.raises(Refused, match="second_person_missing"):
            sign_order(order_id, by=county_officer, now=JULY)
    with acting(second_officer):
        sign_order(order_id, by=second_officer, now=JULY)
        assert Phase.objects.get(order=order_id).mode == "centralised"
        assert change_mode(order_id, "home_quarantine", reason="home_suitable", by=second_officer, now=JULY)
        assert not change_mode(order_id, "centralised", reason="left_home", by=second_officer, now=JULY)
        assert Phase.objects.get(order=order_id).mode == "home_quarantine"
    with acting(county_officer):
        assert change_mode(order_id, "centralised", reason="left_home", by=county_officer, now=JULY)


def test_somebody_unknown_here_is_proposed_for_nothing(county_officer: Actor) -> None:
    with acting(county_officer):
        made = propose_orders([exposed(7, EXPOSED)], by=county_officer, now=JULY)
        assert made.refused[0].codes == ("not_found",)
