"""Devices over HTTP: enrolled by a code, known by their signature, told what time it is."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client

from dayclear.foundation import clock
from dayclear.foundation.actors import Actor
from dayclear.foundation.decisions import Refused
from dayclear.foundation.scope import acting
from dayclear.sampling.commands import end_device, make_enrolment_code
from dayclear.sampling.models import Device, EnrolmentCode
from dayclear.sampling.signatures import jwk_of
from dayclear.sampling.tests.acts import COUNTY, SYSTEM, VILLAGE, Phone, people, phone, tokens

pytestmark = pytest.mark.usefixtures("places")


@pytest.fixture
def present() -> datetime:
    """The instant of a request is the real one."""
    return clock.now()


@pytest.fixture
def enrolling(county_officer: Actor) -> Callable[..., Any]:
    """Enrol over HTTP with a code that an officer made."""
    with acting(county_officer):
        code, _ends = make_enrolment_code(VILLAGE, by=county_officer, now=clock.now())

    def enrol(**said: Any) -> Any:
        key = jwk_of(ec.generate_private_key(ec.SECP256R1()).public_key())
        body = {"code": code, "public_key": key, "name": "Phone of lane 2", **said}
        return Client(HTTP_ACCEPT_LANGUAGE="en").post("/api/v1/sampling/devices", body, content_type="application/json")

    return enrol


def test_a_code_enrols_one_device_once(enrolling: Callable[..., Any]) -> None:
    answer = enrolling()
    assert answer.status_code == 201
    said = json.loads(answer.content)
    assert said["area"] == f"{VILLAGE:018d}"
    assert said["bundle"]["blocks"][0]["last"] - said["bundle"]["blocks"][0]["first"] == 999
    again = enrolling()
    assert again.status_code == 409
    assert json.loads(again.content)["reasons"][0]["code"] == "enrolment_code_bad"
    with acting(SYSTEM):
        assert Device.objects.count() == 1


def test_a_phone_that_never_heard_the_answer_asks_again_with_its_key(enrolling: Callable[..., Any]) -> None:
    key = jwk_of(ec.generate_private_key(ec.SECP256R1()).public_key())
    first, again = (json.loads(enrolling(public_key=key).content) for _time in range(2))
    assert (again["device"], again["bundle"]["blocks"]) == (first["device"], first["bundle"]["blocks"])
    with acting(SYSTEM):
        assert Device.objects.count() == 1


@pytest.mark.parametrize(
    ("said", "code"),
    [
        pytest.param({"name": " "}, "device_name_missing", id="no name"),
        pytest.param({"public_key": {"kty": "RSA"}}, "key_bad", id="a key of another kind"),
        pytest.param(
            {"public_key": {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}}, "key_bad", id="off the curve"
        ),
        pytest.param({"code": "A" * 20}, "enrolment_code_bad", id="another code"),
    ],
)
def test_what_does_not_enrol_a_device(enrolling: Callable[..., Any], said: dict[str, Any], code: str) -> None:
    answer = enrolling(**said)
    assert json.loads(answer.content)["reasons"][0]["code"] == code
    with acting(SYSTEM):
        assert EnrolmentCode.objects.get().used_at is None


def test_a_code_ends_after_a_day(enrolling: Callable[..., Any]) -> None:
    with acting(SYSTEM):
        EnrolmentCode.objects.update(made_at=clock.now() - timedelta(hours=25), expires_at=clock.now())
    assert enrolling().status_code == 409


def test_a_village_worker_enrols_nobody(village_worker: Actor, now: datetime) -> None:
    with acting(village_worker), pytest.raises(Refused, match="right_missing"):
        make_enrolment_code(VILLAGE, by=village_worker, now=now)


def test_an_officer_enrols_for_the_own_places(county_officer: Actor, now: datetime) -> None:
    with acting(county_officer), pytest.raises(Refused, match="outside_area"):
        make_enrolment_code(610103 * 10**12, by=county_officer, now=now)


def bundle_of(device: Phone, at: datetime, *, sign: Callable[[bytes], str] | None = None) -> Any:
    path = f"/api/v1/sampling/devices/{device.id}/bundle"
    line = f"GET {path} {at.isoformat()}".encode()
    headers = {"Dayclear-Date": at.isoformat(), "Dayclear-Signature": (sign or device.sign)(line)}
    return Client().get(path, headers=headers)


def test_a_device_takes_along_what_a_shift_needs(present: datetime) -> None:
    device = phone(present)
    said = json.loads(bundle_of(device, present).content)
    assert [each["id"] for each in said["rounds"]] == [device.round]
    assert [each["id"] for each in said["points"]] == [device.point]
    assert said["rounds"][0]["people_per_tube"] == 10
    assert said["resident_keys"][0]["crv"] == "P-256"
    assert datetime.fromisoformat(said["server_time"]) >= present


@pytest.mark.parametrize(
    "off", [pytest.param(timedelta(days=1), id="a day ahead"), pytest.param(timedelta(days=-365), id="a year behind")]
)
def test_a_device_with_a_wrong_clock_is_told_the_time(present: datetime, off: timedelta) -> None:
    answer = bundle_of(phone(present), present + off)
    assert answer.status_code == 409
    assert json.loads(answer.content)["code"] == "clock_off"
    assert datetime.fromisoformat(json.loads(answer.content)["server_time"]) >= present


def test_a_bundle_asked_for_by_another_is_refused(present: datetime) -> None:
    device, other = phone(present), phone(present)
    assert bundle_of(device, present, sign=other.sign).status_code == 401


def test_a_lost_device_gets_no_bundle(present: datetime) -> None:
    device = phone(present)
    with acting(SYSTEM):
        end_device(device.id, "lost", reason="left in a taxi", by=SYSTEM, now=present)
    assert bundle_of(device, present).status_code == 403


def upload(device: Phone, body: bytes, signature: str) -> Any:
    headers = {"Dayclear-Signature": signature, "Dayclear-Date": clock.now().isoformat()}
    return Client(HTTP_ACCEPT_LANGUAGE="en").post(
        "/api/v1/sampling/uploads", body, content_type="application/json", headers=headers
    )


def test_an_upload_over_http_says_what_was_taken_in_and_why_the_rest_was_not(present: datetime) -> None:
    device = phone(present)
    tubes = [device.tube(present, tokens(people(count, present))) for count in (10, 11)]
    body = device.batch(present, tubes)
    answer = upload(device, body, device.sign(body))
    said = json.loads(answer.content)
    assert (said["accepted"]["tubes"], said["already"]) == (1, False)
    assert said["refused"] == [
        {
            "tube": tubes[1]["number"],
            "code": "tube_too_full",
            "message": f"Tube {tubes[1]['number']} holds swabs of 11 people; the round allows 10.",
        }
    ]
    assert json.loads(upload(device, body, device.sign(body)).content)["already"] is True


def test_an_upload_whose_signature_does_not_fit_answers_401(present: datetime) -> None:
    device = phone(present)
    body = device.batch(present, [device.tube(present, tokens(people(1, present)))])
    answer = upload(device, body, device.sign(body + b" "))
    assert answer.status_code == 401
    assert json.loads(answer.content)["reasons"][0]["code"] == "signature_bad"


def test_a_device_nobody_enrolled_answers_401(present: datetime) -> None:
    device = phone(present)
    device.id += 10**6
    body = device.batch(present)
    assert upload(device, body, device.sign(body)).status_code == 401


def test_what_is_no_batch_answers_422(present: datetime) -> None:
    device = phone(present)
    for body in (b"", b"[]", b"\xff", b'{"device": 1}', device.batch(present, counter=0)):
        assert upload(device, body, device.sign(body)).status_code == 422


def test_an_officer_of_the_county_sees_the_device_and_one_of_another_does_not(
    county_officer: Actor, make_actor: Callable[..., Actor], now: datetime
) -> None:
    from dayclear.foundation.rules import Role

    phone(now, area=COUNTY)
    other = make_actor("other-officer", Role.OFFICER, 610103 * 10**12)
    with acting(county_officer):
        assert Device.objects.count() == 1
    with acting(other):
        assert Device.objects.count() == 0
