"""Done-when 5: nobody sees a row of another place — on any page, in any operation of the API, in raw SQL.

Every address and every operation must be classified here; a new one fails the test until somebody has said what ids it
takes. Six villages hold the same rows, each with its own mark; every reader asks for everything, with the ids of every
village; no mark of a place outside the reader's own may ever come back, and an id from outside answers as if it did not
exist.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.http import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from pytest_django import DjangoDbBlocker

from conftest import register_places
from dayclear.config.api import schema
from dayclear.foundation import clock
from dayclear.foundation.actors import Actor
from dayclear.foundation.models import ApiToken, Event, Grant, User
from dayclear.foundation.rules import Right, Role
from dayclear.foundation.scope import acting
from dayclear.isolation.pages.acting import ACTS
from tests.seeding import Village, seed

ClientOf = Callable[[Actor], Client]
OUTSIDE = {403, 404}


@dataclass(frozen=True)
class Address:
    """How an address is tried: with which ids of a village, by which method, saying what."""

    ids: Callable[[Village], dict[str, Any]] | None = None
    post: Callable[[Village], dict[str, Any]] | None = None
    query: Callable[[Village], dict[str, Any]] = field(default=lambda village: {})
    both: bool = False


def by(**names: str) -> Callable[[Village], dict[str, Any]]:
    """Ids of a village's rows, by the name of the parameter."""
    return lambda village: {parameter: getattr(village, name) for parameter, name in names.items()}


def said(**words: str) -> Callable[[Village], dict[str, Any]]:
    return lambda village: words


def about(**words: str) -> Callable[[Village], dict[str, Any]]:
    """What a request says of a village: `{mark}`, `{area}`."""
    return lambda village: {key: text.format(mark=village.mark, area=village.area) for key, text in words.items()}


NO_ROWS = Address()
_CASE, _UPLOAD, _AREA = by(case_id="case"), by(upload_id="upload"), by(area_id="risk_area")
_MEASURE = by(measure_id="measure")
_LABORATORY, _PLATE = by(laboratory_id="laboratory"), by(plate_id="plate")
_TUBE_CHAIN, _TUBE_MEMBER, _SQUAD = by(chain_id="tube_chain"), by(member_id="tube_member"), by(squad_id="squad")
_ITEM_ALARM = by(alarm_id="item_alarm")
_FINDING = by(finding_id="finding")
_ROUND, _DEVICE, _BOX, _DISPUTE = (
    by(round_id="round"),
    by(device_id="device"),
    by(box_id="box"),
    by(dispute_id="dispute"),
)
_ORDER, _PROPOSAL = by(order_id="order"), by(order_id="proposal")
_ASKED = {"pack": "measles", "at": "2026-01-01T12:00"}


def _act(what: str) -> Callable[[Village], dict[str, Any]]:
    return lambda village: {"order_id": village.order, "what": what}


ADDRESSES: dict[str, Address] = {
    "home": NO_ROWS,
    "palette": Address(query=about(q="{mark}")),
    "switch_place": Address(post=said(grant="1")),
    "switch_language": Address(post=said(language="en")),
    "switch_theme": Address(post=said(theme="auto")),
    "healthz": NO_ROWS,
    "tasks:open": NO_ROWS,
    "openapi": NO_ROWS,
    "api_root": NO_ROWS,
    "api_unknown": Address(ids=lambda village: {"rest": str(village.case)}),
    "api_docs": NO_ROWS,
    "account_signup": NO_ROWS,
    "account_reset_password": NO_ROWS,
    "account_email": NO_ROWS,
    "accounts:users": Address(query=about(q="{mark}")),
    "accounts:new_user": NO_ROWS,
    "accounts:find_place": Address(query=about(q="{mark}", place_words="{mark}")),
    "accounts:tokens": NO_ROWS,
    "health:page": NO_ROWS,
    "health:light": NO_ROWS,
    "reporting:board": Address(query=about(place="{area}")),
    "reporting:find_place": Address(query=about(q="{mark}", place_words="{mark}")),
    "cases:list": Address(query=about(place="{area}", number="{mark}")),
    "cases:register": Address(post=about(place="{area}", name="{mark}")),
    "cases:case": Address(ids=_CASE),
    "cases:classify": Address(ids=_CASE, post=said(value="probable", reason="a reason")),
    "cases:outcome": Address(ids=_CASE, post=said(value="recovered", on="2021-12-29")),
    "cases:complete": Address(ids=_CASE, post=said()),
    "tracing:chains": Address(query=about(place="{area}")),
    "tracing:unresolved": NO_ROWS,
    "tracing:near": Address(ids=_CASE),
    "tracing:chain": Address(ids=by(chain_id="chain")),
    "tracing:name_source": Address(ids=_CASE, post=said(number="X1", relation="meal", certainty="possible")),
    "tracing:add_contact": Address(ids=_CASE, post=said(name="Person 12", relation="meal")),
    "people:list": Address(query=about(q="{mark}")),
    "people:matches": NO_ROWS,
    "people:apart": Address(ids=by(match_id="match"), post=said()),
    "people:merge": Address(ids=by(match_id="match")),
    "people:undo": Address(ids=by(merge_id="merge"), post=said()),
    "people:person": Address(ids=by(person_id="person")),
    "people:reveal": Address(ids=by(person_id="person"), post=said()),
    "places:list": Address(query=about(q="{mark}")),
    "places:options": Address(query=about(place_words="{mark}")),
    "places:place": Address(ids=by(number="area")),
    "supervision:list": Address(query=about(place="{area}")),
    "supervision:complain": Address(query=about(place="{area}")),
    "supervision:follow_up": Address(query=said(code="2222222222")),
    "supervision:finding": Address(ids=_FINDING),
    "supervision:answer": Address(ids=_FINDING, post=said(text="an answer")),
    "supervision:rectify": Address(ids=_FINDING, post=said(text="a remedy")),
    "supervision:recheck": Address(ids=_FINDING, post=said(put_right="yes")),
    "supervision:close": Address(ids=_FINDING, post=said(cause="put_right", text="a reason")),
    "areas:list": Address(query=about(place="{area}")),
    "areas:propose": Address(post=about(place="{area}", name="{mark}")),
    "areas:area": Address(ids=_AREA),
    "areas:approve": Address(ids=_AREA, post=said()),
    "areas:decline": Address(ids=_AREA, post=said(reason="a reason")),
    "areas:publish": Address(ids=_AREA, post=said()),
    "areas:step": Address(ids=_AREA, post=said()),
    "areas:overrule": Address(ids=_AREA, post=said(reason="a reason")),
    "areas:infection": Address(ids=_AREA, post=said(found_on="2021-12-29")),
    "areas:round": Address(ids=_AREA, post=said(held_on="2021-12-29", due="9", tested="9", positive="0")),
    "areas:contacts": Address(ids=_AREA, post=said(last_exposed_on="2021-12-29")),
    "areas:decide": Address(ids=by(area_id="risk_area", infection_id="infection"), post=said(kind="")),
    "areas:measures": Address(query=about(place="{area}")),
    "areas:impose": Address(post=about(place="{area}", scope="{mark}")),
    "areas:measure": Address(ids=_MEASURE),
    "areas:review": Address(ids=_MEASURE, post=said(review_on="2999-01-01", reason="a reason")),
    "areas:end": Address(ids=_MEASURE, post=said()),
    "areas:published": Address(query=about(place="{area}", q="{mark}")),
    "areas:published_area": Address(ids=by(published_id="published")),
    "areas:tiers": Address(query=said(on="2020-03-01")),
    "lab:list": NO_ROWS,
    "lab:new": Address(post=about(place="{area}", name="{mark}", code="x-{mark}")),
    "lab:assays": NO_ROWS,
    "lab:returns": NO_ROWS,
    "lab:dispatch": NO_ROWS,
    "lab:accept_dispatch": Address(ids=by(dispatch_id="dispatch"), post=said()),
    "lab:take_back_dispatch": Address(ids=by(dispatch_id="dispatch"), post=said()),
    "lab:send_return": Address(
        ids=by(return_id="owed_return"), post=said(received="1", plated="1", reported="1", free="1")
    ),
    "lab:items": Address(query=about(place="{area}")),
    "lab:quality": Address(query=said(state="confirmed")),
    "lab:alarm": Address(ids=by(alarm_id="alarm"), post=said(answer="an answer")),
    "lab:plate": Address(ids=_PLATE),
    "interop:plate_file": Address(ids=lambda village: {"plate_id": village.plate, "form": "hl7"}),
    "lab:enter": Address(ids=_PLATE),
    "lab:release": Address(ids=_PLATE, post=said()),
    "lab:reject": Address(ids=_PLATE, post=said(reason="a reason")),
    "lab:ask": Address(ids=_PLATE, post=said(tube="1", wanted="positive", reason="a reason")),
    "lab:again": Address(ids=_PLATE, post=said(tube="1", reason="a reason")),
    "lab:sign": Address(ids=by(correction_id="correction"), post=said()),
    "lab:withdraw": Address(ids=by(correction_id="correction"), post=said()),
    "lab:laboratory": Address(ids=_LABORATORY),
    "lab:locate": Address(ids=_LABORATORY, post=said(latitude="34.2", longitude="108.9")),
    "lab:add_machine": Address(ids=_LABORATORY, post=said(code="Q9", wells="96", controls="4", runs_per_day="8")),
    "lab:receive": Address(ids=_LABORATORY, query=lambda village: {"box": str(village.box)}),
    "lab:new_plate": Address(ids=_LABORATORY),
    "lab:end_machine": Address(ids=by(instrument_id="instrument"), post=said()),
    "sampling:positive:chains": Address(query=about(place="{area}")),
    "sampling:positive:chain": Address(ids=_TUBE_CHAIN),
    "sampling:positive:assign_chain": Address(ids=_TUBE_CHAIN, post=lambda village: {"squad": village.squad}),
    "sampling:positive:deliver_chain": Address(ids=_TUBE_CHAIN, post=said()),
    "sampling:positive:phone_list": Address(query=lambda village: {"squad": village.squad}),
    "sampling:positive:print_phone_list": Address(post=lambda village: {"squad": village.squad}),
    "sampling:positive:chain_member": Address(ids=_TUBE_MEMBER),
    "sampling:positive:reveal_phone": Address(ids=_TUBE_MEMBER, post=said()),
    "sampling:positive:act_on_member": Address(
        ids=lambda village: {"member_id": village.tube_member, "what": "take-back"},
        post=said(step="depart", reason="a reason"),
    ),
    "sampling:positive:squads": NO_ROWS,
    "sampling:positive:new_squad": Address(post=about(place="{area}", name="{mark}")),
    "sampling:positive:squad": Address(ids=_SQUAD),
    "sampling:positive:join_squad": Address(ids=_SQUAD, post=said(username="county-officer")),
    "sampling:positive:leave_squad": Address(ids=_SQUAD, post=said(user="1")),
    "sampling:positive:end_squad": Address(ids=_SQUAD, post=said()),
    "sampling:advice": NO_ROWS,
    "sampling:plan_points": Address(ids=by(round_id="round"), post=said(aim="fewest")),
    "sampling:plan": Address(ids=by(plan_id="plan")),
    "sampling:take_over_plan": Address(ids=by(plan_id="plan"), post=said()),
    "lab:reconciliation": Address(query=said(by="device")),
    "lab:gap": Address(ids=lambda village: {"after": "boxed"}, query=said(hours="72")),
    "isolation:list": Address(query=about(place="{area}", state="all")),
    "isolation:proposals": NO_ROWS,
    "isolation:alike": Address(ids=_PROPOSAL),
    "isolation:gaps": Address(query=said(kind="moved_away")),
    "isolation:settle_contact": Address(
        ids=by(contact_id="contact"), post=said(category="close_contact", on="2021-12-28")
    ),
    "isolation:needs": NO_ROWS,
    "isolation:need_met": Address(ids=by(need_id="need"), post=said()),
    "isolation:appeal": Address(ids=by(appeal_id="appeal")),
    "isolation:decide": Address(ids=by(appeal_id="appeal"), post=said(upheld="no", reason="a reason")),
    "isolation:permit": Address(ids=by(person_id="bound"), post=said()),
    "isolation:emergency": Address(ids=by(emergency_id="emergency")),
    "isolation:changeover": Address(query=said(**_ASKED, kind="order.released")),
    "isolation:carry_out": Address(post=said(**_ASKED, number="x")),
    "isolation:course": Address(ids=by(changeover_id="changeover")),
    "isolation:take_back": Address(ids=by(changeover_id="changeover"), post=said(number="x")),
    # Whoever holds a link is its person: which links lead where is tested in isolation/tests/test_mine.py.
    "isolation:mine": Address(ids=lambda village: {"token": f"{village.order:043d}"}),
    "isolation:my_notice": Address(ids=lambda village: {"token": f"{village.order:043d}"}),
    "isolation:order": Address(ids=_ORDER),
    "isolation:make_link": Address(ids=_ORDER, post=said(language="en")),
    "isolation:notice": Address(ids=lambda village: {"order_id": village.order, "kind": "order", "form": "docx"}),
    # The sampler's page: the same bytes for everybody, from no row.
    "sampling:desk": NO_ROWS,
    "sampling:take_in": Address(post=said(lines="DCX:00000000:1:1:BB8")),
    "sampling:shell_data": NO_ROWS,
    "sampling:manifest": NO_ROWS,
    "sampling:worker": NO_ROWS,
    "sampling:rounds": Address(query=about(place="{area}")),
    "sampling:plan_round": Address(post=about(place="{area}", name="{mark}")),
    "sampling:round": Address(ids=_ROUND),
    "sampling:change_round": Address(ids=_ROUND, post=said(state="closed")),
    "sampling:left_out": Address(ids=_ROUND),
    "sampling:lost_tubes": NO_ROWS,
    "sampling:choose_points": Address(ids=_ROUND, post=said()),
    "sampling:points": Address(query=about(place="{area}")),
    "sampling:bring_in_points": Address(post=said()),
    "sampling:give_up_point": Address(ids=by(point_id="point"), post=said()),
    "sampling:devices": Address(query=about(place="{area}")),
    "sampling:make_code": Address(post=about(place="{area}")),
    "sampling:new_roll": Address(post=about(place="{area}", size="10")),
    "sampling:device": Address(ids=_DEVICE),
    "sampling:end_device": Address(ids=_DEVICE, post=said(state="lost", reason="a reason")),
    "sampling:more_numbers": Address(ids=_DEVICE, post=said()),
    "sampling:hand_roll": Address(ids=_DEVICE, post=said(roll="1")),
    "sampling:boxes": Address(query=about(place="{area}")),
    "sampling:start_box": Address(post=about(place="{area}")),
    "sampling:box": Address(ids=_BOX),
    "sampling:pack_box": Address(ids=_BOX, post=said(tubes="DC00000000010")),
    "sampling:close_box": Address(ids=_BOX, post=said(counted="1")),
    "sampling:send_box": Address(ids=_BOX, post=said(counted="1", destination_name="a laboratory")),
    "sampling:box_under_way": Address(ids=_BOX, post=said()),
    "sampling:lose_box": Address(ids=_BOX, post=said(reason="a reason")),
    "sampling:cancel_box": Address(ids=_BOX, post=said(reason="a reason")),
    "sampling:receive_box": Address(ids=_BOX, post=said(counted="1")),
    "sampling:reconcile_box": Address(ids=_BOX, post=said()),
    "sampling:disputes": Address(query=about(place="{area}")),
    "sampling:dispute": Address(ids=_DISPUTE),
    "sampling:take_in_dispute": Address(ids=_DISPUTE, post=said(note="a reason")),
    "sampling:set_aside_dispute": Address(ids=_DISPUTE, post=said(note="a reason")),
    "sampling:find_tube": Address(query=lambda village: {"label": village.tube}),
    "sampling:tube": Address(ids=by(label="tube")),
    "sampling:members": Address(ids=by(label="tube"), post=said(purpose="a reason")),
    "sampling:item_alarm": Address(ids=_ITEM_ALARM),
    "sampling:item_step": Address(
        ids=lambda village: {"alarm_id": village.item_alarm, "step": "seal"}, post=said(note="a reason")
    ),
    "sampling:codes": Address(query=about(place="{area}", q="{mark}")),
    "sampling:make_codes": Address(post=lambda village: {"person": [village.person]}),
    "sampling:duties": Address(query=about(place="{area}", shown="all")),
    "sampling:enter_duties": Address(post=lambda village: {"people": str(village.person), "ends_on": "2999-01-01"}),
    "sampling:end_duty": Address(ids=by(duty_id="duty"), post=said()),
    "policy:packs": NO_ROWS,
    "policy:compare": NO_ROWS,
    "policy:pack": Address(ids=lambda village: {"pack_id": "cn-covid-9e"}),
    "interop:imports": NO_ROWS,
    "interop:new": NO_ROWS,
    "interop:results": NO_ROWS,
    "interop:result_file": Address(ids=by(file_id="result_file")),
    "interop:take_in_results": Address(ids=by(file_id="result_file"), post=said()),
    "interop:import": Address(ids=_UPLOAD),
    "interop:columns": Address(ids=_UPLOAD),
    "interop:values": Address(ids=_UPLOAD),
    "interop:preview": Address(ids=_UPLOAD),
    "interop:start": Address(ids=_UPLOAD, post=said()),
    "interop:drop": Address(ids=_UPLOAD, post=said()),
    "interop:progress": Address(ids=_UPLOAD),
    "interop:cancel": Address(ids=_UPLOAD, post=said()),
    "interop:errors": Address(ids=_UPLOAD),
}
for _what in ACTS:
    ADDRESSES[f"isolation:act.{_what}"] = Address(ids=_act(_what), post=said(ground="a reason", means="visit"))
for _kind in ("json", "svg", "png", "csv"):
    ADDRESSES[f"lab:quality_chart.{_kind}"] = Address(
        ids=lambda village, kind=_kind: {"kind": kind},  # type: ignore[misc]  # bound now
        query=said(chart="positivity"),
    )
    ADDRESSES[f"sampling:positive:burn_down.{_kind}"] = Address(
        ids=lambda village, kind=_kind: {"kind": kind},  # type: ignore[misc]  # bound now
        query=about(place="{area}"),
    )
    ADDRESSES[f"reporting:chart.{_kind}"] = Address(
        ids=lambda village, kind=_kind: {"name": "daily", "kind": kind},  # type: ignore[misc]  # bound now
        query=about(place="{area}"),
    )
    ADDRESSES[f"tracing:drawing.{_kind}"] = Address(
        ids=lambda village, kind=_kind: {"chain_id": village.chain, "kind": kind}  # type: ignore[misc]  # bound now
    )
# Addresses that act on accounts and on the installation itself, not on rows of a place: each names the test that covers
# who may use it. They are still asked, with ids of others, and must not answer with a mark.
OWN_ROWS = {
    # Cut-offs are the same everywhere: lab/tests/test_pages.py.
    "lab:end_assay": {"assay_id": 10**9},
    "accounts:revoke_token": {"token_id": 10**9},
    "accounts:revoke_grant": {"grant_id": 10**9},
    "accounts:user": {"user_id": 10**9},
    "accounts:give_grant": {"user_id": 10**9},
    "accounts:reset_password": {"user_id": 10**9},
    "accounts:reset_second_factor": {"user_id": 10**9},
    "accounts:set_open": {"user_id": 10**9},
    "health:retry": {"job_id": 10**9},
    "health:check_seals": {},
    # Devices prove themselves by a signature, which nobody here has: sampling/tests/test_device_api.py.
    "sampling_devices:enrol": {},
    "sampling_devices:bundle": {"device_id": 10**9},
    "sampling_devices:upload": {},
}
# Code of others that reads nothing of ours: sign-in and second factor. The API's operations are listed by themselves.
FOREIGN = ("allauth.",)

OPERATIONS: dict[str, Address] = {
    "list_tube_chains": Address(query=about(place="{area}")),
    "get_tube_chain": Address(ids=_TUBE_CHAIN),
    "whoami": NO_ROWS,
    "list_deadlines": NO_ROWS,
    "list_events": Address(query=lambda village: {"subject": f"cases.case:{village.case}"}),
    "search_places": Address(query=about(q="{mark}")),
    "get_place": Address(ids=lambda village: {"number": f"{village.area:018d}"}),
    "list_parts_of_place": Address(ids=lambda village: {"number": f"{village.area:018d}"}),
    "list_people": Address(query=about(q="{mark}")),
    "get_person": Address(ids=by(person_id="person")),
    "list_tests_of_person": Address(ids=by(person_id="person")),
    "reveal_identity": Address(ids=by(person_id="person"), post=said(purpose="a test")),
    "list_cases": Address(query=about(place="{area}", number="{mark}")),
    "register_case": Address(
        post=lambda village: {"person": {"place": f"{village.area:018d}", "name": "Person 9"}, "disease": "covid-19"}
    ),
    "get_case": Address(ids=_CASE),
    "classify_case": Address(ids=_CASE, post=said(value="suspected", reason="a reason")),
    "record_outcome": Address(ids=_CASE, post=said(value="recovered", on="2021-12-29")),
    "complete_investigation": Address(ids=_CASE, post=said()),
    "list_chains": Address(query=lambda village: {"place": f"{village.area:018d}"}),
    "get_chain": Address(ids=by(chain_id="chain")),
    "list_unresolved_references": NO_ROWS,
    "list_exposures_of_case": Address(ids=_CASE),
    "list_contacts_of_case": Address(ids=_CASE),
    "record_contact": Address(
        ids=_CASE, post=lambda village: {"person": {"place": f"{village.area:018d}", "name": "Person 8"}}
    ),
    "name_source": Address(ids=_CASE, post=said(number="X2")),
    "list_imports": NO_ROWS,
    "get_import": Address(ids=by(import_id="upload")),
    "list_problems_of_import": Address(ids=by(import_id="upload")),
    "list_laboratories": NO_ROWS,
    "list_plates": Address(query=lambda village: {"laboratory": str(village.laboratory)}),
    "get_plate": Address(ids=_PLATE),
    "list_results_of_tube": Address(ids=by(number="examined")),
    "get_plate_file": Address(ids=lambda village: {"plate_id": village.plate, "form": "csv"}),
    "post_results": Address(ids=_LABORATORY, post=lambda village: {"plates": []}),
    "get_pool_as_fhir": Address(ids=by(number="tube")),
    "get_board": Address(query=lambda village: {"place": f"{village.area:018d}"}),
    "list_orders": Address(query=about(place="{area}", state="all")),
    "get_order": Address(ids=_ORDER),
    "sign_order": Address(ids=_PROPOSAL, post=said()),
    "decline_order": Address(ids=_PROPOSAL, post=said(reason="immune")),
    "change_order_mode": Address(ids=_ORDER, post=said(mode="home_monitoring", reason="assessment")),
    "record_check": Address(ids=_ORDER, post=said(means="visit")),
    "record_order_test": Address(ids=_ORDER, post=said(on="2026-01-01", sampled_at="2026-01-01T08:00:00+08:00")),
    "deliver_notice": Address(ids=_ORDER, post=said(means="paper")),
    "file_appeal": Address(ids=_ORDER, post=said(ground="a reason")),
    "decide_appeal": Address(ids=by(appeal_id="appeal"), post=lambda village: {"upheld": False, "reason": "a reason"}),
    "hand_over_order": Address(ids=_ORDER, post=lambda village: {"place": "610113001002000000"}),
    "release_order": Address(ids=_ORDER, post=said(reason="a reason")),
    "confirm_release": Address(ids=_ORDER, post=said()),
    "get_coverage": NO_ROWS,
    "list_gaps": Address(ids=lambda village: {"kind": "moved_away"}),
    "list_areas": Address(query=about(place="{area}")),
    "get_area": Address(ids=_AREA),
    "propose_area": Address(
        post=lambda village: {
            "place": f"{village.area:018d}",
            "disease": "covid-19",
            "name": "a building",
            "level": "high",
            "unit": "building",
            "designation": "residence_of_infected",
            "ground": "two households",
            "anchored_on": "2021-12-28",
        }
    ),
    "approve_area": Address(ids=_AREA, post=said()),
    "decline_area": Address(ids=_AREA, post=said(reason="a reason")),
    "publish_area": Address(ids=_AREA, post=said()),
    "step_area_down": Address(ids=_AREA, post=said()),
    "overrule_area": Address(ids=_AREA, post=said(reason="a reason")),
    "record_area_infection": Address(ids=_AREA, post=said(found_on="2021-12-28")),
    "decide_infection": Address(
        ids=by(area_id="risk_area", infection_id="infection"), post=lambda village: {"counts": True}
    ),
    "record_area_round": Address(
        ids=_AREA, post=lambda village: {"held_on": "2021-12-28", "due": 1, "tested": 1, "positive": 0}
    ),
    "list_measures": Address(query=about(place="{area}")),
    "get_measure": Address(ids=_MEASURE),
    "impose_measure": Address(
        post=lambda village: {
            "place": f"{village.area:018d}",
            "disease": "covid-19",
            "kind": "checkpoint_regime",
            "scope": "two roads",
            "basis": "an order",
            "starts_at": "2021-12-29T12:00:00+08:00",
        }
    ),
    "review_measure": Address(ids=_MEASURE, post=said(review_on="2026-12-28", reason="a reason")),
    "end_measure": Address(ids=_MEASURE, post=said()),
    "list_findings": Address(query=lambda village: {"place": f"{village.area:018d}"}),
    "get_findings_today": NO_ROWS,
    "get_finding": Address(ids=_FINDING),
    "answer_finding": Address(ids=_FINDING, post=said(text="an answer")),
    "rectify_finding": Address(ids=_FINDING, post=said(text="a remedy")),
    "recheck_finding": Address(ids=_FINDING, post=lambda village: {"put_right": True}),
    "close_finding": Address(ids=_FINDING, post=said(cause="put_right", reason="a reason")),
    "take_complaint": Address(
        post=lambda village: {
            "place": f"{village.area:018d}",
            "predicate": "OG-17",
            "text": "a door is blocked",
            "means": "phone",
        }
    ),
    "list_policies": NO_ROWS,
    "diff_policies": Address(query=said(before="cn-covid-9e", after="cn-covid-9e+20")),
    "get_policy": Address(ids=lambda village: {"pack": "cn-covid-9e"}),
}


# Their parameters name a pack or a chart, not a row.
NO_IDS_OF_ROWS = {
    "policy:pack",
    "lab:gap",
    *(
        name
        for name in ADDRESSES
        if name.startswith(("reporting:chart", "lab:quality_chart", "sampling:positive:burn_down"))
    ),
}


NO_IDS_IN_OPERATIONS = {"get_policy", "list_gaps"}


def _patterns(found: list[Any], namespace: str = "") -> Iterator[tuple[str, URLPattern]]:
    for each in found:
        if isinstance(each, URLPattern):
            yield (f"{namespace}:{each.name}" if namespace else str(each.name)), each
        elif isinstance(each, URLResolver):
            yield from _patterns(each.url_patterns, ":".join(filter(None, (namespace, each.namespace))))


def test_every_address_is_classified() -> None:
    unknown = [
        name
        for name, pattern in _patterns(get_resolver().url_patterns)
        if name not in ADDRESSES
        and name not in OWN_ROWS
        and not any(known.startswith(f"{name}.") for known in ADDRESSES)
        and not pattern.callback.__module__.startswith(FOREIGN)
        and not name.startswith("api:")
    ]
    assert not unknown, f"say in ADDRESSES what ids these take: {unknown}"


def test_every_operation_is_classified() -> None:
    operations = {each["operationId"] for methods in schema()["paths"].values() for each in methods.values()}
    assert operations == set(OPERATIONS)


@pytest.fixture(scope="module")
def seeded(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[int, Village]]:
    """The rows of every village, written once for this file; each test undoes only what it changed itself."""
    with django_db_blocker.unblock():
        around = transaction.atomic()
        # Django lets tests alone nest what is otherwise outermost.
        around._from_testcase = True  # type: ignore[attr-defined]
        with around:
            now = datetime(2021, 12, 29, 4, 0, tzinfo=UTC)
            register_places(tmp_path_factory.mktemp("tables"), now)
            yield seed(now)
            transaction.set_rollback(True)


@pytest.fixture
def villages(seeded: dict[int, Village], places: None) -> dict[int, Village]:
    return seeded


READERS = ("village_worker", "county_officer", "province_commander")


@pytest.fixture(params=READERS)
def reader(request: pytest.FixtureRequest) -> Actor:
    actor: Actor = request.getfixturevalue(request.param)
    return actor


def _marks_in(response: HttpResponseBase, villages: list[Village], sent: str) -> list[str]:
    """The marks a reader got back without having sent them."""
    body = b"".join(response) if response.streaming else response.content  # type: ignore[attr-defined]  # one of two
    text = body.decode("utf-8", "replace") + str(dict(response.headers))
    return [village.mark for village in villages if village.mark in text and village.mark not in sent]


def _outside(reader: Actor, villages: dict[int, Village]) -> list[Village]:
    return [village for area, village in villages.items() if area not in reader.area]


def _requests(address: Address, village: Village) -> list[tuple[str, dict[str, Any]]]:
    if address.post is not None:
        return [("post", address.post(village))]
    return [("get", {}), ("get", address.query(village))]


def test_no_page_shows_a_row_of_another_place(client_of: ClientOf, reader: Actor, villages: dict[int, Village]) -> None:
    client, outside, wrong = client_of(reader), _outside(reader, villages), []
    tried: set[str] = set()
    for name, address in ADDRESSES.items():
        url_name = name.partition(".")[0]
        for village in villages.values():
            try:
                url = reverse(url_name, kwargs=address.ids(village) if address.ids else {})
            except Exception:
                if url_name in {each for each, _ in _patterns(get_resolver().url_patterns)}:
                    raise
                continue
            for method, words in _requests(address, village):
                request = f"{name} {method} {url} {words}"
                if request in tried:
                    continue  # an address without ids or words is the same from every village
                tried.add(request)
                with _undone():
                    response = getattr(client, method)(url, words)
                    marks = _marks_in(response, outside, url + str(words))
                # 503 is how the health check says that no worker runs here.
                if marks or (response.status_code >= 500 and name != "healthz"):
                    wrong.append(f"{name} {method} {words} → {response.status_code} {marks}")
                if (
                    address.ids
                    and village in outside
                    and name not in NO_IDS_OF_ROWS
                    and response.status_code not in OUTSIDE
                ):
                    wrong.append(f"{name}: an id of {village.mark} answers {response.status_code}")
    for name, ids in OWN_ROWS.items():
        for method in ("get", "post"):
            with _undone():
                response = getattr(client, method)(reverse(name, kwargs=ids))
                if _marks_in(response, outside, "") or response.status_code not in {
                    302,
                    401,
                    403,
                    404,
                    405,
                    409,
                    422,
                    200,
                }:
                    wrong.append(f"{name} {method} → {response.status_code}")
    assert not wrong, "\n".join(wrong)


class _undone:
    """One request, and everything it wrote taken back, so that each starts from the same rows."""

    def __enter__(self) -> None:
        self.savepoint = transaction.savepoint()

    def __exit__(self, *_: object) -> None:
        transaction.savepoint_rollback(self.savepoint)


def _token(reader: Actor) -> dict[str, str]:
    now = clock.now()
    ApiToken.objects.create(
        grant=Grant.objects.get(user=reader.user_id),
        name="a program",
        digest=hashlib.sha256(reader.label.encode()).digest(),
        may_write=True,
        created_at=now,
        expires_at=now + timedelta(days=1),
    )
    return {"Authorization": f"Bearer {reader.label}"}


def _paths() -> dict[str, tuple[str, str]]:
    return {
        each["operationId"]: (method, path)
        for path, methods in schema()["paths"].items()
        for method, each in methods.items()
    }


def test_no_operation_of_the_api_gives_a_row_of_another_place(reader: Actor, villages: dict[int, Village]) -> None:
    client, headers = Client(HTTP_ACCEPT_LANGUAGE="en"), _token(reader)
    outside, wrong = _outside(reader, villages), []
    for operation, (method, path) in _paths().items():
        address = OPERATIONS[operation]
        for village in villages.values():
            url = path.format(**(address.ids(village) if address.ids else {}))
            for _method, words in _requests(address, village):
                content = {"content_type": "application/json"} if method == "post" else {}
                with _undone():
                    response = getattr(client, method)(url, words, headers=headers, **content)
                    marks = _marks_in(response, outside, url + str(words))
                if marks or response.status_code >= 500:
                    wrong.append(f"{operation} {words} → {response.status_code} {marks}")
                asks_outside = address.ids is not None and village in outside and operation not in NO_IDS_IN_OPERATIONS
                if asks_outside and response.status_code not in OUTSIDE:
                    wrong.append(f"{operation}: an id of {village.mark} answers {response.status_code}")
                if response.status_code >= 400 and "problem+json" not in response["Content-Type"]:
                    wrong.append(f"{operation}: {response.status_code} is not problem+json")
    assert not wrong, "\n".join(wrong)


def test_the_three_readers_see_their_own_rows(client_of: ClientOf, reader: Actor, villages: dict[int, Village]) -> None:
    """Seeing nothing at all would also leak nothing."""
    client = client_of(reader)
    inside = [village for area, village in villages.items() if area in reader.area]
    assert inside
    for village in inside:
        assert client.get(f"/people/{village.person}").status_code == 200
        expected = 200 if reader.may(Right.SEE_CASES) else 403
        assert client.get(f"/cases/{village.case}").status_code == expected


def test_a_village_worker_learns_no_diagnosis(
    client_of: ClientOf, village_worker: Actor, villages: dict[int, Village]
) -> None:
    """Own people, and nothing that tells a case from a neighbour: no number, no disease, no link, no notice."""
    client, own = client_of(village_worker), villages[village_worker.area.lo]
    headers = _token(village_worker)
    telling = [f"{own.mark}-one", "covid", "COVID", "/cases/", "notice", "cough", "case_investigation", "tracing"]
    # The name itself holds the number of the case in the seeded rows: it is changed first.
    with acting(village_worker):
        from dayclear.people.models import Person

        Person.objects.filter(pk=own.person).update(name="Neighbour", residence="", name_pinyin="")
    for url in (f"/people/{own.person}", "/people/?q=Neighbour", "/tasks/", "/palette?q=Nei", f"/places/{own.area}"):
        text = client.get(url).content.decode()
        assert not [word for word in telling if word in text], url
    for url in (f"/api/v1/people/{own.person}", "/api/v1/people", "/api/v1/deadlines"):
        text = Client().get(url, headers=headers).content.decode().replace(f"{own.mark}-two", "")
        assert not [word for word in telling if word in text], url
    refused = [name for name in OPERATIONS if "case" in name or "chain" in name or "contact" in name]
    for operation in refused:
        method, path = _paths()[operation]
        address = OPERATIONS[operation]
        url = path.format(**(address.ids(own) if address.ids else {}))
        content = {"content_type": "application/json"} if method == "post" else {}
        words = address.post(own) if address.post else {}
        assert getattr(Client(), method)(url, words, headers=headers, **content).status_code == 403, operation


# ---------------------------------------------------------------------------------------------------- raw SQL


# Packages whose tables `tests/seeding.py` fills. A new package joins here when its rows join the seed.
SEEDED = (
    "foundation_",
    "people_",
    "cases_",
    "tracing_",
    "interop_",
    "isolation_",
    *(
        f"sampling_{name}"
        for name in (
            "round",
            "point",
            "device",
            "number",
            "upload",
            "tube",
            "swab",
            "pooled",
            "disputed",
            "tally",
            "box",
        )
    ),
    *(f"sampling_{name}" for name in ("enrolment", "resident", "slip", "exclusion", "test_duty")),
)


def _tables_with_area() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'area' "
            "ORDER BY table_name"
        )
        return [row[0] for row in cursor.fetchall()]


def test_every_table_with_a_place_is_behind_forced_row_level_security(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity,
                   (SELECT array_agg(p.policyname::text ORDER BY p.policyname) FROM pg_policies p
                    WHERE p.tablename = c.relname)
            FROM pg_class c WHERE c.relname = ANY(%s) AND c.relkind IN ('r', 'p')
            """,
            [_tables_with_area()],
        )
        found = cursor.fetchall()
    assert len(found) >= 16
    for table, forced, policies in found:
        assert forced, table
        assert policies == [f"{table}_area", f"{table}_wide"], table


@pytest.mark.parametrize("reader_name", READERS)
def test_raw_sql_as_the_application_role_sees_only_the_reader_s_places(
    request: pytest.FixtureRequest, villages: dict[int, Village], reader_name: str
) -> None:
    reader: Actor = request.getfixturevalue(reader_name)
    empty = []
    with acting(reader), connection.cursor() as cursor:
        cursor.execute("SELECT current_user, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == ("dayclear_app", False)
        for table in _tables_with_area():
            cursor.execute(
                f"SELECT count(*), count(*) FILTER (WHERE area BETWEEN %s AND %s) FROM {table}",
                [reader.area.lo, reader.area.hi],
            )
            seen, own = cursor.fetchone()
            assert seen == own, table
            empty += [table] if not seen and table.startswith(SEEDED) else []
    # What nobody seeds would pass unseen.
    assert not empty


@pytest.mark.parametrize("reader_name", READERS)
def test_raw_sql_writes_nothing_outside(
    request: pytest.FixtureRequest, villages: dict[int, Village], reader_name: str
) -> None:
    reader: Actor = request.getfixturevalue(reader_name)
    stranger = _outside(reader, villages)[0]
    with acting(reader), connection.cursor() as cursor:
        cursor.execute("UPDATE cases_case SET notice = 'changed' WHERE id = %s", [stranger.case])
        assert cursor.rowcount == 0
        cursor.execute("DELETE FROM people_person WHERE id = %s", [stranger.person])
        assert cursor.rowcount == 0
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            cursor.execute("UPDATE people_person SET area = %s", [stranger.area])


def test_without_an_actor_nothing_can_be_read(villages: dict[int, Village]) -> None:
    for table in _tables_with_area():
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM {table}")


def test_reading_an_identity_is_recorded_with_who_and_why(
    client_of: ClientOf, county_officer: Actor, villages: dict[int, Village]
) -> None:
    own = villages[610113001001 * 10**6]
    assert f"ID-{own.mark}".upper()[:3] == "ID-"
    response = client_of(county_officer).post(f"/people/{own.person}/reveal?purpose=case_page")
    assert b"ID" in response.content
    with acting(county_officer):
        event = Event.objects.get(kind="people.identity_read")
    assert (event.actor_label, event.payload["purpose"]) == ("county-officer", "case_page")


def test_an_ended_grant_opens_nothing(client_of: ClientOf, county_officer: Actor, villages: dict[int, Village]) -> None:
    client = client_of(county_officer)
    now = clock.now()
    Grant.objects.filter(user=county_officer.user_id).update(
        granted_at=now - timedelta(days=2), expires_at=now - timedelta(minutes=1)
    )
    assert client.get("/cases/").status_code == 403
    assert User.objects.get(pk=county_officer.user_id or 0).is_active
    assert Role.OFFICER in Role
