"""The limits that law and rights set to orders (policy reference D), each by its number."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from dayclear.foundation.actors import Actor, system
from dayclear.foundation.deadlines import clock_of
from dayclear.foundation.decisions import Refused
from dayclear.foundation.models import Event
from dayclear.foundation.rules import Role
from dayclear.foundation.scope import acting
from dayclear.isolation import models
from dayclear.isolation.commands import (
    Proposal,
    ask_override,
    change_mode,
    confirm_override,
    correct_exposure,
    decide_appeal,
    deliver_notice,
    file_appeal,
    meet_need,
    open_need,
    permit_emergency,
    propose_list,
    propose_order,
    propose_orders,
    record_emergency,
    record_test,
    sign_order,
    subject_of,
    withdraw_evidence,
)
from dayclear.isolation.commands.appeals import APPEAL
from dayclear.isolation.commands.care import EMERGENCY_RECORD, SUPPORT
from dayclear.isolation.models import Order
from dayclear.isolation.queries import status_of
from dayclear.isolation.rules.signing import Signing, may_sign
from dayclear.isolation.tests.exposures import VILLAGE, exposed, signed, someone

JULY = datetime(2022, 7, 2, 4, 0, tzinfo=UTC)
EXPOSED = date(2022, 7, 1)
WHOLE: dict[str, Any] = {
    "rule": "categories.close_contact",
    "evidence": {"kind": "contact", "contact": 1, "on": "2022-07-01"},
    "category_in_pack": True,
    "anchor_on": EXPOSED,
    "starts_on": date(2022, 7, 2),
    "ends_on": date(2022, 7, 11),
    "latest_on": date(2022, 7, 11),
    "today": date(2022, 7, 2),
    "level": 3,
    "authority": 3,
    "mode": "centralised",
    "least": "centralised",
    "offered": ("centralised",),
    "signer": 7,
}


@pytest.mark.parametrize(
    ("change", "codes"),
    [
        pytest.param({}, (), id="R01 whole"),
        pytest.param({"rule": ""}, ("rule_missing",), id="R01 without a rule"),
        pytest.param({"evidence": {}}, ("evidence_missing",), id="R01 without evidence"),
        pytest.param({"evidence": {"kind": "list", "on": "2022-07-01"}}, ("evidence_missing",), id="R01 a list"),
        pytest.param({"level": 4}, ("authority_missing",), id="R01 a township signs for a county"),
        pytest.param({"signer": None}, ("authority_missing",), id="R10 nobody in person"),
        pytest.param({"starts_on": None}, ("start_missing",), id="R01 without a start"),
        pytest.param({"ends_on": None}, ("end_missing",), id="R02 without an end"),
        pytest.param({"ends_on": date(2022, 7, 12)}, ("end_beyond_pack",), id="R02 a day beyond the pack"),
        pytest.param({"category_in_pack": False}, ("category_not_in_pack",), id="R01 a category the pack removed"),
        pytest.param({"anchor_on": date(2022, 7, 3)}, ("exposure_in_future",), id="R01 exposed tomorrow"),
        pytest.param({"mode": "isolation"}, ("mode_not_offered",), id="R05 a mode the pack does not offer"),
        pytest.param(
            {"least": "home_quarantine", "offered": ("home_quarantine", "centralised")},
            ("stricter_reason_missing",),
            id="R05 stricter without a reason",
        ),
        pytest.param(
            {
                "least": "home_quarantine",
                "offered": ("home_quarantine", "centralised"),
                "stricter_reason": "left_home",
                "chosen_by": 7,
            },
            ("second_person_missing",),
            id="R05 stricter by one alone",
        ),
        pytest.param({"person_alive": False}, ("person_died",), id="R01 the person has died"),
        pytest.param({"person_merged": True}, ("person_merged",), id="R01 the record was merged"),
    ],
)
def test_R01_R02_R05_R10_an_order_binds_only_when_nothing_is_missing(
    change: dict[str, Any], codes: tuple[str, ...]
) -> None:
    assert may_sign(Signing(**{**WHOLE, **change})).codes == codes


@pytest.mark.parametrize(
    "missing", ["rule", "evidence", "authority", "starts_at", "ends_on", "ends_at", "signed_by", "signed_at"]
)
def test_R01_the_database_refuses_an_order_without_one_of_the_five(county_officer: Actor, missing: str) -> None:
    with acting(county_officer):
        order = signed(county_officer, JULY)
        nothing: Any = {"rule": "", "evidence": {}}.get(missing)
        with pytest.raises(IntegrityError), transaction.atomic():
            Order.objects.filter(pk=order).update(**{missing: nothing})
        with pytest.raises(IntegrityError), transaction.atomic():
            Order.objects.filter(pk=order).update(ends_on=date(2022, 7, 12))


def test_R06_new_facts_shorten_at_once_and_lengthen_only_by_a_signature(county_officer: Actor) -> None:
    with acting(county_officer):
        order = signed(county_officer, JULY)
        shorter = correct_exposure(order, anchor_on=date(2022, 6, 29), by=county_officer, now=JULY)
        assert (shorter.action, Order.objects.get(pk=order).ends_on) == ("shorten", date(2022, 7, 9))
        longer = correct_exposure(order, anchor_on=date(2022, 7, 2), by=county_officer, now=JULY)
        assert longer.action == "lengthen"
        assert Order.objects.get(pk=order).ends_on == date(2022, 7, 9)
        assert longer.proposal is not None
        sign_order(longer.proposal, by=county_officer, now=JULY)
        before, after = Order.objects.get(pk=order), Order.objects.get(pk=longer.proposal)
        assert (before.state, before.end_cause) == ("ended", "renewed")
        assert (after.state, after.ends_on) == ("signed", date(2022, 7, 12))


def test_correcting_the_last_day_of_exposure_leaves_the_first_and_the_other_way_round(county_officer: Actor) -> None:
    with acting(county_officer):
        order = signed(county_officer, JULY)
        first = date(2022, 6, 27)
        said = correct_exposure(order, anchor_on=date(2022, 7, 1), first_exposed_on=first, by=county_officer, now=JULY)
        assert Order.objects.get(pk=order).first_exposed_on == first
        event = Event.objects.filter(kind="isolation.order_recomputed").latest("number")
        assert (said.action, event.payload["first_exposed_on"]) == ("keep", [None, "2022-06-27"])
        correct_exposure(order, anchor_on=date(2022, 6, 29), by=county_officer, now=JULY)
        assert Order.objects.get(pk=order).first_exposed_on == first
        correct_exposure(order, anchor_on=date(2022, 6, 26), by=county_officer, now=JULY)
        assert Order.objects.get(pk=order).first_exposed_on == date(2022, 6, 26)


def test_R06_without_an_exposure_the_order_ends(county_officer: Actor) -> None:
    with acting(county_officer):
        order = signed(county_officer, JULY)
        withdraw_evidence(order, reason="the case was elsewhere", by=county_officer, now=JULY)
        assert Order.objects.get(pk=order).end_cause == "evidence_withdrawn"


def test_R08_a_notice_is_handed_over_at_a_time_by_a_means_in_a_language(county_officer: Actor) -> None:
    with acting(county_officer):
        order = signed(county_officer, JULY)
        deliver_notice(order, "order", means="paper", language="zh-hans", by=county_officer, now=JULY)
        told = models.Delivery.objects.get(order=order)
        assert (told.delivered_at, told.means, told.language) == (JULY, "paper", "zh-hans")


def test_R09_another_officer_decides_and_upheld_means_free_in_the_same_moment(
    county_officer: Actor, second_officer: Actor
) -> None:
    with acting(county_officer):
        order = signed(county_officer, JULY)
        appeal = file_appeal(order, ground="I was not there", means="phone", by=county_officer, now=JULY)
        clock = clock_of(county_officer, APPEAL, f"isolation.appeal:{appeal}")
        assert clock is not None
        assert clock.due_at == JULY + timedelta(hours=24)
        with pytest.raises(Refused, match="appeal_same_officer"):
            decide_appeal(appeal, upheld=True, reason="true", by=county_officer, now=JULY)
    with acting(second_officer):
        with pytest.raises(Refused, match="reason_missing"):
            decide_appeal(appeal, upheld=True, reason=" ", by=second_officer, now=JULY)
        decide_appeal(appeal, upheld=True, reason="seen elsewhere", by=second_officer, now=JULY)
        row = Order.objects.get(pk=order)
        assert (row.state, row.end_cause, row.ended_at) == ("ended", "appeal_upheld", JULY)


def test_R10_the_system_proposes_and_never_signs(county_officer: Actor) -> None:
    with acting(system("tests")):
        person = someone(county_officer, JULY)
        order = propose_order(exposed(person, EXPOSED), by=system("tests"), now=JULY)
        with pytest.raises(Refused, match="authority_missing"):
            sign_order(order, by=system("tests"), now=JULY)


def test_R10_a_village_worker_signs_nothing(village_worker: Actor, county_officer: Actor) -> None:
    with acting(county_officer):
        order = propose_order(exposed(someone(county_officer, JULY), EXPOSED), by=county_officer, now=JULY)
    with acting(village_worker), pytest.raises(Refused, match="right_missing"):
        sign_order(order, by=village_worker, now=JULY)


def test_R11_every_decision_keeps_its_inputs_its_rule_and_its_version(county_officer: Actor) -> None:
    with acting(county_officer):
        order = signed(county_officer, JULY)
        event = Event.objects.get(subject=subject_of(order), kind="isolation.order_signed")
        row = Order.objects.get(pk=order)
        assert event.policy == row.policy
        assert row.policy.startswith("cn-covid-9e@")
        assert event.facts["anchor_on"] == "2022-07-01"
        assert event.payload["ends_on"] == "2022-07-11"


def test_R12_F2_the_list_of_bank_depositors_is_refused_and_reported(county_officer: Actor) -> None:
    with acting(county_officer):
        people = [someone(county_officer, JULY, f"Person {number}") for number in range(30)]
        rows = [Proposal(person, "covid-19", "close_contact", EXPOSED, {"kind": "list"}) for person in people]
        outcome = propose_list(rows, purpose="bank_depositors", title="储户名单", by=county_officer, now=JULY)
        assert outcome.decision.codes[0] == "purpose_not_epidemic"
        assert outcome.proposed is None
        assert Order.objects.count() == 0
        assert outcome.held is not None
        held = models.HeldList.objects.get(pk=outcome.held)
        assert (held.people, held.purpose) == (30, "bank_depositors")
        assert Event.objects.filter(kind="isolation.list_held").count() == 1


def test_R12_a_status_by_hand_needs_a_listed_reason_evidence_two_persons_and_ends_in_a_day(
    county_officer: Actor, second_officer: Actor
) -> None:
    with acting(county_officer):
        person = someone(county_officer, JULY)
        day = JULY + timedelta(hours=24)
        for reason, evidence, until, code in (
            ("petition", "A1", day, "purpose_not_epidemic"),
            ("data_error", " ", day, "evidence_missing"),
            ("data_error", "A1", day + timedelta(minutes=1), "override_too_long"),
        ):
            with pytest.raises(Refused, match=code):
                ask_override(
                    person, "yellow", reason=reason, evidence=evidence, expires_at=until, by=county_officer, now=JULY
                )
        with pytest.raises(Refused, match="override_restricts"):
            ask_override(person, "red", reason="data_error", evidence="A1", expires_at=day, by=county_officer, now=JULY)
        asked = ask_override(
            person, "yellow", reason="data_error", evidence="A1", expires_at=day, by=county_officer, now=JULY
        )
        with pytest.raises(Refused, match="second_person_missing"):
            confirm_override(asked, by=county_officer, now=JULY)
    with acting(second_officer):
        assert status_of(second_officer, person, now=JULY) == "green"
        confirm_override(asked, by=second_officer, now=JULY)
        assert status_of(second_officer, person, now=JULY) == "yellow"
        assert status_of(second_officer, person, now=day) == "green"


@pytest.mark.parametrize(
    ("people", "codes"),
    [
        pytest.param(1, (), id="R13 one: refused by itself, not as a list"),
        pytest.param(21, ("bulk_without_exposure", "whole_locality"), id="R13 one more than the most"),
    ],
)
def test_R13_a_list_without_exposures_of_its_own_is_held_for_review(
    county_officer: Actor, people: int, codes: tuple[str, ...]
) -> None:
    with acting(county_officer):
        rows = [
            Proposal(
                someone(county_officer, JULY, f"Person {number}"),
                "covid-19",
                "close_contact",
                EXPOSED,
                {"kind": "list"},
            )
            for number in range(people)
        ]
        outcome = propose_list(rows, purpose="contact_tracing", title="list", by=county_officer, now=JULY)
        assert outcome.decision.codes == codes
        if outcome.proposed is not None:
            assert outcome.proposed.refused[0].codes == ("evidence_missing",)
        assert Order.objects.count() == 0


def test_R13_contacts_each_with_an_exposure_are_no_list(county_officer: Actor) -> None:
    with acting(county_officer):
        rows = [exposed(someone(county_officer, JULY, f"Person {number}"), EXPOSED) for number in range(40)]
        outcome = propose_list(rows, purpose="contact_tracing", title="contacts", by=county_officer, now=JULY)
        assert outcome.decision.allowed
        assert Order.objects.filter(state="proposed").count() == 40


def test_R30_what_somebody_needs_has_a_clock(county_officer: Actor) -> None:
    with acting(county_officer):
        order = signed(county_officer, JULY)
        need = open_need(order, "medicine", by=county_officer, now=JULY)
        assert open_need(order, "medicine", by=county_officer, now=JULY) == need
        clock = clock_of(county_officer, SUPPORT, f"isolation.need:{need}")
        assert clock is not None
        assert clock.due_at == JULY + timedelta(hours=12)
        meet_need(need, by=county_officer, now=JULY)
        met = clock_of(county_officer, SUPPORT, f"isolation.need:{need}")
        assert met is not None
        assert met.met_at == JULY


@pytest.mark.parametrize("role", [Role.COMMUNITY_WORKER, Role.OFFICER])
def test_R31_an_emergency_is_never_blocked_and_is_written_down_after(
    make_actor: Callable[..., Actor], county_officer: Actor, role: Role
) -> None:
    with acting(county_officer):
        order = signed(county_officer, JULY)
        person = Order.objects.get(pk=order).person_id
    helper = make_actor("helper", role, VILLAGE)
    with acting(helper):
        row = permit_emergency(person, ground="labour has begun", by=helper, now=JULY)
        clock = clock_of(helper, EMERGENCY_RECORD, f"isolation.emergency:{row}")
        assert clock is not None
        assert clock.met_at is None
        record_emergency(row, text="taken to hospital", by=helper, now=JULY + timedelta(hours=3))
        assert models.Emergency.objects.get(pk=row).recorded_at == JULY + timedelta(hours=3)


def test_R32_a_minor_is_proposed_for_home_by_age_alone(county_officer: Actor) -> None:
    with acting(county_officer):
        child = someone(county_officer, JULY, born_on=date(2012, 7, 1))
        order = propose_order(exposed(child, EXPOSED), by=county_officer, now=JULY)
        assert models.Phase.objects.filter(order=order).order_by("number")[0].mode == "home_quarantine"


def test_R33_no_rule_asks_for_origin_or_occupation(county_officer: Actor) -> None:
    facts = set(Signing.__slots__) | set(Proposal.__slots__)
    assert not facts & {"origin", "ethnicity", "religion", "occupation", "registration", "nationality"}


@pytest.mark.parametrize("means", ["paper", "phone", "visit", "link"])
def test_R38_an_appeal_on_paper_or_by_phone_is_one_like_any_other(county_officer: Actor, means: str) -> None:
    with acting(county_officer):
        order = signed(county_officer, JULY)
        appeal = file_appeal(order, ground="wrong day", means=means, by=county_officer, now=JULY)
        assert models.Appeal.objects.get(pk=appeal).due_at == JULY + timedelta(hours=24)


def test_R39_an_order_rests_on_a_version_in_which_every_value_is_sourced(county_officer: Actor) -> None:
    from dayclear.policy.loader import shipped

    with acting(county_officer):
        row = Order.objects.get(pk=signed(county_officer, JULY))
    pack = shipped().resolve(row.policy.partition("@")[0])
    signed_off = {each.path for each in pack.sign_off}
    assert {path for path in pack.unsourced if path.startswith("categories.")} <= signed_off


def test_OG_11_a_contact_of_a_contact_is_not_proposed_under_the_twenty(county_officer: Actor) -> None:
    at = datetime(2022, 11, 12, 4, 0, tzinfo=UTC)
    with acting(county_officer):
        rows = [exposed(someone(county_officer, at), date(2022, 11, 11), "secondary_contact")]
        made = propose_orders(rows, by=county_officer, now=at)
        (reason,) = made.refused[0].reasons
        assert (reason.code, reason.params["prohibition"]) == ("category_not_in_pack", "OG-11")


@pytest.mark.parametrize(
    ("anchor", "at", "code"),
    [
        pytest.param(date(2022, 7, 3), JULY, "exposure_in_future", id="exposed tomorrow"),
        pytest.param(date(2022, 6, 21), JULY, "term_served", id="DC4 served already"),
        pytest.param(EXPOSED, datetime(2019, 7, 2, 4, 0, tzinfo=UTC), "exposure_in_future", id="before it happened"),
    ],
)
def test_what_cannot_be_is_not_proposed(county_officer: Actor, anchor: date, at: datetime, code: str) -> None:
    with acting(county_officer):
        person = someone(county_officer, at)
        with pytest.raises(Refused, match=code):
            propose_order(exposed(person, anchor), by=county_officer, now=at)


def test_an_order_in_force_is_renewed_only_by_one_that_lasts_longer(county_officer: Actor) -> None:
    with acting(county_officer):
        order = Order.objects.get(pk=signed(county_officer, JULY))
        with pytest.raises(Refused, match="already_covered"):
            propose_order(exposed(order.person_id, EXPOSED), by=county_officer, now=JULY)
        later = propose_order(exposed(order.person_id, date(2022, 7, 2)), by=county_officer, now=JULY)
        assert Order.objects.get(pk=later).renews_id == order.pk


def test_the_result_of_a_sample_taken_while_the_order_bound_is_taken_down_after_its_end(
    county_officer: Actor,
) -> None:
    evening = datetime(2022, 7, 11, 14, 0, tzinfo=UTC)
    late = evening + timedelta(hours=20)

    def told(result: str, now: datetime, *, sampled_at: datetime = evening) -> None:
        record_test(
            order,
            date(2022, 7, 11),
            sampled_at=sampled_at,
            result=result,
            result_at=now if result else None,
            by=county_officer,
            now=now,
        )

    with acting(county_officer):
        order = signed(county_officer, JULY)
        told("", evening)
        over_at = Order.objects.get(pk=order).ends_at
        told("positive", late)
        told("negative", late + timedelta(hours=1))
        payloads = [event.payload for event in Event.objects.filter(kind="isolation.test_recorded").order_by("number")]
        assert [(each["result_before"], each["result"]) for each in payloads] == [
            ("", ""),
            ("", "positive"),
            ("positive", "negative"),
        ]
        assert Order.objects.get(pk=order).ends_at == over_at
        with pytest.raises(Refused, match="order_over"):
            told("positive", late, sampled_at=evening + timedelta(hours=13))
        with pytest.raises(Refused, match="order_over"):
            told("", late)


def test_DC8_a_sample_of_the_last_day_waits_for_its_result_and_no_longer_than_that_is_due(
    county_officer: Actor,
) -> None:
    evening = datetime(2022, 7, 11, 14, 0, tzinfo=UTC)
    with acting(county_officer):
        order = signed(county_officer, JULY)
        record_test(order, date(2022, 7, 11), sampled_at=evening, by=county_officer, now=evening)
        assert Order.objects.get(pk=order).ends_at == evening + timedelta(hours=12)
        result_at = evening + timedelta(hours=4)
        record_test(
            order,
            date(2022, 7, 11),
            sampled_at=evening,
            result="negative",
            result_at=result_at,
            by=county_officer,
            now=result_at,
        )
        assert Order.objects.get(pk=order).ends_at == result_at
        with pytest.raises(Refused, match="order_over"):
            change_mode(order, "home_quarantine", reason="care_needed", by=county_officer, now=result_at)
