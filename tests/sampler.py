"""A sampler with a phone in the browser tests, and the server's side of the page beside it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.conftest import Product

PER_TUBE = 10
_PHONE: dict[str, Any] = {
    "locale": "en-GB",
    "viewport": {"width": 390, "height": 844},
    "is_mobile": True,
    "has_touch": True,
}

_SCAN_ALL = """scans => {
    const field = document.getElementById("field");
    for (const scanned of scans) {
        if (scanned.startsWith("S")) document.querySelector("[data-mode=slip]").click();
        field.value = scanned;
        field.form.requestSubmit();
    }
}"""


def server(product: Product, call: str) -> Any:
    """What the server's side says, beside the running product."""
    return json.loads(product.python(f"from tests.desk_server import held, prepare; {call}"))


class Sampler:
    """A phone in somebody's hand, with a scanner that types."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def open(self) -> None:
        self.page.goto("/sampling/desk/")
        self.page.locator("body[data-ready]").wait_for()

    def again(self) -> None:
        """The battery was empty, the page crashed, somebody pulled it down: it starts anew."""
        self.page.reload()
        self.page.locator("body[data-ready]").wait_for()

    def start(self, code: str) -> None:
        """From an empty phone to the first tube, by the link of the officer's QR code."""
        self.page.goto(f"/sampling/desk/#enrol={code}")
        self.page.locator("body[data-ready]").wait_for()
        expect(self.page.get_by_label("Enrolment code")).to_have_value(code)
        self.page.get_by_label("Name of this device").fill("Phone 7")
        self.act("Enrol this device")
        self.act("Start the shift")
        expect(self.page.get_by_role("button", name="Open the tube")).to_be_visible()

    def act(self, name: str) -> None:
        self.page.get_by_role("button", name=name).last.click()

    def scan(self, text: str) -> None:
        """What a scanner types, wherever the finger was last."""
        self.page.locator("#field").focus()
        self.page.keyboard.insert_text(text)
        self.page.keyboard.press("Enter")

    def tube(self, number: str, scans: list[str]) -> None:
        """A tube from opening to closing; the people faster than any scanner."""
        self.scan(number)
        expect(self.page.locator("#tube-name")).to_have_text(number)
        self.page.evaluate(_SCAN_ALL, scans)
        expect(self.page.locator("#tube-count")).to_have_text(f"{len(scans)} of {PER_TUBE}")
        self.act("Close the tube")
        expect(self.page.locator("#tube-name")).to_have_text("No tube is open")

    def box(self, tubes: list[str], counted: int) -> None:
        self.go("Box")
        self.act("Open a box")
        expect(self.page.locator("#field")).to_be_visible()
        for number in tubes:
            self.scan(number)
        expect(self.page.locator("#box-count")).to_have_text(str(len(tubes)))
        self.page.get_by_label("Tubes in the box, counted by hand").fill(str(counted))
        self.act("Close the box")
        expect(self.page.locator("#box-name")).to_have_text("No box is open")
        self.go("Tube")

    def go(self, part: str) -> None:
        self.page.get_by_label("Parts of the work").get_by_role("button", name=part).click()

    def until(self, condition: str) -> None:
        """Wait for a condition in the page, ten seconds at most; its content policy lets Playwright poll none."""
        self.page.evaluate(
            f"""async () => {{
                for (let tries = 0; !({condition}); tries += 1) {{
                    if (tries === 500) throw new Error("it never came true");
                    await new Promise((done) => setTimeout(done, 20));
                }}
            }}"""
        )

    def is_told(self, text: str) -> None:
        expect(self.page.locator("#said")).to_contain_text(text)

    def stands(self, text: str) -> None:
        expect(self.page.locator("#standing")).to_contain_text(text)

    def setting(self, name: str) -> Any:
        """What the phone keeps under a name."""
        return self.page.evaluate(
            """async (name) => {
                const { openOutbox } = await import("/static/sampling/outbox.js");
                return (await openOutbox()).setting(name);
            }""",
            name,
        )


@contextmanager
def phone(product: Product, chromium: Browser, **options: Any) -> Iterator[tuple[BrowserContext, Sampler]]:
    """A phone with nothing on it, that fails the test on any fault of the page."""
    context = chromium.new_context(base_url=product.url, **{**_PHONE, **options})
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    yield context, Sampler(page)
    context.close()
    assert not faults, faults
