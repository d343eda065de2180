"""Results of a laboratory through the API and as files: what went in comes out, to those of its place."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from dayclear.foundation import clock
from dayclear.foundation.actors import Actor
from dayclear.foundation.models import ApiToken, Grant
from dayclear.foundation.rules import Role
from dayclear.foundation.scope import acting
from dayclear.interop.labfiles.content import LabFile
from dayclear.interop.labfiles.jsonfile import write_json
from dayclear.interop.labfiles.reading import read_lab_file
from dayclear.interop.labfiles.tables import write_csv
from dayclear.interop.models import ResultFile
from dayclear.lab.commands import ask_correction, release_plate, sign_correction, take_in_results
from dayclear.lab.rules.cutoffs import State
from dayclear.lab.rules.intake import PlateReadings
from dayclear.lab.tests.acts import COUNTY, SYSTEM, laboratory, opened, plated, readings, received
from dayclear.sampling.rules.numbers import printed

TUBES = list(range(7001, 7006))
ClientOf = Callable[[Actor], Client]


@pytest.fixture
def worker(make_actor: Callable[..., Actor]) -> Actor:
    return make_actor("lab-worker", Role.LAB_WORKER, COUNTY)


@pytest.fixture
def second(make_actor: Callable[..., Actor]) -> Actor:
    return make_actor("lab-second", Role.LAB_WORKER, COUNTY)


@pytest.fixture
def lab(worker: Actor, now: datetime) -> int:
    opened(TUBES, now)
    lab = laboratory(now)
    received(lab, TUBES, by=worker, now=now)
    return lab


@pytest.fixture
def plate(lab: int, worker: Actor, now: datetime) -> int:
    return plated(lab, "P1", TUBES, by=worker, now=now)


def by_token(client_of: ClientOf, actor: Actor) -> dict[str, str]:
    """What a program of the actor's sends along."""
    client_of(actor)
    now = clock.now()
    ApiToken.objects.create(
        grant=Grant.objects.get(user=actor.user_id),
        name="an instrument",
        digest=hashlib.sha256(actor.label.encode()).digest(),
        may_write=True,
        created_at=now,
        expires_at=now + timedelta(days=1),
    )
    return {"Authorization": f"Bearer {actor.label}"}


def posted(lab: int, data: bytes, headers: dict[str, str], **more: str) -> Any:
    address = f"/api/v1/laboratories/{lab}/results"
    return Client().post(address, data, content_type="application/octet-stream", headers={**headers, **more})


def said(now: datetime, states: dict[int, State] | None = None) -> PlateReadings:
    return readings("P1", TUBES, now, states)


@pytest.mark.parametrize("write", [write_json, write_csv], ids=["JSON", "csv"])
def test_a_program_hands_results_in_once(
    client_of: ClientOf, worker: Actor, lab: int, plate: int, now: datetime, write: Callable[[Any], bytes]
) -> None:
    headers = by_token(client_of, worker)
    data = write([said(now), readings("P9", TUBES[:1], now)])
    first = posted(lab, data, headers, **{"Idempotency-Key": "run-1"})
    assert first.status_code == 201
    answer = first.json()
    assert (answer["plates"], answer["wells"]) == ([plate], 5)
    assert {(each["plate"], each["code"]) for each in answer["problems"]} == {("P9", "plate_unknown")}
    again = posted(lab, data, headers, **{"Idempotency-Key": "run-1"})
    assert (again.json(), again.headers["Idempotency-Replayed"]) == (answer, "true")
    other = posted(lab, write([said(now)]), headers, **{"Idempotency-Key": "run-1"})
    assert [each["code"] for each in other.json()["reasons"]] == ["key_used_otherwise"]
    with acting(SYSTEM):
        assert ResultFile.objects.get().pk == answer["id"]


def test_a_file_that_cannot_be_read_names_its_lines_and_is_not_kept(
    client_of: ClientOf, worker: Actor, county_officer: Actor, lab: int, plate: int, now: datetime
) -> None:
    headers = by_token(client_of, worker)
    refused = posted(lab, write_csv([said(now)]).replace(b"25.0", b"high", 1), headers)
    assert refused.status_code == 409
    reasons = refused.json()["reasons"]
    assert [each["code"] for each in reasons] == ["file_has_problems", "ct_unreadable"]
    assert reasons[1]["params"]["row"] == 4
    assert posted(lab, b"", headers).json()["reasons"][0]["code"] == "file_empty"
    assert posted(lab, b"one column\n", headers).json()["reasons"][0]["code"] == "file_not_as_described"
    # An officer manages laboratories and enters no results; a laboratory elsewhere is none.
    assert posted(lab, write_json([said(now)]), by_token(client_of, county_officer)).status_code == 403
    assert posted(lab + 1000, write_json([said(now)]), headers).status_code == 404
    with acting(SYSTEM):
        assert not ResultFile.objects.exists()


def test_plates_and_the_results_of_a_tube_are_read(
    client_of: ClientOf, worker: Actor, second: Actor, lab: int, plate: int, now: datetime
) -> None:
    with acting(worker):
        take_in_results(lab, [said(now, {TUBES[0]: State.POSITIVE})], by=worker, now=now)
    headers = by_token(client_of, worker)

    def get(path: str) -> Any:
        return Client().get(f"/api/v1/{path}", headers=headers)

    assert [each["name"] for each in get("laboratories").json()["items"]] == ["First laboratory"]
    (row,) = get(f"plates?state=run&laboratory={lab}").json()["items"]
    assert (row["id"], row["tubes"], row["assay"]) == (plate, 5, "common")
    assert get("plates?state=released").json()["items"] == []
    assert get(f"tubes/{printed(TUBES[0])}/results").status_code == 404
    with acting(second):
        release_plate(plate, by=second, now=now)
    assert get(f"plates/{plate}").json()["state"] == "released"
    (result,) = get(f"tubes/{printed(TUBES[0])}/results").json()
    assert (result["state"], result["cts"]) == ("positive", {"ORF1ab": 24.0, "N": 25.0, "RNP": 25.5})


def test_a_released_plate_is_taken_along_with_what_counts_now(
    client_of: ClientOf, worker: Actor, second: Actor, lab: int, plate: int, now: datetime, tmp_path: Path
) -> None:
    with acting(worker):
        take_in_results(lab, [said(now, {TUBES[0]: State.POSITIVE})], by=worker, now=now)
    client = client_of(worker)
    assert client.get(f"/imports/plates/{plate}.hl7").status_code == 409
    with acting(second):
        release_plate(plate, by=second, now=now)
        asked = ask_correction(plate, TUBES[1], "invalid", "well was dry", by=second, now=now)
    with acting(worker):
        sign_correction(asked, by=worker, now=now)
    assert f"/imports/plates/{plate}.hl7" in client.get(f"/labs/plates/{plate}").content.decode()
    assert client.get(f"/imports/plates/{plate}.doc").status_code == 404

    def taken(form: str) -> LabFile:
        answer = client.get(f"/imports/plates/{plate}.{form}")
        assert answer.headers["Content-Disposition"] == f'attachment; filename="plate-{plate}.{form}"'
        path = tmp_path / f"plate.{form}"
        path.write_bytes(answer.content)
        return read_lab_file(path, zone=clock.local_zone())

    files = {form: taken(form) for form in ("hl7", "csv", "json")}
    wanted = {printed(tube): State.NEGATIVE for tube in TUBES}
    wanted |= {printed(TUBES[0]): State.POSITIVE, printed(TUBES[1]): State.INVALID}
    for form, file in files.items():
        (found,) = file.plates
        assert {each.tube: each.call for each in found.readings if each.tube} == wanted, form
        assert len(found.readings) == len(TUBES) + 4
    assert {each.tube: (each.role, each.count) for each in files["hl7"].specimens} == dict.fromkeys(wanted, ("L", 10))
    headers = by_token(client_of, worker)
    answer = Client().get(f"/api/v1/plates/{plate}/file/hl7", headers=headers)
    assert (answer.status_code, answer.content[:3]) == (200, b"BHS")
