"""What is past its day is destroyed by night: orders with all that hangs on them, contacts, places visited."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from dayclear.foundation import deadlines
from dayclear.foundation.actors import Actor, system
from dayclear.foundation.decisions import Refused
from dayclear.foundation.models import Deadline, Event
from dayclear.foundation.scope import acting
from dayclear.isolation.commands import file_appeal, release_due, sign_order
from dayclear.isolation.commands.course import correct_exposure
from dayclear.isolation.commands.disposal import dispose_orders
from dayclear.isolation.models import Appeal, Order, Phase
from dayclear.isolation.tests.exposures import signed
from dayclear.isolation.tests.test_gaps import JULY, case_of, contact_of
from dayclear.tracing.commands import dispose_contacts
from dayclear.tracing.models import Contact

RETENTION = system("retention")
LATER = datetime(2022, 12, 31, 4, 0, tzinfo=UTC)


def until(order: int) -> datetime:
    """Noon of the last day on which an order may be kept."""
    last = Order.objects.get(pk=order).retain_until
    return datetime(last.year, last.month, last.day, 4, 0, tzinfo=UTC)


def test_an_order_goes_the_night_after_its_day_and_nothing_is_owed_for_it_any_more(county_officer: Actor) -> None:
    with acting(county_officer):
        order = signed(county_officer, JULY)
        file_appeal(order, ground="not me", means="phone", by=county_officer, now=JULY)
        last = until(order)
    with acting(RETENTION):
        release_due(now=datetime(2022, 7, 12, 4, 0, tzinfo=UTC))
        assert dispose_orders(by=RETENTION, now=last) == 0
        assert dispose_orders(by=RETENTION, now=last + timedelta(days=1)) == 1
        assert not Order.objects.exists()
        assert not Phase.objects.exists()
        assert not Appeal.objects.exists()
        assert not Deadline.objects.filter(met_at=None).exists()
        (event,) = Event.objects.filter(kind="isolation.orders_disposed")
        assert event.payload["count"] == 1
        assert deadlines.sweep(now=LATER) == 0
        assert dispose_orders(by=RETENTION, now=LATER) == 0


def test_an_order_in_force_is_not_destroyed_and_outlives_the_one_it_renewed(county_officer: Actor) -> None:
    with acting(county_officer):
        first = signed(county_officer, JULY)
        longer = correct_exposure(first, anchor_on=date(2022, 7, 2), by=county_officer, now=JULY).proposal
        assert longer is not None
        sign_order(longer, by=county_officer, now=JULY)
    with acting(RETENTION):
        assert dispose_orders(by=RETENTION, now=LATER) == 1
        (kept,) = Order.objects.all()
        assert (kept.pk, kept.state, kept.renews_id) == (longer, "signed", None)


def test_a_contact_goes_when_its_day_has_passed_and_only_the_installation_itself_destroys(
    county_officer: Actor,
) -> None:
    with acting(county_officer):
        contact_of(case_of(county_officer, JULY), county_officer, JULY)
        with pytest.raises(Refused, match="whole_installation_only"):
            dispose_contacts(by=county_officer, now=LATER)
        assert Contact.objects.count() == 1
    with acting(RETENTION):
        assert dispose_contacts(by=RETENTION, now=JULY) == 0
        assert dispose_contacts(by=RETENTION, now=LATER) == 1
        assert not Contact.objects.exists()
