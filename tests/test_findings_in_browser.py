"""Findings and complaints in a real browser: desktop and phone, English and Chinese."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import Product, assert_accessible

pytestmark = pytest.mark.browser

TABLES = {"provinces": {"61": "陕西省"}, "cities": {"6101": "西安市"}, "areas": {"610113": "雁塔区"}}
# A measure imposed under the Twenty Measures and never ended: the rules of today give no such thing. Beside it what the
# night finds undone.
STANDING = """
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo
from dayclear.foundation.cli import installation
with installation():
    from dayclear.areas import commands
    from dayclear.foundation import clock
    from dayclear.foundation.actors import system
    from dayclear.foundation.deadlines import open_deadline
    from dayclear.foundation.scope import acting
    from dayclear.supervision.commands import sweep_everything
    from dayclear.supervision.models import Finding
    by, now, place = system("tests"), datetime(2022, 11, 15, 12, tzinfo=ZoneInfo("Asia/Shanghai")), 610113 * 10**12
    with acting(by):
        commands.propose_area(commands.AreaProposal(
            place=place, disease="covid-19", name="Building 4", level="high", unit="building",
            designation="residence_of_infected", ground="two infected households", anchored_on=date(2022, 11, 14),
            members=(commands.Member(text="Building 4"),)), by=by, now=now)
        area = commands.propose_area(commands.AreaProposal(
            place=place, disease="covid-19", name="Building 5", level="high", unit="building",
            designation="residence_of_infected", ground="two infected households", anchored_on=date(2022, 11, 14),
            members=(commands.Member(text="Building 5"),)), by=by, now=now)
        commands.approve_area(area, by=by, now=now)
        commands.publish_area(area, by=by, now=now)
        open_deadline("case_investigation", "cases.case:1", area=place, accountable=place, opened_at=now, due_at=now)
    with acting(by):
        sweep_everything(by=by, now=clock.now())
        print(Finding.objects.get(subject=f"areas.area:{area}").pk)
"""


@pytest.fixture(scope="module")
def finding(product: Product, signed_in: Path, tmp_path_factory: pytest.TempPathFactory) -> int:
    """An area that rests on nothing any more, and a deadline passed, as the night found them."""
    folder = tmp_path_factory.mktemp("tables")
    product.import_places(folder, TABLES)
    return int(product.python(STANDING).split()[-1])


def test_the_list_leads_to_the_finding_and_the_finding_to_what_it_is_about(finding: int, page: Page) -> None:
    page.goto("/findings/")
    expect(page.locator(".lead")).to_contain_text("Today: stricter than the rules")
    assert_accessible(page)
    page.locator("main tbody").get_by_role("link", name=str(finding), exact=True).click()
    expect(page.locator("main")).to_contain_text("No rule gives it")
    assert_accessible(page)
    page.get_by_role("link", name="Look at it").click()
    expect(page.locator("main")).to_contain_text("Building 5")


def test_a_finding_is_answered_in_a_dialog(finding: int, page: Page) -> None:
    page.goto(f"/findings/{finding}")
    page.get_by_role("button", name="Answer", exact=True).click()
    page.get_by_label("What will be done, by when; or why it is lawful").fill("the area is ended today")
    page.get_by_role("button", name="Record the answer").click()
    expect(page.locator(".lead")).to_contain_text("answered")
    expect(page.locator("main")).to_contain_text("the area is ended today")


def test_a_complaint_is_taken_down_and_found_again_by_its_code(finding: int, page: Page) -> None:
    page.goto("/findings/complaint")
    assert_accessible(page)
    page.get_by_label("What was said").fill("the unit door is blocked")
    page.get_by_label("Against what").select_option("OG-17")
    page.locator("#place-words").fill("雁塔")
    page.get_by_role("radio").first.check()
    page.get_by_role("button", name="Take it down").click()
    code = page.locator("#code").inner_text()
    assert len(code) == 10
    assert_accessible(page)
    page.goto(f"/findings/follow-up?code={code}")
    expect(page.locator(".lead")).to_contain_text("waits for an answer")
    assert_accessible(page)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("address", ["", "?side=slack", "complaint", "follow-up", "{finding}"])
def test_a_page_fits_a_phone_in_both_languages(
    finding: int, fits_a_phone: Callable[[str, str], None], address: str, language: str
) -> None:
    fits_a_phone(f"/findings/{address.format(finding=finding)}", language)
