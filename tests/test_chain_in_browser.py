"""Done-when 2, in a real browser: swab, box, laboratory, positive, ten single swabs, one case and nine cleared.

A sampler with a phone, an officer and a worker of the laboratory do all of it on their pages.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from dayclear.foundation import clock
from dayclear.sampling.decoder import decoder_files
from dayclear.sampling.rules.numbers import printed
from tests.conftest import Product, assert_accessible, change_password
from tests.desk_server import PLACE
from tests.sampler import PER_TUBE, phone, server

pytestmark = pytest.mark.browser

TABLES = {
    "provinces": {"61": "陕西省"},
    "cities": {"6101": "西安市"},
    "areas": {"610113": "雁塔区"},
    "streets": {"610113001": "小寨路街道"},
    "villages": {"610113001001": "甲村"},
}
# The Ct of ORF1ab, N and the internal control by the cut-offs in use; empty: no curve rose.
TARGETS = ("ORF1ab", "N", "RNP")
POSITIVE, NEGATIVE, NOTHING = ("24", "25", "25.5"), ("", "", "25"), ("", "", "")
CONTROLS = {"H9": NOTHING, "H10": NOTHING, "H11": POSITIVE, "H12": POSITIVE}


@dataclass
class Start:
    """What stands before the first swab: codes to enrol a phone and of ten people, a laboratory, its worker."""

    enrolment: str
    codes: list[str]
    laboratory: int
    password: str


@pytest.fixture(scope="module")
def start(product: Product, signed_in: object, tmp_path_factory: pytest.TempPathFactory) -> Start:
    product.import_places(tmp_path_factory.mktemp("chain"), TABLES)
    said = server(product, f"prepare(devices=1, coded={PER_TUBE}, laboratory='Laboratory of the county')")
    worker = json.loads(product.run("users", "create", "bench", "--json").stdout)
    last_day = f"{clock.now() + timedelta(days=30):%Y-%m-%d}"
    granted = product.run("users", "grant", "bench", "lab_worker", str(PLACE), "--until", last_day)
    assert granted.returncode == 0, granted.stderr
    codes = [code for code, _person in said["coded"]]
    return Start(said["enrolments"][0], codes, said["laboratory"], worker["one_time_password"])


@pytest.fixture
def bench(start: Start, product: Product, chromium: Browser) -> Iterator[Page]:
    """A desktop page of the laboratory's worker."""
    context = chromium.new_context(locale="en-GB", base_url=product.url, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto("/")
    page.locator("input[name=login]").fill("bench")
    page.locator("input[name=password]").fill(start.password)
    page.locator("main .main-action").click()
    change_password(page, start.password)
    expect(page.get_by_label("Sections")).to_be_visible()
    yield page
    context.close()


def swab(product: Product, chromium: Browser, start: Start) -> list[str]:
    """A sampler puts ten people into a tube and the tube into a box. Returns it, and ten more labels of the roll."""
    with phone(product, chromium) as (_context, sampler):
        sampler.start(start.enrolment)
        first = int(sampler.setting("bundle")["blocks"][0]["first"])
        labels = [printed(first + at) for at in range(PER_TUBE + 1)]
        sampler.tube(labels[0], start.codes)
        sampler.box(labels[:1], counted=1)
        sampler.stands("Online · Everything is uploaded.")
    return labels


def hand_over(page: Page) -> None:
    """The officer signs the newest box over to the laboratory."""
    page.goto("/sampling/boxes/")
    page.locator("main tbody a").first.click()
    page.get_by_role("button", name="Hand it over").click()
    page.get_by_label("Goes to").select_option(label="Laboratory of the county")
    page.get_by_role("button", name="Sign and hand over").click()
    expect(page.locator(".lead")).to_contain_text("to Laboratory of the county")
    assert_accessible(page)


def receive(bench: Page, laboratory: int) -> None:
    """The laboratory looks into the box that is on its way and signs for it."""
    bench.goto(f"/labs/{laboratory}")
    bench.locator("section", has_text="Boxes on their way here").get_by_role("link").click()
    bench.get_by_label("Tubes counted by hand").fill("1")
    bench.get_by_role("button", name="Sign for the box").click()
    expect(bench.locator(".lead")).to_contain_text("1 tube waits.")


def run(bench: Page, laboratory: int, code: str, tubes: list[str], results: Mapping[str, tuple[str, ...]]) -> str:
    """A plate is made up, run, and its results are entered; the address where a second person releases them."""
    bench.goto(f"/labs/{laboratory}/plates/new")
    bench.get_by_label("Plate", exact=True).fill(code)
    bench.get_by_label("Tubes", exact=True).fill("\n".join(tubes))
    bench.get_by_role("button", name="Make up the plate").click()
    bench.get_by_role("link", name="Enter results").click()
    now = clock.now().astimezone(clock.local_zone())
    bench.get_by_label("Started").fill(f"{now - timedelta(hours=2):%Y-%m-%dT%H:%M}")
    bench.get_by_label("Ended").fill(f"{now - timedelta(minutes=5):%Y-%m-%dT%H:%M}")
    for well, cts in {**results, **CONTROLS}.items():
        for target, ct in zip(TARGETS, cts, strict=True):
            bench.get_by_label(f"{well} {target}", exact=True).fill(ct)
    bench.get_by_role("button", name="Enter the results").click()
    expect(bench.locator(".lead")).to_contain_text("waits for a second signature")
    # Nobody signs what they entered themselves.
    expect(bench.get_by_role("button", name="Release the results")).to_have_count(0)
    return bench.url


def release(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_role("button", name="Release the results").click()
    expect(page.locator(".notice")).to_contain_text("Results released.")


def find_and_swab(page: Page, labels: list[str]) -> str:
    """The squad goes from one member to the next. Returns the address of the first."""
    page.get_by_role("link", name="Find them:").click()
    first = page.url
    for label in labels:
        page.get_by_label("Where they are").fill("at home")
        page.get_by_role("button", name="Write down: found").click()
        if label == labels[0] and decoder_files():
            scan(page, label)
        else:
            page.get_by_label("Label of the tube").fill(label)
        page.get_by_role("button", name="Bind the tube").click()
        expect(page.locator(".lead")).to_contain_text("Bring the swab to the laboratory")
        if label != labels[-1]:
            page.get_by_role("link", name="Next person of this tube").click()
    return first


def scan(page: Page, label: str) -> None:
    """The label is read off the tube: a canvas that shows its bars stands in for the lens."""
    page.get_by_label("Label of the tube").wait_for()
    page.evaluate(_LENS, [label, page.locator("[data-reads]").get_attribute("data-decoder")])
    page.get_by_role("button", name="Camera").click()
    expect(page.get_by_label("Label of the tube")).to_have_value(label)
    expect(page.locator("#viewfinder")).to_be_hidden()


_LENS = """async ([label, decoder]) => {
    const { loadDecoder } = await import("/static/sampling/scanner.js");
    const { writeBarcode } = await loadDecoder(decoder);
    const bars = await createImageBitmap((await writeBarcode(label, { format: "Code128", scale: 3 })).image);
    const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 480 });
    const context = canvas.getContext("2d");
    const stream = canvas.captureStream(10);
    setInterval(() => {
        context.fillStyle = "white";
        context.fillRect(0, 0, 640, 480);
        context.drawImage(bars, (640 - bars.width) / 2, 100);
    }, 100);
    navigator.mediaDevices.getUserMedia = async () => stream;
}"""


def transfer(page: Page) -> None:
    page.get_by_role("link", name="Hand over to the crew:").click()
    for part in ("handed over to the crew", "handed over to the hospital"):
        page.get_by_label("Place of the hand-over").fill("the gate")
        page.get_by_label("Who hands the person over").fill("squad 4")
        page.get_by_label("Who takes them").fill("crew 2")
        page.get_by_role("button", name=f"Write down: {part}").click()
        expect(page.locator(".notice")).to_contain_text(f"Written down: {part}.")
    assert_accessible(page)


def test_a_tube_from_the_swab_to_one_case_and_nine_cleared(
    start: Start,
    product: Product,
    chromium: Browser,
    page: Page,
    bench: Page,
    fits_a_phone: Callable[[str, str], None],
) -> None:
    tube, *singles = swab(product, chromium, start)
    hand_over(page)
    receive(bench, start.laboratory)
    release(page, run(bench, start.laboratory, "P1", [tube], {"A1": POSITIVE}))
    page.goto("/sampling/positive/")
    expect(page.locator(".lead")).to_contain_text("1 is open.")
    assert_accessible(page)
    page.locator("main tbody th a").click()
    expect(page.locator(".lead")).to_contain_text("0 of 10 found, 0 swabbed, 0 answered.")
    chain = page.url
    first = find_and_swab(page, singles)
    page.goto(chain)
    page.get_by_role("button", name="10 swabs delivered").click()
    expect(page.locator(".lead")).to_contain_text("10 of 10 found, 10 swabbed, 0 answered.")
    assert_accessible(page)
    bench.goto(f"/labs/{start.laboratory}/receive")
    bench.get_by_label("Tubes", exact=True).fill("\n".join(singles))
    bench.get_by_role("button", name="Receive these tubes").click()
    expect(bench.locator(".lead")).to_contain_text("10 tubes wait.")
    negative = {f"A{column}": NEGATIVE for column in range(2, PER_TUBE + 1)}
    release(page, run(bench, start.laboratory, "P2", singles, {"A1": POSITIVE, **negative}))
    fits_a_phone(chain.removeprefix(product.url), "zh-hans")
    fits_a_phone(first.removeprefix(product.url), "en")
    page.goto("/sampling/positive/members/")
    expect(page.locator("main tbody tr")).to_have_count(10)
    expect(page.locator("main tbody tr", has_text="Tell them that they are free")).to_have_count(9)
    assert_accessible(page)
    page.goto(chain)
    transfer(page)
    page.goto(chain)
    expect(page.locator(".lead")).to_contain_text("1 of 10 positive; closed.")
    expect(page.locator(".lead .chip.met")).to_be_visible()
    legs = page.locator("main table").first.locator("tbody tr")
    expect(legs).to_have_count(5)
    for leg in range(5):
        expect(legs.nth(leg)).to_contain_text("in time")
        expect(legs.nth(leg).locator("td[data-label=Ended] time")).to_be_visible()
    # The worker has registered the case by itself, under the number of the single swab's tube.
    page.goto("/cases/")
    expect(page.locator("main")).to_contain_text(singles[0])


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("address", ["", "members/", "squads/", "?state=closed"])
def test_a_page_fits_a_phone_in_both_languages(
    start: Start, fits_a_phone: Callable[[str, str], None], address: str, language: str
) -> None:
    fits_a_phone(f"/sampling/positive/{address}", language)
