"""Residents' codes: signed, opaque, verified without this server; revoked; excluded people on the devices' list."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives import serialization
from cwt import COSE, COSEKey
from hypothesis import given
from hypothesis import strategies as st

from dayclear.foundation.actors import Actor
from dayclear.foundation.decisions import Refused
from dayclear.foundation.scope import acting
from dayclear.sampling.code_sheet import as_pdf
from dayclear.sampling.commands import exclude_people, issue_codes, readmit_people, revoke_codes
from dayclear.sampling.commands.codes import issue_codes_of_place
from dayclear.sampling.keys import key_id, signing_key
from dayclear.sampling.models import Device, Exclusion, ResidentCode
from dayclear.sampling.queries.bundle import bundle_of
from dayclear.sampling.rules.codes import base45, unbase45
from dayclear.sampling.tests.acts import SYSTEM, VILLAGE, people, phone
from dayclear.sampling.tokens import make_tokens, people_of_tokens, token_digest, token_text


def claims_of(text: str) -> dict[int, Any]:
    """What a phone reads, verified with the public key."""
    public = signing_key().public_key()
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    key = COSEKey.from_pem(pem, alg="ES256", kid=key_id(public))
    claims: dict[int, Any] = cbor2.loads(COSE.new().decode(unbase45(text), key))
    return claims


@pytest.mark.parametrize(
    ("data", "text"),
    [
        pytest.param(b"AB", "BB8", id="AB"),
        pytest.param(b"Hello!!", "%69 VD92EX0", id="Hello!!"),
        pytest.param(b"base-45", "UJCLQE7W581", id="base-45"),
        pytest.param(b"", "", id="nothing"),
    ],
)
def test_base45_is_that_of_RFC_9285(data: bytes, text: str) -> None:
    assert base45(data) == text


@given(st.binary(max_size=200))
def test_base45_is_read_again(data: bytes) -> None:
    assert unbase45(base45(data)) == data


@pytest.mark.parametrize("text", ["A", "ABCD", "::", ":::", "ab", "ÄÄÄ"])
def test_what_no_bytes_give_is_no_base45(text: str) -> None:
    with pytest.raises(ValueError, match="no Base45"):
        unbase45(text)


def test_a_code_is_verified_without_the_server_and_names_nobody(village_worker: Actor, now: datetime) -> None:
    with acting(village_worker):
        (person,) = people(1, now)
        (code,) = issue_codes([person], by=village_worker, now=now)
    claims = claims_of(code.text)
    assert claims[-70002] == "610113"
    assert claims[-70003] == "resident"
    assert (claims[6], claims[4]) == (int(now.timestamp()), int((now + timedelta(days=7)).timestamp()))
    assert people_of_tokens([token_text(claims[-70001])]) == [person]
    assert len(code.text) <= 255


def test_a_changed_code_is_not_verified(county_officer: Actor, now: datetime) -> None:
    with acting(county_officer):
        (code,) = issue_codes(people(1, now), by=county_officer, now=now)
    raw = bytearray(unbase45(code.text))
    raw[30] ^= 1
    with pytest.raises(Exception, match=r"[Vv]erif|decode"):
        claims_of(base45(bytes(raw)))


@given(st.lists(st.tuples(st.integers(1, 2**62), st.integers(1, 2**31)), min_size=1, max_size=20))
def test_tokens_are_read_again_and_no_two_are_alike(pairs: list[tuple[int, int]]) -> None:
    tokens = make_tokens(pairs)
    assert people_of_tokens([token_text(each) for each in tokens]) == [person for person, _serial in pairs]
    assert len(set(tokens)) == len(set(pairs))


@given(st.binary(min_size=16, max_size=16))
def test_sixteen_bytes_of_noise_name_nobody(noise: bytes) -> None:
    assert people_of_tokens([token_text(noise)]) == [None]


def test_revoked_codes_are_on_the_devices_list_until_they_end(county_officer: Actor, now: datetime) -> None:
    with acting(county_officer):
        device, (person, other) = phone(now), people(2, now)
        codes = issue_codes([person, other], by=county_officer, now=now)
        assert revoke_codes([person], by=county_officer, now=now) == 1
        row = Device.objects.get(pk=device.id)
        revoked = bundle_of(row, now=now)["revoked"]
        assert revoked == [token_digest(claims_of(codes[0].text)[-70001])]
        assert bundle_of(row, now=now + timedelta(days=8))["revoked"] == []


def test_people_left_out_are_on_the_devices_list_until_they_are_back(county_officer: Actor, now: datetime) -> None:
    with acting(county_officer):
        device, who = phone(now), people(2, now)
        codes = issue_codes(who, by=county_officer, now=now)
        until = now + timedelta(days=2)
        for _ in range(2):
            exclude_people({"recall:DC1": [who[0]]}, until=until, by=county_officer, now=now)
        assert Exclusion.objects.count() == 1
        row = Device.objects.get(pk=device.id)
        assert bundle_of(row, now=now)["excluded"] == [token_digest(claims_of(codes[0].text)[-70001])]
        assert bundle_of(row, now=until)["excluded"] == []
        assert readmit_people({"recall:DC1": [who[0]]}, by=county_officer, now=now) == 1
        assert bundle_of(row, now=now)["excluded"] == []
        with pytest.raises(Refused, match="exclusion_without_end"):
            exclude_people({"recall:DC1": who}, until=now, by=county_officer, now=now)


def test_codes_are_for_people_of_the_own_places(village_worker: Actor, now: datetime) -> None:
    with acting(SYSTEM):
        (stranger,) = people(1, now, area=610302001001 * 10**6)
    with acting(village_worker), pytest.raises(Refused, match="not_found"):
        issue_codes([stranger], by=village_worker, now=now)
    with acting(SYSTEM):
        assert not ResidentCode.objects.exists()


def test_everybody_of_a_place_gets_a_code(
    county_officer: Actor, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dayclear.sampling.commands.codes._AT_A_TIME", 2)
    who = people(5, now)
    people(1, now, area=610302001001 * 10**6)
    made = [code for some in issue_codes_of_place(VILLAGE, by=county_officer, now=now) for code in some]
    assert [code.person for code in made] == who
    assert as_pdf(made)[:5] == b"%PDF-"
    with pytest.raises(Refused, match="outside_area"):
        list(issue_codes_of_place(610302001001 * 10**6, by=county_officer, now=now))
