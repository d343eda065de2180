"""The first complete path, as its users walk it: `up`, sign in, the wizard with a real line list, the board."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.conftest import Product, a_running_product, sign_in

pytestmark = pytest.mark.browser
DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
XIAN = DATA / "xian_2021" / "cases_to_2021-12-28.csv"
HAGELLOCH = DATA / "measles_1861" / "hagelloch.csv"
needs_data = pytest.mark.skipif(not DATA.exists(), reason="../shared/data is not on this machine")


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A product of its own: the figures are those of the real files alone."""
    yield from a_running_product(tmp_path_factory)


@pytest.fixture(scope="module")
def signed_in(product: Product, chromium: Browser) -> Path:
    return sign_in(product, chromium)


def _through_the_wizard(page: Page, file: Path, disease: str | None = None) -> None:
    page.goto("/imports/new")
    page.locator("input[type=file]").set_input_files(file)
    page.locator("main .main-action").first.click()
    page.wait_for_url(re.compile(r"/imports/\d+/columns"))
    if disease:
        page.get_by_label("Disease").select_option(disease)
    page.get_by_role("button", name="Check the file").first.click()
    page.wait_for_url(re.compile(r"/imports/\d+/(values|preview)"))
    if "/values" in page.url:
        page.locator("main .main-action").last.click()
    page.wait_for_url(re.compile(r"/imports/\d+/preview"))
    page.get_by_role("button", name=re.compile("^Import ")).first.click()
    page.wait_for_url(re.compile(r"/imports/\d+$"))
    expect(page.get_by_role("link", name="See it on the board")).to_be_visible(timeout=60_000)


@needs_data
def test_a_real_line_list_becomes_a_living_outbreak(page: Page, product: Product) -> None:
    _through_the_wizard(page, XIAN)
    result = page.locator("main")
    expect(result).to_contain_text("163 links")
    expect(result).to_contain_text("34 references")
    page.get_by_role("link", name="See it on the board").click()
    first_line = page.locator("main")
    expect(first_line).to_contain_text("777 cases, 21–28 Dec 2021")
    expect(first_line).to_contain_text("181 found in the community, 596 under an order")
    expect(page.locator("[data-chart] svg, [data-chart] canvas").first).to_be_visible(timeout=20_000)
    page.goto("/chains/unresolved?disease=covid-19")
    expect(page.locator("main")).to_contain_text("34")

    again = product.run("import", "linelist", str(XIAN), "--json")
    assert again.returncode == 0, again.stderr
    outcome = json.loads(again.stdout)
    assert {key: outcome[key] for key in ("rows", "created", "updated", "unchanged", "rejected")} == {
        "rows": 777,
        "created": 0,
        "updated": 0,
        "unchanged": 777,
        "rejected": 0,
    }
    assert (outcome["links"], outcome["unresolved_links"]) == (163, 34)


@needs_data
def test_measles_of_1861_are_four_chains(page: Page) -> None:
    _through_the_wizard(page, HAGELLOCH, disease="measles")
    page.get_by_role("link", name="See it on the board").click()
    expect(page.locator("main")).to_contain_text("188 cases")
    page.goto("/chains/?disease=measles")
    chains = page.locator("main")
    expect(chains).to_contain_text("4 chains")
    expect(chains).to_contain_text("30")


@needs_data
@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("address", ["/board/", "/cases/", "/chains/", "/people/", "/places/", "/imports/", "/rules/"])
def test_a_page_fits_a_phone_in_both_languages(
    fits_a_phone: Callable[[str, str], None], address: str, language: str
) -> None:
    fits_a_phone(address, language)
