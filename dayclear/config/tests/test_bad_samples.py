"""What samplers, phones and laboratories get wrong: each told over HTTP in a sentence of either language, and never
taken in. Which test proves each item of the list is in `tests/test_every_fault_has_a_test.py`.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils.translation import override

from dayclear.config.refusals import catalogue
from dayclear.foundation import clock
from dayclear.foundation.actors import Actor
from dayclear.foundation.rules import Role
from dayclear.foundation.scope import acting
from dayclear.interop.labfiles import tables
from dayclear.interop.labfiles.tables import write_csv
from dayclear.lab.models import Plate, Result
from dayclear.lab.rules.intake import PlateReadings
from dayclear.lab.tests.acts import laboratory, opened, plated, readings, received
from dayclear.sampling.commands import close_box, end_device, open_box, pack_tubes, receive_box, send_box
from dayclear.sampling.models import Box, Swab
from dayclear.sampling.tests.acts import SYSTEM, VILLAGE, Phone, people, phone, tokens

ClientOf = Callable[[Actor], Client]
Ask = Callable[[str], Any]
TUBES = list(range(1, 11))


@dataclass(frozen=True)
class Cast:
    """Who acts in the rows."""

    client_of: ClientOf
    officer: Actor
    worker: Actor
    now: datetime


@pytest.fixture
def cast(client_of: ClientOf, county_officer: Actor, make_actor: Callable[[str, Role, int], Actor]) -> Cast:
    # The instant of a request is the real one.
    return Cast(client_of, county_officer, make_actor("lab-worker", Role.LAB_WORKER, VILLAGE), clock.now())


# ----------------------------------------------------------------------------------------------- uploads


def _sent(device: Phone, body: bytes, signature: str = "") -> Ask:
    """Send a batch, again in the other language: the answer is the same."""
    headers = {"Dayclear-Signature": signature or device.sign(body), "Dayclear-Date": clock.now().isoformat()}
    return lambda language: Client(HTTP_ACCEPT_LANGUAGE=language).post(
        "/api/v1/sampling/uploads", body, content_type="application/json", headers=headers
    )


def _tube_of(count: int) -> Callable[[Cast], Ask]:
    def act(cast: Cast) -> Ask:
        device = phone(cast.now)
        return _sent(device, device.batch(cast.now, [device.tube(cast.now, tokens(people(count, cast.now)))]))

    return act


def _duplicate_tube(cast: Cast) -> Ask:
    device, who = phone(cast.now), tokens(people(2, cast.now))
    first = device.tube(cast.now, who[:1])
    return _sent(device, device.batch(cast.now, [first, device.tube(cast.now, who[1:], number=first["number"])]))


def _two_desks(cast: Cast) -> Ask:
    mine, other = phone(cast.now), phone(cast.now)
    tube = other.tube(cast.now, tokens(people(1, cast.now)), number=mine.label())
    return _sent(other, other.batch(cast.now, [tube]))


def _lost_device(cast: Cast) -> Ask:
    device = phone(cast.now)
    with acting(SYSTEM):
        end_device(device.id, "lost", reason="left in a taxi", by=SYSTEM, now=cast.now)
    return _sent(device, device.batch(cast.now, [device.tube(cast.now, tokens(people(1, cast.now)))]))


def _other_batch_under_a_used_counter(cast: Cast) -> Ask:
    device = phone(cast.now)
    device.send(device.batch(cast.now), cast.now)
    tube = device.tube(cast.now, tokens(people(1, cast.now)))
    return _sent(device, device.batch(cast.now, [tube], counter=1))


def _forged(cast: Cast) -> Ask:
    device, forger = phone(cast.now), phone(cast.now)
    body = device.batch(cast.now, [device.tube(cast.now, tokens(people(1, cast.now)))])
    return _sent(device, body, forger.sign(body))


def _cut(cast: Cast) -> Ask:
    device = phone(cast.now)
    body = device.batch(cast.now, [device.tube(cast.now, tokens(people(1, cast.now)))])
    return _sent(device, body[: len(body) // 2], device.sign(body))


UPLOADS = [
    pytest.param(_duplicate_tube, "tube_already_closed", id="a duplicate tube"),
    pytest.param(_two_desks, "tube_not_of_device", id="a tube opened at two desks"),
    pytest.param(_tube_of(11), "tube_too_full", id="a tube of eleven"),
    pytest.param(_lost_device, "device_lost", id="a lost device"),
    pytest.param(_other_batch_under_a_used_counter, "counter_reused", id="another batch under a used counter"),
    pytest.param(_forged, "signature_bad", id="a forged batch"),
    pytest.param(_cut, "upload_unreadable", id="an upload cut in the middle"),
]


@pytest.mark.parametrize(("act", "code"), UPLOADS)
def test_an_upload_that_cannot_be_is_answered_in_both_languages(
    cast: Cast, act: Callable[[Cast], Ask], code: str
) -> None:
    with acting(SYSTEM):
        before = Swab.objects.count()
    ask = act(cast)
    _assert_said(code, lambda language: json.dumps(json.loads(ask(language).content), ensure_ascii=False))
    with acting(SYSTEM):
        assert Swab.objects.count() - before == (1 if code == "tube_already_closed" else 0)


# ------------------------------------------------------------------------------------------ result files


def _plate(cast: Cast) -> tuple[int, PlateReadings]:
    """A plate of ten that waits for its results, and what its machine would say."""
    lab = laboratory(cast.now)
    opened(TUBES, cast.now)
    received(lab, TUBES, by=cast.worker, now=cast.now)
    plated(lab, "P1", TUBES, by=cast.worker, now=cast.now)
    return lab, readings("P1", TUBES, cast.now.replace(microsecond=0))


def _file(cast: Cast, lab: int, data: bytes) -> Ask:
    """The page of a result file, or what its upload is refused with."""
    client, form = cast.client_of(cast.worker), {"laboratory": str(lab), "key": f"file {len(data)}"}

    def ask(language: str) -> Any:
        file = SimpleUploadedFile("results.csv", data)
        return client.post(
            "/imports/results", {**form, "file": file}, follow=True, headers={"Accept-Language": language}
        )

    return ask


def _another_tube(number: int) -> Callable[[Cast], Ask]:
    def act(cast: Cast) -> Ask:
        lab, _said = _plate(cast)
        opened([2001], cast.now)
        return _file(cast, lab, write_csv([readings("P1", [*TUBES[:9], number], cast.now.replace(microsecond=0))]))

    return act


def _truncated(cast: Cast) -> Ask:
    lab, said = _plate(cast)
    return _file(cast, lab, write_csv([said]))


def _second_file(cast: Cast) -> Ask:
    lab, said = _plate(cast)
    client = cast.client_of(cast.worker)
    file = SimpleUploadedFile("first.csv", write_csv([said]))
    address = client.post("/imports/results", {"laboratory": str(lab), "file": file, "key": "first"}).headers[
        "Location"
    ]
    assert client.post(f"{address}/take-in").status_code == 302
    return _file(cast, lab, write_csv([said, replace(said, plate="P2")]))


def _ct_of_99(cast: Cast) -> Ask:
    lab, _said = _plate(cast)
    whole = cast.now.replace(microsecond=0)
    return _file(cast, lab, write_csv([readings("P1", TUBES, whole, cts={TUBES[0]: {"N": 99.0}})]))


def _other_version(cast: Cast) -> Ask:
    lab, said = _plate(cast)
    return _file(cast, lab, write_csv([replace(said, version="2")]))


FILES = [
    pytest.param(_another_tube(999_999), "tube_unknown", id="a result for an unknown tube"),
    pytest.param(_another_tube(2001), "result_before_reception", id="a result before reception"),
    pytest.param(_truncated, "file_truncated", id="a file that ends on the last row of a sheet"),
    pytest.param(_second_file, "plate_already_in", id="two files with one plate"),
    pytest.param(_ct_of_99, "ct_impossible", id="a Ct of 99"),
    pytest.param(_other_version, "wrong_cut_off_version", id="a wrong version of the cut-offs"),
]


@pytest.mark.parametrize(("act", "code"), FILES)
def test_a_result_file_that_cannot_be_is_answered_in_both_languages(
    cast: Cast, act: Callable[[Cast], Ask], code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if code == "file_truncated":
        # A sheet as long as the file, where a real one has 65,536 rows (interop/tests/test_labfiles.py).
        monkeypatch.setattr(tables, "FULL_SHEETS", (1 + 3 * (len(TUBES) + 4),))
    ask = act(cast)
    _assert_said(code, lambda language: ask(language).content.decode())
    with acting(SYSTEM):
        assert not Result.objects.exists()
        assert Plate.objects.filter(state="run").count() == (1 if code == "plate_already_in" else 0)


# ------------------------------------------------------------------------------------------------- boxes


def _packed(cast: Cast, counted: int, destination: str) -> tuple[Box, list[int]]:
    """A box of three tubes, closed with this count and on its way."""
    device = phone(cast.now)
    made = [device.tube(cast.now, tokens(people(1, cast.now))) for _ in range(3)]
    device.send(device.batch(cast.now, made), cast.now)
    by = cast.officer
    with acting(by):
        box = open_box(VILLAGE, by=by, now=cast.now)
        pack_tubes(box, [tube["number"] for tube in made], by=by, now=cast.now)
        close_box(box, counted, by=by, now=cast.now)
        send_box(
            box, destination=destination, destination_name="Second laboratory", counted=counted, by=by, now=cast.now
        )
        return Box.objects.get(pk=box), list(range(device.first, device.first + 3))


def _wrong_lab(cast: Cast) -> Ask:
    here, there = laboratory(cast.now), laboratory(cast.now, code="LAB-2", name="Second laboratory")
    box, _tubes = _packed(cast, 3, f"lab:{there}")
    client = cast.client_of(cast.worker)
    return lambda language: client.get(f"/labs/{here}/receive?box={box.pk}", headers={"Accept-Language": language})


def _off_by_one(cast: Cast) -> Ask:
    box, tubes = _packed(cast, 4, "lab:7")
    with acting(SYSTEM):
        receive_box(box.pk, dict.fromkeys(tubes, "good"), counted=3, by=SYSTEM, now=cast.now)
    client = cast.client_of(cast.officer)
    return lambda language: client.post(
        f"/sampling/boxes/{box.pk}/reconcile", {"key": language}, headers={"Accept-Language": language}
    )


BOXES = [
    pytest.param(_wrong_lab, "box_for_another_lab", id="a box to the wrong laboratory"),
    pytest.param(_off_by_one, "box_counts_differ", id="a count off by one"),
]


@pytest.mark.parametrize(("act", "code"), BOXES)
def test_a_box_that_cannot_be_is_answered_in_both_languages(cast: Cast, act: Callable[[Cast], Ask], code: str) -> None:
    ask = act(cast)
    _assert_said(code, lambda language: ask(language).content.decode())


def _assert_said(code: str, text_in: Callable[[str], str]) -> None:
    """The sentence of a code stands in the answer, in English and in Chinese."""
    patterns = {}
    for language in ("en", "zh-hans"):
        with override(language):
            said = str(catalogue()[code])
        patterns[language] = ".*?".join(map(re.escape, re.split(r"%\(\w+\)s", said)))
        text = html.unescape(text_in(language))
        assert re.search(patterns[language], text, re.DOTALL), (patterns[language], text[-3_000:])
    assert patterns["en"] != patterns["zh-hans"]
    assert any("一" <= letter <= "鿿" for letter in patterns["zh-hans"])
