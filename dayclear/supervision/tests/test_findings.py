"""Nightly looks, complaints, refused lists: findings with an owner and a clock, one a thing and prohibition."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from dayclear.areas.commands import MeasureOrder, end_measure, impose_measure, propose_steps, record_round, step_down
from dayclear.areas.models import Measure
from dayclear.areas.tests.acts import at, drawn
from dayclear.cases.commands import CaseRecord, register_case
from dayclear.cases.rules import CaseDays
from dayclear.foundation.actors import Actor, system
from dayclear.foundation.deadlines import open_deadlines
from dayclear.foundation.decisions import Refused
from dayclear.foundation.models import Event
from dayclear.foundation.rules import Role
from dayclear.foundation.scope import acting
from dayclear.isolation.commands import Proposal, propose_list, propose_order, release_order, sign_order
from dayclear.isolation.tests.exposures import exposed, signed, someone
from dayclear.isolation.tests.many_orders import generate
from dayclear.people.commands import PersonRecord
from dayclear.policy.calendar import policy_on
from dayclear.supervision.commands import (
    ComplaintIn,
    answer_finding,
    close_finding,
    recheck_finding,
    rectify_finding,
    sweep_everything,
    take_complaint,
)
from dayclear.supervision.models import Complaint, Finding
from dayclear.supervision.queries import complaint_by_code, contact_of, today
from dayclear.supervision.reactions import open_finding_for_list
from dayclear.supervision.sightings import orders_behind

COUNTY = 610113 * 10**12
PREFECTURE = 6101 * 10**14
VILLAGE = 610113001001 * 10**6
BEFORE = at(2022, 11, 10)
AFTER = at(2022, 11, 11)
GUARD = system("guard")


@pytest.fixture
def commander(make_actor: Callable[[str, Role, int], Actor]) -> Actor:
    return make_actor("prefecture-commander", Role.COMMANDER, PREFECTURE)


def swept(now: datetime) -> Any:
    with acting(GUARD):
        return sweep_everything(by=GUARD, now=now)


def test_what_stands_inside_the_pack_gives_no_finding(county_officer: Actor) -> None:
    with acting(county_officer):
        signed(county_officer, BEFORE, days=2)
    assert swept(BEFORE).opened == 0


def test_F4_Hebei_the_twenty_make_yesterdays_orders_unlawful_overnight(county_officer: Actor) -> None:
    """Nobody carried the changeover out; the guard says which orders the new pack does not bear."""
    with acting(county_officer):
        second = signed(county_officer, BEFORE, days=2, name="李四", category="secondary_contact")
        close = signed(county_officer, BEFORE, days=2)
    assert swept(BEFORE).opened == 0
    swept(AFTER)
    with acting(county_officer):
        found = {(row.subject, row.predicate): row for row in Finding.objects.filter(side="over")}
        assert set(found) == {(f"isolation.order:{second}", "OG-11"), (f"isolation.order:{close}", "OG-05")}
        long = found[f"isolation.order:{close}", "OG-05"]
        assert (long.limit, long.facts["latest"], long.owner) == ("8", "2022-11-16", COUNTY)
        assert long.policy.startswith("cn-covid-9e+20@")
        assert long.source == "cn-nine-prohibitions § Prohibition 5 [O] C65"
        clock = open_deadlines(county_officer).get(subject=f"supervision.finding:{long.pk}")
        assert (clock.kind, clock.accountable, clock.due_at) == (
            "supervision.answer",
            COUNTY,
            AFTER + timedelta(hours=24),
        )


def test_played_twice_the_night_finds_nothing_new_and_what_is_gone_is_closed(county_officer: Actor) -> None:
    with acting(county_officer):
        order = signed(county_officer, BEFORE, days=2, category="secondary_contact")
    assert (swept(AFTER).opened > 0, swept(AFTER).opened) == (True, 0)
    with acting(county_officer):
        release_order(order, reason="the category is gone", by=county_officer, now=AFTER + timedelta(hours=1))
    night = swept(AFTER + timedelta(hours=2))
    with acting(county_officer):
        row = Finding.objects.get(predicate="OG-11")
        assert (row.state, row.close_cause, row.rechecked_label) == ("closed", "facts_gone", "system:guard")
        assert not open_deadlines(county_officer).filter(subject=f"supervision.finding:{row.pk}").exists()
    assert night.gone >= 1


def test_many_orders_of_a_county_with_one_cause_are_one_finding_with_the_list_behind_it(places: None) -> None:
    with acting(GUARD):
        generate(900, before=policy_on(BEFORE.date(), COUNTY, "covid-19"), at=AFTER, on=AFTER.date())
    swept(AFTER)
    with acting(GUARD):
        row = Finding.objects.get(predicate="OG-11", about="covid-19/secondary_contact")
        assert row.subject == f"isolation.orders:{COUNTY}"
        said = {"county": COUNTY, "disease": "covid-19", "category": "secondary_contact", "rule": "OG-11"}
        ids = orders_behind(GUARD, **said, now=AFTER, limit=1000)  # type: ignore[arg-type]  # one dict
        assert row.facts["orders"] == len(ids) > 20
        assert orders_behind(GUARD, **said, now=AFTER, after=ids[9], limit=5) == ids[10:15]  # type: ignore[arg-type]


def test_an_area_held_past_both_conditions_is_found_and_gone_when_the_step_is_signed(
    county_officer: Actor, commander: Actor
) -> None:
    now = at(2022, 11, 15)
    area = drawn(county_officer, commander, now)
    eligible = at(2022, 11, 20, 0)
    with acting(county_officer):
        record_round(area, date(2022, 11, 19), due=9, tested=9, positive=0, by=county_officer, now=at(2022, 11, 19))
    swept(eligible - timedelta(seconds=1))
    with acting(GUARD):
        assert not Finding.objects.filter(subject=f"areas.area:{area}").exists()
        propose_steps(by=GUARD, now=eligible)
    swept(eligible)
    with acting(commander):
        row = Finding.objects.get(subject=f"areas.area:{area}")
        assert (row.predicate, row.limit, row.owner) == ("OG-03", "5", PREFECTURE)
        step_down(area, by=commander, now=eligible + timedelta(hours=1))
    swept(eligible + timedelta(hours=2))
    with acting(commander):
        assert Finding.objects.get(pk=row.pk).close_cause == "facts_gone"


def test_OG_12_the_night_finds_the_round_too_many_of_a_day(commander: Actor) -> None:
    """The ninth edition set no number; the Twenty allow one round a day, and whoever ordered two knew it or not."""
    with acting(commander):
        days = CaseDays(reported_on=date(2022, 11, 10))
        case = CaseRecord(area=0, person_id=0, disease="covid-19", number="", days=days, classification="confirmed")
        register_case(PersonRecord(area=VILLAGE, name="张三"), case, by=commander, now=BEFORE)
        first, second = (
            impose_measure(
                MeasureOrder(
                    place=VILLAGE,
                    disease="covid-19",
                    kind="mass_test_round",
                    scope="everybody",
                    basis="prefecture order",
                    starts_at=AFTER + timedelta(hours=hours),
                    ends_at=AFTER + timedelta(days=1),
                    review_on=date(2022, 11, 11),
                ),
                by=commander,
                now=BEFORE,
            )
            for hours in (1, 8)
        )
    assert swept(BEFORE).opened == 0
    swept(AFTER)
    with acting(commander):
        row = Finding.objects.get(predicate="OG-12")
        assert (row.subject, row.limit) == (f"areas.measure:{second}", "1")
        end_measure(first, by=commander, now=AFTER)
    swept(AFTER + timedelta(hours=1))
    with acting(commander):
        assert Finding.objects.get(pk=row.pk).close_cause == "facts_gone"


def test_F1_Youyang_stopping_everybody_is_registered_and_looked_at(commander: Actor) -> None:
    now = at(2022, 11, 23)
    # 逢车必查、逢人必验: approved and dated, and at will all the same.
    order = MeasureOrder(
        place=VILLAGE,
        disease="covid-19",
        kind="checkpoint_regime",
        scope="every vehicle, every person",
        basis="county notice",
        starts_at=now,
        ends_at=now + timedelta(days=3),
        review_on=date(2022, 11, 24),
        stops_all=True,
    )
    with acting(commander):
        measure = impose_measure(order, by=commander, now=now)
    swept(now)
    with acting(commander):
        row = Finding.objects.get(subject=f"areas.measure:{measure}")
        assert (row.predicate, row.review, row.owner) == ("OG-08", True, PREFECTURE)
        assert today(commander, now=now).to_look_at == 1


def test_OG_12_a_mass_test_that_goes_on_where_no_outbreak_is_left_is_found(commander: Actor) -> None:
    now = at(2022, 7, 5)
    # Under the ninth edition a round without an outbreak was not forbidden yet; under the Twenty it is.
    order = MeasureOrder(
        place=VILLAGE,
        disease="covid-19",
        kind="mass_test_round",
        scope="everybody, every other day",
        basis="county notice",
        starts_at=now,
        ends_at=at(2022, 12, 1),
        review_on=date(2022, 11, 24),
    )
    with acting(commander):
        measure = impose_measure(order, by=commander, now=now)
    for night, count in ((BEFORE, 0), (AFTER, 1)):
        swept(night)
        with acting(commander):
            found = Finding.objects.filter(subject=f"areas.measure:{measure}", predicate="OG-12")
            assert found.count() == count


@pytest.mark.parametrize(
    ("lacks", "code"),
    [
        pytest.param({"ends_at": None}, "OG-08", id="F8 Loudi: no end"),
        pytest.param({"ends_at": None, "stops_all": True}, "OG-08", id="F8 Zhuzhou: sealed for all, no end"),
    ],
)
def test_F8_access_control_without_an_end_is_refused(commander: Actor, lacks: dict[str, Any], code: str) -> None:
    now = at(2022, 7, 5)
    given: dict[str, Any] = {
        "place": VILLAGE,
        "disease": "covid-19",
        "kind": "checkpoint_regime",
        "scope": "a daily pass",
        "basis": "county notice",
        "starts_at": now,
        "ends_at": now + timedelta(days=1),
        "review_on": date(2022, 7, 6),
    }
    with acting(commander):
        with pytest.raises(Refused, match=code):
            impose_measure(MeasureOrder(**{**given, **lacks}), by=commander, now=now)
        assert not Measure.objects.exists()


def test_F8_access_control_needs_somebody_who_may_approve_it(county_officer: Actor) -> None:
    now = at(2022, 7, 5)
    order = MeasureOrder(
        VILLAGE, "covid-19", "checkpoint_regime", "a pass", "a notice", now, now + timedelta(days=1), None
    )
    with acting(county_officer), pytest.raises(Refused, match="right_missing"):
        impose_measure(order, by=county_officer, now=now)


def test_F2_Zhengzhou_the_list_of_bank_depositors_is_refused_and_becomes_a_finding(county_officer: Actor) -> None:
    now = at(2022, 6, 13)
    with acting(county_officer):
        people = [someone(county_officer, now, f"Person {n}") for n in range(3)]
        wanted = [Proposal(each, "covid-19", "close_contact", date(2022, 6, 12), {"kind": "list"}) for each in people]
        outcome = propose_list(wanted, purpose="bank_depositors", title="depositors", by=county_officer, now=now)
        assert not outcome.decision.allowed
        event = Event.objects.get(kind="isolation.list_held")
    with acting(GUARD):
        open_finding_for_list(event)
        open_finding_for_list(event)
    with acting(county_officer):
        row = Finding.objects.get(predicate="OG-20")
        assert (row.subject, row.owner, row.facts["people"]) == (f"isolation.list:{outcome.held}", COUNTY, 3)
        assert (
            Event.objects.filter(kind="supervision.finding_opened", subject=f"supervision.finding:{row.pk}").count()
            == 1
        )


def test_OG_02_an_order_for_having_been_in_a_low_risk_area_is_refused(county_officer: Actor) -> None:
    now = at(2022, 7, 5)
    with acting(county_officer):
        person = someone(county_officer, now)
        evidence = {"kind": "departure", "area": 7, "level": "low", "on": "2022-07-04"}
        wanted = Proposal(person, "covid-19", "spillover_high", date(2022, 7, 4), evidence)
        with pytest.raises(Refused, match="OG-02"):
            propose_order(wanted, by=county_officer, now=now)


def test_OG_13_days_already_served_are_not_asked_again(county_officer: Actor) -> None:
    now = at(2022, 11, 15)
    with acting(county_officer):
        person = someone(county_officer, now)
        evidence = {"kind": "arrival", "journey": "flight", "on": "2022-11-10"}
        wanted = Proposal(person, "covid-19", "inbound", date(2022, 11, 14), evidence)
        with pytest.raises(Refused, match="OG-13"):
            propose_order(wanted, by=county_officer, now=now)


def test_what_was_lawful_when_proposed_is_judged_anew_when_signed(county_officer: Actor) -> None:
    with acting(county_officer):
        wanted = exposed(someone(county_officer, BEFORE), BEFORE.date(), "secondary_contact")
        order = propose_order(wanted, by=county_officer, now=BEFORE)
        with pytest.raises(Refused, match="category_not_in_pack") as refused:
            sign_order(order, by=county_officer, now=AFTER)
    assert refused.value.decision.reasons[0].params["prohibition"] == "OG-11"


# ------------------------------------------------------------------------------------------------- how it goes on


@pytest.fixture
def finding(county_officer: Actor) -> int:
    with acting(county_officer):
        signed(county_officer, BEFORE, days=2, category="secondary_contact")
    swept(AFTER)
    with acting(county_officer):
        return Finding.objects.get(predicate="OG-11").pk


def test_a_finding_goes_from_answer_to_remedy_to_another_s_check_to_its_end(
    finding: int, county_officer: Actor, commander: Actor
) -> None:
    with acting(county_officer):
        answer_finding(finding, "we release them", contested=False, by=county_officer, now=AFTER)
        rectify_finding(finding, "released", by=county_officer, now=AFTER + timedelta(hours=1))
        with pytest.raises(Refused, match="right_missing"):
            recheck_finding(finding, put_right=True, by=county_officer, now=AFTER + timedelta(hours=2))
    with acting(commander):
        recheck_finding(finding, put_right=True, by=commander, now=AFTER + timedelta(hours=2))
        close_finding(finding, "put_right", "seen on the list", by=commander, now=AFTER + timedelta(hours=3))
        row = Finding.objects.get(pk=finding)
        assert (row.state, row.close_cause, row.answered_label) == ("closed", "put_right", "county-officer")
        kinds = list(
            Event.objects.filter(subject=f"supervision.finding:{finding}").order_by("number").values_list("kind")
        )
    assert [kind.rpartition("_")[2] for (kind,) in kinds] == ["opened", "answered", "rectified", "rechecked", "closed"]


def test_what_is_said_to_be_put_right_and_is_not_is_open_again_the_next_night(
    finding: int, county_officer: Actor
) -> None:
    with acting(county_officer):
        rectify_finding(finding, "will be done", by=county_officer, now=AFTER)
    assert swept(AFTER + timedelta(days=1)).reopened == 1
    with acting(county_officer):
        row = Finding.objects.get(pk=finding)
        assert (row.state, row.due_at, row.rectified_at) == ("open", AFTER + timedelta(days=2), None)


def test_a_check_that_finds_it_unchanged_opens_it_again(finding: int, county_officer: Actor, commander: Actor) -> None:
    with acting(county_officer):
        rectify_finding(finding, "done", by=county_officer, now=AFTER)
    with acting(commander):
        recheck_finding(finding, put_right=False, by=commander, now=AFTER + timedelta(hours=1))
        assert Finding.objects.get(pk=finding).state == "open"
        assert open_deadlines(commander).get(subject=f"supervision.finding:{finding}").kind == "supervision.answer"


def test_somebody_who_looked_before_it_changed_is_told_so(finding: int, county_officer: Actor) -> None:
    with acting(county_officer):
        answer_finding(finding, "yes", contested=False, by=county_officer, now=AFTER, seen=1)
        with pytest.raises(Refused, match="changed_meanwhile"):
            rectify_finding(finding, "done", by=county_officer, now=AFTER, seen=1)


def test_the_database_holds_one_open_finding_for_a_thing_and_a_prohibition(finding: int) -> None:
    with acting(GUARD):
        row = Finding.objects.get(pk=finding)
        row.pk = None
        with pytest.raises(IntegrityError, match="finding_open_once"), transaction.atomic():
            row.save(force_insert=True)


@pytest.mark.usefixtures("committed")
def test_two_nightly_runs_at_once_open_each_finding_once() -> None:
    by = system("tests")
    with acting(by):
        generate(60, before=policy_on(BEFORE.date(), COUNTY, "covid-19"), at=AFTER, on=AFTER.date())
    errors: list[BaseException] = []
    gate = threading.Barrier(2)

    def run() -> None:
        try:
            gate.wait()
            swept(AFTER)
        except BaseException as wrong:
            errors.append(wrong)
        finally:
            connection.close()

    runs = [threading.Thread(target=run) for _ in range(2)]
    for each in runs:
        each.start()
    for each in runs:
        each.join()
    assert not errors
    with acting(GUARD):
        findings = Finding.objects.count()
        assert findings > 5
        assert Event.objects.filter(kind="supervision.finding_opened").count() == findings


# ---------------------------------------------------------------------------------------------- complaints, slackness


def complaint(**said: Any) -> ComplaintIn:
    given: dict[str, Any] = {
        "place": VILLAGE,
        "predicate": "OG-17",
        "text": "the unit door is welded shut",
        "means": "phone",
        "contact": "13800000000",
    }
    return ComplaintIn(**{**given, **said})


def test_a_complaint_is_tied_to_a_prohibition_and_followed_up_by_its_code(
    village_worker: Actor, county_officer: Actor
) -> None:
    now = at(2022, 12, 8)
    with acting(village_worker):
        first = take_complaint(complaint(), by=village_worker, now=now)
        second = take_complaint(complaint(text="the fire exit too", contact=""), by=village_worker, now=now)
    assert first.finding == second.finding
    assert first.code != second.code
    with acting(county_officer):
        row = Finding.objects.get(pk=first.finding)
        assert (row.predicate, row.origin, row.owner, row.review) == ("OG-17", "complaint", COUNTY, True)
        found = complaint_by_code(county_officer, f" {first.code[:5].lower()} {first.code[5:]} ")
        assert found is not None
        assert (found.pk, contact_of(found)) == (first.id, "13800000000")
        assert complaint_by_code(county_officer, "2222222222") is None
        sealed = Complaint.objects.get(pk=first.id).contact_sealed
        assert b"138" not in bytes(sealed or b"")
        assert "welded" not in str(list(Event.objects.filter(kind__startswith="supervision.").values_list("payload")))
    swept(now)
    with acting(county_officer):
        assert Finding.objects.get(pk=first.finding).state == "open", "the night does not close what people said"


@pytest.mark.parametrize(
    ("said", "code"),
    [
        pytest.param({"text": "  "}, "complaint_missing", id="nothing said"),
        pytest.param({"predicate": "OG-99"}, "predicate_unknown", id="no such prohibition"),
        pytest.param({"place": 460105 * 10**12}, "outside_place", id="another province"),
        pytest.param({"means": "smoke"}, "unknown_means", id="no such means"),
    ],
)
def test_a_complaint_that_cannot_be_followed_is_refused(village_worker: Actor, said: dict[str, Any], code: str) -> None:
    with acting(village_worker), pytest.raises(Refused, match=code):
        take_complaint(complaint(**said), by=village_worker, now=AFTER)


def test_what_is_owed_and_not_done_is_found_too(county_officer: Actor) -> None:
    with acting(county_officer):
        signed(county_officer, BEFORE, days=2)
    later = BEFORE + timedelta(hours=30)
    swept(later)
    with acting(county_officer):
        row = Finding.objects.get(side="slack", predicate="gap.order_without_check")
        assert (row.owner, row.facts["count"]) == (COUNTY, 1)
        found = today(county_officer, now=later)
        assert (found.stricter, found.slack) == (
            Finding.objects.filter(side="over").count(),
            Finding.objects.filter(side="slack").count(),
        )


def test_the_village_worker_sees_no_findings(village_worker: Actor) -> None:
    with acting(village_worker), pytest.raises(Refused, match="right_missing"):
        today(village_worker, now=AFTER)


def test_another_county_s_findings_are_not_seen(finding: int, make_actor: Callable[[str, Role, int], Actor]) -> None:
    neighbour = make_actor("neighbour", Role.OFFICER, 610103 * 10**12)
    with acting(neighbour):
        assert today(neighbour, now=AFTER).stricter == 0
        with pytest.raises(Refused, match="not_found"):
            answer_finding(finding, "not mine", contested=False, by=neighbour, now=AFTER)
