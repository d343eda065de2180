"""A result file from its upload to the laboratory's plates."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from dayclear.foundation import clock
from dayclear.foundation.actors import Actor
from dayclear.foundation.rules import Role
from dayclear.foundation.scope import acting
from dayclear.interop.commands.result_files import drop_result_files
from dayclear.interop.labfiles.hl7v2 import write_hl7
from dayclear.interop.labfiles.jsonfile import write_json
from dayclear.interop.labfiles.tables import write_csv, write_xlsx
from dayclear.interop.models import ResultFile
from dayclear.lab.models import Plate
from dayclear.lab.rules.cutoffs import State
from dayclear.lab.rules.intake import PlateReadings
from dayclear.lab.tests.acts import SYSTEM, VILLAGE, laboratory, opened, plated, readings, received

ClientOf = Callable[[Actor], Client]
TUBES = list(range(1, 11))
WRITERS: dict[str, Callable[[list[PlateReadings]], bytes]] = {
    "csv": write_csv,
    "xlsx": write_xlsx,
    "json": write_json,
    "hl7": lambda plates: write_hl7(plates, disease="covid-19", sender="lab", at=clock.now(), pools={}),
}


@pytest.fixture
def worker(make_actor: Callable[[str, Role, int], Actor]) -> Actor:
    return make_actor("lab-worker", Role.LAB_WORKER, VILLAGE)


@pytest.fixture
def lab(worker: Actor) -> int:
    now = clock.now()
    made = laboratory(now)
    opened(TUBES, now)
    received(made, TUBES, by=worker, now=now)
    return made


def said(code: str = "P1", states: dict[int, State] | None = None, now: datetime | None = None) -> PlateReadings:
    whole = (now or clock.now()).replace(microsecond=0)
    return readings(code, TUBES, whole, states)


def upload(client: Client, lab: int, data: bytes, name: str = "results") -> str:
    file = SimpleUploadedFile(name, data)
    response = client.post("/imports/results", {"laboratory": str(lab), "file": file, "key": name})
    assert response.status_code == 302, response.content.decode()
    return response.headers["Location"]


@pytest.mark.parametrize("form", WRITERS)
def test_a_file_of_each_form_is_looked_at_and_taken_in_once(
    client_of: ClientOf, worker: Actor, lab: int, form: str
) -> None:
    plate = plated(lab, "P1", TUBES, by=worker, now=clock.now())
    client = client_of(worker)
    address = upload(client, lab, WRITERS[form]([said(states={3: State.POSITIVE})]))
    assert "1 plate can be taken in." in client.get(address).content.decode()
    for _clicked_twice in range(2):
        assert client.post(f"{address}/take-in").status_code == 302
    with acting(SYSTEM):
        row = Plate.objects.get(pk=plate)
        assert row.state == "run"
        assert row.states is not None
        assert row.states.count("positive") == 1
        kept = ResultFile.objects.get()
        assert (kept.form, kept.wells, bytes(kept.sealed)[:20] != WRITERS[form]([said()])[:20]) == (form, 10, True)
    assert "10 wells were taken in." in client.get(address).content.decode()


def test_what_is_wrong_stands_there_by_row_and_the_good_plates_are_taken_in(
    client_of: ClientOf, worker: Actor, lab: int
) -> None:
    plated(lab, "P1", TUBES, by=worker, now=clock.now())
    client = client_of(worker)
    address = upload(client, lab, write_csv([said(), said("P7")]))
    page = client.get(address).content.decode()
    assert "1 plate can be taken in." in page
    assert "1 plate is left as it is." in page
    assert "Plate P7 was never made up here" in page
    assert client.post(f"{address}/take-in").status_code == 302
    again = upload(client, lab, write_csv([said()]), "again")
    assert "are in already" in client.get(again).content.decode()
    assert client.post(f"{again}/take-in").status_code == 302


def test_a_file_with_a_row_that_cannot_be_read_is_not_taken_in(client_of: ClientOf, worker: Actor, lab: int) -> None:
    plated(lab, "P1", TUBES, by=worker, now=clock.now())
    client = client_of(worker)
    data = write_csv([said()]).replace(b"Undetermined", b"perhaps", 1)
    address = upload(client, lab, data)
    page = client.get(address).content.decode()
    assert "1 row cannot be read: nothing is taken in." in page
    assert "perhaps is no Ct" in page
    refused = client.post(f"{address}/take-in")
    assert (refused.status_code, "file_has_problems" in refused.content.decode()) == (409, True)


def test_a_picture_and_a_table_without_columns_are_refused_and_not_kept(
    client_of: ClientOf, worker: Actor, lab: int
) -> None:
    client = client_of(worker)
    picture = {"laboratory": str(lab), "file": SimpleUploadedFile("a.png", b"\x89PNG\r\n\x1a\n" + bytes(64))}
    assert client.post("/imports/results", picture).status_code == 422
    table = {"laboratory": str(lab), "file": SimpleUploadedFile("a.csv", b"name,age\nx,3\n")}
    refused = client.post("/imports/results", table)
    assert (refused.status_code, "columns_missing" in refused.content.decode()) == (409, True)
    with acting(SYSTEM):
        assert not ResultFile.objects.exists()


def test_result_files_are_for_those_who_work_in_the_laboratory(
    client_of: ClientOf, worker: Actor, county_officer: Actor, lab: int
) -> None:
    plated(lab, "P1", TUBES, by=worker, now=clock.now())
    address = upload(client_of(worker), lab, write_json([said()]))
    assert client_of(county_officer).get(address).status_code == 403
    assert client_of(county_officer).post(f"{address}/take-in").status_code == 403


def test_files_past_their_time_are_deleted(client_of: ClientOf, worker: Actor, lab: int) -> None:
    plated(lab, "P1", TUBES, by=worker, now=clock.now())
    upload(client_of(worker), lab, write_json([said()]))
    with acting(SYSTEM):
        assert drop_result_files(by=SYSTEM, now=clock.now()) == 0
        assert drop_result_files(by=SYSTEM, now=clock.now() + timedelta(days=31)) == 1
