"""From one pack to the next: the rule, its twin in SQL, the dry run, the doing and the answer to it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from django.db import connection

from dayclear.foundation.actors import Actor, system
from dayclear.foundation.decisions import Refused
from dayclear.foundation.models import Event
from dayclear.foundation.scope import acting
from dayclear.isolation.changeover import apply, dry_run, effects_of, listed, rehearse, steps_of, undo
from dayclear.isolation.commands import confirm_end, subject_of
from dayclear.isolation.commands.converting import convert_batch
from dayclear.isolation.disposition import dispositions
from dayclear.isolation.models import Change, Changeover, Order, Phase
from dayclear.isolation.rules.conversion import OpenOrder, convert, order_lines, stretches_of
from dayclear.isolation.tests.exposures import signed
from dayclear.isolation.tests.many_orders import VILLAGE, generate
from dayclear.policy.calendar import Policy, policy_on
from dayclear.policy.changeover import Effect

ELEVENTH = datetime(2022, 11, 11, 4, 0, tzinfo=UTC)
ON = date(2022, 11, 11)
TENTH = ELEVENTH - timedelta(days=1)


def pack_on(day: date) -> Policy:
    return policy_on(day, VILLAGE, "covid-19")


NINTH, TWENTY = pack_on(date(2022, 11, 10)), pack_on(ON)
LINES = order_lines(TWENTY.rules.transition)


@pytest.mark.parametrize(
    ("category", "day", "mode", "since", "action", "new_mode", "ends"),
    [
        pytest.param("close_contact", 5, "centralised", 1, "shorten", "centralised", 8, id="R07 contact on day 5"),
        pytest.param("close_contact", 6, "centralised", 1, "convert", "home_quarantine", 8, id="R07 contact on day 6"),
        pytest.param("close_contact", 7, "centralised", 1, "convert", "home_quarantine", 8, id="R07 contact on day 7"),
        pytest.param("close_contact", 8, "home_monitoring", 8, "shorten", "home_monitoring", 8, id="at home on day 8"),
        pytest.param("close_contact", 9, "home_monitoring", 8, "release", "", 9, id="at home on day 9"),
        pytest.param("secondary_contact", 1, "home_quarantine", 1, "release", "", 1, id="contact of a contact, day 1"),
        pytest.param("spillover_high", 3, "centralised", 1, "change_mode", "home_quarantine", 7, id="left a high area"),
        pytest.param("spillover_medium", 3, "home_quarantine", 1, "release", "", 3, id="left a medium area"),
        pytest.param("inbound", 6, "centralised", 1, "change_mode", "home_quarantine", 8, id="inbound on day 6"),
        pytest.param("post_exit", 5, "home_quarantine", 1, "change_mode", "home_monitoring", 5, id="post, day 5"),
        pytest.param("post_exit", 6, "home_quarantine", 1, "release", "", 6, id="post, day 6"),
        pytest.param("recovered", 4, "home_monitoring", 1, "keep", "home_monitoring", 7, id="discharged: unchanged"),
    ],
)
def test_R07_on_the_eleventh_of_november_each_category_becomes_what_the_twenty_say(
    category: str, day: int, mode: str, since: int, action: str, new_mode: str, ends: int
) -> None:
    anchor = ON - timedelta(days=day)
    lengths = {each.category: each.ends for each in stretches_of(NINTH.rules)}
    order = OpenOrder(
        category, anchor, anchor + timedelta(days=lengths[category]), mode, anchor + timedelta(days=since)
    )
    found = convert(order, stretches_of(TWENTY.rules), LINES, ON)
    assert (found.action, found.mode, found.ends_on) == (action, new_mode, anchor + timedelta(days=ends))
    assert found.needs_human == (action == "convert")


@pytest.mark.parametrize(
    ("day", "mode", "action", "ends"),
    [
        pytest.param(3, "centralised", "change_mode", 5, id="DC10 at the site on day 3: home until day 5"),
        pytest.param(5, "centralised", "change_mode", 5, id="DC10 at the site on day 5: home for the last day"),
        pytest.param(6, "home_quarantine", "release", 6, id="DC10 past day 5: free"),
    ],
)
def test_the_ten_measures_send_contacts_home_for_five_days(day: int, mode: str, action: str, ends: int) -> None:
    ten = pack_on(date(2022, 12, 7))
    on = date(2022, 12, 7)
    anchor = on - timedelta(days=day)
    order = OpenOrder("close_contact", anchor, anchor + timedelta(days=8), mode, anchor + timedelta(days=1))
    found = convert(order, stretches_of(ten.rules), order_lines(ten.rules.transition), on)
    assert (found.action, found.ends_on) == (action, anchor + timedelta(days=ends))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(date(2022, 6, 27), date(2022, 6, 28), id="8th to 9th edition"),
        pytest.param(date(2022, 11, 10), date(2022, 11, 11), id="9th edition to the Twenty"),
        pytest.param(date(2022, 12, 6), date(2022, 12, 7), id="the Twenty to the Ten"),
        pytest.param(date(2023, 1, 7), date(2023, 1, 8), id="the Ten to class B"),
    ],
)
def test_the_rule_and_its_twin_in_sql_agree_on_a_hundred_thousand_orders(db: None, before: date, after: date) -> None:
    old, new = pack_on(before), pack_on(after)
    at = datetime(after.year, after.month, after.day, 4, 0, tzinfo=UTC)
    stretches, lines = stretches_of(new.rules), order_lines(new.rules.transition)
    with acting(system("tests")), connection.cursor() as cursor:
        generate(25_000, before=old, at=at, on=after)
        # The planner knows nothing yet of rows of this transaction, and takes the tables for empty.
        cursor.execute("SET LOCAL enable_nestloop = off")
        cursor.execute(
            "SELECT d.category, d.anchor_on, d.ends_on, d.mode, p.starts_on, d.action, d.mode_after, d.ends_on_after, "
            f"d.rule, d.needs_human FROM ({dispositions(new, at, after)}) d "
            "JOIN isolation_phase p ON p.order_id = d.id AND p.number = d.phase"
        )
        rows = cursor.fetchall()
    assert len(rows) == 25_000
    for category, anchor_on, ends_on, mode, starts_on, *twin in rows:
        rule = convert(OpenOrder(category, anchor_on, ends_on, mode, starts_on), stretches, lines, after)
        assert [rule.action, rule.mode, rule.ends_on, rule.rule, rule.needs_human] == twin


def test_the_dry_run_says_what_the_doing_then_does(province_commander: Actor) -> None:
    with acting(system("tests")):
        generate(2_000, before=NINTH, at=ELEVENTH, on=ON)
    with acting(province_commander):
        foretold = dry_run(NINTH, TWENTY, ELEVENTH, by=province_commander)
        rooms = rehearse(NINTH, TWENTY, ELEVENTH, by=province_commander).rooms
        released = listed(NINTH, TWENTY, ELEVENTH, "order.released", by=province_commander, limit=3_000)
    done = apply(NINTH, TWENTY, ELEVENTH, by=province_commander, now=ELEVENTH, batch=300)
    assert [each for each in foretold if each.kind.startswith("order.")] == done
    (converted,) = [each for each in done if each.kind == "order.converted" and each.needs_human]
    assert converted.count > 0
    with acting(province_commander):
        assert len(released) == Order.objects.filter(end_cause="policy_change").count() > 0
        assert rooms[0][0] == ON
        assert not Order.objects.filter(state="signed", category="secondary_contact").exists()
        at_sites = Phase.objects.filter(order__state="signed", mode="centralised", ends_on__gte=ON)
        assert all((phase.ends_on - phase.order.anchor_on).days <= 5 for phase in at_sites.select_related("order"))


def test_every_order_keeps_phases_without_gap_or_overlap_to_its_last_day(province_commander: Actor) -> None:
    with acting(system("tests")):
        generate(1_000, before=NINTH, at=ELEVENTH, on=ON)
    apply(NINTH, TWENTY, ELEVENTH, by=province_commander, now=ELEVENTH, batch=400)
    with acting(province_commander):
        for order in Order.objects.filter(state="signed").prefetch_related("phases"):
            phases = sorted(order.phases.all(), key=lambda phase: phase.number)
            assert phases[-1].ends_on == order.ends_on
            for one, other in pairwise(phases):
                assert other.starts_on - one.ends_on == timedelta(days=1)
            assert all(phase.starts_on <= day <= phase.ends_on for phase in phases for day in phase.tests_on)


def test_a_stricter_mode_that_waits_for_its_second_officer_does_not_outlive_a_changeover(
    province_commander: Actor,
) -> None:
    with acting(system("tests")):
        generate(200, before=NINTH, at=ELEVENTH, on=ON)
        for order in Order.objects.filter(state="signed"):
            Change.objects.create(
                area=order.area,
                order=order,
                mode="centralised",
                reason="care_needed",
                asked_by=1,
                asked_label="somebody",
                asked_at=TENTH,
            )
    apply(NINTH, TWENTY, ELEVENTH, by=province_commander, now=ELEVENTH)
    with acting(province_commander):
        changed = steps_of(province_commander, Changeover.objects.get()).values("order")
        assert {"ended", "signed"} == set(Order.objects.filter(pk__in=changed).values_list("state", flat=True))
        assert not Change.objects.filter(order__in=changed, decided_at=None).exists()
        assert not Change.objects.filter(order__in=changed).exclude(signed=False).exists()


def test_a_changeover_cut_off_goes_on_where_it_stood_and_tells_each_order_once(
    province_commander: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dayclear.isolation import changeover

    with acting(system("tests")):
        generate(600, before=NINTH, at=ELEVENTH, on=ON)
    real, calls = convert_batch, []

    def cut_off(*args: object, **more: object) -> bool:
        calls.append(1)
        if len(calls) == 3:
            raise RuntimeError("the machine went down")
        return real(*args, **more)  # type: ignore[arg-type]  # passed on as they came

    monkeypatch.setattr(changeover, "convert_batch", cut_off)
    with pytest.raises(RuntimeError):
        apply(NINTH, TWENTY, ELEVENTH, by=province_commander, now=ELEVENTH, batch=100)
    with acting(province_commander):
        half = Changeover.objects.get()
        assert (half.done_at, sum(each.count for each in effects_of(half)) > 0) == (None, True)
    done = apply(NINTH, TWENTY, ELEVENTH, by=province_commander, now=ELEVENTH, batch=100)
    again = apply(NINTH, TWENTY, ELEVENTH, by=province_commander, now=ELEVENTH, batch=100)
    assert again == done
    with acting(province_commander):
        steps = steps_of(province_commander, half)
        told = Event.objects.filter(kind="isolation.order_changed_over")
        assert steps.count() == told.count() == sum(each.count for each in done)
        assert told.values("subject").distinct().count() == told.count()


def test_undoing_restricts_nobody_and_proposes_those_the_earlier_pack_would_hold(county_officer: Actor) -> None:
    with acting(county_officer):
        contact = signed(county_officer, TENTH, days=1, name="李四")
        second = signed(county_officer, TENTH, days=1, name="张三", category="secondary_contact")
    apply(NINTH, TWENTY, ELEVENTH, by=county_officer, now=ELEVENTH)
    with acting(county_officer):
        assert Order.objects.get(pk=second).state == "ended"
        assert Order.objects.get(pk=contact).ends_on == date(2022, 11, 17)
        kinds = set(Event.objects.filter(subject=subject_of(contact)).values_list("kind", flat=True))
        assert "isolation.order_changed_over" in kinds
    # The day turns out wrong and the ninth edition still rules: undone at an instant of its own time.
    assert undo(NINTH, TWENTY, ELEVENTH, by=county_officer, now=TENTH + timedelta(hours=1)) == [
        Effect("order.proposed_anew", 2, needs_human=True)
    ]
    with acting(county_officer):
        assert Order.objects.filter(state="signed").count() == 1
        assert Order.objects.filter(state="proposed").count() == 2
    with pytest.raises(Refused, match="changeover_undone"):
        undo(NINTH, TWENTY, ELEVENTH, by=county_officer, now=TENTH + timedelta(hours=2))


def test_undoing_while_the_new_pack_rules_brings_back_nobody(county_officer: Actor) -> None:
    with acting(county_officer):
        signed(county_officer, TENTH, days=1, name="李四")
        signed(county_officer, TENTH, days=1, name="张三", category="secondary_contact")
    apply(NINTH, TWENTY, ELEVENTH, by=county_officer, now=ELEVENTH)
    hour_later = ELEVENTH + timedelta(hours=1)
    effects = undo(NINTH, TWENTY, ELEVENTH, by=county_officer, now=hour_later)
    assert effects == [Effect("order.proposed_anew", 0, needs_human=True)]
    with acting(county_officer):
        assert not Order.objects.filter(state="proposed").exists()
        answer = Changeover.objects.get(undoes__isnull=False)
        assert (answer.before, answer.after) == (TWENTY.version, TWENTY.version)


def test_a_pack_is_not_applied_before_it_is_in_force(county_officer: Actor) -> None:
    with pytest.raises(Refused, match="pack_not_in_force"):
        apply(NINTH, TWENTY, TENTH, by=county_officer, now=ELEVENTH)
    with pytest.raises(Refused, match="pack_not_in_force"):
        apply(NINTH, TWENTY, ELEVENTH, by=county_officer, now=TENTH)


def test_a_person_confirms_the_end_that_a_conversion_set_and_nothing_waits_for_it(county_officer: Actor) -> None:
    with acting(county_officer):
        contact = signed(county_officer, TENTH, days=5)
    apply(NINTH, TWENTY, ELEVENTH, by=county_officer, now=ELEVENTH)
    with acting(county_officer):
        order = Order.objects.get(pk=contact)
        assert (order.ends_on, order.to_confirm) == (date(2022, 11, 13), True)
        confirm_end(contact, by=county_officer, now=ELEVENTH)
        with pytest.raises(Refused, match="nothing_to_confirm"):
            confirm_end(contact, by=county_officer, now=ELEVENTH)
