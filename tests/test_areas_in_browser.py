"""Risk areas, measures, published lists and county tiers in a real browser: desktop and phone, English and Chinese."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import Product, assert_accessible

pytestmark = pytest.mark.browser

TABLES = {
    "provinces": {"46": "海南省", "61": "陕西省"},
    "cities": {"4601": "海口市", "6101": "西安市"},
    "areas": {"460105": "秀英区", "610113": "雁塔区"},
}
LISTS = "\n".join(
    [
        "snapshot_hour,level,province,city,county,area_name,community",
        *(f"2022-08-{day:02d}T08:00,high,海南省,海口市,秀英区,-,一村" for day in range(1, 15)),
        "2022-08-01T08:00,medium,海南省,海口市,秀英区,-,二村",
    ]
)
# An area and a measure as they were under the Twenty Measures, made through the commands beside the running product.
STANDING = """
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo
from dayclear.foundation.cli import installation
with installation():
    from dayclear.areas import commands
    from dayclear.foundation import clock
    from dayclear.foundation.actors import system
    from dayclear.foundation.scope import acting
    by, now, place = system("tests"), datetime(2022, 11, 15, 12, tzinfo=ZoneInfo("Asia/Shanghai")), 610113 * 10**12
    with acting(by):
        area = commands.propose_area(commands.AreaProposal(
            place=place, disease="covid-19", name="Building 3", level="high", unit="building",
            designation="residence_of_infected", ground="two infected households", anchored_on=date(2022, 11, 14),
            members=(commands.Member(text="Building 3"),)), by=by, now=now)
        commands.approve_area(area, by=by, now=now)
        commands.publish_area(area, by=by, now=now)
        commands.impose_measure(commands.MeasureOrder(
            place=place, disease="covid-19", kind="area_measure", code="stay_home", scope="Building 3",
            basis="Measure 4", starts_at=now, ends_at=now + timedelta(days=36500), review_on=date(2022, 11, 17),
            area_id=area), by=by, now=now)
    # What the worker would do at its next minute, so that no page is overtaken between its opening and its signature.
    with acting(by):
        commands.propose_steps(by=by, now=clock.now())
        commands.end_due_measures(by=by, now=clock.now())
    commands.refresh_clocks(by=by, now=clock.now())
    print(area)
"""


@pytest.fixture(scope="module")
def area(product: Product, signed_in: Path, tmp_path_factory: pytest.TempPathFactory) -> int:
    """Published lists, an area in force and a measure; returns the area's id."""
    folder = tmp_path_factory.mktemp("areas")
    product.import_places(folder, TABLES)
    (folder / "lists.csv").write_text(LISTS, encoding="utf-8")
    lists = product.run("import", "risk-areas", str(folder / "lists.csv"), "--json")
    assert lists.returncode == 0, lists.stderr
    assert json.loads(lists.stdout)["stored"]["created"] == 2
    return int(product.python(STANDING).split()[-1])


def test_the_lists_of_areas_and_measures_lead_to_their_pages(area: int, page: Page) -> None:
    page.goto("/areas/")
    page.get_by_role("link", name="Building 3").click()
    # The rules of today draw no areas: an area that still stands rests on nothing, and the page says so.
    expect(page.locator("main")).to_contain_text("Nothing justifies it for a further day")
    expect(page.get_by_role("button", name="Sign the step down")).to_be_visible()
    assert_accessible(page)
    page.goto("/areas/measures/")
    expect(page.locator("main tbody tr")).to_have_count(1)
    assert_accessible(page)


def test_an_area_that_rests_on_nothing_is_ended_by_one_signature(area: int, page: Page) -> None:
    page.goto(f"/areas/{area}")
    page.get_by_role("button", name="Sign the step down").click()
    expect(page.locator(".lead")).to_contain_text("the rules no longer know this level")
    page.goto("/areas/measures/?state=over")
    expect(page.locator("main tbody tr")).to_have_count(1)


def test_published_lists_show_days_held_and_what_they_cannot_tell(area: int, page: Page) -> None:
    page.goto("/areas/published/")
    expect(page.locator("main tbody tr").first).to_contain_text("一村")
    expect(page.locator("main tbody tr").first).to_contain_text("11 Aug 2022")
    page.get_by_text("What the lists cannot tell").click()
    expect(page.locator("main")).to_contain_text("Infections are not in the lists")
    assert_accessible(page)
    page.get_by_role("link", name="一村").click()
    expect(page.locator("main")).to_contain_text("held longer than the days of the rules")
    assert_accessible(page)


def test_the_forms_and_the_tiers_pass_the_checks_of_access(area: int, page: Page) -> None:
    for address in ("/areas/propose", "/areas/measures/impose", "/areas/tiers/?on=2020-03-01"):
        page.goto(address)
        assert_accessible(page)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize(
    "address", ["", "measures/", "published/", "propose", "measures/impose", "tiers/?on=2020-03-01", "{area}"]
)
def test_a_page_fits_a_phone_in_both_languages(
    area: int, fits_a_phone: Callable[[str, str], None], address: str, language: str
) -> None:
    fits_a_phone(f"/areas/{address.format(area=area)}", language)
