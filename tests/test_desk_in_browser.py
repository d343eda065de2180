"""The sampler's page in a real browser: a shift without a server, and a network that is cut again and again.

Done-when 1 of issue 4: 300 people in 30 tubes and two boxes, registered with the network off, are with the server
exactly once after it comes back; and again with the connection cut at random 50 times.
"""

from __future__ import annotations

import base64
import json
import random
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cwt import COSEKey, encode
from PIL import Image
from playwright.sync_api import Browser, Playwright, Route, expect

from dayclear.foundation import clock
from dayclear.foundation.identifiers import is_resident_id_number
from dayclear.sampling.decoder import decoder_files
from dayclear.sampling.rules.codes import base45
from dayclear.sampling.rules.numbers import check_character, printed
from dayclear.sampling.signatures import jwk_of
from dayclear.sampling.taking_in import read_export
from tests.conftest import FLAGS, Product, assert_accessible
from tests.machine import ensure_chromium
from tests.sampler import PER_TUBE, Sampler, phone, server

pytestmark = pytest.mark.browser

PEOPLE, CUTS = 300, 50
UPLOADS = "**/api/v1/sampling/uploads"


def identity_number(serial: int) -> str:
    """A Chinese identity number with its right check character."""
    body = f"610113{1930 + serial // 1000 % 70:04d}0101{serial % 1000:03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True)) % 11]


class Supply:
    """What the server gave beforehand: codes to enrol devices, and people with their resident codes."""

    def __init__(self, prepared: dict[str, Any]) -> None:
        self._enrolments = iter(prepared["enrolments"])
        self._coded = iter(prepared["coded"])

    def enrolment(self) -> str:
        return str(next(self._enrolments))

    def coded(self, count: int) -> list[tuple[str, int]]:
        """Shape: (code, person)."""
        return [(code, person) for code, person in islice(self._coded, count)]


@pytest.fixture(scope="module")
def supply(product: Product) -> Supply:
    return Supply(server(product, f"prepare(devices=12, coded={PEOPLE})"))


class Shift:
    """Who is sampled: by code, identity number and slip in turn, in tubes of the device's own numbers."""

    def __init__(self, sampler: Sampler, supply: Supply, people: int = PEOPLE) -> None:
        bundle = sampler.setting("bundle")
        self.device, first = int(bundle["device"]["id"]), int(bundle["blocks"][0]["first"])
        self.coded = dict(supply.coded(people // 3))
        numbers = [identity_number(first + at) for at in range(people // 3)]
        slips = [f"S{first + at:06d}" for at in range(people // 3)]
        self.scans = [each for three in zip(self.coded, numbers, slips, strict=True) for each in three]
        self.labels = [printed(first + at) for at in range(-(-people // PER_TUBE))]

    def tubes(self) -> Iterator[tuple[str, list[str]]]:
        for at, label in enumerate(self.labels):
            yield label, self.scans[at * PER_TUBE : (at + 1) * PER_TUBE]

    def assert_held_once(self, held: dict[str, Any]) -> None:
        """The server holds exactly these people in exactly these tubes, and missed no batch."""
        known = {**self.coded, **held["numbers"], **held["slips"]}
        mine = sorted([label, known[scanned]] for label, scans in self.tubes() for scanned in scans)
        assert [each for each in held["swabs"] if each[0] in self.labels] == mine
        assert len({person for _label, person in mine}) == len(self.scans)
        assert [each for each in held["disputed"] if each[0] in self.labels] == []
        last, received = held["uploads"][str(self.device)]
        assert last == received > 0

    def boxes(self, held: dict[str, Any]) -> list[list[int]]:
        return [[tubes, counted] for device, tubes, counted in held["boxes"] if device == self.device]


def test_a_shift_without_a_network_is_with_the_server_once_when_it_comes_back(
    product: Product, chromium: Browser, supply: Supply
) -> None:
    with phone(product, chromium) as (context, sampler):
        sampler.start(supply.enrolment())
        shift = Shift(sampler, supply)
        sampler.until("navigator.serviceWorker.controller")
        context.set_offline(True)
        # Started anew without a server: the page is on the phone.
        sampler.again()
        for label, scans in shift.tubes():
            sampler.tube(label, scans)
        sampler.box(shift.labels[:15], counted=15)
        sampler.box(shift.labels[15:], counted=16)
        sampler.stands("Offline · Not uploaded: tubes 30, boxes 2")
        sampler.go("Not uploaded")
        sampler.act("End the shift")
        sampler.is_told("Something is neither uploaded nor saved.")
        sampler.again()
        sampler.stands("Not uploaded: tubes 30, boxes 2")
        context.set_offline(False)
        sampler.stands("Online · Everything is uploaded.")
        sampler.go("Not uploaded")
        sampler.act("End the shift")
        sampler.is_told("The shift is over.")
    held = server(product, "held()")
    shift.assert_held_once(held)
    assert shift.boxes(held) == [[15, 15], [15, 16]]


class Cuts:
    """A network that is cut, before the server hears of it or before its answer is heard; from a seed."""

    def __init__(self, count: int) -> None:
        self.left, self.unheard, self.always = count, 0, False
        self.random = random.Random(20221121)

    def meet(self, route: Route) -> None:
        if not self.left or (not self.always and self.random.random() > 0.7):
            route.continue_()
            return
        self.left -= 1
        if self.random.random() < 0.5:
            self.unheard += 1
            route.fetch()
        route.abort("connectionreset")


def test_a_connection_cut_fifty_times_at_random_loses_and_doubles_nothing(
    product: Product, chromium: Browser, supply: Supply
) -> None:
    # Without the service worker, which this network would not pass through.
    with phone(product, chromium, service_workers="block") as (_context, sampler):
        sampler.start(supply.enrolment())
        shift, cuts = Shift(sampler, supply), Cuts(CUTS)
        sampler.page.route(UPLOADS, cuts.meet)
        for at, (label, scans) in enumerate(shift.tubes()):
            sampler.tube(label, scans)
            if at % 10 == 9:
                sampler.again()
        sampler.box(shift.labels[:15], counted=15)
        sampler.box(shift.labels[15:], counted=15)
        cuts.always = True
        until = time.monotonic() + 60
        while "Everything is uploaded" not in sampler.page.locator("#standing").inner_text():
            assert time.monotonic() < until, sampler.page.locator("#standing").inner_text()
            # The network is back, says the system: the next try comes at once and not after a while.
            sampler.page.evaluate("dispatchEvent(new Event('online'))")
            sampler.page.wait_for_timeout(10)
        assert cuts.left == 0
        assert cuts.unheard >= 10
    held = server(product, "held()")
    shift.assert_held_once(held)
    assert shift.boxes(held) == [[15, 15], [15, 15]]


def test_what_cannot_be_uploaded_is_taken_in_from_a_file_and_from_qr_codes_and_counts_once(
    product: Product, chromium: Browser, supply: Supply, tmp_path: Path
) -> None:
    with phone(product, chromium) as (context, sampler):
        sampler.start(supply.enrolment())
        shift = Shift(sampler, supply, people=6)
        context.set_offline(True)
        (label, scans), *_none = shift.tubes()
        sampler.tube(label, scans)
        sampler.go("Not uploaded")
        with sampler.page.expect_download() as download:
            sampler.act("Save as a file")
        download.value.save_as(tmp_path / "export.json")
        lines = sampler.page.evaluate(_LINES)
        assert {line.split(":")[0] for line in lines} == {"DCX"}
        exported = (tmp_path / "export.json").read_text(encoding="utf-8")
        assert read_export("\n".join([*reversed(lines), lines[0]])) == read_export(exported)
        by_file = product.run("sampling", "take-in", str(tmp_path / "export.json"), "--json")
        (batch,) = json.loads(by_file.stdout)["batches"]
        assert (batch["already"], batch["tubes"], batch["swabs"], batch["refused"]) == (False, 1, 6, [])
        # Saved is as good as uploaded: the shift may end; what is sent later is known already.
        sampler.act("End the shift")
        sampler.is_told("The shift is over.")
        with sampler.page.expect_response(UPLOADS) as answer:
            context.set_offline(False)
        assert answer.value.json()["already"] is True
        sampler.stands("Everything is uploaded.")


_LINES = """async () => {
    const { openOutbox } = await import("/static/sampling/outbox.js");
    const { asFile, asLines } = await import("/static/sampling/exporting.js");
    const outbox = await openOutbox();
    const { id } = await outbox.setting("device");
    return asLines(asFile({ id, offset: await outbox.setting("offset") }, await outbox.unacknowledged()));
}"""


def test_the_camera_reads_the_qr_codes_of_an_export_and_the_bars_of_a_tube(product: Product, chromium: Browser) -> None:
    if not decoder_files():
        pytest.skip("no npm, or no registry: this installation has no decoder, and its page says so")
    texts = ["DCX:0A1B2C3D:1:1:" + "%69 VD92EX0" * 70, printed(41)]
    with phone(product, chromium) as (_context, sampler):
        sampler.open()
        assert sampler.page.evaluate(_SEEN, texts) == texts


_SEEN = """async (texts) => {
    const { decoder } = await (await fetch("shell.json")).json();
    const { findReader, loadDecoder } = await import("/static/sampling/scanner.js");
    const { asPictures } = await import("/static/sampling/exporting.js");
    const [lines, tube] = texts;
    const { writeBarcode } = await loadDecoder(decoder);
    const bars = (await writeBarcode(tube, { format: "Code128", scale: 3 })).image;
    const read = await findReader(decoder);
    const seen = [];
    for (const picture of [...(await asPictures([lines], decoder)), bars]) {
        const frame = await createImageBitmap(picture);
        seen.push(...(await read(Object.assign(frame, { videoWidth: frame.width, videoHeight: frame.height }))));
    }
    return seen;
}"""


def test_the_live_camera_reads_the_bars_of_a_tube_and_the_code_of_a_person(
    product: Product, playwright: Playwright, supply: Supply, tmp_path: Path
) -> None:
    if not decoder_files():
        pytest.skip("no npm, or no registry: this installation has no decoder, and its page says so")
    stream = tmp_path / "seen.y4m"
    camera = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")
    flags = [*FLAGS, *camera, f"--use-file-for-fake-video-capture={stream}"]
    browser = playwright.chromium.launch(executable_path=ensure_chromium(), args=flags)
    with phone(product, browser) as (_context, sampler):
        sampler.start(supply.enrolment())
        ((code, _person),) = supply.coded(1)
        tube, _other = _labels(sampler)
        # The browser opens the file when the page asks for the camera, and begins it anew at its end.
        drawn = sampler.page.evaluate(_DRAWN, [[tube, "Code128"], [code, "QRCode"]])
        stream.write_bytes(film([Image.open(BytesIO(base64.b64decode(each))) for each in drawn]))
        sampler.act("Camera")
        expect(sampler.page.locator("#tube-name")).to_have_text(tube, timeout=20_000)
        expect(sampler.page.locator("#tube-count")).to_have_text(f"1 of {PER_TUBE}", timeout=20_000)
        sampler.act("Stop")
        expect(sampler.page.locator("#viewfinder")).to_be_hidden()
        assert sampler.page.locator("#video").evaluate("video => video.srcObject") is None
    browser.close()


def film(pictures: Sequence[Image.Image], *, seconds: int = 1, per_second: int = 5) -> bytes:
    """A YUV4MPEG2 film of 640 by 480 that shows each picture for a while, grey on white."""
    frames = []
    for picture in pictures:
        frame = Image.new("L", (640, 480), 255)
        frame.paste(picture.convert("L"), ((640 - picture.width) // 2, (480 - picture.height) // 2))
        frames += [b"FRAME\n" + frame.tobytes() + bytes([128]) * (640 * 480 // 2)] * (seconds * per_second)
    return b"".join([f"YUV4MPEG2 W640 H480 F{per_second}:1 Ip A1:1 C420jpeg\n".encode(), *frames])


_DRAWN = """async (codes) => {
    const { decoder } = await (await fetch("shell.json")).json();
    const { loadDecoder } = await import("/static/sampling/scanner.js");
    const { writeBarcode } = await loadDecoder(decoder);
    const drawn = [];
    for (const [text, format] of codes) {
        const { image } = await writeBarcode(text, { format, scale: 3 });
        const bytes = new Uint8Array(await image.arrayBuffer());
        drawn.push(btoa(String.fromCharCode(...bytes)));
    }
    return drawn;
}"""


def test_a_phone_whose_clock_is_a_year_behind_says_so_and_its_tubes_are_taken_in(
    product: Product, chromium: Browser, supply: Supply
) -> None:
    with phone(product, chromium, service_workers="block") as (_context, sampler):
        sampler.page.clock.set_system_time(clock.now() - timedelta(days=365))
        sampler.start(supply.enrolment())
        expect(sampler.page.locator("#clock")).to_contain_text("is 365 d 0 h behind the server")
        shift = Shift(sampler, supply, people=3)
        (label, scans), *_none = shift.tubes()
        sampler.tube(label, scans)
        sampler.stands("Everything is uploaded.")
        sampler.go("Not uploaded")
        expect(sampler.page.locator("#trouble li")).to_have_count(0)


def test_a_new_version_of_the_page_waits_until_no_tube_is_open(
    product: Product, chromium: Browser, supply: Supply
) -> None:
    with phone(product, chromium) as (_context, sampler):
        sampler.start(supply.enrolment())
        page = sampler.page
        sampler.until("navigator.serviceWorker.controller")
        sampler.again()
        tube, _other = _labels(sampler)
        sampler.scan(tube)
        sampler.is_told("Tube open.")
        # Under another address it is another version to the browser.
        page.evaluate("navigator.serviceWorker.register('worker.js?next').then(() => true)")
        sampler.until("(await navigator.serviceWorker.getRegistration()).waiting?.state === 'installed'")
        sampler.scan(identity_number(77))
        sampler.is_told("Added.")
        # The page starts anew in its new version, and the tube is still there.
        with page.expect_navigation():
            sampler.act("Close the tube")
        expect(page.locator("#closed")).to_contain_text(tube)


def test_people_are_forgotten_once_the_server_has_had_them_for_long_enough(
    product: Product, chromium: Browser, supply: Supply
) -> None:
    with phone(product, chromium) as (_context, sampler):
        sampler.start(supply.enrolment())
        tube, _other = _labels(sampler)
        sampler.tube(tube, [identity_number(78), identity_number(79)])
        sampler.stands("Everything is uploaded.")
        assert sampler.page.evaluate(_WIPED, 0) == [tube, 2, 2, 1]
        assert sampler.page.evaluate(_WIPED, 60_000) == [tube, 2, 0, 0]


_WIPED = """async (ahead) => {
    const { openOutbox } = await import("/static/sampling/outbox.js");
    const outbox = await openOutbox();
    await outbox.wipe(new Date(Date.now() - 60_000 + 2 * ahead).toISOString(), Date.now());
    const [tube] = await outbox.all("tubes");
    return [tube.number, tube.people, tube.swabs.length, (await outbox.all("batches")).length];
}"""


def test_what_the_phone_keeps_names_nobody(product: Product, chromium: Browser, supply: Supply) -> None:
    with phone(product, chromium, service_workers="block") as (_context, sampler):
        sampler.page.route(UPLOADS, lambda route: route.abort())
        sampler.start(supply.enrolment())
        shift = Shift(sampler, supply, people=6)
        (label, scans), *_none = shift.tubes()
        sampler.tube(label, scans[:5])
        sampler.stands("Offline · Not uploaded: tubes 1")
        sampler.scan(printed(int(sampler.setting("bundle")["blocks"][0]["first"]) + 1))
        scans.append(identity_number(80))
        sampler.scan(scans[-1])
        sampler.is_told("Added.")
        kept = sampler.page.evaluate(_KEPT)
        # The batch is frozen, the next tube is open: all of them are there, and none says who.
        assert (len(kept["batches"]), len(kept["tubes"])) == (1, 2)
        text = json.dumps(kept, ensure_ascii=False)
        assert label in text
        assert [scanned for scanned in (*scans, "•", "identity", "slip") if scanned in text] == []
        assert sampler.page.evaluate(_EXPORTED_KEY) == "InvalidAccessError"
        # And it is still known here.
        sampler.again()
        expect(sampler.page.locator("#people li")).to_have_count(1)


# Every record with its bytes as text, as somebody would read it who copied the store.
_KEPT = """async () => {
    const { openOutbox } = await import("/static/sampling/outbox.js");
    const outbox = await openOutbox(), kept = {};
    const readable = (_name, value) => (value instanceof Uint8Array ? String.fromCharCode(...value) : value);
    for (const store of ["tubes", "boxes", "batches", "seen", "settings"]) {
        kept[store] = (await outbox.all(store)).map((row) => JSON.stringify(row, readable));
    }
    return kept;
}"""
_EXPORTED_KEY = """async () => {
    const { openOutbox } = await import("/static/sampling/outbox.js");
    const key = await (await openOutbox()).setting("vault");
    return crypto.subtle.exportKey("raw", key).then(() => "came out", (fault) => fault.name);
}"""


def test_what_may_not_be_is_said_at_once(product: Product, chromium: Browser, supply: Supply) -> None:
    with phone(product, chromium) as (_context, sampler):
        sampler.start(supply.enrolment())
        expect(sampler.page.get_by_text("One household, one tube")).to_be_visible()
        ((code, _person),) = supply.coded(1)
        tube, other = _labels(sampler)
        for scanned, said in (
            ("DC00000000000", "the last character does not fit"),
            (printed(9_999_999_999), "is not of the numbers given to this device"),
            (tube, "Tube open."),
            (code, "Added."),
            (code, "This person is already in this tube."),
            (code[:-3] + "000", "The signature of this code is wrong"),
            (code[:-2], "The code cannot be read."),
            ("610113193001010001", "The last character of the identity number does not fit."),
            (other, f"Tube {tube} is still open."),
            (tube, "is the open tube, and not full"),
        ):
            sampler.scan(scanned)
            sampler.is_told(said)
        # Nothing is undone where it is not seen.
        sampler.go("Not uploaded")
        expect(sampler.page.locator("#undo")).to_be_hidden()
        sampler.go("Tube")
        sampler.act("Close the tube")
        sampler.scan(other)
        sampler.is_told("Tube open.")
        sampler.scan(code)
        sampler.is_told(f"This person was already sampled in this round, in tube {tube}.")
        sampler.act("Undo")
        sampler.is_told("The empty tube is put back.")
        sampler.scan(tube)
        sampler.is_told(f"{tube} was already opened on this device.")


def _labels(sampler: Sampler) -> tuple[str, str]:
    first = int(sampler.setting("bundle")["blocks"][0]["first"])
    return printed(first), printed(first + 1)


def test_codes_and_check_characters_are_read_as_the_server_writes_them(product: Product, chromium: Browser) -> None:
    key, stranger = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    random_numbers = random.Random(4)
    labels = [f"DC{random_numbers.randrange(10**10):010d}" for _ in range(200)]
    identities = [identity_number(serial) for serial in range(100)]
    identities += [number[:-1] + "0" for number in identities]
    with phone(product, chromium) as (_context, sampler):
        sampler.open()
        read = sampler.page.evaluate(
            _READ,
            {
                "labels": labels,
                "identities": identities,
                "code": _code(key, b"0123456789abcdef"),
                "keys": [jwk_of(stranger.public_key()), jwk_of(key.public_key())],
                "others": [jwk_of(stranger.public_key())],
                "texts": ["AB", "Hello!!", "base-45", ""],
            },
        )
    assert read["characters"] == [check_character(label) for label in labels]
    assert read["good"] == [is_resident_id_number(number) for number in identities]
    assert (read["token"], read["expires"]) == ("0123456789abcdef", 1_900_000_000)
    assert read["forged"] == "forged"
    # The examples of RFC 9285.
    assert read["base45"] == ["BB8", "%69 VD92EX0", "UJCLQE7W581", ""]
    assert read["back"] == ["AB", "Hello!!", "base-45", ""]


_READ = """async ({ labels, identities, code, keys, others, texts }) => {
    const numbers = await import("/static/sampling/numbers.js");
    const codes = await import("/static/sampling/codes.js");
    const claims = await codes.readCode(code, await codes.readKeys(keys));
    const forged = await codes.readCode(code, await codes.readKeys(others)).catch((fault) => fault.kind);
    const base45 = texts.map((text) => codes.toBase45(new TextEncoder().encode(text)));
    return {
        characters: labels.map(numbers.checkCharacter),
        good: identities.map(numbers.isResidentId),
        token: new TextDecoder().decode(claims.get(-70001)),
        expires: claims.get(4),
        forged,
        base45,
        back: base45.map((text) => new TextDecoder().decode(codes.fromBase45(text))),
    };
}"""


def _code(key: ec.EllipticCurvePrivateKey, token: bytes) -> str:
    form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    signer = COSEKey.from_pem(key.private_bytes(serialization.Encoding.PEM, *form), alg="ES256")
    return base45(encode({1: "dayclear", 4: 1_900_000_000, -70001: token}, signer))


@pytest.mark.parametrize(
    ("locale", "scheme", "action", "other"),
    [("en-GB", "light", "Open the tube", "转运箱"), ("zh-CN", "dark", "开管", "Box")],
    ids=["English by day", "Chinese by night"],
)
def test_every_part_can_be_used_by_everybody_and_fits_the_phone(
    product: Product, chromium: Browser, supply: Supply, locale: str, scheme: str, action: str, other: str
) -> None:
    with phone(product, chromium, locale=locale, color_scheme=scheme) as (_context, sampler):
        page = sampler.page
        sampler.open()
        assert_accessible(page)
        page.locator("#enrol-code").fill(supply.enrolment())
        page.locator("#enrol-name").fill("7")
        page.locator("#act").click()
        page.locator("#round option").first.wait_for(state="attached")
        assert_accessible(page)
        page.locator("#act").click()
        expect(page.locator("#act")).to_have_text(action)
        for part in page.locator("[data-go]").all():
            part.click()
            assert_accessible(page)
            assert page.evaluate("document.documentElement.scrollWidth") == 390
            heights = page.locator("button:visible").evaluate_all("all => all.map((each) => each.offsetHeight)")
            assert min(heights) >= 44
        # The language changes without a server, and stays.
        page.locator("#language").click()
        expect(page.locator("[data-go=box]")).to_have_text(other)
