"""The board and a chain in a real browser, under the real content policy."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import Product, assert_accessible

pytestmark = pytest.mark.browser

TABLES = {
    "provinces": {"61": "陕西省"},
    "cities": {"6101": "西安市"},
    "areas": {"610113": "雁塔区", "610103": "碑林区"},
}
# Twelve cases in four days: B1 infected five, who infected two; the last three stand alone.
LIST = "\n".join(
    [
        "case_id,性别,年龄,现住址,发病日期,报告日期,isolated_before_positive,contact_of",
        "B1,男,41,西安市雁塔区,2021-12-20,2021-12-21,0,",
        *(f"B{n},女,3{n},西安市雁塔区,2021-12-2{n % 2 + 2},2021-12-23,1,B1" for n in range(2, 7)),
        *(f"B{n},男,2{n},西安市碑林区,2021-12-24,2021-12-24,1,B2" for n in (7, 8)),
        "B9,男,60,西安市碑林区,,2021-12-22,0,Z77",
        *(f"B1{n},女,70,西安市碑林区,,2021-12-24,0," for n in range(3)),
    ]
)


@pytest.fixture(scope="module")
def outbreak(product: Product, signed_in: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A line list, brought in by the command line beside the running product."""
    folder = tmp_path_factory.mktemp("tables")
    product.import_places(folder, TABLES)
    (folder / "list.csv").write_text(LIST, encoding="utf-8")
    brought = product.run("import", "linelist", str(folder / "list.csv"), "--json")
    assert brought.returncode == 0, brought.stderr
    assert json.loads(brought.stdout)["created"] == 12


def test_the_board_draws_its_chart_under_the_content_policy(outbreak: None, page: Page) -> None:
    page.goto("/board/?from=2021-12-21&to=2021-12-24")
    expect(page.locator("#sentence")).to_contain_text("12 cases, 21–24 Dec 2021: 5 found in the community, 7 under")
    bars = page.locator("[data-chart] svg path[aria-roledescription='bar']")
    # Four days, the last with two ways of being found: five pieces.
    expect(bars).to_have_count(5)
    assert_accessible(page)
    bars.first.hover()
    expect(page.locator("#vg-tooltip-element.visible")).to_contain_text("Found")


def test_a_filter_swaps_the_board_and_can_be_gone_back_from(outbreak: None, page: Page) -> None:
    page.goto("/board/?from=2021-12-21&to=2021-12-24")
    page.get_by_label("From", exact=True).fill("2021-12-24")
    expect(page.locator("#sentence")).to_contain_text("5 cases, 24 Dec 2021")
    expect(page).to_have_url(re.compile("from=2021-12-24"))
    expect(page.locator("[data-chart] svg")).to_be_visible()
    page.go_back()
    expect(page.locator("#sentence")).to_contain_text("12 cases")


def test_a_figure_leads_to_its_rows(outbreak: None, page: Page) -> None:
    page.goto("/board/?from=2021-12-21&to=2021-12-24")
    page.locator("#sentence").get_by_role("link", name="5", exact=True).first.click()
    expect(page.locator("main table tbody tr")).to_have_count(5)


def test_an_unchanged_board_stays_as_it_is(outbreak: None, page: Page) -> None:
    page.goto("/board/?from=2021-12-21&to=2021-12-24")
    expect(page.locator("[data-chart] svg")).to_be_visible()
    page.locator("#board").evaluate("board => { board.dataset.seen = 'yes' }")
    with page.expect_response(lambda answer: answer.status == 304):
        # What the clock does every minute, done now: the same element asks, with its own headers.
        page.evaluate(
            "htmx.ajax('GET', document.querySelector('#board').getAttribute('hx-get'), "
            "{source: '#board', target: '#board'})"
        )
    expect(page.locator("#board")).to_have_attribute("data-seen", "yes")
    expect(page.locator("#board .figures")).to_be_visible()


def test_a_chain_is_drawn_and_can_be_looked_at_closely(outbreak: None, page: Page) -> None:
    page.goto("/chains/")
    page.locator("main tbody a").first.click()
    drawing = page.locator("#chain-drawing")
    expect(drawing.locator("svg path[aria-roledescription='circle']")).to_have_count(8)
    before = drawing.evaluate("element => element.clientWidth")
    page.get_by_role("button", name="Larger").click()
    assert drawing.evaluate("element => element.clientWidth") > before
    assert_accessible(page)
    drawing.locator("svg path[aria-roledescription='circle']").first.click()
    expect(page).to_have_url(re.compile(r"/cases/\d+"))


@pytest.mark.parametrize("address", ["/board/", "/chains/"])
def test_a_page_with_a_drawing_fits_a_phone(
    outbreak: None, fits_a_phone: Callable[[str, str], None], address: str
) -> None:
    fits_a_phone(address, "en")


def test_the_pages_of_a_section_are_in_sight_and_behind_one_touch_on_a_phone(page: Page) -> None:
    page.goto("/labs/")
    tabs = page.get_by_label("Pages of this section").get_by_role("link")
    ends = tabs.evaluate_all("all => all.map((each) => each.getBoundingClientRect().right)")
    assert len(ends) > 8
    assert max(ends) <= 1280
    page.set_viewport_size({"width": 390, "height": 844})
    expect(tabs).to_have_count(0)
    page.locator(".tabs-open").click()
    assert_accessible(page)
    page.get_by_role("link", name="Reconciliation").click()
    expect(page.locator(".tabs-open")).to_have_text("Reconciliation")
