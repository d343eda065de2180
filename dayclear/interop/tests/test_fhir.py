"""A pooled tube as FHIR R4: valid by the models of `fhir.resources`, and saying what the mapping says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from fhir.resources.R4B.bundle import Bundle

from dayclear.foundation import clock
from dayclear.foundation.actors import Actor
from dayclear.foundation.scope import acting
from dayclear.interop.fhir.pool import POOLED, Pool, Reported, pool_bundle
from dayclear.lab.commands import release_plate, take_in_results
from dayclear.lab.rules.cutoffs import State
from dayclear.lab.tests.acts import SYSTEM, VILLAGE, laboratory, plated, readings, received
from dayclear.sampling.rules.numbers import parsed
from dayclear.sampling.tests.acts import people, phone, tokens

AT = datetime(2022, 8, 14, 4, tzinfo=UTC)
RESULT = Reported(State.NEGATIVE, AT, 1, "First laboratory", "common 1", {"ORF1ab": None, "N": None, "RNP": 25.0})
POOL = Pool("DC0000000011X", "covid-19", [7, 8, 9], AT - timedelta(hours=3), AT - timedelta(hours=2), AT, RESULT)


def of_kind(bundle: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [each["resource"] for each in bundle["entry"] if each["resource"]["resourceType"] == kind]


def codes(bundle: dict[str, Any]) -> list[str]:
    found = [each.get("valueCodeableConcept") for each in of_kind(bundle, "Observation")]
    return [each["coding"][0]["code"] for each in found if each]


@pytest.mark.parametrize("state", [None, *State], ids=["no result yet", *(state.value for state in State)])
def test_the_bundle_of_a_pool_is_valid(state: State | None) -> None:
    result = None if state is None else replace(RESULT, state=state)
    bundle = pool_bundle(replace(POOL, result=result), at=AT)
    Bundle.model_validate(bundle)
    there = {each["fullUrl"] for each in bundle["entry"]}
    assert _references(bundle) <= there, "every reference leads to an entry"


def _references(value: Any) -> set[str]:
    if isinstance(value, dict):
        own = {value["reference"]} if isinstance(value.get("reference"), str) else set()
        return own.union(*(_references(each) for each in value.values()))
    return set().union(*(_references(each) for each in value)) if isinstance(value, list) else set()


def test_the_tube_is_a_pooled_specimen_of_its_swabs_and_its_group() -> None:
    bundle = pool_bundle(POOL, at=AT)
    (tube,) = [each for each in of_kind(bundle, "Specimen") if "parent" in each]
    assert (len(tube["parent"]), tube["extension"]) == (3, [{"url": POOLED, "valueCode": "pooled"}])
    (group,) = of_kind(bundle, "Group")
    assert (group["actual"], group["quantity"], len(group["member"])) == (True, 3, 3)
    assert tube["subject"]["reference"].endswith(group["id"])
    assert tube["container"][0]["identifier"][0]["value"] == POOL.number


def test_a_negative_pool_says_of_each_person_what_it_means() -> None:
    assert codes(pool_bundle(POOL, at=AT)) == ["260415000", *["895231008"] * 3]


@pytest.mark.parametrize(
    ("state", "code"), [(State.POSITIVE, "260373001"), (State.SINGLE_TARGET, "419984006")], ids=str
)
def test_a_pool_that_is_not_negative_gives_nobody_a_result_but_a_recall(state: State, code: str) -> None:
    bundle = pool_bundle(replace(POOL, result=replace(RESULT, state=state)), at=AT)
    assert codes(bundle) == [code]
    assert len(of_kind(bundle, "Task")) == 3
    assert sum(each["intent"] == "reflex-order" for each in of_kind(bundle, "ServiceRequest")) == 3


def test_a_second_version_is_called_corrected_and_has_the_same_addresses() -> None:
    first, second = pool_bundle(POOL, at=AT), pool_bundle(replace(POOL, result=replace(RESULT, version=2)), at=AT)
    assert [each["fullUrl"] for each in first["entry"]] == [each["fullUrl"] for each in second["entry"]]
    assert {each["status"] for each in of_kind(second, "DiagnosticReport")} == {"corrected"}


def test_a_tube_of_ten_is_exported_through_the_api_without_a_name(
    client_of: Callable[[Actor], Client], county_officer: Actor
) -> None:
    now = clock.now()
    with acting(SYSTEM):
        device = phone(now)
        members = people(10, now)
        tube = device.tube(now, tokens(members))
        device.send(device.batch(now, [tube]), now)
        number = parsed(tube["number"])
    assert number is not None
    lab = laboratory(now, area=VILLAGE)
    received(lab, [number], by=SYSTEM, now=now)
    plate = plated(lab, "P1", [number], by=SYSTEM, now=now)
    with acting(SYSTEM):
        take_in_results(lab, [readings("P1", [number], now)], by=SYSTEM, now=now)
        release_plate(plate, by=SYSTEM, now=now)
    response = client_of(county_officer).get(f"/api/v1/fhir/pools/{tube['number']}")
    assert (response.status_code, response["Content-Type"]) == (200, "application/fhir+json")
    bundle = response.json()
    Bundle.model_validate(bundle)
    assert codes(bundle) == ["260415000", *["895231008"] * 10]
    assert "Person 1" not in response.content.decode()
