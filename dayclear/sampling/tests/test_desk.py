"""The sampler's page as it is handed out, and what its device exports instead of uploading."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from dayclear.foundation import clock
from dayclear.foundation.actors import Actor
from dayclear.foundation.decisions import Refused
from dayclear.foundation.models import Event
from dayclear.foundation.scope import acting
from dayclear.sampling import decoder, desk_texts
from dayclear.sampling.commands.exports import Taken, take_in_export
from dayclear.sampling.models import Swab, Tube
from dayclear.sampling.rules.codes import base45
from dayclear.sampling.taking_in import FORMAT, read_export
from dayclear.sampling.tests.acts import SYSTEM, Phone, people, phone, tokens

SCRIPTS = Path(desk_texts.__file__).parent / "static" / "sampling"
PAGE = Path(desk_texts.__file__).parent / "templates" / "sampling" / "desk.html"


def _named() -> set[str]:
    """The names of texts that the page and its scripts ask for: in attributes, alone, or by their beginning."""
    written = PAGE.read_text() + "".join(file.read_text() for file in SCRIPTS.glob("*.js"))
    return set(re.findall(r"[\"'`]([a-z0-9_]+)[\"'`]", written)) | set(
        re.findall(r'data-say(?:-label)?="(\w+)"', written)
    )


def test_every_text_the_page_names_is_there_and_none_is_idle() -> None:
    english = desk_texts.texts()["en"]
    asked = set(re.findall(r'data-say(?:-label)?="(\w+)"', PAGE.read_text()))
    for file in SCRIPTS.glob("*.js"):
        asked |= set(re.findall(r'(?:say|Refusal)\("(\w+)"', file.read_text()))
    assert asked - set(english) == set()
    composed = ("code_", "shown_", "identity_field", "slip_field")
    assert {name for name in set(english) - _named() if not name.startswith(composed)} == set()


def test_both_languages_take_along_the_same_texts_with_the_same_blanks() -> None:
    said = desk_texts.texts()
    assert set(said) == {"zh-hans", "en"}
    blanks = {
        language: {name: sorted(re.findall(r"{\w+}", text)) for name, text in texts.items()}
        for language, texts in said.items()
    }
    assert blanks["en"] == blanks["zh-hans"]


@pytest.fixture
def shell() -> dict[str, str]:
    client = Client()
    return {name: client.get(f"/sampling/desk/{name}").content.decode() for name in ("", "worker.js", "shell.json")}


def test_the_worker_keeps_every_file_of_the_page_by_its_digest(shell: dict[str, str]) -> None:
    listed = re.search(r"^const FILES = (.*);$", shell["worker.js"], re.M)
    assert listed is not None
    files = dict(json.loads(listed[1]))
    assert {f"/static/sampling/{file.name}" for file in SCRIPTS.glob("*.js") if file.name != "worker.js"} < set(files)
    assert set(re.findall(r'(?:src|href)="(/static/[^"]+)"', shell[""])) < set(files)
    assert files["/sampling/desk/"] == "sha256-" + _base64(sha256(shell[""].encode()).digest())
    assert all(digest.startswith("sha256-") for digest in files.values())


def _base64(data: bytes) -> str:
    from base64 import b64encode

    return b64encode(data).decode()


def test_the_page_may_compile_the_decoder_and_runs_no_script_but_ours(shell: dict[str, str]) -> None:
    policy = Client().get("/sampling/desk/").headers["Content-Security-Policy"]
    assert "script-src 'self' 'wasm-unsafe-eval';" in policy
    assert "wasm" not in Client().get("/sampling/desk/worker.js").headers["Content-Security-Policy"]
    assert re.findall(r"<script(?![^>]*src=)", shell[""]) == []
    assert " style=" not in shell[""]


def test_without_npm_there_is_no_decoder_and_the_page_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(decoder, "_STATIC", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert decoder.bring_decoder() is False
    assert decoder.decoder_files() == []


# ---------------------------------------------------------------------------------------------------------- exports


def _file(device: Phone, bodies: Sequence[bytes], **said: object) -> str:
    batches = [{"body": body.decode(), "signature": device.sign(body)} for body in bodies]
    return json.dumps({"format": FORMAT, "device": device.id, "batches": batches, **said})


def _lines(text: str, size: int = 60) -> list[str]:
    packed = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    deflated = packed.compress(text.encode()) + packed.flush()
    whole, which = base45(deflated), sha256(deflated).hexdigest()[:8].upper()
    pieces = [whole[at : at + size] for at in range(0, len(whole), size)]
    return [f"DCX:{which}:{at}:{len(pieces)}:{piece}" for at, piece in enumerate(pieces, 1)]


def _take_in(text: str, now: datetime, by: Actor = SYSTEM) -> Taken:
    with acting(by):
        return take_in_export(text, by=by, now=now)


@pytest.mark.usefixtures("places")
def test_an_export_counts_once_however_often_and_by_whatever_way_it_comes(now: datetime) -> None:
    device = phone(now)
    body = device.batch(now, [device.tube(now, tokens(people(3, now)))])
    text = _file(device, [body])
    (first,) = _take_in(text, now).batches
    assert (first.already, first.tubes, first.swabs, first.disputed) == (False, 1, 3, 0)
    lines = _lines(text)
    (again,) = _take_in("\r\n".join([*reversed(lines), lines[0], ""]), now).batches
    assert again.already
    assert device.send(body, now).already
    with acting(SYSTEM):
        assert (Tube.objects.count(), Swab.objects.count()) == (1, 3)
        assert Event.objects.filter(kind="sampling.export_taken_in").count() == 2


@pytest.mark.usefixtures("places")
def test_a_forged_batch_holds_up_no_other(now: datetime) -> None:
    device = phone(now)
    good, forged = (device.batch(now, [device.tube(now, tokens(people(1, now)))]) for _ in range(2))
    said = json.loads(_file(device, [forged, good]))
    said["batches"][0]["signature"] = said["batches"][1]["signature"]
    refused, taken = _take_in(json.dumps(said), now).batches
    assert refused.refusal is not None
    assert refused.refusal.codes == ("signature_bad",)
    assert (taken.tubes, taken.refusal) == (1, None)


@pytest.mark.usefixtures("places")
def test_what_the_device_knew_of_its_clock_puts_its_instants_right(now: datetime) -> None:
    device, behind = phone(now), timedelta(days=365)
    body = device.batch(now - behind, [device.tube(now - behind, tokens(people(1, now)))])
    (taken,) = _take_in(_file(device, [body], clock_behind_ms=int(behind.total_seconds() * 1000)), now).batches
    assert (taken.tubes, taken.disputed) == (1, 0)


@pytest.mark.usefixtures("places")
def test_an_officer_takes_in_what_devices_of_their_places_exported(
    now: datetime, make_actor: Callable[..., Actor], county_officer: Actor, village_worker: Actor
) -> None:
    device = phone(now)
    text = _file(device, [device.batch(now, [device.tube(now, tokens(people(1, now)))])])
    with pytest.raises(Refused, match="right_missing"):
        _take_in(text, now, village_worker)
    elsewhere = make_actor("elsewhere", county_officer.role, 610302 * 10**12)
    with pytest.raises(Refused, match="not_found"):
        _take_in(text, now, elsewhere)
    assert _take_in(text, now, county_officer).batches[0].tubes == 1


@pytest.mark.usefixtures("places")
def test_the_page_takes_a_file_or_lines_and_says_what_became_of_each_batch(
    county_officer: Actor, client_of: Callable[[Actor], Client]
) -> None:
    now = clock.now()
    device = phone(now)
    text = _file(device, [device.batch(now, [device.tube(now, tokens(people(3, now)))])])
    client = client_of(county_officer)
    assert "/sampling/devices/take-in" in client.get("/sampling/devices/").content.decode()
    assert client.get("/sampling/devices/take-in").status_code == 200
    file = SimpleUploadedFile("export.json", text.encode())
    first = client.post("/sampling/devices/take-in", {"file": file}).content.decode()
    assert "Export of Phone" in first
    assert "had come before" not in first
    again = client.post("/sampling/devices/take-in", {"lines": "\r\n".join(_lines(text))}).content.decode()
    assert "had come before" in again
    bad = client.post("/sampling/devices/take-in", {"file": SimpleUploadedFile("export.json", b"\xff\xfe")})
    assert (bad.status_code, "This is no export" in bad.content.decode()) == (409, True)


def test_qr_codes_that_were_not_scanned_are_named() -> None:
    lines = _lines(json.dumps({"format": FORMAT, "device": 1, "batches": []}), size=10)
    with pytest.raises(Refused) as refused:
        read_export("\n".join(lines[:1] + lines[3:]))
    (reason,) = refused.value.decision.reasons
    assert (reason.code, reason.params) == ("export_incomplete", {"missing": "2, 3", "count": len(lines)})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nothing of ours",
        '{"format": "dayclear-batches/2", "device": 1, "batches": []}',
        '{"format": "dayclear-batches/1", "device": 1, "batches": [{"body": 1}]}',
        "DCX:00000000:1:1:BB8",
        "DCX:00000000:1:1:BB8\nDCX:00000001:1:1:BB8",
        "DCX:00000000:1:1:ab",
        "DCX:00000000:0:0:",
    ],
    ids=[
        "empty",
        "text",
        "a later format",
        "a body that is none",
        "not deflated",
        "two exports",
        "no Base45",
        "of none",
    ],
)
def test_what_is_no_export_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="export_unreadable"):
        read_export(text)
