"""An order in a real browser: signed, its notice as PDF, the person's own link, an appeal, upheld, free."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.conftest import Product, assert_accessible

pytestmark = pytest.mark.browser

# Proposals by the rules for measles, which stand for good; one is signed by another officer, who so cannot decide it.
STANDING = """
import json
from datetime import timedelta
from dayclear.foundation.cli import installation
with installation():
    from dayclear.foundation import clock
    from dayclear.foundation.actors import Actor, system
    from dayclear.foundation.areas import EVERYWHERE
    from dayclear.foundation.rules import Role
    from dayclear.foundation.scope import acting
    from dayclear.isolation import commands
    from dayclear.isolation.rules.plan import day_of
    from dayclear.people.commands import PersonRecord, register_people
    by, now, place = system("tests"), clock.now(), 610113001001 * 10**6
    other = Actor(10**9, "another officer", Role.OFFICER, EVERYWHERE)
    last, ids = day_of(now) - timedelta(days=1), []
    with acting(by):
        for name in ("张三", "李四", "王五", "赵六"):
            (person,) = register_people([PersonRecord(area=place, name=name, residence="1 Long Street")],
                by=by, now=now, batch=f"people.batch:orders {name}")
            evidence = {"kind": "contact", "contact": person, "case": 1, "on": last.isoformat()}
            ids.append(commands.propose_order(commands.Proposal(person, "measles", "susceptible_contact", last,
                evidence, last - timedelta(days=4)), by=by, now=now))
        commands.sign_order(ids[1], by=other, now=now)
    print(json.dumps(ids))
"""


@pytest.fixture(scope="module")
def orders(product: Product, signed_in: Path) -> list[int]:
    """A proposal, an order signed by another officer, and two proposals alike."""
    made = subprocess.run(
        [sys.executable, "-c", STANDING], env=product.environment, capture_output=True, text=True, check=False
    )
    assert made.returncode == 0, made.stderr
    ids: list[int] = json.loads(made.stdout.splitlines()[-1])
    return ids


def test_from_the_queue_to_a_signed_order_by_enter(orders: list[int], page: Page) -> None:
    page.goto("/orders/proposals")
    expect(page.locator("main")).to_contain_text("proposals wait for a signature")
    assert_accessible(page)
    page.get_by_role("link", name="张三").click()
    expect(page.locator("main")).to_contain_text("Signing binds 张三 from now on")
    assert_accessible(page)
    page.keyboard.press("Enter")
    expect(page.locator(".lead")).to_contain_text("in force")
    assert_accessible(page)


def test_identical_plans_are_signed_together(orders: list[int], page: Page) -> None:
    page.goto(f"/orders/proposals/like/{orders[2]}")
    sign = page.get_by_role("button", name="Sign 2 orders")
    expect(sign).to_be_disabled()
    assert_accessible(page)
    page.get_by_label("Type 2 to sign them all").fill("2")
    sign.click()
    expect(page.locator("main")).to_contain_text("2 orders are signed.")


def test_notice_link_appeal_upheld_free(orders: list[int], page: Page, chromium: Browser, product: Product) -> None:
    order = f"/orders/{orders[1]}"
    page.goto(order)
    page.get_by_role("button", name="Hand over the notice").click()
    with page.expect_download() as started:
        page.locator("#deliver").get_by_role("link", name="PDF 中文").click()
    assert Path(started.value.path()).read_bytes().startswith(b"%PDF-")
    page.get_by_role("button", name="Record: handed over now").click()
    expect(page.locator("main")).to_contain_text("the order · on paper · in Chinese")
    page.get_by_text("More", exact=True).click()
    page.get_by_role("button", name="Give the person a link").click()
    page.locator("#l-language").select_option("en")
    page.get_by_role("button", name="Make the link").click()
    address = page.locator("#link-address").inner_text()
    assert_accessible(page)

    own = chromium.new_context(viewport={"width": 390, "height": 844}, is_mobile=True, locale="en-GB")
    phone = own.new_page()
    phone.goto(address)
    expect(phone.locator(".big-day")).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth") == 390
    assert_accessible(phone)
    phone.get_by_label("Temperature, °C").fill("36.6")
    phone.get_by_role("button", name="Send the check").click()
    expect(phone.get_by_role("status")).to_contain_text("Your check is recorded")
    phone.get_by_label("Why, in your own words").fill("I was vaccinated in time")
    phone.get_by_role("button", name="File the objection").click()
    expect(phone.locator("#appeal")).to_contain_text("Being decided")

    page.goto(order)
    expect(page.locator("main")).to_contain_text("36.6 °C")
    page.get_by_role("button", name="Decide the appeal").click()
    page.get_by_label("Uphold: the order ends at once").check()
    page.get_by_label("Reason, for the person to read").fill("The certificate is genuine")
    page.get_by_role("button", name="Decide", exact=True).click()
    expect(page.locator(".lead")).to_contain_text("an appeal was upheld")
    page.get_by_role("button", name="The person was told and let go").click()
    expect(page.locator("main")).to_contain_text("Recorded as let go.")
    answer = phone.goto(address)
    assert answer is not None
    assert answer.status == 410
    expect(phone.locator("main")).to_contain_text("This link is no longer in use")
    assert_accessible(phone)
    own.close()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("address", ["", "proposals", "gaps", "needs", "changeover?pack=measles", "{order}"])
def test_a_page_fits_a_phone_in_both_languages(
    orders: list[int], fits_a_phone: Callable[[str, str], None], address: str, language: str
) -> None:
    fits_a_phone(f"/orders/{address.format(order=orders[0])}", language)
