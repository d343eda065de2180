"""Done-when 2, in a real browser: swab, laboratory, positive, ten single swabs, one case and nine cleared."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import Product, assert_accessible

pytestmark = pytest.mark.browser

TABLES = {
    "provinces": {"61": "陕西省"},
    "cities": {"6101": "西安市"},
    "areas": {"610113": "雁塔区"},
    "streets": {"610113001": "小寨路街道"},
    "villages": {"610113001001": "甲村"},
}
_BESIDE = """
import json
from dayclear.foundation.cli import installation
with installation():
    from dayclear.foundation import clock
    from dayclear.foundation.scope import acting
    from dayclear.lab.commands import take_in_results
    from dayclear.lab.rules.cutoffs import State
    from dayclear.lab.tests import acts as lab
    from dayclear.sampling.tests.acts import COUNTY, people, phone, tokens
    from dayclear.sampling.rules.numbers import printed
    now = clock.now()

    def run(laboratory, code, tubes, positive):
        lab.received(laboratory, tubes, by=lab.SYSTEM, now=now)
        plate = lab.plated(laboratory, code, tubes, by=lab.SYSTEM, now=now)
        with acting(lab.SYSTEM):
            said = lab.readings(code, tubes, now, {positive: State.POSITIVE})
            assert not take_in_results(laboratory, [said], by=lab.SYSTEM, now=now).problems
        return plate
"""
# A sampler's phone has sent a tube of ten; a laboratory has run it, and its second signature is awaited.
SWABBED = (
    _BESIDE
    + """
    device = phone(now)
    device.send(device.batch(now, [device.tube(now, tokens(people(10, now)))]), now)
    laboratory = lab.laboratory(now)
    plate = run(laboratory, "P1", [device.first], device.first)
    labels = [printed(device.first + n) for n in range(1, 11)]
    print(json.dumps({"laboratory": laboratory, "plate": plate, "labels": labels}))
"""
)
# The ten single swabs have come to the laboratory and were run: one of them is positive.
RUN = (
    _BESIDE
    + """
    from dayclear.sampling.rules.numbers import parsed
    tubes = [parsed(label) for label in LABELS]
    print(json.dumps({"plate": run(LABORATORY, "P2", tubes, tubes[0])}))
"""
)


@dataclass
class Tube:
    """The tube, and ten labels of its phone's roll."""

    laboratory: int
    plate: int
    labels: list[str]


def beside(product: Product, code: str) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(product.python(code).splitlines()[-1])
    return said


@pytest.fixture(scope="module")
def tube(product: Product, signed_in: Path, tmp_path_factory: pytest.TempPathFactory) -> Tube:
    product.import_places(tmp_path_factory.mktemp("chain"), TABLES)
    return Tube(**beside(product, SWABBED))


def test_a_positive_tube_from_the_laboratory_to_one_case_and_nine_cleared(
    tube: Tube, product: Product, page: Page, fits_a_phone: Callable[[str, str], None]
) -> None:
    page.goto(f"/labs/plates/{tube.plate}")
    page.get_by_role("button", name="Release the results").click()
    page.goto("/sampling/positive/")
    expect(page.locator(".lead")).to_contain_text("1 is open.")
    assert_accessible(page)
    page.locator("main tbody th a").click()
    expect(page.locator(".lead")).to_contain_text("0 of 10 found, 0 swabbed, 0 answered.")
    chain = page.url
    for label in tube.labels:
        page.goto(chain)
        page.get_by_role("link", name="Find them:").click()
        page.get_by_label("Where they are").fill("at home")
        page.get_by_role("button", name="Write down: found").click()
        page.get_by_label("Label of the tube").fill(label)
        page.get_by_role("button", name="Bind the tube").click()
        expect(page.locator(".lead")).to_contain_text("Bring the swab to the laboratory")
    first = page.url
    page.goto(chain)
    page.get_by_role("button", name="10 swabs delivered").click()
    expect(page.locator(".lead")).to_contain_text("10 of 10 found, 10 swabbed, 0 answered.")
    assert_accessible(page)
    again = beside(product, RUN.replace("LABELS", repr(tube.labels)).replace("LABORATORY", str(tube.laboratory)))
    page.goto(f"/labs/plates/{again['plate']}")
    page.get_by_role("button", name="Release the results").click()
    for address in ("/sampling/positive/", chain.removeprefix(product.url), first.removeprefix(product.url)):
        for language in ("en", "zh-hans"):
            fits_a_phone(address, language)
    page.goto("/sampling/positive/members/")
    expect(page.locator("main tbody tr")).to_have_count(10)
    expect(page.locator("main tbody tr", has_text="Tell them that they are free")).to_have_count(9)
    assert_accessible(page)
    page.goto(chain)
    page.get_by_role("link", name="Hand over to the crew:").click()
    for button in ("Write down: handed over to the crew", "Write down: handed over to the hospital"):
        page.get_by_label("Place of the hand-over").fill("the gate")
        page.get_by_label("Who hands the person over").fill("squad 4")
        page.get_by_label("Who takes them").fill("crew 2")
        page.get_by_role("button", name=button).click()
        expect(page.locator(".notice")).to_contain_text(f"{button.removeprefix('Write')}.")
    assert_accessible(page)
    page.goto(chain)
    expect(page.locator(".lead")).to_contain_text("1 of 10 positive; closed.")
    expect(page.locator(".lead .chip.met")).to_be_visible()
    legs = page.locator("main table").first.locator("tbody tr")
    expect(legs).to_have_count(5)
    for leg in range(5):
        expect(legs.nth(leg)).to_contain_text("in time")
        expect(legs.nth(leg).locator("td[data-label=Ended] time")).to_be_visible()
    page.get_by_role("link", name="Phone list").click()
    expect(page.locator("main tbody tr")).to_have_count(9)
    # The worker has registered the case by itself, under the number of the single swab's tube.
    page.goto("/cases/")
    expect(page.locator("main")).to_contain_text(tube.labels[0])


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("address", ["", "members/", "squads/", "?state=closed"])
def test_a_page_fits_a_phone_in_both_languages(
    tube: Tube, fits_a_phone: Callable[[str, str], None], address: str, language: str
) -> None:
    fits_a_phone(f"/sampling/positive/{address}", language)
